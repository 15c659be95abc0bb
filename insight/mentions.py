"""Customers' texts to issue mentions: pieces that say something, without greetings, order numbers, menus, quoted mail.

Every piece of every customer's text ends in exactly one of two tables: MENTIONS, or FILTERED with a reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insight import shipped
from insight.engines.base import Frame
from insight.phrases import expression, spelled_out
from insight.schema import UNKNOWN

TEXTS = pa.schema(
    [(name, pa.string()) for name in ("origin", "origin_id", "conversation_id", "customer_key", "order_id", "sku")]
    + [(name, pa.string()) for name in ("platform", "market", "text", "language")]
    + [("said_ms", pa.int64()), ("prompt", pa.string())]
)
"""What `pieces` is given: one row per text of a customer; `prompt` is what a bot had said right before."""

PIECES = pa.schema(
    [(name, pa.string()) for name in ("origin", "origin_id")]
    + [("piece", pa.int64())]
    + [(name, pa.string()) for name in ("text", "text_hash", "reason")]
)
"""What `pieces` gives: one row per piece; `reason` is null where the piece is a mention."""

LEAST = 3
"""A sentence of fewer words (two Chinese characters make one) does not stand alone; it joins its neighbour."""

LONG = 6
"""Chinese and Japanese chain whole sentences by commas: behind this many words a comma ends a piece."""

SHORT_OPTION = 40
"""A longer answer to a bot is no choice from its menu, even where the bot's words hold it. In characters."""

CONTEXT = ("conversation_id", "customer_key", "order_id", "sku", "platform", "market", "language", "said_ms")


class Piece(NamedTuple):
    """A part of a text; `reason` is empty where it says something."""

    text: str
    reason: str


# ---------------------------------------------------------------- which texts, said by whom, about what


def orders_with_product(orders: Frame, order_items: Frame) -> Frame:
    """One row per order: who bought, where, and the product where the order has only one."""
    products = (
        order_items.group_by("order_id")
        .agg(nw.col("sku").min().alias("_first"), nw.col("sku").max().alias("_last"))
        .filter(nw.col("_first") == nw.col("_last"))
        .select("order_id", nw.col("_first").alias("_only_sku"))
    )
    buyer = nw.col("customer_key").alias("_buyer")
    place = (nw.col("platform").alias("_platform"), nw.col("market").alias("_market"))
    return orders.select("order_id", buyer, *place).join(products, on="order_id", how="left")


def of_messages(messages: Frame, conversations: Frame, bought: Frame) -> Frame:
    """What customers wrote in conversations; `prompt` is what a bot had said right before."""
    before = [nw.col(c).shift(1).over("conversation_id", order_by="seq").alias(f"_{c}") for c in ("author", "text")]
    said = messages.with_columns(*before).filter(nw.col("author") == "customer")
    prompt = nw.when(nw.col("_author") == "bot").then(nw.col("_text"))
    said = said.select(
        nw.lit("message").alias("origin"),
        nw.col("message_id").alias("origin_id"),
        "conversation_id",
        "text",
        "language",
        nw.col("sent_ms").alias("said_ms"),
        prompt.alias("prompt"),
    )
    return _in_conversation(said, conversations, bought)


def of_surveys(surveys: Frame, conversations: Frame, bought: Frame) -> Frame:
    """What customers wrote beside their score."""
    said = surveys.filter(~nw.col("comment").is_null()).select(
        nw.lit("survey").alias("origin"),
        nw.col("survey_id").alias("origin_id"),
        "conversation_id",
        nw.col("comment").alias("text"),
        "language",
        nw.col("answered_ms").alias("said_ms"),
        nw.lit(None, nw.String).alias("prompt"),
    )
    return _in_conversation(said, conversations, bought)


def of_reviews(reviews: Frame, bought: Frame) -> Frame:
    """What customers wrote in public."""
    return (
        reviews.filter(~nw.col("text").is_null())
        .join(bought, on="order_id", how="left")
        .select(
            nw.lit("review").alias("origin"),
            nw.col("review_id").alias("origin_id"),
            nw.lit(None, nw.String).alias("conversation_id"),
            nw.coalesce("customer_key", "_buyer", nw.lit(UNKNOWN)).alias("customer_key"),
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            "platform",
            "market",
            "text",
            "language",
            nw.col("reviewed_ms").alias("said_ms"),
            nw.lit(None, nw.String).alias("prompt"),
        )
    )


def of_returns(returns: Frame, bought: Frame) -> Frame:
    """What customers wrote when they sent something back."""
    return (
        returns.filter(~nw.col("comment").is_null())
        .join(bought, on="order_id", how="left")
        .select(
            nw.lit("return").alias("origin"),
            nw.col("return_id").alias("origin_id"),
            nw.lit(None, nw.String).alias("conversation_id"),
            nw.coalesce("_buyer", nw.lit(UNKNOWN)).alias("customer_key"),
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            nw.coalesce("_platform", nw.lit(UNKNOWN)).alias("platform"),
            nw.coalesce("_market", nw.lit(UNKNOWN)).alias("market"),
            nw.col("comment").alias("text"),
            "language",
            nw.col("returned_ms").alias("said_ms"),
            nw.lit(None, nw.String).alias("prompt"),
        )
    )


def texts(*frames: Frame) -> Frame:
    """All customers' texts in one frame, in an order of their own."""
    return nw.concat(list(frames)).sort("origin", "origin_id")


def _in_conversation(said: Frame, conversations: Frame, bought: Frame) -> Frame:
    """The context of a text that was said in, or about, a conversation."""
    known = conversations.select("conversation_id", "customer_key", "order_id", "sku", "platform", "market")
    return (
        said.join(known, on="conversation_id", how="inner")
        .join(bought, on="order_id", how="left")
        .select(
            "origin",
            "origin_id",
            "conversation_id",
            "customer_key",
            "order_id",
            nw.coalesce("sku", "_only_sku", nw.lit(UNKNOWN)).alias("sku"),
            "platform",
            "market",
            "text",
            "language",
            "said_ms",
            "prompt",
        )
    )


# ---------------------------------------------------------------- texts to pieces


def pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of texts (origin, origin_id, text, prompt) to batches of PIECES. Equal texts are read once per call."""
    known: dict[tuple[str, str], list[Piece]] = {}
    for batch in batches:
        rows: list[tuple[Any, ...]] = []
        for origin, key, text, prompt in zip(
            *(batch.column(c).to_pylist() for c in ("origin", "origin_id", "text", "prompt")), strict=True
        ):
            said = (text, prompt or "")
            if said not in known:
                known[said] = split(*said)
            rows += [
                (origin, key, number, piece.text, None if piece.reason else text_hash(piece.text), piece.reason or None)
                for number, piece in enumerate(known[said], start=1)
            ]
        columns = zip(*rows, strict=True) if rows else [[]] * len(PIECES)
        yield pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, PIECES, strict=True)], schema=PIECES)


def split(text: str, prompt: str = "") -> list[Piece]:
    """The pieces of one text, in order; together they hold all its words.

    :param prompt: what a bot had said right before, so that a choice from its menu is known as one.
    """
    if _is_choice(text, prompt):
        return [Piece(text.strip(), "menu_choice")]
    head, own, tail = _letter(text)
    said = [piece for reason, run in groupby(_atoms(own), key=lambda a: a.reason) for piece in _joined(reason, [*run])]
    return [*head, *said, *tail] or [Piece("", "no_words")]


def folded(text: str) -> str:
    """The spelling under which equal texts are one: NFKC, case folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_hash(text: str) -> str:
    """Which text this is, whatever its case and blanks."""
    return sha256(folded(text).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- pieces to tables


def told(found: pa.Table, texts: pa.Table, clock: ZoneInfo) -> pa.Table:
    """The rows of MENTIONS: pieces that say something, with the context of their text."""
    said = found.filter(pc.is_null(found["reason"]))
    place = pc.index_in(_place(said), _place(texts))
    context = texts.select(CONTEXT).take(place)
    days = pd.to_datetime(context["said_ms"].to_pandas(), unit="ms", utc=True).dt.tz_convert(clock).dt.date
    mention = pc.binary_join_element_wise(said["origin"], said["origin_id"], said["piece"].cast(pa.string()), ":")
    said = said.drop_columns(["piece", "reason"]).add_column(0, "mention_id", mention)
    for name in CONTEXT:
        said = said.append_column(name, context[name])
    return said.append_column("day", pa.array(days, pa.date32()))


def filtered(found: pa.Table) -> pa.Table:
    """The rows of FILTERED: pieces that are no mention, each with its reason."""
    return found.filter(pc.is_valid(found["reason"])).select(["origin", "origin_id", "piece", "reason"])


def _place(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows["origin"], rows["origin_id"], ":")


# ---------------------------------------------------------------- how a text comes apart

_HAN = r"぀-ヿ㐀-鿿가-힯"
_ENDS = rf"[.!?…]+[\"'”’)\]]*(?=\s|$|[{_HAN}])|[。！？；;｡]+[”’」』）)]*|\n+"
_COMMAS = rf",(?=[\s{_HAN}])|[，、](?!\d)| [-–—] "
_BREAK = re.compile(rf"((?:{_ENDS}|{_COMMAS})\s*)")
_LINK = re.compile(r"(?:https?://|www\.)\S+|@\w+")
_APART = re.compile(r"(^(?:@\w+[\s,:]*)+|(?:https?://|www\.)\S+)")
_EASTERN = re.compile(rf"[{_HAN}]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class _Atom(NamedTuple):
    """The least part of a text that is looked at: up to a comma or the end of a sentence."""

    text: str
    reason: str
    ends: bool


def _atoms(text: str) -> Iterator[_Atom]:
    """A text as atoms; each is procedural as a whole, or says something."""
    closing = False
    for part in _APART.split(text):
        broken = _BREAK.split(part)
        for words, mark in zip(broken[::2], [*broken[1::2], ""], strict=True):
            if not (words + mark).strip():
                continue
            reason = "signature" if closing and _weight(words) <= LEAST + 2 else _reason(words)
            closing = reason == "signature"
            yield _Atom(words + mark, reason, ends=not re.match(_COMMAS, mark))


def _joined(reason: str, atoms: list[_Atom]) -> Iterator[Piece]:
    """A run of atoms as pieces: what is procedural stays together, the rest falls into sentences that stand alone."""
    if reason:
        yield Piece("".join(a.text for a in atoms).strip(), reason)
        return
    sentences: list[str] = []
    open_end = False
    for atom in atoms:
        alone = not open_end or _opens_clause(atom.text) or (_EASTERN.match(atom.text) and _weight(sentences[-1]) >= LONG)
        if sentences and (not alone or min(_weight(sentences[-1]), _weight(atom.text)) < LEAST):
            sentences[-1] += atom.text
        else:
            sentences.append(atom.text)
        open_end = not atom.ends
    yield from (Piece(s.strip(), "") for s in sentences)


def _weight(text: str) -> float:
    """Words in a text; two Chinese or Japanese characters make one."""
    eastern = len(_EASTERN.findall(text))
    return eastern / 2 + (len(_WORD.findall(_EASTERN.sub(" ", text) if eastern else text)))


def _letter(text: str) -> tuple[list[Piece], str, list[Piece]]:
    """The head of a mail, the customer's own words, and what was quoted or stands below the words as a signature."""
    if "\n" not in text and ":" not in text and "：" not in text:
        return [], text, []
    head = _patterns().header.match(text)
    own = text[head.end() :] if head else text
    tail = []
    if quote := _patterns().quoted.search(own):
        later = own[quote.end() :].splitlines(keepends=True)
        marked = any(line.startswith(">") for line in later)
        answer = "".join(line for line in later if marked and not line.startswith(">"))
        tail.append(Piece(own[quote.start() :].removesuffix(answer).strip(), "quoted"))
        own = f"{own[: quote.start()]}\n{answer}"
    if lines := [line for line in own.splitlines() if line.startswith(">")]:
        tail.append(Piece("\n".join(lines), "quoted"))
        own = "\n".join(line for line in own.splitlines() if not line.startswith(">"))
    own, dashes, below = own.partition("\n-- \n")
    if dashes:
        tail.append(Piece(below.strip(), "signature"))
    return [Piece(head.group().strip(), "header")] if head else [], own, tail


def _is_choice(text: str, prompt: str) -> bool:
    """Whether a short text repeats an option that a bot had just named."""
    said = folded(text)
    if not prompt or not said or len(said) > SHORT_OPTION:
        return False
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", folded(prompt)) is not None


def _reason(words: str) -> str:
    """Why these words say nothing: the first phrase that is no filler; empty where they do say something."""
    spelled = folded(words)
    patterns = _patterns()
    if not patterns.procedural.fullmatch(spelled):
        return next((reason for reason, pattern in patterns.led.items() if pattern.match(spelled)), "")
    met = [patterns.reasons[phrase] for phrase in patterns.phrase.findall(spelled)]
    return next((reason for reason in met if reason != "filler"), "identification" if _CODE.search(spelled) else "no_words")


def _opens_clause(words: str) -> bool:
    return _patterns().clause.match(folded(words)) is not None


_CODE = re.compile(r"(?<!\w)[#№]?\w*\d[\w.,:/#-]*|\[[\w ]+\]|<[\w ]+>")
"""An order number, a time, an amount, or what masking put in the place of one."""

_NAME = r"(?:\W+\w+){0,3}\W*$"
"""What follows a phrase that announces or closes with a name."""

_REASONS = ("greeting", "thanks", "acknowledgement", "goodbye", "identification", "menu_choice", "signature", "filler")


class _Patterns(NamedTuple):
    """models/procedural.toml, compiled once. Languages share one pattern: chats mix them, and short texts hide theirs."""

    reasons: dict[str, str]
    phrase: re.Pattern[str]
    procedural: re.Pattern[str]
    led: dict[str, re.Pattern[str]]
    clause: re.Pattern[str]
    header: re.Pattern[str]
    quoted: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    lists: dict[str, dict[str, list[str]]] = shipped.toml("procedural.toml")
    of = {name: [folded(p) for listed in lists[name].values() for p in spelled_out(listed)] for name in lists}
    reasons = {phrase: reason for reason in reversed(_REASONS) for phrase in of[reason]}
    phrase = _any(reasons)
    quoted = "|".join(p for listed in lists["quoted"].values() for p in listed)
    heads = "|".join(map(re.escape, of["header"]))
    return _Patterns(
        reasons=reasons,
        phrase=re.compile(phrase),
        procedural=re.compile(rf"(?:{phrase}|{_LINK.pattern}|{_CODE.pattern}|[\W_])*+"),
        led={
            "identification": re.compile(rf"\W*{_any(of['named'])}{_NAME}"),
            "signature": re.compile(rf"\W*{_any(of['signature'])}{_NAME}"),
        },
        clause=re.compile(_any(of["clause"])),
        header=re.compile(rf"\s*(?:(?:{heads})\s*[:：][^\n]*(?:\n\s*|$))+", re.IGNORECASE),
        quoted=re.compile(quoted, re.IGNORECASE),
    )


def _any(phrases: Iterable[str]) -> str:
    """One expression for phrases of all languages: those of Chinese and Japanese need no blanks around them."""
    eastern = {p: bool(_EASTERN.search(p)) for p in phrases}
    apart = expression((p for p in eastern if not eastern[p]), apart=True)
    return f"(?:{apart}|{expression((p for p in eastern if eastern[p]), apart=False)})"
