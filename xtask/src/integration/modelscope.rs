//! ModelScope from PyPI: a tiny classifier trained from a local folder, then asked by the probe.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// What the integration's own file asks for, installed before the job so that the model can be made.
const PACKAGES: [&str; 3] = ["modelscope[framework]", "torch", "transformers<5"];
/// A two-layer BERT with random weights for sentences of two kinds, and the sentences.
const MAKE: &str = r#"
import json, os, random, torch
from transformers import BertConfig, BertForSequenceClassification
good, bad = ["good", "fine", "great", "lovely"], ["bad", "poor", "awful", "dull"]
vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + good + bad + "the a film book song was is and very quite it".split()
os.makedirs("model", exist_ok=True)
with open("model/vocab.txt", "w") as file:
    file.write("\n".join(vocab) + "\n")
config = BertConfig(vocab_size=len(vocab), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
    label2id={"bad": 0, "good": 1}, id2label={0: "bad", 1: "good"}, architectures=["BertForSequenceClassification"])
config.save_pretrained("model")
torch.manual_seed(7)
torch.save(BertForSequenceClassification(config).state_dict(), "model/pytorch_model.bin")
with open("model/configuration.json", "w") as file:
    json.dump({"framework": "pytorch", "task": "text-classification", "model": {"type": "bert"},
        "preprocessor": {"type": "sen-cls-tokenizer", "first_sequence": "text", "label": "label"}, "pipeline": {"type": "text-classification"},
        "dataset": {"train": {"labels": ["bad", "good"], "first_sequence": "sentence", "label": "label"}},
        "train": {"work_dir": "nowhere", "max_epochs": 1, "dataloader": {"batch_size_per_gpu": 8, "workers_per_gpu": 0},
            "optimizer": {"type": "AdamW", "lr": 0.001},
            "lr_scheduler": {"type": "LinearLR", "start_factor": 1.0, "end_factor": 0.1, "total_iters": 50},
            "hooks": [{"type": "CheckpointHook", "interval": 1}, {"type": "TextLoggerHook", "interval": 1}, {"type": "IterTimerHook"}]}}, file)
chance = random.Random(1)
for name, rows in (("train", 160), ("asked", 16)):
    with open(f"{name}.jsonl", "w") as file:
        for _ in range(rows):
            label = chance.choice(["good", "bad"])
            word = chance.choice(good if label == "good" else bad)
            text = f"the {chance.choice(['film', 'book', 'song'])} was {chance.choice(['very', 'quite'])} {word}"
            file.write(json.dumps({"text": text, "label": label}) + "\n")
"#;

/// Trains and asks.
pub(super) fn run(binary: &Path, lab: &Path) -> Result<()> {
    let (start, lab) = (Instant::now(), lab.join("modelscope"));
    fs::create_dir_all(&lab).context("Failed to make the folder of the test")?;
    for name in ["work", "trained"] {
        if lab.join(name).exists() {
            fs::remove_dir_all(lab.join(name)).context("Failed to empty the folder of the test")?;
        }
    }
    eprintln!("training with ModelScope (installs torch where it is missing: some gigabytes)");
    super::env(binary, &lab, &["create", "--python", "3.11"])?;
    super::env(binary, &lab, &[["install"].as_slice(), &PACKAGES].concat())?;
    fs::write(lab.join("make.py"), MAKE)?;
    super::env(binary, &lab, &["run", "--", "python", "make.py"])?;
    let folder = |name: &str| lab.join(name).to_string_lossy().into_owned();
    let config = json!({
        "work_dir": "work",
        "execution_job_configs": [{
            "hook": "TrainModelHook", "meta_name": "train", "output": "model",
            "extra_configs": {
                "type": "modelscope", "env_name": "env", "env_manager": "uv", "model_name": folder("model"), "trainer_name": "nlp-base-trainer",
                "work_dir": folder("trained"), "train_dataset": folder("train.jsonl"), "key_remapping": {"text": "sentence"},
                "train": {
                    "max_epochs": 3, "optimizer": {"type": "AdamW", "lr": 0.005},
                    "lr_scheduler": {"type": "LinearLR", "start_factor": 1.0, "end_factor": 0.1, "total_iters": 60},
                    "dataloader": {"batch_size_per_gpu": 4, "workers_per_gpu": 0},
                },
            },
        }],
        "evaluation_job_configs": [{
            "hook": "ProbeViaModelInferHook", "meta_name": "ask", "output": "answers",
            "extra_configs": {
                "type": "modelscope", "env_name": "env", "env_manager": "uv", "task": "text-classification", "device": "cpu",
                "model": folder("trained/output"), "dataset_path": folder("asked.jsonl"),
            },
        }],
    });
    fs::write(lab.join("run.json"), config.to_string())?;
    let mut command = Command::new(binary);
    command.args(["run", "--json", "--config", "run.json"]).current_dir(&lab).stderr(Stdio::inherit());
    let output = command.output().context("Failed to start the program")?;
    ensure!(output.status.success(), "the run ended with {}", output.status);
    let events: Vec<Value> = String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let losses: Vec<f64> = events.iter().filter_map(|event| event.pointer("/values/loss")?.as_f64()).collect();
    let (Some(first), Some(last)) = (losses.first(), losses.last()) else { anyhow::bail!("no loss was watched") };
    ensure!(losses.len() == 120 && *last < first / 4.0, "{} losses were watched, from {first} to {last}", losses.len());
    let infos: Value = serde_json::from_str(&fs::read_to_string(lab.join("work/context_infos.json"))?)?;
    let answers = infos.pointer("/0/pipeline_infos/0/job_infos/1/answers").and_then(Value::as_array).context("the probe has no answers")?;
    let rows = fs::read_to_string(lab.join("asked.jsonl"))?;
    let right = rows.lines().zip(answers).filter(|(row, answer)| {
        let label = serde_json::from_str::<Value>(row).map(|row| row["label"].clone()).unwrap_or_default();
        let scores = answer["scores"].as_array().into_iter().flatten().filter_map(Value::as_f64);
        let best = scores.enumerate().max_by(|one, other| one.1.total_cmp(&other.1)).map(|(index, _)| index);
        best.is_some_and(|best| answer["labels"][best] == label)
    });
    let right = right.count();
    ensure!(answers.len() == 16 && right >= 15, "{right} of {} answers are right", answers.len());
    println!(
        "  ModelScope: loss {first:.3} to {last:.3} in {} steps, {right} of 16 answers right, {:.0} s",
        losses.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
