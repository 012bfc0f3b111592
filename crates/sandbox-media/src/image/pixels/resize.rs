//! Pillow's `resize` with the Lanczos filter, in its fixed point numbers of 22 bits.

use std::f64::consts::PI;

use super::Pixels;

const BITS: u32 = 32 - 8 - 2;
const SUPPORT: f64 = 3.0;

/// For one sample of the result: where it begins in the source, and its weights.
struct Weights {
    start: usize,
    weights: Vec<i32>,
}

/// The picture in another size.
pub(super) fn resize(pixels: &Pixels, width: usize, height: usize) -> Pixels {
    let (from_width, from_height) = (pixels.width, pixels.height);
    let needs = (from_width != width, from_height != height);
    let columns = || weights(from_width, width);
    let rows = || weights(from_height, height);
    // Roundings differ with the order, so it is Pillow's: rows first where far more rows than columns go away.
    let lost = |from: usize, to: usize| from as i64 - to as i64;
    let is_tall = from_height > height && lost(from_height, height) > 2 * lost(from_width, width);
    let rgb = match needs {
        (true, true) if is_tall => across(&down(&pixels.rgb, from_width, &rows()), from_width, &columns()),
        (true, true) => down(&across(&pixels.rgb, from_width, &columns()), width, &rows()),
        (true, false) => across(&pixels.rgb, from_width, &columns()),
        (false, true) => down(&pixels.rgb, from_width, &rows()),
        (false, false) => pixels.rgb.clone(),
    };
    Pixels { width, height, rgb }
}

fn across(rgb: &[u8], width: usize, table: &[Weights]) -> Vec<u8> {
    let mut out = Vec::with_capacity(table.len() * (rgb.len() / width.max(1)));
    for row in rgb.chunks_exact(width * 3) {
        for Weights { start, weights } in table {
            let source = row.get(start * 3..).unwrap_or_default().as_chunks::<3>().0;
            let mut sums = [1_i32 << (BITS - 1); 3];
            for (pixel, weight) in source.iter().zip(weights) {
                for (sum, sample) in sums.iter_mut().zip(pixel) {
                    *sum = sum.wrapping_add(i32::from(*sample).wrapping_mul(*weight));
                }
            }
            out.extend(sums.map(cut));
        }
    }
    out
}

fn down(rgb: &[u8], width: usize, table: &[Weights]) -> Vec<u8> {
    let stride = width * 3;
    let mut out = Vec::with_capacity(table.len() * stride);
    let mut sums = vec![0_i32; stride];
    for Weights { start, weights } in table {
        sums.fill(1 << (BITS - 1));
        for (row, weight) in rgb.chunks_exact(stride).skip(*start).zip(weights) {
            for (sum, sample) in sums.iter_mut().zip(row) {
                *sum = sum.wrapping_add(i32::from(*sample).wrapping_mul(*weight));
            }
        }
        out.extend(sums.iter().map(|sum| cut(*sum)));
    }
    out
}

fn cut(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

fn weights(from: usize, to: usize) -> Vec<Weights> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    let support = SUPPORT * stretch;
    let of_sample = |sample: usize| {
        let center = (sample as f64 + 0.5) * scale;
        // Casts cut towards zero, as in C.
        let start = (center - support + 0.5).max(0.0) as usize;
        let end = ((center + support + 0.5) as usize).min(from);
        let filter = |at: usize| lanczos((at as f64 - center + 0.5) * (1.0 / stretch));
        let mut weights: Vec<f64> = (start..end).map(filter).collect();
        let sum: f64 = weights.iter().fold(0.0, |sum, weight| sum + weight);
        if sum != 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        let fixed = |weight: f64| (weight * f64::from(1 << BITS) + if weight < 0.0 { -0.5 } else { 0.5 }) as i32;
        Weights { start, weights: weights.into_iter().map(fixed).collect() }
    };
    (0..to).map(of_sample).collect()
}

fn lanczos(x: f64) -> f64 {
    if (-SUPPORT..SUPPORT).contains(&x) { sinc(x) * sinc(x / SUPPORT) } else { 0.0 }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let x = x * PI;
    x.sin() / x
}
