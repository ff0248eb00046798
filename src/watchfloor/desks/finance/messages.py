"""Messages of the desk on an account, in English and in French."""

import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from watchfloor.core.messages import Message, declare

ADDS_UP = declare("finance.adds-up", "count", "account", "since", "until", "total")
"""Deposits that are one in the eyes of the regulations."""

PUT_RIGHT = declare("finance.put-right", "day")
"""A signal that is taken back because a payment was written otherwise."""

NO_LONGER = declare("finance.no-longer", "day")
"""The same, of an indicator."""

ENTERED = declare("finance.entered", "day", "account")
"""A signal of an import that is taken back because a customs entry came."""

LIKE_LABELLED = declare(
    "finance.like-labelled",
    "model",
    "until",
    "origin",
    "account",
    "chance",
    "inputs",
    "against",
    "first",
    "without",
    "payments",
    "named",
)
"""A payment that a fitted model holds to be of the labelled kind."""

NO_LONGER_SCORED = declare("finance.no-longer-scored", "day")
"""A model's signal that is taken back."""

_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    row["id"]: row["sentence"]
    for file in (files(__package__) / "typologies").iterdir()
    if file.name.endswith(".toml")
    for row in tomllib.loads(file.read_text("utf-8")).get("indicator", ())
}
"""Of `typology.catalogue` the sentences alone: whoever reads one out has no use for the expressions."""

SENTENCES: Final[Mapping[str, Message]] = {
    id_: declare(f"finance.{id_}", en=sentence["en"], fr=sentence["fr"]) for id_, sentence in _SAID.items()
}
"""What each indicator says, by its id."""


@cache
def defined(en: str, fr: str) -> Message:
    """Declare the message of an indicator that came by a pack, or from a file."""
    digest = sha256("\x1f".join((en, fr)).encode()).hexdigest()
    return declare(f"finance.defined.{digest[:16]}", en=en, fr=fr)


SOME: Final[Mapping[str, Message]] = {
    id_: declare(
        f"finance.{id_}.some",
        en=f"{sentence['en']} Of the {{payments}} payments that prove it the newest {{named}} are named.",
        fr=f"{sentence['fr']} Des {{payments}} paiements qui le prouvent, les {{named}} plus récents sont"
        " nommés.",
    )
    for id_, sentence in _SAID.items()
}
"""The same, where there are more payments than a signal names."""

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "fan-out": (
        "one account pays others that it never paid before, within a short time and by amounts alike",
        "un compte en paie d’autres pour la première fois, en peu de temps et par des montants proches",
    ),
    "fan-in": (
        "one account is paid by others that never paid it before, within a short time and by amounts alike",
        "un compte est payé par d’autres pour la première fois, en peu de temps et par des montants proches",
    ),
    "gather-scatter": (
        "one account gathers from several and then pays about as much out to several others",
        "un compte recueille de plusieurs, puis verse à peu près autant à plusieurs autres",
    ),
    "scatter-gather": (
        "one account pays several, each of whom then pays on to one and the same",
        "un compte en paie plusieurs, dont chacun paie ensuite un seul et même compte",
    ),
    "cycle": (
        "money goes from account to account and comes back to the first",
        "l’argent passe de compte en compte et revient au premier",
    ),
    "bipartite": (
        "several accounts each pay several of the same others",
        "plusieurs comptes paient chacun plusieurs des mêmes autres",
    ),
    "stack": (
        "several accounts pay several others, who then pay several more",
        "plusieurs comptes en paient plusieurs autres, qui en paient ensuite d’autres encore",
    ),
}
_EN: Final = (
    "{count} payments among {accounts} accounts between {since} and {until}, {total} {currency} together:"
)
_FR: Final = "{count} paiements entre {accounts} comptes du {since} au {until}, {total} {currency} au total :"

_CONVERTED_EN: Final = _EN[:-1] + " at the floor's exchange rates of each day ({amounts}):"
_CONVERTED_FR: Final = _FR[:-2] + ", aux taux de change de chaque jour ({amounts}) :"
_CUT_EN: Final = (
    " {cut} searches around accounts with very many partners have been cut short so far: payments may be"
    " missing."
)
_CUT_FR: Final = (
    " {cut} recherches autour de comptes aux très nombreux partenaires ont été écourtées jusqu’ici : des"
    " paiements peuvent manquer."
)


def _schemes(suffix: str, first: tuple[str, str], last: tuple[str, str]) -> dict[str, Message]:
    """A message for each typology: what was paid, the shape, and what is said after it."""
    return {
        name: declare(
            f"finance.pattern-{name}{suffix}",
            en=f"{first[0]} {en}.{last[0]}",
            fr=f"{first[1]} {fr}.{last[1]}",
        )
        for name, (en, fr) in _SHAPES.items()
    }


SCHEMES: Final[Mapping[str, Message]] = _schemes("", (_EN, _FR), ("", ""))
"""What an instance of each typology is."""

SCHEMES_CUT: Final[Mapping[str, Message]] = _schemes(".cut", (_EN, _FR), (_CUT_EN, _CUT_FR))
"""The same, where searches were cut short."""

SCHEMES_CONVERTED: Final[Mapping[str, Message]] = _schemes(
    ".converted", (_CONVERTED_EN, _CONVERTED_FR), ("", "")
)
"""The same of payments in several currencies: `amounts` are the exact sums."""

SCHEMES_CONVERTED_CUT: Final[Mapping[str, Message]] = _schemes(
    ".converted.cut", (_CONVERTED_EN, _CONVERTED_FR), (_CUT_EN, _CUT_FR)
)
"""Both."""

NO_SCHEME = declare("finance.no-scheme", "day")
"""An instance that is taken back."""
