//! Runs into event files.

use std::io::{BufWriter, Write};
use std::path::Path;

use sandbox_fs::AtomicFile;
use sandbox_watcher::{Histogram, Kind};

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::rows::{Cell, Row};
use crate::source::{Part, Source};

use super::proto::Writer;
use super::{event, record};

/// Writes each part of each run into a folder of its own below `folder`: `RUN/PART/events.out.tfevents.SECONDS.dj-sandbox`. TensorBoard shows such
/// a folder as a run.
///
/// # Errors
/// A store that cannot be read, a file that cannot be written.
pub fn export(sources: &[Source<'_>], folder: &Path, meter: &mut Meter<'_>) -> Result<Exported, InteropError> {
    let mut exported = Exported::default();
    for source in sources {
        for part in source.watched() {
            let mut place = folder.join(crate::source::file_name(source.uid()));
            place.extend(part.path.split('/').filter(|step| !step.is_empty()));
            let path = place.join(format!("events.out.tfevents.{:010}.dj-sandbox", part.info.started.div_euclid(1_000_000)));
            write(source, part, &path, meter, &mut exported)?;
            exported.files.push(path);
        }
    }
    Ok(exported)
}

fn write(source: &Source<'_>, part: &Part, path: &Path, meter: &mut Meter<'_>, exported: &mut Exported) -> Result<(), InteropError> {
    let failed = || InteropError::io("write", path);
    let seconds = |micros: i64| micros as f64 / 1e6;
    let mut file = BufWriter::with_capacity(256 << 10, AtomicFile::create(path)?);
    record::write(&mut file, &event::version(seconds(part.info.started))).map_err(failed())?;
    let (mut row, mut values) = (Row::default(), Writer::default());
    let mut rows = source.rows(part, 0)?;
    while rows.next(&mut row)? {
        values.0.clear();
        for (at, cell) in &row.values {
            let Some(metric) = part.metrics.get(*at) else { continue };
            add(&mut values, &metric.name, cell, exported);
        }
        if !values.0.is_empty() {
            record::write(&mut file, &event::event(seconds(row.time), row.step, &values.0)).map_err(failed())?;
        }
        meter.add(row.values.len() as u64);
    }
    file.flush().map_err(failed())?;
    let file = file.into_inner().map_err(|error| InteropError::io("write", path)(error.into_error()))?;
    file.commit()?;
    Ok(())
}

fn add(values: &mut Writer, tag: &str, cell: &Cell, exported: &mut Exported) {
    match cell {
        Cell::Number(number) => {
            let number = number.as_f64();
            let single = number as f32;
            exported.rounded += u64::from(!number.is_nan() && f64::from(single) != number);
            event::scalar(values, tag, single);
        }
        Cell::Item(Kind::Text | Kind::Json, _) => event::text(values, tag, &cell.text()),
        Cell::Item(Kind::Histogram, value) => match serde_json::from_value::<Histogram>(value.clone()) {
            Ok(histogram) => event::histogram(values, tag, &histogram),
            Err(_) => return exported.leave_out("histograms that cannot be read", 1),
        },
        Cell::Item(Kind::Table, _) => return exported.leave_out("tables", 1),
        Cell::Item(..) => return exported.leave_out("empty values", 1),
    }
    exported.values += 1;
}
