"""Runs a ModelScope pipeline over rows: `infer_modelscope.py CONFIG.json RESULT.json`."""

import json
import sys

OURS = {"type", "dataset_path", "text_key", "export_path", "env_name", "env_manager", "env_params", "timeout", "stall_timeout", "max_parallel"}


def stop(message, hint):
    print(f"error: {message}\n  hint: {hint}", file=sys.stderr, flush=True)
    sys.exit(2)


def texts(path, key):
    """The text of every row; `None` where there is none, so that answers and rows stay side by side."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                text, reason = json.loads(line)[key], None
            except ValueError as error:
                text, reason = None, f"no JSON: {error}"
            except (KeyError, TypeError, IndexError):
                text, reason = None, f"the row has no `{key}`"
            if reason:
                print(f"warning: {path}:{number}: {reason}", file=sys.stderr, flush=True)
            yield text


def plain(value):
    """Numbers of numpy and torch as JSON has them."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def main(config_path, result_path):
    with open(config_path, encoding="utf-8") as file:
        config = json.load(file)
    try:
        from modelscope.pipelines import pipeline
    except ModuleNotFoundError as error:
        stop(f"there is no module `{error.name}`", "name an environment (env_name, env_manager) and `modelscope[framework]` is installed there")
    ask = pipeline(**{key: value for key, value in config.items() if key not in OURS and value is not None})
    path, key = config["dataset_path"], config["text_key"]
    answers = [None if text is None else ask(text) for text in texts(path, key)]
    if all(answer is None for answer in answers):
        stop(f"no row of `{path}` can be asked about", "`text_key` names the field with the text")
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(answers, file, ensure_ascii=False, default=plain)


if __name__ == "__main__":
    main(*sys.argv[1:])
