"""`make bench`: from texts to named topics at 10,000, 50,000 and 200,000 texts, beside the usual script, in one run.

Messages of about 28 words are made of the public intent sets: two texts of one intent, or the words of a customer in a
whole conversation. The usual script comes as it is written and tuned; ours learns from the texts first, then comes
again with what it has learned. Ratios are of wall seconds of whole processes one after the other; the tuned script
takes over the vectors of the plain one, and their seconds are added to its own.

`python -m tests.bench.scale [SIZE ...]`, and with `--million` our way alone on a million texts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from insight.evaluate.topics import agreement

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
SETS = {
    "intents/banking77": "text",
    "intents/clinc150": "text",
    "intents/dstc11_call_intents_dev": "text",
    "conversations/bitext_customer_service_intents": "utterance",
}
TALKS = "conversations/multidogo_turn_intents"
ACTS = ("contentonly", "confirmation", "openinggreeting", "closinggreeting", "thankyou", "rejection", "outofdomain")
"""What a customer does in a conversation rather than what it is about."""
SIZES = (10_000, 50_000, 200_000)
MILLION = 1_000_000
SEED = 7


def said() -> pd.DataFrame:
    """Texts and what they are about: single ones, and all that a customer says in a conversation with one intent."""
    parts = []
    for name, text in SETS.items():
        rows = pd.read_parquet(DATA / f"{name}.parquet")
        rows = rows[rows["intent"] != "oos"]
        parts.append(pd.DataFrame({"text": rows[text], "gold": f"{name} " + rows["intent"]}))
    turns = pd.read_parquet(DATA / f"{TALKS}.parquet").astype({"utterance": str, "turn": int})
    turns = turns.sort_values(["conversation_id", "turn"])
    about = turns[~turns["intent"].isin(ACTS) & ~turns["intent"].str.contains("<div>")]
    talks = about.groupby("conversation_id").agg(gold=("intent", "first"), domain=("domain", "first"))
    talks["text"] = turns.groupby("conversation_id")["utterance"].agg(" ".join)
    talks["gold"] = talks["domain"] + " " + talks["gold"]
    every = pd.concat([*parts, talks[["text", "gold"]]]).drop_duplicates("text")
    return every.sort_values("text", ignore_index=True)


def messages(every: pd.DataFrame, size: int) -> pd.DataFrame:
    """So many different messages of two texts of one intent each, drawn by chance."""
    chance = np.random.default_rng(SEED)
    gold = pd.factorize(every["gold"], sort=True)[0]
    order = np.argsort(gold, kind="stable")
    sizes = np.bincount(gold)
    starts = np.cumsum(sizes) - sizes
    first = chance.integers(0, len(every), 2 * size)
    other = order[starts[gold[first]] + (chance.random(2 * size) * sizes[gold[first]]).astype(int)]
    texts = every["text"].to_numpy(object)
    made = pd.DataFrame({"text": texts[first] + ". " + texts[other], "gold": every["gold"].to_numpy(object)[first]})
    return made.drop_duplicates("text")[:size]


def told(script: str, file: Path, *options: str) -> dict[str, Any]:
    """What a script says of a file."""
    out = file.with_suffix(".json")
    subprocess.run([sys.executable, "-m", f"tests.bench.{script}", str(file), str(out), *options], check=True)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def compared(file: Path) -> pd.DataFrame:
    """All four on one file; `times` is how many times faster than the plain script, and than the tuned one."""
    vectors, taught = str(file.with_suffix(".npy")), str(file.with_suffix(".safetensors"))
    runs = {
        "usual": told("usual", file, "--vectors", vectors),
        "usual, tuned": told("usual", file, "--vectors", vectors, "--tuned"),
        "ours, first run": told("ours", file, "--taught", taught),
        "ours, taught before": told("ours", file, "--taught", taught),
    }
    runs["usual, tuned"]["seconds"] += runs["usual"]["embedding"] - runs["usual, tuned"]["embedding"]
    gold = pd.read_parquet(file)["gold"].tolist()
    rows = {}
    for name, run in runs.items():
        scores = agreement(gold, np.asarray(run["labels"]))
        rows[name] = {
            "texts": len(gold),
            "seconds": round(run["seconds"], 1),
            "times": round(runs["usual"]["seconds"] / run["seconds"], 1),
            "times the tuned": round(runs["usual, tuned"]["seconds"] / run["seconds"], 1),
            "GB": round(run["peak_mb"] / 1024, 2),
            "topics": scores.topics,
            "unassigned": round(scores.unassigned, 3),
            **{key: round(getattr(scores, key), 3) for key in ("accuracy", "nmi", "ari")},
        }
    return pd.DataFrame(rows).T


def main() -> None:
    """Bench every size and print a table."""
    if not DATA.is_dir():
        sys.exit("there is nothing to measure with: ../shared/data is not beside this checkout")
    asked = [int(word) for word in sys.argv[1:] if word.isdigit()]
    every = said()
    with tempfile.TemporaryDirectory() as folder:
        for size in asked or ([] if "--million" in sys.argv else SIZES):
            file = Path(folder) / f"messages_{size}.parquet"
            messages(every, size).to_parquet(file)
            sys.stdout.write(f"{compared(file).to_string()}\n\n")
            sys.stdout.flush()
        if "--million" in sys.argv or not asked:
            file = Path(folder) / "million.parquet"
            messages(every, MILLION).to_parquet(file)
            run = told("ours", file, "--taught", str(file.with_suffix(".safetensors")))
            again = told("ours", file, "--taught", str(file.with_suffix(".safetensors")))
            for name, one in (("a million, first run", run), ("a million, taught before", again)):
                steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in one["steps"].items())
                sys.stdout.write(f"{name}: {one['seconds']:.1f} s, {one['peak_mb'] / 1024:.2f} GB ({steps})\n")


if __name__ == "__main__":
    main()
