//! `ProcessDataHook`: a recipe over its dataset.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome};
use sandbox_core::hook::Category;
use sandbox_recipe::Recipe;
use serde_json::json;

use crate::recipe;

/// The recipe executor.
pub const ENTRY: Entry = Entry {
    category: Category::DataExecutor,
    type_name: None,
    summary: "Runs a recipe over its dataset and exports the rows that are kept",
    doc: "`dj_configs` is the recipe: `dataset_path`, `export_path`, `process` and the other keys of a Data-Juicer \
          configuration. Returns the export path. Beside the export stand the statistics of its rows (`NAME_stats.jsonl`) \
          and, when there are any, the rows that could not be used (`NAME_rejected.jsonl`).",
    example: "hook: ProcessDataHook\n\
              meta_name: process\n\
              dj_configs:\n  \
                dataset_path: data/raw.jsonl\n  \
                export_path: outputs/processed.jsonl\n  \
                process:\n    \
                  - whitespace_normalization_mapper:\n    \
                  - text_length_filter:\n        \
                      min_len: 10\n\
              output: processed_path\n",
    check: recipe::check,
    build,
};

struct ProcessData {
    recipe: Arc<Recipe>,
    reads: Vec<PathBuf>,
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let recipe = Arc::new(recipe::parse(settings)?);
    Ok(Box::new(ProcessData { reads: recipe::reads(&recipe), recipe }))
}

#[async_trait]
impl Component for ProcessData {
    fn reads(&self) -> Vec<PathBuf> {
        self.reads.clone()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let report = recipe::run(self.recipe.clone(), job, sandbox_recipe::process).await?;
        let export = report.export_path.to_string_lossy().into_owned();
        Ok(Outcome {
            values: vec![export.into()],
            files: report.files(),
            rejected_rows: report.rejected,
            report: Some(json!({"kind": "process", "process": report})),
            watched: None,
        })
    }
}
