//! Where Data-Juicer is, for operators that are not native.

use std::path::{Path, PathBuf};

use sandbox_document::{KeyPath, Problem};
use sandbox_ops::Operator;

use super::{Finding, Keys, Step};

/// The variable that names an environment with Data-Juicer.
const VARIABLE: &str = "DJ_SANDBOX_DATA_JUICER_ENV";
/// Where one is looked for when none is named, below the home folder.
const USUAL: &str = ".cache/dj-sandbox/data-juicer";
const PROGRAM: &str = "dj-process";

/// The program `dj-process`, if the recipe needs it; where it is missing, a finding tells which operators need it.
pub(super) fn program(keys: &mut Keys<'_>, steps: &[Step]) -> Option<PathBuf> {
    let named = keys.optional_text("data_juicer_env").map(PathBuf::from);
    let needing: Vec<(usize, &str)> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step.operator, Operator::Elsewhere(_)))
        .map(|(index, step)| (index, step.name()))
        .collect();
    let (first, name) = *needing.first()?;
    let is_named = named.is_some();
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(USUAL));
    let environments: Vec<PathBuf> = match named {
        Some(named) => vec![named],
        None => std::env::var_os(VARIABLE).map(PathBuf::from).into_iter().chain(home.clone()).collect(),
    };
    let in_environment = environments.iter().map(|environment| environment.join("bin").join(PROGRAM)).find(|program| program.is_file());
    let on_path = || {
        let path = std::env::var_os("PATH").filter(|_| !is_named)?;
        std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
    };
    if let Some(program) = in_environment.or_else(on_path) {
        return std::path::absolute(program).ok();
    }
    let looked = environments.iter().map(|environment| format!("`{}`", environment.display())).collect::<Vec<_>>().join(", ");
    let names = needing.iter().map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let elsewhere = if is_named { "" } else { " and PATH" };
    let problem =
        Problem::error(format!("{names} run in Data-Juicer itself, and there is none: looked for `{PROGRAM}` in {looked}{elsewhere}"))
            .hint(format!(
                "`dj-sandbox env create --manager uv --name ~/{USUAL} --python 3.11` and \
             `dj-sandbox env install --manager uv --name ~/{USUAL} py-data-juicer==1.4.6` make one; \
             another is named in `data_juicer_env`"
            ));
    keys.findings.push(Finding { path: KeyPath::root().key("process").index(first).key(name), problem });
    None
}
