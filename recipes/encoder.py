"""Make models/encoder anew: `python -m recipes.encoder --data ../shared/data`, at most an hour on two cores.

The teacher is all-MiniLM-L6-v2. It reads English sentences; the student learns to give them, and their translations,
the teacher's vectors (insight/distil.py). Sources: rows of Tatoeba and TICO-19 in DATA/parallel, the training parts of
banking77, clinc150 and MultiDoGO, the conversations of STAR, and this project's own seeds and glossary. Nothing
else of DATA is opened, except the sentences of the retrieval tests, so that they can be left out.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rich.progress import Progress
from safetensors.numpy import save

from insight import shipped, teacher
from insight.distil import Lesson, Pace, choose, fit
from insight.pooling import Floats, StaticTable

LANGUAGES = ("de", "es", "fr", "ja", "pt", "zh")
FREE = {"tatoeba", "tatoeba-test", "tico19"}
"""Sources of parallel rows that what ships may learn from."""

DIMENSIONS = 192
MOST = 120_000
LEAST = 3
BALANCE = 0.75
"""A language's texts choose features by their number to this power: 1 as they are, 0 all languages alike."""

AGAIN = {"ja": 2, "zh": 3, "pt": 2}
"""How often a translation is heard in one epoch, where a language has few."""

CUSTOMERS_AGAIN = 3
"""How often a sentence of an English customer is heard in one epoch: they are few among everyday sentences."""

SEEDS_AGAIN = 4
PACE = Pace(epochs=6, batch=2048, rate=0.02, seed=7)
THREADS = 2
"""Of the teacher: the last bits of its vectors may depend on them."""

Pair = tuple[str, str, str]
"""Language, text, its English."""


def main() -> None:
    """Read, teach, write, seal."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--data", type=Path, required=True, help="the folder with parallel/, intents/, conversations/")
    told.add_argument("--out", type=Path, default=shipped.folder() / "encoder")
    told.add_argument(
        "--exact", type=Path, help="keep the table before rounding in this file, to see what rounding costs"
    )
    args = told.parse_args()
    with Progress(transient=True) as shown:

        def tell(what: str) -> Callable[[int, int], None]:
            task = shown.add_task(what, total=None)
            return lambda done, total: shown.update(task, completed=done, total=total)

        exact, projection = make(args.data, tell)
    table = StaticTable.rounded(exact.hashes, exact.rows)
    if args.exact:
        args.exact.write_bytes(exact.to_bytes())
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "model.safetensors").write_bytes(table.to_bytes())
    (args.out / "projection.safetensors").write_bytes(save({"projection": projection}))
    sys.stdout.write(f"{args.out}: {len(table.hashes)} features, {table.dimensions} dimensions, {table.digest}\n")
    if args.out.parent == shipped.folder():
        sys.stdout.write("".join(f"sealed {name}\n" for name in shipped.seal(shipped.folder())))


def make(data: Path, tell: Callable[[str], Callable[[int, int], None]]) -> tuple[StaticTable, Floats]:
    """The table before rounding, and the matrix that takes the teacher's vectors to its dimensions."""
    pairs = [*translations(data), *own()]
    served = sorted(set(customers(data)))
    english = sorted({pair[2] for pair in pairs} | set(served))
    taught = teacher.vectors(english, tell("the teacher reads"), threads=THREADS)
    projection = teacher.projection(taught, DIMENSIONS)
    goals = teacher.projected(taught, projection)
    lesson, weights = lesson_of(english, goals, pairs, served)
    hashes = choose(lesson.texts, weights, most=MOST, least=LEAST)
    start = np.random.default_rng(PACE.seed).normal(0, 0.01, (len(hashes), DIMENSIONS)).astype(np.float32)
    return fit(lesson, StaticTable.exact(hashes, start), PACE, tell("the student learns")), projection


def lesson_of(
    english: Sequence[str], goals: Floats, pairs: Sequence[Pair], served: Sequence[str]
) -> tuple[Lesson, Floats]:
    """English first, then each translation with its English as partner, then once more what customers say.

    :returns: the lesson, and the weight of each of its texts in the choice of features.
    """
    place = {sentence: row for row, sentence in enumerate(english)}
    heard = [pair for pair in pairs for _ in range(AGAIN.get(pair[0], 1))]
    meant = np.array([place[pair[2]] for pair in heard], np.int64)
    again = np.array([place[sentence] for sentence in served] * (CUSTOMERS_AGAIN - 1), np.int64)
    languages = [*["en"] * len(english), *(pair[0] for pair in heard)]
    count = Counter(languages)
    weights = [count[language] ** (BALANCE - 1) for language in languages + ["en"] * len(again)]
    alone = np.full(len(english), -1, np.int64), np.full(len(again), -1, np.int64)
    lesson = Lesson(
        [*english, *(pair[1] for pair in heard), *(english[row] for row in again)],
        goals,
        np.concatenate([np.arange(len(english)), meant, again]),
        np.concatenate([alone[0], meant, alone[1]]),
    )
    return lesson, np.array(weights, np.float32)


def translations(data: Path) -> Iterator[Pair]:
    """Free parallel rows without those of the retrieval tests; Portuguese also by way of another language."""
    english: dict[tuple[str, str], str] = {}
    tests = {language: tested(data, language) for language in LANGUAGES}
    seen = set()
    for language in LANGUAGES:
        rows = pq.read_table(data / "parallel" / f"parallel_en_{language}.parquet").to_pylist()
        for row in sorted((r for r in rows if r["source"] in FREE), key=lambda r: (r["en"], r[language])):
            pair = (language, row[language], row["en"])
            english.setdefault((language, letters(row[language])), row["en"])
            if pair not in seen and letters(row[language]) not in tests[language]:
                seen.add(pair)
                yield pair
    rows = pq.read_table(data / "parallel" / "parallel_pt_other.parquet").to_pylist()
    for row in sorted(rows, key=lambda r: (r["pt"], r["other_lang"], r["other"])):
        through = english.get((row["other_lang"], letters(row["other"])))
        if through and letters(row["pt"]) not in tests["pt"] and ("pt", row["pt"], through) not in seen:
            seen.add(("pt", row["pt"], through))
            yield "pt", row["pt"], through


def own() -> Iterator[Pair]:
    """This project's own sentences in seven languages, and the words of its glossary."""
    for row in shipped.tsv("seeds.tsv"):
        for language in LANGUAGES:
            yield from [(language, row[language], row["en"])] * SEEDS_AGAIN
    words = tomllib.loads(shipped.path("glossary.toml").read_text(encoding="utf-8"))["words"]
    for meaning in words:
        for language in LANGUAGES:
            for word in meaning.get(language, ()):
                yield language, word, meaning["en"][0]


def customers(data: Path) -> Iterator[str]:
    """English sentences of customers and agents, from what is free to learn from; of tests only the training part."""
    for name, column in (
        ("intents/banking77", "text"),
        ("intents/clinc150", "text"),
        ("conversations/multidogo_turn_intents", "utterance"),
    ):
        rows = pq.read_table(data / f"{name}.parquet", columns=[column, "split"]).to_pylist()
        yield from (row[column] for row in rows if row["split"] == "train" and row[column])
    rows = pq.read_table(data / "conversations/star_messages.parquet", columns=["role", "text"]).to_pylist()
    yield from (row["text"] for row in rows if row["role"] in ("customer", "agent") and row["text"])


def tested(data: Path, language: str) -> set[str]:
    """What the retrieval test of a language says, by its letters."""
    rows = pq.read_table(data / "parallel" / f"eval_tatoeba_en_{language}.parquet").to_pylist()
    return {letters(row[language]) for row in rows}


def letters(text: str) -> str:
    """What is left of a text for a comparison: letters and digits, in lower case."""
    return "".join(char for char in text.lower() if char.isalnum())


if __name__ == "__main__":
    main()
