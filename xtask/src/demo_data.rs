//! `cargo xtask demo-data`: the data of the demo, made from the sources that are shipped with the project.
//!
//! `speeches.jsonl` is to train on and spoiled on purpose; `heldout.jsonl` is clean and from other speeches. Both are a pure
//! function of the sources and the seed: the same bytes on every machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::random::Random;
use row::{Meta, Row, Spoiled};
use source::{Paragraph, Speech};

mod boilerplate;
mod chunks;
mod row;
mod source;
mod spoil;

const SEED: u64 = 20_240_807;
/// Clean rows to train on.
const CLEAN: usize = 2400;
/// Spoiled rows, by kind. Each kind stays below a tenth of all rows: a larger one would widen the three-sigma bounds until
/// they let it pass.
const SHUFFLED_WORDS: usize = 200;
const REPEATED_PHRASE: usize = 230;
const BOILERPLATE: usize = 280;
const OTHER_LANGUAGE: usize = 190;
/// Held-out chunks of each domain, at least; whole speeches are taken until they are reached.
const HELD_OUT: usize = 120;
/// Speeches with more chunks than this are not held out: one text would be half of the score.
const LONGEST_HELD_OUT: usize = 60;

/// Arguments of `cargo xtask demo-data`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only say whether the shipped files are what the code makes
    #[arg(long)]
    check: bool,
}

/// Writes the files, or checks them: true when there is nothing to complain of.
///
/// # Errors
/// Sources that cannot be read, files that cannot be written.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    let mut right = true;
    for (path, bytes) in make(root)? {
        let shipped = std::fs::read(root.join(&path)).ok();
        let rows = bytes.iter().filter(|byte| **byte == b'\n').count();
        if shipped.as_ref() == Some(&bytes) {
            println!("{}: {rows} rows, {} bytes, as it should be", path.display(), bytes.len());
        } else if args.check {
            println!("{}: not what the code makes; run `cargo xtask demo-data`", path.display());
            right = false;
        } else {
            std::fs::write(root.join(&path), &bytes).with_context(|| format!("Failed to write `{}`", path.display()))?;
            println!("{}: {rows} rows, {} bytes, written", path.display(), bytes.len());
        }
    }
    Ok(right)
}

/// The files of the demo data, from the workspace's root, and their content.
///
/// # Errors
/// Sources that cannot be read or hold too little.
pub fn make(root: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = Path::new("configs/data");
    let sources = root.join(folder).join("sources");
    let speeches: Vec<Speech> = source::read(&sources.join("us_presidential_speeches.jsonl.gz"))?;
    let mut paragraphs: Vec<Paragraph> = source::read(&sources.join("udhr_paragraphs.jsonl.gz"))?;
    paragraphs.retain(|paragraph| paragraph.lang != "en");

    let mut random = Random::new(SEED);
    let (train, held_out) = split(&speeches, &mut random);
    let train = spoiled_and_clean(train, &paragraphs, &mut random)?;
    Ok(vec![(folder.join("speeches.jsonl"), lines(&train)?), (folder.join("heldout.jsonl"), lines(&held_out)?)])
}

/// Chunks of all speeches, told apart by speech: to train on, and held out.
fn split(speeches: &[Speech], random: &mut Random) -> (Vec<Row>, Vec<Row>) {
    let mut documents: Vec<Vec<Row>> = speeches.iter().map(|speech| rows(speech, random)).collect();
    random.shuffle(&mut documents);
    let (mut train, mut held_out): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    for document in documents {
        let Some(domain) = document.first().map(|row| row.meta.domain.clone()) else { continue };
        let have = held_out.iter().filter(|row| row.meta.domain == domain).count();
        let target = if have < HELD_OUT && document.len() <= LONGEST_HELD_OUT { &mut held_out } else { &mut train };
        target.extend(document);
    }
    held_out.sort_by(|one, other| one.id.cmp(&other.id));
    (train, held_out)
}

/// The chunks of one speech as clean rows.
fn rows(speech: &Speech, random: &mut Random) -> Vec<Row> {
    chunks::chunks(&speech.text, random)
        .into_iter()
        .enumerate()
        .map(|(index, text)| Row {
            id: format!("{}/{:03}", speech.id, index + 1),
            text,
            meta: Meta { domain: speech.domain.clone(), year: speech.year, spoiled: None },
        })
        .collect()
}

/// The rows to train on: clean ones, and spoiled ones among them. A chunk stands in one row only.
fn spoiled_and_clean(mut chunks: Vec<Row>, paragraphs: &[Paragraph], random: &mut Random) -> Result<Vec<Row>> {
    ensure!(
        chunks.len() >= CLEAN + SHUFFLED_WORDS + REPEATED_PHRASE,
        "the sources give {} chunks, fewer than the demo needs",
        chunks.len()
    );
    random.shuffle(&mut chunks);
    let mut spare = chunks.split_off(CLEAN);
    let mut rows = chunks;
    for (index, mut row) in spare.drain(..SHUFFLED_WORDS + REPEATED_PHRASE).enumerate() {
        (row.meta.spoiled, row.text) = if index < SHUFFLED_WORDS {
            (Some(Spoiled::ShuffledWords), spoil::shuffled_words(&row.text, random))
        } else {
            (Some(Spoiled::RepeatedPhrase), spoil::repeated_phrase(&row.text, random))
        };
        rows.push(row);
    }
    for index in 0..BOILERPLATE {
        let text = match index % 4 {
            0 | 1 => boilerplate::footer(random),
            2 => boilerplate::menu(random),
            _ => boilerplate::banner(random),
        };
        let year = random.between(1998, 2022) as u32;
        rows.push(Row {
            id: format!("web/{:03}", index + 1),
            text,
            meta: Meta { domain: "web".into(), year, spoiled: Some(Spoiled::Boilerplate) },
        });
    }
    for index in 0..OTHER_LANGUAGE {
        let (id, text) = spoil::other_language(paragraphs, random);
        let meta = Meta { domain: "udhr".into(), year: 1948, spoiled: Some(Spoiled::OtherLanguage) };
        rows.push(Row { id: format!("{id}/{:03}", index + 1), text, meta });
    }
    random.shuffle(&mut rows);
    Ok(rows)
}

fn lines(rows: &[Row]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
