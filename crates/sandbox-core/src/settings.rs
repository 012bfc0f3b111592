//! A job's configuration as its component sees it.

use std::num::NonZero;

use sandbox_document::{KeyPath, Misfit, Problem, Step, suggest, typed, value};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::component::Finding;
use crate::hook::Side;

/// The two configuration blocks of a job, and which of their keys earlier jobs have yet to fill.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSettings {
    /// The recipe, or null.
    pub dj_configs: Value,
    /// The component's configuration, or null.
    pub extra_configs: Value,
    /// How many threads a job may use.
    pub threads: usize,
    pending: Vec<String>,
    promised: Vec<String>,
}

impl JobSettings {
    /// Settings in which every value is present.
    pub fn new(dj_configs: Value, extra_configs: Value) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { dj_configs, extra_configs, threads, pending: Vec::new(), promised: Vec::new() }
    }

    /// With left-hand sides such as `extra_configs.dataset_path` that earlier jobs will fill.
    #[must_use]
    pub fn with_pending<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.pending.extend(keys.into_iter().map(Into::into));
        self
    }

    /// With a number of threads.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// With paths that earlier jobs may write to.
    #[must_use]
    pub fn with_promised(mut self, paths: Vec<String>) -> Self {
        self.promised = paths;
        self
    }

    /// Whether nothing stands at a path and no earlier job looks like writing it: a mistake worth telling before job 1.
    ///
    /// ```
    /// # use sandbox_core::component::JobSettings;
    /// # use serde_json::Value;
    /// let settings = JobSettings::new(Value::Null, Value::Null).with_promised(vec!["out/pools".into(), "out/kept.jsonl".into()]);
    /// assert!(settings.is_missing("data/none.jsonl"));
    /// assert!(!settings.is_missing("./out/pools/iter_1/text_len/a.jsonl") && !settings.is_missing("out/iter_2/kept_stats.jsonl"));
    /// ```
    pub fn is_missing(&self, path: &str) -> bool {
        !std::path::Path::new(path).exists() && !is_promised(&self.promised, path)
    }

    /// An error for every path under a key, such as `dataset_path`, at which nothing stands and that no earlier job looks like writing.
    /// Patterns are left to the run: their files may not be there yet.
    pub fn missing(&self, side: Side, key: &str, paths: &[String]) -> Vec<Finding> {
        if self.is_pending(&format!("{side}.{key}")) {
            return Vec::new();
        }
        let missing = paths.iter().filter(|path| !path.contains(['*', '?', '[']) && self.is_missing(path));
        let at = key.split('.').fold(KeyPath::root(), |path, part| path.key(part));
        missing.map(|path| Finding { side, path: at.clone(), problem: Problem::error(format!("Failed to find `{path}`")) }).collect()
    }

    /// The left-hand sides that earlier jobs will fill.
    pub fn pending(&self) -> &[String] {
        &self.pending
    }

    /// One of the blocks.
    pub fn block(&self, side: Side) -> &Value {
        match side {
            Side::Dj => &self.dj_configs,
            Side::Extra => &self.extra_configs,
        }
    }

    /// The value at a dotted name such as `extra_configs.dataset_path`; `None` when it is missing or pending.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let (side, rest) = split_side(key)?;
        let block = self.block(side);
        if self.is_pending(key) {
            return None;
        }
        if rest.is_empty() { Some(block) } else { value::lookup(block, rest) }
    }

    /// Whether an earlier job will fill this key, the value above it, or the whole block.
    ///
    /// ```
    /// # use sandbox_core::component::JobSettings;
    /// # use serde_json::json;
    /// let settings = JobSettings::new(json!({}), json!({})).with_pending(["dj_configs.dataset", "extra_configs"]);
    /// assert!(settings.is_pending("dj_configs.dataset.path"));
    /// assert!(settings.is_pending("extra_configs.type"));
    /// assert!(!settings.is_pending("dj_configs"));
    /// ```
    pub fn is_pending(&self, key: &str) -> bool {
        self.pending.iter().any(|filled| key.strip_prefix(filled.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// A block as a `T`, for [`Entry::build`](crate::component::Entry::build), where every value is present.
    ///
    /// # Errors
    /// The first key that does not fit.
    pub fn read<T: DeserializeOwned>(&self, side: Side) -> Result<T, Vec<Finding>> {
        typed(or_empty(self.block(side))).map_err(|misfit| vec![finding(side, misfit)])
    }

    /// A block as a `T`, for [`Entry::check`](crate::component::Entry::check), where values may be pending.
    ///
    /// Pending keys hold stand-ins of a fitting type: ask [`is_pending`](Self::is_pending) before looking at one. `None` when the
    /// whole block is pending or nothing fits a pending key.
    ///
    /// # Errors
    /// The first key that does not fit and is not pending.
    pub fn preview<T: DeserializeOwned>(&self, side: Side) -> Result<Option<T>, Vec<Finding>> {
        if self.is_pending(side.key()) {
            return Ok(None);
        }
        let stand_ins = [json!("pending"), json!(["pending"]), json!(1), json!(0.5), json!(true), json!({}), json!([1]), Value::Null];
        let mut block = or_empty(self.block(side)).clone();
        let mut filled: Vec<(&str, usize)> = Vec::new();
        for key in &self.pending {
            if let Some((_, name)) = split_side(key).filter(|(of, _)| *of == side) {
                if value::assign(&mut block, name, stand_ins[0].clone()).is_err() {
                    return Ok(None);
                }
                filled.push((name, 0));
            }
        }
        loop {
            let misfit = match typed::<T>(&block) {
                Ok(value) => return Ok(Some(value)),
                Err(misfit) => misfit,
            };
            let key = dotted(&misfit);
            let filled =
                filled.iter_mut().find(|(name, _)| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
            let Some((name, next)) = filled.filter(|_| !misfit.message.starts_with("unknown key")) else {
                return Err(vec![finding(side, misfit)]);
            };
            *next += 1;
            let Some(stand_in) = stand_ins.get(*next) else { return Ok(None) };
            if value::assign(&mut block, name, stand_in.clone()).is_err() {
                return Ok(None);
            }
        }
    }

    /// Warnings about keys of a block that the component does not read. Free keys are no error; a misspelt one is worth a look.
    pub fn unread_keys(&self, side: Side, known: &[&str]) -> Vec<Finding> {
        let Value::Object(map) = self.block(side) else { return Vec::new() };
        map.keys()
            .filter(|key| !known.contains(&key.as_str()) && !["type", "export_path"].contains(&key.as_str()))
            .map(|key| {
                let problem = Problem::warning(format!("`{key}` is not a key of this component and has no effect"));
                let problem = match suggest(key, known.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem,
                };
                Finding { side, path: KeyPath::root().key(key), problem }
            })
            .collect()
    }
}

/// `dj_configs.a.b` as the block and what follows it.
pub(crate) fn split_side(key: &str) -> Option<(Side, &str)> {
    Side::ALL.into_iter().find_map(|side| {
        let rest = key.strip_prefix(side.key())?;
        if rest.is_empty() { Some((side, "")) } else { rest.strip_prefix('.').filter(|rest| !rest.is_empty()).map(|rest| (side, rest)) }
    })
}

/// Whether one of `texts` is this path, a folder above it, or the path without its suffix that other names are made from.
pub(crate) fn is_promised(texts: &[String], path: &str) -> bool {
    let parts = path.split('/').filter(|part| !matches!(*part, "." | "") && !part.starts_with("iter_"));
    let path = parts.collect::<Vec<_>>().join("/");
    texts.iter().map(|text| text.trim_start_matches("./").trim_end_matches('/')).filter(|text| !text.is_empty()).any(|text| {
        let folder = path.strip_prefix(text.trim_start_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let stem = text.rsplit_once('.').map_or(text, |(stem, suffix)| if suffix.contains('/') { text } else { stem });
        folder || path.starts_with(stem.trim_start_matches('/'))
    })
}

/// A missing block is one without keys.
fn or_empty(block: &Value) -> &Value {
    static EMPTY: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| json!({}));
    if block.is_null() { &EMPTY } else { block }
}

/// The name inside the block of what did not fit, with dots before indexes too.
fn dotted(misfit: &Misfit) -> String {
    let steps = misfit.path.steps().iter().map(|step| match step {
        Step::Key(name) => name.clone(),
        Step::Index(index) => index.to_string(),
    });
    steps.chain(misfit.missing.clone()).collect::<Vec<_>>().join(".")
}

fn finding(side: Side, misfit: Misfit) -> Finding {
    let problem = Problem::error(misfit.message);
    let problem = match misfit.hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    };
    Finding { side, path: misfit.path, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Pool {
        #[serde(rename = "type")]
        kind: String,
        dataset_path: Vec<String>,
        target: u32,
        inner: Inner,
    }

    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code)]
    struct Inner {
        flag: bool,
    }

    #[test]
    fn pending_keys_do_not_hide_other_mistakes() {
        let pending = ["extra_configs.dataset_path", "extra_configs.inner.flag"];
        let whole = json!({"type": "x", "dataset_path": "<r>", "target": 3});
        let pool = JobSettings::new(Value::Null, whole).with_pending(pending).preview::<Pool>(Side::Extra).unwrap().unwrap();
        assert_eq!((pool.target, pool.inner.flag), (3, true));

        let wrong = json!({"type": "x", "dataset_path": "<r>", "target": "many"});
        let findings = JobSettings::new(Value::Null, wrong).with_pending(pending).preview::<Pool>(Side::Extra).unwrap_err();
        assert_eq!(findings[0].path.to_string(), "target");
    }

    #[test]
    fn a_key_that_nobody_reads_is_worth_a_look() {
        let settings = JobSettings::new(Value::Null, json!({"type": "x", "split_nun": 3, "note": "free"}));
        let findings = settings.unread_keys(Side::Extra, &["split_num"]);
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0].problem.hint.as_deref(), Some("did you mean `split_num`?"));
        assert!(findings.iter().all(|finding| !finding.problem.is_error()));
    }
}
