//! The grammars that are built in: one file per framework, the more special ones first.

use std::sync::LazyLock;

use super::Grammar;

macro_rules! texts {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../grammars/", $name, ".yaml")))),*]
    };
}

const TEXTS: [(&str, &str); 9] =
    texts!["trinity", "verl", "easyanimate", "modelscope", "lightning", "hf", "internvl", "llama_factory", "tqdm"];

static BUILTINS: LazyLock<Vec<Grammar>> = LazyLock::new(|| {
    // A test holds that none is left out here.
    TEXTS.iter().filter_map(|(name, text)| Grammar::parse(format!("{name}.yaml"), text).ok()).collect()
});

/// The built-in grammars; where several read a line, the earlier one is the more special.
pub fn builtins() -> &'static [Grammar] {
    &BUILTINS
}

/// The built-in grammar of this name.
pub fn builtin(name: &str) -> Option<&'static Grammar> {
    builtins().iter().find(|grammar| grammar.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_grammar_is_sound() {
        for (name, text) in TEXTS {
            let grammar = Grammar::parse(format!("{name}.yaml"), text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(grammar.name, name);
            assert!(!grammar.summary.is_empty());
            assert!(grammar.rules.iter().all(|rule| !rule.contains().is_empty()), "{name}: a rule without `contains` is slow");
        }
        assert_eq!(builtins().len(), TEXTS.len());
    }
}
