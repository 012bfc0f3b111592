//! `dj-sandbox analyze --config RECIPE`: the statistics of a recipe's filters.

use serde_json::json;

use super::recipe;
use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render;

/// Analyses and prints the overall table.
pub fn analyze(arguments: &Arguments, printer: Printer) -> Exit {
    let facts = |analysis: &Option<sandbox_recipe::Analysis>| match analysis {
        Some(analysis) => {
            let report = &analysis.report;
            let overall = analysis.overall.to_value();
            let facts = json!({"kind": "analysis", "overall": overall, "analysis": report, "histograms": analysis.histograms});
            (facts, report.rejected, report.files())
        }
        None => (json!({"kind": "analysis", "overall": {}}), 0, Vec::new()),
    };
    let ran = recipe::load(arguments, printer)
        .and_then(|recipe| recipe::run(arguments, &recipe, "analyze", printer, sandbox_recipe::analyze, facts));
    let (analysis, exit) = match ran {
        Ok(done) => done,
        Err(exit) => return exit,
    };
    let Some(analysis) = analysis else {
        printer.talk("warning: no operator of the recipe is a filter: nothing was analysed and nothing written");
        return exit;
    };
    if !printer.json {
        printer.data(render::analysis::overall(&analysis.overall.to_value()));
        analysis.report.files().iter().for_each(|path| printer.talk(format!("written {}", path.display())));
        if let Some(folder) = analysis.report.pictures.first().and_then(|path| path.parent()) {
            printer.talk(format!("{} pictures in {}", analysis.report.pictures.len(), folder.display()));
        }
    }
    exit
}
