//! The environment of a job: made, and what the integration needs installed, once.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox_core::component::{ComponentError, JobContext};
use sandbox_env_manager::{Dependencies, Env, EnvError, EnvSettings, Host, Library, Policy, Run};
use sandbox_process::Output;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::definition::Definition;
use crate::template::{TemplateError, Templates};

/// Beside the packages: a digest of what was installed.
const MARK: &str = ".dj-sandbox-integration-";

/// The settings of a configuration, with those of the integration where it has none; `None` without a name.
pub(crate) fn settings(definition: &Definition, extra: &Value) -> Result<Option<EnvSettings>, String> {
    let part = &definition.environment;
    let mut given = serde_json::Map::new();
    for key in ["env_name", "env_manager", "env_params"] {
        if let Some(value) = extra.get(key).filter(|value| !value.is_null()) {
            given.insert(key.to_owned(), value.clone());
        }
    }
    if !given.contains_key("env_name") {
        let Some(name) = &part.name else { return Ok(None) };
        given.insert("env_name".to_owned(), name.clone().into());
        if let (Some(manager), false) = (&part.manager, given.contains_key("env_manager")) {
            given.insert("env_manager".to_owned(), manager.clone().into());
        }
    }
    let mut settings: EnvSettings = serde_json::from_value(Value::Object(given)).map_err(|error| error.to_string())?;
    if settings.env_params.env_py_version.is_none() && settings.env_params.env_config_path.is_none() {
        settings.env_params.env_py_version.clone_from(&part.python);
    }
    Ok(Some(settings))
}

/// The environment, ready to run in.
pub(crate) async fn ready(
    definition: &Definition,
    settings: &EnvSettings,
    templates: &Templates,
    values: &Value,
    job: &JobContext,
) -> Result<Arc<dyn Env>, ComponentError> {
    let told = |error: EnvError| ComponentError::told(&error);
    let environment = settings.open(Host::from_process()).map_err(told)?;
    let made = async {
        if !environment.exists().await.map_err(told)? {
            job.events.note(format!("making the environment `{}`", environment.prefix().display()));
        }
        environment.create(Policy::default()).await.map_err(told)?;
        install(definition, templates, values, environment.as_ref(), job).await
    };
    tokio::select! {
        made = made => made?,
        // The tool's tree ends with its future; what it left is mended by the next call.
        () = job.stop.wait() => return Err(ComponentError::Interrupted),
    }
    Ok(Arc::from(environment))
}

async fn install(
    definition: &Definition,
    templates: &Templates,
    values: &Value,
    environment: &dyn Env,
    job: &JobContext,
) -> Result<(), ComponentError> {
    let wrong = |error: TemplateError| ComponentError::failed(error.to_string());
    let part = &definition.environment;
    let filled = |list: &[String]| -> Result<Vec<String>, ComponentError> {
        let all: Result<Vec<String>, _> = list.iter().map(|text| templates.text(text, values)).collect();
        Ok(all.map_err(wrong)?.into_iter().filter(|text| !text.is_empty()).collect())
    };
    let dependencies = Dependencies {
        list: filled(&part.dependencies)?,
        files: filled(&part.requirements)?.into_iter().map(PathBuf::from).collect(),
        libraries: filled(&part.libraries)?
            .into_iter()
            .map(|folder| Library { folder: folder.into(), extras: Vec::new(), editable: true })
            .collect(),
        ..Dependencies::default()
    };
    let mut setups = Vec::new();
    for setup in &part.setup {
        let folder = setup.folder.as_ref().map(|folder| templates.text(folder, values)).transpose().map_err(wrong)?;
        setups.push((filled(&setup.command)?, folder));
    }
    if dependencies.is_empty() && setups.is_empty() {
        return Ok(());
    }
    let digest = Sha256::digest(format!("{} {dependencies:?} {setups:?}", definition.name));
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mark = environment.prefix().join(format!("{MARK}{digest}"));
    if mark.exists() {
        return Ok(());
    }
    job.events.note(format!("installing what `{}` needs into `{}`", definition.name, environment.prefix().display()));
    environment.install_py_deps(&dependencies).await.map_err(|error| ComponentError::told(&error))?;
    for (words, folder) in setups {
        let Some((program, args)) = words.split_first() else { continue };
        let run = Run { folder: folder.map(PathBuf::from), output: Output::Keep, ..Run::new(program, args) };
        let ran = environment.run_cmd(&run).await.map_err(|error| ComponentError::told(&error))?;
        if !ran.finished.status.is_success() {
            let said = ran.finished.tail.stderr.text();
            let message = format!("`{}` failed with {}: {}", words.join(" "), ran.finished.status, said.trim());
            return Err(ComponentError::failed(message));
        }
    }
    std::fs::write(&mark, "").map_err(|error| ComponentError::caused(format!("Failed to write `{}`", mark.display()), error))
}
