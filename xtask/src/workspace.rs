//! Where the workspace stands.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The folder of the workspace: the nearest one, from the current folder upwards, whose `Cargo.toml` has `[workspace]`.
///
/// # Errors
/// A current folder outside of any workspace.
pub fn root() -> Result<PathBuf> {
    let start = std::env::current_dir().context("Failed to find the current folder")?;
    for folder in start.ancestors() {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        if manifest.lines().any(|line| line.trim() == "[workspace]") {
            return Ok(folder.to_owned());
        }
    }
    bail!("`{}` is in no Cargo workspace; run this inside the project", start.display())
}
