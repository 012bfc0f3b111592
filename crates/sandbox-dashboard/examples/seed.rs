//! Serves a store with made-up runs, one of which goes on: to look at the pages while they are being made.
//!
//! `cargo run -p sandbox-dashboard --example seed -- FOLDER [127.0.0.1:8123]`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use sandbox_dashboard::{Dashboard, Settings};
use sandbox_watcher::{RunSpec, Status, Watcher, store_path};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let path = store_path(&folder);
    let watcher = Watcher::open(&path)?;
    for number in 0..6_u32 {
        let (rate, layers) = (1e-4 * f64::from(number + 1), 2 + number % 3);
        let spec = RunSpec { name: format!("run {number}"), experiment: format!("rate {rate:.4}"), ..RunSpec::default() };
        let run = watcher.start_run(spec);
        run.watch_cfgs(&[(&json!({"lr": rate, "layers": layers, "api_key": "x"}), "model")]);
        for step in 0..2000_u64 {
            let loss = 4.0 / (1.0 + step as f64 * 0.003 * f64::from(number + 1)) + 0.1 * ((step * 7919 % 100) as f64 / 100.0);
            run.watch_at(step, "train", &json!({"loss": loss, "lr": rate, "tokens_seen": step * 4096}));
        }
        run.finish(if number == 3 { Status::Failed } else { Status::Done });
    }
    let run = watcher.start_run(RunSpec { name: "live".into(), experiment: "live".into(), ..RunSpec::default() });
    tokio::task::spawn_blocking(move || {
        for step in 0..u64::MAX {
            run.watch_at(step, "train", &json!({"loss": 3.0 / (1.0 + step as f64 * 0.01)}));
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let listen = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
    let dashboard = Dashboard::bind(Settings { stores: vec![path], listen, ..Settings::default() }).await?;
    // The address is what the example is for.
    println!("{}", dashboard.url());
    dashboard.serve(std::future::pending()).await?;
    Ok(())
}
