"""From what a query fits to what the law says of it on a day."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.reference.law import items as law
from watchfloor.reference.law.items import Item
from watchfloor.reference.substances import messages
from watchfloor.reference.substances.bilingual import Both, Sentence, citation_of, covers_of, name_of, say
from watchfloor.reference.substances.counterions import FRENCH
from watchfloor.reference.substances.index import Index
from watchfloor.reference.substances.outcome import Outcome

Fit = Literal["same", "item states none", "query states none", "unresolved", "isomer"]
"""How the configuration of a query stands to that of an item's structure; `unresolved`: the item names one
that the stored structure leaves out (alphaprodine and betaprodine are drawn alike)."""

FITS: Final[tuple[Fit, ...]] = ("same", "item states none", "query states none", "unresolved", "isomer")
SOLVATES: Final = re.compile(
    r"\b(?:(?:mono|di|tri|tetra|penta|hexa|hepta|hemi|sesqui)?hydrate|methanol|ethanol|"
    r"isopropanol|acetonitrile|ethyl acetate|dichloromethane|chloroform|deuterium oxide|free ?base|base|salt)"
    r"\b|[\s,()-]"
)
"""Words that make no salt; a "chlorhydrate" is one, and so is a "hydrochloride monohydrate"."""
PROTON: Final = "a proton more or less"
BASES: Final = ("base", "free base", "freebase", "salt")
BESIDE: Final = 3
"""Other configurations that are told of, at most."""


class Match(msgspec.Struct, frozen=True):
    """An item that a query fits."""

    key: str
    fit: Fit = "same"


class Form(msgspec.Struct, frozen=True):
    """Form of a substance in a query: a salt with something, labelled."""

    salt: str = ""
    label: str = ""

    @property
    def solvate(self) -> bool:
        """Whether what stands beside the substance is only a solvent, or it is the base itself."""
        return bool(self.salt) and not SOLVATES.sub("", self.salt)


class Judged(msgspec.Struct, frozen=True):
    """The outcome, whether a person has to decide, the sentences and the items they rest on."""

    outcome: Outcome
    person: bool
    reasons: tuple[Sentence, ...]
    clauses: tuple[Item, ...]


class _State(msgspec.Struct, frozen=True):
    """An item that fits, as it stands on the day."""

    match: Match
    item: Item
    when: Literal["on", "later", "ended"]

    @property
    def rank(self) -> int:
        return FITS.index(self.match.fit)

    @property
    def excluded(self) -> bool:
        return self.item.sort == "excluded"

    @property
    def passing(self) -> bool:
        """Whether it is an exception for another stereoisomer than the one asked, which excepts nothing."""
        return self.excluded and self.match.fit == "isomer" and "isomers" not in self.item.covers


def judge(matches: Iterable[Match], form: Form, day: date, index: Index) -> Judged | None:
    """Judge the matches by the law of a day; None where nothing fits.

    The configuration decides first: an exception that names it exactly goes before an item that names none,
    and among items that fit alike one that lists goes before one that takes out.
    """
    states = sorted(_states(matches, day, index), key=lambda one: (one.rank, one.excluded))
    if not states:
        return None
    now = [one for one in states if one.when == "on" and not one.passing]
    if not now and any(one.passing for one in states):
        return None
    if not now:
        return _not_on(states, day)
    best = [one for one in now if one.rank == now[0].rank]
    winners = [one for one in best if not one.excluded] or best
    outs = [] if winners[0].excluded else [one for one in best if one.excluded]
    beside = [one for one in now if one not in best][:BESIDE]
    judged = _exempt(winners, index) if winners[0].excluded else _listed(winners, form)
    notes = (say(messages.BESIDE, **_beside(one)) for one in beside)
    taken_out = (_taken_out(one, index) for one in outs)
    return msgspec.structs.replace(judged, reasons=(*judged.reasons, *taken_out, *notes))


def _states(matches: Iterable[Match], day: date, index: Index) -> list[_State]:
    """States of the Act's items; of those of the Regulations only where the Act names nothing."""
    found: dict[str, _State] = {}
    known = [match for match in matches if index.items.get(match.key)]
    act = [match for match in known if match.key.startswith("CDSA/")]
    for match in act or known:
        wordings = index.items[match.key]
        state = _state(match, wordings, day)
        if match.key not in found or state.rank < found[match.key].rank:
            found[match.key] = state
    return list(found.values())


def _state(match: Match, wordings: Sequence[Item], day: date) -> _State:
    for item in wordings:
        if item.on(day):
            return _State(match, item, "on")
    past = [item for item in wordings if item.until is not None and item.until < day]
    return _State(match, past[-1], "ended") if past else _State(match, wordings[0], "later")


def _not_on(states: Sequence[_State], day: date) -> Judged:
    """Nothing that fits is in force: what was, and what will be."""
    reasons = [_said_not_on(one, day) for one in states if not one.excluded] or [
        _said_not_on(one, day) for one in states
    ]
    return Judged("ended", law.known(day) == "before", tuple(reasons), tuple(one.item for one in states))


def _said_not_on(one: _State, day: date) -> Sentence:
    item, name, citation = one.item, name_of(one.item), citation_of(one.item)
    if one.when == "later":
        return say(messages.NOT_YET, name=name, citation=citation, since=item.since, day=day)
    why = _why(item)
    return say(messages.ENDED, name=name, citation=citation, until=item.until, why=why, day=day)


def _why(item: Item) -> Both:
    ended = item.ended or "repealed"
    french = {"repealed": "abrogé", "period ended": "période terminée", "replaced": "remplacé"}.get(
        ended, ended
    )
    by = f", {item.ended_by}" if item.ended_by else ""
    loi = by.replace("SOR/", "DORS/").replace(", s. ", ", art. ")
    return Both(ended + by, french + re.sub(r"art\. (\d[\d.]*\(\d+\))\((\w)\)", r"al. \1\2)", loi))


def _exempt(winners: Sequence[_State], index: Index) -> Judged:
    reasons = []
    for one in winners:
        reasons.append(_taken_out(one, index))
        if one.match.fit == "query states none":
            reasons.append(say(messages.NOT_STATED))
    return Judged("exempt", False, tuple(reasons), tuple(one.item for one in winners))


def _taken_out(one: _State, index: Index) -> Sentence:
    under = index.items.get(one.item.under or "", ())
    place = under[-1].item if under else one.item.item
    return say(messages.EXEMPT, name=name_of(one.item), under=place, citation=citation_of(one.item))


def _listed(winners: Sequence[_State], form: Form) -> Judged:
    first = winners[0]
    if first.item.sort == "class":
        said = (
            say(messages.HEADING, citation=citation_of(first.item)),
            _covered(first.item),
            since(first.item),
        )
        return Judged("class", True, said, (first.item,))
    outcome: Outcome = "temporary" if first.item.temporary else "listed"
    reasons = [_said(one.item) for one in winners]
    fitted = [_fitted(first)] if first.match.fit != "same" else []
    reasons = [*fitted, *reasons] if first.match.fit == "isomer" else [*reasons, *fitted]
    open_ = False
    if first.match.fit == "isomer":
        covered = any("isomers" in one.item.covers for one in winners)
        outcome, open_ = ("form" if covered else "analogue"), not covered
    if form.salt and form.salt not in BASES:
        covered = form.solvate or any("salts" in one.item.covers for one in winners)
        outcome = _weaker(outcome, "form" if covered else "analogue")
        open_ = open_ or not covered
        sentence = messages.SOLVATE if form.solvate else messages.SALT if covered else messages.SALT_OPEN
        reasons.append(say(sentence, salt=_salt(form.salt)))
    if form.label:
        outcome = _weaker(outcome, "form")
        reasons.append(say(messages.LABELLED, label=form.label))
    reasons += [_covered(first.item), since(first.item)]
    return Judged(outcome, open_, tuple(reasons), tuple(one.item for one in winners))


def _salt(names: str) -> Both:
    """The words of a salt; as a SMILES gives them they are English, as a name does they stay as written."""
    return Both(names, ", ".join(FRENCH.get(name, name) for name in names.split(", ")))


def _weaker(outcome: Outcome, other: Outcome) -> Outcome:
    """Of two outcomes the one that says less; what is temporary stays so."""
    if outcome == "temporary" and other == "form":
        return outcome
    order: tuple[Outcome, ...] = ("listed", "temporary", "form", "analogue")
    return max(outcome, other, key=order.index)


def _said(item: Item) -> Sentence:
    name, citation = name_of(item), citation_of(item)
    if item.temporary:
        until = item.period_until or item.until
        return say(messages.TEMPORARY, name=name, citation=citation, since=item.since, until=until)
    return say(messages.LISTED, name=name, citation=citation)


def _fitted(one: _State) -> Sentence:
    if one.match.fit == "item states none":
        return say(messages.NO_CONFIGURATION)
    if one.match.fit == "query states none":
        return say(messages.NOT_STATED)
    if one.match.fit == "unresolved":
        return say(messages.UNRESOLVED)
    covered = "isomers" in one.item.covers
    return say(messages.ISOMER if covered else messages.ISOMER_OPEN, name=name_of(one.item))


def _covered(item: Item) -> Sentence:
    if item.covers:
        return say(messages.UNDER, covers=covers_of(item.covers))
    return say(messages.ALONE)


def since(item: Item) -> Sentence:
    """From when the item is in force and by what; of words that replaced others only from when these are."""
    if law.began(item) is None:
        return say(messages.SINCE, since=item.since)
    before = any(one.key == item.key and one.since < item.since for one in law.items())
    by = Both(item.amended, item.amended.replace("SOR/", "DORS/").replace(", s. ", ", art. "))
    return say(messages.SINCE_REWORDED if before else messages.SINCE_BY, since=item.since, by=by)


def spoken(day: date) -> tuple[Sentence, ...]:
    """Return the limits of the stored editions for a day, where none of them speaks for it."""
    known = law.known(day)
    if known == "after":
        return (say(messages.AFTER, last=max(one.last for one in law.editions() if one.act == "CDSA")),)
    return () if known == "read" else (say(messages.UNREAD, day=day),)


def _beside(one: _State) -> dict[str, object]:
    what = Both("taken out", "soustraite") if one.excluded else Both("listed", "inscrite")
    return {"name": name_of(one.item), "what": what, "citation": citation_of(one.item)}
