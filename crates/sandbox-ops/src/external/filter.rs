//! `external_filter`: rows judged by a program.

use serde_json::Value;

use super::{Answers, External, PARAMETERS};
use crate::arguments::Arguments;
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "external_filter",
    kind: Kind::Filter,
    summary: "Keep the rows that a program of your own keeps",
    doc: "The program gets one row a line on standard input, as JSON, and answers each with one line on standard output, in their \
          order: `true` or `false`, or `{\"keep\": true, \"stats\": {\"score\": 0.7}}` with statistics to go with the row. It ends \
          when its input does. A row at which it crashes, or takes longer than `timeout`, is set aside with the reason; the \
          others are not lost. What it writes to standard error is shown when it fails.",
    parameters: PARAMETERS,
    example: "- external_filter:\n    command: [jq, '.text | length > 3']\n\n{\"text\": \"four\"} -> true, kept\n{\"text\": \"two\"} -> false, dropped",
    stats: &[],
    build,
};

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::External(External::new(ENTRY.name, own, common, Answers::Verdicts)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Answer, Answers};
    use super::*;

    #[test]
    fn commands_and_limits_are_checked() {
        let error = |arguments: Value| build(&arguments).unwrap_err().to_string();
        assert_eq!(error(json!({})), "`external_filter` needs `command`");
        assert_eq!(error(json!({"command": ["x"], "timeout": 0})), "`timeout`: expected a number of seconds above 0, got 0");
        assert!(build(&json!({"command": ["x"], "timeout": 0.5, "workers": 2, "batch_size": 10})).is_ok());
    }

    #[test]
    fn answers_are_read() {
        assert_eq!(Answers::Verdicts.read(" true ").unwrap(), Answer::Verdict(true, serde_json::Map::new()));
        let Answer::Verdict(false, stats) = Answers::Verdicts.read("{\"keep\": false, \"stats\": {\"a\": 1}}").unwrap() else { panic!() };
        assert_eq!(Value::Object(stats), json!({"a": 1}));
        let error = Answers::Verdicts.read("yes").unwrap_err().to_string();
        assert_eq!(error, "the program answered `yes`: expected `true`, `false` or `{\"keep\": true, \"stats\": {}}`");
        assert!(Answers::Rows.read("[1]").is_err() && Answers::Rows.read("{}").is_ok());
    }
}
