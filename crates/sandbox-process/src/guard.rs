//! A guard for the case that this process is killed: who can end our commands then?
//!
//! A small shell waits on a pipe whose other end only this process holds. When the pipe closes, by whatever end of ours, it ends
//! every process that carries our mark. It is started with the first command, once, and costs that command about a
//! millisecond. Where there is no `sh`, there is no guard, and [`end_strays`](crate::end_strays) does its work later.

use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use crate::tree::{TREE_VARIABLE, tree_mark};

/// `read` ends at the end of the pipe. A process may start another between two looks, hence several rounds.
const SCRIPT: &str = r#"trap '' INT TERM HUP
while read -r line; do :; done
for round in 1 2 3 4 5; do
  for file in $(grep -lsa -e "$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${file#/proc/}; pid=${pid%/environ}
    [ "$pid" = "$$" ] || kill -KILL "$pid" 2>/dev/null
  done
  sleep 0.05
done"#;

/// Starts the guard, once.
pub(crate) fn stand() {
    static PIPE: OnceLock<Option<ChildStdin>> = OnceLock::new();
    PIPE.get_or_init(start);
}

fn start() -> Option<ChildStdin> {
    use std::os::unix::process::CommandExt;
    // In a group of its own: neither Ctrl-C nor a kill of our group may end it. Ended, it is nobody's to wait for: it outlives us.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "dj-sandbox-guard", &format!("{TREE_VARIABLE}=[^=]*{}", tree_mark())]).env_remove(TREE_VARIABLE);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/").process_group(0);
    command.spawn().ok()?.stdin.take()
}
