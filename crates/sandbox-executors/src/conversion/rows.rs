//! Rows rewritten, file by file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox_dataset::{
    Chunk, DatasetError, Edits, Ended, ReadOptions, Reader, Reject, RejectLog, Row, RowError, RowWriter, WriteOptions, for_each_chunk,
    write_row,
};
use sandbox_recipe::Progress;

use super::{Conversion, ConversionError, Converted, ConvertedFile, inputs};

/// A form to convert to.
pub(super) struct Form {
    /// What follows the base name in the output's.
    pub(super) suffix: &'static str,
    /// What changes in a row.
    pub(super) convert: fn(&Row<'_>, &mut Edits) -> Result<Place, RowError>,
}

/// Whether the form has a place for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Kept,
    LeftOut,
}

/// What is made of the rows that are kept.
#[derive(Clone, Copy)]
pub(super) enum Output {
    /// They are written with their changes.
    Rows,
    /// They are counted.
    Count,
}

/// Converts each file into one of its own.
pub(super) fn rewrite(conversion: &Conversion<'_>, form: &Form) -> Result<Converted, ConversionError> {
    let inputs = inputs::find(conversion, form.suffix)?;
    let mut pass = Pass::new(conversion, inputs.files.iter().map(|(input, _)| input));
    let mut files = Vec::with_capacity(inputs.files.len());
    for (input, output) in inputs.files {
        files.push(pass.file(input, output, form, Output::Rows)?);
    }
    Ok(Converted { files, missing: inputs.missing })
}

/// A walk over several files.
pub(super) struct Pass<'c> {
    conversion: &'c Conversion<'c>,
    total: u64,
    /// Bytes and rows of the files before this one.
    before: (u64, u64),
}

/// What came of some rows.
#[derive(Default)]
struct Counts {
    rows_in: u64,
    rows_out: u64,
    left_out: u64,
}

/// What came of a chunk.
struct Done {
    bytes: Vec<u8>,
    counts: Counts,
    rejects: Vec<Reject>,
}

/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);

impl<'c> Pass<'c> {
    pub(super) fn new<'f>(conversion: &'c Conversion<'c>, files: impl Iterator<Item = &'f PathBuf>) -> Self {
        let total = files.filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum();
        Self { conversion, total, before: (0, 0) }
    }

    /// One file. With [`Output::Count`] it is read, and only the rows that could not be used are written.
    pub(super) fn file(&mut self, input: PathBuf, output: PathBuf, form: &Form, kind: Output) -> Result<ConvertedFile, ConversionError> {
        let Conversion { threads, observer, .. } = *self.conversion;
        let mut reader = Reader::open(std::slice::from_ref(&input), ReadOptions::default())?;
        let handle = reader.progress_handle();
        let mut writer = match kind {
            Output::Rows => Some(RowWriter::create(&output, WriteOptions::default())?),
            Output::Count => None,
        };
        let rejected_path = rejected_path(&output);
        let mut rejected = RejectLog::create(&rejected_path);
        let (mut all, mut first, mut told) = (Counts::default(), None, Instant::now());
        let ended = for_each_chunk(
            &mut reader,
            threads.max(1),
            &|| observer.stop(),
            Edits::new,
            |edits, chunk| Ok::<_, DatasetError>(convert(chunk, edits, form, kind)),
            |Done { bytes, counts, rejects }| {
                for reject in &rejects {
                    rejected.push(reject)?;
                    observer.rejected(reject);
                    first.get_or_insert_with(|| reject.to_string());
                }
                all.rows_in += counts.rows_in;
                all.rows_out += counts.rows_out;
                all.left_out += counts.left_out;
                if told.elapsed() >= BEAT {
                    told = Instant::now();
                    let (bytes_read, rows) = (self.before.0 + handle.get().bytes_read, self.before.1 + all.rows_in);
                    observer.progress(Progress { bytes_read, bytes_total: self.total, rows, pass: 1, passes: 1 });
                }
                writer.as_mut().map_or(Ok(()), |writer| writer.write_rows(&bytes, counts.rows_out))
            },
        )?;
        if ended == Ended::Stopped {
            return Err(ConversionError::Stopped);
        }
        if let Some(first) = first.filter(|_| all.rows_out == 0 && all.left_out == 0) {
            return Err(ConversionError::NoRow { input, rows: all.rows_in, first });
        }
        writer.map(RowWriter::finish).transpose()?;
        let rejected = rejected.finish()?;
        self.before = (self.before.0 + handle.get().bytes_read, self.before.1 + all.rows_in);
        observer.progress(Progress { bytes_read: self.before.0, bytes_total: self.total, rows: self.before.1, pass: 1, passes: 1 });
        Ok(ConvertedFile {
            input,
            output,
            rows_in: all.rows_in,
            rows_out: all.rows_out,
            left_out: all.left_out,
            rejected,
            rejected_path: (rejected > 0).then_some(rejected_path),
        })
    }
}

fn convert(chunk: &Chunk, edits: &mut Edits, form: &Form, kind: Output) -> Done {
    let mut bytes = Vec::new();
    let (mut counts, mut rejects) = (Counts::default(), chunk.rejects().to_vec());
    for raw in chunk.rows() {
        counts.rows_in += 1;
        edits.clear();
        let converted = Row::parse(raw.bytes).and_then(|row| {
            let place = (form.convert)(&row, edits)?;
            match (kind, place) {
                (Output::Rows, Place::Kept) => write_row(&row, edits, &mut bytes).map(|()| bytes.push(b'\n'))?,
                (Output::Rows, Place::LeftOut) | (Output::Count, _) => {}
            }
            Ok(place)
        });
        match converted {
            Ok(Place::Kept) => counts.rows_out += 1,
            Ok(Place::LeftOut) => counts.left_out += 1,
            Err(error) => rejects.push(chunk.reject(&raw, error)),
        }
    }
    counts.rows_in += chunk.rejects().len() as u64;
    rejects.sort_by_key(|reject| reject.line);
    Done { bytes, counts, rejects }
}

/// `BASE_dj_fmt.jsonl` -> `BASE_dj_fmt_rejected.jsonl`.
fn rejected_path(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!("{stem}_rejected.jsonl"))
}
