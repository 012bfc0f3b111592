//! Elements of EBML (RFC 8794): an identifier, a length, and content.

use crate::fields::Fields;
use crate::source::Source;

/// The head of an element; its content comes next.
pub(super) struct Element {
    /// With its length marker, as the specification writes it.
    pub id: u32,
    /// None: unknown, it ends where its children end.
    pub size: Option<u64>,
}

/// The next element of the file; none at the end or where no element begins.
pub(super) fn element(source: &mut Source<'_>) -> Option<Element> {
    let [first] = source.array().ok()?;
    let more = first.leading_zeros();
    if more > 3 {
        return None;
    }
    let mut id = u32::from(first);
    for _ in 0..more {
        let [byte] = source.array().ok()?;
        id = id << 8 | u32::from(byte);
    }
    let [first] = source.array().ok()?;
    let more = first.leading_zeros();
    if more > 7 {
        return None;
    }
    let mut size = u64::from(first) & (0x7f >> more);
    for _ in 0..more {
        let [byte] = source.array().ok()?;
        size = size << 8 | u64::from(byte);
    }
    Some(Element { id, size: (size != unknown(more)).then_some(size) })
}

/// The length that means "unknown" with this many further bytes: all bits set.
fn unknown(more: u32) -> u64 {
    (1 << (7 * (more + 1))) - 1
}

/// The elements inside another one, as far as they are whole.
pub(super) fn children(content: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut fields = Fields(content);
    std::iter::from_fn(move || {
        let first = fields.u8().ok()?;
        let more = first.leading_zeros();
        if more > 3 {
            return None;
        }
        let mut id = u32::from(first);
        for _ in 0..more {
            id = id << 8 | u32::from(fields.u8().ok()?);
        }
        let size = variable(&mut fields)?;
        Some((id, fields.take(usize::try_from(size).ok()?).ok()?))
    })
}

/// A number of variable length, without its marker.
pub(super) fn variable(fields: &mut Fields<'_>) -> Option<u64> {
    let first = fields.u8().ok()?;
    let more = first.leading_zeros();
    if more > 7 {
        return None;
    }
    let mut value = u64::from(first) & (0x7f >> more);
    for _ in 0..more {
        value = value << 8 | u64::from(fields.u8().ok()?);
    }
    Some(value)
}

/// A difference of variable length: the number less half of its range.
pub(super) fn variable_signed(fields: &mut Fields<'_>) -> Option<i64> {
    let before = fields.0.len();
    let value = variable(fields)?.cast_signed();
    let bytes = u32::try_from(before - fields.0.len()).ok()?;
    Some(value - ((1_i64 << (7 * bytes - 1)) - 1))
}

pub(super) fn unsigned(value: &[u8]) -> u64 {
    value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn float(value: &[u8]) -> Option<f64> {
    match value.len() {
        4 => value.try_into().ok().map(|bytes| f64::from(f32::from_be_bytes(bytes))),
        8 => value.try_into().ok().map(f64::from_be_bytes),
        _ => None,
    }
}
