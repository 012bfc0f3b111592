//! Paths seen from a folder.

use std::path::{Component, Path, PathBuf};

/// A path as it is seen from the folder `start`, as Python's `os.path.relpath` has it: by names alone, links are not
/// followed. What is not absolute counts from `current`.
///
/// ```
/// use sandbox_executors::conversion::relative_path;
/// let seen = |path: &str, start: &str| relative_path(path.as_ref(), start.as_ref(), "/here".as_ref()).display().to_string();
/// assert_eq!(seen("out/a.jsonl", "."), "out/a.jsonl");
/// assert_eq!(seen("./out/../a.jsonl", "out"), "../a.jsonl");
/// assert_eq!(seen("/data/a.jsonl", "out"), "../../data/a.jsonl");
/// assert_eq!(seen("out", "out"), ".");
/// ```
pub fn relative_path(path: &Path, start: &Path, current: &Path) -> PathBuf {
    let (path, start) = (normal(&current.join(path)), normal(&current.join(start)));
    let shared = path.iter().zip(&start).take_while(|(left, right)| left == right).count();
    let mut relative: PathBuf = std::iter::repeat_n("..", start.len() - shared).collect();
    relative.extend(&path[shared..]);
    if relative.as_os_str().is_empty() { ".".into() } else { relative }
}

/// The names on the way down from the root.
fn normal(path: &Path) -> Vec<std::ffi::OsString> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_owned()),
            Component::ParentDir => {
                names.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(path: &str, start: &str) -> String {
        relative_path(path.as_ref(), start.as_ref(), "/a/b".as_ref()).display().to_string()
    }

    #[test]
    fn paths_are_those_of_python() {
        // What CPython's `os.path.relpath` answers in the folder `/a/b`.
        for (path, start, expected) in [
            ("x/y", "", "x/y"),
            ("x/y", "x/", "y"),
            ("x/y", "x/y", "."),
            ("x", "x/y/z", "../.."),
            ("../x", "x", "../../x"),
            ("/a/b/c", ".", "c"),
            ("/", ".", "../.."),
            ("../../../../x", "/", "x"),
            ("x//y/./z/..", ".", "x/y"),
        ] {
            assert_eq!(seen(path, start), expected, "{path} from {start}");
        }
    }

    proptest! {
        #[test]
        fn from_the_start_it_leads_to_the_path(path in "(/?(\\.\\.|\\.|[xyz])){1,6}", start in "/?((\\.\\.|\\.|[xyz])/){0,5}") {
            let current = Path::new("/a/b");
            let relative = relative_path(path.as_ref(), start.as_ref(), current);
            prop_assert!(relative.is_relative());
            let there = normal(&current.join(&start).join(relative));
            prop_assert_eq!(there, normal(&current.join(&path)));
        }
    }
}
