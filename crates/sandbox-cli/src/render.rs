//! Tables for people.

pub mod analysis;
pub mod catalogue;
pub mod comparison;
pub mod environments;
pub mod ingest;
pub mod number;
pub mod plan;
pub mod pools;
pub mod process;
pub mod results;
pub mod runs;
mod table;
pub mod transfer;
