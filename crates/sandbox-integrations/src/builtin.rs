//! The integrations that come with this crate.

use sandbox_core::hook::Category;

use crate::definition::Definition;
use crate::kind::Integration;

/// A file and what comes with it.
struct File {
    path: &'static str,
    text: &'static str,
    assets: &'static [(&'static str, &'static str)],
    /// The categories it serves beside that of its hook.
    also: &'static [Category],
}

/// Hooks that may call any program.
pub(crate) const ANY: [Category; 7] = [
    Category::ModelTrainer,
    Category::ModelInference,
    Category::ModelInferEvaluator,
    Category::ModelEvaluator,
    Category::DataEvaluator,
    Category::GeneralDataExecutor,
    Category::GeneralProbe,
];

macro_rules! file {
    ($name:literal, [$($asset:literal),*], $also:expr) => {
        File {
            path: concat!("integrations/", $name),
            text: include_str!(concat!("../integrations/", $name)),
            assets: &[$(($asset, include_str!(concat!("../integrations/", $asset)))),*],
            also: $also,
        }
    };
}

const FILES: [File; 13] = [
    file!("transformers.yaml", ["train_transformers.py"], &[]),
    file!("modelscope.yaml", ["train_modelscope.py"], &[]),
    file!("modelscope_infer.yaml", ["infer_modelscope.py"], &[]),
    file!("easyanimate_train.yaml", [], &[]),
    file!("easyanimate_infer.yaml", [], &[]),
    file!("internvl_train.yaml", [], &[]),
    file!("internvl_eval.yaml", [], &[]),
    file!("trinity.yaml", [], &[]),
    file!("vbench.yaml", ["merge_vbench.py"], &[]),
    file!("quality_classifier.yaml", ["quality_classifier.py"], &[]),
    file!("huggingface.yaml", [], &[]),
    file!("vllm.yaml", [], &[]),
    file!("python.yaml", ["run_function.py"], &ANY),
];

/// All of them.
///
/// # Errors
/// A file with faults, which a test rules out; its name and what is wrong.
pub fn builtins() -> Result<Vec<Integration>, String> {
    let mut integrations = Vec::new();
    for file in &FILES {
        let definition = Definition::parse(file.path, file.text).map_err(|problems| {
            let words: Vec<String> = problems.iter().map(|problem| format!("{problem:?}")).collect();
            words.join("; ")
        })?;
        let definition = Definition { assets: file.assets, ..definition };
        if file.also.is_empty() {
            integrations.extend(Integration::new(definition));
        } else {
            integrations.extend(file.also.iter().map(|category| Integration::under(definition.clone(), *category)));
        }
    }
    Ok(integrations)
}
