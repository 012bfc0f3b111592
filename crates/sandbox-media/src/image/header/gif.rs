//! GIF: the screen, or a first picture that is larger.

use super::Size;
use crate::error::Cause;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<Size, Cause> {
    source.seek(6)?;
    let (mut width, mut height) = (next(source)?, next(source)?);
    let [flags, _, _] = source.array()?;
    if flags & 0x80 != 0 && source.skip(6 << (flags & 7)).is_err() {
        return Ok(Size { width, height });
    }
    if let Ok((right, bottom)) = first_picture(source) {
        // A first picture that hangs over widens the screen.
        (width, height) = (width.max(right), height.max(bottom));
    }
    Ok(Size { width, height })
}

/// Where the first picture ends, to the right and below.
fn first_picture(source: &mut Source<'_>) -> Result<(u32, u32), Cause> {
    loop {
        let [kind] = source.array()?;
        match kind {
            b',' => {
                let (left, top) = (next(source)?, next(source)?);
                return Ok((left + next(source)?, top + next(source)?));
            }
            b'!' => {
                source.skip(1)?;
                loop {
                    let [size] = source.array()?;
                    if size == 0 {
                        break;
                    }
                    source.skip(u64::from(size))?;
                }
            }
            b';' => return Err("it has no picture".into()),
            _ => {}
        }
    }
}

fn next(source: &mut Source<'_>) -> Result<u32, Cause> {
    source.array().map(|bytes| u32::from(u16::from_le_bytes(bytes)))
}
