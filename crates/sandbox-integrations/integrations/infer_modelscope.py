"""Runs a ModelScope pipeline over rows: `infer_modelscope.py CONFIG.json RESULT.json`."""

import json
import sys

OURS = {"type", "dataset_path", "text_key", "export_path", "env_name", "env_manager", "env_params", "timeout", "stall_timeout", "max_parallel"}


def main(config_path, result_path):
    with open(config_path, encoding="utf-8") as file:
        config = json.load(file)
    try:
        from modelscope.pipelines import pipeline
    except ModuleNotFoundError as error:
        hint = "name an environment (env_name, env_manager) and `modelscope[framework]` is installed there"
        print(f"error: there is no module `{error.name}`\n  hint: {hint}", file=sys.stderr, flush=True)
        sys.exit(2)
    ask = pipeline(**{key: value for key, value in config.items() if key not in OURS and value is not None})
    with open(config["dataset_path"], encoding="utf-8") as file:
        answers = [ask(json.loads(line)[config["text_key"]]) for line in file if line.strip()]
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(answers, file, ensure_ascii=False, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
