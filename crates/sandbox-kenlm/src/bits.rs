//! Numbers at any byte or bit of a file. What lies beyond its end is `None`.

/// The bytes at a place.
#[inline]
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

#[inline]
pub(crate) fn f32_at(bytes: &[u8], at: usize) -> Option<f32> {
    array(bytes, at).map(f32::from_le_bytes)
}

/// At most 57 bits from a bit on, counted from a byte.
#[inline]
pub(crate) fn bits_at(bytes: &[u8], base: usize, bit: u64, count: u32) -> Option<u64> {
    let at = base.checked_add(usize::try_from(bit >> 3).ok()?)?;
    Some((u64_at(bytes, at)? >> (bit & 7)) & ((1 << count) - 1))
}

/// How many bits a number needs.
pub(crate) fn required(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// The sign bit of a float: on for log-probabilities; probing tables use it for a note.
const SIGN: u32 = 1 << 31;

pub(crate) fn negative(value: f32) -> f32 {
    f32::from_bits(value.to_bits() | SIGN)
}

pub(crate) fn positive(value: f32) -> f32 {
    f32::from_bits(value.to_bits() & !SIGN)
}

pub(crate) fn is_negative(value: f32) -> bool {
    value.to_bits() & SIGN != 0
}

/// Whether a longer n-gram may go on from here: a backoff of exactly -0.0 says that none does.
#[inline]
pub(crate) fn extends(backoff: f32) -> bool {
    backoff.to_bits() != SIGN
}
