//! `cargo xtask fixtures`: what measurements and tests need beyond the Rust toolchain, made from public packages.
//!
//! Everything is cached below `target/fixtures` under a digest of how it is made; what is half made has no mark.

use std::path::Path;

use anyhow::Result;

pub mod data_juicer;

/// Arguments of `cargo xtask fixtures`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to make
    #[arg(value_enum)]
    what: What,
}

/// Sets of fixtures.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum What {
    /// Data-Juicer in an environment of its own (some gigabytes)
    DataJuicer,
}

/// Makes them and says where they are.
///
/// # Errors
/// No uv and no Python to get it with; a package that cannot be fetched.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    let What::DataJuicer = args.what;
    println!("{}", data_juicer::environment(root)?.display());
    Ok(true)
}
