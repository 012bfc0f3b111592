//! Asks models over the OpenAI protocol, row by row: messages, answers appended as they come.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`client`] | one question to an endpoint: limits, retries, timeouts, keys |
//! | [`messages`] | rows to chat messages |
//! | [`parse`] | answers to the values that rows keep |
//! | [`api`] | `InferModelHook`, `type: api` |
//! | [`probe`] | `ProbeViaModelInferHook`, `type: api` |
//!
//! ```
//! let mut registry = sandbox_core::registry::Registry::new();
//! sandbox_inference::register(&mut registry)?;
//! assert!(registry.types(sandbox_core::hook::Category::ModelInference).contains(&"api"));
//! # Ok::<(), sandbox_core::registry::RegistryError>(())
//! ```

pub mod api;
pub mod messages;
pub mod probe;
pub use sandbox_chat::{client, parse};

use sandbox_core::registry::{Registry, RegistryError};

/// Adds all components of this crate.
///
/// # Errors
/// When the registry has one of them already.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry.register(api::ENTRY)?;
    registry.register(probe::ENTRY)
}
