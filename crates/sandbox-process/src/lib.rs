//! Child processes whose whole tree ends with us.
//!
//! A command is argv and never shell text. Its output is handed on line by line with all its bytes while it runs, its last
//! bytes are in the error when it fails, and nothing that it started outlives it: not a grandchild, not one that called
//! `setsid`, and not when this process is killed.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use sandbox_process::{Command, Status};
//! let finished = Command::new("sh").args(["-c", "echo \"$1\"; exit 7", "sh", "it's; $(fine)"]).run().await?;
//! assert_eq!(finished.status, Status::Code(7));
//! assert_eq!(finished.tail.stdout.bytes(), b"it's; $(fine)\n");
//! # Ok::<(), sandbox_process::ProcessError>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | how a tree is found | what it finds |
//! | --- | --- |
//! | its process group | everything that did not leave it |
//! | the variable [`TREE_VARIABLE`], inherited through fork and exec | who called `setsid`, also after our own death |
//! | parents, with this process as the reaper of orphans | who cleared its environment, while its parent lived |
//!
//! Threads that wait have [`LineProcess`] and [`run_logged`], which know of the process group alone.
//!
//! Unix only; the second and third row need Linux's `/proc`.

mod command;
mod error;
mod group;
mod guard;
mod lines;
mod logged;
mod output;
mod program;
mod run;
mod signals;
mod table;
mod tree;

pub use command::{Command, Stdin, Until};
pub use error::ProcessError;
pub use lines::{Ended, LineProcess};
pub use logged::run_logged;
pub use output::{Last, Line, LineSink, Output, Source, Tail};
pub use program::{candidates, find_program};
pub use run::{Finished, Status};
pub use tree::{TREE_VARIABLE, end_strays, tree_mark};
