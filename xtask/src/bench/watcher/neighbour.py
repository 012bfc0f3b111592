"""Logs three numbers a step with another tool, to the end, and prints how many points a second that were. What was kept is counted afterwards."""

import os
import sys
import time

tool, folder, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
os.chdir(folder)


def step(number):
    return {"loss": 3.0 / (number + 1), "learning_rate": 1e-4 * number, "epoch": number / 1000}


if tool == "tensorboardx":
    from tensorboardX import SummaryWriter

    writer = SummaryWriter("events")
    begun = time.perf_counter()
    for number in range(steps):
        for name, value in step(number).items():
            writer.add_scalar(name, value, number)
    writer.close()
    took = time.perf_counter() - begun
    # Length and two sums are 16 bytes a record, and no event of these takes less than 20.
    (file,) = os.listdir("events")
    kept = steps * 3 if os.path.getsize(os.path.join("events", file)) > 36 * steps * 3 else 0
elif tool == "trackio":
    os.environ["TRACKIO_DIR"] = os.path.join(folder, "trackio")
    import contextlib
    import glob
    import sqlite3

    import trackio

    with contextlib.redirect_stdout(sys.stderr):
        trackio.init(project="bench", name="run")
        begun = time.perf_counter()
        for number in range(steps):
            trackio.log(step(number), step=number)
        trackio.finish()
        took = time.perf_counter() - begun
    (file,) = glob.glob("trackio/**/bench.db", recursive=True)
    kept = 3 * sqlite3.connect(file).execute("SELECT count(*) FROM metrics").fetchone()[0]
else:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    client = mlflow.MlflowClient()
    with mlflow.start_run() as run:
        begun = time.perf_counter()
        for number in range(steps):
            mlflow.log_metrics(step(number), step=number)
    took = time.perf_counter() - begun
    kept = sum(len(client.get_metric_history(run.info.run_id, name)) for name in step(0))
assert kept == 3 * steps, f"{kept} points were kept of {3 * steps}"
print(3 * steps / took)
