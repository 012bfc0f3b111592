//! The registry of a process, and who fills it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::Registry;
use prometheus::proto::MetricFamily;

use crate::asked::{Asked, Family, Kind, Sample};
use crate::error::MetricsError;
use crate::exemplar::Exemplars;
use crate::families::Families;
use crate::format::{Format, encode};
use crate::listener::State;

/// Which build of a program is running.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// Its version.
    pub version: String,
    /// The commit that it was made from; may be empty.
    pub commit: String,
}

/// Operational metrics of this process. Cheap to clone; a [`Listener`](sandbox_core::event::Listener) of the events of runs.
#[derive(Clone)]
pub struct Metrics {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    registry: Registry,
    pub(crate) families: Families,
    pub(crate) exemplars: Exemplars,
    pub(crate) state: Mutex<State>,
    run_id: Mutex<Option<RunId>>,
}

/// Gives the id under which the run that goes on is known elsewhere.
type RunId = Box<dyn Fn() -> Option<String> + Send + Sync>;

impl Metrics {
    /// A registry with all families of this crate, those of the process aside: see [`watch_processes`](Self::watch_processes).
    ///
    /// # Errors
    /// None in practice: the names are fixed and tested.
    pub fn new(build: Build) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let families = Families::new(&registry)?;
        let inner = Inner { registry, families, exemplars: Exemplars::default(), state: Mutex::default(), run_id: Mutex::default() };
        let metrics = Self { inner: Arc::new(inner) };
        let labels = vec![vec![(vec![build.version, build.commit], 1.0)]];
        metrics.ask(&[BUILD_INFO], move || labels.clone())?;
        let weak = Arc::downgrade(&metrics.inner);
        metrics.ask(&[RUN_INFO], move || vec![weak.upgrade().map(|inner| inner.run_info()).unwrap_or_default()])?;
        Ok(metrics)
    }

    /// Adds families whose numbers are asked for at each reading: `ask` gives those of each family, in their order.
    ///
    /// ```
    /// use sandbox_metrics::{Family, Format, Kind, Metrics};
    /// let metrics = Metrics::new(Default::default())?;
    /// let waiting = Family { name: "sandbox_watcher_queue_bytes", help: "Waiting.", kind: Kind::Gauge, labels: &[] };
    /// metrics.ask(&[waiting], || vec![vec![(vec![], 12.0)]])?;
    /// assert!(metrics.encode(Format::Text)?.contains("\nsandbox_watcher_queue_bytes 12\n"));
    /// # Ok::<(), sandbox_metrics::MetricsError>(())
    /// ```
    ///
    /// # Errors
    /// A name that is taken or that is no name.
    pub fn ask(&self, families: &[Family], ask: impl Fn() -> Vec<Vec<Sample>> + Send + Sync + 'static) -> Result<(), MetricsError> {
        let asked = Asked::new(families, ask)?;
        let names = families.iter().map(|family| family.name).collect::<Vec<_>>().join("`, `");
        self.inner.registry.register(Box::new(asked)).map_err(|cause| MetricsError::Register { family: names, cause })
    }

    /// Says where the id of the run that goes on comes from, such as a run store. It stands in `sandbox_run_info` and in exemplars.
    pub fn set_run_id(&self, run_id: impl Fn() -> Option<String> + Send + Sync + 'static) {
        *self.inner.run_id.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(run_id));
    }

    /// The registry, for families of your own.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// All families as they are now, sorted by name.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.inner.registry.gather()
    }

    /// All families as text.
    ///
    /// # Errors
    /// Families of somebody else that do not belong together.
    pub fn encode(&self, format: Format) -> Result<String, MetricsError> {
        encode(&self.gather(), format, &self.inner.exemplars)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

const BUILD_INFO: Family = Family {
    name: "sandbox_build_info",
    help: "Which build of the program is running.",
    kind: Kind::Gauge,
    labels: &["version", "commit"],
};

const RUN_INFO: Family = Family {
    name: "sandbox_run_info",
    help: "The run that goes on now, for each of its pipelines. It vanishes with the run.",
    kind: Kind::Gauge,
    labels: &["run_id", "experiment", "trial", "pipeline"],
};

impl Inner {
    /// The id of the run that goes on, where somebody knows it.
    pub fn run_id(&self) -> Option<String> {
        self.run_id.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|run_id| run_id())
    }

    fn run_info(&self) -> Vec<Sample> {
        let run_id = self.run_id().unwrap_or_default();
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(run) = &state.run else { return Vec::new() };
        let line = |pipeline: &String| (vec![run_id.clone(), run.experiment.clone(), String::new(), pipeline.clone()], 1.0);
        run.pipelines.iter().map(line).collect()
    }
}
