//! Names that no tool misreads, and the places they stand for.
//!
//! conda accepts `.` and makes the folder of all environments one, micromamba accepts `-x` and a colon, venv refuses a colon and
//! uv makes an environment with a broken PATH of it. All of them get an absolute path from us, and these checks before.

use std::path::{Component, Path, PathBuf};

use crate::error::EnvError;
use crate::manager::{Family, Manager};

/// Characters that conda keeps for itself.
const CONDA_RESERVED: [char; 4] = ['/', ':', '#', ' '];

/// The absolute path that `name` stands for. For conda, mamba and micromamba a name without `/` is one of `folders`: the first that
/// has it, else the first; everything else is a path from `here` on.
pub(crate) fn locate(manager: Manager, name: &str, here: &Path, folders: &[PathBuf]) -> Result<PathBuf, EnvError> {
    let bad = |reason: &str| EnvError::BadName { name: name.to_owned(), reason: reason.to_owned() };
    if name.is_empty() {
        return Err(bad("it is empty"));
    }
    if name.starts_with('-') {
        return Err(bad("it begins with `-` and would be read as an option"));
    }
    if name.chars().any(char::is_control) {
        return Err(bad("it holds a control character"));
    }
    let is_label = manager.family() == Family::Conda && !name.contains('/');
    if is_label {
        if matches!(name, "." | "..") {
            return Err(bad("it stands for a folder that is there; give a path with `/` to make an environment there"));
        }
        if matches!(name, "base" | "root") {
            return Err(bad("it is conda's own environment"));
        }
        if let Some(reserved) = name.chars().find(|character| CONDA_RESERVED.contains(character)) {
            return Err(bad(&format!("it holds `{reserved}`")));
        }
    }
    let path = if is_label {
        let has = folders.iter().map(|folder| folder.join(name)).find(|path| path.symlink_metadata().is_ok());
        let first = || folders.first().map(|folder| folder.join(name));
        has.or_else(first).ok_or_else(|| bad("there is no folder for environments; give a path"))?
    } else {
        here.join(name)
    };
    let path = plain(&path);
    if path.to_string_lossy().contains(':') {
        return Err(bad("its path holds `:`, which separates the folders of PATH"));
    }
    let Some(last) = path.file_name() else { return Err(bad("it is the root of the file system")) };
    if last.as_encoded_bytes().starts_with(b"-") {
        return Err(bad("its last part begins with `-` and would be read as an option"));
    }
    if plain(here).starts_with(&path) {
        return Err(bad("it is the folder that you are in, or one above it"));
    }
    // The folders above may be links; the environment itself must not be resolved, or a broken link would hide what stands there.
    let above = path.parent().and_then(|above| above.canonicalize().ok());
    Ok(above.map_or_else(|| path.clone(), |above| above.join(last)))
}

/// Without `.` and `..`, by the text alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(manager: Manager, name: &str) -> Result<PathBuf, String> {
        locate(manager, name, Path::new("/nowhere/x"), &["/envs".into()]).map_err(|error| error.to_string())
    }

    #[test]
    fn labels_of_the_conda_family_are_strict() {
        assert_eq!(of(Manager::Conda, "a.b-c_1").unwrap(), Path::new("/envs/a.b-c_1"));
        assert_eq!(of(Manager::Micromamba, "./a b").unwrap(), Path::new("/nowhere/x/a b"));
        for name in ["", ".", "..", "-x", "a b", "a:b", "a#b", "base", "a\nb", "/", "./..", "p/-x", "./a:b"] {
            assert!(of(Manager::Conda, name).unwrap_err().starts_with(&format!("`{name}` is not usable")), "{name}");
        }
    }

    #[test]
    fn names_of_the_venv_family_are_paths() {
        assert_eq!(of(Manager::Uv, "my env").unwrap(), Path::new("/nowhere/x/my env"));
        assert_eq!(of(Manager::Venv, "a/../b/./c").unwrap(), Path::new("/nowhere/x/b/c"));
        assert_eq!(of(Manager::Venv, "base").unwrap(), Path::new("/nowhere/x/base"));
        for name in ["", ".", "-x", "a:b", "a\0b", "/", "../.."] {
            assert!(of(Manager::Venv, name).is_err(), "{name}");
        }
    }
}
