//! The pools that a manipulation reads, and the names that its outputs get from them.

use std::path::{Path, PathBuf};

use sandbox_dataset::{Compression, DatasetError, resolve};

use crate::error::{PoolError, ticked};
use crate::manifest;
use crate::observer::Work;
use crate::paths::Paths;

/// One pool that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    /// The file's name without its suffix.
    pub(crate) base: String,
    /// Which pool it is among all that were named, with those that are missing.
    pub(crate) number: usize,
}

/// The pools that are there, and how many were named.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) there: Vec<Input>,
    pub(crate) named: usize,
}

/// Finds the pools. Those that are missing are named in one warning and left out.
///
/// # Errors
/// When all are missing, or one has a suffix that cannot be read.
pub(crate) fn find(paths: &Paths, work: &Work<'_>) -> Result<Inputs, PoolError> {
    let (mut there, mut missing, mut number) = (Vec::new(), Vec::new(), 0);
    for item in &paths.0 {
        match resolve(std::slice::from_ref(item), &[]) {
            Ok(files) => {
                // What is named itself is meant; a folder or pattern is found again under longer names.
                let given = matches!(files.as_slice(), [only] if only.as_os_str() == item.as_str());
                for path in files.into_iter().filter(|path| given || !manifest::is_by_product(path)) {
                    there.push(Input { base: base_name(&path), path, number });
                    number += 1;
                }
            }
            Err(DatasetError::Missing { .. } | DatasetError::Nothing { .. }) => {
                missing.push(item.clone());
                number += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if there.is_empty() {
        return Err(PoolError::Missing(missing));
    }
    if !missing.is_empty() {
        let (of, verb) = (number, if missing.len() == 1 { "is" } else { "are" });
        work.observer.warning(&format!("{} of {of} inputs {verb} missing and left out: {}", missing.len(), ticked(&missing)));
    }
    Ok(Inputs { there, named: number })
}

/// The file's name without its last extension, and without that of its packing.
pub(crate) fn base_name(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    let name = if Compression::of(path) == Compression::None { name } else { Path::new(name).file_stem().unwrap_or_default() };
    name.to_string_lossy().into_owned()
}

/// The first of some lists of pools in which no pool is there: what [`find`] would say of it, before anything runs.
pub(crate) fn none_there(lists: &[&Paths]) -> Option<PoolError> {
    let is_missing = |item: &String| {
        matches!(resolve(std::slice::from_ref(item), &[]), Err(DatasetError::Missing { .. } | DatasetError::Nothing { .. }))
    };
    let list = lists.iter().find(|list| !list.0.is_empty() && list.0.iter().all(is_missing))?;
    Some(PoolError::Missing(list.0.clone()))
}

/// The longest beginning that all base names share; empty when there is none.
pub(crate) fn common_prefix(inputs: &[Input]) -> String {
    let mut names = inputs.iter().map(|input| input.base.as_str());
    let first = names.next().unwrap_or_default();
    let length = names.fold(first.len(), |length, name| {
        let same = first[..length].char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        same.unwrap_or(length.min(name.len()))
    });
    first[..length].to_owned()
}

/// The same, or `default_prefix`.
pub(crate) fn prefix(inputs: &[Input]) -> String {
    Some(common_prefix(inputs)).filter(|prefix| !prefix.is_empty()).unwrap_or_else(|| "default_prefix".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix_of(names: &[&str]) -> String {
        let inputs: Vec<Input> = names.iter().map(|name| Input { path: PathBuf::new(), base: (*name).to_owned(), number: 0 }).collect();
        prefix(&inputs)
    }

    #[test]
    fn prefixes_are_by_characters() {
        assert_eq!(prefix_of(&["rank_a", "rank_b"]), "rank_");
        assert_eq!(prefix_of(&["rank", "rank_b", "rank_c"]), "rank");
        assert_eq!(prefix_of(&["älä", "älö"]), "äl");
        assert_eq!(prefix_of(&["a", "b"]), "default_prefix");
        assert_eq!(prefix_of(&["alone"]), "alone");
    }

    #[test]
    fn base_names_lose_their_suffix_only() {
        assert_eq!(base_name(Path::new("a/b.c.jsonl")), "b.c");
        assert_eq!(base_name(Path::new("a/b.jsonl.gz")), "b");
        assert_eq!(base_name(Path::new("a/b.c.JSON.Zst")), "b.c");
    }
}
