//! A folder, a recipe in it, and what the recipe left behind.

use std::fs;
use std::path::PathBuf;

use sandbox_recipe::{Finding, ProcessReport, Recipe, RecipeError, RunSettings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder in which recipes run; `rows.jsonl` in, `out.jsonl` out.
pub struct Folder(TempDir);

impl Folder {
    /// With these rows.
    pub fn with(rows: &[Value]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write("rows.jsonl", &rows.iter().map(|row| format!("{row}\n")).collect::<String>());
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text_path(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The rows of a file.
    pub fn rows(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A recipe of these operators, with further keys.
    pub fn recipe(&self, process: Value, more: Value) -> Recipe {
        self.parse(process, more).unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    pub fn parse(&self, process: Value, more: Value) -> Result<Recipe, Vec<Finding>> {
        let mut recipe = json!({
            "dataset_path": self.path("rows.jsonl"), "export_path": self.path("out.jsonl"), "np": 2, "process": process
        });
        recipe.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Recipe::parse(&recipe, &|_| false)
    }

    pub fn process(&self, process: Value) -> ProcessReport {
        self.process_with(process, json!({}), RunSettings::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn process_with(&self, process: Value, more: Value, settings: RunSettings<'_>) -> Result<ProcessReport, RecipeError> {
        sandbox_recipe::process(&self.recipe(process, more), settings)
    }

    pub fn analyze(&self, process: Value) {
        sandbox_recipe::analyze(&self.recipe(process, json!({})), RunSettings::default()).unwrap_or_else(|error| panic!("{error}"));
    }
}
