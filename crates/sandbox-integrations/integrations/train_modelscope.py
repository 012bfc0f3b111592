"""Trains with a ModelScope trainer: `train_modelscope.py CONFIG.json`."""

import json
import os
import sys

OURS = {"type", "model_name", "trainer_name", "work_dir", "train_dataset", "eval_dataset", "key_remapping", "dataset_path", "export_path"}
OURS |= {"env_name", "env_manager", "env_params", "timeout", "stall_timeout", "max_parallel"}
# How `datasets` calls what is not JSON.
KINDS = {".csv": "csv", ".parquet": "parquet", ".txt": "text"}


def stop(message, hint):
    print(f"error: {message}\n  hint: {hint}", file=sys.stderr, flush=True)
    sys.exit(2)


def dataset(path, split, remapping):
    from modelscope.msdatasets import MsDataset

    if os.path.isfile(path):
        from datasets import load_dataset

        kind = KINDS.get(os.path.splitext(path)[1].lower(), "json")
        rows = load_dataset(kind, data_files=path, split="train")
    else:
        rows = MsDataset.load(path, split=split).ds_instance
    for old, new in remapping.items():
        if old in rows.column_names:
            rows = rows.rename_column(old, new)
    return MsDataset.to_ms_dataset(rows)


def leave_the_network_alone(model):
    """Nothing is counted at the hub of `datasets`, and a folder is what it is: ModelScope would ask its hub whether that has a newer
    one, and wait for a network that may not be there."""
    os.environ.setdefault("HF_UPDATE_DOWNLOAD_COUNTS", "false")
    if os.path.isdir(model):
        from modelscope.trainers import base

        base.check_local_model_is_latest = lambda *arguments, **named: None


def main(path):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    try:
        leave_the_network_alone(config["model_name"])
        from modelscope.trainers import build_trainer
    except ModuleNotFoundError as error:
        stop(f"there is no module `{error.name}`", "name an environment (env_name, env_manager) and `modelscope[framework]` is installed there")
    sections = {key: value for key, value in config.items() if key not in OURS}

    def merged(own):
        own.merge_from_dict(sections)
        return own

    arguments = {"model": config["model_name"], "work_dir": config["work_dir"], "cfg_modify_fn": merged}
    remapping = config.get("key_remapping") or {}
    for name, split in (("train_dataset", "train"), ("eval_dataset", "validation")):
        if config.get(name):
            arguments[name] = dataset(config[name], split, remapping)
    build_trainer(name=config["trainer_name"], default_args=arguments).train()


if __name__ == "__main__":
    main(sys.argv[1])
