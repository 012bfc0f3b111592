"""The mean of Data-Juicer's quality scores: `quality_classifier.py DATA_JUICER_HOME DATASET RESULT.json`."""

import json
import os
import shutil
import sys


def main(home, dataset, result):
    sys.path.insert(0, os.path.abspath(home))
    try:
        from tools.quality_classifier.predict import predict_score
    except ModuleNotFoundError as error:
        hint = "name an environment (env_name, env_manager) and what the tool needs is installed there"
        print(f"error: there is no module `{error.name}`\n  hint: {hint}", file=sys.stderr, flush=True)
        sys.exit(2)
    # The ending says how the scored rows are written; nobody wants them.
    rows = result + ".rows.jsonl"
    try:
        stats = predict_score(dataset, rows, overall_stats=True)
    finally:
        shutil.rmtree(rows, ignore_errors=True)
    with open(result, "w", encoding="utf-8") as file:
        json.dump({"mean": float(stats.loc["mean"].iloc[0])}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
