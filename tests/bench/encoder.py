"""`make bench`: the encoder of the settings beside MiniLM, TF-IDF + SVD and Model2Vec, on public sets, in one run.

`python -m tests.bench.encoder [OPTION ...]` hands further options to `insight eval encoder`: `--adapt`, `--limit 500`,
`--json`, `--peers tfidf,minilm`, `-s insight.toml`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
LABELLED = (
    "intents/banking77.parquet:text:intent:split=test:split=train",
    "intents/dstc11_call_intents_dev.parquet:text:intent",
    "intents/clinc150.parquet:text:intent:split=test:split=train",
    "conversations/bitext_customer_service_intents.parquet:utterance:intent",
)
LANGUAGES = ("de", "es", "fr", "ja", "pt", "zh")
ACTS = (
    "closinggreeting",
    "confirmation",
    "contentonly",
    "openinggreeting",
    "outofdomain",
    "rejection",
    "startserviceintent",
    "thankyou",
)
"""Of MultiDoGO: what is no matter of its own, such as a yes, a name or a greeting."""
LEAST = 20
"""A rarer intent of MultiDoGO is left out: most of those are two intents in one sentence."""


def multidogo(folder: Path) -> Path:
    """The test part of MultiDoGO: distinct sentences that bring a matter, each with its intent."""
    rows = pd.read_parquet(DATA / "conversations/multidogo_sentence_intents.parquet")
    rows = rows[(rows["split"] == "test") & ~rows["intent"].isin(ACTS)]
    rows = rows.sort_values(["utterance", "intent"]).drop_duplicates("utterance")
    rows = rows[rows.groupby("intent")["intent"].transform("size") >= LEAST]
    path = folder / "multidogo_test.parquet"
    rows[["utterance", "intent"]].to_parquet(path)
    return path


def main() -> None:
    """Bench and print the table."""
    if not DATA.is_dir():
        sys.exit("there is nothing to measure on: ../shared/data is not beside this checkout")
    with tempfile.TemporaryDirectory() as folder:
        files = [str(DATA / file) for file in LABELLED] + [f"{multidogo(Path(folder))}:utterance:intent"]
        pairs = [f"{DATA}/parallel/eval_tatoeba_en_{code}.parquet:en:{code}" for code in LANGUAGES]
        told = [word for pair in pairs for word in ("--parallel", pair)]
        words = (sys.executable, "-m", "insight.cli", "eval", "encoder", *files, *told, *sys.argv[1:])
        sys.exit(subprocess.run(words, check=False).returncode)


if __name__ == "__main__":
    main()
