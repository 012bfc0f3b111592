//! An integration as a registry knows it.

use std::path::Path;
use std::sync::Arc;

use sandbox_core::component::{Built, Finding, JobSettings, Kind};
use sandbox_core::hook::{Category, Hook};
use sandbox_document::{KeyPath, Problem, value};
use serde_json::{Value, json};

use crate::definition::{Definition, Type};
use crate::template::Templates;
use crate::work::{Place, Work};
use crate::{environment, parameters, serve};

/// A component that an integration file describes.
#[derive(Debug)]
pub struct Integration {
    definition: Arc<Definition>,
    category: Category,
    page: String,
}

impl Integration {
    /// The component of a checked definition; `None` when its hook is none.
    pub fn new(definition: Definition) -> Option<Self> {
        let category = Hook::named(&definition.hook).ok()?.category;
        Some(Self::under(definition, category))
    }

    /// The component of a checked definition, under the hook of a category.
    pub fn under(mut definition: Definition, category: Category) -> Self {
        let hook = category.hook().name;
        definition.example = definition.example.replace(&format!("hook: {}\n", definition.hook), &format!("hook: {hook}\n"));
        Self { page: definition.page(), definition: definition.shared(), category }
    }
}

impl Kind for Integration {
    fn category(&self) -> Category {
        self.category
    }

    fn type_name(&self) -> Option<&str> {
        Some(&self.definition.name)
    }

    fn summary(&self) -> &str {
        &self.definition.summary
    }

    fn doc(&self) -> &str {
        &self.page
    }

    fn example(&self) -> &str {
        &self.definition.example
    }

    fn check(&self, settings: &JobSettings) -> Vec<Finding> {
        let (work, mut findings) = work(&self.definition, settings);
        findings.extend(work.iter().flat_map(|work| absent(&self.definition, settings, &work.values)));
        findings
    }

    fn build(&self, settings: &JobSettings) -> Built {
        match work(&self.definition, settings) {
            (Some(work), findings) if !findings.iter().any(|finding| finding.problem.is_error()) => Ok(Box::new(work)),
            (_, findings) => Err(findings),
        }
    }

    fn commands(&self, settings: &JobSettings, work_dir: &Path, pipeline: &str, name: &str) -> Result<Vec<String>, String> {
        commands(&self.definition, settings, work_dir, pipeline, name)
    }
}

/// A job of a definition, and all that is wrong with its configuration.
pub(crate) fn work(definition: &Arc<Definition>, settings: &JobSettings) -> (Option<Work>, Vec<Finding>) {
    if settings.is_pending("extra_configs") {
        return (None, Vec::new());
    }
    let (values, mut findings) = parameters::checked(definition, settings);
    let environment = match environment::settings(definition, &values) {
        Ok(environment) => environment,
        Err(message) => {
            findings.push(Finding::extra(KeyPath::root().key("env_name"), Problem::error(message)));
            None
        }
    };
    if definition.serve.is_some() {
        findings.extend(serve::flaws(settings));
    }
    // What depends on values can be looked at when all of them are there.
    if settings.pending().is_empty() && !findings.iter().any(|finding| finding.problem.is_error()) {
        findings.extend(missing(definition, &values));
    }
    (Some(Work { definition: definition.clone(), values, environment }), findings)
}

/// Files that the result depends on, that are not there and that no earlier job looks like writing.
fn absent(definition: &Definition, settings: &JobSettings, values: &Value) -> Vec<Finding> {
    let read = definition.parameters.iter().filter(|(name, parameter)| {
        // A text may be the name of something that is fetched.
        parameter.reads && parameter.kind != Type::Text && !settings.is_pending(&format!("extra_configs.{name}"))
    });
    let given = read.filter_map(|(name, parameter)| Some((name, parameter, value::lookup(values, name)?)));
    let listed = given.flat_map(|(name, parameter, value)| {
        let texts = match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
            other => other.as_str().into_iter().collect(),
        };
        texts.into_iter().map(move |path| (name, parameter.place(path, values)))
    });
    let missing = listed.filter(|(_, path)| settings.is_missing(path));
    missing.map(|(name, path)| Finding::extra(parameters::path(name), Problem::error(format!("Failed to find `{path}`")))).collect()
}

/// What is not on this machine, or not true of the values.
fn missing(definition: &Definition, values: &Value) -> Vec<Finding> {
    let templates = Templates::new();
    let mut values = values.clone();
    if let Value::Object(map) = &mut values {
        map.insert("job".to_owned(), json!({"gpus": 1, "port": 1}));
    }
    let at = |problem: Problem| Finding::extra(KeyPath::root(), problem);
    let mut findings = Vec::new();
    for need in &definition.needs {
        match templates.text(&need.path, &values) {
            Ok(path) if path.is_empty() || Path::new(&path).exists() => {}
            Ok(path) => {
                let say = templates.text(&need.say, &values).unwrap_or_else(|_| need.say.clone());
                // A plan for another machine is no mistake; the run refuses before anything is installed.
                findings.push(at(Problem::warning(format!("`{path}` does not exist here")).hint(say)));
            }
            Err(error) => findings.push(at(Problem::error(error.to_string()))),
        }
    }
    for check in definition.checks.iter().filter(|check| !check.that.contains("job.")) {
        match templates.expression(&check.that, &values) {
            Ok(Value::Bool(true)) => {}
            Ok(_) => {
                let say = templates.text(&check.say, &values).unwrap_or_else(|_| check.say.clone());
                findings.push(at(Problem::error(say)));
            }
            Err(error) => findings.push(at(Problem::error(error.to_string()))),
        }
    }
    findings
}

pub(crate) fn commands(
    definition: &Arc<Definition>,
    settings: &JobSettings,
    work_dir: &Path,
    pipeline: &str,
    name: &str,
) -> Result<Vec<String>, String> {
    let (mut work, findings) = work(definition, settings);
    if let Some(work) = &mut work {
        for key in settings.pending() {
            if let Some(name) = key.strip_prefix("extra_configs.") {
                parameters::set(&mut work.values, name, json!(format!("<{name}>")));
            }
        }
    }
    let wrong: Vec<String> =
        findings.into_iter().filter(|finding| finding.problem.is_error()).map(|finding| finding.problem.message).collect();
    match work {
        Some(work) if wrong.is_empty() => {
            let place = Place::new(work_dir, 1, pipeline, name);
            work.commands(&place, work_dir).map_err(|error| error.to_string())
        }
        None => Err("its configuration comes from an earlier job".to_owned()),
        Some(_) => Err(wrong.join("; ")),
    }
}
