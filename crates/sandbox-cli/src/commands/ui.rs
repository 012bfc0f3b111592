//! `dj-sandbox ui [FOLDER...]`: recorded runs as pages.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sandbox_core::component::StopFlag;
use sandbox_dashboard::{Dashboard, Settings};
use sandbox_document::Problem;
use sandbox_watcher::{Watcher, store_path};

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::signals;

/// Where the page is when nobody says otherwise.
const LISTEN: &str = "127.0.0.1:8760";
/// How deep below a folder stores are looked for.
const DEEPEST: usize = 4;

/// Serves the page until Ctrl-C.
pub fn ui(arguments: &Arguments, printer: Printer) -> Exit {
    let listen = arguments.flags.iter().find(|(key, _)| key == "listen").map_or(LISTEN, |(_, value)| value.as_str());
    let Ok(listen) = listen.parse::<SocketAddr>() else {
        let problem = Problem::error(format!("`--listen` must be an address and a port, not `{listen}`"));
        printer.problems([&problem.hint("such as `127.0.0.1:8760`, or `127.0.0.1:0` for any free port")]);
        return Exit::Usage;
    };
    let here = [".".to_owned()];
    let folders = if arguments.words.is_empty() { &here[..] } else { &arguments.words[..] };
    let mut stores = Vec::new();
    for folder in folders {
        let before = stores.len();
        find(Path::new(folder), DEEPEST, &mut stores);
        if stores.len() == before {
            let problem = Problem::error(format!("no runs are recorded in `{folder}`"));
            printer.problems([
                &problem.hint("`dj-sandbox run` records them in the configuration's `work_dir`: name that folder or one above it")
            ]);
            return Exit::Usage;
        }
    }
    stores.sort();
    stores.dedup();
    recover(stores.clone());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(format!("Failed to start: {error}"));
            return Exit::Internal;
        }
    };
    let served = runtime.block_on(async {
        let dashboard = Dashboard::bind(settings(listen, arguments, stores)).await?;
        // The address is what the command gives, also to who wants no talk.
        let said = Printer { quiet: false, ..printer };
        tell(&dashboard, said);
        let stop = StopFlag::new();
        signals::listen(stop.clone(), printer);
        dashboard.serve(async move { stopped(&stop).await }).await
    });
    match served {
        Ok(()) => Exit::Done,
        Err(error) => {
            let problem = Problem::error(sandbox_core::chain(&error));
            printer.problems([&problem.hint("another address is given with `--listen`; `127.0.0.1:0` takes a free port")]);
            Exit::Usage
        }
    }
}

/// Brings in what processes that are gone have left beside the stores, while the page is already there. The page itself only reads; where
/// a store may not be written, what is in it is shown.
fn recover(stores: Vec<PathBuf>) {
    std::thread::spawn(move || {
        for store in stores {
            let _ = Watcher::recover(&store);
        }
    });
}

/// Serves the page while something else goes on; a page that cannot be served is a warning, for the run is what counts.
pub(super) async fn beside(arguments: &Arguments, stores: Vec<PathBuf>, printer: Printer) {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    match Dashboard::bind(settings(free, arguments, stores)).await {
        Ok(dashboard) => {
            tell(&dashboard, printer);
            tokio::spawn(dashboard.serve(std::future::pending()));
        }
        Err(error) => printer.talk(format!("warning: there is no page: {}", sandbox_core::chain(&error))),
    }
}

/// What the page shows and where. A machine goes by its own address when it listens on it.
fn settings(listen: SocketAddr, arguments: &Arguments, stores: Vec<PathBuf>) -> Settings {
    let own = (!listen.ip().is_loopback() && !listen.ip().is_unspecified()).then(|| match listen.ip() {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("[{address}]"),
    });
    Settings { listen, hosts: arguments.allowed_hosts.iter().cloned().chain(own).collect(), stores }
}

/// Says where the page is, and who can reach it.
fn tell(dashboard: &Dashboard, printer: Printer) {
    if !dashboard.address().ip().is_loopback() {
        printer.talk("warning: other computers can reach this page; whoever knows the token may read all of it");
    }
    if printer.json {
        printer.data(format!("{}\n", serde_json::json!({"event": "ui", "url": dashboard.url()})));
    } else {
        printer.talk(format!("open this address in a browser: {}", dashboard.url()));
    }
}

async fn stopped(stop: &StopFlag) {
    while !stop.is_set() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The stores of `folder` and of the folders below it, other people's hidden ones aside.
fn find(folder: &Path, deep: usize, stores: &mut Vec<PathBuf>) {
    let own = store_path(folder);
    if own.is_file() {
        stores.push(own);
    }
    if deep == 0 {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), deep - 1, stores);
        }
    }
}
