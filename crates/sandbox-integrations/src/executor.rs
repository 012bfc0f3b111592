//! A model's code and its log, truly at the same time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use sandbox_core::component::{ComponentError, JobContext};
use serde_json::Value;

use crate::log::{Log, Measured, Reading};

/// Code that trains or asks a model, whoever wrote it.
///
/// Who adds one says what to run ([`execute`](Self::execute)), what a line of its output means ([`watch_line`](Self::watch_line)), and
/// where the framework wants data in a form of its own, how it comes there ([`connect_data`](Self::connect_data)). The provided
/// [`run`](Self::run) keeps the log and follows it while the code runs: a metric is an event as soon as its line has ended.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use std::sync::Arc;
/// use async_trait::async_trait;
/// use sandbox_core::component::{ComponentError, JobContext};
/// use sandbox_core::event::EventSink;
/// use sandbox_core::hook::Hook;
/// use sandbox_integrations::{Log, Measured, ModelExecutor, Program};
///
/// struct Echo;
///
/// #[async_trait]
/// impl ModelExecutor for Echo {
///     fn type_name(&self) -> &str {
///         "echo"
///     }
///
///     async fn execute(&self, job: &JobContext, log: &Log) -> Result<serde_json::Value, ComponentError> {
///         let program = Program { words: vec!["echo".into(), "loss=0.5".into()], ..Program::default() };
///         program.run(None, log, &job.stop).await?;
///         Ok("model".into())
///     }
///
///     fn watch_line(&self, line: &str) -> Option<Measured> {
///         let loss = line.strip_prefix("loss=")?.parse().ok()?;
///         Some(Measured { step: None, values: vec![("loss".into(), loss)] })
///     }
/// }
///
/// let folder = tempfile::tempdir()?;
/// let job = JobContext::standalone(folder.path(), Hook::named("TrainModelHook").unwrap(), EventSink::none());
/// let ended = Arc::new(Echo).run(&job, None).await?;
/// assert_eq!((ended.value, ended.metrics["loss"]), ("model".into(), 0.5));
/// assert_eq!(std::fs::read_to_string(ended.log)?, "loss=0.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait ModelExecutor: Send + Sync + 'static {
    /// The `type` that chooses it; the log is named after it.
    fn type_name(&self) -> &str;

    /// Brings the data into the form that the code wants. Nothing to do, as a rule.
    ///
    /// # Errors
    /// Why the data cannot be brought there.
    async fn connect_data(&self, _job: &JobContext) -> Result<(), ComponentError> {
        Ok(())
    }

    /// Runs the code to its end; what it prints goes to the log. It looks at [`JobContext::stop`].
    ///
    /// # Errors
    /// Why the code failed.
    async fn execute(&self, job: &JobContext, log: &Log) -> Result<Value, ComponentError>;

    /// What a line says. It is called on a thread of its own and in the order of the lines.
    fn watch_line(&self, _line: &str) -> Option<Measured> {
        None
    }

    /// How metrics are read where a grammar knows the lines; without one, [`watch_line`](Self::watch_line) is asked.
    fn reading(&self) -> Option<Reading> {
        None
    }

    /// Runs the code and follows its log. `name` sets one of several runs apart: its log and its metrics carry it.
    ///
    /// # Errors
    /// Those of [`connect_data`](Self::connect_data) and [`execute`](Self::execute); a log that cannot be written.
    async fn run(self: Arc<Self>, job: &JobContext, name: Option<&str>) -> Result<Ended, ComponentError> {
        let watcher = self.clone();
        let reading = self.reading().unwrap_or_else(|| Reading::Lines(Arc::new(move |line| watcher.watch_line(line))));
        let path = free(&job.work_dir, self.type_name(), name);
        let failed = |error| ComponentError::caused(format!("Failed to write the log `{}`", path.display()), error);
        let log = Log::create(&path, reading, job.events.clone(), name.map(str::to_owned)).map_err(failed)?;
        let executed = match self.connect_data(job).await {
            Ok(()) => self.execute(job, &log).await,
            Err(error) => Err(error),
        };
        let finished = tokio::task::spawn_blocking(move || log.finish()).await;
        let value = executed?;
        let metrics = finished.map_err(|error| ComponentError::failed(error.to_string()))?.map_err(failed)?;
        Ok(Ended { value, metrics, log: path })
    }
}

/// How a run of model code ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// What [`ModelExecutor::execute`] returned.
    pub value: Value,
    /// The last value of each metric.
    pub metrics: HashMap<String, f64>,
    /// The log's file.
    pub log: PathBuf,
}

/// `WORK_DIR/model_exe_TYPE_TIMESTAMP.log`, with a number where that is taken.
fn free(work_dir: &Path, type_name: &str, name: Option<&str>) -> PathBuf {
    let safe = |text: &str| text.replace(|character: char| !character.is_alphanumeric() && !"-_.".contains(character), "_");
    let name = name.map(|name| format!("_{}", safe(name))).unwrap_or_default();
    let stem = format!("model_exe_{}_{}{name}", safe(type_name), timestamp(SystemTime::now()));
    let numbered = (2u32..).map(|number| work_dir.join(format!("{stem}_{number}.log")));
    std::iter::once(work_dir.join(format!("{stem}.log"))).chain(numbered).find(|path| !path.exists()).unwrap_or_default()
}

/// `20261123064512`, UTC.
fn timestamp(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86400, seconds % 86400);
    // Days of the proleptic Gregorian calendar from March on (Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!([at(0), at(951_782_400), at(1_795_416_312)], ["19700101000000", "20000229000000", "20261123064512"].map(str::to_owned));
    }
}
