"""One machine-readable zone verified: what each check digit says, what is wrong, and what would restore it.

A check digit that is right says that a line was read as it was printed, and nothing of who printed it. Of
single substitutions it misses those whose values differ by a multiple of ten (`columnar.blind_spots`), and
names, issuer, nationality and sex have none. Nothing here refuses anybody anything.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np

from watchfloor.core.countries import COUNTRIES
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.travel import columnar
from watchfloor.formats.travel.finding import Oddity, Zone
from watchfloor.formats.travel.layouts import (
    ALPHABET,
    FILLER,
    HIDDEN,
    LAYOUTS,
    WEIGHTS,
    Check,
    Layout,
    check_digit,
    long_number,
    value,
)

LENGTH: Final = declare("mrz.length", "line", "length", "width")
LINES: Final = declare("mrz.lines", "lines")
SIGN: Final = declare("mrz.sign", "line", "column", "sign")
HIDDEN_SIGN: Final = declare("mrz.hidden-sign", "line", "column")
READER: Final = declare("mrz.by-field", "line", "column", "sign", "read")
LOWER: Final = declare("mrz.lower-case", "line", "column", "signs")
ODD: Final = {
    "filler": declare("mrz.other-filler", "line", "column", "sign", "read"),
    "alphabet": declare("mrz.other-alphabet", "line", "column", "sign", "read"),
    "unreadable": declare("mrz.unreadable", "line", "column", "sign", "read"),
}
WRONG: Final = {
    name: declare(f"mrz.check-{name}", "line", "column", "stated", "computed")
    for name in ("number", "birth", "expiry", "optional", "composite")
}
NO_REST: Final = declare("mrz.no-rest", "line", "column")
NO_DAY: Final = {
    name: declare(f"mrz.no-{name}-day", "text", "line", "column") for name in ("birth", "expiry")
}
ORDER: Final = declare("mrz.order")
EXPIRED: Final = declare("mrz.expired", "day", "on")
NO_NUMBER: Final = declare("mrz.no-number")
ISSUER: Final = declare("mrz.issuer", "code")
CODE: Final = declare("mrz.code", "code", "layout")
PATTERN: Final = declare("mrz.pattern", "issuer", "number", "told", "source")
NAMES: Final = declare("mrz.names", "line", "column")
NO_SECONDARY: Final = declare("mrz.no-secondary")
CUT: Final = declare("mrz.cut-names")
SUBSTITUTE: Final = declare("mrz.substitute", "line", "column", "was", "put")
ALIKE: Final = declare("mrz.alike", "line", "column", "was", "put")
INSERT: Final = declare("mrz.insert", "line", "column")
REMOVE: Final = declare("mrz.remove", "line", "column")
BLIND: Final = declare("mrz.blind", "digit", "sign", "letter", "swapped")
LEFT_OUT: Final = declare("mrz.left-out")

LOOKALIKE: Final = ("0OQD", "1IL", "2Z", "5S", "6G", "8B", "<KC")
"""Signs that readers of OCR-B and people take for one another."""
CODES: Final = {
    "TD1": "ACI",
    "TD2": "ACI",
    "TD3": "P",
    "MRV-A": "V",
    "MRV-B": "V",
}
"""First letters of document codes by layout (parts 4 to 7)."""
WHAT: Final = {"P": "passport", "V": "visa"}
"""Kinds of documents by the first letter of their code; others are cards."""


class CheckResult(NamedTuple):
    """The verdict of one check digit: `right`, `wrong`, `blank` (empty field, no digit) or `unreadable`."""

    name: str
    verdict: str
    stated: str
    computed: str
    line: int
    column: int


class Suggestion(NamedTuple):
    """The only change of one sign that restores every check digit, as a proposal and never as a reading.

    Attributes:
        reason: what to change, in a sentence.
        line, column: where, from 1.
        was, put: the sign there, and the one that restores; empty where a filler comes or goes.
        among: `all` signs that may stand there, or only `look-alikes`, where several others would do too.
        number: the document's number with the change.
    """

    reason: Reason
    line: int
    column: int
    was: str
    put: str
    among: str
    number: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a zone, without nationality and sex.

    Attributes:
        layout: its name; empty where its lines fit none.
        locator: where it stands.
        code, issuer, number: of the document, as written, without fillers.
        primary, secondary: the holder's names.
        birth: ISO 8601 to the precision given; None where unknown or impossible.
        expires: the day; None where unknown or impossible.
        checks: every check digit.
        faults: what is wrong; empty where the zone is sound.
        notes: what is to be known and is no fault.
        suggestion: the only single change that restores every check digit.
    """

    layout: str
    locator: str
    code: str = ""
    issuer: str = ""
    number: str = ""
    primary: str = ""
    secondary: str = ""
    birth: str | None = None
    expires: date | None = None
    checks: tuple[CheckResult, ...] = ()
    faults: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    suggestion: Suggestion | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.faults

    @property
    def what(self) -> str:
        """Return passport, visa or card."""
        return WHAT.get(self.code[:1], "card")


def verify(zone: Zone, on: date) -> Verdict:
    """Verify a zone.

    Args:
        zone: as `finding` gives it.
        on: the day as of which years of two digits are read and a document has expired.
    """
    faults = _oddities(zone)
    if zone.layout is None:
        return Verdict("", zone.locator, faults=(reason(LINES, lines=len(zone.lines)), *faults))
    layout = zone.layout
    uneven = [at for at, line in enumerate(zone.lines, 1) if len(line) != layout.width]
    if uneven or len(zone.lines) != layout.lines:
        if len(zone.lines) != layout.lines:
            faults.insert(0, reason(LINES, lines=len(zone.lines)))
        for at in uneven:
            faults.append(reason(LENGTH, line=at, length=len(zone.lines[at - 1]), width=layout.width))
        suggestion = _refilled(zone, layout, on) if len(uneven) == 1 else None
        return Verdict(layout.name, zone.locator, faults=tuple(faults), suggestion=suggestion)
    return _verified(zone, layout, faults, on)


def _verified(zone: Zone, layout: Layout, faults: list[Reason], on: date) -> Verdict:
    text = zone.text
    fields = {name: text[start:end] for name, (start, end) in layout.fields.items()}
    code, issuer = (fields[name].rstrip(FILLER) for name in ("code", "issuer"))
    number, checks = _checks(layout, text)
    notes = [
        reason(READER, line=one.line, column=one.column, sign=one.sign, read=one.read)
        for one in zone.oddities
        if one.kind == "reader" and not _hidden(zone, one)
    ]
    faults += _misplaced(layout, text)
    for one in checks:
        if one.verdict == "wrong":
            faults.append(
                reason(
                    WRONG[one.name],
                    line=one.line,
                    column=one.column,
                    stated=one.stated,
                    computed=one.computed,
                )
            )
        elif one.verdict == "no-rest":
            faults.append(reason(NO_REST, line=one.line, column=one.column))
    birth, expires, wrong = _dates(layout, text, on)
    faults += wrong
    if expires and expires < on:
        notes.append(reason(EXPIRED, day=str(expires), on=str(on)))
    if not number:
        notes.append(reason(NO_NUMBER))
    if issuer not in COUNTRIES and issuer not in issuers()[0]:
        notes.append(reason(ISSUER, code=issuer))
    if code[:1] not in CODES[layout.name]:
        notes.append(reason(CODE, code=code, layout=layout.name))
    notes += _off_pattern(code, issuer, number)
    primary, secondary, told = _names(layout, fields["names"])
    (faults if told and told[0].message == NAMES.id else notes).extend(told)
    broken = any(one.verdict in ("wrong", "no-rest", "unreadable") for one in checks)
    return Verdict(
        layout.name,
        zone.locator,
        code,
        issuer,
        number,
        primary,
        secondary,
        birth,
        expires,
        tuple(one if one.verdict != "no-rest" else one._replace(verdict="wrong") for one in checks),
        tuple(faults),
        tuple(notes),
        _substituted(layout, text, on) if broken else None,
    )


def _oddities(zone: Zone) -> list[Reason]:
    """Return a fault for each sign that was read as another one; lower case is told once a line."""
    found: list[Reason] = []
    lowered: dict[int, list[Oddity]] = {}
    for one in zone.oddities:
        if one.kind == "reader":
            continue
        if one.kind == "lower-case":
            lowered.setdefault(one.line, []).append(one)
        elif _hidden(zone, one):
            found.append(reason(HIDDEN_SIGN, line=one.line, column=one.column))
        else:
            name = unicodedata.name(one.sign, f"U+{ord(one.sign):04X}")
            found.append(reason(ODD[one.kind], line=one.line, column=one.column, sign=name, read=one.read))
    lower = [reason(LOWER, line=at, column=many[0].column, signs=len(many)) for at, many in lowered.items()]
    return lower + found


def _hidden(zone: Zone, one: Oddity) -> bool:
    """Return whether a sign stands in a field whose content is kept nowhere, or nobody can say where."""
    layout = zone.layout
    if layout is None or any(len(line) != layout.width for line in zone.lines):
        return True
    at = (one.line - 1) * layout.width + one.column - 1
    return layout.field(min(at, layout.size - 1)) in HIDDEN


def _checks(layout: Layout, text: str) -> tuple[str, list[CheckResult]]:
    """Return the document's number, and what each check digit says."""
    start, end = layout.fields["number"]
    number, results = text[start:end].rstrip(FILLER), []
    long = long_number(layout, text)
    for check in layout.checks:
        if check.name == "number" and long:
            number, check = long
        results.append(_result(layout, text, check))
    return number, results


def _result(layout: Layout, text: str, check: Check) -> CheckResult:
    line, column = layout.place(check.at)
    stated = text[check.at]
    over = "".join(text[start:end] for start, end in check.spans)
    if not check.spans:
        return CheckResult(check.name, "no-rest", stated, "", line, column)
    if any(sign not in ALPHABET for sign in over + stated):
        return CheckResult(check.name, "unreadable", stated, "", line, column)
    empty = not over.strip(FILLER)
    computed = str(check_digit(over))
    if stated == FILLER and empty and (check.may_be_blank or (layout.overflows and check.name == "number")):
        return CheckResult(check.name, "blank", stated, computed, line, column)
    return CheckResult(check.name, "right" if stated == computed else "wrong", stated, computed, line, column)


def _misplaced(layout: Layout, text: str) -> Iterator[Reason]:
    """Yield a fault for each sign of the alphabet that cannot stand where it does."""
    _, kinds = columnar.tables()
    signs = np.frombuffer(text.encode("ascii"), np.uint8)
    for at in map(int, np.flatnonzero((kinds[signs] & _allowed(layout.name)) == 0)):
        sign = text[at]
        if sign == "?":
            continue
        line, column = layout.place(at)
        field = layout.field(at)
        if field in HIDDEN:
            yield reason(HIDDEN_SIGN, line=line, column=column)
        else:
            yield reason(SIGN, line=line, column=column, sign=sign)


def _dates(layout: Layout, text: str, on: date) -> tuple[str | None, date | None, list[Reason]]:
    """Return birth and expiry, and faults about them."""
    verdicts = columnar.verify(columnar.stacked([text], layout), layout, on)
    faults = []
    for name in ("birth", "expiry"):
        start, end = layout.fields[name]
        if verdicts.wrong(f"{name}-date")[0] and "?" not in text[start:end]:
            line, column = layout.place(start)
            faults.append(reason(NO_DAY[name], text=text[start:end], line=line, column=column))
    if verdicts.wrong("order")[0]:
        faults.append(reason(ORDER))
    birth, expires = verdicts.birth[0].item(), verdicts.expiry[0].item()
    return _precise(birth, text, layout, on, verdicts), expires, faults


def _precise(
    birth: date | None, text: str, layout: Layout, on: date, verdicts: columnar.Verdicts
) -> str | None:
    """Return a birth to the precision given: a day, a month or a year; None where unknown or impossible."""
    if birth:
        return str(birth)
    start, end = layout.fields["birth"]
    known = text[start:end].rstrip(FILLER)
    if verdicts.wrong("birth-date")[0] or len(known) not in (2, 4) or not known.isdigit():
        return None
    year = 2000 + int(known[:2])
    if (year, int(known[2:] or 1)) > (on.year, on.month):
        year -= 100
    return f"{year}-{known[2:]}" if len(known) == 4 else str(year)


def _off_pattern(code: str, issuer: str, number: str) -> Iterator[Reason]:
    for pattern in issuers()[1]:
        if pattern["issuer"] != issuer or code[:1] not in pattern["codes"] or not number:
            continue
        if not re.fullmatch(pattern["pattern"], number):
            yield reason(
                PATTERN, issuer=issuer, number=number, told=pattern["told"], source=pattern["source"]
            )


def _names(layout: Layout, field: str) -> tuple[str, str, list[Reason]]:
    """Return both identifiers, and what is to be told of them (part 3, 4.6; parts 4 to 7, names)."""
    primary, _, secondary = field.rstrip(FILLER).partition(FILLER * 2)
    told = []
    if field.startswith(FILLER) or FILLER in (secondary[:1], secondary[-1:]) or FILLER * 2 in secondary:
        line, column = layout.place(layout.fields["names"][0])
        told.append(reason(NAMES, line=line, column=column))
    elif not secondary:
        told.append(reason(NO_SECONDARY))
    if not field.endswith(FILLER):
        told.append(reason(CUT))
    return primary.replace(FILLER, " ").strip(), secondary.replace(FILLER, " ").strip(), told


def _substituted(layout: Layout, text: str, on: date) -> Suggestion | None:
    """Return the only substitution that restores every check digit, if there is only one.

    Every sign under a check digit is tried with every sign that may stand there; dates must exist after it.
    Several unreadable signs cannot be restored by one change. Where many substitutions restore the digits, as
    for nearly every letter or digit misread as another, the only one among look-alikes is proposed.
    """
    signs = np.frombuffer(text.encode("ascii"), np.uint8)
    worth, kinds = columnar.tables()
    misplaced = np.asarray((kinds[signs] & _allowed(layout.name)) == 0, bool)
    weights = _weights(layout, text)
    under = np.asarray(weights.any(axis=1), bool)
    if misplaced.sum() > 1 or (misplaced & ~under).any():
        return None
    # every sign (column) at every place (row), and the remainder that it leaves of each check
    steps = _WORTH[None, :] - worth[signs][:, None]
    left = (worth[signs] @ weights + weights[:, None, :] * steps[:, :, None]) % 10
    tried = (kinds[_SIGNS][None, :] & _allowed(layout.name)[:, None]) != 0
    at_place = misplaced if misplaced.any() else under
    tried &= at_place[:, None] & (_SIGNS[None, :] != signs[:, None])
    places, others = np.nonzero(~left.any(axis=2) & tried)
    trials = np.repeat(signs[None, :], len(places), axis=0)
    trials[np.arange(len(places)), places] = _SIGNS[others]
    whole = columnar.verify(trials, layout, on).faults & ~np.uint16(columnar.BITS["names"]) == 0
    good = [(int(at), ALPHABET[sign]) for at, sign in zip(places[whole], others[whole], strict=True)]
    alike = [one for one in good if any(one[1] in same and text[one[0]] in same for same in LOOKALIKE)]
    for among, message, these in (("all", SUBSTITUTE, good), ("look-alikes", ALIKE, alike)):
        if len(these) == 1:
            ((at, sign),) = these
            line, column = layout.place(at)
            told = reason(message, line=line, column=column, was=text[at], put=sign)
            fixed = text[:at] + sign + text[at + 1 :]
            return Suggestion(told, line, column, text[at], sign, among, _checks(layout, fixed)[0])
    return None


def _weights(layout: Layout, text: str) -> columnar.Int:
    """Return the weights of a zone's checks, those of a long number where it has one."""
    weights = _weights_of(layout.name)
    long = long_number(layout, text)
    if long and long[1].spans:
        check = long[1]
        weights = weights.copy()
        column = next(at for at, one in enumerate(layout.checks) if one.name == "number")
        weights[:, column] = 0
        places = [at for start, end in check.spans for at in range(start, end)]
        weights[places, column] = [WEIGHTS[index % 3] for index in range(len(places))]
        weights[check.at, column] = -1
    return weights


@cache
def _weights_of(name: str) -> columnar.Int:
    return LAYOUTS[name].weights()


@cache
def _allowed(name: str) -> columnar.Int:
    return LAYOUTS[name].allowed().astype(np.int64)


_SIGNS: Final = np.frombuffer(ALPHABET.encode(), np.uint8)
_WORTH: Final = np.array([value(sign) for sign in ALPHABET])


def _restored(layout: Layout, text: str, on: date) -> bool:
    """Return whether all check digits are right, signs may stand where they do, and days exist."""
    faults = int(columnar.verify(columnar.stacked([text], layout), layout, on).faults[0])
    return not faults & ~columnar.BITS["names"]


def _refilled(zone: Zone, layout: Layout, on: date) -> Suggestion | None:
    """Return the only place where a filler is missing or too many, if there is one that restores everything.

    Places within one run of fillers are one place. A line of names has no check digits: what it lacks or has
    too many is at its end.
    """
    (number,) = (at for at, line in enumerate(zone.lines) if len(line) != layout.width)
    line = zone.lines[number]
    more = layout.width - len(line)
    names = layout.fields["names"]
    found: dict[str, int] = {}
    if names[0] // layout.width == number:
        fixed = line.ljust(layout.width, FILLER) if more > 0 else line[: layout.width]
        if more > 0 or not line[layout.width :].strip(FILLER):
            found[fixed] = min(len(line.rstrip(FILLER)), layout.width - 1)
    else:
        for at in range(len(line) + (more > 0)):
            if more > 0:
                fixed = line[:at] + FILLER * more + line[at:]
            elif line[at : at - more] == FILLER * -more:
                fixed = line[:at] + line[at - more :]
            else:
                continue
            found.setdefault(fixed, at)
    whole = {
        fixed: at
        for fixed, at in found.items()
        if _restored(layout, "".join((*zone.lines[:number], fixed, *zone.lines[number + 1 :])), on)
    }
    # what is missing from a run of fillers is likelier than a filler where none is beside it
    beside = {fixed: at for fixed, at in whole.items() if FILLER in line[max(at - 1, 0) : at + 1]}
    whole = beside if len(beside) == 1 else whole
    if len(whole) != 1 or abs(more) > 1:
        return None
    ((fixed, at),) = whole.items()
    told = reason(INSERT if more > 0 else REMOVE, line=number + 1, column=at + 1)
    text = "".join((*zone.lines[:number], fixed, *zone.lines[number + 1 :]))
    was, put = ("", FILLER) if more > 0 else (FILLER, "")
    return Suggestion(told, number + 1, at + 1, was, put, "all", _checks(layout, text)[0])


@cache
def blind() -> Reason:
    """Return the sentence on what check digits cannot find, by `columnar.blind_spots`."""
    share = {name: round(1000 * missed / all_) for name, all_, missed in columnar.blind_spots()}
    return reason(
        BLIND,
        digit=share["digit for sign"],
        letter=share["letter for digit"],
        sign=share["sign for sign"],
        swapped=share["neighbouring digits swapped"],
    )


@cache
def issuers() -> tuple[frozenset[str], tuple[dict[str, str], ...]]:
    """Return codes of issuers that ISO 3166-1 lacks, and patterns of documents' numbers."""
    text = (files("watchfloor.formats.travel") / "issuers.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return frozenset(table["codes"]["codes"].split()), tuple(table["pattern"])
