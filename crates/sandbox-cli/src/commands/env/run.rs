//! `dj-sandbox env run`: the command's output, exit code and signals are its own.

use sandbox_env_manager::{Env, EnvError, Run};
use sandbox_process::{Output, ProcessError, Stdin};

use crate::args::env::EnvArguments;
use crate::exit::Exit;
use crate::printer::Printer;

/// As `timeout`, `env` and shells have them.
const TIMED_OUT: u8 = 124;
const NOT_RUN: u8 = 125;
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

pub(super) async fn run(env: &dyn Env, asked: &EnvArguments, printer: Printer) -> Exit {
    let Some((program, args)) = asked.command.split_first() else { return Exit::Usage };
    let mut run = if asked.has("shell") { Run::shell(program) } else { Run::new(program, args) };
    (run.folder, run.timeout) = (asked.folder.clone(), asked.timeout);
    (run.stdin, run.output) = (Stdin::Inherit, Output::Inherit);
    match env.run_cmd(&run).await {
        Ok(ran) => Exit::Passed(u8::try_from(ran.finished.status.shell_code()).unwrap_or(NOT_RUN)),
        Err(error) => not_run(&error, printer),
    }
}

/// The command did not run to its end: codes that a command does not use for itself.
pub(super) fn not_run(error: &EnvError, printer: Printer) -> Exit {
    super::told(error, printer);
    Exit::Passed(match error {
        EnvError::Process(ProcessError::Timeout { .. }) => TIMED_OUT,
        EnvError::Process(ProcessError::NotExecutable { .. }) => NOT_EXECUTABLE,
        EnvError::Process(ProcessError::NotFound { .. }) => NOT_FOUND,
        EnvError::Process(ProcessError::Interrupted { signal, .. }) => u8::try_from(128 + signal).unwrap_or(NOT_RUN),
        _ => NOT_RUN,
    })
}
