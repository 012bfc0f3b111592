//! Training with the real frameworks: a tiny model from scratch, killed and taken up again, in an environment that the run makes itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Steps of the training; a checkpoint every so many.
const STEPS: u64 = 60;
const SAVED: u64 = 20;
/// How long a training may take, the installation with it.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Trains twice: once in one go, once killed after a checkpoint and run again. Both must end with the same numbers.
pub(super) fn run(root: &Path) -> Result<bool> {
    let start = Instant::now();
    let lab = root.join("target/integration/models");
    // Environments are kept from run to run; what was trained is not.
    for name in ["whole", "killed"] {
        if lab.join(name).exists() {
            fs::remove_dir_all(lab.join(name)).context("Failed to empty the folder of the test")?;
        }
    }
    fs::create_dir_all(&lab).context("Failed to make the folder of the test")?;
    let binary = super::program(root)?;
    eprintln!("training with transformers (installs torch where it is missing: some gigabytes)");
    let whole = train(&binary, root, &lab, "whole", None)?;
    let killed = train(&binary, root, &lab, "killed", Some(SAVED))?;
    ensure!(killed.is_none(), "the training was not killed");
    let again = train(&binary, root, &lab, "killed", None)?.context("the training that was killed did not end")?;
    let whole = whole.context("the training did not end")?;
    ensure!(whole == again, "killed and taken up the numbers are {again}, in one go {whole}");
    let loss = whole["eval_loss"].as_f64().context("no eval_loss")?;
    ensure!(loss > 1.0 && loss < 6.0, "the loss is {loss}: below chance it is not, and a tiny model is no genius");
    let said = generated(&lab)?;
    ensure!(!said.trim().is_empty(), "the model says nothing");
    println!("  a model of {} parameters, loss {loss:.4}, says {said:?}", whole["parameters"]);
    super::modelscope::run(&binary, &lab)?;
    println!("integration models: passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(true)
}

/// A run of the configuration; its numbers, or none when it was killed after this many steps.
fn train(binary: &Path, root: &Path, lab: &Path, name: &str, kill_after: Option<u64>) -> Result<Option<Value>> {
    let data = root.join("configs/data");
    let config = json!({
        "work_dir": name,
        "execution_job_configs": [{
            "hook": "TrainModelHook", "meta_name": "train", "output": ["model_path", "numbers"],
            "extra_configs": {
                "type": "transformers", "train_dataset": data.join("speeches.jsonl"), "eval_dataset": data.join("heldout.jsonl"),
                "work_dir": format!("{name}/model"), "env_name": "env", "env_manager": "uv", "tokenizer": {"vocab_size": 512},
                "from_scratch": {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}, "context_length": 64,
                "batch_size": 4, "max_steps": STEPS, "save_steps": SAVED, "device": "cpu",
            },
        }],
    });
    let path = lab.join(format!("{name}.json"));
    fs::write(&path, config.to_string()).with_context(|| format!("Failed to write `{}`", path.display()))?;
    let mut command = Command::new(binary);
    command.args(["run", "--quiet", "--config"]).arg(&path).current_dir(lab).stdout(Stdio::null());
    let mut child = command.spawn().context("Failed to start the program")?;
    let start = Instant::now();
    let checkpoint = kill_after.map(|steps| lab.join(name).join(format!("model/checkpoints/checkpoint-{steps}/complete")));
    loop {
        if let Some(status) = child.try_wait().context("Failed to wait for the program")? {
            ensure!(status.success(), "the training ended with {status}");
            break;
        }
        if checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.exists()) {
            child.kill().context("Failed to kill the program")?;
            child.wait().context("Failed to wait for the program")?;
            return Ok(None);
        }
        ensure!(start.elapsed() < PATIENCE, "the training is not done after {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
    let infos: Value = serde_json::from_str(&fs::read_to_string(lab.join(name).join("context_infos.json"))?)?;
    let job = infos.pointer("/0/pipeline_infos/0/job_infos/0").context("the run has no record of its job")?;
    let model = lab.join(job["model_path"].as_str().context("no model_path")?);
    ensure!(model.join("model.safetensors").is_file(), "`{}` is no model", model.display());
    Ok(Some(job["numbers"].clone()))
}

/// What the model says after a word: the library reads what was written.
fn generated(lab: &Path) -> Result<String> {
    let python: PathBuf = lab.join("env/bin/python");
    let script = "from transformers import pipeline; print(pipeline('text-generation', model='whole/model/model', device='cpu')('The ', max_new_tokens=8)[0]['generated_text'])";
    let output = Command::new(python).args(["-c", script]).current_dir(lab).output().context("Failed to start the environment's Python")?;
    ensure!(output.status.success(), "the model cannot be read: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
