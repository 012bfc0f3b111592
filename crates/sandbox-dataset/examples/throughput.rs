//! How fast rows go through: read, frame, parse, look up `text`, write.
//!
//! ```text
//! cargo run --release -p sandbox-dataset --example throughput -- rows.jsonl [threads] [copy|splice]
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use sandbox_dataset::{DatasetError, Edits, Reader, RowParser, RowWriter, for_each_chunk, resolve, write_row};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let input = args.next().ok_or("Failed to find the file to read: name it")?;
    let threads: usize = args.next().map_or(Ok(2), |threads| threads.parse())?;
    let splice = args.next().as_deref() == Some("splice");
    let output = std::env::temp_dir().join(format!("throughput-{}.jsonl", std::process::id()));
    for _ in 0..5 {
        pass(&input, &output, threads, splice)?;
    }
    std::fs::remove_file(&output)?;
    Ok(())
}

fn pass(input: &str, output: &Path, threads: usize, splice: bool) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut reader = Reader::open(&resolve(&[input.to_owned()], &[])?, Default::default())?;
    let mut writer = RowWriter::create(output, Default::default())?;
    let mut characters = 0;
    for_each_chunk(
        &mut reader,
        threads,
        &|| false,
        || (RowParser::new(), Edits::new()),
        |(parser, edits), chunk| {
            let (mut out, mut rows, mut characters) = (Vec::with_capacity(chunk.byte_len() * 9 / 8), 0, 0);
            for raw in chunk.rows() {
                let Ok(row) = parser.parse(raw.bytes) else { continue };
                characters += row.text("text").ok().flatten().map_or(0, |text| text.len());
                if splice {
                    edits.clear();
                    edits.set("stats.text_len", b"17");
                    edits.set("stats.words", b"3");
                }
                if write_row(&row, edits, &mut out).is_ok() {
                    out.push(b'\n');
                    rows += 1;
                }
            }
            Ok::<_, DatasetError>((out, rows, characters))
        },
        |(out, rows, count)| {
            characters += count;
            writer.write_rows(&out, rows)
        },
    )?;
    let (bytes, taken) = (reader.progress().bytes_read, started.elapsed());
    let rows = writer.rows();
    let written = writer.finish()?;
    let rate = bytes as f64 / 1e6 / taken.as_secs_f64();
    println!(
        "{rows} rows, {characters} bytes of text, {} bytes out, {:.3} s: {rate:.0} MB/s on {threads} threads ({:.3} s with the sync)",
        written.bytes,
        taken.as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
