//! `external_mapper`: rows rewritten by a program.

use serde_json::Value;

use super::{Answers, External, PARAMETERS};
use crate::arguments::Arguments;
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "external_mapper",
    kind: Kind::Mapper,
    summary: "Rewrite rows with a program of your own",
    doc: "The program gets one row a line on standard input, as JSON, and answers each with one line on standard output, in their \
          order: the row as it shall be. It ends when its input does. A row at which it crashes, or takes longer than `timeout`, \
          is set aside with the reason; the others are not lost. What it writes to standard error is shown when it fails.",
    parameters: PARAMETERS,
    example: "- external_mapper:\n    command: [jq, -c, '.text |= ascii_downcase']\n\n{\"text\": \"ONE\"} -> {\"text\": \"one\"}",
    stats: &[],
    build,
};

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::External(External::new(ENTRY.name, own, common, Answers::Rows)?))
}
