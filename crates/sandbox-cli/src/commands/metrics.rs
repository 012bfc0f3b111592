//! Metrics for Prometheus: beside a run, and `dj-sandbox metrics rules|dashboard`.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox_core::component::StopFlag;
use sandbox_core::event::EventSink;
use sandbox_document::Problem;
use sandbox_metrics::{
    Build, DASHBOARD, Family, GPU_APPS_QUERY, GPU_QUERY, Gateway, Gpus, Kind, Metrics, MetricsError, RULES, Server, ServerSettings,
    Textfiles,
};
use sandbox_process::{Command, Stdin, TREE_VARIABLE, tree_mark};
use sandbox_watcher::{Recorder, Watcher};
use tokio::runtime::Runtime;

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;

/// How often graphics cards are asked, and how long they may take.
const GPUS_EVERY: Duration = Duration::from_secs(5);

/// Prints alert rules or a dashboard.
pub fn metrics(words: &[String], printer: Printer) -> Exit {
    printer.data(if words.first().is_some_and(|what| what == "dashboard") { DASHBOARD } else { RULES });
    Exit::Done
}

/// Where the metrics of a run go.
pub(super) struct Exports {
    metrics: Metrics,
    is_served: bool,
    linger: Duration,
    gateway: Option<Gateway>,
    textfiles: Option<Textfiles>,
}

impl Exports {
    /// Everything that can be wrong is told before the first job; `None` when nobody wants metrics.
    pub fn prepare(arguments: &Arguments, runtime: &Runtime, printer: Printer) -> Result<Option<Self>, Exit> {
        let wanted = &arguments.metrics;
        if wanted.listen.is_none() && wanted.gateway.is_none() && wanted.textfile.is_none() {
            return Ok(None);
        }
        let refused = |error: MetricsError| {
            let problem = Problem::error(sandbox_core::chain(&error));
            printer.problems([&match error.hint() {
                Some(hint) => problem.hint(hint),
                None => problem,
            }]);
            Exit::Usage
        };
        let listen = wanted.listen.as_deref().map(|text| {
            text.parse::<SocketAddr>().map_err(|_| {
                let problem = Problem::error(format!("`--metrics` must be an address and a port, not `{text}`"));
                printer.problems([&problem.hint("such as `127.0.0.1:9464`, or `127.0.0.1:0` for any free port")]);
                Exit::Usage
            })
        });
        let listen = listen.transpose()?;
        let gateway = wanted.gateway.as_deref().map(Gateway::new).transpose().map_err(refused)?;
        let textfiles = wanted.textfile.as_deref().map(Textfiles::new).transpose().map_err(refused)?;
        let metrics = registry(runtime).map_err(|error| {
            printer.error(sandbox_core::chain(&error));
            Exit::Internal
        })?;
        if let Some(listen) = listen {
            let settings = ServerSettings { listen, hosts: wanted.hosts.clone() };
            let server = runtime.block_on(Server::bind(settings, metrics.clone())).map_err(refused)?;
            tell(&server, printer);
            runtime.spawn(server.serve(std::future::pending()));
        }
        Ok(Some(Self { metrics, is_served: listen.is_some(), linger: wanted.linger, gateway, textfiles }))
    }

    /// A reader of the run's events. The run is known by its name in the store, where it has one.
    pub fn listen(&self, recorder: Option<&Arc<Recorder>>, watcher: Option<&Watcher>) -> EventSink {
        match recorder {
            Some(recorder) => {
                let recorder = Arc::downgrade(recorder);
                self.metrics.set_run_id(move || recorder.upgrade()?.uid());
            }
            None => self.metrics.set_run_id(|| Some(tree_mark().to_owned())),
        }
        if let Some(watcher) = watcher.cloned() {
            // The names are taken by nobody else.
            let _ = self.metrics.ask(&STORE, move || store(&watcher));
        }
        EventSink::new(self.metrics.clone())
    }

    /// Hands on what the run leaves behind, and waits for those who scrape. What fails here is a warning: the run is done.
    pub fn finish(self, runtime: &Runtime, stop: &StopFlag, has_run: bool, printer: Printer) {
        let warn = |error: MetricsError| printer.talk(format!("warning: {}", sandbox_core::chain(&error)));
        if let Some(Err(error)) = self.textfiles.map(|files| files.write(&self.metrics)) {
            warn(error);
        }
        if let Some(gateway) = self.gateway
            && let Err(error) = runtime.block_on(gateway.push(&self.metrics))
        {
            warn(error);
        }
        if !has_run || !self.is_served || self.linger.is_zero() || stop.is_set() {
            return;
        }
        printer.talk(format!("metrics are served for {:?} more; Ctrl-C ends it", self.linger));
        let end = Instant::now() + self.linger;
        while Instant::now() < end && !stop.is_set() {
            std::thread::sleep(Duration::from_millis(50).min(end.saturating_duration_since(Instant::now())));
        }
    }
}

/// The metrics of this program, its children and the graphics cards.
fn registry(runtime: &Runtime) -> Result<Metrics, MetricsError> {
    let build =
        Build { version: env!("CARGO_PKG_VERSION").to_owned(), commit: option_env!("DJ_SANDBOX_COMMIT").unwrap_or_default().to_owned() };
    let metrics = Metrics::new(build)?;
    let mark = Some((TREE_VARIABLE, tree_mark()));
    metrics.watch_processes(mark)?;
    let path = std::env::var_os("PATH");
    if sandbox_process::find_program(OsStr::new("nvidia-smi"), path.as_deref(), Path::new(".")).is_ok() {
        runtime.spawn(watch_gpus(metrics.watch_gpus(mark)?));
    }
    Ok(metrics)
}

async fn watch_gpus(gpus: Arc<Gpus>) {
    loop {
        gpus.update(&ask(GPU_QUERY).await, &ask(GPU_APPS_QUERY).await);
        tokio::time::sleep(GPUS_EVERY).await;
    }
}

/// What `nvidia-smi` says; nothing when it fails.
async fn ask(arguments: [&str; 2]) -> String {
    let command = Command::new("nvidia-smi").args(arguments).stdin(Stdin::Empty).timeout(Some(GPUS_EVERY));
    match command.run().await {
        Ok(finished) if finished.status.is_success() => finished.tail.stdout.text(),
        _ => String::new(),
    }
}

const STORE: [Family; 4] = [
    Family {
        name: "sandbox_watcher_records_dropped_total",
        help: "Records of the run that could not be kept in its store.",
        kind: Kind::Counter,
        labels: &["reason"],
    },
    Family {
        name: "sandbox_watcher_queue_bytes",
        help: "Records that wait in memory because the disk is slow.",
        kind: Kind::Gauge,
        labels: &[],
    },
    Family { name: "sandbox_watcher_store_bytes", help: "How large the file of the run store is.", kind: Kind::Gauge, labels: &[] },
    Family {
        name: "sandbox_watcher_in_trouble",
        help: "Whether the run store refuses what is written: 1 or 0.",
        kind: Kind::Gauge,
        labels: &[],
    },
];

fn store(watcher: &Watcher) -> Vec<Vec<(Vec<String>, f64)>> {
    let health = watcher.health();
    let size = std::fs::metadata(watcher.path()).map_or(0, |about| about.len());
    let dropped = health.dropped.into_iter().map(|(reason, count)| (vec![reason], count as f64));
    let one = |number: f64| vec![(Vec::new(), number)];
    vec![dropped.collect(), one(health.waiting_bytes as f64), one(size as f64), one(f64::from(u8::from(health.trouble.is_some())))]
}

/// Says where the metrics are, and who can reach them.
fn tell(server: &Server, printer: Printer) {
    if !server.address().ip().is_loopback() {
        printer.talk("warning: other computers can reach these metrics without a token, by names given with `--metrics_allowed_host`");
    }
    if printer.json {
        printer.value(&serde_json::json!({"event": "metrics_server", "url": server.url()}));
    } else {
        // The address is what was asked for, also by who wants no talk.
        Printer { quiet: false, ..printer }.talk(format!("metrics for Prometheus: {}", server.url()));
    }
}
