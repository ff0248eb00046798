"""Rules that a line of the register must keep, beyond its form."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from watchfloor.core.messages import Message, declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.departments import departments
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register.entries import Entry

BLANK: Final = declare("register.entry-blank", "file", "id", "text")
DEPARTMENT: Final = declare("register.entry-unknown-department", "file", "id", "code", "near")
DUE: Final = declare("register.entry-due-before", "file", "id", "due", "announced")
FUTURE: Final = declare("register.entry-future", "file", "id", "what", "day", "as_of")
UNSUPPORTED: Final = declare("register.entry-unsupported", "file", "id", "field", "bears")
OTHER: Final = declare("register.entry-other-value", "file", "id", "field", "own", "day", "cited")
NUMBER: Final = declare("register.entry-number", "file", "id", "field", "value")
NO_UNIT: Final = declare("register.entry-no-unit", "file", "id")
DIGEST: Final = declare("register.entry-digest", "file", "id")
NEEDS: Final = declare("register.entry-needs", "file", "id", "kind", "field")

DAYS: Final = ("announced_on", "delivered_on", "in_service_on")
"""Fields that are days of what has happened."""

_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "figure": ("data_call",),
    "commitment": ("data_call", "announced_on"),
    "statement": ("data_call",),
    "uncheckable": ("data_call", "found"),
    "context": (),
}


def check(entry: Entry, file: str) -> None:
    """Refuse an entry that cannot be right. Raises `WrongQuestion`, naming file, line and what is wrong."""
    where: dict[str, str] = {"file": file, "id": entry.id}
    for name, text in _texts(entry):
        if not text.strip():
            _refuse(BLANK, where, text=name)
    if entry.department not in departments():
        _refuse(DEPARTMENT, where, code=entry.department, near=nearest(entry.department, departments()))
    for field in _NEEDED[entry.kind]:
        if not getattr(entry, field):
            _refuse(NEEDS, where, kind=entry.kind, field=field)
    if (entry.sentence is None) != (not entry.sha256) or (
        entry.sentence is not None
        and not (entry.sentence >= 0 and re.fullmatch(r"[0-9a-f]{64}", entry.sha256))
    ):
        _refuse(DIGEST, where)
    if entry.due and entry.announced_on and entry.due < entry.announced_on:
        _refuse(DUE, where, due=str(entry.due), announced=str(entry.announced_on))
    _quantities(entry, where)


def not_later(entry: Entry, days: Iterable[str], file: str, as_of: date) -> None:
    """Refuse what is of a day after that of its file: evidence, sentences, and the fields `days`."""
    for what, day in _dated(entry, days):
        if day > as_of:
            _refuse(FUTURE, {"file": file, "id": entry.id}, what=what, day=str(day), as_of=str(as_of))


def _quantities(entry: Entry, where: dict[str, str]) -> None:
    numbers = [(f"evidence[{n}].value", one.value) for n, one in enumerate(entry.evidence)]
    numbers += [(name, getattr(entry, name)) for name in ("announced", "delivered", "in_service")]
    for field, value in numbers:
        if value is not None and not (math.isfinite(value) and value >= 0):
            _refuse(NUMBER, where, field=field, value=str(value))
    if entry.unit is None and any(value is not None for name, value in numbers if "[" not in name):
        _refuse(NO_UNIT, where)
    _supported(entry, where, "delivered", ("delivered", "in-service"))
    _supported(entry, where, "in_service", ("in-service",))


def _supported(entry: Entry, where: dict[str, str], field: str, bears: tuple[str, ...]) -> None:
    """A quantity or a day that is stated rests on a document, and says what the newest of them says."""
    own = getattr(entry, field)
    documents = [one for one in entry.evidence if one.bears in bears]
    if (own is not None or getattr(entry, f"{field}_on") is not None) and not documents:
        _refuse(UNSUPPORTED, where, field=field, bears=bears[0])
    numbered = [one for one in documents if one.value is not None]
    if own is None or not numbered:
        return
    newest = max(reversed(numbered), key=lambda one: one.day)
    if newest.value != own:
        _refuse(OTHER, where, field=field, own=str(own), day=str(newest.day), cited=str(newest.value))


def _dated(entry: Entry, days: Iterable[str]) -> Iterator[tuple[str, date]]:
    for number, one in enumerate(entry.evidence):
        yield f"evidence[{number}]", one.day
    for name in ("found", "not_comparable"):
        for number, sentence in enumerate(getattr(entry, name)):
            if sentence.day:
                yield f"{name}[{number}]", sentence.day
    for name in days:
        if day := getattr(entry, name):
            yield name, day


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    pairs: list[tuple[str, Text | None]] = [
        ("says", entry.says),
        ("unit", entry.unit),
        ("data_call", entry.data_call),
        *((f"evidence[{n}].what", one.what) for n, one in enumerate(entry.evidence)),
        *((f"found[{n}]", one.text) for n, one in enumerate(entry.found)),
        *((f"not_comparable[{n}]", one.text) for n, one in enumerate(entry.not_comparable)),
    ]
    for name, text in pairs:
        if text is not None:
            yield f"{name}.en", text.en
            yield f"{name}.fr", text.fr
    for n, one in enumerate(entry.evidence):
        yield f"evidence[{n}].publisher", one.publisher
        yield f"evidence[{n}].title", one.title


def _refuse(message: Message, where: dict[str, str], **params: str | int) -> None:
    raise WrongQuestion(reason(message, **where, **params))
