"""Files of the register: read strictly, checked, and errors that name the file and the line.

as_of = 2025-06-30                 # since when all that the file says is known

[[line]]                           # a line; one of the package with this id is replaced
id = "14a"
…

[[amend]]                          # or only what changes: lists are added to, other fields are replaced
id = "14a"
delivered = 15
[[amend.evidence]]
…
"""

import re
import tomllib
from datetime import date, datetime
from typing import Any, Final

import msgspec

from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register.entries import Cited, Dated, Entry
from watchfloor.scorecard.register.rules import DAYS, check, not_later

Lines = dict[str, Entry]
Table = dict[str, Any]

NOT_TOML: Final = declare("register.entry-not-toml", "file", "problem")
NO_DAY: Final = declare("register.entry-no-day", "file")
NO_ID: Final = declare("register.entry-no-id", "file", "table", "count")
UNKNOWN_TABLE: Final = declare("register.entry-unknown-table", "file", "name", "near")
UNKNOWN_FIELD: Final = declare("register.entry-unknown-field", "file", "id", "field", "near")
MISSING: Final = declare("register.entry-missing", "file", "id", "where")
WRONG: Final = declare("register.entry-wrong-field", "file", "id", "problem")
TWICE: Final = declare("register.entry-twice", "id", "file", "other")
NO_LINE: Final = declare("register.entry-no-line", "file", "id", "near")

_ADDED: Final = ("evidence", "found", "not_comparable")
"""What an amendment adds to; every other field it replaces."""

_FIELDS: Final = sorted(
    {field.name for of in (Entry, Cited, Dated, Text) for field in msgspec.structs.fields(of)} - {"file"}
)


def read(files: dict[str, bytes], base: Lines) -> Lines:
    """Lines of some files over those that were there before.

    Raises:
        WrongQuestion: a file cannot be read or a line is wrong; the message names both.
    """
    tables = {file: _decoded(file, data) for file, data in files.items()}
    own: Lines = {}
    for file, table in tables.items():
        for one in _each(file, table, "line"):
            entry = _entry(file, one)
            if entry.id in own:
                _refuse(TWICE, id=entry.id, file=file, other=own[entry.id].file)
            check(entry, file)
            not_later(entry, DAYS, file, table["as_of"])
            own[entry.id] = entry
    merged = {**base, **own}
    for file, table in tables.items():
        for one in _each(file, table, "amend"):
            merged[one["id"]] = _amended(file, one, merged, table["as_of"])
    return merged


def _decoded(file: str, data: bytes) -> Table:
    try:
        table = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except ValueError as error:
        raise WrongQuestion(reason(NOT_TOML, file=file, problem=str(error))) from error
    for name in table.keys() - {"as_of", "line", "amend"}:
        _refuse(UNKNOWN_TABLE, file=file, name=name, near=nearest(name, ("as_of", "line", "amend")))
    if not isinstance(table.get("as_of"), date) or isinstance(table["as_of"], datetime):
        _refuse(NO_DAY, file=file)
    return table


def _each(file: str, table: Table, name: str) -> list[Table]:
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        _refuse(WRONG, file=file, id="?", problem=f"write [[{name}]] above each, with two brackets")
    for count, one in enumerate(found, 1):
        if not str(one.get("id", "")).strip() or not isinstance(one["id"], str):
            _refuse(NO_ID, file=file, table=name, count=count)
    return list(found)


def _amended(file: str, table: Table, lines: Lines, as_of: date) -> Entry:
    if table["id"] not in lines:
        _refuse(NO_LINE, file=file, id=table["id"], near=nearest(table["id"], lines))
    before = lines[table["id"]]
    added = {name: table.get(name, []) for name in _ADDED}
    own: Entry = _converted(file, table, {**_bare(before), **table, **added}, Entry)
    not_later(own, [name for name in table if name.endswith("_on")], file, as_of)
    lists = {name: (*getattr(before, name), *getattr(own, name)) for name in _ADDED}
    entry = msgspec.structs.replace(own, file=file, **lists)
    check(entry, file)
    return entry


def _bare(entry: Entry) -> Table:
    """An entry as a table without its lists and without its file."""
    table: Table = msgspec.to_builtins(entry, builtin_types=(date,))
    return {name: value for name, value in table.items() if name not in (*_ADDED, "file")}


def _entry(file: str, table: Table) -> Entry:
    if "file" in table:
        _refuse(UNKNOWN_FIELD, file=file, id=table["id"], field="file", near="")
    entry: Entry = _converted(file, table, table, Entry)
    return msgspec.structs.replace(entry, file=file)


def _converted(file: str, table: Table, value: Table, of: type[Any]) -> Any:
    try:
        return msgspec.convert(value, of)
    except msgspec.ValidationError as error:
        raise WrongQuestion(_why(file, table["id"], str(error))) from error


def _why(file: str, id: str, problem: str) -> Reason:  # noqa: A002 - the field's word
    """The reason in the words of both languages, from what the converter says."""
    if unknown := re.search(r"unknown field `(.+?)`", problem):
        return reason(UNKNOWN_FIELD, file=file, id=id, field=unknown[1], near=nearest(unknown[1], _FIELDS))
    if lacking := re.search(r"missing required field `(.+?)`(?: - at `\$\.?(.+?)`)?", problem):
        where = f"{lacking[2]}.{lacking[1]}" if lacking[2] else lacking[1]
        return reason(MISSING, file=file, id=id, where=where)
    return reason(WRONG, file=file, id=id, problem=problem)


def _refuse(message: Message, **params: str | int) -> None:
    raise WrongQuestion(reason(message, **params))
