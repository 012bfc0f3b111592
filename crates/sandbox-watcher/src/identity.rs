//! Which process writes, told so that another one can see whether it still lives.
//!
//! A process number alone is given out again after a while, and after a restart of the machine at once. Together with the
//! process's time of start, the machine's boot and the namespace of its numbers it is unique. Who cannot look at the process, because
//! it runs on another machine or in another container, has to go by the last sign of life.

use std::fs;

use serde::{Deserialize, Serialize};

/// Microseconds without a sign of life after which a process that cannot be looked at counts as gone.
const SILENCE: i64 = 60_000_000;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The machine's name.
    pub host: String,
    /// The machine's boot.
    pub boot: String,
    /// The namespace of process numbers.
    pub namespace: String,
    /// Its number.
    pub pid: u32,
    /// When it started, in the machine's ticks since its boot; 0 where nobody tells.
    pub started: u64,
}

/// Whether a process still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Gone,
}

impl Identity {
    /// This process.
    pub fn of_this_process() -> Self {
        let pid = std::process::id();
        Self {
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            boot: read("/proc/sys/kernel/random/boot_id"),
            namespace: fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned()).unwrap_or_default(),
            pid,
            started: started(pid).unwrap_or(0),
        }
    }

    /// Whether the process runs, seen from `here`. Its last sign of life was at `heartbeat`, and it is `now`.
    pub(crate) fn life(&self, here: &Self, heartbeat: i64, now: i64) -> Life {
        let known = !self.boot.is_empty() && !here.boot.is_empty();
        let same_machine = self.host == here.host;
        if known && same_machine && self.boot != here.boot {
            return Life::Gone;
        }
        if known && same_machine && self.namespace == here.namespace && self.started != 0 {
            let runs = started(self.pid) == Some(self.started);
            return if runs { Life::Alive } else { Life::Gone };
        }
        if now.saturating_sub(heartbeat) > SILENCE { Life::Gone } else { Life::Alive }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// When a process started; nothing when there is none, or only its remains that nobody has waited for.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold blanks and brackets of its own.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_others_do_not() {
        let here = Identity::of_this_process();
        assert_eq!(here.life(&here, 0, i64::MAX), Life::Alive);
        for gone in [
            Identity { started: here.started + 1, ..here.clone() },
            Identity { boot: "other".to_owned(), ..here.clone() },
            Identity { pid: u32::MAX, ..here.clone() },
        ] {
            assert_eq!(gone.life(&here, i64::MAX, i64::MAX), Life::Gone, "{gone:?}");
        }
    }

    #[test]
    fn who_cannot_be_looked_at_is_known_by_its_signs_of_life() {
        let here = Identity::of_this_process();
        for far in [Identity { host: "other".to_owned(), ..here.clone() }, Identity { namespace: "other".to_owned(), ..here.clone() }] {
            assert_eq!(far.life(&here, 1000, 1000 + SILENCE), Life::Alive);
            assert_eq!(far.life(&here, 1000, 1001 + SILENCE), Life::Gone);
        }
    }
}
