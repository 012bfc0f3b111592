//! The program `dj-sandbox`: arguments, settings, commands, and everything that is printed.
//!
//! This crate names all others and contains no rule about data or jobs. A program with further components is a `main`
//! that registers them and calls [`main_with`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     let registry = sandbox_cli::registry();
//!     // registry.as_mut().map(|registry| registry.register(my_crate::ENTRY));
//!     sandbox_cli::main_with(registry)
//! }
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`args`] | the command line as clap sees it |
//! | [`settings`] | flags, environment and files as overrides |
//! | [`commands`] | one file per verb |
//! | [`progress`] | the events of a run as lines and bars |
//! | [`render`] | tables |
//! | [`printer`], [`exit`] | everything that is printed, and how it ends |

pub mod args;
pub mod commands;
pub mod exit;
pub mod printer;
pub mod progress;
pub mod render;
pub mod settings;
mod signals;
mod wiring;

use std::ffi::OsString;
use std::process::ExitCode;

use sandbox_core::registry::Registry;

pub use exit::Exit;
pub use printer::Printer;
pub use wiring::registry;

/// Runs the program with these components and the process's own arguments.
pub fn main_with<E: std::fmt::Display>(registry: Result<Registry, E>) -> ExitCode {
    match registry {
        Ok(registry) => run(registry, std::env::args_os().collect()).into(),
        Err(error) => {
            Printer { json: false, quiet: false }.error(error.to_string());
            Exit::Internal.into()
        }
    }
}

fn run(mut registry: Registry, arguments: Vec<OsString>) -> Exit {
    let arguments = match args::parse(arguments) {
        Ok(arguments) => arguments,
        Err(ended) => return ended,
    };
    let printer = Printer { json: arguments.json, quiet: arguments.quiet };
    for folder in &arguments.integrations {
        if let Err(problems) = sandbox_integrations::register_folder(&mut registry, folder.as_ref()) {
            printer.problems(&problems);
            return Exit::Usage;
        }
    }
    commands::run(&registry, &arguments, printer)
}
