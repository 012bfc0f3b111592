//! One rule of a grammar: from a line's text to the values of a record.

mod bar;
mod pairs;

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem;
use regex::Regex;
use serde::Deserialize;

use crate::literal;
use crate::number;
use crate::record::Value;
use crate::wall;

/// How many beginnings of a dictionary are tried in one line.
const TRIES: usize = 16;

/// What a line says, not yet understood.
pub(crate) type Pairs<'t> = Vec<(Cow<'t, str>, Raw<'t>)>;

/// One value, not yet understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Raw<'t> {
    Number(f64),
    /// Text as it stands in the line.
    Bare(&'t str),
    /// Text that stood in quotes.
    Quoted(Cow<'t, str>),
}

/// Which kind of line a rule reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    #[default]
    Pattern,
    PythonDict,
    JsonLines,
    KeyValue,
    Tqdm,
}

/// As what a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum As {
    Auto,
    Number,
    Percent,
    Thousands,
    Duration,
    Text,
    Skip,
}

/// Values that a progress bar has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BarValue {
    Done,
    Total,
    ProgressRatio,
    PerSecond,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub rename: Option<String>,
    pub read: Option<As>,
    pub scale: f64,
}

#[derive(Debug)]
pub(crate) struct Pattern {
    pub regex: Regex,
    pub names: Vec<Option<String>>,
}

#[derive(Debug)]
pub(crate) enum StepFrom {
    Names(Vec<String>),
    Within { epoch: String, iteration: String, per_epoch: String },
}

/// A rule, checked.
#[derive(Debug)]
pub(crate) struct Rule {
    pub kind: Kind,
    pub contains: Vec<String>,
    pub patterns: Vec<Pattern>,
    pub keys: Vec<String>,
    pub fields: HashMap<String, Field>,
    pub skips_others: bool,
    pub step: StepFrom,
    pub wall_from: Option<String>,
    pub prefix: String,
    pub pair: String,
    pub between: String,
    pub quoted_numbers: bool,
    pub bar: Vec<BarValue>,
    pub titled: bool,
}

/// What a rule read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub step: Option<u64>,
    pub wall: Option<f64>,
    pub values: Vec<(String, Value)>,
    pub bad_numbers: u64,
}

impl Rule {
    pub(crate) fn new(mut rule: Self) -> Self {
        // Bars and dictionaries have texts without which they are none.
        if rule.contains.is_empty() {
            rule.contains = match rule.kind {
                Kind::Tqdm => vec!["%|".to_owned(), "it [".to_owned()],
                Kind::PythonDict | Kind::JsonLines => vec!["{".to_owned()],
                Kind::KeyValue => vec![rule.pair.clone()],
                Kind::Pattern => Vec::new(),
            };
        }
        rule
    }

    /// Texts of which a line must hold one; any line will do when there are none.
    pub(crate) fn contains(&self) -> &[String] {
        &self.contains
    }

    /// Reads a line; `None` when it is none of this rule's.
    pub(crate) fn read(&self, text: &str) -> Option<Reading> {
        let wanted = |part: &String| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
        if !self.contains.is_empty() && !self.contains.iter().any(wanted) {
            return None;
        }
        let mut pairs = Pairs::new();
        let mut title = None;
        // Where what the kind reads begins.
        let begin = self.captured(text, &mut pairs)?;
        let groups = pairs.len();
        match self.kind {
            Kind::Pattern => {}
            Kind::PythonDict => self.dictionary(text.get(begin..)?, &mut pairs)?,
            Kind::JsonLines => {
                let rest = literal::dictionary(text.get(begin..)?.trim_start(), &mut pairs)?;
                rest.trim().is_empty().then_some(())?;
            }
            Kind::KeyValue => pairs::read(text.get(begin..)?, &self.pair, &self.between, &mut pairs),
            Kind::Tqdm => title = Some(bar::read(text, &self.bar, &mut pairs)?),
        }
        if self.kind != Kind::Pattern && pairs.len() == groups {
            return None;
        }
        let has_key = || pairs.iter().any(|(name, _)| self.keys.iter().any(|key| key == name));
        if !self.keys.is_empty() && !has_key() {
            return None;
        }
        let title = title.filter(|_| self.titled).map(bar::title).unwrap_or_default();
        let reading = self.understood(pairs, groups, &title);
        // A value that had to be a number and is not belongs to a line of this rule all the same.
        (!reading.values.is_empty() || reading.bad_numbers > 0).then_some(reading)
    }

    /// Puts the groups of the first pattern that matches into `pairs`; gives where it ends.
    fn captured<'t>(&'t self, text: &'t str, pairs: &mut Pairs<'t>) -> Option<usize> {
        if self.patterns.is_empty() {
            return Some(0);
        }
        self.patterns.iter().find_map(|Pattern { regex, names }| {
            let captures = regex.captures(text)?;
            let (mut name_group, mut value_group) = (None, None);
            for (name, group) in names.iter().zip(captures.iter()) {
                let (Some(name), Some(group)) = (name, group) else { continue };
                match name.as_str() {
                    "name" => name_group = Some(group.as_str()),
                    "value" => value_group = Some(group.as_str()),
                    _ => pairs.push((Cow::Borrowed(name.as_str()), Raw::Bare(group.as_str().trim()))),
                }
            }
            if let (Some(name), Some(value)) = (name_group, value_group) {
                pairs.push((Cow::Borrowed(name.trim()), Raw::Bare(value.trim())));
            }
            captures.get(0).map(|all| all.end())
        })
    }

    /// The first dictionary of the line; behind a pattern it must begin where that ended.
    fn dictionary<'t>(&self, text: &'t str, pairs: &mut Pairs<'t>) -> Option<()> {
        if !self.patterns.is_empty() {
            return literal::dictionary(text, pairs).map(drop);
        }
        let begins = memchr::memchr_iter(b'{', text.as_bytes()).filter(|at| {
            let behind = text.as_bytes().get(at + 1..).unwrap_or_default();
            behind.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'\'' | b'"'))
        });
        begins.take(TRIES).find_map(|at| literal::dictionary(text.get(at..)?, pairs).map(drop))
    }

    fn understood(&self, pairs: Pairs<'_>, groups: usize, title: &str) -> Reading {
        let mut reading = Reading { step: self.step(&pairs), ..Reading::default() };
        reading.values.reserve(pairs.len());
        for (index, (name, raw)) in pairs.into_iter().enumerate() {
            let is_bars = self.kind == Kind::Tqdm && name.starts_with("bar.");
            if is_bars || (self.is_step(&name) && reading.step.is_some()) {
                continue;
            }
            if self.wall_from.as_deref() == Some(&name) {
                reading.wall = match &raw {
                    Raw::Number(number) => number.is_finite().then_some(*number),
                    Raw::Bare(text) => wall::seconds(text),
                    Raw::Quoted(text) => wall::seconds(text),
                };
                continue;
            }
            let field = self.fields.get(name.as_ref());
            if field.is_none() && self.skips_others {
                continue;
            }
            let is_group = index < groups;
            let usual = if is_group { As::Number } else { As::Auto };
            match self.value(raw, field.and_then(|field| field.read).unwrap_or(usual)) {
                Some(Value::Number(number)) => {
                    let number = number * field.map_or(1.0, |field| field.scale);
                    reading.values.push((self.named(name, field, title), Value::Number(number)));
                }
                Some(Value::Text(text)) => reading.values.push((self.named(name, field, title), Value::Text(text))),
                None if field.is_some_and(|field| field.read == Some(As::Skip)) => {}
                None => reading.bad_numbers += 1,
            }
        }
        reading
    }

    fn named(&self, name: Cow<'_, str>, field: Option<&Field>, title: &str) -> String {
        let name = field.and_then(|field| field.rename.as_deref()).unwrap_or(&name);
        match (self.prefix.as_str(), title) {
            ("", "") => name.to_owned(),
            (prefix, "") => format!("{prefix}{name}"),
            (prefix, title) => format!("{prefix}{title}.{name}"),
        }
    }

    /// The value, or nothing where it is not what it had to be.
    fn value(&self, raw: Raw<'_>, read: As) -> Option<Value> {
        let parse: fn(&str) -> Option<f64> = match read {
            As::Skip => return None,
            As::Text => {
                return Some(Value::Text(match raw {
                    Raw::Number(number) => number.to_string(),
                    Raw::Bare(text) => text.to_owned(),
                    Raw::Quoted(text) => text.into_owned(),
                }));
            }
            As::Auto | As::Number => number::parse_wrapped,
            As::Percent => number::parse_percent,
            As::Thousands => number::parse_thousands,
            As::Duration => number::parse_duration,
        };
        let text = match &raw {
            Raw::Number(number) => return Some(Value::Number(if read == As::Percent { number / 100.0 } else { *number })),
            Raw::Bare(text) => *text,
            Raw::Quoted(text) => text.as_ref(),
        };
        let is_text = read == As::Auto && matches!(raw, Raw::Quoted(_)) && !self.quoted_numbers;
        match parse(text).filter(|_| !is_text) {
            Some(number) => Some(Value::Number(number)),
            None if read == As::Auto => Some(Value::Text(text.to_owned())),
            None => None,
        }
    }

    fn is_step(&self, name: &str) -> bool {
        match &self.step {
            StepFrom::Names(names) => names.iter().any(|step| step == name),
            StepFrom::Within { iteration, per_epoch, .. } => name == iteration || name == per_epoch,
        }
    }

    fn step(&self, pairs: &Pairs<'_>) -> Option<u64> {
        let whole = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).and_then(|(_, raw)| whole(raw));
        match &self.step {
            StepFrom::Names(names) => names.iter().find_map(|name| whole(name)),
            StepFrom::Within { epoch, iteration, per_epoch } => {
                whole(epoch)?.checked_sub(1)?.checked_mul(whole(per_epoch)?)?.checked_add(whole(iteration)?)
            }
        }
    }
}

/// A number without a fraction; of `710/59760` the first.
fn whole(raw: &Raw<'_>) -> Option<u64> {
    let text = match raw {
        Raw::Number(number) => return exact(*number),
        Raw::Bare(text) => *text,
        Raw::Quoted(text) => text.as_ref(),
    };
    let text = text.split('/').next().unwrap_or(text).trim();
    text.parse().ok().or_else(|| exact(number::parse_wrapped(text)?))
}

/// Up to where every whole number is a number of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn exact(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=EXACT).contains(&number)).then_some(number as u64)
}
