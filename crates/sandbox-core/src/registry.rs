//! The components of this build, as one list.
//!
//! Each crate of components exports `register(&mut Registry)` over a table of entries; help, listings, reference pages
//! and "unknown type" messages all come from the registry.

use std::sync::Arc;

use sandbox_document::{Problem, suggest};

use crate::component::Kind;
use crate::hook::{Category, Hook};

/// The components that jobs may call.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    entries: Vec<Arc<dyn Kind>>,
}

/// Why an entry cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Another entry has this category and type.
    #[error("the {category} `{}` is registered twice", .type_name.as_deref().unwrap_or("without a type"))]
    Duplicate {
        /// The category of both.
        category: Category,
        /// The type of both.
        type_name: Option<String>,
    },
}

impl Registry {
    /// A registry without components.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component.
    ///
    /// # Errors
    /// [`RegistryError::Duplicate`] when its category and type are taken.
    pub fn register(&mut self, entry: impl Kind + 'static) -> Result<(), RegistryError> {
        if self.get(entry.category(), entry.type_name()).is_some() {
            return Err(RegistryError::Duplicate { category: entry.category(), type_name: entry.type_name().map(str::to_owned) });
        }
        self.entries.push(Arc::new(entry));
        Ok(())
    }

    /// The entry of exactly this category and type.
    pub fn get(&self, category: Category, type_name: Option<&str>) -> Option<&dyn Kind> {
        self.all().find(|entry| entry.category() == category && entry.type_name() == type_name)
    }

    /// All entries, in the order in which they were registered.
    pub fn all(&self) -> impl Iterator<Item = &dyn Kind> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// The entries of one category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &dyn Kind> {
        self.all().filter(move |entry| entry.category() == category)
    }

    /// The types of one category.
    pub fn types(&self, category: Category) -> Vec<&str> {
        self.of(category).filter_map(Kind::type_name).collect()
    }

    /// The component that a hook calls when `extra_configs.type` is `type_name`.
    ///
    /// # Errors
    /// A problem that names the known types and the nearest one, or says that this build has none.
    pub fn choose(&self, hook: &Hook, type_name: Option<&str>) -> Result<&dyn Kind, Problem> {
        let types = self.types(hook.category);
        let default = self.get(hook.category, None);
        match (type_name, default) {
            (None, Some(entry)) => return Ok(entry),
            (Some(wanted), _) => {
                if let Some(entry) = self.get(hook.category, Some(wanted)) {
                    return Ok(entry);
                }
                // A category without types does not read the key.
                if let (Some(entry), true) = (default, types.is_empty()) {
                    return Ok(entry);
                }
            }
            (None, None) => {}
        }
        if types.is_empty() && default.is_none() {
            return Err(Problem::error(format!("this build has no component for `{}` yet (a {})", hook.name, hook.category)));
        }
        let known = if types.is_empty() { "none is known here".to_owned() } else { format!("known: {}", types.join(", ")) };
        Err(match type_name {
            None => Problem::error(format!("missing key `extra_configs.type`: it chooses the {}", hook.category)).hint(known),
            Some(wanted) => {
                let near = suggest(wanted, types.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                Problem::error(format!("unknown type `{wanted}` for `{}`", hook.name)).hint(near + &known)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Entry;

    fn entry(category: Category, type_name: Option<&'static str>) -> Entry {
        Entry { category, type_name, summary: "", doc: "", example: "", check: |_| Vec::new(), build: |_| Err(Vec::new()) }
    }

    fn hook(name: &str) -> &'static Hook {
        Hook::named(name).unwrap()
    }

    #[test]
    fn unknown_types_are_answered_with_the_known_ones() {
        let mut registry = Registry::new();
        let pools = hook("DataPoolManipulationHook");
        assert_eq!(
            registry.choose(pools, Some("x")).unwrap_err().message,
            "this build has no component for `DataPoolManipulationHook` yet (a data-pool manipulator)"
        );
        registry.register(entry(Category::DataPoolManipulator, Some("data_pool_merging"))).unwrap();
        registry.register(entry(Category::DataPoolManipulator, Some("data_pool_duplication"))).unwrap();
        let problem = registry.choose(pools, Some("data_pool_merge")).unwrap_err();
        assert_eq!(problem.message, "unknown type `data_pool_merge` for `DataPoolManipulationHook`");
        assert_eq!(problem.hint.as_deref(), Some("did you mean `data_pool_merging`? known: data_pool_merging, data_pool_duplication"));
        let problem = registry.choose(pools, None).unwrap_err();
        assert_eq!(problem.message, "missing key `extra_configs.type`: it chooses the data-pool manipulator");
    }

    #[test]
    fn an_entry_without_type_is_the_default() {
        let mut registry = Registry::new();
        registry.register(entry(Category::DataExecutor, None)).unwrap();
        assert!(registry.choose(hook("ProcessDataHook"), None).is_ok());
        assert!(registry.choose(hook("ProcessDataHook"), Some("anything")).is_ok());
        let again = registry.register(entry(Category::DataExecutor, None)).unwrap_err();
        assert_eq!(again.to_string(), "the data executor `without a type` is registered twice");
    }
}
