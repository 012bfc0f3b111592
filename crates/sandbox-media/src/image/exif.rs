//! Which way up a picture is.

use crate::error::Cause;
use crate::fields::Fields;

/// The tag of the orientation, in EXIF and TIFF.
pub(super) const ORIENTATION: u16 = 0x112;

/// The orientation in EXIF data, 1 to 8; none if they do not say.
pub(super) fn orientation(data: &[u8]) -> Option<u8> {
    let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
    let order = Order::of(data)?;
    let entries = order.entries(data, order.u32(data.get(4..)?)?)?;
    entries
        .filter(|entry| entry.tag == ORIENTATION)
        .find_map(|entry| entry.number())
        .and_then(|value| u8::try_from(value).ok())
        .filter(valid)
}

/// The orientation in XMP data.
pub(super) fn orientation_of_xmp(data: &[u8]) -> Option<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    let at = data.windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    let rest = data.get(at..)?;
    let digit = rest.strip_prefix(b"=\"").or_else(|| rest.strip_prefix(b">"))?.first()?;
    digit.checked_sub(b'0').filter(valid)
}

fn valid(orientation: &u8) -> bool {
    (1..=8).contains(orientation)
}

/// The order of bytes.
#[derive(Clone, Copy)]
pub(super) enum Order {
    Little,
    Big,
}

/// An entry of a directory; its value, if that is one short number.
pub(super) struct Entry {
    pub tag: u16,
    kind: u16,
    count: u32,
    value: [u8; 4],
    order: Order,
}

impl Order {
    pub fn of(data: &[u8]) -> Option<Self> {
        match data.get(..4)? {
            b"II*\0" => Some(Self::Little),
            b"MM\0*" => Some(Self::Big),
            _ => None,
        }
    }

    pub fn u16(self, data: &[u8]) -> Option<u16> {
        let bytes = *data.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        })
    }

    pub fn u32(self, data: &[u8]) -> Option<u32> {
        let bytes = *data.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    /// The entries of the directory at a place, as far as they are there.
    pub fn entries(self, data: &[u8], at: u32) -> Option<impl Iterator<Item = Entry>> {
        let mut fields = Fields(data.get(usize::try_from(at).ok()?..)?);
        let count = self.u16(&fields.array::<2>().ok()?)?;
        Some((0..count).map_while(move |_| self.entry(&mut fields).ok().flatten()))
    }

    fn entry(self, fields: &mut Fields<'_>) -> Result<Option<Entry>, Cause> {
        let (tag, kind, count, value) = (fields.array::<2>()?, fields.array::<2>()?, fields.array::<4>()?, fields.array()?);
        let entry = || Some(Entry { tag: self.u16(&tag)?, kind: self.u16(&kind)?, count: self.u32(&count)?, value, order: self });
        Ok(entry())
    }
}

impl Entry {
    /// The value, where it is a single whole number.
    pub fn number(&self) -> Option<u32> {
        match (self.kind, self.count) {
            (1, 1) => Some(u32::from(self.value[0])),
            (3, 1) => self.order.u16(&self.value).map(u32::from),
            (4, 1) => self.order.u32(&self.value),
            _ => None,
        }
    }
}
