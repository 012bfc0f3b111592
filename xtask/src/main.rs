//! `cargo xtask COMMAND`: see the crate's library for what the commands are.
#![allow(clippy::print_stderr)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{bench, ci, demo_data, fixtures, integration, tidy, workspace};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Developer workflows of this workspace")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check what ARCHITECTURE.md promises: dependencies between crates, file sizes, docs, single doors
    Tidy(tidy::Args),
    /// Run the whole gate: formatting, clippy, tidy, tests
    Ci,
    /// Make the demo data from the sources in configs/data/sources
    DemoData(demo_data::Args),
    /// Make the tools and packages that integration tests need
    Fixtures(fixtures::Args),
    /// Test against real tools: managers of Python environments, Data-Juicer, Prometheus, a browser, readers and writers of runs
    Integration(integration::Args),
    /// Measure the release binary: start-up, a recipe of twelve operators, the demo
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let result = workspace::root().and_then(|root| match Args::parse().command {
        Command::Tidy(args) => tidy::run(&root, &args),
        Command::Ci => ci::run(&root),
        Command::DemoData(args) => demo_data::run(&root, &args),
        Command::Fixtures(args) => fixtures::run(&root, &args),
        Command::Integration(args) => integration::run(&root, &args),
        Command::Bench(args) => bench::run(&root, &args),
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
