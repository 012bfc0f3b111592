//! Groupers: one row of several, and back.

pub mod key_value;
pub mod naive;
pub mod naive_reverse;
