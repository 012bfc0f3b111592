//! The program `dj-sandbox`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sandbox_cli::main_with(sandbox_cli::registry())
}
