//! All processes that this one has started.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::{Mutex, PoisonError};

use super::stat::Stat;

/// What the processes of jobs do at a moment.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub pids: HashSet<i32>,
    /// Since this process began; it never falls.
    pub cpu_seconds: f64,
    pub resident_bytes: f64,
}

/// Finds them.
#[derive(Debug)]
pub(super) struct Tree {
    mark: Option<(String, String)>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By number and start, whether processes that do not descend from us have our mark: an environment is read once.
    marked: HashMap<(i32, u64), bool>,
    /// The time of those that have it and that we cannot wait for.
    strangers: HashMap<(i32, u64), f64>,
    /// The time of those of them that are gone.
    gone: f64,
    most: f64,
}

impl Tree {
    pub fn new(mark: Option<(&str, &str)>) -> Self {
        Self { mark: mark.map(|(variable, value)| (variable.to_owned(), value.to_owned())), seen: Mutex::default() }
    }

    /// Looks at them; `None` where there is no `/proc`.
    pub fn look(&self) -> Option<Now> {
        let own = Stat::of("self")?;
        let all = Stat::all();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let descendants = below(&all, HashSet::from([own.pid]));
        let strangers = all.iter().filter(|stat| stat.pid != own.pid && !descendants.contains(&stat.pid));
        let marked: HashSet<i32> = strangers.filter(|stat| self.is_marked(&mut seen, stat)).map(|stat| stat.pid).collect();
        let strangers = below(&all, marked);
        let alive: HashSet<(i32, u64)> = all.iter().map(|stat| (stat.pid, stat.start)).collect();
        seen.marked.retain(|process, _| alive.contains(process));

        let time = |stat: &Stat| stat.own_cpu_seconds() + stat.ended_cpu_seconds();
        let ended: Vec<(i32, u64)> = seen.strangers.keys().filter(|process| !alive.contains(process)).copied().collect();
        for process in ended {
            seen.gone += seen.strangers.remove(&process).unwrap_or(0.0);
        }
        let (mut cpu, mut resident, mut pids) = (own.ended_cpu_seconds() + seen.gone, 0.0, HashSet::new());
        for stat in all.iter().filter(|stat| stat.pid != own.pid) {
            let is_stranger = strangers.contains(&stat.pid);
            if is_stranger && !descendants.contains(&stat.pid) {
                seen.strangers.insert((stat.pid, stat.start), time(stat));
            } else if !descendants.contains(&stat.pid) {
                continue;
            }
            cpu += time(stat);
            resident += stat.resident_bytes();
            pids.insert(stat.pid);
        }
        // The system moves the time of who has ended to who waited for it, in steps that we may look between.
        seen.most = seen.most.max(cpu);
        Some(Now { pids, cpu_seconds: seen.most, resident_bytes: resident })
    }

    fn is_marked(&self, seen: &mut Seen, stat: &Stat) -> bool {
        let Some((variable, value)) = &self.mark else { return false };
        *seen.marked.entry((stat.pid, stat.start)).or_insert_with(|| {
            let environment = fs::read(format!("/proc/{}/environ", stat.pid)).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| {
                let given = entry.strip_prefix(variable.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
                given.is_some_and(|given| given.split(|byte| *byte == b':').any(|part| is_ours(part, value)))
            })
        })
    }
}

/// Marks are a process's own, or that with a dot and a number for one of its commands.
fn is_ours(mark: &[u8], own: &str) -> bool {
    mark.strip_prefix(own.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
}

/// Those processes and all that they have started; the first ones only if they are among `all`.
fn below(all: &[Stat], first: HashSet<i32>) -> HashSet<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for stat in all {
        children.entry(stat.parent).or_default().push(stat.pid);
    }
    let (mut found, mut next) = (first.clone(), Vec::from_iter(first));
    while let Some(pid) = next.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if found.insert(*child) {
                next.push(*child);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_whole_words() {
        assert!(is_ours(b"12-ab", "12-ab") && is_ours(b"12-ab.3", "12-ab"));
        assert!(!is_ours(b"12-abc", "12-ab") && !is_ours(b"112-ab", "12-ab") && !is_ours(b"", "12-ab"));
    }
}
