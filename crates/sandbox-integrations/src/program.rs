//! One program of a job: started, followed, and ended with its whole tree.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sandbox_core::component::{ComponentError, StopFlag};
use sandbox_env_manager::{Env, EnvError, Run};
use sandbox_process::{Command, Finished, Output, ProcessError, Until};

use crate::log::Log;

/// How long a program may take to save what it has before it is ended.
const GRACE: Duration = Duration::from_secs(20);

/// What to start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments: never the text of a shell.
    pub words: Vec<String>,
    /// The folder to run in.
    pub folder: Option<PathBuf>,
    /// Variables on top of ours.
    pub variables: Vec<(String, String)>,
    /// How long it may run.
    pub timeout: Option<Duration>,
    /// How long it may say nothing.
    pub stall_timeout: Option<Duration>,
    /// How long it may take to end when it is asked to; 20 s when not given.
    pub grace: Option<Duration>,
}

impl Program {
    /// Runs it to its end in an environment, or with what PATH finds.
    ///
    /// # Errors
    /// A program that cannot start, fails, takes too long or is silent for too long, with its status and the last lines of its log.
    pub async fn run(&self, environment: Option<&dyn Env>, log: &Log, stop: &StopFlag) -> Result<(), ComponentError> {
        let Some((program, args)) = self.words.split_first() else { return Err(ComponentError::failed("the command is empty")) };
        let stalled = Arc::new(AtomicBool::new(false));
        let until = self.until(log, stop, stalled.clone());
        let ended = match environment {
            Some(environment) => {
                let run = Run {
                    folder: self.folder.clone(),
                    variables: self.variables.iter().map(|(name, value)| (name.into(), value.into())).collect(),
                    output: Output::Lines(log.sink()),
                    timeout: self.timeout,
                    until: Some(until),
                    merged: true,
                    grace: Some(self.grace.unwrap_or(GRACE)),
                    ..Run::new(program, args)
                };
                environment.run_cmd(&run).await.map(|ran| ran.finished)
            }
            None => self.command(program, args, log, until).run().await.map_err(EnvError::Process),
        };
        self.judge(ended, log, stop, stalled.load(Ordering::Acquire))
    }

    fn command(&self, program: &str, args: &[String], log: &Log, until: Until) -> Command {
        let mut variables: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        variables.extend(self.variables.iter().map(|(name, value)| (name.into(), value.into())));
        // What Python prints is to be seen when it is printed.
        variables.entry("PYTHONUNBUFFERED".into()).or_insert_with(|| "1".into());
        let command = Command::new(program)
            .args(args)
            .environment(variables)
            .timeout(self.timeout)
            .until(Some(until))
            .grace(self.grace.unwrap_or(GRACE));
        let command = command.output(Output::Lines(log.sink())).merged(true).tail_bytes(0);
        match &self.folder {
            Some(folder) => command.folder(folder),
            None => command,
        }
    }

    fn until(&self, log: &Log, stop: &StopFlag, stalled: Arc<AtomicBool>) -> Until {
        let (stop, silence, patience) = (stop.clone(), log.silence(), self.stall_timeout);
        Until::new(move || {
            if stop.is_set() {
                return Some("it was asked to stop".to_owned());
            }
            let patience = patience.filter(|patience| silence.lasts() > *patience)?;
            stalled.store(true, Ordering::Release);
            Some(format!("it said nothing for {} s", patience.as_secs_f64()))
        })
    }

    fn judge(&self, ended: Result<Finished, EnvError>, log: &Log, stop: &StopFlag, stalled: bool) -> Result<(), ComponentError> {
        let name = self.words.first().map_or("", String::as_str);
        let whole = format!("its whole output is in `{}`", log.path().display());
        let said = || {
            let lines = log.last_lines();
            if lines.is_empty() {
                "; it printed nothing".to_owned()
            } else {
                format!("; the last it printed:\n  | {}", lines.join("\n  | "))
            }
        };
        match ended {
            Ok(finished) if finished.status.is_success() => Ok(()),
            Ok(finished) => Err(ComponentError::failed(format!("`{name}` failed with {}{}", finished.status, said())).hint(whole)),
            Err(EnvError::Process(ProcessError::Ended { .. } | ProcessError::Interrupted { .. })) if stop.is_set() && !stalled => {
                Err(ComponentError::Interrupted)
            }
            Err(EnvError::Process(ProcessError::Ended { reason, .. })) => {
                let hint = format!("`stall_timeout` is the longest silence; {whole}");
                Err(ComponentError::failed(format!("`{name}` was ended: {reason}{}", said())).hint(hint))
            }
            Err(EnvError::Process(ProcessError::Timeout { after, .. })) => {
                let hint = format!("`timeout` is its time in seconds; {whole}");
                Err(ComponentError::failed(format!("`{name}` did not end within {} s{}", after.as_secs_f64(), said())).hint(hint))
            }
            Err(EnvError::Process(ProcessError::NotFound { program, .. })) => {
                Err(ComponentError::failed(format!("Failed to find the program `{program}`"))
                    .hint("install it, give its path, or name the environment that has it: `env_name`, `env_manager`"))
            }
            Err(error) => Err(ComponentError::told(&error)),
        }
    }
}

/// The words as one would type them in a shell.
pub fn typed(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// One word for a POSIX shell, in quotes where it needs them.
pub fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-./=:,@%+".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_otherwise() {
        let words = ["python", "-m", "x y", "it's", "", "a=b", "$(id)"].map(str::to_owned);
        assert_eq!(typed(&words), r"python -m 'x y' 'it'\''s' '' a=b '$(id)'");
    }
}
