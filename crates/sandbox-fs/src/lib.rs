//! Files that are state.
//!
//! A file under its final name is complete: [`AtomicFile`] collects what is written under `NAME.partial` and renames
//! it when it is committed, so that a killed run leaves nothing half-written behind. [`FolderLock`] keeps two runs out of one
//! working folder, and [`FileStamp`] tells whether a file still has the content it had.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! use std::io::Write;
//! let path = folder.path().join("out/result.jsonl");
//! let mut file = sandbox_fs::AtomicFile::create(&path)?; // makes `out` too
//! file.write_all(b"{}\n")?;
//! assert!(!path.exists());
//! file.commit()?;
//! assert_eq!(std::fs::read(&path)?, b"{}\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atomic;
mod error;
mod lock;
mod stamp;

pub use atomic::{AtomicFile, write_atomic};
pub use error::FsError;
pub use lock::FolderLock;
pub use stamp::FileStamp;
