//! What scores data and models: the components behind the evaluation hooks.
//!
//! | module | hook | `type` |
//! | --- | --- | --- |
//! | [`perplexity`] | `EvaluateModelHook` | `perplexity` |
//! | [`accuracy`](mod@accuracy) | `EvaluateDataHook` | `accuracy` |
//! | [`mse`](mod@mse) | `EvaluateDataHook` | `mse` |
//! | [`pairs`] | what the two have in common: predictions beside the truth | |
//!
//! ```
//! let mut registry = sandbox_core::registry::Registry::new();
//! sandbox_evaluators::register(&mut registry)?;
//! assert_eq!(registry.types(sandbox_core::hook::Category::ModelEvaluator), ["perplexity"]);
//! # Ok::<(), sandbox_core::registry::RegistryError>(())
//! ```

pub mod accuracy;
pub mod mse;
pub mod pairs;
pub mod perplexity;

use sandbox_core::registry::{Registry, RegistryError};

/// Adds all components of this crate.
///
/// # Errors
/// When the registry has one of them already.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    [perplexity::ENTRY, accuracy::ENTRY, mse::ENTRY].into_iter().try_for_each(|entry| registry.register(entry))
}
