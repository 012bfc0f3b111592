"""Runs `vbench evaluate` and merges what it says of each dimension: `merge_vbench.py CONFIG.json GPUS`."""

import json
import os
import subprocess
import sys
import time


def main(path, gpus):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    folder = config["output_path"]
    os.makedirs(folder, exist_ok=True)
    start = time.time()
    words = ["vbench", "evaluate", "--ngpus", gpus, "--full_json_dir", config["full_json_dir"], "--output_path", folder]
    words += ["--videos_path", config["videos_path"], "--dimension", *config["dimension_list"]]
    words += ["--load_ckpt_from_local", str(bool(config["load_ckpt_from_local"]))]
    status = subprocess.run(words, check=False).returncode
    if status:
        sys.exit(status)
    written = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith("_eval_results.json")]
    written = [name for name in written if os.path.getmtime(name) >= start - 1]
    if not written:
        print(f"error: vbench ended well and left no `*_eval_results.json` in `{folder}`", file=sys.stderr)
        sys.exit(3)
    detail = {}
    for name in sorted(written, key=os.path.getmtime):
        with open(name, encoding="utf-8") as file:
            detail |= {dimension: result[0] for dimension, result in json.load(file).items()}
    missing = sorted(set(config["dimension_list"]) - set(detail))
    if missing:
        print(f"error: vbench gave no score for {', '.join(missing)}", file=sys.stderr)
        sys.exit(3)
    merged = {"mean_score": sum(detail.values()) / len(detail), "detail": detail}
    part = os.path.join(folder, f"{config['eval_name']}_merged_results.json")
    with open(part + ".part", "w", encoding="utf-8") as file:
        json.dump(merged, file)
    os.replace(part + ".part", part)


if __name__ == "__main__":
    main(*sys.argv[1:])
