"""A department's form: what it is asked about a line, and what it answers, as the text of a signed note.

The cell makes the form from the data call; the department fills values of the line and rows of its own
series, and signs with its Ed25519 key (a C2SP note, `store.log.notes`). The signed text is this module's own
writing of the form and of nothing else, so that what is signed has one reading. What is asked stands in the
form too, and comes back unchanged or the form is refused.

A number is one of zero or more; a period has ended on the day of signing; a row of a series names a cell
once. `form_receive` puts a form on a floor.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, NoReturn

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.protected import is_protected
from watchfloor.formats.statistics.cells import dumped
from watchfloor.scorecard import periods
from watchfloor.scorecard.agreement.form_evidence import prefix
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.forms import refusals
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.store.log.notes import NoteError, Signer, Verifier, note, opened, split

HEAD: Final = "watchfloor data call/v1"
"""What every form begins with."""

FILLED: Final = ("person", "function", "note", "signed", "values", "series", "period")
"""Fields that the department fills; of a value that is its number alone."""


class AskedValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value that is asked for: `value` is a number, or null where nobody knows."""

    name: str
    label: Text
    unit: str = ""
    value: Any = None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of one of the department's series.

    Attributes:
        series: its name, which begins with the department's code: `cbsa-seizures`.
        period: `2025-01`, `2024`, `FY2024`: months, see `scorecard.periods`.
        cell: its dimensions, such as `{"drug": "fentanyl", "mode": "post"}`.
        measure: what is counted or weighed: events, weight, people.
        unit: lb, kg, CAD; empty for a count.
        value: the number. A cell that the month's rows leave out is read as zero.
    """

    series: str
    period: str
    measure: str
    value: Any
    cell: dict[str, str] = {}
    unit: str = ""


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data call as a form.

    Attributes:
        form: `HEAD`.
        floor: the signing name of the floor that asks.
        line: id of the register's line, or name of the claim.
        department: who is asked, by its code.
        call: id of the data call.
        says: the words that are at stake.
        asked: what is asked for.
        deadline: by when, ISO 8601 in UTC.
        period: what the values are of; the department fills it, or leaves it as it was asked.
        person, function: who attests, for the department.
        note: what the department adds; reason of a correction.
        signed: when, ISO 8601 in UTC; `sign` fills it.
        values: of the line.
        series: rows of the department's own series.
    """

    form: str
    floor: str
    line: str
    department: str
    call: str
    says: Text
    asked: str
    deadline: str
    values: tuple[AskedValue, ...]
    period: str = ""
    person: str = ""
    function: str = ""
    note: str = ""
    signed: str = ""
    series: tuple[Row, ...] = ()


def written(form: Form) -> str:
    """A form as text: JSON that a person can fill in, one way of writing it."""
    return json.dumps(msgspec.to_builtins(form), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read(text: str) -> Form:
    """A form from its text, of which the numbers are not looked at yet. Raises `Refusal`."""
    try:
        plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
        form = msgspec.convert(plain, Form)
        written(form).encode()  # half a character cannot stand in a note
    except (ValueError, RecursionError) as error:
        refuse(refusals.NO_FORM, problem=str(error))
    if form.form != HEAD:
        refuse(refusals.NO_FORM, problem=f"it begins with {form.form!r}, not {HEAD!r}")
    return form


def sign(text: str, signer: Signer, now: datetime) -> str:
    """A filled form as a signed note, with the moment of signing. Raises `Refusal`, as for one received."""
    form = msgspec.structs.replace(read(text), signed=now.astimezone(UTC).isoformat(timespec="seconds"))
    if signer.verifier.name != form.department:
        refuse(refusals.NOT_THEIRS, line=form.line, asked=form.department, department=signer.verifier.name)
    check(form, now)
    try:
        return note(written(form), signer)
    except NoteError as error:
        refuse(refusals.NO_FORM, problem=str(error))


def unsealed(signed: str, verifier: Verifier) -> Form:
    """The form in a signed note. Raises `Refusal` where that key did not sign it, or not in this writing."""
    try:
        text, _ = opened(signed, [verifier])
    except NoteError as error:
        refuse(refusals.NOT_SIGNED, department=verifier.name, problem=str(error))
    form = read(text)
    if written(form) != text:
        refuse(refusals.REWRITTEN)
    return form


def unproven(signed: str) -> Form:
    """The form in a note whose signature nobody has looked at: only to know whose it says it is."""
    try:
        text, _ = split(signed)
    except NoteError as error:
        refuse(refusals.NO_FORM, problem=str(error))
    return read(text)


def check(form: Form, now: datetime) -> None:
    """Raise `Refusal` for a form that says nothing, a number that is none, a period that has not ended."""
    for field in ("person", "function"):
        if not getattr(form, field).strip():
            refuse(refusals.UNFILLED, field=field)
    if moment(form) > now:
        refuse(refusals.SIGNED_LATER, signed=form.signed)
    filled = [one for one in form.values if one.value is not None]
    if not filled and not form.series:
        refuse(refusals.NO_VALUE)
    for one in filled:
        _number(one.value, f"values, {one.name}")
    if filled and form.period:
        _ended(form.period, "period", moment(form).date())
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(form.series, 1):
        _check_row(row, f"series, row {number}", form)
        key = (row.series, row.period, dumped(row.cell), row.measure)
        if key in seen:
            refuse(refusals.TWICE, where=f"series, row {number}", other=seen[key])
        seen[key] = number


def moment(form: Form) -> datetime:
    """When it was signed. Raises `Refusal` where it does not say so."""
    try:
        at = datetime.fromisoformat(form.signed)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        refuse(
            refusals.NO_FORM,
            problem=f"{form.signed!r} is no moment of signing; `scorecard register sign` writes it",
        )
    return at.astimezone(UTC)


def unchanged(form: Form, asked: Form) -> None:
    """Raise `Refusal` where what was asked does not come back as it was."""
    for field in Form.__struct_fields__:
        if field not in FILLED and getattr(form, field) != getattr(asked, field):
            told = {"given": str(getattr(form, field)), "asked": str(getattr(asked, field))}
            refuse(refusals.CHANGED, field=field, **told)
    mine, theirs = ([(v.name, v.label, v.unit) for v in one.values] for one in (form, asked))
    if mine != theirs:
        told = {"given": ", ".join(v[0] for v in mine), "asked": ", ".join(v[0] for v in theirs)}
        refuse(refusals.CHANGED, field="values", **told)


def _check_row(row: Row, where: str, form: Form) -> None:
    _number(row.value, where)
    _ended(row.period, where, moment(form).date())
    if not row.series.startswith(prefix(form.department)) or row.series != row.series.strip():
        told = {"department": form.department, "prefix": prefix(form.department)}
        refuse(refusals.OTHER_SERIES, where=where, series=row.series or "''", **told)
    if not row.measure.strip():
        refuse(refusals.BAD_PERIOD, where=where, problem="it has no measure: events, weight, people")
    _check_cell(row.cell, where)


def _check_cell(cell: Mapping[str, str], where: str) -> None:
    for name, value in cell.items():
        if not name.strip() or not value.strip():
            refuse(refusals.BAD_PERIOD, where=where, problem="a dimension of its cell has no name or value")
        if is_protected(name):
            problem = f"{name!r}: figures are not kept by nationality, ethnicity or religion here"
            refuse(refusals.BAD_PERIOD, where=where, problem=problem)


def _number(value: Any, where: str) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not 0 <= value < float("inf") or value > MOST:
        refuse(refusals.BAD_VALUE, where=where, value=json.dumps(value, ensure_ascii=False))
    return float(value)


MOST: Final = 1e15
"""Beyond it a number is a slip: the sum of everything that Canada spends in a year is below 1e13."""


def _ended(text: str, where: str, day: date) -> None:
    """Refuse a period that is none, or had not ended on a day."""
    if last_month(text, where) >= periods.month_of(day):
        refuse(refusals.FUTURE, where=where, period=text, day=day.isoformat())


def last_month(text: str, where: str) -> int:
    """The last month of a period, by its number. Raises `Refusal`."""
    return months(text, where)[-1]


def months(text: str, where: str) -> range:
    """The months of a period. Raises `Refusal`."""
    try:
        return periods.period(text)
    except Unanswerable as error:
        refuse(refusals.BAD_PERIOD, where=where, problem=str(error))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands there twice")
    return found


def _finite(text: str) -> float:
    return float(text) if float(text) < float("inf") else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number; write one of zero or more, or null where nobody knows")
