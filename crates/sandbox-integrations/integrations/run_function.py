"""Calls the function that a configuration names: `run_function.py CONFIG.json RESULT.json`."""

import importlib
import inspect
import json
import os
import sys


def stop(message, hint):
    print(f"error: {message}\n  hint: {hint}", file=sys.stderr, flush=True)
    sys.exit(2)


def found(name, path):
    module, _, function = name.partition(":")
    if not module or not function:
        stop(f"`function` is `{name}`", "write module:name")
    sys.path.insert(0, os.path.abspath(path))
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise
        stop(f"there is no module `{module}`", f"looked for in `{os.path.abspath(path)}` and where this Python looks")
    if not hasattr(loaded, function):
        stop(f"the module `{module}` has no `{function}`", f"it has: {', '.join(name for name in dir(loaded) if not name.startswith('_'))}")
    return getattr(loaded, function)


def told(metrics):
    line = json.dumps({"@metrics": "", **metrics}, default=float)
    print(line, flush=True)


def main(config_path, result_path):
    with open(config_path, encoding="utf-8") as file:
        config = json.load(file)
    result = found(config["function"], config.get("path", "."))(config)
    if inspect.isgenerator(result):
        metrics = result
        while True:
            try:
                told(next(metrics))
            except StopIteration as end:
                result = end.value
                break
    if isinstance(result, tuple):
        result = list(result)
    elif result is None:
        result = []
    elif not isinstance(result, (list, dict)):
        result = [result]
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(result, file, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
