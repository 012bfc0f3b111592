//! `ProbeViaAnalyzerHook`: the statistics of a recipe's filters over its dataset.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome};
use sandbox_core::hook::Category;
use sandbox_recipe::Recipe;
use serde_json::{Value, json};

use crate::recipe;

/// The analyzer.
pub const ENTRY: Entry = Entry {
    category: Category::DataAnalyzer,
    type_name: None,
    summary: "Computes the statistics of a recipe's filters over unchanged rows",
    doc: "`dj_configs` is the recipe. Its filters compute their statistics, nothing is changed or dropped. Returns the \
          export path; the rows are written there, with their statistics, when `export_original_dataset` is true. The \
          overall table (count, mean, std, percentiles) goes to `WORK_DIR/analysis/overall.csv` and `.md` and is watched \
          under the job's `meta_name`, where k-sigma finds it.",
    example: "hook: ProbeViaAnalyzerHook\n\
              meta_name: analysis\n\
              dj_configs:\n  \
                dataset_path: data/raw.jsonl\n  \
                export_path: outputs/analyzed.jsonl\n  \
                process:\n    \
                  - text_length_filter:\n    \
                  - words_num_filter:\n\
              output: analyzed_path\n",
    check,
    build,
};

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = recipe::check(settings);
    if findings.iter().all(|finding| !finding.problem.is_error())
        && recipe::parse(settings).is_ok_and(|recipe| !recipe.process.is_empty() && !recipe.has_filters())
    {
        let process = sandbox_document::KeyPath::root().key("process");
        findings.push(Finding::dj(
            process,
            sandbox_document::Problem::warning("no operator of the recipe is a filter: there is nothing to analyse"),
        ));
    }
    findings
}

struct Analyze {
    recipe: Arc<Recipe>,
    reads: Vec<PathBuf>,
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let recipe = Arc::new(recipe::parse(settings)?);
    Ok(Box::new(Analyze { reads: recipe::reads(&recipe), recipe }))
}

#[async_trait]
impl Component for Analyze {
    fn reads(&self) -> Vec<PathBuf> {
        self.reads.clone()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let export: Value = self.recipe.export_path.to_string_lossy().into_owned().into();
        let Some(analysis) = recipe::run(self.recipe.clone(), job, sandbox_recipe::analyze).await? else {
            job.events.warning("no operator of the recipe is a filter: nothing was analysed and nothing written");
            return Ok(Outcome { values: vec![export], watched: Some(json!({})), ..Outcome::default() });
        };
        if !analysis.left_out.is_empty() {
            job.events.warning(format!("left out of the overall table, being neither numbers nor texts: {}", analysis.left_out.join(", ")));
        }
        let overall = analysis.overall.to_value();
        let report = analysis.report;
        Ok(Outcome {
            values: vec![export],
            files: report.files(),
            rejected_rows: report.rejected,
            report: Some(json!({"kind": "analysis", "overall": overall, "analysis": report, "histograms": analysis.histograms})),
            watched: Some(overall),
        })
    }
}
