//! CSV, long (one line a value) and wide (one line a step), and back.
//!
//! Numbers stand with as many digits as it takes to read the same number again: whole ones as `3`, others as `0.5`, `1e-5`, `NaN`, `inf`; truth
//! values as `true`; texts as they are; lists, tables and histograms as JSON. Times are UTC, `2026-11-23T05:40:55.000123Z`.
//!
//! | layout | columns |
//! | --- | --- |
//! | long | `run`, `part`, `name`, `step`, `time`, `value` |
//! | wide | `run`, `part`, `step`, `time`, and one for each name |
//!
//! What was watched at one step, call after call, is one line of the wide layout; a step that comes again later is another line.

mod import;
mod lines;

use std::collections::{BTreeSet, HashMap};
use std::io::{BufWriter, Write};
use std::path::Path;

use sandbox_fs::AtomicFile;

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::rows::Row;
use crate::source::Source;
use crate::time;

pub use import::import;

/// How values are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// One line a value.
    #[default]
    Long,
    /// One line a step.
    Wide,
}

const LONG: [&str; 6] = ["run", "part", "name", "step", "time", "value"];
const WIDE: [&str; 4] = ["run", "part", "step", "time"];

/// Writes runs into one file.
///
/// # Errors
/// A store that cannot be read, a file that cannot be written.
pub fn export(sources: &[Source<'_>], layout: Layout, path: &Path, meter: &mut Meter<'_>) -> Result<Exported, InteropError> {
    let mut exported = Exported { files: vec![path.to_owned()], ..Exported::default() };
    let mut file = BufWriter::with_capacity(256 << 10, AtomicFile::create(path)?);
    match layout {
        Layout::Long => long(sources, &mut file, path, meter, &mut exported)?,
        Layout::Wide => wide(sources, &mut file, path, meter, &mut exported)?,
    }
    let file = file.into_inner().map_err(|error| InteropError::io("write", path)(error.into_error()))?;
    file.commit()?;
    Ok(exported)
}

fn long(
    sources: &[Source<'_>],
    file: &mut impl Write,
    path: &Path,
    meter: &mut Meter<'_>,
    exported: &mut Exported,
) -> Result<(), InteropError> {
    let failed = || InteropError::io("write", path);
    writeln!(file, "{}", LONG.join(",")).map_err(failed())?;
    let (mut row, mut line) = (Row::default(), String::new());
    for source in sources {
        for part in source.watched() {
            let head = format!("{},{},", quoted(source.uid()), quoted(&part.path));
            let names: Vec<String> = part.metrics.iter().map(|metric| quoted(&metric.name)).collect();
            let mut rows = source.rows(part, 0)?;
            while rows.next(&mut row)? {
                let moment = time::text(row.time);
                for (at, cell) in &row.values {
                    line.clear();
                    line.push_str(&head);
                    line.push_str(names.get(*at).map_or("", String::as_str));
                    line.push_str(&format!(",{},{moment},{}\n", row.step, quoted(&cell.text())));
                    file.write_all(line.as_bytes()).map_err(failed())?;
                }
                exported.values += row.values.len() as u64;
                meter.add(row.values.len() as u64);
            }
        }
    }
    Ok(())
}

fn wide(
    sources: &[Source<'_>],
    file: &mut impl Write,
    path: &Path,
    meter: &mut Meter<'_>,
    exported: &mut Exported,
) -> Result<(), InteropError> {
    let failed = || InteropError::io("write", path);
    let names: BTreeSet<&str> =
        sources.iter().flat_map(Source::watched).flat_map(|part| part.metrics.iter().map(|metric| metric.name.as_str())).collect();
    let columns: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    // A metric that is called as one of the first columns.
    let column = |name: &str| {
        let mut column = name.to_owned();
        while WIDE.contains(&column.as_str()) || (column != name && names.contains(column.as_str())) {
            column.push_str("_value");
        }
        column
    };
    let mut heading = WIDE.join(",");
    for name in &names {
        let column = column(name);
        exported.rename(name, &column);
        heading.push(',');
        heading.push_str(&quoted(&column));
    }
    writeln!(file, "{heading}").map_err(failed())?;
    let mut row = Row::default();
    for source in sources {
        for part in source.watched() {
            let head = format!("{},{},", quoted(source.uid()), quoted(&part.path));
            let places: Vec<usize> =
                part.metrics.iter().map(|metric| columns.get(metric.name.as_str()).copied().unwrap_or_default()).collect();
            let mut line = Line { step: 0, time: 0, cells: vec![None; names.len()], is_empty: true };
            let mut rows = source.rows(part, 0)?;
            while rows.next(&mut row)? {
                let place = |at: &usize| places.get(*at).copied().unwrap_or_default();
                let is_taken = row.values.iter().any(|(at, _)| line.cells.get(place(at)).is_some_and(Option::is_some));
                if !line.is_empty && (is_taken || line.step != row.step) {
                    line.write(&head, file).map_err(failed())?;
                }
                if line.is_empty {
                    (line.step, line.time, line.is_empty) = (row.step, row.time, false);
                }
                for (at, cell) in &row.values {
                    if let Some(taken) = line.cells.get_mut(place(at)) {
                        // A text that is empty is not the same as none.
                        let text = cell.text();
                        *taken = Some(if text.is_empty() { "\"\"".to_owned() } else { quoted(&text) });
                    }
                }
                exported.values += row.values.len() as u64;
                meter.add(row.values.len() as u64);
            }
            if !line.is_empty {
                line.write(&head, file).map_err(failed())?;
            }
        }
    }
    Ok(())
}

/// A line of the wide layout that is being filled.
struct Line {
    step: i64,
    time: i64,
    cells: Vec<Option<String>>,
    is_empty: bool,
}

impl Line {
    fn write(&mut self, head: &str, file: &mut impl Write) -> std::io::Result<()> {
        let mut text = format!("{head}{},{}", self.step, time::text(self.time));
        for cell in &mut self.cells {
            text.push(',');
            text.push_str(cell.take().as_deref().unwrap_or_default());
        }
        text.push('\n');
        self.is_empty = true;
        file.write_all(text.as_bytes())
    }
}

/// A text as one field.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
