//! Where runs are kept that come from elsewhere.

use std::path::{Path, PathBuf};

use sandbox_interop::InteropError;
use sandbox_watcher::store_path;

use crate::exit::Exit;
use crate::printer::Printer;

/// Where projects work, when nobody says otherwise.
pub(super) const OUTPUTS: &str = "outputs";

/// The store that is meant by a project's name (`outputs/NAME`), its folder, or the store's file; nothing is the one here.
pub(super) fn meant(text: &str) -> PathBuf {
    let path = Path::new(text);
    if text.is_empty() {
        return store_path(Path::new(""));
    }
    if path.is_file() || path.extension().is_some_and(|extension| extension == "db") {
        return path.to_owned();
    }
    if path.is_dir() || path.components().count() > 1 || text == "." || text == ".." {
        return store_path(path);
    }
    store_path(Path::new(OUTPUTS).join(path))
}

/// The name of the folder that has a store.
pub(super) fn project(store: &Path) -> String {
    let whole = std::path::absolute(store).unwrap_or_else(|_| store.to_owned());
    let folder = whole.parent().and_then(Path::parent).and_then(|folder| folder.canonicalize().ok());
    let name = folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "sandbox".to_owned())
}

/// Tells what kept a run from going out or coming in.
pub(super) fn told(error: &InteropError, printer: Printer) -> Exit {
    let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    printer.error(format!("{}{hint}", sandbox_core::chain(error)));
    if error.is_usage() { Exit::Usage } else { Exit::Failed }
}
