//! A recipe as it is written, checked: where the rows come from, what is done to them, where the result goes.

mod elsewhere;
mod external;
pub mod keys;
mod mixture;
mod order;
mod process;
mod prompts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sandbox_dataset::Compression;
use sandbox_document::{KeyPath, Problem, did_you_mean};
use sandbox_ops::Operator;
use serde_json::{Map, Value};

pub use mixture::MixtureOf;
pub use process::Step;

/// What is wrong with a recipe, and at which of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The key inside the recipe.
    pub path: KeyPath,
    /// The message.
    pub problem: Problem,
}

/// The form of the exported rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportType {
    /// One object a line.
    Jsonl,
    /// One array of objects.
    Json,
    /// A typed table.
    Parquet,
}

/// A checked recipe: the keys that matter here with their defaults, and its operators built.
pub struct Recipe {
    /// Files, directories and globs with the rows; `-` is standard input.
    pub dataset_path: Vec<String>,
    /// Data sets with weights instead of `dataset_path`, if the recipe mixes some.
    pub mixture: Option<MixtureOf>,
    /// Where the processed rows go; the statistics go beside it.
    pub export_path: PathBuf,
    /// How they are written.
    pub export_type: ExportType,
    /// Bytes of values in one file; 0 for one file.
    pub export_shard_size: u64,
    /// Where the analysis goes; the export's directory when not given.
    pub work_dir: PathBuf,
    /// Threads; never more than the machine has.
    pub np: usize,
    /// The field that the operators look at, first of the recipe's `text_keys`.
    pub text_key: String,
    /// Every field that must be there: rows in which one is null are left out at load.
    pub text_keys: Vec<String>,
    /// Whether the recipe names `text_keys` itself: then every row must have them, whatever the operators look at.
    pub text_keys_given: bool,
    /// The fields with paths of images, audios and videos.
    pub media: [String; 3],
    /// The field with images' bytes, as a list of base64 texts.
    pub image_bytes: String,
    /// Where rows wait between passes; beside the export when not given.
    pub temp_dir: Option<PathBuf>,
    /// The program that runs operators which are not native, if there are any.
    pub data_juicer: Option<PathBuf>,
    /// Bytes that deduplicators may hold in memory; past it they go on on disk.
    pub memory: Option<u64>,
    /// Examples of what operators did, if they are wanted.
    pub tracer: Option<Tracing>,
    /// Restricts the files of a directory.
    pub suffixes: Vec<String>,
    /// More percentiles for the analysis, 0 to 1.
    pub percentiles: Vec<f64>,
    /// Keep `__dj__stats__` and `__dj__meta__` in the exported rows.
    pub keep_stats: bool,
    /// Decimals of exported statistics; `None` keeps all digits.
    pub float_decimals: Option<usize>,
    /// Keep `__dj__hash` in the exported rows.
    pub keep_hashes: bool,
    /// The analyzer also writes the rows, with their statistics.
    pub export_original_dataset: bool,
    /// What the analysis is drawn as.
    pub pictures: Pictures,
    /// One picture for all statistics of the analysis.
    pub one_picture: bool,
    /// The operators in order.
    pub process: Vec<Step>,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<Finding>,
}

/// The forms in which an analysis is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pictures {
    /// Files of pixels.
    pub png: bool,
    /// Files of shapes.
    pub svg: bool,
}

impl Pictures {
    /// The words for it, for messages.
    pub const NAMES: &'static str = "`png`, `svg`, `both` or `none`";

    /// The forms that go by `name`.
    pub fn named(name: &str) -> Option<Self> {
        let (png, svg) = match name {
            "png" => (true, false),
            "svg" => (false, true),
            "both" => (true, true),
            "none" => (false, false),
            _ => return None,
        };
        Some(Self { png, svg })
    }

    /// Whether anything is drawn.
    pub fn any(self) -> bool {
        self.png || self.svg
    }
}

/// Which examples of what operators did are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracing {
    /// The operators; empty for all.
    pub operators: Vec<String>,
    /// Examples per operator.
    pub most: usize,
    /// Fields that are copied beside a mapper's two texts.
    pub keys: Vec<String>,
}

impl Recipe {
    /// Reads a recipe. Keys for which `pending` is true are filled in later: they are neither missed nor looked at.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn parse(value: &Value, pending: &dyn Fn(&str) -> bool) -> Result<Self, Vec<Finding>> {
        let empty = Map::new();
        let map = match value {
            Value::Object(map) => map,
            Value::Null => &empty,
            other => {
                let problem = Problem::error(format!("a recipe must be a map, not {}", kind(other)))
                    .hint("write `dataset_path: ...` and `process: [...]`");
                return Err(vec![Finding { path: KeyPath::root(), problem }]);
            }
        };
        let mut keys = Keys { map, pending, findings: Vec::new() };
        keys.check_names();
        let recipe = keys.recipe();
        process::check_stats_exports(&mut keys, &recipe);
        let (errors, warnings): (Vec<_>, Vec<_>) = keys.findings.into_iter().partition(|finding| finding.problem.is_error());
        if errors.is_empty() { Ok(Self { warnings, ..recipe }) } else { Err(errors) }
    }

    /// The fields with paths of images, audios and videos.
    pub(crate) fn media_keys(&self) -> [&str; 3] {
        [&self.media[0], &self.media[1], &self.media[2]]
    }

    /// Whether the rows need the suffix of their file as a field.
    pub(crate) fn needs_suffixes(&self) -> bool {
        self.process.iter().any(|step| step.name() == "suffix_filter")
    }

    /// Whether any operator computes statistics.
    pub fn has_filters(&self) -> bool {
        self.process.iter().any(|step| matches!(&step.operator, Operator::Filter(filter) if !filter.stat_keys().is_empty()))
    }

    /// Where the statistics of the exported rows go: `NAME_stats.jsonl` beside the export.
    pub fn stats_path(&self) -> PathBuf {
        self.beside("stats")
    }

    /// The filters that export all rows with the statistics so far, and where to. Of two with one path the later one does, as
    /// in the original, where it writes over the earlier one's file.
    pub(crate) fn stats_exports(&self) -> BTreeMap<usize, PathBuf> {
        let mut exports = BTreeMap::new();
        for (index, step) in self.process.iter().enumerate() {
            if let Operator::Filter(filter) = &step.operator
                && let Some(path) = &filter.common().stats_export_path
            {
                exports.retain(|_, known| known != Path::new(path));
                exports.insert(index, PathBuf::from(path));
            }
        }
        exports
    }

    /// Where rows that cannot be used are set aside: `NAME_rejected.jsonl` beside the export.
    pub fn rejected_path(&self) -> PathBuf {
        self.beside("rejected")
    }

    /// Whether the rows go to standard output.
    pub fn exports_to_stdout(&self) -> bool {
        self.export_path.as_os_str() == "-"
    }

    fn beside(&self, what: &str) -> PathBuf {
        if self.exports_to_stdout() {
            return self.work_dir.join(format!("stdout_{what}.jsonl"));
        }
        let unpacked = unpacked(&self.export_path);
        let stem = unpacked.file_stem().unwrap_or_default().to_string_lossy();
        self.export_path.with_file_name(format!("{stem}_{what}.jsonl"))
    }
}

/// The keys of one recipe on their way to being checked.
struct Keys<'r> {
    map: &'r Map<String, Value>,
    pending: &'r dyn Fn(&str) -> bool,
    findings: Vec<Finding>,
}

impl Keys<'_> {
    fn find(&mut self, key: &str, problem: Problem) {
        self.findings.push(Finding { path: KeyPath::root().key(key), problem });
    }

    /// Unknown keys are errors; known ones that change nothing here say so when they are set to something else.
    fn check_names(&mut self) {
        for (name, value) in self.map {
            let Some(key) = keys::find(name) else {
                let problem = Problem::error(format!("unknown key `{name}` in the recipe"))
                    .hint(did_you_mean(name, keys::KEYS.iter().map(|key| key.name)));
                self.find(name, problem);
                continue;
            };
            if value.is_null() || (self.pending)(name) || *value == key.default_value() {
                continue;
            }
            match key.here {
                keys::Here::Used | keys::Here::Unneeded(_) => {}
                keys::Here::NoEffect(why) => self.find(name, Problem::warning(format!("`{name}` has no effect: {why}"))),
                keys::Here::Missing(hint) => {
                    self.find(name, Problem::error(format!("`{name}: {}` is not available in this build", short(value))).hint(hint));
                }
            }
        }
    }

    fn recipe(&mut self) -> Recipe {
        let mixture = self.mixture();
        let dataset_path = match &mixture {
            Some(mixture) => mixture.parts.iter().map(|(path, _)| path.clone()).collect(),
            None => self.dataset_path(),
        };
        let export_path = PathBuf::from(self.text("export_path"));
        let export_type = self.export_type(&export_path);
        self.optional_text("project_name");
        let work_dir = match self.optional_text("work_dir") {
            Some(folder) => PathBuf::from(folder),
            None => export_path.parent().map(PathBuf::from).unwrap_or_default(),
        };
        let mut text_keys = self.texts("text_keys");
        if text_keys.is_empty() {
            text_keys.push("text".to_owned());
        }
        let text_key = text_keys[0].clone();
        let np = self.threads();
        let mut process = process::steps(self);
        if self.flag("op_fusion") {
            order::by_cost(&mut process);
        }
        external::check(self, &process);
        prompts::check(self, &process);
        let data_juicer = elsewhere::program(self, &process);
        Recipe {
            data_juicer,
            dataset_path,
            mixture,
            export_shard_size: self.whole_number("export_shard_size"),
            memory: self.memory(),
            export_type,
            work_dir,
            np,
            text_key,
            text_keys,
            text_keys_given: self.map.get("text_keys").is_some_and(|value| !value.is_null()),
            media: [self.text("image_key"), self.text("audio_key"), self.text("video_key")],
            image_bytes: self.text("image_bytes_key"),
            temp_dir: self.optional_text("temp_dir").map(PathBuf::from),
            tracer: self.tracing(),
            suffixes: self.texts("suffixes"),
            percentiles: self.percentiles(),
            keep_stats: self.flag("keep_stats_in_res_ds"),
            float_decimals: self.decimals(),
            keep_hashes: self.flag("keep_hashes_in_res_ds"),
            export_original_dataset: self.flag("export_original_dataset"),
            pictures: self.pictures(),
            one_picture: self.flag("save_stats_in_one_file"),
            process,
            export_path,
            warnings: Vec::new(),
        }
    }

    /// The value of a key, or its default when it is missing, null or pending.
    fn value(&self, key: &str) -> Value {
        let given = self.map.get(key).filter(|value| !value.is_null() && !(self.pending)(key));
        given.cloned().unwrap_or_else(|| keys::find(key).map_or(Value::Null, keys::Key::default_value))
    }

    fn wrong(&mut self, key: &str, wanted: &str, value: &Value) {
        self.find(key, Problem::error(format!("`{key}` must be {wanted}, not {}", kind(value))));
    }

    fn text(&mut self, key: &str) -> String {
        match self.value(key) {
            Value::String(text) => text,
            other => {
                self.wrong(key, "a text", &other);
                String::new()
            }
        }
    }

    /// A text, or nothing.
    fn optional_text(&mut self, key: &str) -> Option<String> {
        match self.value(key) {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => {
                self.wrong(key, "a text", &other);
                None
            }
        }
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            Value::String(text) => vec![text],
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            other => {
                self.wrong(key, "a text or a list of texts", &other);
                Vec::new()
            }
        }
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.value(key) {
            Value::Bool(flag) => flag,
            Value::String(text) if matches!(text.to_ascii_lowercase().as_str(), "yes" | "on" | "true") => true,
            Value::String(text) if matches!(text.to_ascii_lowercase().as_str(), "no" | "off" | "false") => false,
            other => {
                self.wrong(key, "true or false", &other);
                false
            }
        }
    }

    fn whole_number(&mut self, key: &str) -> u64 {
        let value = self.value(key);
        // Python's integers may be written as floats.
        let number =
            value.as_u64().or_else(|| value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0).map(|number| number as u64));
        number.unwrap_or_else(|| {
            self.find(key, Problem::error(format!("`{key}` must be a whole number from 0 on, not {}", short(&value))));
            0
        })
    }

    /// Bytes, as a number or such as `512MB` and `2GiB`.
    fn memory(&mut self) -> Option<u64> {
        let value = self.value("memory");
        let bytes = match &value {
            Value::Null => return None,
            Value::String(text) => bytes_of(text),
            other => other.as_u64(),
        };
        if bytes.is_none() {
            let problem = Problem::error(format!("`memory` must be a number of bytes, such as `512MB` or `2GB`, not {}", short(&value)));
            self.find("memory", problem);
        }
        bytes
    }

    fn pictures(&mut self) -> Pictures {
        let value = self.value("pictures");
        value.as_str().and_then(Pictures::named).unwrap_or_else(|| {
            self.find("pictures", Problem::error(format!("`pictures` must be {}, not {}", Pictures::NAMES, short(&value))));
            Pictures::default()
        })
    }

    fn tracing(&mut self) -> Option<Tracing> {
        let operators = self.texts("op_list_to_trace");
        let keys = self.texts("trace_keys");
        let most = self.value("trace_num");
        let Some(most) = most.as_u64().and_then(|most| usize::try_from(most).ok()) else {
            self.find("trace_num", Problem::error(format!("`trace_num` must be a whole number from 0 on, not {}", short(&most))));
            return None;
        };
        self.flag("open_tracer").then_some(Tracing { operators, most, keys })
    }

    fn threads(&mut self) -> usize {
        let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        match self.value("np").as_u64() {
            Some(threads) if threads > 0 => usize::try_from(threads).unwrap_or(available).min(available),
            _ => {
                let value = self.value("np");
                self.find("np", Problem::error(format!("`np` must be a number of at least 1, not {}", short(&value))));
                1
            }
        }
    }

    fn decimals(&mut self) -> Option<usize> {
        match self.value("float_decimals") {
            Value::Null => None,
            value => {
                let decimals = value.as_u64().and_then(|decimals| usize::try_from(decimals).ok()).filter(|decimals| *decimals <= 17);
                if decimals.is_none() {
                    self.find(
                        "float_decimals",
                        Problem::error(format!("`float_decimals` must be a number from 0 to 17 or null, not {}", short(&value))),
                    );
                }
                decimals
            }
        }
    }

    fn percentiles(&mut self) -> Vec<f64> {
        let value = self.value("percentiles");
        let numbers: Option<Vec<f64>> = value.as_array().and_then(|items| items.iter().map(Value::as_f64).collect());
        match numbers {
            Some(numbers) if numbers.iter().all(|number| (0.0..=1.0).contains(number)) => numbers,
            _ => {
                self.find(
                    "percentiles",
                    Problem::error(format!("`percentiles` must be a list of numbers from 0 to 1, not {}", short(&value))),
                );
                Vec::new()
            }
        }
    }

    fn dataset_path(&mut self) -> Vec<String> {
        if (self.pending)("dataset_path") {
            return Vec::new();
        }
        let Value::String(text) = self.value("dataset_path") else {
            let paths = self.texts("dataset_path");
            if paths.is_empty() {
                self.find("dataset_path", Problem::error("`dataset_path` is an empty list"));
            }
            return paths;
        };
        if text.trim().is_empty() {
            self.find(
                "dataset_path",
                Problem::error("`dataset_path` is missing: no rows to work on").hint("name a file, a directory or a glob"),
            );
            return Vec::new();
        }
        if !text.contains(char::is_whitespace) || Path::new(&text).exists() {
            return vec![text];
        }
        let (weights, paths): (Vec<_>, Vec<_>) = words(&text).into_iter().partition(|word| word.parse::<f64>().is_ok());
        if !weights.is_empty() {
            let why = "the weights in `dataset_path` have no effect without `dataset: {max_sample_num: ...}`, as in the original: all rows are read";
            self.find("dataset_path", Problem::warning(why));
        }
        paths
    }

    fn export_type(&mut self, path: &Path) -> ExportType {
        let suffix = unpacked(path).extension().map(|suffix| suffix.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let (key, named) = match self.optional_text("export_type") {
            Some(named) => ("export_type", named.to_ascii_lowercase()),
            None => ("export_path", suffix),
        };
        match named.as_str() {
            "jsonl" => ExportType::Jsonl,
            // Standard output, unless `export_type` says otherwise.
            "" if path.as_os_str() == "-" => ExportType::Jsonl,
            "json" => ExportType::Json,
            _ if (self.pending)(key) => ExportType::Jsonl,
            "parquet" => ExportType::Parquet,
            other => {
                let problem = Problem::error(format!("rows cannot be exported as `{other}`"))
                    .hint("use `.jsonl` or `.json`, packed as `.gz` or `.zst` or not, or `.parquet`, as suffix of `export_path` or in `export_type`");
                self.find(key, problem);
                ExportType::Jsonl
            }
        }
    }
}

/// `512MB`, `2GiB`, `100000`: kB, MB, GB, TB in thousands, KiB, MiB, GiB, TiB in 1,024s.
fn bytes_of(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" | "k" => 1e3,
        "mb" | "m" => 1e6,
        "gb" | "g" => 1e9,
        "tb" | "t" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return None,
    };
    let bytes = number * unit;
    (1.0..1e18).contains(&bytes).then_some(bytes as u64)
}

/// A path without the suffix of its packing: `rows.jsonl` for `rows.jsonl.gz`.
fn unpacked(path: &Path) -> PathBuf {
    if Compression::of(path) == Compression::None { path.to_owned() } else { path.with_extension("") }
}

/// The words of a command line: blanks separate, quotes hold together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            _ => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// A value's kind in the words of people.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!("the text `{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { text.chars().take(57).chain("...".chars()).collect() } else { text }
}
