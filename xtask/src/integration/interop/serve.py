"""Starts an MLflow server on a free loopback port, brings runs there, kills an export in the middle, goes on, and compares every value as the client reads it."""

import csv
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

from mlflow import MlflowClient

binary, *uids = sys.argv[1:]
csv.field_size_limit(1 << 30)
# MLflow keeps infinities as the largest numbers there are.
LARGEST = sys.float_info.max


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait(url, server):
    for _ in range(600):
        assert server.poll() is None, open("mlflow.log").read()[-3000:]
        try:
            return urllib.request.urlopen(url + "/health", timeout=1).read()
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


def number(text):
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text)
    except ValueError:
        return None


def export(url, *more):
    return [binary, "runs", "export", "--to", "mlflow", "--out", url, *more, *uids]


def compare(client):
    reference = {}
    for row in csv.DictReader(open("runs.csv", newline="")):
        value = number(row["value"])
        if value is not None:
            value = max(-LARGEST, min(LARGEST, value)) if not math.isnan(value) else value
            moment = datetime.strptime(row["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
            micros = (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
            reference.setdefault((row["run"], row["part"]), {}).setdefault(row["name"], []).append((int(row["step"]), micros, value))
    by_uid = {}
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id], max_results=1000):
            assert run.data.tags["dj_sandbox.run"] not in by_uid, "a run is there twice"
            by_uid[run.data.tags["dj_sandbox.run"]] = (experiment.name, run)

    places = {}
    for _, run in by_uid.values():
        tags = run.data.tags
        places[tags.get("dj_sandbox.whole_run", tags["dj_sandbox.run"]), tags.get("dj_sandbox.part", "")] = run
        # Each nested run is nested in one of the same whole.
        if "mlflow.parentRunId" in tags:
            (above,) = [other for _, other in by_uid.values() if other.info.run_id == tags["mlflow.parentRunId"]]
            assert above.data.tags.get("dj_sandbox.whole_run", above.data.tags["dj_sandbox.run"]) == tags["dj_sandbox.whole_run"]
            assert tags["dj_sandbox.part"].startswith(above.data.tags.get("dj_sandbox.part", ""))

    count = 0
    for (uid, part), names in reference.items():
        run = places[uid, part]
        assert run.info.status == "FINISHED", run.info
        taken = set()
        for name in sorted(names):
            key = re.sub(r"[^A-Za-z0-9_\-. :/]", "_", name)
            plain, again = key, 1
            while key.lower() in taken:
                again += 1
                key = f"{plain}_{again}"
            taken.add(key.lower())
            history = client.get_metric_history(run.info.run_id, key)
            found = sorted((metric.step, metric.value, metric.timestamp) for metric in history if not math.isnan(metric.value))
            wanted = names[name]
            expected = sorted((step, value, micros // 1000) for step, micros, value in wanted if not math.isnan(value))
            assert found == expected, (name, len(found), len(expected), [pair for pair in zip(found, expected) if pair[0] != pair[1]][:3])
            assert sum(math.isnan(metric.value) for metric in history) == sum(math.isnan(value) for _, _, value in wanted), name
            count += len(history)
    return count, by_uid


port = free_port()
url = f"http://127.0.0.1:{port}"
command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
command += ["--backend-store-uri", "sqlite:///mlflow.db"]
server = subprocess.Popen(command, stdout=open("mlflow.log", "w"), stderr=subprocess.STDOUT, start_new_session=True)
try:
    wait(url, server)
    # Killed in the middle, three times, and then to the end.
    for pause in (0.3, 1.5, 4.0):
        process = subprocess.Popen(export(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(pause)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    begun = time.time()
    subprocess.run(export(url), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    client = MlflowClient(url)
    count, runs = compare(client)
    print(f"ok MLflow has everything once, after three kills: {count} values, {len(runs)} runs, the last export {time.time() - begun:.1f} s")
    # Once more: nothing is new.
    again = subprocess.run(export(url, "--json"), check=True, stdout=subprocess.PIPE, text=True).stdout
    assert '"values":0' in again, again
    assert compare(client)[0] == count
    (demo,) = [run for name, run in runs.values() if name == "demo" and "mlflow.parentRunId" not in run.data.tags]
    assert demo.data.params["sandbox.project_name"] == "demo", demo.data.params
    print(f"ok MLflow: parameters {len(demo.data.params)}, nested runs, nothing new the second time")
finally:
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
