//! History for Prometheus: a file that `promtool tsdb create-blocks-from openmetrics FILE DATA_FOLDER` makes blocks of.
//!
//! One family, `sandbox_watched_value`, with the labels `project`, `run`, `part` and `name`: names of metrics are never made of names of users. Prometheus
//! knows times, in milliseconds, and no steps: of several numbers within one millisecond the last one is kept, and numbers that lie before the one
//! ahead of them (a clock that was set back) are left out; both are counted. Texts have no place there.

use std::io::{BufWriter, Write};
use std::path::Path;

use sandbox_fs::AtomicFile;
use sandbox_watcher::reader::Point;

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::source::{Part, Source};

const FAMILY: &str = "sandbox_watched_value";

/// Writes runs into one file.
///
/// # Errors
/// A store that cannot be read, a file that cannot be written.
pub fn export(sources: &[Source<'_>], path: &Path, meter: &mut Meter<'_>) -> Result<Exported, InteropError> {
    let failed = || InteropError::io("write", path);
    let mut exported = Exported { files: vec![path.to_owned()], ..Exported::default() };
    let mut file = BufWriter::with_capacity(256 << 10, AtomicFile::create(path)?);
    write!(file, "# HELP {FAMILY} A number that was watched in a run.\n# TYPE {FAMILY} gauge\n").map_err(failed())?;
    for source in sources {
        for part in source.watched() {
            for metric in part.metrics.iter() {
                exported.leave_out("values that are no numbers", metric.items);
                series(source, part, &metric.name, &mut file, path, meter, &mut exported)?;
            }
        }
    }
    writeln!(file, "# EOF").map_err(failed())?;
    let file = file.into_inner().map_err(|error| InteropError::io("write", path)(error.into_error()))?;
    file.commit()?;
    Ok(exported)
}

fn series(
    source: &Source<'_>,
    part: &Part,
    name: &str,
    file: &mut impl Write,
    path: &Path,
    meter: &mut Meter<'_>,
    exported: &mut Exported,
) -> Result<(), InteropError> {
    let mut labels = format!("project=\"{}\",run=\"{}\",", escaped(&part.info.project), escaped(source.uid()));
    if !part.path.is_empty() {
        labels.push_str(&format!("part=\"{}\",", escaped(&part.path)));
    }
    labels.push_str(&format!("name=\"{}\"", escaped(name)));
    let mut write = |(millis, value): (i64, f64)| {
        writeln!(file, "{FAMILY}{{{labels}}} {} {}", number(value), seconds(millis)).map_err(InteropError::io("write", path))
    };
    let mut held: Option<(i64, f64)> = None;
    let mut next = Some(0);
    while let Some(from) = next {
        let page = source.reader.points(&part.info.uid, name, from, 4096)?;
        meter.add(page.points.len() as u64);
        for Point { time, value, .. } in page.points {
            let one = (time.div_euclid(1000), value.as_f64());
            match held {
                Some((last, _)) if one.0 < last => exported.leave_out("numbers that lie before the one ahead of them in time", 1),
                Some((last, _)) if one.0 == last => {
                    exported.leave_out("numbers of a millisecond that has a later one", 1);
                    held = Some(one);
                }
                before => {
                    if let Some(before) = before {
                        write(before)?;
                        exported.values += 1;
                    }
                    held = Some(one);
                }
            }
        }
        next = page.next;
    }
    if let Some(last) = held {
        write(last)?;
        exported.values += 1;
    }
    Ok(())
}

fn number(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        _ if value.is_infinite() => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        _ => format!("{value:?}"),
    }
}

fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    format!("{sign}{}.{:03}", millis / 1000, millis % 1000)
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_labels() {
        assert_eq!([seconds(1_700_000_000_007), seconds(-1500)], ["1700000000.007", "-1.500"]);
        assert_eq!([1e-5, f64::NAN, f64::NEG_INFINITY, 3.0].map(number), ["1e-5", "NaN", "-Inf", "3.0"]);
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
