"""Does a forest of small trees see more than straight lines do? LightGBM as a challenger of the hazard.

It never speaks before it has won a purged rolling backtest. Whatever it says is taken apart exactly: the log-odds are a
base and one number per sign (the trees' own Shapley values), and their sum is the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from insight.errors import MissingPart

Numbers = npt.NDArray[np.float64]

ROUNDS = 200
CAREFUL = {
    "objective": "binary",
    "num_leaves": 4,
    "learning_rate": 0.04,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}
"""Small trees, slow steps: few cases go bad, and what shifts from month to month must not be learnt by heart."""
SURE = {"num_threads": 1, "deterministic": True, "force_col_wise": True, "verbosity": -1}
"""Two fits of the same cases are the same to the last bit."""
LEAF = 160
SEEDS = (0, 1)
HEADER = "insight forests 1"
BETWEEN = "\n=== next forest ===\n"


@dataclass(frozen=True)
class Forests:
    """Several forests that differ in their draws only; their log-odds are averaged.

    `texts` is what LightGBM writes of each: the whole model as plain text, for keeping.
    """

    texts: tuple[str, ...]

    @cached_property
    def _models(self) -> list[Any]:
        from lightgbm import Booster

        return [Booster(model_str=text) for text in self.texts]

    def added(self, signs: Any) -> Numbers:
        """Log-odds of n cases by their signs (n, p): shape (n,)."""
        x = np.ascontiguousarray(signs, dtype=np.float64)
        if not len(x):
            return np.empty(0)
        return np.asarray(np.mean([m.predict(x, raw_score=True, num_threads=1) for m in self._models], axis=0))

    def reasons(self, signs: Any) -> Numbers:
        """The same taken apart: (n, p + 1), one column per sign and the base last; each row sums to `added`.

        Source: S. M. Lundberg et al. (2020), From local explanations to global understanding with explainable AI for
        trees, Nature Machine Intelligence 2.
        """
        x = np.ascontiguousarray(signs, dtype=np.float64)
        if not len(x):
            return np.empty((0, x.shape[1] + 1))
        return np.asarray(np.mean([m.predict(x, pred_contrib=True, num_threads=1) for m in self._models], axis=0))

    def text(self) -> str:
        """All forests as one text, which `read` takes."""
        return f"{HEADER}\n" + BETWEEN.join(self.texts)


def present() -> bool:
    """Whether LightGBM can be loaded: it needs the system's libgomp, which some machines lack."""
    try:
        import lightgbm  # noqa: F401
    except OSError:
        return False
    return True


def fit(
    signs: Any,
    happened: Any,
    *,
    rising: Sequence[int] | None = None,
    weight: Any = None,
    leaf: int = LEAF,
    seeds: Sequence[int] = SEEDS,
) -> Forests:
    """Forests for n cases.

    :param signs: (n, p). :param happened: (n,) whether it happened; cases that were not watched to the end stay out.
    :param rising: (p,) 1 where more of a sign can only raise the chance, -1 where only lower it, 0 where anything goes.
    :param weight: (n,) how much each case counts. :param leaf: cases that a leaf has at least.
    """
    import lightgbm

    x, y = np.ascontiguousarray(signs, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    shape = {"monotone_constraints": [int(way) for way in rising]} if rising is not None else {}
    texts = []
    for seed in seeds:
        told = CAREFUL | SURE | shape | {"seed": int(seed), "min_data_in_leaf": int(leaf)}
        data = lightgbm.Dataset(x, y, weight=weight, params=dict(SURE), free_raw_data=True)
        texts.append(lightgbm.train(told, data, ROUNDS).model_to_string())
    return Forests(tuple(texts))


def read(text: str) -> Forests:
    """What `Forests.text` wrote.

    :raises MissingPart: the text is something else.
    """
    first, _, rest = text.partition("\n")
    if first != HEADER or not rest.startswith("tree"):
        raise MissingPart("these are no forests", came=first[:40], wanted=HEADER, fix="train the risk again")
    return Forests(tuple(rest.split(BETWEEN)))
