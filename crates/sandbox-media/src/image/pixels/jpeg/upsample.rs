//! Components as large as the picture: libjpeg's triangle filter ("fancy upsampling"), or repeated samples.

use super::transform::samples;
use super::{Component, Decoder};
use crate::error::Cause;

/// Samples of one component.
pub(super) struct Plane {
    pub width: usize,
    pub samples: Vec<u8>,
}

impl Plane {
    /// The samples that count, of all blocks.
    fn of(component: &Component) -> Self {
        let (width, height) = (component.width, component.height);
        let mut plane = Self { width, samples: vec![0; width * height] };
        let quantization = component.quantization.unwrap_or([0; 64]);
        let columns = width.div_ceil(8);
        for (row, blocks) in component.blocks.chunks(component.columns.max(1)).enumerate() {
            for (column, block) in blocks.iter().enumerate().take(columns) {
                let block = samples(block, &quantization);
                for (line, values) in block.as_chunks::<8>().0.iter().enumerate() {
                    let (y, x) = (row * 8 + line, column * 8);
                    if y < height {
                        let end = (x + 8).min(width);
                        if let Some(target) = plane.samples.get_mut(y * width + x..y * width + end) {
                            target.copy_from_slice(&values[..end - x]);
                        }
                    }
                }
            }
        }
        plane
    }

    fn rows(&self) -> std::slice::Chunks<'_, u8> {
        self.samples.chunks(self.width.max(1))
    }
}

/// A component with as many samples as the picture has pixels.
pub(super) fn plane(decoder: &Decoder, component: &Component) -> Result<Plane, Cause> {
    let plane = Plane::of(component);
    let (across, down) = (decoder.across, decoder.down);
    let (width, height) = (decoder.width, decoder.height);
    let halves = |largest: usize, own: usize| own * 2 == largest;
    let is_smooth = component.width > 2;
    if component.across == across && component.down == down {
        return Ok(plane);
    }
    if halves(across, component.across) && component.down == down && is_smooth {
        let rows = plane.rows().map(|row| across_row(row, width));
        return Ok(Plane { width, samples: rows.flatten().collect() });
    }
    let is_both = halves(across, component.across) && is_smooth;
    if halves(down, component.down) && (is_both || component.across == across) {
        let rows: Vec<&[u8]> = plane.rows().collect();
        let mut samples = Vec::with_capacity(width * height);
        for y in 0..height {
            let near = y / 2;
            // Beyond the first and the last row these are repeated.
            let far = if y % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(rows.len().saturating_sub(1)) };
            let (Some(near), Some(far)) = (rows.get(near), rows.get(far)) else { break };
            let sums = near.iter().zip(far.iter()).map(|(near, far)| i32::from(*near) * 3 + i32::from(*far));
            if is_both {
                samples.extend(both_row(&sums.collect::<Vec<_>>(), width));
            } else {
                let bias = if y % 2 == 0 { 1 } else { 2 };
                samples.extend(sums.map(|sum| ((sum + bias) >> 2) as u8));
            }
        }
        return Ok(Plane { width, samples });
    }
    if across % component.across != 0 || down % component.down != 0 {
        return Err("its components have factors that do not divide".into());
    }
    let (times_across, times_down) = (across / component.across, down / component.down);
    let mut samples = Vec::with_capacity(width * height);
    let rows: Vec<&[u8]> = plane.rows().collect();
    for row in (0..height).filter_map(|y| rows.get(y / times_down)) {
        samples.extend((0..width).map(|x| row.get(x / times_across).copied().unwrap_or(0)));
    }
    Ok(Plane { width, samples })
}

/// Twice as many samples: three quarters of the nearer one and a quarter of the other.
fn across_row(row: &[u8], width: usize) -> impl Iterator<Item = u8> {
    let last = row.len().saturating_sub(1);
    let at = |x: usize| i32::from(row.get(x).copied().unwrap_or(0));
    (0..width).map(move |x| {
        let near = x / 2;
        match x % 2 {
            0 if near == 0 => at(0) as u8,
            0 => ((at(near) * 3 + at(near - 1) + 1) >> 2) as u8,
            _ if near == last => at(last) as u8,
            _ => ((at(near) * 3 + at(near + 1) + 2) >> 2) as u8,
        }
    })
}

/// The same from sums of two rows, which are four times as large.
fn both_row(sums: &[i32], width: usize) -> impl Iterator<Item = u8> {
    let last = sums.len().saturating_sub(1);
    let at = |x: usize| sums.get(x).copied().unwrap_or(0);
    (0..width).map(move |x| {
        let near = x / 2;
        match x % 2 {
            0 if near == 0 => ((at(0) * 4 + 8) >> 4) as u8,
            0 => ((at(near) * 3 + at(near - 1) + 8) >> 4) as u8,
            _ if near == last => ((at(last) * 4 + 7) >> 4) as u8,
            _ => ((at(near) * 3 + at(near + 1) + 7) >> 4) as u8,
        }
    })
}
