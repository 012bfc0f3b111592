//! The head of a binary file.

use crate::bits::{array, f32_at, u32_at, u64_at};

/// How files begin that are complete, of this version and from a machine of this kind: 56 bytes with the padding, then
/// test values.
const MAGIC: &[u8] = b"mmap lm http://kheafield.com/code format version 5\n\0\0\0\0\0";
const MAGIC_WITHOUT_VERSION: &[u8] = b"mmap lm http://kheafield.com/code";
const SANITY: usize = 88;
const COUNTS: usize = SANITY + 20;
/// Higher orders than this are not scored.
pub(crate) const MOST_ORDER: usize = 12;

/// What kind of search structure follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Probing { rest: bool },
    Trie { quantised: bool, array: bool },
}

#[derive(Debug)]
pub(crate) struct Header {
    pub kind: Kind,
    /// Buckets per entry of hash tables.
    pub multiplier: f32,
    /// The number of n-grams by order, from 1 on.
    pub counts: Vec<u64>,
    /// Where the vocabulary begins.
    pub end: usize,
}

impl Header {
    /// The head of a binary file, `None` if it is none.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, String> {
        if !bytes.starts_with(MAGIC_WITHOUT_VERSION) {
            return Ok(None);
        }
        if !bytes.starts_with(MAGIC) {
            return Err("it is of another version of the format, or was not built to its end".to_owned());
        }
        if bytes.get(MAGIC.len()..SANITY) != Some(&sanity()) {
            return Err("it was built on a machine of another kind".to_owned());
        }
        Self::parameters(bytes).ok_or_else(|| "it ends too early".to_owned()).flatten().map(Some)
    }

    fn parameters(bytes: &[u8]) -> Option<Result<Self, String>> {
        let [order] = array(bytes, SANITY)?;
        let multiplier = f32_at(bytes, SANITY + 4)?;
        let (kind, version) = (u32_at(bytes, SANITY + 8)?, u32_at(bytes, SANITY + 16)?);
        let order = usize::from(order);
        let counts: Vec<u64> = (0..order).map(|order| u64_at(bytes, COUNTS + 8 * order)).collect::<Option<_>>()?;
        Some(match (kind, version) {
            _ if !(2..=MOST_ORDER).contains(&order) => Err(format!("expected an order from 2 to {MOST_ORDER}, got {order}")),
            _ if !(1.0..=1e6).contains(&multiplier) => Err(format!("expected a probing multiplier from 1 on, got {multiplier}")),
            (0 | 1, 0) | (2..=5, 1) => {
                let kind = match kind {
                    0 | 1 => Kind::Probing { rest: kind == 1 },
                    _ => Kind::Trie { quantised: kind % 2 == 1, array: kind >= 4 },
                };
                Ok(Self { kind, multiplier, counts, end: (COUNTS + 8 * order).next_multiple_of(8) })
            }
            (kind, version) => Err(format!("its kind {kind} of version {version} is not known here")),
        })
    }
}

fn sanity() -> [u8; 32] {
    let words = [0.0f32.to_bits(), 1.0f32.to_bits(), (-0.5f32).to_bits(), 1, u32::MAX, 0, 1, 0];
    let mut bytes = [0; 32];
    bytes.as_chunks_mut::<4>().0.iter_mut().zip(words).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    bytes
}
