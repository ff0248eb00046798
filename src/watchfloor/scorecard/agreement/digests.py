"""Digests of lines and claims that departments agree to, and the figures in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.scorecard.bilingual import Text, day, plain
from watchfloor.scorecard.departments import owner
from watchfloor.scorecard.findings import Finding, Line, digest

FORM: Final = "“form "
"""What stands in the source of evidence that a department stated in a signed form; its digest follows."""

DISPUTED: Final = "conflict"
"""The warning that two files of one vintage differ; see `claims.cautions`."""

Act = Mapping[str, Any]
"""A row of the kind `agreement`."""


def act_name(act: Act) -> str:
    """Return an act's name; an embargo without an end is one that was lifted."""
    return "lifted" if act["act"] == "embargoed" and act["until"] is None else str(act["act"])


class Value(NamedTuple):
    """One figure as a department was shown it, or states it: its number, and the text on the page."""

    name: str
    shown: Text
    value: float | None = None
    unit: str = ""


class Shown(NamedTuple):
    """A line or claim as it stands on the page.

    Attributes:
        digest: of all of it.
        values: its figures.
        own: departments whose own numbers are in it, each with the day by which the newest of them was
            public; None: none is there, or two files of one vintage have them otherwise.
    """

    digest: str
    values: tuple[Value, ...] = ()
    own: tuple[tuple[str, date | None], ...] = ()


def of_finding(finding: Finding) -> Shown:
    """Return a claim as a department is shown it."""
    figures = (*finding.figures, *finding.also)
    values = tuple(Value(one.name, one.shown, one.value) for one in figures)
    return Shown(finding.digest, values, tuple(_own(finding).items()))


def _own(finding: Finding) -> dict[str, date | None]:
    found: dict[str, date | None] = {}
    disputed = any(one.kind == DISPUTED for one in finding.warnings)
    for one in (*finding.figures, *finding.also):
        if code := one.department or owner(one.series):
            days = [day for day in (found.get(code), *one.vintages) if day]
            found[code] = max(days) if days and not disputed else None
    return found


def of_line(line: Line, on: date | None = None) -> Shown:
    """Return a line of the register as a department is shown it; agreement itself is no part of it.

    Args:
        line: as it stands on a page.
        on: the day of the page. What is computed from lists names it ("listed on …"), and an agreement does
            not lapse because a day went by: it is left out of the digest.
    """
    bare = msgspec.structs.replace(line, agreement="not-called", until=None, shown=True)
    if on is not None and line.found is not None:
        bare = msgspec.structs.replace(bare, found=_without(line.found, day(on)))
    unit = line.unit.en if line.unit else ""
    quantities = {"announced": line.announced, "delivered": line.delivered, "in-service": line.in_service}
    values = [
        Value(name, plain(value), value, unit) for name, value in quantities.items() if value is not None
    ]
    cited = [Value(one.source, one.what, one.value) for one in line.evidence if one.value is not None]
    found = [Value("found", line.found)] if line.found else []
    return Shown(digest(bare), (*values, *cited, *found))


def _without(text: Text, part: Text) -> Text:
    return Text(text.en.replace(part.en, ""), text.fr.replace(part.fr, ""))


def stored(values: Iterable[Value]) -> list[dict[str, Any]]:
    """Figures as a record keeps them."""
    return [
        {"name": v.name, "value": v.value, "unit": v.unit or None, "en": v.shown.en, "fr": v.shown.fr}
        for v in values
    ]


def values_of(act: Act) -> tuple[Value, ...]:
    """The figures in a record."""
    return tuple(
        Value(one["name"], Text(one["en"], one["fr"]), one["value"], one["unit"] or "")
        for one in act["values"] or ()
    )


def attests(act: Act, now: Shown) -> bool:
    """Whether an attestation is of what stands now.

    It is by its digest; as a form with values, where each is there; as a form of rows alone, where what
    stands rests on numbers of the department and none of them came after the form.
    """
    if act["digest"]:
        return bool(act["digest"] == now.digest)
    if not act["values"]:
        newest = dict(now.own).get(act["department"])
        return newest is not None and newest == act["signed"].date()
    tag = form_of(act)
    here = {one.value for one in now.values if tag in one.name}
    return all(one["value"] in here for one in act["values"] or () if one["value"] is not None)


def form_of(act: Act) -> str:
    """How the form of an attestation is named in the source of evidence."""
    return f"{FORM}{act['form'][:12]}”"
