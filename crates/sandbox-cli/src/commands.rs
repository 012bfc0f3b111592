//! One file per verb.

pub mod analyze;
pub mod check;
pub mod compare;
pub mod env;
pub mod ingest;
pub mod list;
pub mod metrics;
pub mod pool;
pub mod process;
mod recipe;
pub mod run;
pub mod runs;
mod stores;
pub mod ui;

use sandbox_core::registry::Registry;

use crate::args::{Arguments, Verb};
use crate::exit::Exit;
use crate::printer::Printer;

/// Does what the command line asks for.
pub fn run(registry: &Registry, arguments: &Arguments, printer: Printer) -> Exit {
    match arguments.verb {
        Verb::Run => run::run(registry, arguments, printer),
        Verb::Check => check::check(registry, arguments, printer),
        Verb::List => list::list(registry, &arguments.words, printer),
        Verb::Process => process::process(arguments, printer),
        Verb::Analyze => analyze::analyze(arguments, printer),
        Verb::Compare => compare::compare(arguments, printer),
        Verb::Ui => ui::ui(arguments, printer),
        Verb::Pool => pool::pool(registry, arguments, printer),
        Verb::Env => env::env(arguments, printer),
        Verb::Runs => runs::runs(arguments, printer),
        Verb::Ingest => ingest::ingest(arguments, printer),
        Verb::Metrics => metrics::metrics(&arguments.words, printer),
    }
}
