//! Five steps of the Haar wavelet, in the order of PyWavelets.

/// Rows and columns of the picture.
pub(super) const SIZE: usize = 256;
const STEPS: u32 = 5;
/// Half the square root of two, as PyWavelets has it.
const FACTOR: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// The 64 coarse coefficients, row by row.
pub(super) fn coarse(rows: &[[u8; SIZE]]) -> Vec<f64> {
    let mut values: Vec<f64> = rows.iter().flatten().map(|value| f64::from(*value) / 255.0).collect();
    let mut size = SIZE;
    for _ in 0..STEPS {
        let low = |first: f64, second: f64| FACTOR * second + FACTOR * first;
        let pairs = values.chunks_exact(2 * size).flat_map(|rows| {
            let (upper, lower) = rows.split_at(size);
            upper.iter().zip(lower).map(move |(upper, lower)| low(*upper, *lower))
        });
        let halved: Vec<f64> = pairs.collect();
        values = halved.as_chunks::<2>().0.iter().map(|[left, right]| low(*left, *right)).collect();
        size /= 2;
    }
    values
}
