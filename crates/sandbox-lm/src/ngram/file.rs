//! The model file.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..8 | `dj-ngram` |
//! | 8..24 | version, unit (0 bytes, 1 words), order, number of arrays: four `u32` |
//! | 24..56 | documents and bytes of training, length of the file, FNV-1a of the table: four `u64` |
//! | 56..64 | zero |
//! | 64.. | the table: start, items, width of each array, three `u64` |
//! | then | the arrays, each aligned to 8 bytes |
//!
//! Everything is little-endian. The file is also the form in memory, so opening is a map and a look at the table.

use super::column::{Column, width_for};
use super::settings::{NgramSettings, Unit};
use super::{kneser_ney, vocabulary, witten_bell, words};

const MAGIC: &[u8; 8] = b"dj-ngram";
const VERSION: u32 = 1;
const HEAD: usize = 64;
const ENTRY: usize = 24;

/// What a model is and what it was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) settings: NgramSettings,
    pub(super) documents: u64,
    pub(super) bytes: u64,
}

/// What is wrong with a file, and what to do.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) problem: String,
    pub(super) hint: &'static str,
}

const TRUNCATED: &str = "the file was cut short, by a full disk or an interrupted copy: train the model again or copy it again";
pub(super) const DAMAGED: &str = "the file was changed after it was written: train the model again or copy it again";
const FOREIGN: &str = "give a file that `NgramModel::save` wrote";

/// The number of arrays of a model.
fn sections(settings: &NgramSettings) -> usize {
    match settings.unit {
        Unit::Bytes => witten_bell::COLUMNS * settings.order,
        Unit::Words => 1 + vocabulary::COLUMNS + kneser_ney::COLUMNS * settings.order + witten_bell::COLUMNS * words::SPELLING_ORDER,
    }
}

/// A model's bytes, array after array.
pub(super) struct FileWriter {
    bytes: Vec<u8>,
    columns: Vec<Column>,
    facts: Facts,
}

impl FileWriter {
    pub(super) fn new(facts: Facts) -> Self {
        Self { bytes: vec![0; HEAD + ENTRY * sections(&facts.settings)], columns: Vec::new(), facts }
    }

    /// Appends integers of `width` bytes; the caller knows that they fit.
    pub(super) fn column(&mut self, values: impl ExactSizeIterator<Item = u64>, width: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.columns.push(Column { start: self.bytes.len(), items: values.len(), width });
        // Exactly: a model can be a large part of the memory, and doubling it would not fit.
        self.bytes.reserve_exact(values.len() * width + 8);
        match width {
            1 => self.bytes.extend(values.map(|value| value as u8)),
            2 => values.for_each(|value| self.bytes.extend_from_slice(&(value as u16).to_le_bytes())),
            4 => values.for_each(|value| self.bytes.extend_from_slice(&(value as u32).to_le_bytes())),
            _ => values.for_each(|value| self.bytes.extend_from_slice(&value.to_le_bytes())),
        }
    }

    /// Appends integers with the narrowest width that holds them.
    pub(super) fn numbers(&mut self, values: &[u64]) {
        self.column(values.iter().copied(), width_for(values.iter().copied()));
    }

    /// Appends plain bytes.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.columns.push(Column { start: self.bytes.len(), items: text.len(), width: 1 });
        self.bytes.extend_from_slice(text);
    }

    /// The whole file, and where its arrays stand.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<Column>) {
        let table: Vec<u8> = self
            .columns
            .iter()
            .flat_map(|column| [column.start, column.items, column.width])
            .flat_map(|number| (number as u64).to_le_bytes())
            .collect();
        let unit = match self.facts.settings.unit {
            Unit::Bytes => 0u32,
            Unit::Words => 1,
        };
        let mut head = MAGIC.to_vec();
        for number in [VERSION, unit, self.facts.settings.order as u32, self.columns.len() as u32] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.facts.documents, self.facts.bytes, self.bytes.len() as u64, vocabulary::hash(&table), 0] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(&table);
        // Both are as long as `new` left room for: every kind of model writes its own number of arrays.
        self.bytes.iter_mut().zip(head).for_each(|(place, byte)| *place = byte);
        (self.bytes, self.columns)
    }
}

/// Reads head and table, and checks that every array lies inside the file.
pub(super) fn parse(bytes: &[u8]) -> Result<(Facts, Vec<Column>), Flaw> {
    let flaw = |problem: String, hint| Flaw { problem, hint };
    let short = |bytes: &[u8]| Flaw { problem: format!("it ends after {} bytes", bytes.len()), hint: TRUNCATED };
    if bytes.get(..8).is_some_and(|magic| magic != MAGIC) || (bytes.len() < 8 && !MAGIC.starts_with(bytes)) {
        return Err(flaw("it does not begin as one".to_owned(), FOREIGN));
    }
    let Some(head) = bytes.get(..HEAD) else { return Err(short(bytes)) };
    let small = |place: usize| u32::from_le_bytes(head[place..].first_chunk().copied().unwrap_or_default());
    let large = |place: usize| u64::from_le_bytes(head[place..].first_chunk().copied().unwrap_or_default());
    if small(8) != VERSION {
        return Err(flaw(format!("it has version {}, not {VERSION}", small(8)), "train the model again with this version of the sandbox"));
    }
    let unit = match small(12) {
        0 => Unit::Bytes,
        1 => Unit::Words,
        other => return Err(flaw(format!("it has the unknown unit {other}"), DAMAGED)),
    };
    let settings = NgramSettings { unit, order: small(16) as usize };
    if settings.check().is_err() {
        return Err(flaw(format!("it has the order {}", settings.order), DAMAGED));
    }
    let count = sections(&settings);
    if small(20) as usize != count {
        return Err(flaw(format!("it has {} arrays instead of {count}", small(20)), DAMAGED));
    }
    if (bytes.len() as u64) < large(40) {
        return Err(flaw(format!("it has {} of its {} bytes", bytes.len(), large(40)), TRUNCATED));
    }
    if bytes.len() as u64 > large(40) {
        return Err(flaw(format!("it has {} bytes instead of {}", bytes.len(), large(40)), DAMAGED));
    }
    let Some(table) = bytes.get(HEAD..HEAD + ENTRY * count) else { return Err(short(bytes)) };
    if vocabulary::hash(table) != large(48) {
        return Err(flaw("its table of arrays is damaged".to_owned(), DAMAGED));
    }
    let mut numbers = table.as_chunks::<8>().0.iter().map(|number| usize::try_from(u64::from_le_bytes(*number)).unwrap_or(usize::MAX));
    let mut columns = Vec::with_capacity(count);
    while let (Some(start), Some(items), Some(width)) = (numbers.next(), numbers.next(), numbers.next()) {
        let end = items.checked_mul(width).and_then(|length| length.checked_add(start));
        if !matches!(width, 1 | 2 | 4 | 8) || end.is_none_or(|end| end > bytes.len()) {
            return Err(flaw(format!("its array {} lies outside", columns.len() + 1), DAMAGED));
        }
        columns.push(Column { start, items, width });
    }
    Ok((Facts { settings, documents: large(24), bytes: large(32) }, columns))
}
