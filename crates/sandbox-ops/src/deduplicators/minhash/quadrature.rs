//! Integrals as SciPy's `quad` finds them: Gauss and Kronrod's rule of 21 points, the interval with the largest error halved
//! until the errors' sum is small enough (QUADPACK; Piessens, de Doncker-Kapenga, Überhuber and Kahaner 1983).
//!
//! QUADPACK also extrapolates for integrands with singularities; those integrated here have none, and end before.

use std::array;

/// Absolute and relative error that SciPy asks for by default.
const TOLERANCE: f64 = 1.49e-8;
/// The most intervals.
const LIMIT: usize = 50;

/// The rule's nodes above 0, from the outermost; every second one, from the second on, is also one of Gauss's 10.
const NODES: [f64; 10] = [
    0.995_657_163_025_808_1,
    0.973_906_528_517_171_7,
    0.930_157_491_355_708_2,
    0.865_063_366_688_984_5,
    0.780_817_726_586_416_9,
    0.679_409_568_299_024_4,
    0.562_757_134_668_604_7,
    0.433_395_394_129_247_2,
    0.294_392_862_701_460_2,
    0.148_874_338_981_631_22,
];
/// Kronrod's weights of the nodes.
const KRONROD: [f64; 10] = [
    0.011_694_638_867_371_874,
    0.032_558_162_307_964_725,
    0.054_755_896_574_351_995,
    0.075_039_674_810_919_96,
    0.093_125_454_583_697_6,
    0.109_387_158_802_297_64,
    0.123_491_976_262_065_84,
    0.134_709_217_311_473_34,
    0.142_775_938_577_060_09,
    0.147_739_104_901_338_49,
];
/// Kronrod's weight of 0.
const KRONROD_CENTRE: f64 = 0.149_445_554_002_916_9;
/// Gauss's weights of every second node.
const GAUSS: [f64; 5] =
    [0.066_671_344_308_688_14, 0.149_451_349_150_580_6, 0.219_086_362_515_982_04, 0.269_266_719_309_996_35, 0.295_524_224_714_752_87];

/// The integral of a smooth function.
pub(super) fn integral(function: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    if from == to {
        return 0.0;
    }
    let whole = Part::of(&function, from, to);
    if (whole.error <= bound(whole.area) && whole.error != whole.deviation) || whole.error == 0.0 {
        return whole.area;
    }
    let (mut area, mut error) = (whole.area, whole.error);
    let mut parts = vec![whole];
    while parts.len() < LIMIT {
        let Some(worst) = (0..parts.len()).max_by(|x, y| parts[*x].error.total_cmp(&parts[*y].error).then(y.cmp(x))) else { break };
        let part = parts[worst];
        let centre = 0.5 * (part.from + part.to);
        let halves = [Part::of(&function, part.from, centre), Part::of(&function, centre, part.to)];
        error += halves[0].error + halves[1].error - part.error;
        area += halves[0].area + halves[1].area - part.area;
        // The worse half takes the place of the whole, as in QUADPACK, so that sums are built in the same order.
        let second_is_worse = halves[1].error > halves[0].error;
        parts[worst] = halves[usize::from(second_is_worse)];
        parts.push(halves[usize::from(!second_is_worse)]);
        if error <= bound(area) {
            break;
        }
    }
    parts.iter().map(|part| part.area).sum()
}

fn bound(area: f64) -> f64 {
    TOLERANCE.max(TOLERANCE * area.abs())
}

/// One interval with what the rule says of it.
#[derive(Clone, Copy)]
struct Part {
    from: f64,
    to: f64,
    area: f64,
    error: f64,
    /// The integral of the distance from the mean.
    deviation: f64,
}

impl Part {
    fn of(function: impl Fn(f64) -> f64, from: f64, to: f64) -> Self {
        let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
        let middle = function(centre);
        let values: [[f64; 2]; 10] = array::from_fn(|node| {
            let distance = half * NODES[node];
            [function(centre - distance), function(centre + distance)]
        });
        let mut gauss = 0.0;
        let mut kronrod = KRONROD_CENTRE * middle;
        let mut size = kronrod.abs();
        for node in (1..10).step_by(2).chain((0..10).step_by(2)) {
            let [left, right] = values[node];
            if node % 2 == 1 {
                gauss += GAUSS[node / 2] * (left + right);
            }
            kronrod += KRONROD[node] * (left + right);
            size += KRONROD[node] * (left.abs() + right.abs());
        }
        let mean = kronrod * 0.5;
        let mut deviation = KRONROD_CENTRE * (middle - mean).abs();
        for (weight, [left, right]) in KRONROD.iter().zip(values) {
            deviation += weight * ((left - mean).abs() + (right - mean).abs());
        }
        let (size, deviation) = (size * half.abs(), deviation * half.abs());
        let mut error = ((kronrod - gauss) * half).abs();
        if deviation != 0.0 && error != 0.0 {
            error = deviation * (200.0 * error / deviation).powf(1.5).min(1.0);
        }
        if size > f64::MIN_POSITIVE / (50.0 * f64::EPSILON) {
            error = error.max(50.0 * f64::EPSILON * size);
        }
        Self { from, to, area: kronrod * half, error, deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::integral;

    #[test]
    fn known_integrals() {
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        close(integral(|x| x * x, 0.0, 3.0), 9.0);
        close(integral(|x| (-x * x).exp(), -20.0, 20.0), std::f64::consts::PI.sqrt());
        close(integral(|x| x.powf(400.0), 0.0, 1.0), 1.0 / 401.0);
        close(integral(f64::sin, 0.0, 0.0), 0.0);
    }
}
