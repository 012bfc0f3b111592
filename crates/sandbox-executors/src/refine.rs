//! `RefineRecipeViaKSigmaHook`: filters narrowed to mean ± k standard deviations.

use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome};
use sandbox_core::hook::{Category, Side};
use sandbox_document::{KeyPath, Problem};
use sandbox_fs::write_atomic;
use sandbox_recipe::ksigma;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::recipe;

/// The k-sigma refinement.
pub const ENTRY: Entry = Entry {
    category: Category::KSigmaRefiner,
    type_name: None,
    summary: "Sets the bounds of a recipe's filters to mean ± k standard deviations of what was analysed",
    doc: "`dj_configs` is the recipe to refine; the statistics are those that an analyzer job with the *same* `meta_name` \
          has watched. Of each filter the arguments that the recipe names are changed: those with `min` in their name to \
          mean - k·std, those with `max` to mean + k·std. `extra_configs`: `path_k_sigma_recipe` (where the refined recipe \
          goes, `.yaml` or `.json`), `k` (3). Returns that path.",
    example: "hook: RefineRecipeViaKSigmaHook\n\
              meta_name: analysis\n\
              dj_configs: recipe.yaml\n\
              extra_configs:\n  \
                path_k_sigma_recipe: outputs/refined.yaml\n\
              output: refined_recipe_path\n",
    check,
    build,
};

#[derive(Debug, Clone, Deserialize)]
struct Config {
    path_k_sigma_recipe: PathBuf,
    #[serde(default = "three")]
    k: f64,
}

fn three() -> f64 {
    3.0
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = recipe::check(settings);
    match settings.preview::<Config>(Side::Extra) {
        Ok(config) => findings.extend(config.filter(|_| !settings.is_pending("extra_configs.k")).and_then(|config| bad_k(config.k))),
        Err(wrong) => findings.extend(wrong),
    }
    findings.extend(settings.unread_keys(Side::Extra, &["path_k_sigma_recipe", "k"]));
    findings
}

fn bad_k(k: f64) -> Option<Finding> {
    let problem = || Problem::error(format!("`k` must be a number above 0, not {k}"));
    (!(k > 0.0 && k.is_finite())).then(|| Finding::extra(KeyPath::root().key("k"), problem()))
}

struct Refine {
    recipe: Value,
    config: Config,
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let config: Config = settings.read(Side::Extra)?;
    recipe::parse(settings)?;
    if let Some(finding) = bad_k(config.k) {
        return Err(vec![finding]);
    }
    Ok(Box::new(Refine { recipe: settings.dj_configs.clone(), config }))
}

#[async_trait]
impl Component for Refine {
    fn reads(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let overall = job.query(&job.meta_name).ok_or_else(|| {
            ComponentError::failed(format!("no statistics were watched under `{}`", job.meta_name))
                .hint("k-sigma follows the analyzer job of the same `meta_name`: give both one name, the analyzer first")
        })?;
        let refined = ksigma::refine(&self.recipe, &overall, self.config.k).map_err(|error| recipe::failed(error.into()))?;
        let path = &self.config.path_k_sigma_recipe;
        let text =
            ksigma::to_text(&refined.recipe, path).map_err(|error| ComponentError::caused("Failed to write the refined recipe", error))?;
        write_atomic(path, text.as_bytes()).map_err(|error| ComponentError::told(&error))?;
        Ok(Outcome {
            values: vec![path.to_string_lossy().into_owned().into()],
            files: vec![path.clone()],
            report: Some(json!({"kind": "refinement", "k": self.config.k, "changes": refined.changes})),
            ..Outcome::default()
        })
    }
}
