//! Where the conda family keeps environments and packages, without asking a tool: conda takes 0.4 s to answer.

use std::path::{Path, PathBuf};

use crate::host::Host;
use crate::manager::Manager;
use crate::tool::{self, Tool};

/// Folders of environments, the one for new ones first.
pub(super) fn environments(manager: Manager, host: &Host) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = host.path_variable("DJ_SANDBOX_ENVS_DIR").into_iter().collect();
    for name in ["CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"] {
        folders.extend(host.variable(name).into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute()));
    }
    let root = tool::locate(manager, host).ok().and_then(|path| root(&path));
    let mamba = host.path_variable("MAMBA_ROOT_PREFIX");
    let home = host.home();
    let users = home.as_ref().map(|home| home.join(".conda"));
    let micromamba = home.as_ref().map(|home| home.join("micromamba"));
    let roots = match manager {
        Manager::Conda => [root, users, mamba, micromamba],
        Manager::Mamba | Manager::Micromamba => [mamba, root, micromamba, users],
        Manager::Venv | Manager::Virtualenv | Manager::Uv => [None, None, None, None],
    };
    folders.extend(roots.into_iter().flatten().map(|root| root.join("envs")));
    folders
}

/// The installation that a program belongs to: `ROOT/bin/conda` or `ROOT/condabin/conda`.
fn root(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let root = real.parent()?.parent()?;
    root.join("conda-meta").is_dir().then(|| root.to_owned())
}

/// The lock beside the cache of packages. Settings files may name another cache: the lock is then still one for all processes with the
/// same variables, which is what matters.
pub(super) fn cache_lock(tool: &Tool, host: &Host) -> Option<PathBuf> {
    let named = host.variable("CONDA_PKGS_DIRS").and_then(|folders| std::env::split_paths(folders).next());
    let mamba = if tool.is_conda { None } else { host.path_variable("MAMBA_ROOT_PREFIX") };
    let below = |root: PathBuf| root.join("pkgs");
    let users = || {
        let home = host.home()?;
        Some(home.join(if tool.is_conda { ".conda/pkgs" } else { "micromamba/pkgs" }))
    };
    let writable = |folder: &PathBuf| folder.parent().is_some_and(is_writable);
    let folders = [named.filter(|folder| folder.is_absolute()), mamba.map(below), root(&tool.path).map(below), users()];
    let folder = folders.into_iter().flatten().find(writable)?;
    Some(crate::state::beside(&folder, ".dj-sandbox.lock"))
}

/// Whether a file can be made there; folders that are missing can be made.
fn is_writable(folder: &Path) -> bool {
    let existing = folder.ancestors().find(|folder| folder.is_dir());
    existing.and_then(|folder| folder.metadata().ok()).is_some_and(|metadata| !metadata.permissions().readonly())
}
