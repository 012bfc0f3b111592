//! `cargo xtask integration interop`: runs go out, the tools that they are for read them, and every value is compared; what these tools
//! write comes in.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::fixtures::packages;

/// Reads and writes with the real tools; each says `ok WHAT` or fails.
const READ: &str = include_str!("interop/read.py");
const WRITE: &str = include_str!("interop/write.py");
const SERVE: &str = include_str!("interop/serve.py");
/// Steps of the run that is made up.
const STEPS: i64 = 3000;

pub(super) fn run(root: &Path, quick: bool) -> Result<bool> {
    let start = Instant::now();
    let binary = build(root)?;
    let readers = packages::python(root, "interop", &packages::READERS)?;
    let lab = binary.parent().context("a program without a folder")?.join(format!("interop-{}", std::process::id()));
    std::fs::create_dir_all(&lab).with_context(|| format!("Failed to make the folder `{}`", lab.display()))?;
    let lab = Lab { root: root.to_owned(), folder: lab, binary };
    let done = all(&lab, &readers, quick);
    match &done {
        Ok(()) => std::fs::remove_dir_all(&lab.folder).context("Failed to clear up")?,
        Err(_) => eprintln!("what there was is in `{}`", lab.folder.display()),
    }
    done?;
    println!("integration interop: passed in {:.0} s", start.elapsed().as_secs_f64());
    if quick {
        println!("  skipped MLflow: `--quick`");
    }
    Ok(true)
}

struct Lab {
    root: PathBuf,
    folder: PathBuf,
    binary: PathBuf,
}

fn all(lab: &Lab, readers: &Path, quick: bool) -> Result<()> {
    // Three runs: one with all that numbers and names can be, one of a whole sandbox, one of another program's event files.
    std::fs::write(lab.folder.join("made.csv"), made())?;
    lab.sandbox(&["runs", "import", "made.csv", "--from", "csv", "--name", "made", "--project", "interop"])?;
    lab.python(readers, WRITE, &["events"])?;
    lab.sandbox(&["runs", "import", "events", "--from", "tensorboard", "--project", "interop"])?;
    lab.demo()?;
    let listed = lab.sandbox(&["runs", "ls", "--json"])?;
    let runs: Vec<Value> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("`runs ls --json` gave no JSON")?;
    let uids: Vec<String> = runs.iter().filter_map(|run| run["uid"].as_str().map(str::to_owned)).collect();
    ensure!(uids.len() == 4, "four runs should be there, not {}", uids.len());
    for (format, place) in
        [("csv", "runs.csv"), ("parquet", "runs.parquet"), ("openmetrics", "runs.om"), ("tensorboard", "tb"), ("dvclive", "dvc")]
    {
        lab.export(&uids, format, place, &[])?;
    }
    lab.export(&uids, "csv", "wide.csv", &["--wide"])?;
    println!("{}", lab.python(readers, READ, &["made.csv", "events.json"])?.trim_end());
    if !quick {
        let mlflow = packages::python(&lab.root, "mlflow", &packages::MLFLOW)?;
        let binary = lab.binary.to_string_lossy().into_owned();
        let words: Vec<&str> = std::iter::once(binary.as_str()).chain(uids.iter().map(String::as_str)).collect();
        println!("{}", lab.python(&mlflow, SERVE, &words)?.trim_end());
    }
    Ok(())
}

impl Lab {
    /// The program, in the folder; what it printed.
    fn sandbox(&self, words: &[&str]) -> Result<String> {
        said(Command::new(&self.binary).args(words).current_dir(&self.folder))
    }

    fn export(&self, uids: &[String], format: &str, place: &str, more: &[&str]) -> Result<()> {
        let mut words: Vec<&str> = vec!["runs", "export", "--to", format, "--out", place];
        words.extend(more);
        words.extend(uids.iter().map(String::as_str));
        self.sandbox(&words).map(|_| ())
    }

    /// The demo, as users run it: its paths are those of the project.
    fn demo(&self) -> Result<()> {
        std::os::unix::fs::symlink(self.root.join("configs"), self.folder.join("configs")).context("Failed to link the configurations")?;
        self.sandbox(&["run", "--config", "configs/demo/sandbox.yaml", "--quiet"]).map(|_| ())
    }

    fn python(&self, python: &Path, script: &str, words: &[&str]) -> Result<String> {
        let mut command = Command::new(python);
        // No tool is to ask another host for anything.
        for (name, value) in [("MLFLOW_DISABLE_TELEMETRY", "true"), ("DVC_NO_ANALYTICS", "true"), ("DVCLIVE_TEST", "true")] {
            command.env(name, value);
        }
        said(command.args(["-I", "-W", "ignore", "-c", script]).args(words).current_dir(&self.folder))
    }
}

/// A run as a table: numbers of all kinds, odd names, texts, steps that go back.
fn made() -> String {
    let mut text = String::from("step,time,train/loss,train.lr,p[0],p(0),größe,ok,note\n");
    for row in 0..STEPS {
        let step = if row < 2500 { row - 3 } else { row - 1000 };
        let micros = 1_700_000_000_000_000 + row * 10_007;
        let loss = match row % 97 {
            13 => f64::NAN,
            14 => f64::INFINITY,
            15 => f64::NEG_INFINITY,
            _ => 3.0 / (row + 1) as f64,
        };
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = write!(text, "{step},{seconds},{loss:?},{:?},", 1e-5 * (row as f64).cos());
        let odd = |is: bool, value: String| if is { value } else { String::new() };
        let _ = write!(text, "{},", odd(row % 2 == 0, (row * 1_000_003).to_string()));
        let _ = write!(text, "{},{},", odd(row % 3 == 0, format!("{:?}", row as f64 * 1e300)), odd(row % 5 == 0, format!("-{row}.5")));
        let _ = writeln!(
            text,
            "{},{}",
            odd(row % 7 == 0, (row % 14 == 0).to_string()),
            odd(row % 500 == 0, format!("\"step {step},\nso far\""))
        );
    }
    text
}

fn build(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "--package", "sandbox-cli"]).current_dir(root).status();
    ensure!(status.context("Failed to run `cargo build`")?.success(), "the program does not build; see Cargo's messages above");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    Ok(target.join("debug/dj-sandbox"))
}

/// Runs a command to its end and gives what it printed.
fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("Failed to start `{}`", command.get_program().display()))?;
    if !output.status.success() {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().chars().take(60).collect()).collect();
        bail!("`{}` failed with {}: {}\n{}", words.join(" "), output.status, text(&output.stderr), text(&output.stdout));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
