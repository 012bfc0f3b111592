//! One statistic of one row as the number that it is ranked by.

/// What a statistic says of a row's rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rank {
    /// A number, or the mean of a list of numbers.
    Number(f64),
    /// An empty list: ranked as 0, but lists of texts can be empty too.
    Empty,
    /// null, or a list of nothing but null.
    Missing,
    /// Something that has no rank.
    Other,
}

/// The rank of a JSON text.
pub(super) fn rank(json: &str) -> Rank {
    match json.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => json.parse().map_or(Rank::Other, |number: f64| Rank::Number(number + 0.0)),
        Some(b'n') => Rank::Missing,
        Some(b'[') => rank_of_list(&json[1..json.len() - 1]),
        _ => Rank::Other,
    }
}

fn rank_of_list(items: &str) -> Rank {
    if items.trim_ascii().is_empty() {
        return Rank::Empty;
    }
    let mut numbers = Vec::new();
    // As long as only numbers and nulls were met, commas stand between items and nowhere else.
    for item in items.split(',').map(str::trim_ascii) {
        match rank_of_item(item) {
            Rank::Number(number) => numbers.push(number),
            Rank::Missing => {}
            other => return other,
        }
    }
    if numbers.is_empty() { Rank::Missing } else { Rank::Number(sum(&numbers) / numbers.len() as f64 + 0.0) }
}

fn rank_of_item(item: &str) -> Rank {
    if item.starts_with('[') { Rank::Other } else { rank(item) }
}

/// The sum as NumPy forms it (pairwise), so that means are the same to the last bit.
fn sum(numbers: &[f64]) -> f64 {
    if numbers.len() < 8 {
        return numbers.iter().sum();
    }
    if numbers.len() <= 128 {
        let (blocks, rest) = numbers.as_chunks::<8>();
        let mut sums = [0.0; 8];
        for block in blocks {
            sums.iter_mut().zip(block).for_each(|(sum, number)| *sum += number);
        }
        let [a, b, c, d, e, f, g, h] = sums;
        let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
        return rest.iter().fold(total, |total, number| total + number);
    }
    let half = numbers.len() / 2;
    let (first, second) = numbers.split_at(half - half % 8);
    sum(first) + sum(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_all_kinds() {
        for (json, expected) in [
            ("12", Rank::Number(12.0)),
            ("-0.0", Rank::Number(0.0)),
            ("1e2", Rank::Number(100.0)),
            ("[1, 2,4.5]", Rank::Number(2.5)),
            ("[ ]", Rank::Empty),
            ("[null, 3]", Rank::Number(3.0)),
            ("[null]", Rank::Missing),
            ("null", Rank::Missing),
            ("\"de\"", Rank::Other),
            ("true", Rank::Other),
            ("[\"1,2\"]", Rank::Other),
            ("[[1, 2]]", Rank::Other),
            ("{}", Rank::Other),
        ] {
            assert_eq!(rank(json), expected, "{json}");
        }
    }

    #[test]
    fn long_lists_are_summed_pairwise() {
        // numpy.sum(0.1 * numpy.arange(1000)) is 49950.0; adding one by one gives 49950.00000000013.
        let numbers: Vec<f64> = (0..1000).map(|number| 0.1 * f64::from(number)).collect();
        assert_eq!(sum(&numbers), 49950.0);
    }
}
