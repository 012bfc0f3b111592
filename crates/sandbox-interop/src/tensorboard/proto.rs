//! As much of protocol buffers as events need.

/// Writes fields.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn key(&mut self, field: u32, wire: u32) {
        self.varint(u64::from(field << 3 | wire));
    }

    pub(super) fn whole(&mut self, field: u32, value: i64) {
        self.key(field, 0);
        self.varint(value as u64);
    }

    pub(super) fn double(&mut self, field: u32, value: f64) {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn float(&mut self, field: u32, value: f32) {
        self.key(field, 5);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn doubles(&mut self, field: u32, values: impl ExactSizeIterator<Item = f64>) {
        self.key(field, 2);
        self.varint(values.len() as u64 * 8);
        values.for_each(|value| self.0.extend_from_slice(&value.to_le_bytes()));
    }

    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }
}

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'b> {
    Whole(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'b [u8]),
}

impl<'b> Field<'b> {
    pub(super) fn bytes(self) -> Option<&'b [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn text(self) -> Option<String> {
        self.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn whole(self) -> Option<i64> {
        if let Self::Whole(value) = self { Some(value as i64) } else { None }
    }

    pub(super) fn double(self) -> Option<f64> {
        if let Self::Eight(bytes) = self { Some(f64::from_le_bytes(bytes)) } else { None }
    }

    pub(super) fn float(self) -> Option<f32> {
        if let Self::Four(bytes) = self { Some(f32::from_le_bytes(bytes)) } else { None }
    }

    /// A repeated double, packed or not.
    pub(super) fn doubles(self, into: &mut Vec<f64>) {
        match self {
            Self::Eight(bytes) => into.push(f64::from_le_bytes(bytes)),
            Self::Bytes(bytes) => {
                into.extend(bytes.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok()).map(f64::from_le_bytes));
            }
            _ => {}
        }
    }

    /// A repeated float, packed or not.
    pub(super) fn floats(self, into: &mut Vec<f64>) {
        match self {
            Self::Four(bytes) => into.push(f32::from_le_bytes(bytes).into()),
            Self::Bytes(bytes) => {
                into.extend(
                    bytes.chunks_exact(4).filter_map(|chunk| chunk.try_into().ok()).map(|four| f64::from(f32::from_le_bytes(four))),
                );
            }
            _ => {}
        }
    }

    /// A repeated whole number, packed or not.
    pub(super) fn wholes(self, into: &mut Vec<i64>) {
        match self {
            Self::Whole(value) => into.push(value as i64),
            Self::Bytes(mut bytes) => {
                while let Some((value, rest)) = varint(bytes) {
                    into.push(value as i64);
                    bytes = rest;
                }
            }
            _ => {}
        }
    }
}

/// The fields of a message with their numbers; it ends where the bytes are no message.
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Iterator for Fields<'b> {
    type Item = (u32, Field<'b>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = varint(self.0)?;
        let (field, rest) = match key & 7 {
            0 => varint(rest).map(|(value, rest)| (Field::Whole(value), rest))?,
            1 => rest.split_first_chunk::<8>().map(|(bytes, rest)| (Field::Eight(*bytes), rest))?,
            2 => {
                let (length, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Field::Bytes(bytes), rest)
            }
            5 => rest.split_first_chunk::<4>().map(|(bytes, rest)| (Field::Four(*bytes), rest))?,
            _ => return None,
        };
        self.0 = rest;
        Some((u32::try_from(key >> 3).ok()?, field))
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * at as u32).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}
