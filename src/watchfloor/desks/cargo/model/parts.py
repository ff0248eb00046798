"""Names of inputs as people know them, and their values in words, to explain contributions by."""

from collections.abc import Mapping
from typing import Any, Final

from watchfloor.desks.cargo.model.core import PEERS, PLAIN, Core
from watchfloor.desks.cargo.model.inputs import HEADINGS
from watchfloor.desks.cargo.model.terms import Term

ROUTE: Final = "route"
_ORDER: Final = ("importer", "shipper", "declarant", "office", "page", "value", "mass", "unit")


def of_term(term: Term) -> str:
    """The part that a term counts for: all headings are `goods`, all of countries is `route`."""
    return ROUTE if term.country else together(term.of)


def together(of: tuple[str, ...]) -> str:
    """One name of one or two words."""
    names = {_plain(one) for one in of}
    order = [one for one in _ORDER if one in names]
    return " & ".join([*order, *sorted(names - set(order))])


def _plain(word: str) -> str:
    return "goods" if word in HEADINGS else word.partition("/")[0]


def of_told(core: Core) -> list[str]:
    """The part that each input of the trees counts for."""
    terms = {term.name: of_term(term) for term in core.terms}
    return [
        *PLAIN,
        *(together((number, heading)) for number, heading in PEERS),
        *(terms[name] for name in core.told),
    ]


def key_of(part: str) -> str:
    """Under which a part is named in `messages.NAMES`: all coded boxes are one."""
    return "code" if part.startswith("code:") else part


def value_of(part: str, row: Mapping[str, Any]) -> str:
    """Return the values of a part's inputs in a declaration, in words."""
    return ", ".join(_said(one, row) for one in part.split(" & "))


def _said(name: str, row: Mapping[str, Any]) -> str:
    value, mass = row["value"], row["mass"]
    if name.startswith("code:"):
        box = name.partition(":")[2]
        return f"{box} " + next(
            (code.partition("=")[2] for code in row["codes"] or () if code.startswith(f"{box}=")), "–"
        )
    if name in ("value", "value digits"):
        return "–" if value is None else f"{value:,} {row['currency'] or ''}".strip()
    if name in ("mass", "mass digits"):
        return "–" if mass is None else f"{mass:,.6g} kg"
    if name == "unit":
        return "–" if value is None or not mass else f"{float(value) / mass:,.4g} {row['currency'] or ''}/kg"
    if name == ROUTE:
        return f"{row['departure'] or '–'} → {row['origin'] or '–'}"
    said = row["hs"] if name == "goods" else row[name]
    return "–" if said is None else f"{said:g} %" if name == "rate" else str(said)
