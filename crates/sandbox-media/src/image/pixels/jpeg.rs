//! JPEG with the numbers of libjpeg-turbo, so that pictures get the hashes that they get elsewhere.
//!
//! Baseline, extended and progressive, of 8 bits, with Huffman coding. Data that are cut off leave the rest grey, as there.

mod bits;
mod color;
mod huffman;
mod scan;
mod transform;
mod upsample;

use self::huffman::Table;
use super::{Pixels, claim};
use crate::error::Cause;
use crate::fields::Fields;

/// No picture has more pixels for a byte: even one of a single colour needs a bit for every block.
const MOST_PIXELS_OF_BYTE: u64 = 1024;

/// Each goes over the whole picture; encoders make about ten.
const MOST_SCANS: u32 = 500;

/// From the order of the file to rows; what lies behind the end of a block goes to its last place.
#[rustfmt::skip]
const ZIGZAG: [u8; 80] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
];

type Block = [i16; 64];

/// One of the colours.
struct Component {
    id: u8,
    /// Samples of it across and down where the finest component has as many as the frame's largest.
    across: usize,
    down: usize,
    quantizer: usize,
    /// As it was when the first scan of this component began.
    quantization: Option<[u16; 64]>,
    /// Samples that count.
    width: usize,
    height: usize,
    /// Blocks, filled up to whole units of several components.
    columns: usize,
    rows: usize,
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Decoder {
    width: usize,
    height: usize,
    is_progressive: bool,
    across: usize,
    down: usize,
    components: Vec<Component>,
    quantization: [Option<[u16; 64]>; 4],
    direct: [Option<Table>; 4],
    alternating: [Option<Table>; 4],
    restart: usize,
    is_jfif: bool,
    /// The transform that Adobe's segment names.
    adobe: Option<u8>,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Cause> {
    let mut decoder = Decoder::default();
    let mut at = 2;
    let mut scans = 0;
    while let Some(marker) = next_marker(bytes, &mut at) {
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        if marker == 0xd9 {
            break;
        }
        let Some(content) = segment(bytes, &mut at) else { break };
        match marker {
            0xc0..=0xc2 => decoder.frame(content, marker == 0xc2, bytes.len())?,
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err("it is coded in a way that is not known here".into()),
            0xc4 => decoder.tables(content)?,
            0xdb => decoder.quantizers(content)?,
            0xdd => decoder.restart = usize::from(Fields(content).be16()?),
            0xda => {
                scans += 1;
                if scans > MOST_SCANS {
                    return Err("it has too many scans".into());
                }
                at += decoder.scan(content, bytes.get(at..).unwrap_or_default())?;
            }
            0xe0 => decoder.is_jfif |= content.starts_with(b"JFIF\0"),
            0xee if content.starts_with(b"Adobe") => decoder.adobe = content.get(11).copied().or(decoder.adobe),
            _ => {}
        }
    }
    if scans == 0 {
        return Err(Cause::cut_off());
    }
    color::pixels(&decoder)
}

fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let found = bytes.get(*at..)?.iter().position(|byte| *byte == 0xff)?;
        *at += found;
        while *bytes.get(*at)? == 0xff {
            *at += 1;
        }
        let marker = *bytes.get(*at)?;
        *at += 1;
        if marker != 0 {
            return Some(marker);
        }
    }
}

fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let mut fields = Fields(bytes.get(*at..)?);
    let length = usize::from(fields.be16().ok()?).checked_sub(2)?;
    let content = fields.take(length).ok()?;
    *at += 2 + length;
    Some(content)
}

impl Decoder {
    fn frame(&mut self, content: &[u8], is_progressive: bool, bytes: usize) -> Result<(), Cause> {
        if !self.components.is_empty() {
            return Err("it has two frames".into());
        }
        let mut fields = Fields(content);
        if fields.u8()? != 8 {
            return Err("its samples do not have 8 bits".into());
        }
        let (height, width) = (usize::from(fields.be16()?), usize::from(fields.be16()?));
        claim(width as u64, height as u64, bytes)?;
        if width as u64 * height as u64 > (bytes as u64).saturating_mul(MOST_PIXELS_OF_BYTE) {
            return Err("it is far too short for its size".into());
        }
        let count = fields.u8()?;
        for _ in 0..count {
            let [id, factors, quantizer] = fields.array()?;
            let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
                return Err("its components have wrong factors".into());
            }
            let quantizer = usize::from(quantizer);
            let component =
                Component { id, across, down, quantizer, quantization: None, width: 0, height: 0, columns: 0, rows: 0, blocks: Vec::new() };
            self.components.push(component);
        }
        if ![1, 3, 4].contains(&count) {
            return Err(format!("it has {count} components").into());
        }
        let largest = |factor: fn(&Component) -> usize| self.components.iter().map(factor).max().unwrap_or(1);
        let (across, down) = (largest(|component| component.across), largest(|component| component.down));
        (self.width, self.height, self.across, self.down, self.is_progressive) = (width, height, across, down, is_progressive);
        let (units_across, units_down) = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        for component in &mut self.components {
            component.width = (width * component.across).div_ceil(across);
            component.height = (height * component.down).div_ceil(down);
            component.columns = units_across * component.across;
            component.rows = units_down * component.down;
            component.blocks = vec![[0; 64]; component.columns * component.rows];
        }
        Ok(())
    }

    fn quantizers(&mut self, content: &[u8]) -> Result<(), Cause> {
        let mut fields = Fields(content);
        while !fields.is_empty() {
            let kind = fields.u8()?;
            let mut table = [0; 64];
            for place in ZIGZAG.iter().take(64) {
                let value = if kind >> 4 == 0 { u16::from(fields.u8()?) } else { fields.be16()? };
                if let Some(slot) = table.get_mut(usize::from(*place)) {
                    *slot = value;
                }
            }
            *self.quantization.get_mut(usize::from(kind & 15)).ok_or("it has too many tables")? = Some(table);
        }
        Ok(())
    }

    fn tables(&mut self, content: &[u8]) -> Result<(), Cause> {
        let mut fields = Fields(content);
        while !fields.is_empty() {
            let kind = fields.u8()?;
            let table = Table::read(&mut fields)?;
            let tables = if kind & 0x10 == 0 { &mut self.direct } else { &mut self.alternating };
            *tables.get_mut(usize::from(kind & 15)).ok_or("it has too many tables")? = Some(table);
        }
        Ok(())
    }
}
