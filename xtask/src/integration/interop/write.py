"""Event files of TensorBoard's own writer and of tensorboardX, and beside them what is in them."""

import json
import math
import sys

import numpy
from tensorboard.summary import Writer
from tensorboardX import SummaryWriter

(folder,) = sys.argv[1:]
truth = {}


def single(value):
    """A float32 as the double that it is; JSON has no NaN."""
    value = float(numpy.float32(value))
    return value if math.isfinite(value) else str(value)


def add(run, name, step, value):
    truth.setdefault(run, {}).setdefault(name, []).append([step, value])


# tensorboardX: simple values, old histograms, texts; a picture, which has no place among metrics.
with SummaryWriter(f"{folder}/x") as writer:
    for step in range(1000):
        loss = [math.nan, math.inf, -math.inf, 1 / (step + 1)][min(step, 3)]
        writer.add_scalar("train/loss", loss, step)
        add("x", "train/loss", step, single(loss))
        if step % 10 == 0:
            writer.add_scalar("lr", 1e-5 * step, step)
            add("x", "lr", step, single(1e-5 * step))
    values = numpy.random.default_rng(1).normal(size=500)
    writer.add_histogram("weights", values, 7)
    add("x", "weights", 7, 500)
    writer.add_text("note", "a text, \"quoted\"", 3)
    add("x", "note/text_summary", 3, "a text, \"quoted\"")
    writer.add_image("picture", numpy.zeros((3, 4, 4)), 0)

# TensorBoard's own: scalars as tensors.
writer = Writer(f"{folder}/own/deep")
for step in range(100):
    writer.add_scalar("accuracy", step / 100, step)
    add("own/deep", "accuracy", step, single(step / 100))
writer.close()
json.dump(truth, open("events.json", "w"))
