//! The one place that names every crate of components.

use sandbox_core::registry::Registry;
use sandbox_integrations::RegisterError;

/// All components of this build.
///
/// # Errors
/// Two components under one name: a fault of the build.
pub fn registry() -> Result<Registry, RegisterError> {
    let mut registry = Registry::new();
    sandbox_executors::register(&mut registry)?;
    sandbox_evaluators::register(&mut registry)?;
    sandbox_data_pool::register(&mut registry)?;
    sandbox_integrations::register(&mut registry)?;
    sandbox_inference::register(&mut registry)?;
    Ok(registry)
}
