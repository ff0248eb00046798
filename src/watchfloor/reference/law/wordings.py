"""The provisions that the product cites, with the days on which each wording stood.

`wordings.tsv` is made by `./dev law` from every stored consolidation of Justice Laws, and holds what is cited
and no more: label, stable id, days, words. `statutes.tsv` says which consolidations were read, and for which
days each speaks. Between two of them, what came and went again is not seen.

A row without words says that nothing stood under that label until then: an earlier consolidation was read and
does not have it. Where none was, nobody knows what stood before the first wording, and the answer says so.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple

FILE: Final = "wordings.tsv"
STATUTES_FILE: Final = "statutes.tsv"

State = Literal["in-force", "not-yet", "ended", "unknown"]


class Wording(NamedTuple):
    """One wording of one provision.

    Attributes:
        law: number of the statute or regulation: `I-2.5`, `SOR/2002-184`.
        label: as it is cited.
        fid: Justice Laws id that is stable over versions.
        since: first day of its own words; None where nobody knows it, or where they are not in force.
        amended: first day of the words as a whole, with what stands in it.
        until: last day of them; None while they stand.
        state: whether the words stood then: in force, not in force yet, repealed, or nothing at all.
        by: what cites it besides the table of gateways, such as `removals` or `substances`.
        lead: the opening words of what it stands in.
        text: the words.
    """

    law: str
    label: str
    fid: str
    since: date | None
    amended: date | None
    until: date | None
    state: Literal["in-force", "not-in-force", "repealed", "nothing"]
    by: str
    lead: str
    text: str


class Status(NamedTuple):
    """Whether a provision is in force on a day.

    Attributes:
        state: in force, not in force yet, ended, or unknown: no consolidation that was read tells.
        since: first day of the wording that the answer rests on, or the day that is still to come.
        until: last day of it.
    """

    state: State
    since: date | None = None
    until: date | None = None


class Consolidation(NamedTuple):
    """A consolidation that was read: of which statute, for which days it speaks, and its file."""

    law: str
    first: date
    last: date
    file: str


@cache
def wordings() -> Mapping[tuple[str, str], tuple[Wording, ...]]:
    """Return the wordings of each cited provision by law and label, oldest first."""
    found: dict[tuple[str, str], list[Wording]] = defaultdict(list)
    for law, label, fid, since, amended, until, state, by, lead, text in _rows(FILE):
        days = _day(since), _day(amended), _day(until)
        row = Wording(law, label, fid, *days, state, by, lead, text)  # type: ignore[arg-type]
        found[law, label].append(row)
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def consolidations() -> tuple[Consolidation, ...]:
    """Return the consolidations that were read, of each law the oldest first."""
    days = date.fromisoformat
    return tuple(
        Consolidation(law, days(first), days(last), file) for law, first, last, file in _rows(STATUTES_FILE)
    )


def wording(law: str, label: str, day: date) -> Wording | None:
    """Return the words that stood on a day; None where nothing did, or nobody knows."""
    for one in reversed(wordings().get((law, label), ())):
        if one.state == "in-force" and one.amended is not None and one.amended <= day:
            return one if one.until is None or day <= one.until else None
    return None


def status(law: str, label: str, day: date) -> Status:
    """Tell whether a provision is in force on a day.

    Raises:
        LookupError: the table has no such provision; only what is cited is in it.
    """
    rows = wordings().get((law, label))
    if rows is None:
        raise LookupError(f"{law} {label} is not among the provisions that are cited: ./dev law")
    begun = [one for one in rows if one.since is not None and one.since <= day]
    if begun:
        last = begun[-1]
        over = last.state != "in-force" or (last.until is not None and last.until < day)
        return Status("ended" if over else "in-force", last.since, last.until)
    first = next((one for one in rows if one.state == "in-force"), None)
    if first is None:
        return Status("not-yet" if rows[-1].state == "not-in-force" else "ended")
    if rows[0].state in ("nothing", "not-in-force"):
        return Status("not-yet", first.since)
    return Status("unknown", first.since)


def in_force(law: str, label: str, day: date) -> bool | None:
    """Return whether a provision is in force on a day; None where nobody knows.

    Nobody knows what stood before the oldest consolidation that was read: ask with `is False` to refuse only
    what is known to stand not yet, or no more.

    Args:
        law: number of the statute: `I-2.5`.
        label: as `101(1)(b.1)`.
        day: asked for.

    Raises:
        LookupError: the table has no such provision.
    """
    state = status(law, label, day).state
    return None if state == "unknown" else state == "in-force"


def _rows(name: str) -> list[list[str]]:
    lines = (files(__package__) / name).read_text("utf-8").splitlines()
    _, *rest = (line.split("\t") for line in lines if not line.startswith("#"))
    return rest


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
