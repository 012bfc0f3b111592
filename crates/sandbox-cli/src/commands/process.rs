//! `dj-sandbox process --config RECIPE`: a recipe over its dataset.

use serde_json::json;

use super::recipe;
use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render;

/// Runs the recipe and prints what each operator did.
pub fn process(arguments: &Arguments, printer: Printer) -> Exit {
    let facts = |report: &sandbox_recipe::ProcessReport| (json!({"kind": "process", "process": report}), report.rejected, report.files());
    let ran = recipe::load(arguments, printer)
        .and_then(|recipe| recipe::run(arguments, &recipe, "process", printer, sandbox_recipe::process, facts));
    let (report, exit) = match ran {
        Ok(done) => done,
        Err(exit) => return exit,
    };
    if !printer.json {
        // Rows on standard output stand there alone.
        if report.export_path.as_os_str() != "-" {
            printer.data(render::process::process(&report));
        }
        report.files().iter().for_each(|path| printer.talk(format!("written {}", path.display())));
    }
    exit
}
