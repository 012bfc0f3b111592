//! `cargo xtask tidy`: guards what `ARCHITECTURE.md` promises.
//!
//! A promise that nobody checks is a promise of last month. Each rule here is one file with one function from the [`Tree`] to
//! its [`Finding`]s; [`RULES`] is the list of them. `xtask/tests/tidy.rs` runs them all, so that `cargo test` does too.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;

pub use tree::{Manifest, TextFile, Tree};

mod dependencies;
mod doors;
mod fix;
mod leftovers;
mod modules;
mod places;
mod sizes;
mod tree;
mod versions;

/// Arguments of `cargo xtask tidy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Mend what can be mended without thinking: `mod.rs` files, versions in member manifests
    #[arg(long)]
    fix: bool,
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the workspace's root.
    pub path: PathBuf,
    /// Counted from one.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}; {}", self.path.display(), self.line, self.what, self.hint)
    }
}

impl Finding {
    fn new(path: &Path, line: usize, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), hint: hint.into() }
    }
}

/// What a rule is: its name, what it guards, and how it looks.
pub type Rule = (&'static str, &'static str, fn(&Tree) -> Vec<Finding>);

/// All rules.
pub const RULES: [Rule; 8] = [
    ("dependencies", "a crate uses only the crates that ARCHITECTURE.md allows it", dependencies::check),
    ("versions", "versions, lints and profiles stand in the root Cargo.toml only", versions::check),
    ("sizes", "files are short", sizes::check),
    ("modules", "no mod.rs", modules::no_mod_rs),
    ("docs", "every crate root and module begins with a doc comment", modules::docs),
    ("leftovers", "nothing unfinished in crates", leftovers::check),
    ("doors", "one place prints, one exits, one starts processes", doors::check),
    ("places", "no path of one machine, no host of a registry", places::check),
];

/// Runs the rules over the workspace and prints what they find: true when there is nothing.
///
/// # Errors
/// A tree that cannot be read.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    if args.fix {
        for done in fix::fix(&Tree::read(root)?)? {
            println!("{done}");
        }
    }
    let findings = findings(root)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} rules, nothing found", RULES.len()),
        count => println!("tidy: {count} findings"),
    }
    Ok(findings.is_empty())
}

/// What the rules find in the workspace at `root`, by path and line.
///
/// # Errors
/// A tree that cannot be read; a `Cargo.toml` that does not parse.
pub fn findings(root: &Path) -> Result<Vec<Finding>> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|(_, _, check)| check(&tree)).collect();
    findings.sort();
    findings.dedup();
    Ok(findings)
}
