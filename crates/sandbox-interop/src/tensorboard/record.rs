//! Records of an event file: `u64 length, masked crc of it, bytes, masked crc of them`, little-endian.

use std::io::{self, Read, Write};

use super::crc;

/// A record that is longer is passed over: a picture or a graph.
const LONGEST: u64 = 64 << 20;

pub(super) fn write(file: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    file.write_all(&length)?;
    file.write_all(&crc::masked(crc::add(0, &length)).to_le_bytes())?;
    file.write_all(bytes)?;
    file.write_all(&crc::masked(crc::add(0, bytes)).to_le_bytes())
}

/// What stands next in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A record, in the buffer.
    Record,
    /// A record whose sum is wrong, or that is too long to hold; what follows can be read.
    Passed,
    /// The end.
    End,
    /// The file ends within the record that begins here.
    CutOff,
    /// No record begins here.
    Damaged,
}

/// Reads records.
pub(super) struct Records<R> {
    input: R,
    /// Where the next record begins.
    pub(super) at: u64,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, at: 0 }
    }

    pub(super) fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Next> {
        bytes.clear();
        let mut head = [0; 12];
        match fill(&mut self.input, &mut head)? {
            12 => {}
            0 => return Ok(Next::End),
            _ => return Ok(Next::CutOff),
        }
        let (length, sum) = head.split_at(8);
        if crc::masked(crc::add(0, length)).to_le_bytes() != sum {
            return Ok(Next::Damaged);
        }
        let length = length.try_into().map_or(0, u64::from_le_bytes);
        let (mut left, mut crc) = (length, 0);
        // Piece by piece: a length that is a lie takes no memory.
        let mut piece = [0; 16 << 10];
        while left > 0 {
            let wanted = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let piece = piece.get_mut(..wanted).unwrap_or_default();
            if fill(&mut self.input, piece)? < wanted {
                return Ok(Next::CutOff);
            }
            crc = crc::add(crc, piece);
            if length <= LONGEST {
                bytes.extend_from_slice(piece);
            }
            left -= wanted as u64;
        }
        let mut sum = [0; 4];
        if fill(&mut self.input, &mut sum)? < 4 {
            return Ok(Next::CutOff);
        }
        self.at += 16 + length;
        let is_good = crc::masked(crc).to_le_bytes() == sum && length <= LONGEST;
        Ok(if is_good { Next::Record } else { Next::Passed })
    }
}

/// Reads until the room is full or the file ends.
fn fill(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, Next, u64) {
        let (mut records, mut all, mut record) = (Records::new(bytes), Vec::new(), Vec::new());
        loop {
            match records.next(&mut record).unwrap() {
                Next::Record => all.push(record.clone()),
                Next::Passed => {}
                end => return (all, end, records.at),
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_cut_off_the_rest_is_read(records in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..8), cut: usize) {
            let mut bytes = Vec::new();
            records.iter().for_each(|record| write(&mut bytes, record).unwrap());
            prop_assert_eq!(read(&bytes), (records.clone(), Next::End, bytes.len() as u64));
            let cut = cut % bytes.len();
            let (found, end, at) = read(&bytes[..cut]);
            prop_assert_eq!(&found[..], &records[..found.len()]);
            prop_assert_eq!(end, if at == cut as u64 { Next::End } else { Next::CutOff });
        }

        #[test]
        fn no_damage_goes_unseen(record in proptest::collection::vec(any::<u8>(), 1..100), at: usize, bit in 0u8..8) {
            let mut bytes = Vec::new();
            write(&mut bytes, &record).unwrap();
            write(&mut bytes, b"next").unwrap();
            let at = at % (record.len() + 16);
            bytes[at] ^= 1 << bit;
            let (found, end, _) = read(&bytes);
            if at < 12 {
                prop_assert_eq!((found, end), (vec![], Next::Damaged));
            } else {
                prop_assert_eq!((found, end), (vec![b"next".to_vec()], Next::End));
            }
        }
    }

    #[test]
    fn a_length_that_is_a_lie_takes_no_memory() {
        let length = (1u64 << 60).to_le_bytes();
        let bytes = [&length[..], &crc::masked(crc::add(0, &length)).to_le_bytes(), b"short"].concat();
        assert_eq!(read(&bytes), (vec![], Next::CutOff, 0));
    }
}
