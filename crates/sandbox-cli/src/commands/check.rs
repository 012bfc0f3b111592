//! `dj-sandbox check --config FILE`: everything that is wrong, or the plan as a table of contents.

use sandbox_core::plan::Plan;
use sandbox_core::registry::Registry;

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render;
use crate::settings::sandbox_overrides;

/// Checks a configuration without running it.
pub fn check(registry: &Registry, arguments: &Arguments, printer: Printer) -> Exit {
    let plan = plan(registry, arguments, printer);
    if let Ok(plan) = &plan {
        printer.problems(plan.warnings());
    }
    match plan {
        Ok(plan) if printer.json => printer.value(&serde_json::json!({"event": "plan", "jobs": plan.lines()})),
        Ok(plan) => printer.data(render::plan::plan(&plan)),
        Err(exit) => return exit,
    }
    Exit::Done
}

/// The checked plan; errors are printed. Its warnings are for the caller: a run tells them as events.
pub(super) fn plan(registry: &Registry, arguments: &Arguments, printer: Printer) -> Result<Plan, Exit> {
    let path = arguments.config.as_deref().unwrap_or_default();
    match Plan::load(path, &sandbox_overrides(&arguments.flags), registry) {
        Ok(plan) => Ok(plan),
        Err(problems) => {
            printer.problems(&problems.0);
            let errors = problems.0.iter().filter(|problem| problem.is_error()).count();
            if errors > 1 {
                printer.talk(format!("{errors} errors, nothing was run"));
            }
            Err(Exit::Usage)
        }
    }
}
