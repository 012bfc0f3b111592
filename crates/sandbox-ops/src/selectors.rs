//! Selectors: they choose among all rows.

pub mod frequency_specified_field;
pub mod random;
pub mod range_specified_field;
mod ranked;
pub mod tags_specified_field;
pub mod topk_specified_field;
