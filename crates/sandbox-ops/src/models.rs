//! Models of operators that are no tokenizers: found at the same places, read once per process.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sandbox_tokenizer::Places;

use crate::error::BuildError;
use crate::tokenizer::told;

/// The models of one kind that were read already.
pub(crate) struct Shared<M>(LazyLock<Mutex<HashMap<PathBuf, Arc<M>>>>);

impl<M> Shared<M> {
    pub const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// The model of a file name, read when it is first asked for; `parameter` asks for it.
    ///
    /// # Errors
    /// A file that is not there or no model.
    pub fn get<E: Display>(&self, parameter: &str, name: &str, open: impl Fn(&Path) -> Result<M, E>) -> Result<Arc<M>, BuildError> {
        let path = Places::of_environment().file(name).map_err(|error| told(parameter, &error))?;
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        // Held while reading, so that no two threads read the same model.
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(&key) {
            return Ok(Arc::clone(model));
        }
        let model = open(&path).map_err(|error| BuildError::parameter(parameter, error.to_string()))?;
        let model = Arc::new(model);
        models.insert(key, Arc::clone(&model));
        Ok(model)
    }
}
