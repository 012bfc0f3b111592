//! Lists of words by language, from files in the original's form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use hashbrown::HashSet;
use sandbox_document::did_you_mean;

use crate::error::BuildError;

/// Words to look for, as they are: what is compared with them is in lower case and stripped, they are not.
#[derive(Debug, Default)]
pub(crate) struct WordList {
    words: HashSet<Box<str>>,
    /// Bytes of the longest.
    longest: usize,
}

/// All words of all languages, where no file has this key.
const ALL: &str = "all";

impl WordList {
    pub fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The most bytes that a word of it has.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The words of a language from all files of a folder whose names contain `kind` and end in `.json`. Lists of one
    /// language in several files are joined. `parameter` names the folder; none is the original's cache.
    ///
    /// # Errors
    /// No such files, broken ones, or a language that they do not have.
    pub fn find(kind: &str, parameter: &str, folder: Option<&str>, lang: &str) -> Result<Self, BuildError> {
        let folder = folder.map(PathBuf::from).or_else(cache).unwrap_or_default();
        let failed = |message: String| BuildError::parameter(parameter, message);
        let mut languages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in files(&folder, kind).map_err(|error| failed(format!("Failed to read `{}`: {error}", folder.display())))? {
            let broken = |cause: String| failed(format!("Failed to read `{}`: {cause}", path.display())).hint(form(kind));
            let text = fs::read_to_string(&path).map_err(|error| broken(error.to_string()))?;
            let lists: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
            for (language, words) in lists {
                languages.entry(language).or_default().extend(words);
            }
        }
        if languages.is_empty() {
            let message = format!("Failed to find a word list: `{}` has no file `*{kind}*.json`", folder.display());
            return Err(
                failed(message).hint(format!("nothing is downloaded: put one there or name its folder with `{parameter}`; {}", form(kind)))
            );
        }
        if lang == ALL && !languages.contains_key(ALL) {
            return Ok(Self::of(languages.into_values().flatten()));
        }
        match languages.remove(lang) {
            Some(words) => Ok(Self::of(words)),
            None => {
                let message = format!("the word lists in `{}` have no language `{lang}`", folder.display());
                let known: Vec<&str> = languages.keys().map(String::as_str).chain([ALL]).collect();
                Err(BuildError::parameter("lang", message).hint(did_you_mean(lang, known)))
            }
        }
    }

    fn of(words: impl IntoIterator<Item = String>) -> Self {
        let words: HashSet<Box<str>> = words.into_iter().map(String::into_boxed_str).collect();
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        Self { words, longest }
    }
}

fn form(kind: &str) -> String {
    format!("the form is {{\"en\": [\"a\", \"the\"]}}, as in the original's `{kind}.json`")
}

/// Where the original keeps what it downloads.
fn cache() -> Option<PathBuf> {
    let named = env::var_os("DATA_JUICER_ASSETS_CACHE").filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| env::home_dir().map(|home| home.join(".cache/data_juicer/assets")))
}

/// The files in order of their names; none where there is no folder.
fn files(folder: &Path, kind: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name.ends_with(".json") && name.contains(kind) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_joined_and_errors_name_places() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let find = |lang: &str| WordList::find("stopwords", "stopwords_dir", Some(&place), lang);
        let error = find("en").unwrap_err();
        assert_eq!(error.to_string(), format!("Failed to find a word list: `{place}` has no file `*stopwords*.json`"));
        assert!(error.hint.unwrap().starts_with("nothing is downloaded: put one there or name its folder with `stopwords_dir`"));
        fs::write(folder.path().join("stopwords.json"), r#"{"en": ["a", "the"], "de": ["der"]}"#).unwrap();
        fs::write(folder.path().join("my_stopwords_2.json"), r#"{"en": ["an"]}"#).unwrap();
        fs::write(folder.path().join("flagged_words.json"), r#"{"en": ["x"]}"#).unwrap();
        let english = find("en").unwrap();
        assert!(english.has("a") && english.has("an") && !english.has("der") && !english.has("x"));
        assert_eq!(english.longest(), 3);
        assert!(find("all").unwrap().has("der"));
        let error = find("ed").unwrap_err();
        assert_eq!(
            (error.path.to_string().as_str(), error.to_string()),
            ("lang", format!("the word lists in `{place}` have no language `ed`"))
        );
        fs::write(folder.path().join("stopwords.json"), "[1]").unwrap();
        assert!(find("en").unwrap_err().to_string().contains("stopwords.json`: invalid type"));
        let nowhere = WordList::find("stopwords", "stopwords_dir", Some("no/such/folder"), "en").unwrap_err();
        assert!(nowhere.to_string().contains("`no/such/folder`"));
    }
}
