"""An answer put together: what was judged, and what else is known of the substance."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from watchfloor.reference.law import elsewhere, trade
from watchfloor.reference.law.items import Item
from watchfloor.reference.substances import messages
from watchfloor.reference.substances.bilingual import Both, Sentence, say
from watchfloor.reference.substances.index import Index
from watchfloor.reference.substances.judging import Judged
from watchfloor.reference.substances.outcome import Answer, Taken

CLASS_B: Final = (("VI", "2"), ("V", "2.2"))
"""Schedule and part of class B precursors, for which the Regulations set no maximum quantity."""

_CLASSES: Final[dict[str, elsewhere.Class]] = {
    "CDSA/I/16": "fentanyls",
    "CDSA/I/13": "nitazenes",
    "CDSA/II/2": "cannabinoids",
}
"""Classes that other law controls as such, by the item here."""
TRIED: Final = {
    "name": Both("name", "nom"),
    "skeleton": Both("skeleton", "squelette"),
    "definitions": Both("structural definitions", "définitions structurales"),
    "cores": Both("cores of headings", "noyaux des intitulés"),
    "likeness": Both("likeness to listed structures", "ressemblance aux structures inscrites"),
}


def assembled(text: str, taken: Taken, day: date, judged: Judged, index: Index, key: str) -> Answer:
    """A judged query with what else is known of the substance."""
    limits = tuple(item for clause in judged.clauses for item in index.limits(clause.key) if item.on(day))
    told = tuple(_limited(item) for item in limits) or tuple(filter(None, map(_class_b, judged.clauses[:1])))
    own = trade.by_inchikey().get(key)
    codes = own.hs if own else ()
    return Answer(
        query=text,
        taken=taken,
        on=day,
        outcome=judged.outcome,
        person=judged.person,
        reasons=(*judged.reasons, *told),
        clauses=judged.clauses,
        inchikey=key,
        elsewhere=_elsewhere(judged, key),
        numbers=trade.numbers(key),
        lines=tuple(line for code in codes for line in trade.by_hs(code)),
        limits=limits,
    )


def _elsewhere(judged: Judged, key: str) -> tuple[elsewhere.Elsewhere, ...]:
    """Other law on the substance itself and, where it is in one of their classes, on the class."""
    own = _on_substance(key) if key else ()
    classes = dict.fromkeys(
        class_
        for clause in judged.clauses
        for head, class_ in _CLASSES.items()
        if judged.outcome in ("class", "analogue") and clause.key.startswith(head)
    )
    return own + tuple(one for class_ in classes for one in elsewhere.of_class(class_))


@lru_cache(maxsize=4096)
def _on_substance(key: str) -> tuple[elsewhere.Elsewhere, ...]:
    return tuple(one for one in elsewhere.controlled_elsewhere(key) if one.jurisdiction != "CA")


def _limited(item: Item) -> Sentence:
    return say(messages.LIMIT, item=item.item, quantity=item.quantity)


def _class_b(item: Item) -> Sentence | None:
    return say(messages.CLASS_B) if (item.schedule, item.part) in CLASS_B else None


def not_found(day: date, tried: Iterable[Both | str]) -> Sentence:
    """The sentence that says what was tried."""
    both = [one if isinstance(one, Both) else Both(one, one) for one in tried]
    return say(
        messages.NOT_FOUND, day=day, tried=Both(*(", ".join(each) for each in zip(*both, strict=True)))
    )


def tried_as(sort: str, text: str) -> Both:
    """One thing that was tried, with its sort, in both languages."""
    return Both(f"{TRIED[sort].en} {text}", f"{TRIED[sort].fr} {text}")
