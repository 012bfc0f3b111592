//! A program whose output goes to a file, for threads: without async.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::group;

/// How often is asked whether to stop.
const BEAT: Duration = Duration::from_millis(50);

/// Runs a program to its end with its output in a file; `None` when `stop` ended it before, with all that it started.
///
/// The folder of a program with a whole path goes before all others on its PATH. `unset` are variables that it does not get.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// let log = folder.path().join("log");
/// let status = sandbox_process::run_logged("echo".as_ref(), &["hello".into()], &[], &log, &|| false)?;
/// assert!(status.is_some_and(|status| status.success()));
/// assert_eq!(std::fs::read_to_string(log)?, "hello\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A program that cannot be started or waited for, a file that cannot be written.
pub fn run_logged(
    program: &Path,
    arguments: &[OsString],
    unset: &[&str],
    log: &Path,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<ExitStatus>> {
    let output = File::create(log)?;
    let errors = output.try_clone()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(output).stderr(errors);
    if let Some(folder) = program.parent().filter(|folder| folder.is_absolute()) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).unwrap_or_else(|_| path.clone()));
    }
    for name in unset {
        command.env_remove(name);
    }
    let mut child = group::spawn(&mut command)?;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if stop() => {
                group::kill(&mut child);
                return Ok(None);
            }
            None => thread::sleep(BEAT),
        }
    }
}
