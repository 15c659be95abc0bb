"""Which language a text is in, and what its words are.

Scripts decide first (kana is Japanese, Han without kana is Chinese …); py3langid, limited to the languages that sellers
meet in Latin script, decides the rest. Placeholders, web addresses and handles say nothing about a language.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from insight.schema import UNKNOWN

LATIN = ("en", "de", "es", "fr", "pt", "it", "nl")
"""What a text in Latin letters may be."""

SCRIPTS = {
    "ko": r"[\uac00-\ud7af\u1100-\u11ff]",
    "ru": r"[\u0400-\u04ff]",
    "ar": r"[\u0600-\u06ff]",
    "th": r"[\u0e00-\u0e7f]",
    "he": r"[\u0590-\u05ff]",
    "el": r"[\u0370-\u03ff]",
    "hi": r"[\u0900-\u097f]",
}
"""Scripts that stand for one language here."""

ENOUGH = 24
"""Letters a text in Latin script needs to be judged alone; below, py3langid errs too often."""

HAN_WEIGHT = 3
"""One Chinese character says about as much as three Latin letters."""

_NOISE = re.compile(r"\[[A-Z]{2,10}\]|https?://\S{1,500}|[@#]\w{1,50}")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")
_OTHERS = {language: re.compile(script) for language, script in SCRIPTS.items()}
_FOREIGN = re.compile(r"[^\x00-ɏ\u2000-\u206f]")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_RUN = re.compile(r"[\u30a1-\u30faー]+|[\u3400-\u9fff々]+|[\u3041-\u3096]+|[A-Za-z0-9À-ɏ]+")


def detect(text: str, *, otherwise: str = UNKNOWN) -> str:
    """The language of a text, ISO 639-1; `otherwise` where there are no words or too few to tell."""
    text = _NOISE.sub(" ", text)
    letters = len(_LETTER.findall(text))
    if _FOREIGN.search(text):
        language = _by_script(text, letters)
        if language:
            return language
    return str(_judge().classify(text)[0]) if letters >= ENOUGH else otherwise


def settle(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    """One language per text. One too short to tell takes the most common of its group, else of all, else a guess.

    `groups` stands beside `texts`: a market, for example. A text without words is in no language: 'unknown'.
    """
    judged = {text: detect(text) for text in set(texts)}
    common: defaultdict[str, Counter[str]] = defaultdict(Counter)
    anywhere: Counter[str] = Counter()
    for text, group in zip(texts, groups, strict=True):
        if judged[text] != UNKNOWN:
            common[group][judged[text]] += 1
            anywhere[judged[text]] += 1
    return [
        judged[text] if judged[text] != UNKNOWN else _assumed(text, common[group] or anywhere)
        for text, group in zip(texts, groups, strict=True)
    ]


def _assumed(text: str, common: Counter[str]) -> str:
    """The language of a short text among others; of equally common languages the first in the alphabet."""
    if not _LETTER.search(_NOISE.sub(" ", text)):
        return UNKNOWN
    return (
        min(common, key=lambda language: (-common[language], language)) if common else str(_judge().classify(text)[0])
    )


def _by_script(text: str, letters: int) -> str:
    """The language whose script says most in the text; '' where Latin letters do."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    counts = {language: len(script.findall(text)) for language, script in _OTHERS.items()}
    counts["ja" if kana > 1 and kana * 8 >= han else "zh"] = (kana + han) * HAN_WEIGHT
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > letters else ""


@cache
def _judge() -> Any:
    """py3langid's model, limited to `LATIN`."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    judge = LanguageIdentifier.from_model_file(MODEL_FILE)
    judge.set_languages(LATIN)
    return judge


def words(text: str, language: str) -> list[str]:
    """The words of a text, lower case, without placeholders: cut by rjieba in Chinese, by script in Japanese."""
    text = _NOISE.sub(" ", text).lower()
    if language == "zh":
        import rjieba

        return [w for w in rjieba.cut(text) if _WORD.fullmatch(w)]
    return _RUN.findall(text) if language == "ja" else _WORD.findall(text)
