"""Shapes of personal data: one pattern each, with a check where a pattern cannot tell.

Every quantifier is bounded, so that hostile text costs time in proportion to its length only. No word boundary is used:
between a Chinese character and a digit there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SHAPES", "SUSPECT", "Shape", "iban_length", "luhn"]


@dataclass(frozen=True)
class Shape:
    """One shape of personal data: the group 'it' of the pattern (or all of it), where `accept` agrees."""

    name: str
    pattern: re.Pattern[str]
    accept: Callable[[str], bool] = lambda found: True


# ---------------------------------------------------------------- checks that a pattern cannot make


def _digits(found: str) -> str:
    return "".join(c for c in found if c.isdigit())


def luhn(found: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    digits = [int(d) for d in reversed(_digits(found))]
    doubled = (d * 2 - 9 if d > 4 else d * 2 for d in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


IBAN_LENGTHS = {
    country[:2]: int(country[2:])
    for country in (  # noqa: SIM905 - seventy-seven quoted strings would be harder to check against the registry
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
        "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 "
        "SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
}
"""Characters of an IBAN by country (SWIFT IBAN registry)."""


def iban_length(found: str) -> int:
    """How many characters of `found` are a valid IBAN, blanks included (ISO 13616: mod 97 is 1); 0 for none."""
    length, seen = IBAN_LENGTHS.get(found[:2].upper(), 0), ""
    for place, mark in enumerate(found):
        seen += mark if mark not in " -" else ""
        if length and len(seen) == length:
            turned = (seen[4:] + seen[:4]).upper()
            return place + 1 if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0
    return 0


_DATE = re.compile(r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d)(?!\d)")


def _order(found: str) -> bool:
    return len(_digits(found)) >= 4 and not _DATE.match(found)


def _phone(found: str) -> bool:
    return 9 <= len(_digits(found)) <= 14 and not _DATE.match(found)


def _octets(found: str) -> bool:
    return all(int(part) < 256 for part in found.split("."))


# ---------------------------------------------------------------- the shapes, in the order in which they claim text

_LOCAL = r"[A-Za-z0-9À-ɏ._%+'-]{1,64}+"
_LABEL = r"[A-Za-z0-9À-ɏ-]{1,63}"
_TLD = (
    r"(?:com|net|org|info|biz|shop|store|app|dev|io|me|tv|eu|de|at|ch|cn|hk|tw|jp|kr|sg|es|fr|it|nl|be|pt|br|mx|ar|uk|us|"
    r"ca|au|in|ru|pl|se|dk|no|fi|cz)(?![A-Za-z0-9])"
)
_AT = r"(?: {0,2}@ {0,2}| ?[\[({<] ?(?:at|arroba|ät|@) ?[\])}>] ?)"
_SAID_DOT = r"(?: ?[\[({<] ?(?:dot|punkt|punto|point|\.) ?[\])}>] ?| (?:dot|punkt|punto) )"
_DOT = rf"(?:\.| \. |{_SAID_DOT})"

_ORDER_WORD = (
    r"(?<![A-Za-z])(?:orders?|purchase|bestell(?:ung|nummer|-?nr)?|auftrag(?:snummer|s-?nr)?|pedido|compra|commande|ordine|"
    r"bestelling|encomenda)|订单|訂單|单号|單號|注文|オーダー"
)
_LINK = (
    r"(?:[\s:#.,'\"()=/-]|numbers?|num|no|nr|ids?|is|was|nummer|n[uú]mero|num[eé]ro|n[ºo°]|code|ref|reference|lautet|ist|es|"
    r"est|号码|编号|番号|号|號|是|为|為|は|が){0,8}"
)
_PHONE_WORD = (
    r"(?:phone|telephone|tel|mobile|cell|whatsapp|wechat|call me|text me|telefon(?:nummer)?|handy(?:nummer)?|mobil|"
    r"tel[eé]fono|m[oó]vil|celular|t[eé]l[eé]phone|电话|電話|手机|手機|联系方式|致电|拨打|携帯|微信)"
)
_NO_STREET = r"(?:the|a|my|on|in|of|(?:minute|hour|day|week|month|mile)s?)"
_UNIT = r"(?i:[,\s]{1,2}(?:apt|apartment|suite|ste|unit|flat|floor|piso|no|#)\.? ?#?\d[A-Z0-9-]{0,7}(?![A-Za-z0-9]))"
_CITY = r"[A-ZÀ-Þ][A-Za-zÀ-ɏ'.-]{1,24}(?:[ -](?:(?:de|del|la|am|upon|do|da) )?[A-ZÀ-Þ][A-Za-zÀ-ɏ'.-]{1,24}){0,2}"
_POSTCODE = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{2},? )?[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{2,3},? \d{4,5}(?:-\d{3,4})?|"
    r"\d{5,6}(?:-\d{3,4})?(?: [A-Z]{2})?)(?![A-Za-z0-9])"
)
_BEFORE_CITY = r"(?:[A-Z]{1,2}-)?(?:\d{4,5}|\d{4} ?[A-Z]{2}|\d{4}-\d{3}|\d{5}-\d{3})"
_TOWN = (
    rf"(?-i:{_UNIT}{{0,2}}(?:(?:[,\s]{{1,3}}{_CITY}){{1,2}}[,\s]{{1,3}}{_POSTCODE}"
    rf"|[,\s]{{1,3}}{_BEFORE_CITY} {_CITY}(?![A-Za-zÀ-ɏ])|[,\s]{{1,3}}Singapore \d{{1,6}}(?!\d))?)"
)
"""What follows a street: flat, town and postcode, in either order. A town without a postcode has no shape."""
_WAY_PLAIN = r"(?:street|avenue|ave|road|boulevard|blvd|highway|parkway|pkwy|terrace|crescent)"
_WAY_NAMED = r"(?:St|Rd|Ln|Lane|Dr|Drive|Ct|Court|Way|Place|Pl|Square|Sq|Close|Row|Hill|Gardens|Park|Circle|Cir|Trail)"
_HAN = r"[\u4e00-\u9fff]"
_PLACE = r"(?:(?![到在是寄址为住改成送请我的])[\u4e00-\u9fff])"
_KANA_HAN = r"[\u3040-\u30ff\u4e00-\u9fffー々]"


def _shape(name: str, pattern: str, accept: Callable[[str], bool] | None = None, *, case: bool = False) -> Shape:
    return Shape(name, re.compile(pattern, 0 if case else re.IGNORECASE), accept or (lambda found: True))


SHAPES = (
    _shape("EMAIL", rf"{_LOCAL}@(?:{_LABEL}\.){{1,5}}[A-Za-zÀ-ɏ]{{2,24}}"),
    _shape("EMAIL", rf"{_LOCAL}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{0,3}}{_DOT}{_TLD}"),
    _shape("EMAIL", rf"{_LOCAL} (?:at|arroba) {_LABEL}(?:{_SAID_DOT}{_LABEL}){{0,3}}{_SAID_DOT}{_TLD}"),
    _shape("TOKEN", r"https?://[^\s?#]{1,500}[?#](?P<it>[^\s\u3000-\u303f\u4e00-\u9fff]{1,2000})"),
    _shape("IBAN", r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", lambda found: iban_length(found) > 0),
    _shape("ORDER", r"(?<![0-9-])(?P<it>\d{3}-\d{7}-\d{7})(?![0-9])"),
    _shape("ORDER", r"(?<![0-9-])(?P<it>\d{2}-\d{5}-\d{5})(?![0-9])"),
    _shape("ORDER", rf"(?:{_ORDER_WORD}){_LINK}(?P<it>[A-Z0-9](?:-?[A-Z0-9]){{4,29}})(?![A-Z0-9])", _order),
    _shape("ORDER", r"(?<![A-Za-z0-9&])#[A-Z]{0,4}-?\d{4,12}(?![0-9])"),
    _shape("CARD", r"(?<![0-9A-Za-z])[2-6]\d{3}(?:[ -]?\d){9,15}(?![0-9])", luhn),
    _shape("NUMBER", r"(?<![0-9A-Za-z])(?:\d{4}[ -]){3}\d{4}(?![0-9])"),
    _shape(
        "PHONE", rf"{_PHONE_WORD}[^0-9+\n]{{0,12}}(?P<it>\+?\(?\d[\d ()./-]{{4,18}}\d)", lambda f: not _DATE.match(f)
    ),
    _shape("PHONE", r"(?<![0-9])(?:\+|00)[1-9]\d{0,2}[ ()./-]{0,3}(?:\d[ ()./-]{0,2}){6,11}\d(?![0-9])", _phone),
    _shape("PHONE", r"(?<![0-9])(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9])"),
    _shape("PHONE", r"(?<![0-9A-Za-z-])(?<![0-9][.,])\(?0\d{1,5}\)?(?:[ ./-]{1,3}\d{2,8}){1,5}(?![0-9])", _phone),
    _shape("PHONE", r"(?<![0-9A-Za-z])(?:0\d{9,11}|[67]\d{8})(?![0-9])"),
    _shape("PHONE", r"(?<![0-9A-Za-z-])[6-9]\d{2}(?:[ -]\d{3}[ -]\d{3}|(?:[ -]\d{2}){3})(?![0-9-])"),
    _shape(
        "PHONE", r"(?<![0-9A-Za-z-])(?:1[ .-])?(?:\(\d{3}\)[ .-]{0,2}|[2-9]\d{2}[ .-]{1,2})\d{3}[ .-]\d{4}(?![0-9])"
    ),
    _shape("PHONE", r"(?<![0-9A-Za-z-])\(?\d{2}\)? ?9\d{4}[ -]\d{4}(?![0-9])"),
    _shape("IP", r"(?<![0-9A-Za-z.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9.])", _octets),
    _shape("IP", r"(?<![0-9A-Za-z:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![0-9A-Za-z:])"),
    _shape(
        "ADDRESS",
        rf"(?<![0-9A-Za-z])\d{{1,5}}[a-z]?,? (?:(?!{_NO_STREET} )[A-Za-z'.]{{2,20}} ){{1,3}}{_WAY_PLAIN}(?![A-Za-z])\.?"
        rf"{_TOWN}",
    ),
    _shape(
        "ADDRESS",
        rf"(?<![0-9A-Za-z])\d{{1,5}}[a-z]?,? (?:[A-Z][A-Za-z'.]{{1,20}} ){{1,3}}{_WAY_NAMED}(?![A-Za-z])\.?"
        rf"{_TOWN}",
        case=True,
    ),
    _shape(
        "ADDRESS",
        r"(?<![a-zäöüß])[a-zäöüß-]{2,25}(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse) ?\d{1,4} ?[a-z]?(?![0-9a-z])"
        rf"{_TOWN}",
    ),
    _shape(
        "ADDRESS",
        r"(?<![A-Za-z])"
        r"(?:(?:calle|avenida|avda\.?|plaza|carrer|carretera|rua) |c/ ?|"
        r"(?:paseo|camino|ronda|via|viale|piazza|corso) (?-i:(?=[A-Z])))"
        r"(?:(?:de|del|la|las|los|el|da|do|dos|di|della) ){0,3}[A-Za-zÀ-ɏ'.]{2,20}(?: [A-Za-zÀ-ɏ'.]{2,20}){0,3},? "
        r"?(?:n[ºo°.]{1,2} ?)?\d{1,4}(?![0-9])(?:[, ]{1,2}\d{1,2}[ºª°oa] ?[A-Za-z]?(?![A-Za-z]))?"
        rf"{_TOWN}",
    ),
    _shape(
        "ADDRESS",
        r"(?<![0-9A-Za-z])\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|chemin|impasse|quai|allée) "
        r"[A-Za-zÀ-ɏ'’-]{1,20}(?: [A-Za-zÀ-ɏ'’-]{1,20}){0,4}"
        rf"{_TOWN}",
    ),
    _shape(
        "ADDRESS",
        r"(?<![A-Za-z])(?:p\.? ?o\.? ?box|post office box|postfach|apartado de correos|apdo\.?|bo[iî]te postale|"
        rf"caixa postal|私書箱) ?(?:n[ºo°.]{{1,2}} ?|#)?\d{{1,7}}(?![0-9]){_TOWN}",
    ),
    _shape(
        "ADDRESS",
        rf"{_PLACE}{{2,16}}(?:\d{{1,3}})?(?:路|街|大道|巷|弄|胡同|道) ?\d{{1,5}} ?(?:号|弄|座|幢|栋)"
        rf"(?:[\u4e00-\u9fffA-Z\d-]{{0,12}}?(?:号楼|栋|幢|楼|层|单元|室|号|座|\d-\d{{1,4}})){{0,3}}",
    ),
    _shape(
        "ADDRESS",
        rf"{_HAN}{{2,12}}(?:小区|花园|公寓|大厦|广场|村|苑)\d{{1,4}}(?:号楼|栋|幢|号|座)[\dA-Z]{{0,5}}(?:单元|室)?\d{{0,5}}室?",
    ),
    _shape(
        "ADDRESS",
        rf"(?:〒? ?\d{{3}}-\d{{4}} ?)?(?:東京都|北海道|(?:京都|大阪)府|{_HAN}{{2,3}}県){_KANA_HAN}{{1,20}}?\d{{1,4}}"
        r"(?:(?:丁目|番地|番|号|[-−–の])\d{0,4}){1,4}(?:号室?)?",
    ),
    _shape(
        "ADDRESS",
        rf"{_KANA_HAN}{{1,6}}[市区町村]{_KANA_HAN}{{1,8}}?\d{{1,4}}(?:(?:丁目|番地|番|号)\d{{0,4}}|[-−–の]\d{{1,4}}(?![\d天日个個時年月点])){{1,4}}",
    ),
    _shape("ADDRESS", r"〒 ?\d{3}-?\d{4}"),
    _shape("NUMBER", r"(?<![A-Za-z0-9])(?:1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2})(?![A-Za-z0-9])"),
    _shape("NUMBER", r"(?<![A-Za-z])\d{10,64}"),
    _shape("HANDLE", r"(?<![A-Za-z0-9.@/])@(?:[A-Za-z_][A-Za-z0-9_]{2,30}|\d{4,20})(?![A-Za-z0-9_])"),
)
"""Adding a shape is one line. An earlier shape claims its text before a later one sees it."""

SUSPECT = re.compile(r"[0-9@]|[\[({<] ?(?:at|arroba|ät)|(?: at | arroba )", re.IGNORECASE)
"""A text without any of these holds none of the shapes."""
