//! The iteration's directory in a path.

use serde_json::Value;

/// The path of iteration `iteration`: a pure function, so that every iteration starts from the pristine path.
///
/// A path whose last part contains a dot that is not its first character is a file and moves into the iteration's
/// directory; anything else is a directory that gets it below.
///
/// ```
/// use sandbox_core::iteration_path;
/// assert_eq!(iteration_path("a/b/d.jsonl", 2), "a/b/iter_2/d.jsonl");
/// assert_eq!(iteration_path("a/b", 1), "a/b/iter_1");
/// assert_eq!(iteration_path("a/.hidden", 1), "a/.hidden/iter_1");
/// assert_eq!(iteration_path("a/b.d/", 1), "a/b.d/iter_1");
/// ```
pub fn iteration_path(path: &str, iteration: u64) -> String {
    let (folder, name) = path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1));
    if name != ".." && name.char_indices().any(|(position, character)| character == '.' && position > 0) {
        return format!("{folder}iter_{iteration}/{name}");
    }
    let separator = if name.is_empty() { "" } else { "/" };
    format!("{path}{separator}iter_{iteration}")
}

/// The same for a value: a path, or a list of paths element by element. Anything else stays as it is.
pub(crate) fn iteration_value(value: &mut Value, iteration: u64) {
    match value {
        Value::String(path) => *path = iteration_path(path, iteration),
        Value::Array(items) => items.iter_mut().filter(|item| item.is_string()).for_each(|item| iteration_value(item, iteration)),
        _ => {}
    }
}

/// The folder in which a path stands, as text.
pub(crate) fn parent(path: &str) -> String {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        Some(0) => "/".to_owned(),
        Some(slash) => path[..slash].to_owned(),
        None => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_and_folders_are_told_apart_by_the_dot() {
        for (path, expected) in [
            ("d.jsonl", "iter_3/d.jsonl"),
            ("./d.jsonl", "./iter_3/d.jsonl"),
            ("/a/v1.5", "/a/iter_3/v1.5"),
            ("/a/.x.y", "/a/iter_3/.x.y"),
            ("a", "a/iter_3"),
            ("a/", "a/iter_3"),
            (".", "./iter_3"),
            ("..", "../iter_3"),
            ("", "iter_3"),
            ("a.b/c", "a.b/c/iter_3"),
        ] {
            assert_eq!(iteration_path(path, 3), expected, "{path:?}");
        }
    }

    #[test]
    fn lists_are_mapped_element_by_element() {
        let mut value = json!(["a", "b.json", 3]);
        iteration_value(&mut value, 1);
        assert_eq!(value, json!(["a/iter_1", "iter_1/b.json", 3]));
    }

    #[test]
    fn a_bare_name_stands_in_the_current_folder() {
        assert_eq!((parent("a.jsonl"), parent("out/a.jsonl"), parent("/a")), (".".into(), "out".into(), "/".into()));
    }
}
