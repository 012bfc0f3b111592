//! What stands beside an environment: its lock and its marker, and the token inside that ties it to them.
//!
//! An environment cannot be made elsewhere and renamed, because absolute paths are written into it. So it is told apart by what
//! stands beside it: `.NAME.lock`, held while somebody works on it and freed by the system when that process dies, and
//! `.NAME.state`, which says `creating` before the first file is written and `ready` after the last one was proved. Both stand
//! outside because tools wipe the folder. The token inside says which folder the marker means: one that the user made in its place
//! has none and is never touched.

mod lock;
mod marker;

pub(crate) use lock::{Lock, is_held};
pub(crate) use marker::{Marker, Phase, Token, boot_id};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A hidden file beside the environment.
pub(crate) fn beside(prefix: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(prefix.file_name().unwrap_or_default());
    name.push(suffix);
    prefix.with_file_name(name)
}
