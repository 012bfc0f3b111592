//! The inverse cosine transform in whole numbers of Loeffler, Ligtenberg and Moschytz, with libjpeg's constants and
//! roundings ("islow").

use super::Block;

const BITS: i32 = 13;
const BITS_BETWEEN: i32 = 2;

/// The 64 samples of a block, row by row.
pub(super) fn samples(block: &Block, quantization: &[u16; 64]) -> [u8; 64] {
    let mut between = [0_i32; 64];
    let mut values = [0_i32; 64];
    for ((value, coefficient), quantizer) in values.iter_mut().zip(block).zip(quantization) {
        *value = i32::from(coefficient.wrapping_mul(quantizer.cast_signed()));
    }
    for column in 0..8 {
        let line = transform(std::array::from_fn(|row| values[row * 8 + column]), BITS - BITS_BETWEEN);
        for (row, value) in line.into_iter().enumerate() {
            between[row * 8 + column] = value.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
        }
    }
    let mut samples = [0; 64];
    for (row, line) in samples.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let values = transform(std::array::from_fn(|column| between[row * 8 + column]), BITS + BITS_BETWEEN + 3);
        for (sample, value) in line.iter_mut().zip(values) {
            *sample = (value.clamp(-128, 127) + 128) as u8;
        }
    }
    samples
}

/// One line of eight, rounded and shifted down.
fn transform(c: [i32; 8], shift: i32) -> [i32; 8] {
    let z1 = (c[2] + c[6]) * 4433;
    let (t2, t3) = (z1 + c[6] * -15137, z1 + c[2] * 6270);
    let (t0, t1) = ((c[0] + c[4]) << BITS, (c[0] - c[4]) << BITS);
    let (e0, e3, e1, e2) = (t0 + t3, t0 - t3, t1 + t2, t1 - t2);

    let (o0, o1, o2, o3) = (c[7], c[5], c[3], c[1]);
    let (z1, z2, z3, z4) = (o0 + o3, o1 + o2, o0 + o2, o1 + o3);
    let z5 = (z3 + z4) * 9633;
    let (z1, z2) = (z1 * -7373, z2 * -20995);
    let (z3, z4) = (z3 * -16069 + z5, z4 * -3196 + z5);
    let o0 = o0 * 2446 + z1 + z3;
    let o1 = o1 * 16819 + z2 + z4;
    let o2 = o2 * 25172 + z2 + z3;
    let o3 = o3 * 12299 + z1 + z4;

    let round = |value: i32| value.wrapping_add(1 << (shift - 1)) >> shift;
    [round(e0 + o3), round(e1 + o2), round(e2 + o1), round(e3 + o0), round(e3 - o0), round(e2 - o1), round(e1 - o2), round(e0 - o3)]
}
