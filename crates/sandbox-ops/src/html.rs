//! Character references of HTML as Python's `html` module reads them.

mod entities;
mod references;

pub(crate) use entities::{entities, entity};
pub(crate) use references::{number, unescape};
