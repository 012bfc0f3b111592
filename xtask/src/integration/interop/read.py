"""Reads what went out with the tools that it is for, and compares every value with the long CSV file, whose values are compared with their sources first."""

import csv
import glob
import json
import math
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy
import pandas
from dvclive.serialize import load_yaml
from dvclive.utils import parse_metrics
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

made, events = sys.argv[1:]
csv.field_size_limit(1 << 30)


def number(text):
    """The number of a field, or nothing."""
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text)
    except ValueError:
        return None


def same(one, other):
    return one == other or (isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other))


def equal(what, found, expected):
    """Compares two lists of tuples."""
    assert len(found) == len(expected), f"{what}: {len(found)} values in place of {len(expected)}"
    for one, other in zip(found, expected):
        assert all(same(a, b) for a, b in zip(one, other, strict=True)), f"{what}: {one} in place of {other}"


# The reference: run and part -> name -> (step, time, field), in the order in which it was watched.
reference = defaultdict(lambda: defaultdict(list))
for row in csv.DictReader(open("runs.csv", newline="")):
    time = pandas.Timestamp(row["time"])
    reference[row["run"], row["part"]][row["name"]].append((int(row["step"]), time.value // 1000, row["value"]))
total = sum(len(values) for part in reference.values() for values in part.values())


def numbers(values):
    return [(step, time, number(field)) for step, time, field in values if number(field) is not None]


def holding(name):
    """The runs that have a name."""
    return [part for part, names in reference.items() if name in names]


# 1. The table that was made up is in the reference with every digit.
(mine,) = holding("p[0]")
names = next(csv.reader(open(made, newline="")))[2:]
expected = defaultdict(list)
for row in csv.DictReader(open(made, newline="")):
    for name in names:
        if row[name] != "":
            micros = int(row["time"].replace(".", ""))
            expected[name].append((int(row["step"]), micros, row[name]))
assert set(expected) == set(reference[mine]), set(expected) ^ set(reference[mine])
for name in names:
    for (step, time, text), (other_step, other_time, field) in zip(reference[mine][name], expected[name], strict=True):
        assert (step, time) == (other_step, other_time), name
        assert text == field or same(number(text), number(field)), (name, text, field)
print(f"ok CSV in and out: {sum(map(len, expected.values()))} values")

# 2. So are the event files of others.
count = 0
for run, found in json.load(open(events)).items():
    (part,) = [part for part in reference if set(reference[part]) == set(found)]
    for name, values in found.items():
        for (step, _, field), (other_step, value) in zip(reference[part][name], values, strict=True):
            assert step == other_step
            if name == "weights":
                assert sum(json.loads(field)["counts"]) == value
            elif name.endswith("text_summary"):
                assert field == value
            else:
                assert same(number(field), float(value)), (run, name, step, field, value)
            count += 1
print(f"ok event files of tensorboardX and TensorBoard in: {count} values")

# 3. TensorBoard reads the event files that went out.
count = 0
for (run, part), names in reference.items():
    folder = os.path.join("tb", run, part)
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0, "histograms": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    for name, values in names.items():
        wanted = numbers(values)
        if wanted:
            found = [(event.step, event.wall_time, event.value) for event in accumulator.Scalars(name)]
            with numpy.errstate(over="ignore"):
                equal(f"tensorboard {name}", found, [(step, time / 1e6, float(numpy.float32(value))) for step, time, value in wanted])
            count += len(found)
        texts = [(step, field) for step, _, field in values if number(field) is None and not field.startswith(("{", "["))]
        if texts:
            read = [(event.step, event.tensor_proto.string_val[0].decode()) for event in accumulator.Tensors(name)]
            assert read == texts, (name, read, texts)
            count += len(texts)
    for name in tags["histograms"]:
        (event,) = accumulator.Histograms(name)
        counts = json.loads(names[name][0][2])["counts"]
        assert event.histogram_value.num == sum(counts)
        assert [bucket for bucket in event.histogram_value.bucket if bucket] == [one for one in counts if one]
        count += 1
print(f"ok TensorBoard reads: {count} values")

# 4. pandas reads the tables.
frame = pandas.read_parquet("runs.parquet")
assert len(frame) == total, (len(frame), total)
for (run, part, name), rows in frame.groupby(["run", "part", "name"], sort=False):
    values = reference[run, part][name]
    times = rows["time"].astype("int64")
    for step, time, value, text, (other_step, other_time, field) in zip(rows["step"], times, rows["value"], rows["text"], values, strict=True):
        assert (step, time) == (other_step, other_time)
        wanted = number(field)
        assert (wanted is not None and same(value, wanted)) or text == field, (name, value, text, field)
print(f"ok pandas and Arrow read Parquet: {len(frame)} values")
wide = pandas.read_csv("wide.csv", dtype=str, keep_default_na=False, parse_dates=["time"])
count = 0
for (run, part), names in reference.items():
    rows = wide[(wide["run"] == run) & (wide["part"] == part)]
    for name, values in names.items():
        there = rows[rows[name] != ""]
        found = [(int(step), field) for step, field in zip(there["step"], there[name])]
        assert found == [(step, field) for step, _, field in values if field != ""], name
        count += len(found)
print(f"ok pandas reads wide CSV: {count} values in {len(wide)} lines")

# 5. DVCLive reads its layout.
count = 0
for (run, part), names in reference.items():
    folder = Path("dvc", run, part)
    history, latest = parse_metrics(SimpleNamespace(plots_dir=str(folder / "plots"), metrics_file=str(folder / "metrics.json")))
    plain = {name: numbers(values) for name, values in names.items() if numbers(values)}
    assert len(history) == len(plain), (set(history), set(plain))
    for name, wanted in plain.items():
        file = folder / "plots" / "metrics" / f"{name}.tsv"
        column = name.split("/")[-1]
        found = [(int(row["step"]), number(row[column])) for row in history[str(file)]]
        equal(f"dvclive {name}", found, [(step, value) for step, _, value in wanted])
        last = latest
        for key in name.split("/"):
            last = last[key]
        assert same(float(last), wanted[-1][2]), (name, last, wanted[-1])
        count += len(found)
configured = [load_yaml(path) for path in glob.glob("dvc/**/params.yaml", recursive=True)]
assert any((config.get("extra_configs") or {}).get("type") == "ngram" for config in configured), configured
print(f"ok DVCLive reads: {count} values, {len(configured)} params.yaml")

# 6. Prometheus takes the history.
if shutil.which("promtool") is None:
    print("skipped promtool: it is not on PATH (`apt install prometheus`)")
else:
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "runs.om", "tsdb"], check=True, stdout=subprocess.DEVNULL)
    # A server that has run has a log; without one the tool does not look at blocks.
    os.makedirs("tsdb/wal", exist_ok=True)
    dumped = subprocess.run(["promtool", "tsdb", "dump", "tsdb"], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in dumped.splitlines():
        labels, value, time = line.rsplit(" ", 2)
        found[labels, int(time)] = float(value)
    expected = {}
    for (run, part), names in reference.items():
        for name, values in names.items():
            last = None
            for _, time, value in numbers(values):
                if last is not None and time // 1000 < last:
                    continue
                last = time // 1000
                expected[run, part, name, last] = value
    assert len(found) == len(expected), (len(found), len(expected))
    for (run, part, name, time), value in expected.items():
        # Labels stand in the order of the alphabet.
        quoted = [json.dumps(text, ensure_ascii=False) for text in (name, part, run)]
        project = [labels for labels, at in found if at == time and f"name={quoted[0]}" in labels and f"run={quoted[2]}" in labels and (not part or f"part={quoted[1]}" in labels)]
        assert len(project) == 1 and same(found[project[0], time], value), (name, time, value, project)
    print(f"ok promtool makes blocks: {len(found)} samples")
