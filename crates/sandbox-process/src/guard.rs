//! A guard for the case that this process is killed: who can end our commands then?
//!
//! A small shell waits on a pipe whose other end only this process holds. When the pipe closes, by whatever end of ours, it ends
//! every process that carries our mark. It is started with the first command, once, and costs that command about a
//! millisecond. Where there is no `sh`, there is no guard, and [`end_strays`](crate::end_strays) does its work later.

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::tree::{TREE_VARIABLE, tree_mark};

/// `read` ends at the end of the pipe; the last line says whether a command was running then. A process may start another between two
/// looks, hence several rounds, until one finds nobody.
const SCRIPT: &str = r#"trap '' INT TERM HUP
state=idle
while read -r line; do state=$line; done
[ "$state" = busy ] || exit 0
for round in 1 2 3 4 5 6 7 8 9; do
  found=
  for file in $(grep -lsa -e "$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${file#/proc/}; pid=${pid%/environ}
    [ "$pid" = "$$" ] || { kill -KILL "$pid" 2>/dev/null && found=yes; }
  done
  [ "$found" ] || exit 0
  sleep 0.02
done"#;

/// The guard's pipe, once it was started, and how many commands are running.
static POST: Mutex<Post> = Mutex::new(Post { pipe: None, was_started: false, running: 0 });

struct Post {
    pipe: Option<ChildStdin>,
    was_started: bool,
    running: usize,
}

impl Post {
    /// The pipe holds a few bytes at most, so this never waits; a guard that is gone cannot be told.
    fn tell(&mut self, line: &[u8]) {
        if let Some(pipe) = &mut self.pipe {
            let _ = pipe.write_all(line);
        }
    }
}

/// As long as it lives, the guard would act on our death.
pub(crate) struct Watch(());

/// Starts the guard with the first command, and tells it that one is about to run.
pub(crate) fn watch() -> Watch {
    let mut post = post();
    if !post.was_started {
        post.was_started = true;
        post.pipe = start();
    }
    post.running += 1;
    if post.running == 1 {
        post.tell(b"busy\n");
    }
    Watch(())
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut post = post();
        post.running -= 1;
        if post.running == 0 {
            post.tell(b"idle\n");
        }
    }
}

fn post() -> MutexGuard<'static, Post> {
    POST.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start() -> Option<ChildStdin> {
    use std::os::unix::process::CommandExt;
    // In a group of its own: neither Ctrl-C nor a kill of our group may end it. Ended, it is nobody's to wait for: it outlives us.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "dj-sandbox-guard", &format!("{TREE_VARIABLE}=[^=]*{}", tree_mark())]).env_remove(TREE_VARIABLE);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/").process_group(0);
    command.spawn().ok()?.stdin.take()
}
