//! `cargo xtask bench env`: what the environment manager adds to the bare tools.
//!
//! Every figure is paired: bare and ours run in turn in the same minute, and the median of the differences counts, because a busy machine
//! slows both. The bare command is the very one that the manager plans.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sandbox_env_manager::{Env, EnvSpec, Family, Host, Invocation, Manager, Policy, Run, Sources, open};

use super::measure::median;
use super::report::{Figure, Target};
use crate::fixtures;

/// Milliseconds that `create` may take longer than the bare tool.
const CREATE: Target = Target::AtMost(30.0);
/// Milliseconds that `run` may take longer than a direct start, after the first.
const RUN: Target = Target::AtMost(5.0);
/// How many times faster than the tool's own `run`.
const FASTER: Target = Target::AtLeast(20.0);
/// Milliseconds of `status`.
const STATUS: Target = Target::AtMost(50.0);

/// Measures every manager that is there.
pub(super) fn measure(root: &Path, runs: usize, figures: &mut Vec<Figure>) -> Result<()> {
    let fixtures = fixtures::env(root)?;
    let lab = std::env::temp_dir().join(format!("dj-sandbox-bench-{}", std::process::id()));
    std::fs::create_dir_all(lab.join("home")).context("Failed to make a folder to measure in")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().context("Failed to start")?;
    let mut host = Host::from_process();
    host.folder.clone_from(&lab);
    for (name, place) in [
        ("HOME", "home"),
        ("XDG_CACHE_HOME", "home/cache"),
        ("XDG_DATA_HOME", "home/data"),
        ("MAMBA_ROOT_PREFIX", "mamba"),
        ("CONDA_PKGS_DIRS", "packages"),
    ] {
        host.variables.insert(name.into(), lab.join(place).into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::env::split_paths(&path).chain([fixtures.folder.join("bin")])).context("PATH")?;
    host.variables.insert("PATH".into(), path);
    let channel = format!("file://{}", fixtures.folder.join("channel").display());
    host.sources = Sources { offline: true, channels: vec![channel], ..Sources::default() };
    let result = Manager::ALL.into_iter().try_for_each(|manager| runtime.block_on(of(manager, &host, runs, figures)));
    std::fs::remove_dir_all(&lab).context("Failed to remove the folder that was measured in")?;
    result
}

async fn of(manager: Manager, host: &Host, runs: usize, figures: &mut Vec<Figure>) -> Result<()> {
    let pip = matches!(manager, Manager::Venv | Manager::Virtualenv).then_some(false);
    let spec = EnvSpec { manager, name: "./env".to_owned(), pip, ..EnvSpec::default() };
    let env = open(spec, host.clone())?;
    if env.check_availability().await.is_err() {
        eprintln!("SKIPPED: {manager}: {}", manager.how_to_install());
        return Ok(());
    }
    eprintln!("{manager}");
    let figure = |what: &str, value: f64, target| Figure::new(format!("{manager}: {what}"), value, "ms", target);
    let plan = env.plan().await?;
    let (mut bare, mut over) = (Vec::new(), Vec::new());
    // The first round fills the caches.
    for round in 0..=runs {
        let start = Instant::now();
        plan.iter().try_for_each(|invocation| run_bare(invocation, host))?;
        let alone = start.elapsed().as_secs_f64() * 1e3;
        std::fs::remove_dir_all(env.prefix()).context("Failed to remove what the bare tool made")?;
        let start = Instant::now();
        env.create(Policy::default()).await?;
        let ours = start.elapsed().as_secs_f64() * 1e3;
        if round > 0 {
            bare.push(alone);
            over.push(ours - alone);
        }
        if round < runs {
            env.remove(false).await?;
        }
    }
    figures.push(figure("create, bare tool", median(&mut bare), None));
    figures.push(figure("create, added", median(&mut over), Some(CREATE)));
    let mut walls = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        ensure!(env.exists().await?, "the environment is not ready");
        walls.push(start.elapsed().as_secs_f64() * 1e3);
    }
    figures.push(figure("status", median(&mut walls), Some(STATUS)));
    run(env.as_ref(), manager, host, runs, figures).await?;
    env.remove(false).await?;
    Ok(())
}

async fn run(env: &dyn Env, manager: Manager, host: &Host, runs: usize, figures: &mut Vec<Figure>) -> Result<()> {
    let figure = |what: &str, value: f64, target| Figure::new(format!("{manager}: {what}"), value, "ms", target);
    let nothing = Run::new("true", [""; 0]);
    let start = Instant::now();
    env.run_cmd(&nothing).await?;
    figures.push(figure("run, first", start.elapsed().as_secs_f64() * 1e3, None));
    let tool = env.check_availability().await?;
    let mut tools_run = Command::new(&tool.path);
    tools_run.args(["run", "-p"]).arg(env.prefix()).arg("true");
    tools_run.env_clear().envs(&host.variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (mut added, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs.max(15) {
        let start = Instant::now();
        Command::new("true").env_clear().envs(&host.variables).output().context("Failed to run `true`")?;
        let direct = start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        env.run_cmd(&nothing).await?;
        let wall = start.elapsed().as_secs_f64() * 1e3;
        added.push(wall - direct);
        ours.push(wall);
        if manager.family() == Family::Conda {
            let start = Instant::now();
            ensure!(tools_run.status().context("Failed to run the tool")?.success(), "`{manager} run` failed");
            theirs.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    figures.push(figure("run, added", median(&mut added), Some(RUN)));
    if !theirs.is_empty() {
        let mut faster: Vec<f64> = theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
        figures.push(figure("run, the tool's own", median(&mut theirs), None));
        figures.push(Figure::new(format!("{manager}: run, times faster"), median(&mut faster), "x", Some(FASTER)));
    }
    Ok(())
}

/// The planned command, by itself.
fn run_bare(invocation: &Invocation, host: &Host) -> Result<()> {
    let mut command = Command::new(&invocation.program);
    command.args(&invocation.args).current_dir(&invocation.folder).env_clear().envs(&host.variables);
    command.envs(invocation.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    let output = command.output().context("Failed to run the bare tool")?;
    if !output.status.success() {
        bail!("the bare tool failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
