//! The integrations that come with the crate: keys, commands, what they print.

use std::path::Path;

use sandbox_core::component::JobSettings;
use sandbox_core::hook::Category;
use serde_json::{Value, json};

use crate::support::{job, messages, metrics, registry, run};

fn commands(category: Category, name: &str, extra: Value) -> Vec<String> {
    let registry = registry();
    let kind = registry.get(category, Some(name)).unwrap();
    kind.commands(&JobSettings::new(Value::Null, extra), Path::new("work"), "anonymous", "job").unwrap()
}

#[test]
fn easyanimate_gets_its_values_in_order() {
    let extra = json!({"type": "easyanimate", "train": {
        "model_path": {"pretrained_model_name_or_path": "models/PixArt", "transformer_path": "models/ea.safetensors"},
        "dataset_path": {"dataset_name": "", "dataset_meta_name": "meta with space.json"},
        "training_config": {"sample_size": 512, "mixed_precision": "bf16", "batch_size_per_gpu": 4, "gradient_accumulation_steps": 1,
            "num_train_epochs": 1, "dataloader_num_workers": 6, "seed": 42},
        "saving_config": {"output_dir": "out"}, "tracker_config": {"project_name": "p", "experiment_name": "e; rm -rf /"},
    }});
    assert_eq!(
        commands(Category::ModelTrainer, "easyanimate", extra),
        ["cd thirdparty/models/EasyAnimate && WANDB_MODE=offline bash train_lora.sh models/PixArt models/ea.safetensors '' \
             'meta with space.json' 512 bf16 4 1 1 6 42 out p 'e; rm -rf /'"]
    );
    let registry = registry();
    let kind = registry.get(Category::ModelInference, Some("easyanimate")).unwrap();
    let wrong = messages(kind, json!({"train": {"model_path": {"lora_pth": "x"}}}));
    assert!(wrong.iter().any(|words| words.starts_with("missing key `train.model_path.lora_path`")), "{wrong:?}");
    assert!(wrong.iter().any(|words| words.contains("did you mean `train.model_path.lora_path`?")), "{wrong:?}");
}

#[test]
fn internvl_wants_a_total_batch_that_can_be_shared() {
    let registry = registry();
    let kind = registry.get(Category::ModelTrainer, Some("internvl_coco_caption")).unwrap();
    let extra = |gpus: u64| {
        json!({"internvl_home": ".", "num_gpus": gpus, "work_dir": "w", "model_name_or_path": "m", "conv_style_or_scale": "2B",
            "meta_paths": ["a/one.json", "b/two.json"], "script_dir": "s"})
    };
    let wrong = messages(kind, extra(3));
    assert!(wrong.contains(&"the total batch of 512 is no multiple of 3 GPUs x 4".to_owned()), "{wrong:?}");
    assert!(!messages(kind, extra(8)).iter().any(|words| words.contains("512")));
    let typed = commands(Category::ModelTrainer, "internvl_coco_caption", extra(8));
    assert_eq!(typed, ["bash s/one_m.sh", "bash s/two_m.sh"]);
    assert!(messages(kind, json!({"conv_style_or_scale": "3B"})).iter().any(|words| words.contains("\"3B\" is none of")));
}

/// Its option takes one dimension, and takes whatever follows `--load_ckpt_from_local` for true.
#[test]
fn vbench_is_asked_for_one_dimension_at_a_time() {
    let typed = |local: bool| {
        let extra = json!({"full_json_dir": "prompts.json", "output_path": "o", "videos_path": "v", "num_gpus": 2,
            "dimension_list": ["color", "scene"], "load_ckpt_from_local": local});
        commands(Category::DataEvaluator, "vbench_video_evaluator", extra).remove(0)
    };
    let words = " o/vbench_evaluator_merged_results.json color scene -- vbench evaluate --ngpus 2 --full_json_dir prompts.json --output_path o \
                 --videos_path v";
    assert!(typed(false).ends_with(words), "{}", typed(false));
    assert!(typed(true).ends_with(&format!("{words} --load_ckpt_from_local=True")), "{}", typed(true));
}

#[test]
fn scores_of_vbench_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let vbench = "import json, sys\nscores = {'color': 0.5, 'scene': 0.25}\ndimension = sys.argv[-1]\nif dimension in scores:\n    \
                  with open(f'{sys.argv[1]}/{dimension}_eval_results.json', 'w') as file:\n        json.dump({dimension: [scores[dimension], []]}, file)\n";
    std::fs::write(path("vbench.py"), vbench).unwrap();
    let merge = |dimensions: &[&str]| {
        let mut command = std::process::Command::new("python3");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/merge_vbench.py")).arg(path("merged.json")).args(dimensions);
        command.args(["--", "python3"]).arg(path("vbench.py")).arg(folder.path()).output().unwrap()
    };
    let ended = merge(&["color", "scene"]);
    assert!(ended.status.success(), "{ended:?}");
    let merged: Value = serde_json::from_str(&std::fs::read_to_string(path("merged.json")).unwrap()).unwrap();
    assert_eq!(merged, json!({"mean_score": 0.375, "detail": {"color": 0.5, "scene": 0.25}}));
    // It ends well whatever became of its own children.
    let ended = merge(&["color", "motion_smoothness"]);
    assert!(!ended.status.success() && String::from_utf8_lossy(&ended.stderr).contains("no score for `motion_smoothness`"), "{ended:?}");
}

/// The package of Data-Juicer on PyPI comes without its tools.
#[test]
fn the_quality_classifier_wants_the_folder_of_data_juicer() {
    let registry = registry();
    let kind = registry.get(Category::DataEvaluator, Some("dj_text_quality_classifier")).unwrap();
    let wrong = messages(kind, json!({"dataset_path": "Cargo.toml", "data_juicer_home": "nowhere"}));
    let say = "`nowhere/tools/quality_classifier/predict.py` does not exist here; git clone https://github.com/modelscope/data-juicer; \
               `data_juicer_home` says where it is";
    assert_eq!(wrong, [say]);
}

/// GPUs that are not there are told before anything is made.
#[tokio::test]
async fn without_a_gpu_nothing_is_installed() {
    if std::env::var_os("CUDA_VISIBLE_DEVICES").is_some() || Path::new("/dev/nvidia0").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("internvl_chat")).unwrap();
    let registry = registry();
    let (job, _) = job(&folder.path().join("work"), Category::ModelTrainer);
    let extra = json!({"internvl_home": folder.path(), "num_gpus": 8, "work_dir": "w", "model_name_or_path": "m", "conv_style_or_scale": "2B",
        "meta_paths": ["a/one.json"], "script_dir": folder.path().join("s"), "env_name": folder.path().join("env"), "env_manager": "venv"});
    let error = run(&job, registry.get(Category::ModelTrainer, Some("internvl_coco_caption")).unwrap(), extra).await.unwrap_err();
    assert_eq!(error.to_string(), "`internvl_coco_caption` needs a GPU, and none is visible here");
    assert!(!folder.path().join("env").exists() && !folder.path().join("s").exists());
}

#[tokio::test]
async fn a_python_function_yields_metrics_and_returns_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let module = "def train(config):\n    print('hello')\n    for step in range(3):\n        yield {'step': step, 'loss': 1 / (step + 1)}\n    \
                  return [config['rate'], 'model.bin']\n\ndef plain(config):\n    return {'score': 0.5}\n\ndef fails(config):\n    raise ValueError('too bad')\n";
    std::fs::write(folder.path().join("mine.py"), module).unwrap();
    let registry = registry();
    let kind = registry.get(Category::ModelTrainer, Some("python")).unwrap();
    let (job, seen) = job(&folder.path().join("work"), Category::ModelTrainer);
    let extra = |function: &str| json!({"type": "python", "function": function, "path": folder.path(), "rate": 0.1});
    let outcome = run(&job, kind, extra("mine:train")).await.unwrap();
    assert_eq!(outcome.values, [json!(0.1), json!("model.bin")]);
    assert_eq!(
        metrics(&seen),
        [(Some(0), "loss".to_owned(), 1.0), (Some(1), "loss".to_owned(), 0.5), (Some(2), "loss".to_owned(), 1.0 / 3.0)]
    );
    assert_eq!(run(&job, kind, extra("mine:plain")).await.unwrap().values, [json!(0.5)]);
    let error = run(&job, kind, extra("mine:fails")).await.unwrap_err().to_string();
    assert!(error.contains("ValueError: too bad"), "{error}");
    let error = run(&job, kind, extra("mine:trian")).await.unwrap_err().to_string();
    assert!(error.contains("the module `mine` has no `trian`"), "{error}");
}

#[tokio::test]
async fn trinity_is_run_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trinity.yaml");
    std::fs::write(&path, "checkpoint_root_dir: /data/checkpoints\n").unwrap();
    assert_eq!(commands(Category::ModelTrainer, "trinity-rft", json!({"trinity_config_path": "c.yaml"})), ["trinity run --config c.yaml"]);
    // A program of this name that prints a line of Trinity's monitor.
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let line = "(Trainer pid=3839503) INFO 05-08 11:11:13 monitor.py:96] Step 12: {'actor/kl': 1e-05, 'perf/throughput': 12.5}";
    std::fs::write(bin.join("trinity"), format!("#!/bin/sh\necho \"{line}\"\n")).unwrap();
    std::fs::set_permissions(bin.join("trinity"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let registry = registry();
    let (job, seen) = job(&folder.path().join("work"), Category::ModelTrainer);
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/integrations/trinity.yaml")).unwrap();
    let text = text.replace("command: [trinity,", &format!("command: [{}/trinity,", bin.display()));
    let definition = sandbox_integrations::Definition::parse("trinity.yaml", &text).unwrap();
    let kind = sandbox_integrations::Integration::new(definition).unwrap();
    let outcome = run(&job, &kind, json!({"trinity_config_path": path})).await.unwrap();
    assert_eq!(outcome.values, [json!("/data/checkpoints")]);
    assert_eq!(metrics(&seen), [(Some(12), "actor/kl".to_owned(), 1e-5), (Some(12), "perf/throughput".to_owned(), 12.5)]);
    drop(registry);
}

#[test]
fn every_built_in_type_has_a_page() {
    for kind in registry().all() {
        let name = kind.type_name().unwrap();
        assert!(!kind.summary().is_empty() && kind.doc().len() > 80 && kind.example().contains("hook: "), "{name}");
    }
}
