//! What can be watched beside numbers: texts, lists, histograms, tables.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chunk::Num;
use crate::node::Node;

/// What kind of value a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number with a fraction.
    Float,
    /// A whole number.
    Int,
    /// A truth value.
    Bool,
    /// A text.
    Text,
    /// A list or an empty map, as JSON.
    Json,
    /// Nothing.
    Null,
    /// Counts between edges.
    Histogram,
    /// Rows and columns.
    Table,
}

impl Kind {
    const ALL: [Self; 8] = [Self::Float, Self::Int, Self::Bool, Self::Text, Self::Json, Self::Null, Self::Histogram, Self::Table];

    /// Whether its values are points of a curve.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Float | Self::Int | Self::Bool)
    }

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    pub(crate) fn of(num: Num) -> Self {
        match num {
            Num::Float(_) => Self::Float,
            Num::Int(_) => Self::Int,
            Num::Bool(_) => Self::Bool,
        }
    }
}

/// How values are spread: `counts[i]` of them lie from `edges[i]` up to `edges[i + 1]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Rising, one more than there are counts.
    pub edges: Vec<f64>,
    /// How many values lie between two edges.
    pub counts: Vec<u64>,
    /// How many values are NaN or infinite and lie nowhere.
    #[serde(default)]
    pub outside: u64,
}

impl Histogram {
    /// Counts values in `bins` ranges of equal width from the smallest to the largest; the last range includes its upper edge.
    ///
    /// ```
    /// let histogram = sandbox_watcher::Histogram::of(&[0.0, 1.0, 1.0, 4.0, f64::NAN], 4);
    /// assert_eq!((histogram.edges, histogram.counts, histogram.outside), (vec![0.0, 1.0, 2.0, 3.0, 4.0], vec![1, 2, 0, 1], 1));
    /// ```
    pub fn of(values: &[f64], bins: usize) -> Self {
        let bins = bins.clamp(1, 1 << 16);
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let low = finite().fold(f64::INFINITY, f64::min);
        let high = finite().fold(f64::NEG_INFINITY, f64::max);
        let outside = (values.len() - finite().count()) as u64;
        if low > high {
            return Self { edges: vec![0.0, 1.0], counts: vec![0], outside };
        }
        // All values the same: a range around them. Halves first, so that the width of all numbers does not overflow.
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, high + 0.5) };
        let width = (high / bins as f64 - low / bins as f64).max(f64::MIN_POSITIVE);
        let edges = (0..=bins).map(|bin| if bin == bins { high } else { low + width * bin as f64 }).collect();
        let mut counts = vec![0; bins];
        for value in finite() {
            // Rounded down; beyond the last one it is the upper edge.
            let bin = ((value / width - low / width) as usize).min(bins - 1);
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        Self { edges, counts, outside }
    }
}

/// Rows and columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; each has one value for each column.
    pub rows: Vec<Vec<Value>>,
}

/// A value as it was watched, with its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// A number, text, list or nothing.
    Node(Node),
    /// Counts between edges.
    Histogram(Histogram),
    /// Rows and columns.
    Table(Table),
}

impl Watched {
    /// As JSON for readers: numbers that are not finite are `null`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Node(node) => node.to_json(),
            Self::Histogram(histogram) => serde_json::to_value(histogram).unwrap_or_default(),
            Self::Table(table) => serde_json::to_value(table).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_of_odd_values() {
        assert_eq!(Histogram::of(&[], 3).counts, [0]);
        assert_eq!(Histogram::of(&[f64::INFINITY], 3), Histogram { edges: vec![0.0, 1.0], counts: vec![0], outside: 1 });
        assert_eq!(Histogram::of(&[2.0, 2.0], 2), Histogram { edges: vec![1.5, 2.0, 2.5], counts: vec![0, 2], outside: 0 });
        let wide = Histogram::of(&[f64::MIN, 0.0, f64::MAX], 2);
        assert_eq!(wide.counts.iter().sum::<u64>(), 3);
        assert!(wide.edges.is_sorted());
    }

    #[test]
    fn codes_come_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code().into()), Some(kind));
        }
        assert_eq!(Kind::from_code(99), None);
    }
}
