//! What a misspelt path probably meant.

use std::path::{Path, PathBuf};

/// What stands beside a missing path under the most similar name; when its folder is missing too, what stands beside that.
pub(super) fn nearest_sibling(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let folder = path.parent()?;
    let start = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !start.is_dir() {
        return nearest_sibling(folder);
    }
    let allowed = (name.chars().count() / 3).max(1);
    let siblings = start.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.file_name()));
    let near = siblings
        .map(|sibling| (distance(&name, &sibling.to_string_lossy().to_lowercase()), sibling))
        .filter(|(distance, _)| *distance <= allowed)
        .min()?;
    Some(folder.join(near.1))
}

/// How many characters must be changed, added or taken out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}
