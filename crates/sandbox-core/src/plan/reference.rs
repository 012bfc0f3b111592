//! `PIPELINE.META_NAME.OUTPUT` and `-1.OUTPUT`.

use std::fmt;

use sandbox_document::{Problem, did_you_mean};

use crate::context::output_index;

/// A reference to an output of a job, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    pub(crate) job: usize,
    pub(crate) output: String,
}

impl Reference {
    /// The index of the job in [`Plan::jobs`](super::Plan::jobs).
    pub fn job(&self) -> usize {
        self.job
    }

    /// The output's name, followed by what leads on into its value: `results.0.mse`.
    pub fn output(&self) -> &str {
        &self.output
    }
}

/// The reference as written.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a job can be referred to by.
#[derive(Debug, Clone)]
pub(super) struct Named<'c> {
    pub(super) pipeline: &'c str,
    pub(super) meta_name: &'c str,
    pub(super) outputs: Option<&'c [String]>,
}

/// Why a reference leads nowhere.
#[derive(Debug)]
pub(super) struct Unresolved {
    pub(super) problem: Problem,
    /// The job exists; it has no such output.
    pub(super) only_the_output: bool,
}

impl Unresolved {
    fn new(problem: Problem) -> Self {
        Self { problem, only_the_output: false }
    }
}

/// Resolves a reference that stands in the job `at`, or outside all jobs.
pub(super) fn resolve(text: &str, jobs: &[Named], at: Option<usize>) -> Result<Reference, Unresolved> {
    if let Some(output) = text.strip_prefix("-1.") {
        return match at {
            None => Err(Unresolved::new(Problem::error(format!("`{text}`: `-1` is the job before, which only a job's `input` has")))),
            Some(0) => Err(Unresolved::new(Problem::error(format!("`{text}`: no job runs before this one in an iteration")))),
            Some(at) => outputs_of(jobs, &[at - 1], text, output),
        };
    }
    let matching = matching(text, jobs);
    let Some(&(_, output)) = matching.first() else { return Err(Unresolved::new(unknown_job(text, jobs))) };
    // Names may contain dots, so one text may be split in several ways; those that end in an output come first.
    let fits = |&&(job, output): &&(usize, &str)| has_output(jobs[job].outputs, output);
    let earlier = |&&(job, _): &&(usize, &str)| at.is_none_or(|at| job < at);
    if let Some(&(job, output)) = matching.iter().filter(fits).rfind(earlier) {
        return Ok(Reference { text: text.to_owned(), job, output: output.to_owned() });
    }
    if matching.iter().any(|one| fits(&one)) {
        let problem = Problem::error(format!("`{text}` is not there yet: the job runs later, or is this one"));
        return Err(Unresolved::new(problem.hint("a job can take outputs of jobs that run before it in the same iteration")));
    }
    let candidates: Vec<usize> = matching.iter().map(|(job, _)| *job).collect();
    outputs_of(jobs, &candidates, text, output)
}

/// The jobs that a text may begin with, in run order, each with what follows.
fn matching<'t>(text: &'t str, jobs: &[Named]) -> Vec<(usize, &'t str)> {
    let follow = |text: &'t str, name: &str| text.strip_prefix(name)?.strip_prefix('.').filter(|rest| !rest.is_empty());
    let matching = jobs.iter().enumerate().filter_map(|(index, job)| Some((index, follow(follow(text, job.pipeline)?, job.meta_name)?)));
    matching.collect()
}

/// The last of `candidates` that has the output, or the problem that none has.
fn outputs_of(jobs: &[Named], candidates: &[usize], text: &str, output: &str) -> Result<Reference, Unresolved> {
    if let Some(job) = candidates.iter().rev().copied().find(|job| has_output(jobs[*job].outputs, output)) {
        return Ok(Reference { text: text.to_owned(), job, output: output.to_owned() });
    }
    let names: Vec<&str> = candidates.iter().flat_map(|job| jobs[*job].outputs.unwrap_or_default()).map(String::as_str).collect();
    let meta_name = candidates.first().map_or("", |job| jobs[*job].meta_name);
    let problem = Problem::error(format!("`{text}`: the job `{meta_name}` has no output `{output}`"));
    let problem = if names.is_empty() {
        problem.hint("it has no `output` key, so its outputs are called `0`, `1`, ...")
    } else {
        problem.hint(did_you_mean(output, names))
    };
    Err(Unresolved { problem, only_the_output: true })
}

fn has_output(names: Option<&[String]>, output: &str) -> bool {
    let index = output_index(output.split('.').next().unwrap_or_default());
    let Some(names) = names else { return index.is_some() };
    let begins = |name: &String| output.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    names.iter().any(begins) || index.is_some_and(|index| index < names.len())
}

/// What is wrong with a text that begins with no job.
pub(super) fn unknown_job(text: &str, jobs: &[Named]) -> Problem {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() < 3 {
        let problem = Problem::error(format!("`{text}` is not of the form PIPELINE.META_NAME.OUTPUT"));
        let job = jobs.iter().find(|job| parts.first() == Some(&job.meta_name));
        return match job {
            Some(job) => problem.hint(format!("did you mean `{}.{text}`?", job.pipeline)),
            None => problem,
        };
    }
    let in_pipeline: Vec<&Named> =
        jobs.iter().filter(|job| text.strip_prefix(job.pipeline).is_some_and(|rest| rest.starts_with('.'))).collect();
    let Some(first) = in_pipeline.first() else {
        let mut names: Vec<&str> = jobs.iter().map(|job| job.pipeline).collect();
        names.dedup();
        return Problem::error(format!("`{text}`: no pipeline `{}` with jobs", parts[0])).hint(did_you_mean(parts[0], names));
    };
    let rest = &text[first.pipeline.len() + 1..];
    let wanted = rest.split_once('.').map_or(rest, |(name, _)| name);
    let mut names: Vec<&str> = in_pipeline.iter().map(|job| job.meta_name).collect();
    names.dedup();
    Problem::error(format!("`{text}`: the pipeline `{}` has no job `{wanted}`", first.pipeline)).hint(did_you_mean(wanted, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, at: Option<usize>) -> Result<(usize, String), String> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (one, two, dotted) = (names(&["analyzed"]), names(&["recipe"]), names(&["v.1"]));
        let jobs = [
            Named { pipeline: "p", meta_name: "analysis", outputs: Some(&one) },
            Named { pipeline: "p", meta_name: "analysis", outputs: Some(&two) },
            Named { pipeline: "p", meta_name: "free", outputs: None },
            Named { pipeline: "p.q", meta_name: "a.b", outputs: Some(&dotted) },
        ];
        resolve(text, &jobs, at).map(|found| (found.job, found.output)).map_err(|unresolved| unresolved.problem.to_string())
    }

    #[test]
    fn names_and_aliases_lead_to_the_last_job_that_has_the_output() {
        assert_eq!(told("p.analysis.analyzed", Some(3)), Ok((0, "analyzed".into())));
        assert_eq!(told("p.analysis.recipe.x.0", Some(3)), Ok((1, "recipe.x.0".into())));
        assert_eq!(told("p.analysis.res_0", Some(3)), Ok((1, "res_0".into())));
        assert_eq!(told("p.analysis.res_0", Some(1)), Ok((0, "res_0".into())));
        assert_eq!(told("p.free.3", None), Ok((2, "3".into())));
        assert_eq!(told("p.q.a.b.v.1", None), Ok((3, "v.1".into())));
        assert_eq!(told("-1.recipe", Some(2)), Ok((1, "recipe".into())));
    }

    #[test]
    fn what_leads_nowhere_is_told_with_the_near_miss() {
        let lines = |text, at| told(text, at).unwrap_err();
        assert_eq!(lines("-1.x", Some(0)), "`-1.x`: no job runs before this one in an iteration");
        assert_eq!(lines("-1.x", None), "`-1.x`: `-1` is the job before, which only a job's `input` has");
        assert_eq!(lines("-1.recip", Some(2)), "`-1.recip`: the job `analysis` has no output `recip`\n  hint: did you mean `recipe`?");
        assert_eq!(
            lines("p.analysys.recipe", None),
            "`p.analysys.recipe`: the pipeline `p` has no job `analysys`\n  hint: did you mean `analysis`?"
        );
        assert_eq!(lines("qq.a.b", None), "`qq.a.b`: no pipeline `qq` with jobs\n  hint: known: p, p.q");
        assert_eq!(
            lines("analysis.recipe", None),
            "`analysis.recipe` is not of the form PIPELINE.META_NAME.OUTPUT\n  hint: did you mean `p.analysis.recipe`?"
        );
        assert!(lines("p.analysis.recipe", Some(1)).starts_with("`p.analysis.recipe` is not there yet"));
        assert!(lines("p.free.x", None).ends_with("its outputs are called `0`, `1`, ..."));
    }
}
