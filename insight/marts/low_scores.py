"""Why do some customers give low scores? Topics and words that low scores hold more often than the others do."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insight import contrast, reasons, topic_names
from insight.discovery import benjamini_hochberg
from insight.facts.reviews import BAD
from insight.schema import LOW_SCORES, UNASSIGNED
from insight.topic_names import Word, Words

FALSE = 0.05
"""Of what is called more or less often, at most so much is chance, on average."""
WORDS = 12
"""Words of each kind of score at most."""
TEXTS = 5_000
"""So many mentions of either side are read for words; by the hashes of their texts, which is a fair draw."""
COLUMNS = list(LOW_SCORES.arrow.names)
COUNTS = ["low_n", "low_all", "others_n", "others_all"]


def scored(conversations: pd.DataFrame, orders: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """Mentions of conversations with a survey and of orders with a review, with kind, unit and is_low.

    A survey speaks of its whole conversation; a review of what stands in it. Low is the lowest two fifths of the scale.

    :param conversations: conversation_id and csat_rating.
    :param orders: order_id and bad_review.
    :param mentions: mention_id, origin, conversation_id, order_id, customer_key, language, text, text_hash, topic_id
        and similarity.
    """
    surveyed = conversations.dropna(subset=["csat_rating"])
    surveyed = pd.DataFrame({"unit": surveyed["conversation_id"], "is_low": surveyed["csat_rating"] <= BAD})
    reviewed = orders.dropna(subset=["bad_review"])
    reviewed = pd.DataFrame({"unit": reviewed["order_id"], "is_low": reviewed["bad_review"]})
    talked = mentions[mentions["origin"].isin(["message", "survey"])].rename(columns={"conversation_id": "unit"})
    told = mentions[mentions["origin"] == "review"].rename(columns={"order_id": "unit"})
    kept = ["unit", "mention_id", "customer_key", "language", "text", "text_hash", "topic_id", "similarity"]
    plain = {"unit": object}
    parts = [
        rows[kept].astype(plain).merge(units.astype(plain), on="unit").assign(kind=kind)
        for kind, rows, units in (("survey", talked, surveyed), ("review", told, reviewed))
    ]
    return pd.concat(parts, ignore_index=True).astype({"is_low": bool})


def told(said: pd.DataFrame, *, split: Words, min_customers: int) -> pd.DataFrame:
    """The rows of LOW_SCORES.

    :param said: what `scored` gives, in any order.
    :param split: a text and its language to its words.
    :param min_customers: a topic, a word or a quote needs so many distinct customers.
    """
    said = said.sort_values("mention_id", ignore_index=True)
    parts = [
        rows
        for kind, some in said.groupby("kind", sort=True)
        for rows in (
            _topics(some, min_customers).assign(kind=kind),
            _words(some, split, min_customers).assign(kind=kind),
        )
    ]
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    order = ["kind", "reason_kind", "size", "reason"]
    every = every.sort_values(order, ascending=[True, True, False, True]) if parts else every
    return every.assign(rank=every.groupby(["kind", "reason_kind"]).cumcount() + 1)[COLUMNS]


def _topics(said: pd.DataFrame, enough: int) -> pd.DataFrame:
    """One row per topic: of the scored conversations (or orders) with words, in how many it comes up."""
    units = said.drop_duplicates("unit").groupby("is_low").size()
    here = said[said["topic_id"] != UNASSIGNED]
    once = here.drop_duplicates(["topic_id", "unit"])
    each = once.pivot_table(index="topic_id", columns="is_low", values="unit", aggfunc="count", fill_value=0)
    who = here.groupby("topic_id")["customer_key"].nunique()
    rows = pd.DataFrame({"reason": each.index, "customers": who.reindex(each.index).to_numpy()})
    for name, is_low in (("low", True), ("others", False)):
        rows[f"{name}_n"] = each[is_low].to_numpy() if is_low in each else 0
        rows[f"{name}_all"] = int(units.get(is_low, 0))
    rows = rows[rows["customers"] >= enough]
    quotes = _quotes(here[here["is_low"]], enough)
    rows = rows.assign(reason_kind="topic", reason_en=rows["reason"], reason_zh=rows["reason"])
    return _judged(rows.assign(quote=rows["reason"].map(quotes).astype(object)))


def _quotes(low: pd.DataFrame, enough: int) -> dict[str, str]:
    """By topic, the words nearest to its centre among low scores, where enough customers speak of it there."""
    who = low.groupby("topic_id")["customer_key"].nunique()
    known = low[low["topic_id"].isin(who[who >= enough].index) & (low["similarity"] > 0)]
    best = known.sort_values(["topic_id", "similarity", "mention_id"], ascending=[True, False, True])
    return dict(best.drop_duplicates("topic_id")[["topic_id", "text"]].itertuples(index=False, name=None))


def _words(said: pd.DataFrame, split: Words, enough: int) -> pd.DataFrame:
    """One row per word that surely more customers say among low scores, counted once each; clearest first."""
    drawn = said.sort_values(["text_hash", "mention_id"]).groupby("is_low").head(TEXTS)
    drawn = drawn.assign(label=drawn["is_low"].astype(int))
    customers = drawn.groupby("label")["customer_key"].nunique()
    used = topic_names.counted(topic_names.spoken(drawn, split), topic_names.glossary()[0])
    languages = used[used["label"] == 1].set_index("word")["language"]
    each = used.pivot_table(index="word", columns="label", values="customers", fill_value=0)
    each = each.reindex(columns=[0, 1], fill_value=0)
    each = each[each[1] >= enough]
    known = [Word(str(word), str(languages[word])) for word in each.index]
    english, chinese = reasons.readable(known)
    rows = pd.DataFrame({"reason": each.index, "reason_en": english, "reason_zh": chinese, "reason_kind": "word"})
    for name, label in (("low", 1), ("others", 0)):
        rows[f"{name}_n"] = each[label].to_numpy(dtype=np.int64)
        rows[f"{name}_all"] = int(customers.get(label, 0))
    judged = _judged(rows.assign(customers=each[1].to_numpy(dtype=np.int64), quote=None))
    clear = judged[judged["verdict"] == "more often"]
    return clear.sort_values(["size", "reason"], ascending=[False, True])[:WORDS]


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares on both sides, their difference with its interval, and what it says; none where a side has no row."""
    rows = rows[(rows["low_all"] > 0) & (rows["others_all"] > 0)].astype(dict.fromkeys(COUNTS, "int64"))
    found = contrast.shares(*(rows[name] for name in COUNTS))
    q = benjamini_hochberg(found.p) if len(rows) else found.p
    sure = (q <= FALSE) & (found.size > 0)
    return rows.assign(
        share=rows["low_n"] / rows["low_all"],
        others=rows["others_n"] / rows["others_all"],
        difference=found.difference,
        low=found.low,
        high=found.high,
        q=q,
        size=found.size,
        verdict=np.select(
            [sure & (found.low > 0), sure & (found.high < 0)], ["more often", "less often"], "cannot tell"
        ),
    )
