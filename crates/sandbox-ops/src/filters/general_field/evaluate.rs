//! A condition's value for a row.

use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Comparison, Expression};
use crate::python;
use crate::row_view::RowView;

impl Expression {
    /// The value, or why Python would raise.
    pub(super) fn evaluate(&self, row: &RowView<'_>) -> Result<Value, String> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Field(path) => row.value(path).unwrap_or(Value::Null),
            Self::Attribute(of, key) => of.evaluate(row)?.get(key).cloned().unwrap_or(Value::Null),
            Self::Not(inside) => (!python::truth(&inside.evaluate(row)?)).into(),
            Self::All(items) => {
                for item in items {
                    if !python::truth(&item.evaluate(row)?) {
                        return Ok(false.into());
                    }
                }
                true.into()
            }
            Self::Any(items) => {
                for item in items {
                    if python::truth(&item.evaluate(row)?) {
                        return Ok(true.into());
                    }
                }
                false.into()
            }
            Self::Chain(first, rest, words) => {
                let mut left = first.evaluate(row)?;
                let rights = rest.iter().map(|(how, right)| Ok((how, right.evaluate(row)?))).collect::<Result<Vec<_>, String>>()?;
                for (how, right) in rights {
                    if !how.holds(&left, &right).map_err(|error| format!("`{words}`: {error}"))? {
                        return Ok(false.into());
                    }
                    left = right;
                }
                true.into()
            }
        })
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> Result<bool, String> {
        if left.is_null() || right.is_null() {
            return Ok(false);
        }
        let is = |wanted: &[Ordering]| Ok(python::order(left, right)?.is_some_and(|order| wanted.contains(&order)));
        match self {
            Self::Equal => Ok(python::equal(left, right)),
            Self::NotEqual => Ok(!python::equal(left, right)),
            Self::Less => is(&[Ordering::Less]),
            Self::LessOrEqual => is(&[Ordering::Less, Ordering::Equal]),
            Self::GreaterOrEqual => is(&[Ordering::Greater, Ordering::Equal]),
            Self::Greater => is(&[Ordering::Greater]),
        }
    }
}
