//! Recipes as the jobs have them: in `dj_configs`.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox_core::component::{ComponentError, Finding, JobContext, JobSettings, blocking};
use sandbox_core::hook::Side;
use sandbox_recipe::{Recipe, RecipeError, RunSettings};

use crate::observer::JobObserver;

/// Decimals of the statistics that jobs export when the recipe does not say: as many as the original's exporter writes, so that
/// what later jobs read is what they would read there.
const DECIMALS: usize = 10;

/// The recipe of a job, as far as it is known.
pub(crate) fn parse(settings: &JobSettings) -> Result<Recipe, Vec<Finding>> {
    let pending = |key: &str| settings.is_pending(&format!("{}.{key}", Side::Dj.key()));
    let mut recipe =
        Recipe::parse(&settings.dj_configs, &pending).map_err(|findings| findings.into_iter().map(finding).collect::<Vec<_>>())?;
    if settings.dj_configs.get("float_decimals").is_none() {
        recipe.float_decimals = Some(DECIMALS);
    }
    Ok(recipe)
}

/// What is wrong or worth a look in the recipe, its files included.
pub(crate) fn check(settings: &JobSettings) -> Vec<Finding> {
    if settings.is_pending(Side::Dj.key()) {
        return Vec::new();
    }
    match parse(settings) {
        Ok(recipe) => {
            let missing = settings.missing(Side::Dj, "dataset_path", &recipe.dataset_path);
            recipe.warnings.into_iter().map(finding).chain(missing).collect()
        }
        Err(findings) => findings,
    }
}

fn finding(finding: sandbox_recipe::Finding) -> Finding {
    Finding::dj(finding.path, finding.problem)
}

/// The files that a recipe reads. What cannot be found is left to the run, which says so.
pub(crate) fn reads(recipe: &Recipe) -> Vec<PathBuf> {
    sandbox_dataset::resolve(&recipe.dataset_path, &recipe.suffixes).unwrap_or_default()
}

/// Runs `work` with this job's observer and threads.
pub(crate) async fn run<T: Send + 'static>(
    recipe: Arc<Recipe>,
    job: &JobContext,
    work: impl FnOnce(&Recipe, RunSettings<'_>) -> Result<T, RecipeError> + Send + 'static,
) -> Result<T, ComponentError> {
    let observer = JobObserver { events: job.events.clone(), stop: job.stop.clone() };
    let (threads, strict) = (recipe.np.min(job.threads), job.strict);
    blocking(move || {
        let settings = RunSettings { threads: Some(threads), strict, observer: &observer, ..RunSettings::default() };
        work(&recipe, settings).map_err(failed)
    })
    .await
}

/// A recipe's error as a component's.
pub(crate) fn failed(error: RecipeError) -> ComponentError {
    if matches!(error, RecipeError::Stopped) { ComponentError::Interrupted } else { ComponentError::told(&error) }
}
