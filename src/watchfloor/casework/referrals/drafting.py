"""A draft of grounds: the facts on record about one item, as sentences, and never how it was ordered.

Facts are what was declared, what was weighed and read, earlier findings in items that share a number or an
address with this one, and the reasons of signals about it. A reason that speaks of a score, a probability, a
rank or a model is no fact about the item: it is left out and counted. So is every signal of a rule in
`ORDERING`. Countries, and names of people, are no part of a draft.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from math import fsum
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals import messages
from watchfloor.casework.referrals.items import NOTHING, Item, items, rows_of
from watchfloor.casework.referrals.parties import keys
from watchfloor.cell.acts import Row, render
from watchfloor.cell.current_signals import signals
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.desks.registry import declare_messages
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ORDERING: Final = frozenset({"like-found"})
"""Rules whose signals say how a fitted model orders an item."""

ORDERED: Final = re.compile(
    r"\b(?:scor\w*|chances?|bits?|rank\w*|models?|modell\w+|probab\w*|likel\w*|odds|propensit\w*|percentile\w*"
    r"|algorithm\w*|rangs?|classements?|classée?s?|mod[eè]les?|vraisembl\w*|pointages?)\b",
    re.IGNORECASE,
)
"""Words of sentences about the order of items, in both languages."""

LINES: Final = 3
"""Lines of goods that a draft quotes."""
LONGEST: Final = 160
"""Characters of a description that it quotes."""
WEIGHING: Final = "mass"
"""The method of a reading that is a weighing, in grams."""

READ: Final = (
    *("record_id", "observed_at", "marking", "subject", "instrument", "method", "substance", "level", "mass"),
    "results",
)
FOUND: Final = ("record_id", "observed_at", "marking", "subject", "document", "result", "found")
"""Columns of readings and of findings that a draft goes by."""


class Fact(NamedTuple):
    """A sentence of the draft, its marking, and the records it rests on."""

    why: Reason
    marking: str
    records: tuple[bytes, ...]


class Draft(NamedTuple):
    """The facts about an item, the join of their markings (None: there are none), and reasons left out."""

    subject: str
    facts: tuple[Fact, ...]
    marking: str | None
    omitted: int

    def sentences(self, language: Language) -> list[str]:
        """Its facts as sentences."""
        return [render(fact.why, language) for fact in self.facts]

    def every_sentence(self) -> list[str]:
        """Its sentences in both languages."""
        return [*self.sentences("en"), *self.sentences("fr")]


def draft(floor: Floor, reader: Reader, subject: str, as_of: int | datetime | None = None) -> Draft:
    """The facts that a reader may see about an item."""
    return drafts(floor, reader, [subject], as_of)[subject]


def drafts(
    floor: Floor, reader: Reader, subjects: Collection[str], as_of: int | datetime | None = None
) -> dict[str, Draft]:
    """The facts that a reader may see about items, by their typed keys; each table is read once."""
    declare_messages()
    known = items(floor, reader, subjects, as_of)
    readings = rows_of(floor, reader, "reading", READ, subjects, as_of)
    reasons = _signals(floor, reader, subjects, as_of)
    found = list(_findings(floor, reader, as_of))
    made = {}
    for subject in subjects:
        mine = known.get(subject, NOTHING)
        facts = (*_declared(mine), *_read(readings.get(subject, ()), mine), *_earlier(found, mine))
        made[subject] = _draft(subject, facts, reasons[subject])
    return made


def orders(rule: str, why: Reason) -> bool:
    """Whether what a signal of a rule says is how items are ordered, and no fact about one."""
    return rule in ORDERING or any(ORDERED.search(render(why, language)) for language in ("en", "fr"))


def _draft(subject: str, facts: tuple[Fact, ...], reasons: list[tuple[str, Fact]]) -> Draft:
    told = [fact for rule, fact in reasons if not orders(rule, fact.why)]
    every = (*facts, *told)
    marking = join(fact.marking for fact in every) if every else None
    return Draft(subject, every, marking, len(reasons) - len(told))


def _declared(mine: Item) -> Iterator[Fact]:
    for row in mine.lines[:LINES]:
        goods = re.sub(r"[\s“”«»]+", " ", row["goods"]).strip()[:LONGEST]
        yield _fact(row, reason(messages.GOODS, day=_day(row), goods=goods))
        if row["mass"] is not None:
            yield _fact(row, reason(messages.MASS, mass=float(row["mass"])))
        if row["value"] is not None and row["currency"]:
            yield _fact(row, reason(messages.VALUE, value=float(row["value"]), currency=row["currency"]))
    if len(mine.lines) > LINES:
        more = reason(messages.MORE_LINES, count=len(mine.lines) - LINES)
        yield Fact(more, join(row["marking"] for row in mine.lines), ())


def _read(rows: Sequence[Row], mine: Item) -> Iterator[Fact]:
    """Yield what scales, instruments and dogs found of an item, and what they did not find."""
    masses = [row["mass"] for row in mine.lines]
    for row in rows:
        if row["method"] == WEIGHING and row["mass"] is not None:
            declared = fsum(masses) if masses and None not in masses else None
            mass = row["mass"] / 1000
            yield _fact(row, reason(messages.WEIGHED, mass=mass, day=_day(row), declared=declared))
            continue
        told = row["results"] or [{"name": row["substance"], "level": row["level"]}]
        for one in (one for one in told if one["level"] and not ORDERED.search(str(one["name"]))):
            instrument = "–" if ORDERED.search(row["instrument"]) else row["instrument"]
            said = {"instrument": instrument, "method": row["method"], "result": one["name"]}
            yield _fact(row, reason(messages.READ, day=_day(row), level_words=one["level"], **said))


def _findings(
    floor: Floor, reader: Reader, as_of: int | datetime | None
) -> Iterator[tuple[Row, tuple[Row, ...]]]:
    """Findings of examinations, each with the declarations of its item."""
    table = floor.read("inspection", reader, as_of, FOUND, latest=True)
    found = table.filter(pc.equal(table["result"], "finding")).to_pylist()
    others = items(floor, reader, (row["subject"] for row in found), as_of) if found else {}
    for row in found:
        yield row, others.get(row["subject"], NOTHING).lines


def _earlier(found: list[tuple[Row, tuple[Row, ...]]], mine: Item) -> Iterator[Fact]:
    """Findings in items that share a party, a telephone or an address with this one."""
    wanted = {key: called for row in mine.lines for key, called in keys(row).items()}
    for row, lines in found:
        common = sorted({wanted[key] for line in lines for key in keys(line).keys() & wanted.keys()})
        if common and row["document"] != mine.document:
            told = {"document": row["document"] or row["subject"], "shared_words": ", ".join(common)}
            what = ", ".join(row["found"] or ["other"])
            marking = join([row["marking"], *(line["marking"] for line in (*lines, *mine.lines))])
            why = reason(messages.EARLIER, day=_day(row), found_words=what, **told)
            yield Fact(why, marking, (row["record_id"],))


def _signals(
    floor: Floor, reader: Reader, subjects: Collection[str], as_of: int | datetime | None
) -> defaultdict[str, list[tuple[str, Fact]]]:
    """Reasons of the signals that stand about items, each with its rule."""
    table = signals(floor, reader, as_of)
    lists, wanted = table["subjects"].combine_chunks(), pa.array(sorted(subjects), pa.string())
    rows = pc.list_parent_indices(lists).filter(pc.is_in(pc.list_flatten(lists), value_set=wanted)).unique()
    told: defaultdict[str, list[tuple[str, Fact]]] = defaultdict(list)
    for row in table.take(rows).select(["rule", "reason", "marking", "evidence", "subjects"]).to_pylist():
        fact = Fact(Reason.load(row["reason"]), row["marking"], tuple(row["evidence"]))
        for subject in set(row["subjects"]).intersection(subjects):
            told[subject].append((row["rule"], fact))
    return told


def _fact(row: Row, why: Reason) -> Fact:
    return Fact(why, row["marking"], (row["record_id"],))


def _day(row: Row) -> str:
    return f"{row['observed_at']:%Y-%m-%d}"
