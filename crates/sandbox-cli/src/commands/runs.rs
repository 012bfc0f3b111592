//! `dj-sandbox runs`: what is kept of runs.

mod transfer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox_watcher::reader::{RunFilter, SortBy};
use sandbox_watcher::{Reader, STORE_FILE, STORE_FOLDER, Status, WatchError, Watcher};
use serde_json::json;

use crate::args::Arguments;
use crate::args::runs::RunsArguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render::runs as render;

use super::stores::OUTPUTS;

/// How often a run that is followed is looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// Does what `runs` is asked for.
pub fn runs(arguments: &Arguments, printer: Printer) -> Exit {
    let Some(asked) = &arguments.runs else { return Exit::Usage };
    let done = match asked.verb.as_str() {
        "export" => return transfer::export(asked, printer),
        "import" => return transfer::import(asked, printer),
        "show" => show(asked, printer),
        "compare" => compare(asked, printer),
        "tail" => tail(asked, printer),
        "rm" => remove(asked, printer),
        _ => list(asked, printer),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            printer.error(format!("{}{hint}", sandbox_core::chain(&error)));
            match error {
                WatchError::Io { .. } | WatchError::Fs(_) | WatchError::Database { .. } => Exit::Failed,
                _ => Exit::Usage,
            }
        }
    }
}

/// The stores that are meant, with what processes that are gone have left beside them brought in.
fn stores(asked: &RunsArguments) -> Result<Vec<Reader>, WatchError> {
    let paths = if asked.stores.is_empty() { found() } else { asked.stores.clone() };
    if paths.is_empty() {
        return Err(WatchError::Missing { path: Path::new(OUTPUTS).join(STORE_FOLDER).join(STORE_FILE) });
    }
    let open = |path: &PathBuf| {
        // Where that cannot be done now, what is in the store can be shown all the same.
        let _ = Watcher::recover(path);
        Reader::open(path)
    };
    paths.iter().map(open).collect()
}

/// The stores in the usual places.
fn found() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::new(), PathBuf::from(OUTPUTS)];
    let mut projects: Vec<PathBuf> =
        std::fs::read_dir(OUTPUTS).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect();
    projects.sort();
    folders.append(&mut projects);
    folders.into_iter().map(sandbox_watcher::store_path).filter(|path| path.is_file()).collect()
}

/// The store that has a run, and the run's whole name.
fn resolve<'r>(stores: &'r [Reader], run: &str) -> Result<(&'r Reader, String), WatchError> {
    if run == "latest" {
        let latest = |reader: &'r Reader| -> Option<(&'r Reader, i64, String)> {
            let uid = reader.resolve(run).ok()?;
            Some((reader, reader.run(&uid).ok()?.started, uid))
        };
        let found = stores.iter().filter_map(latest).max_by_key(|(_, started, _)| *started);
        return found.map(|(reader, _, uid)| (reader, uid)).ok_or_else(|| WatchError::UnknownRun { run: run.to_owned(), near: None });
    }
    let mut missing = None;
    for reader in stores {
        match reader.resolve(run) {
            Ok(uid) => return Ok((reader, uid)),
            // A near miss in one of the stores is worth telling.
            Err(error @ WatchError::UnknownRun { near: Some(_), .. }) => missing = Some(error),
            Err(WatchError::UnknownRun { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Err(missing.unwrap_or_else(|| WatchError::UnknownRun { run: run.to_owned(), near: None }))
}

fn list(asked: &RunsArguments, printer: Printer) -> Result<(), WatchError> {
    let stores = match stores(asked) {
        // Nothing there yet is an empty list, unless it was asked for by name.
        Err(WatchError::Missing { .. }) if asked.stores.is_empty() => Vec::new(),
        stores => stores?,
    };
    let sort = match asked.sort.as_deref() {
        None | Some("started") => SortBy::Started,
        Some("name") => SortBy::Name,
        Some("seconds") => SortBy::Seconds,
        Some("status") => SortBy::Status,
        Some(metric) => SortBy::Metric(metric.to_owned()),
    };
    let filter = RunFilter {
        statuses: asked.statuses.iter().map(|name| Status::of_name(name)).collect(),
        project: asked.project.clone(),
        experiment: asked.experiment.clone(),
        tags: asked.tags.clone(),
        text: asked.text.clone(),
        sort,
        ascending: asked.reverse,
        limit: asked.limit,
        metrics: true,
        ..RunFilter::default()
    };
    let mut runs = Vec::new();
    for reader in &stores {
        runs.extend(reader.runs(&filter)?);
    }
    if stores.len() > 1 && filter.sort == SortBy::Started {
        runs.sort_by_key(|run| if asked.reverse { run.started } else { -run.started });
        runs.truncate(if asked.limit == 0 { usize::MAX } else { asked.limit });
    }
    if printer.json {
        runs.iter().for_each(|run| printer.value(run));
    } else if runs.is_empty() {
        printer.talk("no runs");
    } else {
        printer.data(render::list(&runs));
    }
    Ok(())
}

fn show(asked: &RunsArguments, printer: Printer) -> Result<(), WatchError> {
    let stores = stores(asked)?;
    for run in &asked.runs {
        let (reader, uid) = resolve(&stores, run)?;
        let filter = RunFilter { metrics: true, levels: sandbox_watcher::Level::ALL.to_vec(), ..RunFilter::default() };
        let metrics = reader.runs(&filter)?.into_iter().find(|run| run.uid == uid).map(|run| run.metrics).unwrap_or_default();
        let (tree, operators, lineage) = (reader.tree(&uid)?, reader.operators(&uid)?, reader.lineage(&uid)?);
        if printer.json {
            let configs = reader.configs(&uid)?;
            printer.value(&json!({
                "run": tree, "metrics": metrics, "operators": operators, "lineage": lineage, "configs": configs,
                "bad_rows": reader.bad_rows(&uid, 0, 1000)?, "pools": reader.pools(&uid)?,
            }));
        } else {
            printer.data(render::show(&tree, &metrics, &operators));
        }
    }
    Ok(())
}

fn compare(asked: &RunsArguments, printer: Printer) -> Result<(), WatchError> {
    let stores = stores(asked)?;
    let mut runs = Vec::new();
    let mut configs = Vec::new();
    for run in &asked.runs {
        let (reader, uid) = resolve(&stores, run)?;
        let filter = RunFilter { metrics: true, levels: sandbox_watcher::Level::ALL.to_vec(), ..RunFilter::default() };
        let mut info = reader.run(&uid)?;
        info.metrics = reader.runs(&filter)?.into_iter().find(|run| run.uid == uid).map(|run| run.metrics).unwrap_or_default();
        configs.push(reader.configs(&uid)?);
        runs.push(info);
    }
    let rows: Vec<_> = sandbox_watcher::reader::compare_configs(&configs).into_iter().filter(|row| asked.all || row.differs).collect();
    if printer.json {
        printer.value(&json!({"runs": runs, "configs": rows}));
    } else {
        printer.data(render::compare(&runs, &rows, asked.all));
    }
    Ok(())
}

fn tail(asked: &RunsArguments, printer: Printer) -> Result<(), WatchError> {
    let stores = stores(asked)?;
    for run in &asked.runs {
        let (reader, uid) = resolve(&stores, run)?;
        let mut lines = reader.log(&uid, None, asked.limit)?;
        loop {
            for line in &lines {
                if printer.json {
                    printer.value(line);
                } else {
                    printer.data(format!("{:>7}  {}", line.stream, line.text));
                }
            }
            if !asked.follow || reader.run(&uid)?.status != Status::Running {
                break;
            }
            let after = lines.last().map(|line| line.id);
            std::thread::sleep(PERIOD);
            lines = reader.log(&uid, Some(after.unwrap_or(0)), usize::MAX)?;
        }
    }
    Ok(())
}

fn remove(asked: &RunsArguments, printer: Printer) -> Result<(), WatchError> {
    let stores = stores(asked)?;
    // All are looked for before one is removed.
    let found: Vec<(&Reader, String)> = asked.runs.iter().map(|run| resolve(&stores, run)).collect::<Result<_, _>>()?;
    let mut removed = 0;
    for reader in &stores {
        let own: Vec<String> = found.iter().filter(|(of, _)| std::ptr::eq(*of, reader)).map(|(_, uid)| uid.clone()).collect();
        if !own.is_empty() {
            Watcher::remove(reader.path(), &own)?;
            removed += own.len();
        }
    }
    if printer.json {
        printer.value(&json!({"removed": found.iter().map(|(_, uid)| uid).collect::<Vec<_>>()}));
    } else {
        printer.talk(format!("{removed} {} removed", if removed == 1 { "run" } else { "runs" }));
    }
    Ok(())
}
