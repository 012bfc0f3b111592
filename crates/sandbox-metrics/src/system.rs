//! What this process, the programs that it started and the graphics cards are doing. Linux's `/proc`; nothing elsewhere.

mod gpu;
mod stat;
mod tree;

use std::sync::Arc;

use crate::asked::{Family, Kind, Sample};
use crate::error::MetricsError;
use crate::metrics::Metrics;

pub use gpu::{GPU_APPS_QUERY, GPU_QUERY, Gpus};

use self::stat::Stat;
use self::tree::Tree;

const fn family(name: &'static str, kind: Kind, help: &'static str) -> Family {
    Family { name, help, kind, labels: &[] }
}

/// The families that every client library of Prometheus has, under their usual names.
const PROCESS: [Family; 7] = [
    family("process_cpu_seconds_total", Kind::Counter, "Time that this process spent computing, its children aside."),
    family("process_open_fds", Kind::Gauge, "Open files of this process."),
    family("process_max_fds", Kind::Gauge, "How many files this process may have open."),
    family("process_virtual_memory_bytes", Kind::Gauge, "Addresses that this process has taken."),
    family("process_resident_memory_bytes", Kind::Gauge, "Memory that this process has in use."),
    family("process_start_time_seconds", Kind::Gauge, "When this process began, as a Unix time."),
    family("process_threads", Kind::Gauge, "Threads of this process."),
];

const CHILDREN: [Family; 3] = [
    family(
        "sandbox_children_processes",
        Kind::Gauge,
        "Processes that jobs have started and that still run, those that they started included.",
    ),
    family(
        "sandbox_children_cpu_seconds_total",
        Kind::Counter,
        "Time that the processes of jobs spent computing, those that have ended included.",
    ),
    family(
        "sandbox_children_resident_memory_bytes",
        Kind::Gauge,
        "Memory in use by the processes of jobs; what they share counts for each.",
    ),
];

impl Metrics {
    /// Adds the families of this process and of all that it starts. A process belongs to us by its parents, or by `mark`: a variable of the
    /// environment that every child is given, and the value that ours have in it.
    ///
    /// # Errors
    /// They are there already.
    pub fn watch_processes(&self, mark: Option<(&str, &str)>) -> Result<(), MetricsError> {
        self.ask(&PROCESS, process)?;
        let tree = Tree::new(mark);
        self.ask(&CHILDREN, move || match tree.look() {
            Some(now) => [now.pids.len() as f64, now.cpu_seconds, now.resident_bytes].map(one).into(),
            None => Vec::new(),
        })
    }

    /// Adds the families of graphics cards. They have numbers once [`Gpus::update`] was called.
    ///
    /// # Errors
    /// They are there already.
    pub fn watch_gpus(&self, mark: Option<(&str, &str)>) -> Result<Arc<Gpus>, MetricsError> {
        let gpus = Arc::new(Gpus::new(Tree::new(mark)));
        let asked = gpus.clone();
        self.ask(&gpu::FAMILIES, move || asked.samples())?;
        Ok(gpus)
    }
}

fn one(number: f64) -> Vec<Sample> {
    vec![(Vec::new(), number)]
}

fn process() -> Vec<Vec<Sample>> {
    let Some(own) = Stat::of("self") else { return Vec::new() };
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count());
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.map_or(f64::INFINITY, |most| most as f64);
    let began = stat::boot_time().map(|boot| boot + own.start_seconds());
    let numbers = [
        own.own_cpu_seconds(),
        open as f64,
        most,
        own.virtual_bytes as f64,
        own.resident_bytes(),
        began.unwrap_or(f64::NAN),
        own.threads as f64,
    ];
    numbers.map(one).into()
}
