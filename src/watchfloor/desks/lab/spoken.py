"""What readings say of one thing, how much each is worth, and a signal made of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from watchfloor.desks.lab.findings import Finding, of
from watchfloor.desks.lab.messages import ALONE, FIRST
from watchfloor.desks.lab.outcomes import STRENGTHS, lowered, strength
from watchfloor.desks.lab.quality import doubts
from watchfloor.desks.lab.techniques import SEPARATES, identifies
from watchfloor.desks.standing import rests_on
from watchfloor.records.derived import row_id
from watchfloor.records.messages import reason

Row = Mapping[str, Any]

NAME: Final = "lab"


class Spoke(NamedTuple):
    """One reading that found something, how much it is worth, and the doubt that weighs most."""

    row: Row
    finding: Finding
    worth: str
    doubt: str


def speaking(rows: Sequence[Row], about: str) -> list[Spoke]:
    """The readings that a signal about a thing rests on; none where it is not borne out."""
    told = list(of(rows, about))
    found = [(row, one) for row, one in told if one.positive]
    sure = [(row, one) for row, one in found if one.level == "identified" and not doubts(row)]
    agree = [row for row, _ in found if not doubts(row)]
    if sure and identifies((row["method"], row["category"]) for row in agree):
        return [Spoke(row, one, "identified", "") for row, one in sure]
    if any(one.level == "identified" for _, one in found):
        return [judged(row, one) for row, one in found if one.level == "identified"]
    cleared = [
        row["observed_at"]
        for row, one in told
        if one.level == "not-detected" and row["method"] in SEPARATES and not doubts(row)
    ]
    return [judged(row, one) for row, one in found if not cleared or row["observed_at"] > max(cleared)]


def judged(row: Row, one: Finding) -> Spoke:
    """A reading that does not identify by itself, by its device's rates and what speaks against it."""
    against = doubts(row)
    if one.level == "identified":
        return Spoke(row, one, lowered(STRENGTHS[-1], len(against)), next(iter(against), ALONE))
    worth = strength(row["confirmed"] or 0, row["checked"] or 0)
    return Spoke(row, one, lowered(worth, min(len(against), 1)), next(iter(against), ""))


def best_of(spoken: Sequence[Spoke]) -> Spoke:
    """The strongest; of equal ones the latest."""
    ranks = ("", *STRENGTHS, "identified")
    return max(spoken, key=lambda one: (ranks.index(one.worth), one.row["observed_at"], one.row["record_id"]))


def first(head: str, best: Spoke, said: dict[str, Any]) -> dict[str, str]:
    """The reason of a first test, with its device's rates where any alarm of it was checked."""
    rated = bool(best.row["checked"]) and best.finding.level != "identified"
    if rated:
        said = said | {"checked": best.row["checked"], "confirmed": best.row["confirmed"]}
    return reason(FIRST[head, best.doubt, rated], **said).stored()


def methods(spoken: Sequence[Spoke]) -> str:
    """The methods by which it was said."""
    return methods_of([one.row for one in spoken])


def methods_of(rows: Sequence[Row]) -> str:
    """The methods of readings, each once."""
    return ", ".join(sorted({row["method"] for row in rows}))


def measured(best: Spoke) -> str:
    """Mass and share with their uncertainty, in symbols that both languages read; empty without."""
    mass, error, one = best.row["mass"], best.row["mass_error"], best.finding
    told = []
    if mass is not None:
        told.append(f"m = {mass:.4g} g" + (f" ± {2 * error:.2g} g (k = 2)" if error is not None else ""))
    if one.share is not None:
        between = f" ({one.low:.2g}–{one.high:.2g})" if one.low is not None and one.high is not None else ""
        told.append(f"w = {one.share:.2g}{between}")
    return f" [{'; '.join(told)}]" if told else ""


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Rows without repeats, in their order."""
    return list({row["record_id"]: row for row in rows}.values())


def signal(
    key: bytes,
    rule: str,
    subjects: tuple[str, ...],
    worth: str,
    why: dict[str, str],
    rows: Sequence[Row],
    window: str = "",
) -> dict[str, Any]:
    """A signal of the desk that rests on readings; all but `at`."""
    dated = sorted(rows, key=lambda row: row["observed_at"])
    return {
        "row_id": row_id(key, NAME, rule, subjects, window),
        "revision": 0,
        "since": dated[0]["observed_at"],
        "until": dated[-1]["observed_at"],
        "retracted": False,
        "desk": NAME,
        "rule": rule,
        "subjects": list(subjects),
        "strength": worth,
        "score": None,
        "reason": why,
        "coverage": [],
    } | rests_on(rows)
