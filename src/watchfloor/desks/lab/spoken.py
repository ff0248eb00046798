"""Readings' answers on one thing, how much each is worth, and a signal made of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from watchfloor.core.derived import row_id
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import assertion
from watchfloor.desks.lab.findings import Finding
from watchfloor.desks.lab.messages import ALONE, FIRST
from watchfloor.desks.lab.outcomes import STRENGTHS, certain, lowered, strength
from watchfloor.desks.lab.quality import doubts
from watchfloor.desks.lab.techniques import SEPARATES, identifies

Row = Mapping[str, Any]

NAME: Final = "lab"


class Spoke(NamedTuple):
    """One reading that found something, how much it is worth, and the doubt that weighs most."""

    row: Row
    finding: Finding
    worth: str
    doubt: str


Told = Sequence[tuple[Row, Finding]]
"""Readings that speak of one thing, with what each says of it."""


def speaking(told: Told) -> list[Spoke]:
    """The readings that a signal about a thing rests on; none where it is not borne out."""
    found = [(row, one) for row, one in told if one.positive]
    if sure := _scheme([(row, one) for row, one in found if not doubts(row)]):
        return [Spoke(row, one, "identified", "") for row, one in sure]
    if alone := [(row, one) for row, one in found if certain(row, one)]:
        return [judged(row, one) for row, one in alone]
    return uncleared(told)


def _scheme(agree: Told) -> Told:
    """The readings that identify: one of category A that says so and any other, or three that all do."""
    stated = [(row, one) for row, one in agree if one.level == "identified"]
    by = agree if any(certain(row, one) for row, one in stated) else stated
    return stated if identifies((row["method"], row["category"]) for row, _ in by) else []


def uncleared(told: Told) -> list[Spoke]:
    """The alarms since a method that takes mixtures apart last did not find the thing."""
    cleared = [
        row["observed_at"]
        for row, one in told
        if one.level == "not-detected" and row["method"] in SEPARATES and not doubts(row)
    ]
    return [
        judged(row, one)
        for row, one in told
        if one.positive and (not cleared or row["observed_at"] > max(cleared))
    ]


def judged(row: Row, one: Finding) -> Spoke:
    """A reading that does not identify by itself, by its device's rates and what speaks against it."""
    against = doubts(row)
    if certain(row, one):
        return Spoke(row, one, lowered(STRENGTHS[-1], len(against)), next(iter(against), ALONE))
    worth = strength(row["confirmed"] or 0, row["checked"] or 0)
    return Spoke(row, one, lowered(worth, min(len(against), 1)), next(iter(against), ""))


def best_of(spoken: Sequence[Spoke]) -> Spoke:
    """The strongest; of equal ones the latest."""
    ranks = ("", *STRENGTHS, "identified")
    return max(spoken, key=lambda one: (ranks.index(one.worth), one.row["observed_at"], one.row["record_id"]))


def first(head: str, best: Spoke, said: dict[str, Any]) -> dict[str, str]:
    """The reason of a first test, with its device's rates where any alarm of it was checked."""
    rated = bool(best.row["checked"]) and not certain(best.row, best.finding)
    if rated:
        said = said | {"checked": best.row["checked"], "confirmed": best.row["confirmed"]}
    return reason(FIRST[head, best.doubt, rated], **said).stored()


def methods(spoken: Sequence[Spoke]) -> str:
    """The methods by which it was said."""
    return methods_of([one.row for one in spoken])


def methods_of(rows: Sequence[Row]) -> str:
    """The methods of readings, each once; in both languages where they are no abbreviations."""
    found: set[str] = {row["method"] for row in rows}
    return ", ".join(sorted(CALLED.get(one, one) for one in found))


def measured(best: Spoke) -> str:
    """Mass and share with their uncertainty, in symbols that both languages read; empty without.

    w is a mass fraction; a share of the signal is none and says so.
    """
    mass, error, one = best.row["mass"], best.row["mass_error"], best.finding
    told = []
    if mass is not None:
        told.append(f"m = {mass:.4g} g" + (f" ± {2 * error:.2g} g (k = 2)" if error is not None else ""))
    if one.share is not None:
        between = f" ({one.low:.2g}–{one.high:.2g})" if one.low is not None and one.high is not None else ""
        told.append(f"{SHARES[one.by]} = {one.share:.2g}{between}")
    return f" [{'; '.join(told)}]" if told else ""


CALLED: Final = {
    "immunoassay": "immunoassay / immunodosage",
    "colour-test": "colour test / essai colorimétrique",
    "dog": "dog / chien",
}

SHARES: Final = {"weight": "w", "signal": "signal", None: "share / part"}


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
    return assertion(
        distinct(rows),
        row_id=row_id(key, NAME, rule, subjects, window),
        desk=NAME,
        rule=rule,
        subjects=list(subjects),
        strength=worth,
        reason=why,
    )
