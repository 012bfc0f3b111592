//! BMP, from OS/2's on.

use super::Size;
use crate::error::Cause;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<Size, Cause> {
    source.seek(14)?;
    let size = u32::from_le_bytes(source.array()?);
    if size == 12 {
        let [w0, w1, h0, h1] = source.array()?;
        return Ok(Size { width: u32::from(u16::from_le_bytes([w0, w1])), height: u32::from(u16::from_le_bytes([h0, h1])) });
    }
    if ![16, 40, 52, 56, 64, 108, 124].contains(&size) {
        return Err(format!("its header has a length that is not known here ({size})").into());
    }
    let (width, height) = (u32::from_le_bytes(source.array()?), i32::from_le_bytes(source.array()?));
    // Rows from top to bottom have a negative height.
    Ok(Size { width, height: height.unsigned_abs() })
}
