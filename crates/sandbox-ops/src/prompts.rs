//! `optimize_prompt_mapper`: a model that writes new prompts after the example of those there are.
//!
//! What is asked, how an answer is read and which prompts are the examples stands here; asking belongs to whoever runs a recipe.

mod format;

use std::num::NonZeroUsize;

use fancy_regex::Regex;
use sandbox_dataset::permutation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::common::Common;
use crate::elsewhere;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator};
use crate::pattern::translate;
use crate::registry::{Entry, Parameter};
use format::Format;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "optimize_prompt_mapper",
    kind: Kind::Mapper,
    summary: "Have a model write new prompts after the example of those there are",
    doc: "Of each `batch_size` rows, `max_example_num` prompts are drawn; an OpenAI-compatible endpoint is asked `gen_num` times for \
          a better one, and what it answers is an example for the next. New rows stand behind those of their batch, with the other \
          fields of its first row. Where no prompt is found in an answer the model is asked again, `retry_num` times in all. The \
          address is `api_endpoint`, or below `model_params.base_url` or the environment's `OPENAI_BASE_URL`; the key comes from \
          `OPENAI_API_KEY` alone. Rows without a text in `prompt_key` stay as they are. With `is_hf_model` or `enable_vllm` the \
          operator runs in Data-Juicer itself.",
    parameters: &[
        Parameter { name: "api_or_hf_model", kind: "text", default: "\"Qwen/Qwen2.5-7B-Instruct\"", doc: "The model's name." },
        Parameter { name: "gen_num", kind: "whole number from 1 on", default: "3", doc: "New prompts for a batch." },
        Parameter { name: "max_example_num", kind: "whole number from 1 on", default: "3", doc: "The most prompts in a question." },
        Parameter { name: "keep_original_sample", kind: "true or false", default: "true", doc: "Whether the rows themselves stay." },
        Parameter { name: "retry_num", kind: "whole number from 1 on", default: "3", doc: "The most questions for one prompt." },
        Parameter { name: "api_endpoint", kind: "text or null", default: "null", doc: "An address, or a path below the base." },
        Parameter {
            name: "response_path",
            kind: "text or null",
            default: "null",
            doc: "Where the answer stands in the response; null: `choices.0.message.content`.",
        },
        Parameter { name: "system_prompt", kind: "text or null", default: "null", doc: "What the model is told to do; null: our words." },
        Parameter { name: "input_template", kind: "text or null", default: "null", doc: "The question, `{}` for all examples." },
        Parameter { name: "example_template", kind: "text or null", default: "null", doc: "An example, `{}` for a formatted prompt." },
        Parameter { name: "prompt_template", kind: "text or null", default: "null", doc: "A formatted prompt, `{}` for the prompt." },
        Parameter {
            name: "output_pattern",
            kind: "text or null",
            default: "null",
            doc: "Python's regular expression, a dot matches line ends: group 1 of the first match is the new prompt.",
        },
        Parameter { name: "enable_vllm", kind: "true or false", default: "false", doc: "Run in Data-Juicer, with vLLM." },
        Parameter { name: "is_hf_model", kind: "true or false", default: "false", doc: "Run in Data-Juicer, with transformers." },
        Parameter { name: "model_params", kind: "map", default: "{}", doc: "`base_url`, `timeout` in seconds, `max_retries`." },
        Parameter { name: "sampling_params", kind: "map", default: "{}", doc: "Sent with each question: `temperature`, ..." },
        Parameter { name: "prompt_key", kind: "text", default: "\"prompt\"", doc: "Field that holds the prompt." },
        Parameter { name: "batch_size", kind: "whole number from 1 on or null", default: "null", doc: "Rows of a batch; null: 1000." },
        Parameter { name: "seed", kind: "whole number", default: "42", doc: "Of the draw." },
    ],
    example: "- optimize_prompt_mapper:\n    api_or_hf_model: my-model\n    api_endpoint: http://127.0.0.1:8000/v1/chat/completions\n    \
              gen_num: 1\n\n{\"prompt\": \"Add the numbers.\"} -> itself and {\"prompt\": \"Add the numbers step by step.\"}",
    stats: &[],
    build,
};

/// Rows of a batch, as in the original.
const BATCH: usize = 1000;
/// The original's words are Chinese; a prompt stands behind this marker or the original's.
const SYSTEM: &str = "Study the example prompts and work out what makes a prompt good for their task. Then write one new prompt that \
                      leads a model to better answers.\n\
                      1. It must differ from every example and keep their form and purpose.\n\
                      2. Change key words, instructions and parameters; do not write something else altogether.\n\
                      3. Answer with the marker 【Prompt】, then the new prompt, and nothing else.\n";
const INPUT: &str = "{}";
const EXAMPLE: &str = "\nAn example:\n{}";
const PROMPT: &str = "【Prompt】\n{}\n";
const PATTERN: &str = r"【(?:Prompt|提示词)】(.*?)(?=【|$)";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    api_or_hf_model: String,
    gen_num: NonZeroUsize,
    max_example_num: NonZeroUsize,
    keep_original_sample: bool,
    retry_num: NonZeroUsize,
    api_endpoint: Option<String>,
    response_path: Option<String>,
    system_prompt: Option<String>,
    input_template: Option<String>,
    example_template: Option<String>,
    prompt_template: Option<String>,
    output_pattern: Option<String>,
    enable_vllm: bool,
    is_hf_model: bool,
    model_params: Option<Map<String, Value>>,
    sampling_params: Option<Map<String, Value>>,
    prompt_key: String,
    batch_size: Option<NonZeroUsize>,
    seed: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        let three = NonZeroUsize::MIN.saturating_add(2);
        Self {
            api_or_hf_model: "Qwen/Qwen2.5-7B-Instruct".to_owned(),
            gen_num: three,
            max_example_num: three,
            keep_original_sample: true,
            retry_num: three,
            api_endpoint: None,
            response_path: None,
            system_prompt: None,
            input_template: None,
            example_template: None,
            prompt_template: None,
            output_pattern: None,
            enable_vllm: false,
            is_hf_model: false,
            model_params: Some(Map::new()),
            sampling_params: Some(Map::new()),
            prompt_key: "prompt".to_owned(),
            batch_size: None,
            seed: 42,
        }
    }
}

/// A model that is asked for new prompts; see [`ENTRY`].
#[derive(Debug)]
pub struct Prompts {
    /// The arguments that every operator accepts.
    pub common: Common,
    /// The model's name.
    pub model: String,
    /// The address as the recipe has it.
    pub api_endpoint: Option<String>,
    /// Where the answer stands in the response.
    pub response_path: Option<String>,
    /// How to ask.
    pub model_params: Map<String, Value>,
    /// Sent with each question.
    pub sampling_params: Map<String, Value>,
    /// The field that holds the prompt.
    pub key: String,
    /// Rows of a batch.
    pub batch_size: usize,
    /// Whether the rows themselves stay.
    pub keeps_rows: bool,
    wanted: usize,
    examples: usize,
    tries: usize,
    seed: u64,
    system: String,
    input: Format,
    example: Format,
    prompt: Format,
    pattern: Regex,
    written: String,
}

/// A model's answer, or why this question has none.
pub type Said = Result<String, String>;

/// What a model made of a batch's prompts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// The new prompts in the order of the answers.
    pub prompts: Vec<String>,
    /// Why the others are missing, one text each.
    pub missing: Vec<String>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    if own.is_hf_model || own.enable_vllm {
        return elsewhere::build(ENTRY.name, arguments);
    }
    let format = |name: &str, given: Option<&String>, default: &str| {
        let text = given.filter(|text| !text.is_empty()).map_or(default, String::as_str);
        Format::parse(text).map_err(|cause| {
            BuildError::parameter(name, format!("`{name}`: {cause}")).hint("`{}` stands once where the text goes; `{{` and `}}` are braces")
        })
    };
    let written = own.output_pattern.filter(|pattern| !pattern.is_empty()).unwrap_or_else(|| PATTERN.to_owned());
    let wrong = |cause: String| BuildError::parameter("output_pattern", format!("`output_pattern`: Failed to read `{written}`: {cause}"));
    let translated = translate::translate_re(&written).map_err(wrong)?;
    let pattern = Regex::new(&format!("(?s){translated}")).map_err(|error| wrong(error.to_string()))?;
    Ok(Operator::Prompts(Box::new(Prompts {
        input: format("input_template", own.input_template.as_ref(), INPUT)?,
        example: format("example_template", own.example_template.as_ref(), EXAMPLE)?,
        prompt: format("prompt_template", own.prompt_template.as_ref(), PROMPT)?,
        common,
        model: own.api_or_hf_model,
        api_endpoint: own.api_endpoint,
        response_path: own.response_path,
        model_params: own.model_params.unwrap_or_default(),
        sampling_params: own.sampling_params.unwrap_or_default(),
        key: own.prompt_key,
        batch_size: own.batch_size.map_or(BATCH, NonZeroUsize::get),
        keeps_rows: own.keep_original_sample,
        wanted: own.gen_num.get(),
        examples: own.max_example_num.get(),
        tries: own.retry_num.get(),
        seed: own.seed,
        system: own.system_prompt.filter(|text| !text.is_empty()).unwrap_or_else(|| SYSTEM.to_owned()),
        pattern,
        written,
    })))
}

impl Prompts {
    /// New prompts after the example of a batch's: `ask` gets the messages and gives the model's answer, or why there is none.
    ///
    /// # Errors
    /// When `ask` says that asking again is of no use; the inner error is a question that failed alone.
    ///
    /// ```
    /// use sandbox_ops::{Operator, build};
    /// let Operator::Prompts(prompts) = build("optimize_prompt_mapper", &serde_json::json!({"gen_num": 1}))? else { unreachable!() };
    /// let batch = ["Add.".to_owned()];
    /// let made = prompts.generate(&batch, &mut |messages| {
    ///     assert!(messages[1]["content"].as_str().is_some_and(|text| text.contains("Add.")));
    ///     Ok::<_, ()>(Ok("【Prompt】 Add step by step. ".to_owned()))
    /// });
    /// assert_eq!(made.unwrap().prompts, ["Add step by step."]);
    /// # Ok::<(), sandbox_ops::BuildError>(())
    /// ```
    pub fn generate<E>(&self, batch: &[String], ask: &mut dyn FnMut(&[Value]) -> Result<Said, E>) -> Result<Generated, E> {
        let drawn = permutation(self.seed, batch.len());
        let mut examples: Vec<String> = drawn.iter().take(self.examples).filter_map(|row| batch.get(*row).cloned()).collect();
        let mut made = Generated::default();
        if examples.is_empty() {
            return Ok(made);
        }
        for _ in 0..self.wanted {
            let messages = self.messages(&examples);
            let mut reason = String::new();
            for _ in 0..self.tries {
                let found = match ask(&messages)? {
                    Ok(answer) => self.read(&answer).map_err(|error| error.to_string()),
                    Err(error) => Err(error),
                };
                match found {
                    Ok(prompt) => {
                        made.prompts.push(prompt.clone());
                        examples.push(prompt);
                        if examples.len() > self.examples {
                            examples.remove(0);
                        }
                        reason.clear();
                        break;
                    }
                    Err(error) => reason = error,
                }
            }
            if !reason.is_empty() {
                made.missing.push(reason);
            }
        }
        Ok(made)
    }

    fn messages(&self, examples: &[String]) -> [Value; 2] {
        let formatted: String = examples.iter().map(|example| self.example.fill(&self.prompt.fill(example))).collect();
        [json!({"role": "system", "content": self.system}), json!({"role": "user", "content": self.input.fill(&formatted)})]
    }

    /// The prompt in an answer.
    fn read(&self, answer: &str) -> Result<String, OpError> {
        let failed = |cause: String| OpError::Pattern { pattern: self.written.clone(), cause };
        let groups = self.pattern.captures(answer).map_err(|error| failed(error.to_string()))?;
        let found =
            groups.and_then(|groups| groups.get(if groups.len() > 1 { 1 } else { 0 }).map(|group| group.as_str().trim().to_owned()));
        found.filter(|prompt| !prompt.is_empty()).ok_or_else(|| {
            let begin: String = answer.chars().take(60).collect();
            OpError::Row(format!("no prompt is in the answer `{}`", begin.replace('\n', " ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_parameters;

    fn prompts(arguments: Value) -> Box<Prompts> {
        let Operator::Prompts(prompts) = crate::build(ENTRY.name, &arguments).unwrap() else { panic!() };
        prompts
    }

    fn generated(prompts: &Prompts, batch: &[&str], answers: &[&str]) -> (Generated, Vec<String>) {
        let (mut asked, mut answers) = (Vec::new(), answers.iter().cycle());
        let batch: Vec<String> = batch.iter().map(|&prompt| prompt.to_owned()).collect();
        let made = prompts.generate(&batch, &mut |messages| {
            asked.push(messages[1]["content"].as_str().unwrap().to_owned());
            Ok::<_, ()>(Ok((*answers.next().unwrap()).to_owned()))
        });
        (made.unwrap(), asked)
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn a_new_prompt_is_the_next_example_and_the_oldest_goes() {
        let prompts = prompts(json!({"gen_num": 3, "max_example_num": 2, "example_template": "[{}]", "prompt_template": "{}"}));
        let (made, asked) = generated(&prompts, &["a", "b"], &["【Prompt】\nc\n", "x【提示词】 d 【Prompt】no", "【Prompt】e"]);
        assert_eq!(made.prompts, ["c", "d", "e"]);
        let first = &asked[0];
        assert!(first == "[a][b]" || first == "[b][a]", "{first}");
        assert_eq!(asked[1], format!("{}[c]", &first[3..]));
        assert_eq!(asked[2], "[c][d]");
    }

    #[test]
    fn an_answer_without_a_prompt_is_asked_for_again_and_then_missing() {
        let prompts = prompts(json!({"gen_num": 2, "retry_num": 2}));
        let (made, asked) = generated(&prompts, &["a"], &["none", "【Prompt】 ", "no", "【Prompt】b"]);
        assert_eq!((made.prompts.len(), made.missing.len(), asked.len()), (1, 1, 4));
        let given_up = prompts.generate(&["a".to_owned()], &mut |_| Err::<Result<String, String>, _>("down"));
        assert_eq!(given_up.unwrap_err(), "down");
        assert_eq!(generated(&prompts, &[], &["x"]).1.len(), 0, "nothing to go by, nothing to ask");
    }

    #[test]
    fn patterns_are_pythons_and_without_a_group_the_match_counts() {
        let whole = prompts(json!({"output_pattern": r"<.*?>\Z", "gen_num": 1}));
        assert_eq!(generated(&whole, &["a"], &["x <b\nc>"]).0.prompts, ["<b\nc>"]);
        assert_eq!(crate::build(ENTRY.name, &json!({"output_pattern": "("})).unwrap_err().path.to_string(), "output_pattern");
        assert_eq!(crate::build(ENTRY.name, &json!({"input_template": "no place"})).unwrap_err().path.to_string(), "input_template");
        assert!(crate::build(ENTRY.name, &json!({"gen_num": 0})).is_err());
    }

    #[test]
    fn models_in_process_are_data_juicers() {
        let operator = crate::build(ENTRY.name, &json!({"is_hf_model": true})).unwrap();
        assert!(matches!(operator, Operator::Elsewhere(_)) && operator.kind() == Kind::Mapper);
    }
}
