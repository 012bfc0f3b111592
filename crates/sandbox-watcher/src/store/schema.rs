//! The formats of a store, one step after the other.
//!
//! A step is never changed once a store of its format exists: what a later program needs is a further step.

/// Each step's statements: from format 0, which is empty, to 1, and so on.
const STEPS: [&str; 2] = [include_str!("schema/v1.sql"), include_str!("schema/v2.sql")];

/// The present format.
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// The steps from format `found` to the present one.
pub(super) fn steps(found: i64) -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().skip(usize::try_from(found).unwrap_or(0))
}
