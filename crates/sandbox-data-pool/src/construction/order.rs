//! The rows of a data set in the order of a column, equal ones in the order that they had.

/// Bits of a key that one pass sorts by.
const DIGIT: u32 = 11;
const DIGITS: usize = 64_u32.div_ceil(DIGIT) as usize;
const VALUES: usize = 1 << DIGIT;

/// Sorts rows by a column, upwards in the order of [`f64::total_cmp`] (NaN last), in time that grows with the rows alone.
///
/// What two rows do not differ in is not looked at twice: a column of small whole numbers takes two passes of six.
pub(super) fn sort(order: &mut Vec<u32>, column: &[f64]) {
    if order.len() < VALUES {
        order.sort_by(|a, b| column[*a as usize].total_cmp(&column[*b as usize]));
        return;
    }
    let mut counts = vec![[0_u32; VALUES]; DIGITS];
    for row in &*order {
        let key = key(column[*row as usize]);
        counts.iter_mut().enumerate().for_each(|(digit, counts)| counts[digit_of(key, digit)] += 1);
    }
    let mut sorted = vec![0; order.len()];
    for (digit, counts) in counts.iter_mut().enumerate() {
        if counts.iter().any(|count| *count as usize == order.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for row in &*order {
            let place = &mut counts[digit_of(key(column[*row as usize]), digit)];
            sorted[*place as usize] = *row;
            *place += 1;
        }
        std::mem::swap(order, &mut sorted);
    }
}

/// A whole number for a number, with the same order.
fn key(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn digit_of(key: u64, digit: usize) -> usize {
    (key >> (digit as u32 * DIGIT)) as usize & (VALUES - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(column: &[f64]) {
        let start: Vec<u32> = sandbox_dataset::permutation(7, column.len()).into_iter().map(|row| row as u32).collect();
        let (mut order, mut expected) = (start.clone(), start);
        sort(&mut order, column);
        expected.sort_by(|a, b| column[*a as usize].total_cmp(&column[*b as usize]));
        assert!(order == expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_order_is_that_of_a_stable_sort(column in prop::collection::vec(any::<f64>(), VALUES..VALUES + 500), few in 1_u32..50) {
            check(&column);
            check(&column.iter().map(|number| (number % f64::from(few)).round()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn extremes_and_missing_numbers() {
        let values = [f64::NAN, f64::INFINITY, 1e-310, 0.0, -0.0, -1e-310, -1.5, f64::NEG_INFINITY, f64::MAX];
        check(&values.iter().cycle().take(3 * VALUES).copied().collect::<Vec<_>>());
        check(&values);
        check(&[]);
    }
}
