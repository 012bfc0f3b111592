//! imagededup's hashes: 64 bits of a small grey picture.

mod cosine;
mod haar;

use std::fmt;

use super::Pixels;
use super::resize::resize;

/// What is compared to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Low frequencies with their median.
    Perceptual,
    /// Every pixel with its left neighbour.
    Difference,
    /// Coarse wavelets with their median.
    Wavelet,
    /// Every pixel with the mean.
    Average,
}

/// The hash of a picture; its text is 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub u64);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Method {
    pub(super) fn of(self, pixels: &Pixels) -> Hash {
        match self {
            Self::Perceptual => perceptual(&grey::<{ cosine::SIZE }, { cosine::SIZE }>(pixels)),
            Self::Difference => pack(grey::<9, 8>(pixels).iter().flat_map(|row| row.windows(2).map(|pair| pair[1] > pair[0]))),
            Self::Wavelet => above(&haar::coarse(&grey::<{ haar::SIZE }, { haar::SIZE }>(pixels)), 0),
            Self::Average => {
                let rows = grey::<8, 8>(pixels);
                let sum: u32 = rows.iter().flatten().map(|value| u32::from(*value)).sum();
                pack(rows.iter().flatten().map(|value| u32::from(*value) * 64 >= sum))
            }
        }
    }
}

/// Rows of the picture made small, then grey.
fn grey<const W: usize, const H: usize>(pixels: &Pixels) -> Vec<[u8; W]> {
    let small = resize(pixels, W, H);
    let values: Vec<u8> = small.rgb.as_chunks::<3>().0.iter().map(|color| luma(*color)).collect();
    values.as_chunks::<W>().0.to_vec()
}

fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471 + 0x8000) >> 16) as u8
}

fn perceptual(rows: &[[u8; cosine::SIZE]]) -> Hash {
    let low: Vec<f64> = cosine::transform(rows).iter().take(8).flat_map(|row| row.iter().take(8).copied()).collect();
    // The first is the mean of the picture, which says nothing about its shape.
    above(&low, 1)
}

/// Which values reach the median of those from `skip` on.
fn above(values: &[f64], skip: usize) -> Hash {
    let mut sorted = values.get(skip..).unwrap_or_default().to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let median = if sorted.len() % 2 == 1 { at(middle) } else { (at(middle.saturating_sub(1)) + at(middle)) / 2.0 };
    pack(values.iter().map(|value| *value >= median))
}

fn pack(bits: impl Iterator<Item = bool>) -> Hash {
    Hash(bits.fold(0, |hash, bit| hash << 1 | u64::from(bit)))
}
