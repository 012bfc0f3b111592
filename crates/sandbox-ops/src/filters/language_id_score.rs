//! `language_id_score_filter`: which language a text is in, and how certainly.

use std::borrow::Cow;
use std::sync::Arc;

use sandbox_fasttext::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::models::Shared;
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats};
use crate::unicode::lower::push_lower;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "language_id_score_filter",
    kind: Kind::Filter,
    summary: "Keep rows in certain languages, and certainly so",
    doc: "The fastText model `lid.176.bin` says which language the text is in: the statistic `lang`, and how probably: the statistic `lang_score`, which may exceed 1 a little. It looks at the text in lower case with blanks for line feeds. A row is kept when its language is among `lang` and its score is at least `min_score`; `reversed_range` turns round the second alone. Any supervised model under this name will do, a quantised one too. It lies in the current folder, below `DATA_JUICER_EXTERNAL_MODELS_HOME` or in the models cache of Data-Juicer. Nothing is downloaded.",
    parameters: &[
        Parameter {
            name: "lang",
            kind: "text, list of texts or null",
            default: "\"\"",
            doc: "Languages kept, as the model names them, such as `en`; an empty text, an empty list or null: all.",
        },
        Parameter { name: "min_score", kind: "number or null", default: "0.8", doc: "Smallest score kept; null: not tested." },
    ],
    example: "- language_id_score_filter:\n    lang: [en, fr]\n    min_score: 0.5\n\nWhere is the station? -> lang en, kept\nWo ist der Bahnhof?   -> lang de, dropped (with a model that knows both)",
    stats: &[LANG, SCORE],
    build,
};

const LANG: &str = "lang";
const SCORE: &str = "lang_score";
/// The original takes no other.
const MODEL: &str = "lid.176.bin";
const PREFIX: &str = "__label__";
static MODELS: Shared<Model> = Shared::new();

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: Option<Languages>,
    min_score: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "text or a list of texts")]
enum Languages {
    One(String),
    Several(Vec<String>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lang: Some(Languages::One(String::new())), min_score: Some(Number::Float(0.8)) }
    }
}

/// Keeps texts in certain languages; see [`ENTRY`].
pub struct LanguageIdScoreFilter {
    common: Common,
    /// Empty for all.
    languages: Vec<String>,
    range: Range,
    model: Arc<Model>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_score, None);
    let languages = listed(arguments.own.lang);
    let model = MODELS.get(LANG, MODEL, |path| Model::open(path))?;
    Ok(Operator::Filter(Box::new(LanguageIdScoreFilter { languages, range, model, common: arguments.common })))
}

/// The languages kept, none for all.
fn listed(languages: Option<Languages>) -> Vec<String> {
    match languages {
        Some(Languages::One(lang)) if !lang.is_empty() => vec![lang],
        Some(Languages::Several(languages)) => languages,
        _ => Vec::new(),
    }
}

impl Filter for LanguageIdScoreFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![LANG.into(), SCORE.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let [lower, spaced] = &mut *text.scratch().copies.borrow_mut();
        lower.clear();
        push_lower(text.text(), lower);
        spaced.clear();
        for (number, line) in lower.split('\n').enumerate() {
            if number > 0 {
                spaced.push(' ');
            }
            spaced.push_str(line);
        }
        let failed = |cause: &str| OpError::Row(format!("Failed to tell the language: {cause}"));
        let scratch = &mut text.scratch().labels.borrow_mut();
        let best = self.model.predict(spaced, 1, scratch).map_err(|error| failed(&error.to_string()))?;
        let best = best.first().ok_or_else(|| failed("the model knows nothing of this text"))?;
        let lang = StatValue::Text(best.label.replace(PREFIX, ""));
        Ok(vec![lang, StatValue::Float(best.probability.into())].into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        let [lang, score] = values else { return StatValue::Null.number(SCORE).map(|_| false) };
        let among = || matches!(lang, StatValue::Text(lang) if self.languages.contains(lang));
        Ok(self.range.keep(score.number(SCORE)?) && (self.languages.is_empty() || among()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_table;
    use crate::text::TextView;

    #[test]
    fn parameters_are_those_of_the_table() {
        check_table::<Parameters>(&ENTRY);
    }

    fn filter(arguments: Value) -> LanguageIdScoreFilter {
        let arguments = Arguments::<Parameters>::read(&ENTRY, &arguments).unwrap();
        let range = arguments.range(arguments.own.min_score, None);
        let model = Arc::new(Model::open("../../tests/goldens/assets/models/ft_bin/lid.176.bin").unwrap());
        LanguageIdScoreFilter { languages: listed(arguments.own.lang), range, model, common: arguments.common }
    }

    #[test]
    fn languages_and_scores() {
        let of = |filter: &LanguageIdScoreFilter, text: &str| {
            let mut scratch = crate::text::Scratch::default();
            let stats = filter.compute(&RowView::of_text(&TextView::new(text, &mut scratch))).unwrap();
            (stats[0].clone(), filter.keep(&stats).unwrap())
        };
        let english = "The cat is on the table and the dog is in the house.";
        let any = filter(json!({"min_score": 0.0}));
        assert_eq!(of(&any, english), (StatValue::Text("en".to_owned()), true));
        assert_eq!(of(&any, &english.to_uppercase()), of(&any, &english.replace(' ', "\n")));
        assert!(of(&filter(json!({"lang": ["en"], "min_score": null})), english).1);
        assert!(!of(&filter(json!({"lang": ["zh"], "min_score": 0.0})), english).1);
        assert!(!of(&filter(json!({"min_score": 2.0})), english).1);
        assert!(of(&filter(json!({"min_score": 2.0, "reversed_range": true})), english).1);
        assert!(any.keep(&[StatValue::Text("en".to_owned()), StatValue::Null]).is_err());
    }

    #[test]
    fn wrong_types_are_told() {
        let error = Arguments::<Parameters>::read(&ENTRY, &json!({"lang": 3})).err().unwrap();
        assert_eq!(error.path.to_string(), "lang");
        assert!(error.to_string().contains("text or a list of texts"), "{error}");
    }
}
