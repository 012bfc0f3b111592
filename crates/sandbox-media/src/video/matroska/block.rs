//! Blocks: the frames in them, and how frames were packed.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::element::{children, unsigned, variable, variable_signed};
use crate::error::Cause;
use crate::fields::Fields;

const CONTENT_ENCODING: u32 = 0x6240;
const SCOPE: u32 = 0x5032;
const COMPRESSION: u32 = 0x5034;
const ENCRYPTION: u32 = 0x5035;
const ALGORITHM: u32 = 0x4254;
const SETTINGS: u32 = 0x4255;

/// No frame is larger unpacked; a few bytes could else become gigabytes.
const MOST_UNPACKED: u64 = 1 << 28;

/// The content of a `Block` or `SimpleBlock`.
pub(super) struct Block<'a> {
    pub track: u64,
    lacing: u8,
    data: Fields<'a>,
}

impl<'a> Block<'a> {
    /// None where a block is too short for its own head.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut data = Fields(bytes);
        let track = variable(&mut data)?;
        let [_, _, flags] = data.array().ok()?;
        Some(Self { track, lacing: flags >> 1 & 3, data })
    }

    /// The frames of the block: one, or several that share it ("lacing").
    pub fn frames(mut self) -> Result<Vec<&'a [u8]>, Cause> {
        let damaged = || Cause::from("the lengths of the frames in a block do not fit");
        if self.lacing == 0 {
            return Ok(vec![self.data.0]);
        }
        let count = usize::from(self.data.u8()?) + 1;
        let mut sizes = Vec::with_capacity(count);
        match self.lacing {
            1 => {
                for _ in 1..count {
                    let mut size = 0;
                    loop {
                        let byte = self.data.u8()?;
                        size += usize::from(byte);
                        if byte != 255 {
                            break;
                        }
                    }
                    sizes.push(size);
                }
            }
            3 => {
                let mut size = 0_i64;
                for frame in 1..count {
                    let read = if frame == 1 { variable(&mut self.data).map(u64::cast_signed) } else { variable_signed(&mut self.data) };
                    size = size.checked_add(read.ok_or_else(damaged)?).ok_or_else(damaged)?;
                    sizes.push(usize::try_from(size).map_err(|_| damaged())?);
                }
            }
            _ => sizes = vec![self.data.0.len() / count; count - 1],
        }
        let mut frames = Vec::with_capacity(count);
        for size in sizes {
            frames.push(self.data.take(size).map_err(|_| damaged())?);
        }
        frames.push(self.data.0);
        Ok(frames)
    }
}

/// How the frames of a track get back what was taken out of them.
#[derive(Default)]
pub(super) struct Unpack {
    /// What stands before every frame.
    prefix: Vec<u8>,
    zlib: bool,
    /// Frames of this codec lack their first atom, which FFmpeg puts before them.
    pub is_pro_res: bool,
}

impl Unpack {
    /// Reads the content of `ContentEncodings`.
    pub fn read(encodings: &[u8]) -> Result<Self, Cause> {
        let mut unpack = Self::default();
        let encodings = || children(encodings).filter(|(id, _)| *id == CONTENT_ENCODING);
        if encodings().count() > 1 {
            return Err("its frames are packed more than once".into());
        }
        for (_, encoding) in encodings() {
            let of_frames = children(encoding).find(|(id, _)| *id == SCOPE).is_none_or(|(_, scope)| unsigned(scope) & 1 == 1);
            if children(encoding).any(|(id, _)| id == ENCRYPTION) {
                return Err("its frames are encrypted".into());
            }
            let Some((_, compression)) = children(encoding).find(|(id, _)| *id == COMPRESSION).filter(|_| of_frames) else { continue };
            let value = |wanted| children(compression).find(|(id, _)| *id == wanted).map(|(_, value)| value);
            match value(ALGORITHM).map_or(0, unsigned) {
                0 => unpack.zlib = true,
                3 => unpack.prefix = value(SETTINGS).unwrap_or_default().to_vec(),
                1 => return Err("its frames are packed with bzip2".into()),
                _ => return Err("its frames are packed in an unknown way".into()),
            }
        }
        Ok(unpack)
    }

    pub fn hand_on(&self, frame: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
        if self.is_pro_res && frame.get(4..8) != Some(b"icpf") {
            let size = u32::try_from(frame.len() + 8).unwrap_or(u32::MAX);
            sink(&size.to_be_bytes());
            sink(b"icpf");
        }
        if !self.zlib {
            sink(&self.prefix);
            sink(frame);
            return Ok(());
        }
        let mut unpacked = Vec::new();
        let size = ZlibDecoder::new(frame).take(MOST_UNPACKED + 1).read_to_end(&mut unpacked);
        match size {
            Ok(size) if size as u64 <= MOST_UNPACKED => sink(&unpacked),
            Ok(_) => return Err("a frame is too large when unpacked".into()),
            Err(error) => return Err(format!("a frame cannot be unpacked: {error}").into()),
        }
        Ok(())
    }
}
