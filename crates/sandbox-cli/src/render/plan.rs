//! A plan as a table of contents.

use sandbox_core::plan::Plan;

use super::table;

/// Stage, job, component, inputs <- outputs.
pub fn plan(plan: &Plan) -> String {
    let iterations = match plan.max_iterations() {
        Some(1) => String::new(),
        Some(most) => format!(", at most {most} iterations"),
        None => ", until the targets are met".to_owned(),
    };
    let mut out = format!("{} / {} in {}{iterations}\n", plan.project_name(), plan.experiment_name(), plan.work_dir().display());
    for pipeline in plan.pipelines() {
        out.push_str(&format!("\n{pipeline}\n"));
        let mut rows = table::table(&["", "stage", "job", "component", "takes", "gives"]);
        for (number, job) in plan.lines().into_iter().enumerate().filter(|(_, job)| job.pipeline == *pipeline) {
            let takes: Vec<String> = job.inputs.iter().map(|(key, from)| format!("{key} <- {from}")).collect();
            rows.add_row([
                (number + 1).to_string(),
                job.list.trim_end_matches("_job_configs").replace('_', " "),
                job.meta_name.clone(),
                job.type_name.as_ref().map_or(job.hook.clone(), |name| format!("{} ({name})", job.hook)),
                takes.join("\n"),
                job.outputs.join(", "),
            ]);
        }
        out.push_str(&table::text(&rows));
    }
    for target in plan.targets() {
        out.push_str(&format!("target  {target}\n"));
    }
    for updater in plan.updaters() {
        out.push_str(&format!("update  {} <- {}\n", updater.destination(), updater.source()));
    }
    out
}
