//! The tree of a command: who belongs to it, how it is ended.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, test_kill_process_group, waitpid};

use crate::table::{self, Process};

/// The variable that marks who belongs to a tree. Its value is a list of marks with `:` between them, one for each tree that
/// a process is part of, so that a sandbox in a sandbox is found from outside too.
pub const TREE_VARIABLE: &str = "DJ_SANDBOX_TREE";

/// How long ended processes may take to go.
const GONE: Duration = Duration::from_secs(5);

/// The mark of this process: its number and the time it started, which no other process ever shares.
pub fn tree_mark() -> &'static str {
    static MARK: LazyLock<String> = LazyLock::new(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        format!("{}-{:x}", std::process::id(), now.as_nanos())
    });
    &MARK
}

/// A new mark for one command: the host's, a dot, a number.
pub(crate) fn command_mark() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{}.{}", tree_mark(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Ends what still runs of the trees of a process that is gone, known by its [`tree_mark`]; says how many there were.
///
/// A process that was killed could not end its commands itself; who takes over what they were working on calls this first.
pub fn end_strays(host_mark: &str) -> usize {
    if host_mark.is_empty() || host_mark == tree_mark() {
        return 0;
    }
    let (start, mut ended) = (Instant::now(), HashSet::new());
    loop {
        let strays: Vec<i32> = table::processes()
            .iter()
            .filter(|process| !process.is_zombie && table::is_marked(process.pid, TREE_VARIABLE, host_mark))
            .map(|process| process.pid)
            .collect();
        if strays.is_empty() || start.elapsed() > GONE {
            return ended.len();
        }
        for pid in strays {
            signal_process(pid, Signal::KILL);
            ended.insert(pid);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A running command and all that it started.
#[derive(Debug)]
pub(crate) struct Tree {
    pub leader: i32,
    /// It has a process group of its own, named by the leader.
    pub has_group: bool,
    pub mark: String,
    /// The leader's end was seen: its number may be given to another process.
    pub leader_is_gone: bool,
}

impl Tree {
    /// Sends a signal to everyone in the tree.
    pub fn signal(&self, signal: Signal) {
        if self.has_group {
            // One call that no fork can slip through.
            if let Some(group) = Pid::from_raw(self.leader) {
                let _ = kill_process_group(group, signal);
            }
        }
        for member in self.members() {
            if !self.has_group || member.group != self.leader {
                signal_process(member.pid, signal);
            }
        }
    }

    /// Whether somebody is left: cheap when nobody is.
    pub fn has_members(&self) -> bool {
        let in_group = self.has_group && Pid::from_raw(self.leader).is_some_and(|group| test_kill_process_group(group).is_ok());
        if !in_group && self.leader_is_gone {
            // Orphans of the tree are adopted by us: without an unknown child of ours there is none.
            let strangers = table::children().map(|children| children.into_iter().any(|child| self.is_marked(child)));
            if strangers == Some(false) {
                return false;
            }
        }
        !self.members().is_empty()
    }

    /// Kills until nobody is left, and takes the adopted dead off the table of processes.
    pub fn kill(&self) {
        let start = Instant::now();
        loop {
            self.signal(Signal::KILL);
            self.reap();
            if self.members().is_empty() || start.elapsed() > GONE {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Everyone in the tree who still lives.
    fn members(&self) -> Vec<Process> {
        self.all().into_iter().filter(|process| !process.is_zombie).collect()
    }

    fn all(&self) -> Vec<Process> {
        let processes = table::processes();
        let ours = i32::try_from(std::process::id()).unwrap_or(0);
        let belongs = |process: &Process| {
            (!self.leader_is_gone && process.pid == self.leader)
                || (self.has_group && process.group == self.leader)
                || self.is_marked(process.pid)
        };
        let mut found: HashSet<i32> = processes.iter().filter(|process| belongs(process)).map(|process| process.pid).collect();
        loop {
            let before = found.len();
            let children = processes.iter().filter(|process| found.contains(&process.parent)).map(|process| process.pid);
            let children: Vec<i32> = children.collect();
            found.extend(children);
            if found.len() == before {
                break;
            }
        }
        processes.into_iter().filter(|process| found.contains(&process.pid) && process.pid != ours).collect()
    }

    fn is_marked(&self, pid: i32) -> bool {
        table::is_marked(pid, TREE_VARIABLE, &self.mark)
    }

    /// Waits for the dead that we adopted. The leader is not among them: who started it waits for it.
    pub fn reap(&self) {
        if !self.has_group {
            return;
        }
        let ours = i32::try_from(std::process::id()).unwrap_or(0);
        for process in table::processes() {
            let adopted = process.is_zombie && process.parent == ours && process.pid != self.leader;
            // The dead have no environment any more; those of other groups may be somebody else's to wait for.
            if adopted && process.group == self.leader {
                reap(process.pid);
            }
        }
    }
}

fn signal_process(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // It may have ended a moment ago.
        let _ = kill_process(pid, signal);
    }
}

fn reap(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

/// Orphans become our children and not those of process 1, so that they can be found. Done once for the whole process.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        static DONE: std::sync::Once = std::sync::Once::new();
        DONE.call_once(|| {
            // Any number but 0 turns it on. A kernel older than 3.4 refuses; the marks still find most orphans.
            let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        });
    }
}
