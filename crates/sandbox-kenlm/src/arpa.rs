//! ARPA texts, made into the bytes of KenLM's probing format.

use crate::header::{Kind, MOST_ORDER};
use crate::probing::Probing;

mod build;
mod lines;

use build::Builder;
use lines::Lines;

/// Buckets per entry, as KenLM has it.
const MULTIPLIER: f32 = 1.5;

/// Reads a text: where the parts lie, and the bytes.
pub(crate) fn read(text: &[u8]) -> Result<(Probing, Vec<u8>), String> {
    let mut lines = Lines::new(text);
    let counts = counts(&mut lines, text.len())?;
    let probing = Probing::layout(0, Kind::Probing { rest: false }, MULTIPLIER, &counts).ok_or("its counts are too large")?;
    let mut builder = Builder::new(probing);
    for (order, &count) in (1..).zip(&counts) {
        let header = lines.filled()?;
        if header != format!("\\{order}-grams:").as_bytes() {
            return Err(lines.wrong(&format!("expected `\\{order}-grams:`")));
        }
        for _ in 0..count {
            let line = lines.next()?;
            let added = if order == 1 { builder.unigram(line) } else { builder.ngram(line, order) };
            added.map_err(|cause| lines.wrong(&cause))?;
        }
        if order == 1 {
            builder.finish_words()?;
        }
    }
    match lines.filled()? {
        b"\\end\\" => Ok(builder.finish()),
        _ => Err(lines.wrong("expected `\\end\\`")),
    }
}

/// The number of n-grams by order. None is more than fits into the text.
fn counts(lines: &mut Lines<'_>, length: usize) -> Result<Vec<u64>, String> {
    let mut first = lines.filled();
    while first.as_ref().is_ok_and(|line| line.starts_with(b"#")) {
        first = lines.filled();
    }
    match first {
        Ok(b"\\data\\") => {}
        Ok([0x1f, 0x8b, ..]) => return Err("it is compressed with gzip, unpack it first".to_owned()),
        _ => return Err("it is neither an ARPA text nor a binary file of KenLM".to_owned()),
    }
    let mut counts = Vec::new();
    loop {
        let line = lines.next()?.trim_ascii();
        if line.is_empty() {
            break;
        }
        let order = counts.len() + 1;
        let count =
            std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("ngram ")?.trim_start().strip_prefix(&format!("{order}=")));
        let count = count.and_then(|count| count.trim().parse::<u64>().ok());
        let Some(count) = count else { return Err(lines.wrong(&format!("expected `ngram {order}=` with a number"))) };
        // A probability, a blank and a character per word, and a line feed.
        if count > length as u64 / (2 + 2 * order as u64) {
            return Err(lines.wrong(&format!("the text is too short for {count} n-grams of order {order}")));
        }
        counts.push(count);
    }
    if !(2..=MOST_ORDER).contains(&counts.len()) {
        return Err(format!("expected an order from 2 to {MOST_ORDER}, got {}", counts.len()));
    }
    Ok(counts)
}
