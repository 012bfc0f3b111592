//! CRC-32C, as event files have it.

/// The table of the polynomial of Castagnoli, reflected; eight tables, so that eight bytes go at once.
const TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
};

/// The sum of more bytes, begun with 0.
pub(super) fn add(crc: u32, bytes: &[u8]) -> u32 {
    let at = |table: usize, byte: u32| TABLES.get(table).and_then(|table| table.get((byte & 0xff) as usize)).copied().unwrap_or(0);
    let mut crc = !crc;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = |from: usize| chunk.get(from..from + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
        let (low, high) = (word(0) ^ crc, word(4));
        crc = at(7, low) ^ at(6, low >> 8) ^ at(5, low >> 16) ^ at(4, low >> 24);
        crc ^= at(3, high) ^ at(2, high >> 8) ^ at(1, high >> 16) ^ at(0, high >> 24);
    }
    for byte in chunks.remainder() {
        crc = (crc >> 8) ^ at(0, crc ^ u32::from(*byte));
    }
    !crc
}

/// A sum as it is written, so that sums of data that holds sums are good too.
pub(super) fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_rfc_3720() {
        let rising: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        let sums = [
            (&[0; 32][..], 0x8a91_36aa),
            (&[0xff; 32], 0x62a8_ab43),
            (&rising, 0x46dd_794e),
            (&falling, 0x113f_db5c),
            (b"123456789", 0xe306_9283),
        ];
        for (bytes, sum) in sums {
            assert_eq!(add(0, bytes), sum);
            let (one, other) = bytes.split_at(5);
            assert_eq!(add(add(0, one), other), sum);
        }
    }
}
