"""Runs VBench for each dimension and merges what it says: `merge_vbench.py MERGED.json DIMENSION... -- vbench evaluate OPTION...`."""

import json
import os
import subprocess
import sys
import time


def score(words, dimension, folder):
    start = time.time()
    status = subprocess.run([*words, "--dimension", dimension], check=False).returncode
    if status:
        sys.exit(status)
    # VBench ends well whatever became of its own children, and names its files after the time.
    written = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith("_eval_results.json")]
    for name in sorted(written, key=os.path.getmtime, reverse=True):
        if os.path.getmtime(name) < start - 1:
            break
        with open(name, encoding="utf-8") as file:
            results = json.load(file)
        if dimension in results:
            return results[dimension][0]
    sys.exit(f"error: vbench gave no score for `{dimension}`: no new `*_eval_results.json` in `{folder}` has one")


def main(merged, *rest):
    end = rest.index("--")
    dimensions, words = rest[:end], rest[end + 1 :]
    folder = os.path.dirname(merged)
    os.makedirs(folder, exist_ok=True)
    detail = {dimension: score(words, dimension, folder) for dimension in dimensions}
    with open(merged + ".part", "w", encoding="utf-8") as file:
        json.dump({"mean_score": sum(detail.values()) / len(detail), "detail": detail}, file)
    os.replace(merged + ".part", merged)


if __name__ == "__main__":
    main(*sys.argv[1:])
