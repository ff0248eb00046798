"""Which columns of a table say when: their forms, a date and a time of day side by side, zones not stated."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.tabular import quantities, values
from watchfloor.formats.tabular.column_names import words
from watchfloor.formats.tabular.date_forms import date_form
from watchfloor.formats.tabular.fields import FIELDS, Field, Source
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.mapping import Filled, Mapping
from watchfloor.formats.tabular.table import trimmed

MOST: Final = 0.5
"""Share of the filled cells of a column that must be dates."""
MOMENTS: Final = (
    "observed_at",
    "received_at",
    "until",
    "calibrated_at",
    "calibrated_until",
    "expected_at",
    "deadline",
)
"""Fields that have a time of day."""
DAYS: Final = ("birth_date", "birth_dates", "listed_on", "in_force", "ceased", "opened", "published")
"""Fields that are days."""
DATE_LIKE: Final = (
    r"\b(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b"
    r"|\b(?:19|20)\d{6}\b|\b\d{1,2}(?:er|st|nd|rd|th)?[- ]?[a-zéû]{3,9}\.?,?[- ]?\d{2,4}\b"
    r"|[a-zéû]{3,9}\.? \d{1,2},? \d{4}"
)
DATE_WORD: Final = re.compile(
    r"\b(date|dated|day|time|datetime|timestamp|when|jour|heure|moment|horodatage|le)\b"
)
NO_REPORT: Final = re.compile(
    r"\b(birth|born|dob|naissance|expir\w*|due|valid\w*|until|fin|end|opened|issued?)\b"
)
"""Names of columns whose dates are not those of the report."""
LOCAL_TIME: Final = r"\d[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?$"
"""A time of day at the end of a text, without a zone."""


def dated(field: Field, column: str, filled: pa.Array, notes: list[str]) -> Filled | None:
    """Return how a column of dates fills a field; None where it is open which form they have."""
    found = date_form(filled.to_pylist(), with_clock=field.name in MOMENTS, column=column)
    if found.rival:
        written = json.dumps(column, ensure_ascii=False)  # as in the mapping, whatever signs a name has
        notes.append(
            f"{column!r} reads as {found.form} and as {found.rival} alike and is not taken as {field.name}: "
            f'write {field.name} = {{ from = {written}, format = "…" }} with the form that it has'
        )
        return None
    source = Source(column, format=found.forms)
    wrong = field.read(filled, source).wrong
    if len(wrong) > MOST * len(filled):
        notes.append(f"{column!r} is not taken as {field.name}: {wrong[min(wrong)]}")
        return None
    return source if found.form else column


def by_cells(cells: pa.Table, used: set[str], notes: list[str]) -> Filled | None:
    """Return the only column that is left and holds dates of one form, as when a row was so."""
    left = [
        one
        for one in cells.column_names
        if one not in used and not NO_REPORT.search(plain(quantities.spaced(one))) and holds_dates(cells, one)
    ]
    if len(left) != 1:
        if left:
            notes.append(f"several columns hold dates, and none is called so: {', '.join(map(repr, left))}")
        return None
    (field,) = (one for one in FIELDS["party"] if one.name == "observed_at")
    filled = dated(field, left[0], trimmed(cells[left[0]]).drop_null(), notes)
    if filled:
        used.add(left[0])
        notes.append(
            f"{left[0]!r} is taken as observed_at for its dates alone: check that it says when a row was so"
        )
    return filled


def holds_dates(cells: pa.Table, column: str) -> bool:
    """Whether most texts of a column have a day, a month and a year in some form."""
    texts = trimmed(cells[column]).drop_null()
    dates = pc.sum(pc.match_substring_regex(texts, DATE_LIKE, ignore_case=True)).as_py() or 0
    return dates > MOST * max(len(texts), 1)


def has_dates(cells: pa.Table, used: set[str]) -> bool:
    """Whether a column that is left is called or written as one of dates."""
    left = (one for one in cells.column_names if one not in used)
    return any(DATE_WORD.search(plain(quantities.spaced(one))) or holds_dates(cells, one) for one in left)


def with_time(filled: Filled | None, cells: pa.Table, used: set[str]) -> Source | None:
    """Return date and time of day as one source, where they stand in two columns."""
    if filled is None or isinstance(filled, tuple):
        return None
    source = filled if isinstance(filled, Source) else Source(filled)
    column = source.names[0]
    times = [one for one in cells.column_names if one not in used and plain(one) in words().times]
    dates = trimmed(cells[column])
    if len(source.names) > 1 or len(times) != 1 or pc.any(pc.match_substring(dates, ":")).as_py():
        return None
    joined = pc.binary_join_element_wise(dates, trimmed(cells[times[0]]), " ").drop_null()
    found = date_form(joined.to_pylist(), with_clock=True, column=column)
    if (
        found.rival
        or values.instant(joined, (found.forms,) if isinstance(found.forms, str) else found.forms).wrong
    ):
        return None
    used.add(times[0])
    return Source((column, times[0]), format=found.forms)


def zone_remarks(mapping: Mapping, cells: pa.Table) -> Iterator[tuple[str, str]]:
    """Yield fields whose times of day state no zone, with what to do about it."""
    for field in MOMENTS:
        for source in mapping.sources(field):
            there = [name for name in source.names if name in cells.column_names]
            zoned = source.zone != "UTC" or re.search(r"\b(utc|gmt|z|zulu|tu)\b", plain(" ".join(there)))
            texts = [trimmed(cells[name]) for name in there]
            if not zoned and any(pc.any(pc.match_substring_regex(one, LOCAL_TIME)).as_py() for one in texts):
                text = (
                    f"{field}: the times of {there[-1]!r} state no zone and are read as UTC; "
                    'where they are not, state it: zone = "America/Toronto"'
                )
                yield field, text
