//! `cargo xtask fixtures`: what tests need beyond the Rust toolchain, made from public packages and the machine's own Python.
//!
//! For the environment manager: uv, virtualenv, micromamba, a folder of wheels, and a conda channel that is a folder. Everything is
//! cached below `target/fixtures` under a digest of how it is made; what is half made has no final name. A tool that is on PATH
//! is used in place of ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

pub mod browser;
mod channel;
pub mod data_juicer;
mod micromamba;
mod package;
pub mod packages;
pub mod prometheus;
mod python;

/// Tools from the Python index, of one version each.
const TOOLS: [&str; 3] = ["uv==0.13.9", "virtualenv==21.15.8", "patchelf"];
/// Packages that the tests install, and those that bring them there.
const WHEELS: [&str; 5] = ["pip==26.3", "setuptools==84.2.1", "wheel==0.48.0", "iniconfig==2.3.1", "six==1.17.0"];
/// Raised when the making changes without a change of the lists above.
const RECIPE: u32 = 1;

/// Arguments of `cargo xtask fixtures`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to make
    #[arg(value_enum, default_value = "env")]
    what: What,
}

/// Sets of fixtures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Tools, wheels and a channel for the environment manager
    Env,
    /// Chromium, and the packages that drive it
    Browser,
    /// Data-Juicer in an environment of its own (some gigabytes)
    DataJuicer,
    /// Prometheus, promtool, the Pushgateway, and a strict reader of OpenMetrics
    Prometheus,
}

/// The fixtures of the environment manager.
#[derive(Debug, Clone)]
pub struct EnvFixtures {
    /// The folder with `bin`, `wheels` and `channel`.
    pub folder: PathBuf,
    /// Tools that stand in `bin`, which no test may skip.
    pub installed: Vec<&'static str>,
    /// What could not be made, and why.
    pub missing: Vec<(&'static str, String)>,
}

/// Makes them and says where they are: true when nothing is missing.
///
/// # Errors
/// No Python; a package that cannot be fetched or is not the one expected.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    if args.what == What::DataJuicer {
        println!("{}", data_juicer::environment(root)?.display());
        return Ok(true);
    }
    if args.what == What::Prometheus {
        let made = prometheus::make(root)?;
        for tool in [&made.prometheus, &made.promtool, &made.pushgateway, &made.python].into_iter().flatten() {
            println!("{}", tool.display());
        }
        for (what, why) in &made.missing {
            println!("  MISSING {what}: {why}");
        }
        return Ok(made.missing.is_empty());
    }
    if args.what == What::Browser {
        let made = browser(root)?;
        match &made {
            Ok(browser) => println!("{}\n  {}", browser.folder.display(), browser.program.display()),
            Err(why) => println!("  MISSING browser: {why}"),
        }
        return Ok(made.is_ok());
    }
    let fixtures = env(root)?;
    println!("{}", fixtures.folder.display());
    for tool in &fixtures.installed {
        println!("  {tool}");
    }
    for (what, why) in &fixtures.missing {
        println!("  MISSING {what}: {why}");
    }
    Ok(fixtures.missing.is_empty())
}

/// The browser and its packages, or why there are none.
///
/// # Errors
/// As [`browser::make`].
pub fn browser(root: &Path) -> Result<std::result::Result<browser::Browser, String>> {
    browser::make(root, &target(root))
}

/// Cargo's folder.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}

/// The fixtures of the environment manager, made where they are missing.
///
/// # Errors
/// As [`run`].
pub fn env(root: &Path) -> Result<EnvFixtures> {
    let python = python::find()?;
    let key = format!("{RECIPE} {TOOLS:?} {WHEELS:?} {} {} {}", micromamba::PACKAGE, micromamba::SHA256, python.identity());
    let digest = hex(&Sha256::digest(key.as_bytes()));
    let folder = target(root).join("fixtures").join(format!("env-{}", digest.get(..16).unwrap_or(&digest)));
    std::fs::create_dir_all(&folder).with_context(|| format!("Failed to make the folder `{}`", folder.display()))?;
    let lock = std::fs::File::create(folder.join("lock")).context("Failed to make the lock of the fixtures")?;
    lock.lock().context("Failed to lock the fixtures")?;
    let mut fixtures = EnvFixtures { folder: folder.clone(), installed: Vec::new(), missing: Vec::new() };
    // Paths are written into the folder of tools, so it is made in place and complete only with its mark.
    once(&folder, "tools", |path| tools(&python, path))?;
    for name in ["uv", "virtualenv", "patchelf"] {
        link(&folder.join("tools/bin").join(name), &folder.join("bin").join(name))?;
        fixtures.installed.push(name);
    }
    once(&folder, "wheels", |path| wheels(&python, path))?;
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        once(&folder, "micromamba", |path| micromamba::make(&python, path))?;
        // mamba from 2.0 on is the same program under another name.
        for name in ["micromamba", "mamba"] {
            link(&folder.join("micromamba/micromamba"), &folder.join("bin").join(name))?;
            fixtures.installed.push(name);
        }
        once(&folder, "channel", |path| channel::make(&python, &folder.join("bin/patchelf"), &folder.join("wheels"), path))?;
    } else {
        fixtures.missing.push(("micromamba", "only its build for Linux on x86-64 is known here".to_owned()));
    }
    Ok(fixtures)
}

/// Makes `folder/name` unless its mark says that it is complete.
fn once(folder: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let (path, mark) = (folder.join(name), folder.join(format!("{name}.complete")));
    if mark.exists() {
        return Ok(());
    }
    eprintln!("making {name}");
    if path.exists() {
        std::fs::remove_dir_all(&path).with_context(|| format!("Failed to remove `{}`", path.display()))?;
    }
    std::fs::create_dir_all(&path).with_context(|| format!("Failed to make the folder `{}`", path.display()))?;
    make(&path).with_context(|| format!("Failed to make the fixture `{name}`"))?;
    std::fs::write(&mark, "").with_context(|| format!("Failed to write `{}`", mark.display()))
}

fn tools(python: &python::Python, path: &Path) -> Result<()> {
    said(Command::new(&python.executable).args(["-I", "-m", "venv"]).arg(path))?;
    let pip = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"];
    said(Command::new(path.join("bin/python")).args(pip).args(TOOLS))?;
    Ok(())
}

fn wheels(python: &python::Python, path: &Path) -> Result<()> {
    let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:", "-d"];
    said(Command::new(&python.executable).args(pip).arg(path).args(WHEELS))?;
    Ok(())
}

/// A link, made anew.
fn link(target: &Path, path: &Path) -> Result<()> {
    ensure!(target.exists(), "`{}` is missing", target.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("Failed to make the folder `{}`", folder.display()))?;
    }
    if path.symlink_metadata().is_ok() {
        std::fs::remove_file(path).with_context(|| format!("Failed to remove `{}`", path.display()))?;
    }
    std::os::unix::fs::symlink(target, path).with_context(|| format!("Failed to link `{}`", path.display()))
}

/// Runs a command to its end and gives what it wrote; what it complained of is the error.
fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("Failed to start `{}`", command.get_program().display()))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", command.get_program().display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
