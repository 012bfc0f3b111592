//! The endpoints that operators ask: known to be addresses before any row is read.

use sandbox_document::KeyPath;
use sandbox_ops::Operator;

use super::{Finding, Keys, Step};
use crate::run::prompt_settings;

/// Every endpoint that is none, and every secret that stands in the recipe.
pub(super) fn check(keys: &mut Keys<'_>, steps: &[Step]) {
    for (index, step) in steps.iter().enumerate() {
        let Operator::Prompts(prompts) = &step.operator else { continue };
        if let Err((key, mut problem)) = prompt_settings(prompts) {
            problem.message = format!("operator `{}`: {}", step.name(), problem.message);
            let path = KeyPath::root().key("process").index(index).key(step.name()).key(key);
            keys.findings.push(Finding { path, problem });
        }
    }
}
