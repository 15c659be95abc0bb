"""The usual script that our topics are held against: sentence-transformers MiniLM, then BERTopic, then a group by.

It is what BERTopic's own documentation shows; `--tuned` follows its advice for large files: topics of at least 50
texts, and texts without a topic reassigned to the nearest one. `python -m tests.bench.usual FILE OUT.json [--tuned]
[--vectors FILE.npy]`; FILE is Parquet with a column `text`. Vectors that the file holds are not made again; the seconds
of the run that made them are counted by `tests.bench.topics`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

STARTED = time.perf_counter()

import numpy as np  # noqa: E402  what is imported is part of what is timed
import pandas as pd  # noqa: E402
from bertopic import BERTopic  # noqa: E402
from sentence_transformers import SentenceTransformer  # noqa: E402
from umap import UMAP  # type: ignore[import-untyped]  # noqa: E402

from insight.encoders import minilm  # noqa: E402
from insight.evaluate.base import peak_mb  # noqa: E402

SEED = 7
TUNED = 50


def main() -> None:
    """Embed, cluster, name and count; write labels, seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--vectors", type=Path)
    asked = parser.parse_args()
    texts = pd.read_parquet(asked.file)["text"].astype(str).tolist()
    model = SentenceTransformer(str(minilm.folder()), device="cpu")
    began = time.perf_counter()
    if asked.vectors and asked.vectors.is_file():
        vectors = np.load(asked.vectors)
    else:
        vectors = model.encode(texts, show_progress_bar=False)
    embedding = time.perf_counter() - began
    if asked.vectors:
        np.save(asked.vectors, vectors)
    # BERTopic's own choices, with a seed so that the run can be repeated
    plane = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=SEED)
    found = BERTopic(embedding_model=model, umap_model=plane, **({"min_topic_size": TUNED} if asked.tuned else {}))
    labels, _ = found.fit_transform(texts, vectors)
    if asked.tuned:
        labels = found.reduce_outliers(texts, labels, strategy="embeddings", embeddings=vectors)
    counted = pd.Series(labels).value_counts()
    told = {
        "labels": [int(label) for label in labels],
        "topics": len(counted.drop(-1, errors="ignore")),
        "embedding": embedding,
        "seconds": time.perf_counter() - STARTED,
        "peak_mb": peak_mb(),
    }
    asked.out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
