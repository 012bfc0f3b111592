//! The program under test, and servers beside it; none outlives the test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The seconds that the last job takes where it is not to take any.
pub(super) const FAST: &str = "0";

/// The program and a folder with its configuration.
#[derive(Debug)]
pub(super) struct Program {
    binary: PathBuf,
    pub folder: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// What it said with `--json`.
    pub fn events(&self) -> Result<Vec<Value>> {
        self.stdout.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }
}

impl Program {
    /// Builds the program, in the profile that has been built already, and writes what it runs.
    pub fn build(root: &Path) -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
        let is_release = target.join("release/dj-sandbox").exists();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "--quiet", "--package", "sandbox-cli"]).args(is_release.then_some("--release")).current_dir(root);
        ensure!(command.status().context("Failed to run `cargo build`")?.success(), "`cargo build` failed");
        let folder = target.join("integration/prometheus");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("Failed to remove `{}`", folder.display()))?;
        }
        let binary = target.join(if is_release { "release" } else { "debug" }).join("dj-sandbox");
        std::fs::create_dir_all(folder.join("textfiles")).context("Failed to make a folder")?;
        // Rows, and two that are none.
        let mut rows = std::fs::read(root.join("configs/data/speeches.jsonl")).context("Failed to read the demo's rows")?;
        rows.extend_from_slice(b"{\"text\": 3}\nnot a row\n");
        std::fs::write(folder.join("rows.jsonl"), rows).context("Failed to write rows")?;
        for (name, text) in [("recipe.yaml", RECIPE), ("slow.yaml", SLOW), ("sandbox.yaml", SANDBOX)] {
            std::fs::write(folder.join(name), text).with_context(|| format!("Failed to write `{name}`"))?;
        }
        Ok(Self { binary, folder })
    }

    /// A run with `--json`; its last job takes `seconds`.
    pub fn start(&self, flags: &[&str], seconds: &str) -> Result<Kept> {
        let mut command = Command::new(&self.binary);
        command.args(["run", "--config", "sandbox.yaml", "--json"]).args(flags).env("SECONDS_TO_WAIT", seconds);
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Kept(command.spawn().context("Failed to start the program")?))
    }

    /// What `metrics WHAT` prints.
    pub fn prints(&self, what: &str) -> Result<String> {
        said(Command::new(&self.binary).args(["metrics", what]))
    }

    /// A whole run.
    pub fn run(&self, flags: &[&str], seconds: &str) -> Result<Ended> {
        self.start(flags, seconds)?.wait()
    }
}

/// A child that ends with the test.
#[derive(Debug)]
pub(super) struct Kept(pub Child);

impl Kept {
    /// Waits for its end.
    pub fn wait(mut self) -> Result<Ended> {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let errors = self.0.stderr.take().map(|mut pipe| {
            std::thread::spawn(move || {
                let mut text = String::new();
                pipe.read_to_string(&mut text).map(|_| text)
            })
        });
        if let Some(mut pipe) = self.0.stdout.take() {
            pipe.read_to_string(&mut stdout).context("Failed to read what the program says")?;
        }
        if let Some(errors) = errors {
            stderr = errors.join().ok().context("a thread failed")?.context("Failed to read what the program says")?;
        }
        let status = self.0.wait().context("Failed to wait for the program")?;
        Ok(Ended { code: status.code().unwrap_or(-1), stdout, stderr })
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server, with what it says in a file.
pub(super) fn server(command: &mut Command, log: &Path) -> Result<Kept> {
    let out = std::fs::File::create(log).with_context(|| format!("Failed to write `{}`", log.display()))?;
    let errors = out.try_clone().context("Failed to share a file")?;
    let name = command.get_program().display().to_string();
    Ok(Kept(command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn().with_context(|| format!("Failed to start `{name}`"))?))
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("Failed to take a port")?;
    Ok(listener.local_addr().context("no address")?.port())
}

/// The body of a page, when it is there.
pub(super) fn get(port: u16, path: &str, headers: &str) -> Result<Option<String>> {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return Ok(None) };
    stream.set_read_timeout(Some(Duration::from_secs(20))).context("Failed to set a limit")?;
    // Of the old protocol, which has no bodies in parts.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n{headers}\r\n").context("Failed to ask")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).context("Failed to read an answer")?;
    let answer = String::from_utf8(answer).context("an answer is no text")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    Ok(head.lines().next().is_some_and(|line| line.contains(" 200 ")).then(|| body.to_owned()))
}

/// What a query of the server gives, as `(labels, value)`.
pub(super) fn query(port: u16, expression: &str) -> Result<Vec<(Value, f64)>> {
    let encoded: String = expression.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = get(port, &format!("/api/v1/query?query={encoded}"), "")?.with_context(|| format!("the server refuses `{expression}`"))?;
    let answer: Value = serde_json::from_str(&body).context("the server's answer is no JSON")?;
    let results = answer.pointer("/data/result").and_then(Value::as_array).context("no result")?;
    let number = |result: &Value| {
        let text = result.pointer("/value/1").and_then(Value::as_str).context("no number")?;
        text.parse::<f64>().with_context(|| format!("not a number: {text}"))
    };
    results.iter().map(|result| Ok((result.get("metric").cloned().unwrap_or_default(), number(result)?))).collect()
}

/// Runs a command to its end and gives what it wrote; what it complained of is the error.
pub(super) fn said(command: &mut Command) -> Result<String> {
    said_to(command, "")
}

/// Runs a command on a text.
pub(super) fn said_to(command: &mut Command, input: &str) -> Result<String> {
    let name = command.get_program().display().to_string();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("Failed to start `{name}`"))?;
    // What stops reading says why.
    let _ = child.stdin.take().context("no pipe")?.write_all(input.as_bytes());
    let output = child.wait_with_output().with_context(|| format!("Failed to wait for `{name}`"))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("`{name}` failed: {text}");
    }
    Ok(text)
}

const RECIPE: &str = "dataset_path: rows.jsonl
export_path: out/clean.jsonl
process:
  - whitespace_normalization_mapper:
  - clean_email_mapper:
  - text_length_filter: {min_len: 100, max_len: 5000}
  - words_num_filter: {min_num: 20, max_num: 5000}
  - document_deduplicator:
";

const SLOW: &str = "dataset_path: rows.jsonl
export_path: out/slow.jsonl
process:
  - text_length_filter: {min_len: 1000}
  - external_mapper: {command: [sh, -c, 'sleep \"$SECONDS_TO_WAIT\"; exec cat'], workers: 1, timeout: 120}
";

const SANDBOX: &str = "project_name: metrics
experiment_name: integration
work_dir: work
pipelines:
  - demo:
      probe_job_configs:
        - hook: ProbeViaAnalyzerHook
          meta_name: raw
          dj_configs: recipe.yaml
          local: {dj_configs.export_path: out/raw.jsonl}
      execution_job_configs:
        - hook: ProcessDataHook
          meta_name: clean
          dj_configs: recipe.yaml
          output: data
        - hook: TrainModelHook
          meta_name: train
          input: {extra_configs.dataset_path: demo.clean.data}
          extra_configs: {type: ngram, dataset_path: <replaced>, export_path: out/model.ngram}
          output: model
        - hook: ProcessDataHook
          meta_name: slow
          dj_configs: slow.yaml
";
