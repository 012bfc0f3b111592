//! The proof that an interpreter starts, and what it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox_process::{Command, ProcessError};

use crate::child_env::Variables;

/// An interpreter that does not answer within this is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// `-I` keeps the user's packages and variables out. Only what is imported anyway: a start takes 10 ms and not 20.
const QUESTION: &str = "import sys, os
v = sys.version_info
print(sys.prefix, '%d.%d.%d' % (v[0], v[1], v[2]), sys.base_prefix, sys.executable, any(os.path.isdir(os.path.join(p, 'pip')) for p in sys.path), sep='\\n')";

/// What an interpreter said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    pub prefix: PathBuf,
    pub version: String,
    pub base: PathBuf,
    pub executable: PathBuf,
    pub has_pip: bool,
}

/// Starts `python` and asks.
///
/// # Errors
/// Why it is of no use, in words.
pub(crate) async fn ask(python: &Path, variables: &Variables) -> Result<Interpreter, String> {
    if let Ok(target) = python.read_link()
        && !python.exists()
    {
        // Also when the link leads to another link in the same folder: the last one that is there is not to be had.
        return Err(format!("its interpreter `{}` leads to `{}`, which is gone", python.display(), last_target(python, &target).display()));
    }
    let command = Command::new(python).args(["-I", "-c", QUESTION]).environment(variables.clone()).timeout(Some(PATIENCE));
    let finished = match command.run().await {
        Ok(finished) => finished,
        Err(ProcessError::NotFound { .. }) => return Err(format!("it has no interpreter `{}`", python.display())),
        Err(error) => return Err(format!("its interpreter does not start: {error}")),
    };
    if !finished.status.is_success() {
        let said = finished.tail.stderr.text();
        let last = said.trim().lines().last().unwrap_or("no message").to_owned();
        return Err(format!("its interpreter ends with {}: {last}", finished.status));
    }
    let text = finished.tail.stdout.text();
    let mut lines = text.lines();
    let mut next = || lines.next().ok_or_else(|| "its interpreter says nothing of itself".to_owned());
    Ok(Interpreter {
        prefix: next()?.into(),
        version: next()?.to_owned(),
        base: next()?.into(),
        executable: next()?.into(),
        has_pip: next()? == "True",
    })
}

fn last_target(link: &Path, target: &Path) -> PathBuf {
    let mut at = link.with_file_name(target);
    for _ in 0..16 {
        match at.read_link() {
            Ok(next) => at = at.with_file_name(next),
            Err(_) => break,
        }
    }
    at
}
