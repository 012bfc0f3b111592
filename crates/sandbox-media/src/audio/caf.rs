//! Apple's CAF.

use super::{Length, frames};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    let (mut format, mut bytes, mut counted) = (None, None, None);
    source.seek(8)?;
    while source.left() >= 12 {
        let kind: [u8; 4] = source.array()?;
        let size = u64::from_be_bytes(source.array()?);
        // All ones: to the end.
        let size = size.min(source.left());
        let end = source.position() + size;
        match &kind {
            b"desc" => format = Some(read_format(&source.up_to(size.min(32))?)?),
            b"pakt" if size >= 16 => {
                source.skip(8)?;
                counted = Some(u64::from_be_bytes(source.array()?));
            }
            b"data" => bytes = Some(size.saturating_sub(4)),
            _ => {}
        }
        source.seek(end)?;
    }
    let (rate, width, in_packet, is_pcm) = format.ok_or("it has no `desc` chunk")?;
    let samples = match counted.filter(|_| !is_pcm) {
        Some(counted) => counted,
        None => frames(bytes.ok_or("it has no samples")?, width)?.saturating_mul(in_packet),
    };
    Ok(Length { samples, rate })
}

fn read_format(content: &[u8]) -> Result<(u32, u64, u64, bool), Cause> {
    let mut fields = Fields(content);
    let rate = f64::from_be_bytes(fields.array()?);
    let kind: [u8; 4] = fields.array()?;
    fields.skip(4)?;
    let (width, in_packet) = (u64::from(fields.be32()?), u64::from(fields.be32()?));
    if !(1.0..=f64::from(u32::MAX)).contains(&rate) {
        return Err("its sample rate is out of range".into());
    }
    Ok((rate as u32, width, in_packet, &kind == b"lpcm"))
}
