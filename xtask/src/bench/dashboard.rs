//! The dashboard's part of `cargo xtask bench watcher`: how soon the page is there, and what the program that serves it holds in memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sandbox_watcher::{RunSpec, Status, Watcher, store_path};
use serde_json::{Value, json};

use super::report::{Figure, Target};

/// Starts that are measured.
const STARTS: usize = 15;
const RUNS: usize = 1000;
const METRICS: usize = 20;

/// A program that serves a page; it ends with this.
struct Served {
    child: Child,
    address: String,
    token: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures `binary` over a store of a thousand runs below `lab`.
pub(super) fn measure(binary: &Path, lab: &Path, figures: &mut Vec<Figure>) -> Result<()> {
    eprintln!("the page over {RUNS} runs");
    let project = lab.join("page");
    fill(&project)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let served = Served::start(binary, &project)?;
        served.get("/", 1)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    figures.push(Figure::new("page: from start to its first byte", times[times.len() / 2], "ms", Some(Target::AtMost(150.0))));

    let served = Served::start(binary, &project)?;
    let first = served.resident()?;
    let projects: Value = serde_json::from_str(&served.get("/api/projects", usize::MAX)?).context("the projects are no JSON")?;
    let project = projects.pointer("/projects/0/id").and_then(Value::as_str).context("there is no project")?;
    let runs = format!("/api/projects/{project}/runs");
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let list = served.get(&runs, usize::MAX)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        ensure!(list.matches("\"status\"").count() == RUNS, "not all runs are listed");
    }
    times.sort_by(f64::total_cmp);
    figures.push(Figure::new("page: the list of 1000 runs answered", times[times.len() / 2], "ms", None));
    figures.push(Figure::new("page: memory before anything was asked", first, "MB", None));
    figures.push(Figure::new("page: memory, 1000 runs listed", served.resident()?, "MB", Some(Target::AtMost(40.0))));
    Ok(())
}

/// A store with many runs.
fn fill(project: &Path) -> Result<()> {
    let watcher = Watcher::open(store_path(project))?;
    for number in 0..RUNS {
        let run = watcher.start_run(RunSpec { name: format!("run {number}"), ..RunSpec::default() });
        run.watch_cfgs(&[(&json!({"lr": number as f64 * 1e-6, "layers": number % 7}), "model")]);
        for step in 0..3_u64 {
            let values: serde_json::Map<String, Value> =
                (0..METRICS).map(|metric| (format!("metric_{metric}"), json!((number * metric) as f64 + step as f64))).collect();
            run.watch_at(step, "train", &values);
        }
        run.finish(Status::Done);
    }
    ensure!(watcher.flush(Duration::from_secs(120)), "the store was not filled in time");
    Ok(())
}

impl Served {
    fn start(binary: &Path, project: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        command.arg("ui").arg(project).args(["--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("Failed to start `{}`", binary.display()))?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no pipe")?;
        let mut served = Self { child, address: String::new(), token: String::new() };
        BufReader::new(stdout).read_line(&mut line).context("Failed to read the address of the page")?;
        let told: Value = serde_json::from_str(&line).with_context(|| format!("`dj-sandbox ui` said `{}`", line.trim()))?;
        let url = told.get("url").and_then(Value::as_str).context("`dj-sandbox ui` told no address")?;
        let (address, token) = url.trim_start_matches("http://").split_once("/?token=").context("the address has no token")?;
        (served.address, served.token) = (address.to_owned(), token.to_owned());
        Ok(served)
    }

    /// The beginning of an answer, at least `least` bytes, or its body when all of it is wanted.
    fn get(&self, path: &str, least: usize) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address).context("Failed to reach the page")?;
        write!(stream, "GET {path} HTTP/1.0\r\nhost: localhost\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n", self.token)?;
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 << 10];
        while bytes.len() < least {
            let count = stream.read(&mut piece).context("Failed to read the page")?;
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&piece[..count]);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        ensure!(text.starts_with("HTTP/1.0 200"), "`{path}` was answered with `{}`", text.lines().next().unwrap_or_default());
        Ok(text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// Megabytes that the program holds, as the kernel counts them.
    fn resident(&self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).with_context(|| format!("Failed to read `{path}`: is this Linux?"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel tells no memory")?;
        let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().context("the kernel's memory is no number")?;
        Ok(kibibytes * 1024.0 / 1e6)
    }
}
