//! One number a row, also of statistics that are lists: what two statistics can be correlated by.

use std::collections::BTreeMap;

use sandbox_ops::StatValue;

use super::column::Column;

/// Of each statistic that has lists, the mean of each row; 0 for an empty list, as in the original, NaN for no number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowMeans(BTreeMap<String, Vec<f64>>);

impl RowMeans {
    /// Adds what one row has of `name`; `column` is what the rows before have.
    pub(crate) fn push(&mut self, name: &str, column: Option<&Column>, value: &StatValue) {
        let mean = match value {
            StatValue::List(items) => {
                if !self.0.contains_key(name) {
                    // Until now every row had one value.
                    let before = match column {
                        Some(Column::Numbers(values)) => values.clone(),
                        _ => Vec::new(),
                    };
                    self.0.insert(name.to_owned(), before);
                }
                let numbers: Vec<f64> = items.iter().filter_map(number).collect();
                if items.is_empty() { 0.0 } else { numbers.iter().sum::<f64>() / numbers.len() as f64 }
            }
            other => number(other).unwrap_or(f64::NAN),
        };
        if let Some(means) = self.0.get_mut(name) {
            means.push(mean);
        }
    }

    /// The numbers of `name`, one a row.
    pub(super) fn of<'c>(&'c self, name: &str, column: &'c Column) -> Option<&'c [f64]> {
        match (self.0.get(name), column) {
            (Some(means), _) => Some(means),
            (None, Column::Numbers(values)) => Some(values),
            _ => None,
        }
    }
}

fn number(value: &StatValue) -> Option<f64> {
    match value {
        StatValue::Integer(number) => Some(*number as f64),
        StatValue::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_count_by_their_means() {
        let (mut means, mut column) = (RowMeans::default(), None);
        let list = |numbers: &[f64]| StatValue::List(numbers.iter().map(|number| StatValue::Float(*number)).collect());
        for value in [StatValue::Float(5.0), list(&[1.0, 3.0]), list(&[]), StatValue::Null, StatValue::Integer(7)] {
            means.push("x", column.as_ref(), &value);
            Column::push_stat(&mut column, &value);
        }
        let column = column.unwrap();
        let values = means.of("x", &column).unwrap();
        assert_eq!(values[..3], [5.0, 2.0, 0.0]);
        assert!(values[3].is_nan());
        assert_eq!(values[4], 7.0);
        assert_eq!(RowMeans::default().of("y", &Column::Numbers(vec![1.0])).unwrap(), [1.0]);
    }
}
