//! Where a model of a name lies: the places of Data-Juicer, then the cache of Hugging Face.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::error::Error;

/// The folders in which models are looked for.
///
/// ```
/// use sandbox_tokenizer::Places;
///
/// let places = Places { homes: vec![concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data").into()], ..Places::default() };
/// assert!(places.sentence_piece("en")?.ends_with("tests/data/en.sp.model"));
/// let error = places.sentence_piece("tlh").unwrap_err();
/// assert!(error.to_string().contains("looked at `tlh.sp.model`, "));
/// # Ok::<(), sandbox_tokenizer::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// `DATA_JUICER_EXTERNAL_MODELS_HOME`: folders that users keep.
    pub homes: Vec<PathBuf>,
    /// `DATA_JUICER_MODELS_CACHE`: the folder into which the original downloads.
    pub cache: Option<PathBuf>,
    /// `HF_HOME`: the folder of Hugging Face's cache.
    pub hugging_face: Option<PathBuf>,
}

impl Places {
    /// The places that the environment names, or their defaults below the user's `.cache`.
    pub fn of_environment() -> Self {
        let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let cached = |folder: &str| env::home_dir().map(|home| home.join(".cache").join(folder));
        let homes = named("DATA_JUICER_EXTERNAL_MODELS_HOME");
        let homes = homes.iter().flat_map(env::split_paths).filter(|path| !path.as_os_str().is_empty());
        Self {
            homes: homes.collect(),
            cache: named("DATA_JUICER_MODELS_CACHE").map(PathBuf::from).or_else(|| cached("data_juicer/models")),
            hugging_face: named("HF_HOME").map(PathBuf::from).or_else(|| cached("huggingface")),
        }
    }

    /// The file `{lang}.sp.model`: from the current folder, in the homes, in the cache.
    ///
    /// # Errors
    /// [`Error::Missing`] with all these places.
    pub fn sentence_piece(&self, lang: &str) -> Result<PathBuf, Error> {
        self.file(&format!("{lang}.sp.model"))
    }

    /// A model's file of any kind by its name: from the current folder, in the homes, in the cache.
    ///
    /// # Errors
    /// [`Error::Missing`] with all these places.
    pub fn file(&self, name: &str) -> Result<PathBuf, Error> {
        first(name, self.below(name))
    }

    /// The `tokenizer.json` of a model such as `EleutherAI/pythia-6.9b-deduped`: in a folder of this name at the places of
    /// [`sentence_piece`](Self::sentence_piece), then in Hugging Face's cache.
    ///
    /// # Errors
    /// [`Error::Missing`] with all these places.
    pub fn hugging_face(&self, name: &str) -> Result<PathBuf, Error> {
        let mut looked: Vec<_> = self.below(name).iter().map(|folder| folder.join("tokenizer.json")).collect();
        if let Some(home) = &self.hugging_face {
            let model = home.join("hub").join(format!("models--{}", name.replace('/', "--")));
            looked.push(snapshot(&model).join("tokenizer.json"));
        }
        first(name, looked)
    }

    fn below(&self, name: &str) -> Vec<PathBuf> {
        let folders = self.homes.iter().chain(&self.cache).map(|folder| folder.join(name));
        std::iter::once(PathBuf::from(name)).chain(folders).collect()
    }
}

fn first(name: &str, looked: Vec<PathBuf>) -> Result<PathBuf, Error> {
    match looked.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(Error::Missing { name: name.to_owned(), looked }),
    }
}

/// The folder of a cached model's files: the revision that `main` means, else the last by name of those that are there.
fn snapshot(model: &Path) -> PathBuf {
    let all = model.join("snapshots");
    let main = fs::read_to_string(model.join("refs/main")).map(|revision| all.join(revision.trim()));
    let there = |folder: &PathBuf| folder.join("tokenizer.json").is_file();
    let last = || {
        let folders = fs::read_dir(&all).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        folders.filter(there).max()
    };
    main.ok().filter(there).or_else(last).unwrap_or_else(|| all.join("*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_places_win_and_all_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let put = |name: &str| {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "{}").unwrap();
        };
        let places = Places { homes: vec![at("a"), at("b")], cache: Some(at("cache")), hugging_face: Some(at("hf")) };

        let error = places.sentence_piece("en").unwrap_err();
        assert!(error.hint().unwrap().contains("DATA_JUICER_EXTERNAL_MODELS_HOME"));
        let Error::Missing { looked, .. } = error else { panic!("found") };
        let names = ["a/en.sp.model", "b/en.sp.model", "cache/en.sp.model"];
        assert_eq!(looked[1..], names.map(at));
        for name in names.iter().rev() {
            put(name);
            assert_eq!(places.sentence_piece("en").unwrap(), at(name));
        }

        let Error::Missing { looked, .. } = places.hugging_face("org/model").unwrap_err() else { panic!("found") };
        assert_eq!(looked.last().unwrap(), &at("hf/hub/models--org--model/snapshots/*/tokenizer.json"));
        for name in ["hf/hub/models--org--model/snapshots/1", "hf/hub/models--org--model/snapshots/2", "cache/org/model", "a/org/model"] {
            put(&format!("{name}/tokenizer.json"));
            assert_eq!(places.hugging_face("org/model").unwrap(), at(name).join("tokenizer.json"));
        }
        fs::remove_dir_all(at("cache")).unwrap();
        fs::remove_dir_all(at("a")).unwrap();
        put("hf/hub/models--org--model/refs/main");
        fs::write(at("hf/hub/models--org--model/refs/main"), "1\n").unwrap();
        assert!(places.hugging_face("org/model").unwrap().ends_with("snapshots/1/tokenizer.json"));
    }
}
