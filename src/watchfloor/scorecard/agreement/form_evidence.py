"""Departments' statements in signed forms, as evidence for lines of the register."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from watchfloor.core.messages import declare
from watchfloor.scorecard.agreement.digests import Act, form_of
from watchfloor.scorecard.agreement.standing import fold, moments
from watchfloor.scorecard.bilingual import Text, fill, joined
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.register.entries import Bears, Cited, Entry

STATED: Final = declare("register.stated", "what", "value", "department", "note")
QUANTITIES: Final[Mapping[str, Text]] = {
    "value": Text("the figure", "le chiffre"),
    "delivered": Text("delivered", "livré"),
    "in-service": Text("in service", "en service"),
}
"""What a form may state of a line."""

_BEARS: Final[Mapping[str, Bears]] = {"delivered": "delivered", "in-service": "in-service"}


def asked_of(entry: Entry) -> dict[str, str]:
    """The values that a form asks of a line, each with its unit."""
    unit = entry.unit.en if entry.unit else ""
    names = ("delivered", "in-service") if entry.kind == "commitment" else ("value",)
    return dict.fromkeys(names, unit)


def with_forms(entry: Entry, acts: Iterable[Act], on: date) -> Entry:
    """A line with what its department stated in its last form, by a moment, as evidence beside the rest.

    The evidence is the department's own: `withholding` lets it appear in no edition before it is approved.
    """
    held = fold(acts, entry.id, entry.department, moments(on)[1]).acts.get("form")
    if held is None:
        return entry
    note = f" ({held['why']})" if held["why"] else ""
    who = called(entry.department)
    stated = tuple(
        Cited(
            what=_what(v, who, note, entry.unit),
            publisher=entry.department,
            title=form_of(held).strip("“”"),
            day=held["signed"].date(),
            bears=_BEARS.get(v["name"], "context"),
            value=v["value"],
        )
        for v in held["values"] or ()
        if v["value"] is not None and v["name"] in QUANTITIES
    )
    return msgspec.structs.replace(entry, evidence=(*entry.evidence, *stated))


def _what(value: Mapping[str, Any], who: Text, note: str, unit: Text | None) -> Text:
    shown = joined([Text(value["en"], value["fr"]), *([unit] if unit else [])], " ")
    return fill(STATED, what=QUANTITIES[value["name"]], value=shown, department=who, note=note)


def prefix(department: str) -> str:
    """Return the prefix of a department's own series: `cbsa-`."""
    return f"{department.casefold()}-"
