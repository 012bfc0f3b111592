//! A record in a segment: its length, a checksum, its bytes.
//!
//! The checksum is made with the segment's number: what an earlier use of a file has left in it is no record of the present one, and a
//! record that was being written when the process was killed is none either.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes before the records of a segment: a word and its number.
pub(super) const HEAD: usize = 16;
/// Bytes before each record.
pub(super) const FRAME: usize = 8;
const MAGIC: &[u8; 8] = b"DJSBJRN1";

/// Writes the head of segment `number`.
pub(super) fn write_head(bytes: &mut [u8], number: u64) {
    if let Some((magic, rest)) = bytes.split_at_mut_checked(8)
        && let Some(place) = rest.get_mut(..8)
    {
        magic.copy_from_slice(MAGIC);
        place.copy_from_slice(&number.to_le_bytes());
    }
}

/// The number of a segment; nothing for what is none, or none yet.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let number = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
    (number > 0).then_some(number)
}

/// Writes a record at `at`, and gives the place after it; nothing when it does not fit.
pub(super) fn write(bytes: &mut [u8], at: usize, record: &[u8], segment: u64) -> Option<usize> {
    let end = at.checked_add(FRAME)?.checked_add(record.len())?;
    let place = bytes.get_mut(at..end)?;
    let (head, body) = place.split_at_mut_checked(FRAME)?;
    let (length, check) = head.split_at_mut_checked(4)?;
    body.copy_from_slice(record);
    check.copy_from_slice(&checksum(record, segment).to_le_bytes());
    length.copy_from_slice(&u32::try_from(record.len()).ok()?.to_le_bytes());
    Some(end)
}

/// The record at `at` and the place after it; nothing when there is no whole one.
pub(super) fn read(bytes: &[u8], at: usize, segment: u64) -> Option<(&[u8], usize)> {
    let (head, rest) = bytes.get(at..)?.split_at_checked(FRAME)?;
    let word = |from: usize| Some(u32::from_le_bytes(head.get(from..from + 4)?.try_into().ok()?));
    let length = usize::try_from(word(0)?).ok().filter(|length| *length > 0)?;
    let record = rest.get(..length)?;
    (checksum(record, segment) == word(4)?).then_some((record, at + FRAME + length))
}

fn checksum(record: &[u8], segment: u64) -> u32 {
    xxh3_64_with_seed(record, segment) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_come_back_up_to_the_torn_one(records in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 1..9), torn: usize) {
            let mut bytes = vec![0; 512];
            let mut ends = vec![HEAD];
            for record in &records {
                ends.extend(write(&mut bytes, ends[ends.len() - 1], record, 7));
            }
            let torn = torn % (ends[records.len()] - HEAD) + HEAD;
            bytes[torn] ^= 0x55;
            let mut found = 0;
            let mut at = HEAD;
            while let Some((record, next)) = read(&bytes, at, 7) {
                prop_assert_eq!(record, &records[found]);
                (at, found) = (next, found + 1);
            }
            prop_assert!(ends[found] <= torn && torn < ends[found + 1]);
            prop_assert_eq!(read(&bytes, HEAD, 8), None);
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let mut bytes = vec![0; 40];
        assert_eq!(write(&mut bytes, HEAD, &[1; 16], 1), Some(40));
        assert_eq!(write(&mut bytes, 40, &[1], 1), None);
        assert_eq!(read(&bytes, 40, 1), None);
        write_head(&mut bytes, 3);
        assert_eq!((number(&bytes), number(&[0; 40])), (Some(3), None));
    }
}
