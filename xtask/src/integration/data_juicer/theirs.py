"""What Data-Juicer's operators make of rows: `theirs.py CASES ROWS OUT`.

Each case gets a file `OUT/NUMBER.jsonl` with one line a row: `{"text": ...}` of a mapper, `{"stats": {...}, "keep": ...}` of a filter,
`{"error": ...}` where it raised; or the one line `{"refused": ...}` where the operator cannot be made.
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore")
import loguru  # noqa: E402

loguru.logger.remove()
from data_juicer.ops import load_ops  # noqa: E402
from data_juicer.utils.constant import Fields  # noqa: E402


def mapped(op, text):
    if "process_single" in type(op).__dict__:
        return {"text": type(op).process_single(op, {"text": text})["text"]}
    out = type(op).process_batched(op, {"text": [text]})["text"]
    return {"text": out[0] if out else None}


def measured(op, text):
    batch = {"text": [text], Fields.stats: [{}], Fields.context: [{}]}
    batch = type(op).compute_stats_batched(op, batch)
    keep = list(type(op).process_batched(op, batch))[0]
    return {"stats": batch[Fields.stats][0], "keep": bool(keep)}


def main(cases, rows, out):
    rows = [json.loads(line) for line in open(rows, encoding="utf-8")]
    for number, case in enumerate(json.load(open(cases, encoding="utf-8"))):
        name, args = case["operator"], case["args"]
        with open(f"{out}/{number}.jsonl", "w", encoding="utf-8") as file:
            write = lambda line: file.write(json.dumps(line, ensure_ascii=False) + "\n")  # noqa: E731
            try:
                op = load_ops([{name: args}])[0]
            except Exception as error:
                write({"refused": repr(error)})
                continue
            of = measured if name.endswith("_filter") else mapped
            for row in rows:
                try:
                    write(of(op, row["text"]))
                except Exception as error:
                    write({"error": repr(error)})


main(*sys.argv[1:])
