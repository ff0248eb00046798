"""Titles of leads and names of subjects: what it is, where and since when, in either language.

A title is made from a lead's own facts: the weightiest signal that is no report, or else the report. Keys are
never in it. A name comes from a feed and may be anything: it is cut, loses its control characters, and where
it runs from right to left it is set apart (Unicode Annex 9), so that it cannot turn the rest of the line.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from watchfloor.cell.identity.names import Name
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.nearby import LASTS
from watchfloor.cell.weighing.weights import REPORTED, Weights
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.core.subjects import SYSTEMS, parts
from watchfloor.messages import country, number
from watchfloor.messages.catalogue import Catalogue

Names = Mapping[str, Name]

LONGEST: Final = 80
"""Letters of a name."""
NEAR: Final = 100_000.0
"""Metres from the border within which a place is told by its kilometre."""
ON: Final = 50.0
"""Metres from the border up to which a place is on it."""
SEEN_AS: Final = "surveillance."
"""How ids of messages about tracks begin; they end with the class of the track."""
FOUND: Final = frozenset({"controlled-substance", "controlled-precursor", "new-substance"})
"""Rules that name a substance in an item."""

_SAYS: Final = Catalogue()
_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"


@dataclass(frozen=True, slots=True)
class Title:
    """A lead's title in both languages."""

    en: str
    fr: str


def title(one: Lead, names: Names, table: Weights) -> Title:
    """Return the title of a lead: what, where and since when.

    Args:
        one: the lead.
        names: what its subjects are called; what has no name there is called by its number.
        table: the weights, for the words of the hypothesis.
    """
    return Title(title_in(one, names, table, "en"), title_in(one, names, table, "fr"))


def title_in(one: Lead, names: Names, table: Weights, language: Language) -> str:
    """Return the title in one language."""
    base = _base(one)
    what, where = _what(one, base, names, table, language), _where(one, base, names, language)
    where = "" if where in what else where
    say = "titles.whole" if where else "titles.placeless"
    return _SAYS.say(say, language, what=what, where=where, since=f"{since(one):%Y-%m-%d %H:%MZ}")


def marking(one: Lead, names: Names) -> str:
    """Return the marking of the records whose names a lead's title may have; empty if there are none."""
    return joined([names[key].marking for key in named(one) if key in names])


def named(one: Lead) -> list[str]:
    """Return the subjects whose names a lead's title may have."""
    return list(dict.fromkeys([_base(one).subject, *filter(_is_craft, one.subjects)]))


def _is_craft(key: str) -> bool:
    return key.startswith(("vessel:", "aircraft:"))


def subject(key: str, names: Names, language: Language) -> str:
    """Return what a subject is called: by its best name, or by a type word and its number."""
    if key in names:
        return plain(names[key].text)
    type_, system, text = parts(key)
    say = f"titles.subject.{type_}-{system}"
    say = say if say in _SAYS else f"titles.subject.{type_}"
    return _SAYS.say(say, language, number=plain(_numbers(type_, text)), system=system)


def plain(text: str) -> str:
    """Return a name as it can stand in a line: without control characters, cut, and set apart if need be."""
    kept = "".join(" " if unicodedata.category(one) in _CONTROLS else one for one in text)
    kept = " ".join(kept.split())
    if len(kept) > LONGEST:
        kept = kept[: LONGEST - 1].rstrip() + "…"
    turns = any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in kept)
    return f"{_ISOLATE}{kept}{_END}" if turns else kept


_CONTROLS: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def _base(one: Lead) -> Contribution:
    """Return the signal that a title tells: the weightiest that is no report."""
    signals = one.signals or one.contributions
    own = [each for each in signals if not each.rule.startswith(REPORTED) and each.bits > 0]
    return next(iter(own or signals))


def since(one: Lead) -> datetime:
    """Return when what a lead is about began, as its signals that count have it; the ground does last."""
    signals = one.signals or one.contributions
    counted = [each for each in signals if each.bits > 0] or signals
    counted = [each for each in counted if each.rule not in LASTS] or counted
    return min(each.since or each.at for each in counted)


def _what(one: Lead, base: Contribution, names: Names, table: Weights, language: Language) -> str:
    facts = {name: _text(value, language) for name, value in base.reason.params.items()}
    facts["subject"] = subject(base.subject, names, language)
    rule = "reported" if base.rule.startswith(REPORTED) else base.rule
    if base.reason.message.startswith(SEEN_AS):
        kind, class_ = base.reason.message.removeprefix(SEEN_AS).split(".")[:2]
        rule = rule if f"titles.rule.{rule}" in _SAYS else kind.removeprefix("passed-")
        facts["who"] = _who(one, base, class_, names, language)
    elif base.rule in FOUND:
        rule = "identified" if base.strength == "identified" else "presumptive"
        facts["name"] = facts.get("name", "").split(" / ")[-1 if language == "fr" else 0]
    if f"titles.rule.{rule}" in _SAYS:
        try:
            return _capital(_SAYS.say(f"titles.rule.{rule}", language, **facts))
        except KeyError:  # the reason was written before its rule had that fact
            pass
    same = {each.subject for each in one.signals if each.bits > 0 and each.rule == base.rule}
    say = "titles.supposed-several" if len(same) > 1 else "titles.supposed"
    hypothesis = _capital(table.hypotheses[one.hypothesis].called(language))
    return _SAYS.say(say, language, hypothesis=hypothesis, subject=facts["subject"], n=len(same) - 1)


def _text(value: Any, language: Language) -> str:
    if isinstance(value, float):
        return number(value, language)
    if isinstance(value, int):
        return number(value, language).replace("-", "−")
    return plain("" if value is None else str(value))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(one: Lead, base: Contribution, class_: str, names: Names, language: Language) -> str:
    """Return how many of which class, with the name of the one boat or aircraft that has one."""
    same = {
        each.subject
        for each in one.signals
        if each.rule == base.rule and each.bits > 0 and each.reason.message == base.reason.message
    }
    who = _SAYS.say(f"titles.who.{class_}", language, n=max(len(same), 1))
    craft = [key for key in one.subjects if _is_craft(key) and key in names]
    return f"{who} {plain(names[craft[0]].text)}" if len(same) <= 1 and len(craft) == 1 else who


def _where(one: Lead, base: Contribution, names: Names, language: Language) -> str:
    """Return where it is: its place; an address; who reports it; whence a parcel; or which feed names it."""
    if base.place is not None:
        return _at(*base.place[:2], language)
    if base.rule.startswith(REPORTED) and (author := str(base.reason.params.get("author", ""))):
        return _SAYS.say("titles.where.by", language, author=plain(author.partition(" <")[0]))
    if address := next((key for key in one.subjects if key.startswith("address:")), None):
        return subject(address, names, language)
    type_, system, text = parts(base.subject)
    if (type_, system) == ("parcel", "s10"):
        return _SAYS.say("titles.where.posted", language, country=country(text[-2:], language))
    if system in (*SYSTEMS, type_):
        return ""
    return _SAYS.say("titles.where.feed", language, system=_SAYS.word("titles.feed.", system, language))


@cache
def _at(latitude: float, longitude: float, language: Language) -> str:
    """Return a place by the border: how far, on which side, at which kilometre; or by its coordinates."""
    from watchfloor.reference import border  # reads the line, which no lead without a place needs

    line = border.load()
    near, side = line.nearest([latitude], [longitude]), str(line.side([latitude], [longitude])[0])
    metres = float(near.metres[0])
    if metres > NEAR or not side:
        north = f"{number(abs(latitude), language, 2)}° {'N' if latitude >= 0 else 'S'}"
        east = f"{number(abs(longitude), language, 2)}° {_points(longitude, language)}"
        return _SAYS.say("titles.where.far", language, latitude=north, longitude=east)
    km = number(float(near.km[0]), language)
    alaska = "-alaska" if near.alaska[0] else ""
    if metres < ON:
        return _SAYS.say(f"titles.where.on{alaska}", language, km=km)
    digits = 1 if 1000 <= metres < 10_000 else 0
    distance = f"{number(metres / 1000, language, digits)} km" if metres >= 1000 else f"{metres:.0f} m"
    facts = {"distance": distance, "side": border.WORDS[side][language == "fr"], "km": km}
    return _SAYS.say(f"titles.where.border{alaska}", language, **facts)


def _points(longitude: float, language: Language) -> str:
    return "E" if longitude >= 0 else "W" if language == "en" else "O"


def _numbers(type_: str, text: str) -> str:
    """Return a number as people write it."""
    if type_ == "phone" and re.fullmatch(r"1\d{10}", text):
        return f"+1 {text[1:4]} {text[4:7]}-{text[7:]}"
    if type_ == "phone" and text.isdigit():
        return f"+{text}"
    if type_ == "account":
        return text[-4:]
    if type_ == "aircraft":
        return text.upper()
    if type_ == "address":
        first, *rest = text.split() or [""]
        words = [first.capitalize(), *(one if one in _SMALL else one.capitalize() for one in rest)]
        return " ".join([*words[:-1], words[-1].upper() if len(words[-1]) == 2 else words[-1]])
    return text


_SMALL: Final = frozenset("de du des la le les of the rang".split())
