//! What pictures, sounds and videos say about themselves, read without any other program.

pub mod audio;
pub mod error;
mod fields;
pub mod image;
mod source;
pub mod video;

pub use error::{Cause, MediaError};
