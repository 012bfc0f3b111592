//! From a configuration to a plan, or to all that is wrong with it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sandbox_document::{Document, DocumentError, KeyPath, Place, Problem, Step};
use serde_json::Value;

use super::reference::{Named, Unresolved, resolve};
use super::targets::{self, Target, Updater};
use super::{Plan, PlannedJob, Problems};
use crate::component::Finding;
use crate::config::{Config, JobConfig, TargetsMode};
use crate::hook::{Category, Hook, Side};
use crate::panic::words;
use crate::prepare::{Load, Misplaced, Prepared};
use crate::registry::Registry;
use crate::settings::{JobSettings, is_promised};

pub(super) fn plan(config: &Config, registry: &Registry) -> Result<Plan, Problems> {
    let written: Vec<(&str, &JobConfig)> =
        config.pipelines.iter().flat_map(|pipeline| pipeline.jobs.iter().map(|job| (pipeline.name.as_str(), job))).collect();
    let named: Vec<Named> =
        written.iter().map(|(pipeline, job)| Named { pipeline, meta_name: &job.meta_name, outputs: job.output.as_deref() }).collect();
    let mut problems = config.problems.clone();
    if written.is_empty() && problems.is_empty() {
        problems.push(Problem::warning("there is no job in this configuration").at(config.document.place(&KeyPath::root())));
    }
    if let Some(sweep) = &config.hpo_config {
        let problem = Problem::error(format!("`hpo_config: {}`: this build cannot run sweeps yet", sweep.display()));
        problems
            .push(problem.hint("leave it out to run the configuration once").at(config.document.place(&KeyPath::root().key("hpo_config"))));
    }
    let mut jobs = Vec::new();
    for (at, (pipeline, job)) in written.iter().enumerate() {
        let earlier: Vec<&JobConfig> = written[..at].iter().map(|(_, job)| *job).collect();
        let check = JobCheck { config, registry, named: &named, earlier, pipeline, job, at };
        let (planned, found) = check.run();
        problems.extend(found.into_iter().map(|problem| Problem { place: problem.place.clone().or(Some(job.place.clone())), ..problem }));
        jobs.push(planned);
    }
    let targets = check_targets(config, &named, &mut problems);
    let updaters = check_updaters(config, &named, &mut problems);
    let (errors, warnings): (Vec<Problem>, Vec<Problem>) = problems.into_iter().partition(Problem::is_error);
    if !errors.is_empty() {
        return Err(Problems(errors.into_iter().chain(warnings).collect()));
    }
    Ok(Plan {
        project_name: config.project_name.clone(),
        experiment_name: config.experiment_name.clone(),
        work_dir: config.work_dir.clone(),
        resume: config.resume,
        max_iterations: config.max_iter_num,
        mode: config.iter_targets_mode,
        pipelines: config.pipelines.iter().map(|pipeline| pipeline.name.clone()).collect(),
        jobs,
        targets,
        updaters,
        warnings,
        document: config.document.clone(),
    })
}

/// The check of one job.
struct JobCheck<'c> {
    config: &'c Config,
    registry: &'c Registry,
    named: &'c [Named<'c>],
    earlier: Vec<&'c JobConfig>,
    pipeline: &'c str,
    job: &'c JobConfig,
    at: usize,
}

impl JobCheck<'_> {
    fn run(&self) -> (PlannedJob, Vec<Problem>) {
        let job = self.job;
        let mut problems = Vec::new();
        let place = |path: KeyPath| self.config.document.place(&job.path.join(&path));
        let hook = job.hook.as_deref().and_then(|name| {
            let named = Hook::named(name);
            named.map_err(|problem| problems.push(problem.at(place(KeyPath::root().key("hook"))))).ok()
        });
        if let Some(hook) = hook.filter(|hook| !hook.lists.contains(&job.list)) {
            let usual: Vec<&str> = hook.lists.iter().map(|list| list.key()).collect();
            let problem = Problem::warning(format!("`{}` stands in `{}`; it belongs in `{}`", hook.name, job.list, usual.join("` or `")));
            problems.push(problem.at(place(KeyPath::root().key("hook"))));
        }
        let mut inputs = Vec::new();
        for (key, reference) in &job.input {
            match resolve(reference, self.named, Some(self.at)) {
                Ok(resolved) => inputs.push((key.clone(), resolved)),
                Err(Unresolved { problem, .. }) => problems.push(problem.at(place(KeyPath::root().key("input").key(key)))),
            }
        }
        let mut planned = PlannedJob {
            pipeline: self.pipeline.to_owned(),
            list: job.list,
            index: job.index,
            // Without a hook there is no plan; until then any hook does.
            hook: hook.unwrap_or_else(|| Category::GeneralProbe.hook()),
            type_name: None,
            commands: Ok(Vec::new()),
            meta_name: job.meta_name.clone(),
            dj_configs: job.dj_configs.clone(),
            extra_configs: job.extra_configs.clone(),
            inputs,
            outputs: job.output.clone(),
            local: job.local.iter().chain(&job.overridden).cloned().collect(),
            path: job.path.clone(),
            place: job.place.clone(),
        };
        problems.extend(self.shadowed_locals());
        match self.prepare(&planned) {
            Ok(prepared) => {
                let found = self.component(&mut planned, &prepared, hook);
                problems.extend(found);
            }
            Err(misplaced) => {
                problems.extend(misplaced.into_iter().map(|Misplaced { path, problem }| {
                    let place = problem.place.clone().unwrap_or_else(|| place(path));
                    problem.at(place)
                }));
            }
        }
        let context = format!("job `{}`", job.meta_name);
        (planned, problems.into_iter().map(|problem| problem.within(&context)).collect())
    }

    /// The blocks with `local` written, as far as they are known now.
    fn prepare(&self, planned: &PlannedJob) -> Result<Prepared, Vec<Misplaced>> {
        // Inputs whose reference is wrong are pending too: one mistake is told once.
        let inputs: Vec<(String, Option<Value>)> = self.job.input.iter().map(|(key, _)| (key.clone(), None)).collect();
        let promised = self.promised();
        Prepared::new(planned, &[], &inputs, &mut |path| match Document::read(path) {
            Err(DocumentError::Read { .. }) if is_promised(&promised, path) => Ok(Load::Later),
            read => read.map(|document| Load::Document(Box::new(document))),
        })
    }

    /// The texts in earlier jobs' configurations: what those jobs write is among them.
    fn promised(&self) -> Vec<String> {
        let mut promised = Vec::new();
        let mut texts = |value: &Value| each_text(value, KeyPath::root(), &mut |_, text| promised.push(text.to_owned()));
        for job in &self.earlier {
            [&job.dj_configs, &job.extra_configs].into_iter().filter(|block| block.is_object()).for_each(&mut texts);
            job.local.iter().for_each(|(_, value)| texts(value));
        }
        promised
    }

    /// `local` is written before `input`: a block that an input replaces takes its local values with it.
    fn shadowed_locals(&self) -> Vec<Problem> {
        let replaced =
            |key: &str| self.job.input.iter().any(|(whole, _)| key.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.')));
        let shadowed = self.job.local.iter().filter(|(key, _)| replaced(key));
        let problems = shadowed.map(|(key, _)| {
            let problem = Problem::warning(format!("`{key}` in `local` has no effect: `input` replaces what it stands in afterwards"));
            problem.at(self.config.document.place(&self.job.path.key("local").key(key)))
        });
        problems.collect()
    }

    fn component(&self, planned: &mut PlannedJob, prepared: &Prepared, hook: Option<&'static Hook>) -> Vec<Problem> {
        let Some(hook) = hook else { return Vec::new() };
        let pending = self.job.input.iter().map(|(key, _)| key.as_str()).chain(prepared.later.iter().map(|side| side.key()));
        let settings = JobSettings::new(prepared.dj.clone(), prepared.extra.clone()).with_pending(pending).with_promised(self.promised());
        let placed_in = planned.clone();
        let at = |side: Side, path: &KeyPath| place_of(&self.config.document, &placed_in, prepared, side, path);
        let mut problems = self.placeholders(&settings, &at);
        if hook.block == Side::Dj && settings.dj_configs.is_null() && !settings.is_pending(Side::Dj.key()) {
            problems.push(Problem::error(format!("missing key `dj_configs`: `{}` needs a recipe", hook.name)));
            return problems;
        }
        let type_path = KeyPath::root().key("type");
        let type_name = match settings.get("extra_configs.type") {
            None if settings.is_pending("extra_configs.type") => return problems,
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(other) => {
                problems.push(Problem::error(format!("`type` must be a text, not {other}")).at(at(Side::Extra, &type_path)));
                return problems;
            }
        };
        let entry = match self.registry.choose(hook, type_name.as_deref()) {
            Ok(entry) => entry,
            Err(problem) => {
                problems.push(problem.at(at(Side::Extra, &type_path)));
                return problems;
            }
        };
        if let (Some(name), None) = (&type_name, entry.type_name()) {
            let problem = Problem::warning(format!("`type: {name}` has no effect: `{}` has one component only", hook.name));
            problems.push(problem.at(at(Side::Extra, &type_path)));
        }
        match catch_unwind(AssertUnwindSafe(|| entry.check(&settings))) {
            Ok(findings) => problems.extend(findings.into_iter().map(|finding| placed(finding, &at))),
            Err(panic) => problems.push(Problem::error(format!("the check of this job panicked: {}", words(panic.as_ref())))),
        }
        planned.type_name = entry.type_name().map(str::to_owned);
        planned.commands =
            catch_unwind(AssertUnwindSafe(|| entry.commands(&settings, &self.config.work_dir, self.pipeline, &planned.meta_name)))
                .unwrap_or_else(|panic| Err(words(panic.as_ref())));
        problems
    }

    /// Placeholders that nothing replaces are probably forgotten.
    fn placeholders(&self, settings: &JobSettings, at: &dyn Fn(Side, &KeyPath) -> Place) -> Vec<Problem> {
        let mut problems = Vec::new();
        for side in Side::ALL {
            each_text(settings.block(side), KeyPath::root(), &mut |path, text| {
                let key = format!("{side}.{}", dotted(path));
                if !["<replaced>", "<r>", "<auto>"].contains(&text) || settings.is_pending(&key) {
                    return;
                }
                let problem = Problem::warning(format!("`{key}` is still the placeholder `{text}`: no `input` or `local` replaces it"));
                let updated = format!("{}.{}.{key}", self.pipeline, self.job.meta_name);
                let is_updated = self.config.iter_updater.iter().any(|(_, destination)| *destination == updated);
                let problem = if is_updated { problem.hint("`iter_updater` fills it from the second iteration on") } else { problem };
                problems.push(problem.at(at(side, path)));
            });
        }
        problems
    }
}

fn check_targets(config: &Config, named: &[Named], problems: &mut Vec<Problem>) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut missing = Vec::new();
    for (text, path) in &config.iter_targets {
        let place = config.document.place(path);
        let (reference, comparison, number) = match targets::parse(text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                problems.push(problem.at(place));
                continue;
            }
        };
        let output = match resolve(reference, named, None) {
            Ok(reference) => Some(reference),
            Err(Unresolved { problem, only_the_output: true }) => {
                missing.push(problem.within("target").at(place.clone()));
                None
            }
            Err(Unresolved { problem, .. }) => {
                problems.push(problem.within("target").at(place));
                continue;
            }
        };
        targets.push(Target { text: text.clone(), output, comparison, number, place });
    }
    // One target that can never be met does no harm where another one is enough; the original runs such files.
    let harmless = config.iter_targets_mode == TargetsMode::Any && targets.iter().any(|target| target.output.is_some());
    problems.extend(
        missing
            .into_iter()
            .map(|problem| if harmless { Problem { severity: sandbox_document::Severity::Warning, ..problem } } else { problem }),
    );
    targets
}

fn check_updaters(config: &Config, named: &[Named], problems: &mut Vec<Problem>) -> Vec<Updater> {
    let mut updaters = Vec::new();
    for (source, destination) in &config.iter_updater {
        let place = config.document.place(&KeyPath::root().key("iter_updater").key(source));
        match targets::updater(source, destination, named) {
            Ok(updater) => {
                if updater.jobs.len() > 1 {
                    let problem = Problem::warning(format!("`{destination}` names {} jobs; all of them get the value", updater.jobs.len()));
                    problems.push(problem.within("`iter_updater`").at(place));
                }
                updaters.push(updater);
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| problem.within("`iter_updater`").at(place.clone()))),
        }
    }
    updaters
}

/// A component's finding as a problem with its place.
pub(crate) fn placed(finding: Finding, at: &dyn Fn(Side, &KeyPath) -> Place) -> Problem {
    let place = finding.problem.place.clone().unwrap_or_else(|| at(finding.side, &finding.path));
    finding.problem.at(place)
}

/// Where a key of a block stands: at the `local` that writes it, in the file that the block was loaded from, or in the job.
pub(crate) fn place_of(document: &Document, job: &PlannedJob, prepared: &Prepared, side: Side, path: &KeyPath) -> Place {
    let key = format!("{side}.{}", dotted(path));
    let local =
        job.local.iter().rfind(|(name, _)| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    if let Some((name, _)) = local {
        return document.place(&job.path.key("local").key(name));
    }
    match prepared.file(side) {
        Some(file) => {
            file.document.as_ref().map_or_else(|| Place { file: file.path.clone().into(), line: None }, |document| document.place(path))
        }
        None => document.place(&job.path.key(side.key()).join(path)),
    }
}

fn dotted(path: &KeyPath) -> String {
    let steps = path.steps().iter().map(|step| match step {
        Step::Key(name) => name.clone(),
        Step::Index(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn each_text(value: &Value, path: KeyPath, seen: &mut dyn FnMut(&KeyPath, &str)) {
    match value {
        Value::String(text) => seen(&path, text),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| each_text(item, path.index(index), seen)),
        Value::Object(map) => map.iter().for_each(|(key, item)| each_text(item, path.key(key), seen)),
        _ => {}
    }
}
