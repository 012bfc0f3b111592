//! What processes data and trains models: the components behind the probe, refine, process and train hooks.
//!
//! | module | hook | `type` |
//! | --- | --- | --- |
//! | [`analyze`] | `ProbeViaAnalyzerHook` | none |
//! | [`refine`] | `RefineRecipeViaKSigmaHook` | none |
//! | [`process`] | `ProcessDataHook` | none |
//! | [`ngram`] | `TrainModelHook` | `ngram` |
//! | [`conversion::coco_caption`] | `GeneralDataExecutorHook` | `coco_caption_to_dj_conversion` |
//! | [`conversion::coco_meta`] | `GeneralDataExecutorHook` | `coco_caption_meta_generation` |
//! | [`conversion::easyanimate`] | `GeneralDataExecutorHook` | `dj_to_easyanimate_video_dataset_conversion` |
//!
//! ```
//! let mut registry = sandbox_core::registry::Registry::new();
//! sandbox_executors::register(&mut registry)?;
//! assert!(registry.types(sandbox_core::hook::Category::ModelTrainer).contains(&"ngram"));
//! # Ok::<(), sandbox_core::registry::RegistryError>(())
//! ```

pub mod analyze;
pub mod conversion;
pub mod ngram;
mod observer;
pub mod process;
mod recipe;
pub mod refine;

use sandbox_core::registry::{Registry, RegistryError};

pub use observer::JobObserver;

/// Adds all components of this crate.
///
/// # Errors
/// When the registry has one of them already.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    let entries = [
        analyze::ENTRY,
        refine::ENTRY,
        process::ENTRY,
        ngram::ENTRY,
        conversion::coco_caption::ENTRY,
        conversion::coco_meta::ENTRY,
        conversion::easyanimate::ENTRY,
    ];
    entries.into_iter().try_for_each(|entry| registry.register(entry))
}
