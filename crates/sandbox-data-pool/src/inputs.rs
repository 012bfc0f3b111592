//! The pools that a manipulation reads, and the names that its outputs get from them.

use std::path::{Path, PathBuf};

use sandbox_dataset::{DatasetError, resolve};

use crate::error::{PoolError, ticked};
use crate::manifest;
use crate::observer::Work;
use crate::paths::Paths;

/// One pool that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    /// The file's name without its last extension.
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
                let given = Path::new(item).is_file();
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

/// The file's name without its last extension.
pub(crate) fn base_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
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
    fn base_names_lose_their_last_extension_only() {
        assert_eq!(base_name(Path::new("a/b.c.jsonl")), "b.c");
        assert_eq!(base_name(Path::new("a/b.jsonl.gz")), "b.jsonl");
    }
}
