"""`make bench`: the topic stage beside the usual script (MiniLM and BERTopic), on the same files, as ratios of one run.

The script comes twice: as it is usually written, and tuned (topics of at least 50 texts, what is left reassigned).

Seconds are of whole processes, one after the other, so that a busy machine slows both; read ratios, never seconds.
`python -m tests.bench.topics [FILE ...]` with files of `text` and `gold` benches those instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from insight.evaluate.topics import agreement

SHARED = Path(__file__).resolve().parents[2] / "../shared"
PEER = SHARED / "bench/peer_bertopic.py"
FILES = {
    "dstc11_dev": ("intents/dstc11_call_intents_dev.parquet", None),
    "banking77_test": ("intents/banking77.parquet", "test"),
    "clinc150_test": ("intents/clinc150.parquet", "test"),
}
PEERS = {"as usual": (), "tuned": ("--min-topic-size", "50", "--reassign")}
MEASURES = ("accuracy", "nmi", "ari", "topics", "unassigned")


def files(folder: Path) -> dict[str, Path]:
    """The public intent sets, each as a file of `text` and `gold`."""
    made = {}
    for name, (file, split) in FILES.items():
        rows = pd.read_parquet(SHARED / "data" / file)
        rows = rows if split is None else rows[rows["split"] == split]
        made[name] = folder / f"{name}.parquet"
        rows.rename(columns={"intent": "gold"})[["text", "gold"]].to_parquet(made[name])
    return made


def timed(*words: str) -> tuple[float, str]:
    """Wall seconds of a command, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return time.perf_counter() - started, done.stdout


def ours(file: Path) -> dict[str, float]:
    """What `insight eval topics` says; the seconds are those of the whole command."""
    seconds, said = timed(sys.executable, "-m", "insight.cli", "eval", "topics", str(file), "--json")
    return {**json.loads(said), "seconds": seconds}


def peer(file: Path, out: Path, *options: str) -> dict[str, float]:
    """The usual script, its labels scored as ours are."""
    seconds, _ = timed(sys.executable, str(PEER), str(file), str(out), "--seed", "7", *options)
    told = json.loads(out.read_text())
    scores = agreement(pd.read_parquet(file)["gold"].tolist(), np.asarray(told["labels"]))
    return {**vars(scores), "seconds": seconds, "peak_mb": told["peak_rss_mb"]}


def compared(name: str, one: dict[str, float], other: dict[str, float]) -> dict[str, object]:
    """One row of the answer: both, and ratios in which above 1 is better for us."""
    both = (("our", one), ("peer", other))
    shown = {f"{who} {key}": round(row[key], 3) for key in MEASURES for who, row in both}
    return {
        "file": name,
        "gold": one["gold_topics"],
        **shown,
        "times faster": round(other["seconds"] / one["seconds"], 2),
        "times less memory": round(other["peak_mb"] / one["peak_mb"], 2),
        "times the accuracy": round(one["accuracy"] / max(other["accuracy"], 1e-9), 2),
        "times the nmi": round(one["nmi"] / max(other["nmi"], 1e-9), 2),
    }


def main() -> None:
    """Bench every file and print a table."""
    if not PEER.is_file():
        sys.exit("there is nothing to compare with: ../shared/bench/peer_bertopic.py is not beside this checkout")
    with tempfile.TemporaryDirectory() as folder:
        told = {Path(file).stem: Path(file) for file in sys.argv[1:]} or files(Path(folder))
        rows = []
        for name, file in told.items():
            own = ours(file)
            for how, options in PEERS.items():
                rows.append(compared(f"{name}, {how}", own, peer(file, Path(folder) / "peer.json", *options)))
    print(pd.DataFrame(rows).set_index("file").T.to_string())


if __name__ == "__main__":
    main()
