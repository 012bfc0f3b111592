//! The compiled table of replacements: a double array in the layout of Darts-clone, then the replacements.

/// What is replaced by what.
#[derive(Debug)]
pub(super) struct Charsmap {
    units: Vec<u32>,
    /// The replacements, each ended by U+0000.
    replacements: String,
}

impl Charsmap {
    /// Reads the table; `None` if there is none.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, String> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let broken = || "its table of normalisation is cut off".to_owned();
        let (size, rest) = bytes.split_first_chunk().ok_or_else(broken)?;
        let size = usize::try_from(u32::from_le_bytes(*size)).map_err(|_| broken())?;
        let (units, replacements) = rest.split_at_checked(size).ok_or_else(broken)?;
        let units = units.as_chunks().0.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        let replacements = std::str::from_utf8(replacements).map_err(|error| format!("its table of normalisation is no text: {error}"))?;
        Ok(Some(Self { units, replacements: replacements.to_owned() }))
    }

    /// The replacement of the longest beginning of `text` that has one, and the length of that beginning.
    pub fn longest(&self, text: &str) -> Option<(&str, usize)> {
        let mut position = offset(*self.units.first()?);
        let mut longest = None;
        for (index, &byte) in text.as_bytes().iter().enumerate() {
            position ^= usize::from(byte);
            let Some(&unit) = self.units.get(position) else { break };
            // The label of a node; leaves have the highest bit set, so that they are no byte's node.
            if unit & (1 << 31 | 0xff) != u32::from(byte) {
                break;
            }
            position ^= offset(unit);
            if unit >> 8 & 1 == 1 {
                longest = self.units.get(position).map(|leaf| (leaf & !(1 << 31), index + 1));
            }
        }
        let (start, length) = longest?;
        let from = self.replacements.get(start as usize..)?;
        Some((from.split('\0').next().unwrap_or(from), length))
    }
}

fn offset(unit: u32) -> usize {
    (unit >> 10 << ((unit & 1 << 9) >> 6)) as usize
}
