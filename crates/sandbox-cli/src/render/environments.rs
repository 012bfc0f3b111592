//! Python environments: those that were made, and all about one.

use sandbox_env_manager::{Known, Report, Status};

use super::table;

/// A table of environments.
pub fn list(rows: &[(Known, Status)]) -> String {
    let mut lines = table::table(&["name", "manager", "state", "", "path"]);
    for (known, status) in rows {
        let path = known.prefix.display().to_string();
        lines.add_row([known.name.clone(), known.manager.to_string(), status.word().to_owned(), status.detail(), path]);
    }
    table::text(&lines)
}

/// A report, a line for each fact.
pub fn doctor(report: &Report) -> String {
    let detail = report.status.detail();
    let state = if detail.is_empty() { report.status.word().to_owned() } else { format!("{}: {detail}", report.status.word()) };
    let missing = || "none".to_owned();
    let tool = report.tool.as_ref().map_or_else(missing, |tool| format!("{} `{}`", tool.version, tool.path.display()).trim().to_owned());
    let interpreter = report.interpreter.as_ref();
    let python = interpreter.map_or_else(missing, |(path, version, _)| format!("{version} `{}`", path.display()));
    let mut facts = vec![
        ("environment", format!("`{}`", report.prefix.display())),
        ("state", state),
        ("manager", report.manager.to_string()),
        ("program", tool),
        ("interpreter", python),
    ];
    facts.extend(interpreter.map(|(_, _, base)| ("comes from", format!("`{}`", base.display()))));
    facts.extend(report.made_by.as_ref().map(|(path, version)| ("made by", format!("{version} `{}`", path.display()))));
    facts.push(("installs with", report.installer.clone().unwrap_or_else(missing)));
    facts.extend(report.removed.iter().map(|removed| ("taken out", format!("`{}`, which {}", removed.name, removed.why))));
    facts.extend(report.problems.iter().map(|problem| ("problem", problem.clone())));
    facts.iter().map(|(name, value)| format!(" {name:13}  {value}\n")).collect()
}
