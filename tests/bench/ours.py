"""Our way from texts to named topics, timed by its steps, in a process of its own as `tests.bench.usual` is.

`python -m tests.bench.ours FILE OUT.json [--taught FILE.safetensors]`; FILE is Parquet with a column `text`. Where the
taught encoder is there already it is loaded, else it is learned from the texts and kept there.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

STARTED = time.perf_counter()

import numpy as np  # noqa: E402  what is imported is part of what is timed
import pandas as pd  # noqa: E402

from insight import clusters, language, topic_names  # noqa: E402
from insight.encoders import embed, static  # noqa: E402
from insight.evaluate.adapted import adapted  # noqa: E402
from insight.evaluate.base import peak_mb  # noqa: E402
from insight.pieces import folded, text_hash  # noqa: E402
from insight.settings import Encoder, Privacy, Topics  # noqa: E402


def main() -> None:
    """Learn, embed, cluster and name; write labels, seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--taught", type=Path)
    asked = parser.parse_args()
    seconds, last = {"imports": time.perf_counter() - STARTED}, time.perf_counter()

    def lap(step: str) -> None:
        nonlocal last
        seconds[step], last = time.perf_counter() - last, time.perf_counter()

    texts = pd.read_parquet(asked.file, columns=["text"])["text"].astype(str).tolist()
    hashes = [text_hash(text) for text in texts]
    said = dict(sorted(zip(hashes, texts, strict=True)))
    one = {key: folded(text) for key, text in said.items()}
    keys, copies = list(said), pd.Series(hashes).value_counts(sort=False).sort_index().to_numpy(np.int64)
    lap("read")
    if asked.taught and asked.taught.is_file():
        encoder = static.of_file(asked.taught.read_bytes())
    else:
        encoder, _ = adapted(list(one.values()), sample=Encoder().sample, min_customers=Privacy().min_customers)
        if asked.taught:
            asked.taught.write_bytes(encoder.table.to_bytes())
        lap("adapt")
    _, vectors = embed(encoder, one)
    lap("embed")
    labels = clusters.find(vectors, keys, copies, Topics())
    lap("cluster")
    named = pd.DataFrame({"text": list(said.values()), "language": "en", "customer_key": keys, "label": labels})
    named = named[named["label"] != clusters.NONE]
    topic_names.names(
        topic_names.words(topic_names.heard(named), topics=int(labels.max()) + 1, split=language.words, min_customers=5)
    )
    lap("name")
    told = {
        "labels": pd.Series(labels, keys)[hashes].tolist(),
        "topics": int(labels.max()) + 1,
        "steps": seconds,
        "seconds": time.perf_counter() - STARTED,
        "peak_mb": peak_mb(),
    }
    asked.out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
