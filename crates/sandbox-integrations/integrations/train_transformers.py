"""Trains a causal language model with Hugging Face transformers from rows of JSONL: `train.py CONFIG.json`.

The configuration is one JSON object; `KEYS` below says what stands in it. What the training measures goes to standard output, one
JSON object a line: `{"step": 10, "loss": 2.1, "learning_rate": 0.001, "grad_norm": 0.7, "tokens_per_second": 51200.0, ...}`.

In `work_dir`:

    model/             the trained model with its tokenizer, complete or absent
    checkpoints/       checkpoint-STEP/, each with a file `complete` once all of it is written
    tokens-DIGEST.bin  the rows as token numbers (uint32), made once for the same rows and tokenizer
    result.json        the last numbers: steps, tokens, loss, and of evaluation rows loss, perplexity and bits per byte

A run that was cut short goes on at its last complete checkpoint (`resume: auto`); with the same configuration it ends with the same
numbers as one that was not, on one kind of machine.
"""

import hashlib
import json
import math
import os
import shutil
import signal
import sys
import time
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

KEYS = {
    "train_dataset": None,  # a JSONL file, or a list of them
    "eval_dataset": None,  # the same; without it nothing is evaluated
    "text_key": "text",  # where a row has its text; dots go into objects
    "work_dir": None,
    "model_name_or_path": None,  # a local folder to go on from; without it the model is made from `from_scratch`
    "from_scratch": {},  # overrides of SCRATCH
    "tokenizer": None,  # a local folder; "bytes"; or {"vocab_size": N}: byte-level BPE, trained from the rows
    "context_length": 256,
    "max_steps": None,  # or `num_train_epochs`
    "num_train_epochs": None,
    "batch_size": 8,
    "gradient_accumulation_steps": 1,
    "learning_rate": 1e-3,
    "lr_scheduler_type": "cosine",
    "warmup_ratio": 0.05,
    "weight_decay": 0.1,
    "max_grad_norm": 1.0,
    "seed": 42,
    "mixed_precision": "auto",  # auto: bf16 where a GPU has it; or no, bf16, fp16
    "logging_steps": 10,
    "eval_steps": None,
    "save_steps": 200,
    "save_total_limit": 2,
    "resume": "auto",  # or "never"
    "device": "auto",  # or "cpu", "gpu"
    "training_args": {},  # any other key of transformers.TrainingArguments
}
# Keys of the job that are not the training's.
SANDBOX = {"type", "export_path", "env_name", "env_manager", "env_params", "timeout", "stall_timeout", "max_parallel"}
SCRATCH = {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": None}
# A tokenizer is trained from the first so many characters: more hardly changes it.
TOKENIZER_CHARACTERS = 50_000_000
END = "<|endoftext|>"


def stop(message, hint=None):
    """Ends with a message for people; 2 says that the configuration or the data is at fault."""
    print(f"error: {message}" + (f"\n  hint: {hint}" if hint else ""), file=sys.stderr, flush=True)
    sys.exit(2)


def say(**numbers):
    print(json.dumps(numbers, allow_nan=True), flush=True)


def settings(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    given = {key: value for key, value in given.items() if key not in SANDBOX}
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        stop(f"unknown key `{unknown[0]}`", f"known: {', '.join(KEYS)}")
    config = {**KEYS, **{key: value for key, value in given.items() if value is not None}}
    for key in ("train_dataset", "work_dir"):
        if not config[key]:
            stop(f"missing key `{key}`")
    if config["max_steps"] is None and config["num_train_epochs"] is None:
        config["num_train_epochs"] = 1
    return config


def files(value):
    listed = [value] if isinstance(value, str) else list(value or [])
    for path in listed:
        if not Path(path).is_file():
            stop(f"the dataset `{path}` does not exist")
    return listed


def texts(paths, key):
    """The texts of all rows; rows without one are counted and told."""
    parts, missing = key.split("."), 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                    for part in parts:
                        value = value[part]
                except (ValueError, KeyError, TypeError):
                    value = None
                if isinstance(value, str) and value:
                    yield value
                else:
                    missing += 1
                    if missing <= 3:
                        print(f"warning: {path}:{number}: no text under `{key}`; the row is left out", file=sys.stderr, flush=True)
    if missing > 3:
        print(f"warning: {missing} rows have no text under `{key}`", file=sys.stderr, flush=True)


def make_tokenizer(config, train, folder):
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    made = folder / "tokenizer"
    wanted = config["tokenizer"] or config["model_name_or_path"] or "bytes"
    if isinstance(wanted, str) and wanted != "bytes":
        if not Path(wanted).is_dir():
            stop(f"the tokenizer `{wanted}` is no folder", "nothing is downloaded: give a local folder, `bytes`, or {vocab_size: N}")
        return AutoTokenizer.from_pretrained(wanted)
    mark = made / "made-from.json"
    origin = {"tokenizer": wanted, "rows": digest(train) if wanted != "bytes" else None, "text_key": config["text_key"]}
    if not (mark.is_file() and json.loads(mark.read_text()) == origin):
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=wanted != "bytes")
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        size = 257 if wanted == "bytes" else wanted.get("vocab_size", 4096)
        if size < 257:
            stop("`tokenizer.vocab_size` is below 257: 256 bytes and the end of a text")
        trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
        sample = [] if wanted == "bytes" else limited(texts(train, config["text_key"]), TOKENIZER_CHARACTERS)
        tokenizer.train_from_iterator(sample, trainer)
        wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=END, bos_token=END)
        wrapped.model_max_length = config["context_length"]
        shutil.rmtree(made, ignore_errors=True)
        wrapped.save_pretrained(made)
        mark.write_text(json.dumps(origin))
    return AutoTokenizer.from_pretrained(made)


def limited(items, characters):
    for item in items:
        yield item
        characters -= len(item)
        if characters < 0:
            return


def digest(paths):
    state = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
        state.update(b"\0")
    return state.hexdigest()


def tokens(paths, config, tokenizer, folder):
    """All rows as one array of token numbers, each row ended by the end token, and how many bytes of text they are."""
    import numpy

    vocabulary = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode()).hexdigest()
    key = hashlib.sha256(f"{digest(paths)} {vocabulary} {config['text_key']}".encode()).hexdigest()[:16]
    path, facts = folder / f"tokens-{key}.bin", folder / f"tokens-{key}.json"
    if not (path.is_file() and facts.is_file()):
        part, size, end = path.with_suffix(".part"), 0, tokenizer.eos_token_id
        if end is None:
            stop("the tokenizer has no end-of-text token")
        with open(part, "wb") as file:
            for batch in batches(texts(paths, config["text_key"]), 1000):
                size += sum(len(text.encode("utf-8", "replace")) for text in batch)
                for numbers in tokenizer(batch, add_special_tokens=False, verbose=False)["input_ids"]:
                    file.write(numpy.asarray([*numbers, end], dtype="<u4").tobytes())
        os.replace(part, path)
        facts.write_text(json.dumps({"bytes": size}))
    if path.stat().st_size == 0:
        stop(f"no row of `{paths[0]}` has a text under `{config['text_key']}`")
    return numpy.memmap(path, dtype="<u4", mode="r"), json.loads(facts.read_text())["bytes"]


def batches(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class Blocks:
    """Token numbers cut into blocks of one length; the rest of an evaluation is padded and not counted, that of a training left out."""

    def __init__(self, numbers, length, end, whole):
        self.numbers, self.length, self.end = numbers, length, end
        full, rest = divmod(len(numbers), length)
        self.count = full + (1 if rest > 1 and (whole or full == 0) else 0)

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        import torch

        block = torch.from_numpy(self.numbers[index * self.length : (index + 1) * self.length].astype("int64"))
        labels, short = block.clone(), self.length - len(block)
        if short:
            block = torch.nn.functional.pad(block, (0, short), value=self.end)
            labels = torch.nn.functional.pad(labels, (0, short), value=-100)
        return {"input_ids": block, "labels": labels}


def make_model(config, tokenizer):
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

    path = config["model_name_or_path"]
    if path:
        if not Path(path).is_dir():
            stop(f"the model `{path}` is no folder", "nothing is downloaded: give a local folder, or leave the key out to train from scratch")
        return AutoModelForCausalLM.from_pretrained(path)
    unknown = sorted(set(config["from_scratch"]) - set(SCRATCH))
    if unknown:
        stop(f"unknown key `from_scratch.{unknown[0]}`", f"known: {', '.join(SCRATCH)}")
    shape = {**SCRATCH, **config["from_scratch"]}
    if shape["hidden_size"] % (2 * shape["num_attention_heads"]):
        stop("`from_scratch.hidden_size` is no multiple of twice `num_attention_heads`")
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=shape["hidden_size"],
            intermediate_size=shape["intermediate_size"] or 8 * shape["hidden_size"] // 3,
            num_hidden_layers=shape["num_hidden_layers"],
            num_attention_heads=shape["num_attention_heads"],
            max_position_embeddings=config["context_length"],
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def teller(config):
    """Says what is measured, marks checkpoints as complete, and ends early and whole when asked to."""
    from transformers import TrainerCallback

    block = config["batch_size"] * config["gradient_accumulation_steps"] * config["context_length"]
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    class Teller(TrainerCallback):
        since = None

        def on_train_begin(self, args, state, control, **_):
            self.since = (time.monotonic(), state.global_step)

        def on_step_end(self, args, state, control, **_):
            if stopped:
                control.should_save = control.should_training_stop = True

        def on_log(self, args, state, control, logs=None, **_):
            numbers = {key: value for key, value in (logs or {}).items() if isinstance(value, (int, float))}
            if "train_runtime" in numbers:
                return
            if "loss" in numbers:
                now, (then, step) = time.monotonic(), self.since
                world = max(1, args.world_size) * max(1, args.n_gpu)
                numbers["tokens"] = state.global_step * block * world
                if state.global_step > step and now > then:
                    numbers["tokens_per_second"] = round((state.global_step - step) * block * world / (now - then), 1)
                self.since = (now, state.global_step)
            say(step=state.global_step, **numbers)

        def on_evaluate(self, args, state, control, **_):
            # The time of an evaluation is none of the training's.
            self.since = (time.monotonic(), state.global_step)

        def on_save(self, args, state, control, **_):
            Path(args.output_dir, f"checkpoint-{state.global_step}", "complete").write_text("")

    return Teller(), stopped


def exact_trainer():
    """A trainer whose evaluation is the mean over all predicted tokens; the library's is one over blocks, full or not."""
    import torch
    from transformers import Trainer

    class Exact(Trainer):
        def evaluate(self, *_, metric_key_prefix="eval", **__):
            self.model.eval()
            total, predicted = 0.0, 0
            with torch.no_grad():
                for batch in self.get_eval_dataloader():
                    batch = self._prepare_inputs(batch)
                    logits = self.model(input_ids=batch["input_ids"]).logits[:, :-1].float()
                    labels = batch["labels"][:, 1:]
                    losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100, reduction="none")
                    total += losses.double().sum().item()
                    predicted += (labels != -100).sum().item()
            self.model.train()
            metrics = {f"{metric_key_prefix}_loss": total / predicted, f"{metric_key_prefix}_tokens": predicted}
            self.log(metrics)
            self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
            return metrics

    return Exact


def last_complete(folder):
    found = [path for path in folder.glob("checkpoint-*") if (path / "complete").is_file()]
    for path in folder.glob("checkpoint-*"):
        if path not in found:
            shutil.rmtree(path)
    return str(max(found, key=lambda path: int(path.name.rsplit("-", 1)[1]))) if found else None


def training_arguments(config, folder, has_eval):
    import torch
    from transformers import TrainingArguments

    gpu = torch.cuda.is_available()
    if config["device"] == "gpu" and not gpu:
        stop("`device` is `gpu` and torch sees none", "drivers and CUDA_VISIBLE_DEVICES decide what it sees")
    gpu = gpu and config["device"] != "cpu"
    precision = config["mixed_precision"]
    if precision == "auto":
        precision = "bf16" if gpu and torch.cuda.is_bf16_supported() else "no"
    arguments = {
        "output_dir": str(folder),
        "max_steps": config["max_steps"] if config["max_steps"] is not None else -1,
        "num_train_epochs": config["num_train_epochs"] or 1,
        "per_device_train_batch_size": config["batch_size"],
        "per_device_eval_batch_size": config["batch_size"],
        "gradient_accumulation_steps": config["gradient_accumulation_steps"],
        "learning_rate": config["learning_rate"],
        "lr_scheduler_type": config["lr_scheduler_type"],
        "warmup_ratio": config["warmup_ratio"],
        "weight_decay": config["weight_decay"],
        "max_grad_norm": config["max_grad_norm"],
        "seed": config["seed"],
        "data_seed": config["seed"],
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "use_cpu": not gpu,
        "logging_steps": config["logging_steps"],
        "logging_first_step": True,
        "logging_nan_inf_filter": False,
        "eval_strategy": "steps" if has_eval and config["eval_steps"] else "no",
        "eval_steps": config["eval_steps"],
        "save_strategy": "steps",
        "save_steps": config["save_steps"],
        "save_total_limit": config["save_total_limit"],
        "report_to": [],
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        "remove_unused_columns": False,
    }
    try:
        return TrainingArguments(**{**arguments, **config["training_args"]})
    except (TypeError, ValueError) as error:
        stop(f"`training_args`: {error}")


def main():
    if len(sys.argv) != 2:
        stop("usage: train.py CONFIG.json")
    config = settings(sys.argv[1])
    train, held_out = files(config["train_dataset"]), files(config["eval_dataset"])
    folder = Path(config["work_dir"])
    folder.mkdir(parents=True, exist_ok=True)

    from transformers import set_seed

    set_seed(config["seed"])
    tokenizer = make_tokenizer(config, train, folder)
    length, end = config["context_length"], tokenizer.eos_token_id
    numbers, _ = tokens(train, config, tokenizer, folder)
    blocks = Blocks(numbers, length, end, whole=False)
    held, held_bytes, held_tokens = None, 0, 0
    if held_out:
        held_numbers, held_bytes = tokens(held_out, config, tokenizer, folder)
        held, held_tokens = Blocks(held_numbers, length, end, whole=True), len(held_numbers)
    model = make_model(config, tokenizer)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    say(parameters=parameters, train_tokens=len(numbers), eval_tokens=held_tokens)

    told, stopped = teller(config)
    arguments = training_arguments(config, folder / "checkpoints", held is not None)
    trainer = exact_trainer()(model=model, args=arguments, train_dataset=blocks, eval_dataset=held, callbacks=[told])
    # Its own printers write Python dictionaries between the lines of ours.
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    checkpoint = None
    if config["resume"] == "never":
        shutil.rmtree(arguments.output_dir, ignore_errors=True)
    else:
        checkpoint = last_complete(Path(arguments.output_dir))
    if checkpoint:
        print(f"going on at {checkpoint}", file=sys.stderr, flush=True)
    trainer.train(resume_from_checkpoint=checkpoint)
    if stopped:
        print("stopped: the next run goes on here", file=sys.stderr, flush=True)
        sys.exit(143)

    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    result = {"steps": trainer.state.global_step, "loss": losses[-1] if losses else None, "parameters": parameters}
    if held is not None:
        measured = trainer.evaluate()
        loss, predicted = measured["eval_loss"], measured["eval_tokens"]
        result |= {"eval_loss": loss, "perplexity": math.exp(min(loss, 700.0)), "bits_per_byte": loss * predicted / math.log(2) / held_bytes}
        say(step=trainer.state.global_step, **{key: result[key] for key in ("perplexity", "bits_per_byte")})
    part, final = folder / "model.part", folder / "model"
    shutil.rmtree(part, ignore_errors=True)
    trainer.save_model(str(part))
    tokenizer.save_pretrained(part)
    shutil.rmtree(final, ignore_errors=True)
    os.replace(part, final)
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
