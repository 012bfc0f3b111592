//! When to stop, and what an iteration hands to the next.

use std::fmt;

use sandbox_document::{Place, Problem};

use super::reference::{Named, Reference, Unresolved, resolve, unknown_job};
use crate::settings::split_side;

/// `PIPELINE.META_NAME.OUTPUT OP NUMBER`, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub(crate) text: String,
    /// `None` for an output that no job has: in `any` mode it only warns.
    pub(crate) output: Option<Reference>,
    pub(crate) comparison: Comparison,
    pub(crate) number: f64,
    pub(crate) place: Place,
}

/// How a target compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
}

/// One line of `iter_updater`, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updater {
    pub(crate) source: Reference,
    /// The jobs of the right-hand side's name.
    pub(crate) jobs: Vec<usize>,
    /// The left-hand side inside them, such as `extra_configs.dataset_path`.
    pub(crate) key: String,
    pub(crate) destination: String,
}

impl Target {
    /// Whether a value meets the target.
    pub fn is_met_by(&self, value: f64) -> bool {
        match self.comparison {
            // The target's number is written by hand and the output is compared as it is, as in the original.
            Comparison::Equal => value == self.number,
            Comparison::AtLeast => value >= self.number,
            Comparison::AtMost => value <= self.number,
            Comparison::Above => value > self.number,
            Comparison::Below => value < self.number,
        }
    }
}

/// The target as written.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Updater {
    /// Where the value comes from.
    pub fn source(&self) -> &Reference {
        &self.source
    }

    /// Where it goes, as written.
    pub fn destination(&self) -> &str {
        &self.destination
    }
}

/// Parses `REFERENCE OP NUMBER`.
pub(super) fn parse(text: &str) -> Result<(&str, Comparison, f64), Problem> {
    let malformed = || Problem::error(format!("the target `{text}` is not of the form PIPELINE.META_NAME.OUTPUT OP NUMBER"));
    let hint = "OP is one of ==, >=, <=, >, <, as in `p.train.loss <= 0.5`";
    let start = text.find(['=', '>', '<', '!']).ok_or_else(|| malformed().hint(hint))?;
    let rest = text[start..].trim_start_matches(['=', '>', '<', '!']);
    let operator = &text[start..text.len() - rest.len()];
    let comparison = match operator {
        "==" => Comparison::Equal,
        ">=" => Comparison::AtLeast,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Above,
        "<" => Comparison::Below,
        other => return Err(Problem::error(format!("unknown comparison `{other}` in the target `{text}`")).hint(hint)),
    };
    let number = rest.trim().parse().ok().filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| malformed().hint(format!("`{}` is not a number", rest.trim())))?;
    Ok((text[..start].trim(), comparison, number))
}

/// Resolves one line of `iter_updater`.
pub(super) fn updater(source: &str, destination: &str, named: &[Named]) -> Result<Updater, Vec<Problem>> {
    let mut problems = Vec::new();
    let inside = |job: &Named| {
        let rest = destination.strip_prefix(job.pipeline)?.strip_prefix('.')?.strip_prefix(job.meta_name)?.strip_prefix('.')?;
        Some(rest.to_owned())
    };
    let found: Vec<(usize, String)> = named.iter().enumerate().filter_map(|(index, job)| Some((index, inside(job)?))).collect();
    let key = found.iter().map(|(_, key)| key).find(|key| split_side(key).is_some()).cloned();
    if key.is_none() {
        problems.push(match found.first() {
            Some((_, key)) => Problem::error(format!("`{destination}`: `{key}` must begin with `dj_configs` or `extra_configs`")),
            None if destination.split('.').count() < 3 => {
                Problem::error(format!("`{destination}` is not of the form PIPELINE.META_NAME.(dj_configs|extra_configs).KEY"))
            }
            None => unknown_job(destination, named),
        });
    }
    let source = resolve(source, named, None).map_err(|Unresolved { problem, .. }| problems.push(problem)).ok();
    match (source, key) {
        (Some(source), Some(key)) => {
            let jobs = found.into_iter().filter(|(_, other)| *other == key).map(|(job, _)| job).collect();
            Ok(Updater { source, jobs, key, destination: destination.to_owned() })
        }
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_parsed_once() {
        assert_eq!(parse("p.m.o >= 0.5").unwrap(), ("p.m.o", Comparison::AtLeast, 0.5));
        assert_eq!(parse("p.m.o<-1e3").unwrap(), ("p.m.o", Comparison::Below, -1000.0));
        assert_eq!(parse("p.m.o == 5").unwrap(), ("p.m.o", Comparison::Equal, 5.0));
        for wrong in ["p.m.o", "p.m.o = 3", "p.m.o => 3", "p.m.o != 3", "p.m.o > x", "p.m.o >"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
