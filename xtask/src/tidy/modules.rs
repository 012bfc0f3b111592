//! Modules are named by their file and begin with what they are.

use super::{Finding, Tree};

pub(super) fn no_mod_rs(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "mod.rs"))
        .map(|file| {
            let folder = file.path.parent().unwrap_or(&file.path);
            Finding::new(&file.path, 1, "a module in `mod.rs`", format!("name it `{}.rs`", folder.display()))
        })
        .collect()
}

pub(super) fn docs(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| !file.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!")))
        .map(|file| Finding::new(&file.path, 1, "no `//!` comment at the start", "say in a sentence what the file is for"))
        .collect()
}
