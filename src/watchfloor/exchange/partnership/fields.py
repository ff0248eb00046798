"""Fields that may go with a matched token: each has a closed set of values, and so a bound in bits.

There is no field of free text. A field or value whose name says that a suspicious transaction report exists
is refused (PCMLTFA s. 8): it never enters a token, a feature or a label.
"""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.exchange.partnership import refusals as say
from watchfloor.policy.gateway_check import tells_of_report

Value = str | int | list[str]

HOP: Final = re.compile(r"([0-9a-f]{32})>([0-9a-f]{32})@([a-z0-9][a-z0-9._-]{0,63})")
"""A step that a bank told: from which token to which, and who said so."""
NO_TOKEN: Final = "0" * 32
"""Stands for a link that is not a token yet."""

_WORDS: Final = re.compile(
    r"\b(reported|declared|filed|filings?|strs?|sars?|déclarée?s?|signalée?s?|lctrs?|dod)\b|fintrac|canafe",
    re.IGNORECASE,
)


def telling(word: str) -> bool:
    """Whether a name says that a report of any kind was made, or to whom."""
    return tells_of_report(word) or bool(_WORDS.search(re.sub(r"[_\-.]", " ", word)))


class FieldRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The values that a field may have.

    Attributes:
        of: `choice` of some words, `number` from low to high by step, `day` from low to high, `links`:
            tokens of the same case that this one leads to within the bank, or `hops`: steps of the case that
            this node was told by others, which it fills in itself.
        values: the words of a choice.
        low: first number or day.
        high: last number or day.
        step: between numbers.
        most: links or hops, at most.
    """

    of: Literal["choice", "number", "day", "links", "hops"]
    values: tuple[str, ...] = ()
    low: int | date | None = None
    high: int | date | None = None
    step: int = 1
    most: int = 0

    def wrong(self, name: str) -> Iterator[str]:
        """Yield the faults of the row."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            yield "a field's name is of small letters, digits and _"
        for word in (name, *self.values):
            if telling(word):
                yield f"{word!r} would say that a suspicious transaction report exists; take it out"
        if self.of == "choice" and not (self.values and all(map(_short, self.values))):
            yield "a choice has values, of 40 characters at most"
        if self.of in ("number", "day") and not self._bounded():
            yield f"a {self.of} has low and high of that type, in this order, and a step of 1 or more"
        if self.of in ("links", "hops") and not 1 <= self.most <= 1000:
            yield f"{self.of} have a most, of 1 to 1000"

    def _bounded(self) -> bool:
        low, high = self.low, self.high
        if isinstance(low, int) and isinstance(high, int):
            return self.of == "number" and low <= high and self.step >= 1
        if isinstance(low, date) and isinstance(high, date):
            return self.of == "day" and low <= high
        return False

    @property
    def bits(self) -> float:
        """Return the most bits that one value tells, and an absent one counts; a link tells 128 of a token.

        A hop tells two tokens, and which of at most 256 banks said it.
        """
        if self.of in ("links", "hops"):
            return self.most * (128.0 if self.of == "links" else 264.0)
        return math.log2(self._count() + 1)

    def _count(self) -> int:
        if isinstance(self.low, date) and isinstance(self.high, date):
            return (self.high - self.low).days + 1
        if isinstance(self.low, int) and isinstance(self.high, int):
            return (self.high - self.low) // self.step + 1
        return len(self.values)

    @property
    def domain(self) -> str:
        """Its values in words."""
        if self.of == "choice":
            return ", ".join(self.values)
        if self.of == "hops":
            return f"up to {self.most} hops, which the program fills in"
        return (
            f"up to {self.most} links" if self.of == "links" else f"{self.low} to {self.high} by {self.step}"
        )

    def holds(self, value: object) -> bool:
        """Whether a value is one of them."""
        if self.of == "choice":
            return value in self.values
        if self.of == "links":
            return isinstance(value, list) and len(value) <= self.most and all(map(_is_token, value))
        if self.of == "hops":
            return isinstance(value, list) and len(value) <= self.most and all(map(_is_hop, value))
        if self.of == "day":
            return _is_day(value) and str(self.low) <= str(value) <= str(self.high)
        low, high = self.low, self.high
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and isinstance(low, int)
            and isinstance(high, int)
            and low <= value <= high
            and (value - low) % self.step == 0
        )


def check(fields: Mapping[str, FieldRow], code: str, given: Mapping[str, Any]) -> None:
    """Refuse a field that the code does not name, that tells of a report, or a value that it cannot have."""
    for name, value in given.items():
        for word in (name, *([value] if isinstance(value, str) else [])):
            if telling(word):
                refuse(say.TELLS, word=word[:80])
        if name not in fields:
            refuse(say.OTHER_FIELD, code=code, field=name[:80], fields=", ".join(fields) or "–")
        if not fields[name].holds(value):
            refuse(say.BAD_VALUE, field=name, value=str(value)[:80], domain=fields[name].domain)


def load(text: str, fields: Mapping[str, FieldRow], code: str) -> dict[str, dict[str, Any]]:
    """Values by subject, of a CSV file with `subject` and a column a field; an empty cell is no value.

    Links are subject keys here, with blanks between them; they become tokens before anything is sent.

    Raises:
        Refusal: a column or a value that the code does not name.
    """
    rows = csv.DictReader(io.StringIO(text))
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        subject = (row.pop("subject", None) or "").strip()
        read = {name: _read(fields.get(name), cell or "") for name, cell in row.items() if name is not None}
        for name in read.keys() - fields.keys():  # a column that is empty throughout is refused as well
            check(fields, code, {name: ""})
        given = {name: value for name, value in read.items() if value not in ("", [])}
        links = {name: [NO_TOKEN] * len(value) for name, value in given.items() if isinstance(value, list)}
        check(fields, code, given | links)
        found[subject] = given
    return found


def dump(values: Mapping[str, Mapping[str, Any]], fields: Mapping[str, FieldRow]) -> str:
    """Values by subject as `load` reads them: a column for each field of the code that any of them has."""
    names = [name for name in fields if any(name in of for of in values.values())]
    made = io.StringIO()
    rows = csv.writer(made, lineterminator="\n")
    rows.writerow(["subject", *names])
    for subject, of in values.items():
        cells = (of.get(name, "") for name in names)
        rows.writerow([subject, *(" ".join(one) if isinstance(one, list) else one for one in cells)])
    return made.getvalue()


def _read(row: FieldRow | None, cell: str) -> Any:
    text = cell.strip()
    if row is not None and row.of == "number" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if row is not None and row.of == "links":
        return text.split()
    return text


def _short(word: str) -> bool:
    return 0 < len(word) <= 40


def _is_token(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{32}", value))


def _is_hop(value: object) -> bool:
    return isinstance(value, str) and bool(HOP.fullmatch(value))


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
