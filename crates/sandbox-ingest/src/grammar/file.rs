//! A grammar as it is written, and its way to the checked one.

use std::collections::HashMap;

use indexmap::IndexMap;
use regex::{Regex, RegexBuilder};
use sandbox_document::{Document, KeyPath, Misfit};
use serde::Deserialize;
use serde_json::Value;

use super::{Grammar, GrammarError};
use crate::rule::{As, BarValue, Field, Kind, Pattern, Rule, StepFrom};

/// What a regular expression may take when it is compiled.
const LARGEST: usize = 4 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    #[serde(default)]
    summary: String,
    /// Texts of other lines by which `auto` knows whose log it is.
    #[serde(default)]
    hints: Vec<String>,
    /// `auto` takes it only where no other grammar reads anything.
    #[serde(default)]
    weak: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    contains: Words,
    #[serde(default, rename = "match")]
    patterns: Words,
    #[serde(default)]
    keys: Words,
    #[serde(default)]
    fields: IndexMap<String, FieldFile>,
    #[serde(default)]
    others: Others,
    #[serde(default)]
    step_from: StepFile,
    wall_from: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default = "colon")]
    pair: String,
    #[serde(default = "comma")]
    between: String,
    #[serde(default)]
    quoted_numbers: bool,
    #[serde(default)]
    bar: Vec<BarValue>,
    prefix_from: Option<PrefixFrom>,
}

fn colon() -> String {
    ": ".to_owned()
}

fn comma() -> String {
    ", ".to_owned()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Others {
    #[default]
    Keep,
    Skip,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PrefixFrom {
    Description,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        match words {
            Words::One(word) => vec![word],
            Words::Many(words) => words,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name, or a map of `rename`, `as` and `scale`")]
enum FieldFile {
    Rename(String),
    Full(FieldMap),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FieldMap {
    rename: Option<String>,
    #[serde(rename = "as")]
    read: Option<As>,
    scale: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name, a list of names, or a map of `epoch`, `iteration` and `per_epoch`")]
enum StepFile {
    Names(Words),
    Within(WithinFile),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithinFile {
    epoch: String,
    iteration: String,
    per_epoch: String,
}

impl Default for StepFile {
    fn default() -> Self {
        Self::Names(Words::default())
    }
}

pub(super) fn grammar(document: Document) -> Result<Grammar, GrammarError> {
    let invalid = |path: &KeyPath, message: String| GrammarError::Invalid { place: document.place(path), message, hint: None };
    let Value::Object(mut head) = document.value.clone() else {
        return Err(invalid(&KeyPath::root(), "a grammar is a map".to_owned()));
    };
    // A grammar of one rule has the rule's keys beside its own.
    let rules: Vec<(KeyPath, Value)> = match head.remove("rules") {
        Some(Value::Array(rules)) => {
            let root = KeyPath::root().key("rules");
            rules.into_iter().enumerate().map(|(index, rule)| (root.index(index), rule)).collect()
        }
        Some(_) => return Err(invalid(&KeyPath::root().key("rules"), "`rules` is not a list".to_owned())),
        None => {
            let (own, rule) = head.into_iter().partition(|(key, _)| ["name", "summary", "hints", "weak"].contains(&key.as_str()));
            head = own;
            vec![(KeyPath::root(), Value::Object(rule))]
        }
    };
    let typed = |path: &KeyPath, misfit: Misfit| GrammarError::Invalid {
        place: document.place(&path.join(&misfit.path)),
        message: misfit.message,
        hint: misfit.hint,
    };
    let head: Head = sandbox_document::typed(&Value::Object(head)).map_err(|misfit| typed(&KeyPath::root(), misfit))?;
    let mut checked = Vec::with_capacity(rules.len());
    for (path, rule) in rules {
        let rule: RuleFile = sandbox_document::typed(&rule).map_err(|misfit| typed(&path, misfit))?;
        checked.push(check(rule).map_err(|(key, message)| invalid(&path.key(key), message))?);
    }
    if checked.is_empty() {
        return Err(invalid(&KeyPath::root().key("rules"), "a grammar without rules reads nothing".to_owned()));
    }
    Ok(Grammar { name: head.name, summary: head.summary, text: String::new(), hints: head.hints, weak: head.weak, rules: checked.into() })
}

fn check(file: RuleFile) -> Result<Rule, (&'static str, String)> {
    let patterns: Vec<Pattern> = Vec::from(file.patterns).iter().map(|text| pattern(text)).collect::<Result<_, _>>()?;
    if file.kind == Kind::Pattern && patterns.is_empty() {
        return Err(("match", "a rule of the kind `pattern` needs `match`".to_owned()));
    }
    if file.kind == Kind::Pattern
        && let Some(bare) = patterns.iter().find(|pattern| pattern.names.iter().all(Option::is_none))
    {
        return Err(("match", format!("`{}` has no named group such as `(?<loss>\\S+)`", bare.regex)));
    }
    if file.pair.is_empty() || file.between.is_empty() {
        return Err(("pair", "`pair` and `between` may not be empty".to_owned()));
    }
    let step = match file.step_from {
        StepFile::Names(names) => StepFrom::Names(names.into()),
        StepFile::Within(WithinFile { epoch, iteration, per_epoch }) => StepFrom::Within { epoch, iteration, per_epoch },
    };
    let fields: HashMap<String, Field> = file.fields.into_iter().map(|(name, field)| (name, self::field(field))).collect();
    if fields.values().any(|field| !field.scale.is_finite()) {
        return Err(("fields", "a `scale` is a number".to_owned()));
    }
    Ok(Rule::new(Rule {
        kind: file.kind,
        contains: Vec::from(file.contains).into_iter().filter(|text| !text.is_empty()).collect(),
        patterns,
        keys: file.keys.into(),
        fields,
        skips_others: matches!(file.others, Others::Skip),
        step,
        wall_from: file.wall_from,
        prefix: file.prefix,
        pair: file.pair,
        between: file.between,
        quoted_numbers: file.quoted_numbers,
        bar: file.bar,
        titled: file.prefix_from.is_some(),
    }))
}

fn pattern(text: &str) -> Result<Pattern, (&'static str, String)> {
    let regex: Regex = RegexBuilder::new(text).size_limit(LARGEST).dfa_size_limit(LARGEST).build().map_err(|error| {
        let error = error.to_string();
        (
            "match",
            format!(
                "Failed to read the regular expression `{text}`: {}",
                error.lines().last().unwrap_or_default().trim_start_matches("error: ")
            ),
        )
    })?;
    let names = regex.capture_names().map(|name| name.map(str::to_owned)).collect();
    Ok(Pattern { regex, names })
}

fn field(file: FieldFile) -> Field {
    let map = match file {
        FieldFile::Rename(name) => FieldMap { rename: Some(name), ..FieldMap::default() },
        FieldFile::Full(map) => map,
    };
    Field { rename: map.rename, read: map.read, scale: map.scale.unwrap_or(1.0) }
}
