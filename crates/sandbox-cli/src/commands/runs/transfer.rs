//! `dj-sandbox runs export` and `runs import`: runs to and from the formats of others.

use std::path::Path;

use sandbox_interop::mlflow::Access;
use sandbox_interop::{Exported, Imported, Importer, InteropError, Meter, Source, csv, dvclive, mlflow, openmetrics, parquet, tensorboard};
use sandbox_watcher::Reader;

use crate::args::runs::RunsArguments;
use crate::commands::stores::{self as places, told};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::progress::Transfer;
use crate::render::transfer as render;

/// Brings runs out.
pub(super) fn export(asked: &RunsArguments, printer: Printer) -> Exit {
    let exported = super::stores(asked).map_err(InteropError::from).and_then(|stores| out(asked, &stores, printer));
    match exported {
        Ok(exported) => {
            if printer.json {
                printer.value(&render::exported_json(&asked.transfer.format, &exported));
            } else {
                printer.talk(render::exported(&asked.transfer.format, &asked.transfer.place, asked.runs.len(), &exported));
            }
            Exit::Done
        }
        Err(error) => told(&error, printer),
    }
}

fn out(asked: &RunsArguments, stores: &[Reader], printer: Printer) -> Result<Exported, InteropError> {
    // All are looked for before the first goes out.
    let mut sources: Vec<Source<'_>> = Vec::new();
    for run in &asked.runs {
        let (reader, uid) = super::resolve(stores, run)?;
        if !sources.iter().any(|source| source.uid() == uid) {
            sources.push(Source::open(reader, &uid)?);
        }
    }
    let transfer = &asked.transfer;
    let mut progress = Transfer::new(Some(sources.iter().map(Source::total).sum()), printer);
    let mut tell = |done| progress.tell(done);
    let meter = &mut Meter::new(&mut tell);
    let place = Path::new(&transfer.place);
    match transfer.format.as_str() {
        "tensorboard" => tensorboard::export(&sources, place, meter),
        "mlflow" => mlflow::export(&sources, &transfer.place, Access::of_environment(), asked.experiment.as_deref(), meter),
        "parquet" => parquet::export(&sources, place, meter),
        "openmetrics" => openmetrics::export(&sources, place, meter),
        "dvclive" => dvclive::export(&sources, place, meter),
        _ => csv::export(&sources, if transfer.wide { csv::Layout::Wide } else { csv::Layout::Long }, place, meter),
    }
}

/// Brings runs in.
pub(super) fn import(asked: &RunsArguments, printer: Printer) -> Exit {
    if asked.stores.len() > 1 {
        printer.error("`--store` is given more than once: runs come into one store");
        return Exit::Usage;
    }
    match into(asked, printer) {
        Ok((imported, store)) => {
            for one in &imported {
                if printer.json {
                    printer.value(&render::imported_json(one, &store));
                } else {
                    printer.talk(render::imported(one, &store));
                }
            }
            Exit::Done
        }
        Err(error) => told(&error, printer),
    }
}

fn into(asked: &RunsArguments, printer: Printer) -> Result<(Vec<Imported>, String), InteropError> {
    let (transfer, path) = (&asked.transfer, Path::new(&asked.transfer.place));
    // Before a store is made for nothing.
    std::fs::metadata(path).map_err(|source| InteropError::Io { action: "read", path: path.to_owned(), source })?;
    let store = asked.stores.first().cloned().unwrap_or_else(|| places::meant(""));
    let mut importer = Importer::open(&store)?;
    importer.project = asked.project.clone().unwrap_or_else(|| places::project(&store));
    importer.experiment = asked.experiment.clone().unwrap_or_default();
    importer.replace = transfer.replace;
    let mut progress = Transfer::new(None, printer);
    let mut tell = |done| progress.tell(done);
    let (meter, name) = (&mut Meter::new(&mut tell), transfer.name.as_deref());
    let imported = match transfer.format.as_str() {
        "tensorboard" => tensorboard::import(&importer, path, name, meter)?,
        _ => csv::import(&importer, path, name, meter)?,
    };
    Ok((imported, store.display().to_string()))
}
