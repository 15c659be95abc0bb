"""Who should look at an early warning first, and what may help: by rule from its kind and the family of its topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insight import shipped, taxonomy
from insight.errors import SettingsError

RULES = "owners.toml"


@dataclass(frozen=True)
class Advice:
    """An owner and remedies, in English and Chinese; a name that the shop told is the same in both."""

    owner: str
    owner_zh: str
    remedies: list[str]
    remedies_zh: list[str]


def advice(kinds: list[str], family: str, *, told: Mapping[str, str], more: tuple[str, ...] = ()) -> Advice:
    """What to suggest where these signs came up, the strongest first.

    :param family: of the taxonomy; empty where the topic was found in the texts and lies near to none.
    :param told: the shop's own names by family. :param more: remedies that come first.
    """
    rules = shipped.toml(RULES)
    rule = rules["kinds"].get(kinds[0]) or rules["families"].get(family) or rules["kinds"]["other"]
    also = [remedy for kind in kinds for remedy in rules["also"].get(kind, [])]
    remedies = [rules["remedies"][name] for name in dict.fromkeys([*more, *rule["remedies"], *also])]
    own = told.get(family)
    name = {"en": own, "zh": own} if own else rules["owners"][rule["owner"]]
    return Advice(name["en"], name["zh"], [one["en"] for one in remedies], [one["zh"] for one in remedies])


def checked(told: Mapping[str, str]) -> Mapping[str, str]:
    """The shop's own names, once each is of a family that there is.

    :raises SettingsError: no topic can be of that family, so that nobody would ever see the name.
    """
    known = taxonomy.families()
    for family in told:
        if family not in known:
            raise SettingsError(
                "no such family of topics", where=f"insight.toml, owners.{family}", came=family, wanted=", ".join(known)
            )
    return told
