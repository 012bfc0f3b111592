//! Serves stores with made-up runs, one of which goes on: to look at the pages while they are being made, and to test them in a browser.
//!
//! `cargo run -p sandbox-dashboard --example seed -- FOLDER [127.0.0.1:8123]`
//!
//! It prints one line of JSON with the address and the runs, and then does what it is told, a line each, until its input ends:
//! `watch NUMBER` watches a loss in the run that goes on, and `log TEXT` is printed by its program; each is answered with the time in
//! milliseconds since 1970 at which it was done.

#![allow(clippy::print_stdout)]

mod curves;
mod pipeline;
mod sweep;

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sandbox_dashboard::{Dashboard, Settings};
use sandbox_watcher::{Watcher, store_path};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    let (demo, other) = (folder.join("demo"), folder.join("other"));
    std::fs::create_dir_all(&demo)?;
    let watcher = Watcher::open(store_path(&demo))?;
    let curves = curves::runs(&watcher);
    let million = curves::million(&watcher);
    let sweep = sweep::run(&watcher);
    let failed = pipeline::failed(&watcher, &demo)?;
    let done = pipeline::done(&watcher, &demo)?;
    let live = pipeline::Live::begin(&watcher, &demo)?;
    drop(Watcher::open(store_path(&other))?);
    watcher.flush(Duration::from_secs(60));

    let listen = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let stores = vec![store_path(&demo), store_path(&other)];
    let dashboard = Dashboard::bind(Settings { stores, listen, ..Settings::default() }).await?;
    let runs = json!({"curves": curves, "million": million, "sweep": sweep, "failed": failed, "done": done, "live": live.uid()});
    // The address is what the example is for.
    println!("{}", json!({"url": dashboard.url(), "runs": runs}));
    let (over, is_over) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut live = live;
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match line.split_once(' ') {
                Some(("watch", number)) => live.watch(number.parse().unwrap_or(f64::NAN)),
                Some(("log", text)) => live.print(text),
                _ => continue,
            }
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            println!("{}", now.as_secs_f64() * 1000.0);
        }
        let _ = over.send(());
    });
    dashboard.serve(async move { is_over.await.unwrap_or_default() }).await?;
    Ok(())
}

/// Writes a file and the folders above it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::File::create(path)?.write_all(text.as_bytes())
}
