//! The programs of `external_filter` and `external_mapper`: known to be there before any row is read.

use std::path::Path;

use sandbox_document::{KeyPath, Problem};
use sandbox_ops::Operator;
use sandbox_process::{ProcessError, find_program};

use super::{Finding, Keys, Step};

/// Every program that cannot be started, as the operating system will look for it.
pub(super) fn check(keys: &mut Keys<'_>, steps: &[Step]) {
    let path = std::env::var_os("PATH");
    for (index, step) in steps.iter().enumerate() {
        let Operator::External(external) = &step.operator else { continue };
        let Some(program) = external.command.first() else { continue };
        let at = KeyPath::root().key("process").index(index).key(step.name());
        let folder = external.folder.as_deref().unwrap_or(Path::new("."));
        let (key, problem) = if !folder.is_dir() {
            ("cwd", Problem::error(format!("operator `{}`: Failed to find the folder `{}`", step.name(), folder.display())))
        } else if let Err(error) = find_program(program.as_ref(), path.as_deref(), folder) {
            let hint = match &error {
                ProcessError::NotExecutable { path } => format!("`chmod +x {}`, or name the program that reads it first", path.display()),
                _ if program.contains('/') => format!("the path begins at `{}`", std::path::absolute(folder).unwrap_or_default().display()),
                _ if program.contains(char::is_whitespace) => {
                    "the program and each argument are an item of the list of their own".to_owned()
                }
                _ => "install it, or give its path; PATH was searched".to_owned(),
            };
            ("command", Problem::error(format!("operator `{}`: {error}", step.name())).hint(hint))
        } else {
            continue;
        };
        keys.findings.push(Finding { path: at.key(key), problem });
    }
}
