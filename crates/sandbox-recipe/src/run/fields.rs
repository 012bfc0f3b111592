//! A row's fields as operators see them: with changed texts, statistics and tags.

use std::borrow::Cow;

use sandbox_dataset::{Row, write_json_string};
use sandbox_ops::{Fields, StatValue};
use serde_json::Value;

use super::chunk::{META, STATS};
use super::travel::Travel;

/// A row on its way, and the statistics it has so far.
pub(super) struct Seen<'s, 't, 'r> {
    pub(super) travel: &'s Travel<'t, 'r>,
    pub(super) row: &'s Row<'r>,
    pub(super) names: &'s [String],
    pub(super) keys: &'s [String],
    pub(super) texts: &'s [Option<&'s str>],
    pub(super) stats: &'s [Option<StatValue>],
}

impl Fields for Seen<'_, '_, '_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(field) = self.names.iter().position(|known| known == name)
            && self.travel.changed[field]
        {
            let mut json = Vec::new();
            write_json_string(self.texts[field].unwrap_or_default(), &mut json);
            return String::from_utf8(json).ok().map(Cow::Owned);
        }
        if let Some(rest) = name.strip_prefix(STATS)
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return self.statistic(rest.strip_prefix('.')).map(Cow::Owned);
        }
        if let (Some(rest), Some(meta)) = (name.strip_prefix(META), &self.travel.meta) {
            let value = match rest.strip_prefix('.') {
                Some(path) => sandbox_document::value::lookup(meta, path),
                None => rest.is_empty().then_some(meta),
            };
            return value.map(|value| Cow::Owned(value.to_string()));
        }
        self.row.get(name).map(Cow::Borrowed)
    }
}

impl Seen<'_, '_, '_> {
    /// The JSON of one statistic, or of all.
    fn statistic(&self, key: Option<&str>) -> Option<String> {
        let json = |value: &StatValue| {
            let mut out = Vec::new();
            value.write_json(&mut out);
            String::from_utf8(out).ok()
        };
        let brought = self.travel.brought.as_ref().and_then(Value::as_object);
        match key {
            Some(key) => {
                let slot = self.keys.iter().zip(self.stats).find_map(|(known, value)| value.as_ref().filter(|_| known == key));
                slot.and_then(json).or_else(|| brought?.get(key).map(Value::to_string))
            }
            None => {
                let mut all = brought.cloned().unwrap_or_default();
                for (key, value) in self.keys.iter().zip(self.stats) {
                    if let Some(value) = value.as_ref().and_then(json).and_then(|json| serde_json::from_str(&json).ok()) {
                        all.insert(key.clone(), value);
                    }
                }
                (!all.is_empty() || self.travel.brought.is_some()).then(|| Value::Object(all).to_string())
            }
        }
    }
}
