"""Code tables: versioned files that the user supplies, since none may be redistributed here.

A folder holds a TOML file a version of a list:

    list = "method"              # which list, see `LISTS`
    version = "2024-07" source = "the unit's validation rules, as published on …"
    from = 2024-07-08            # first day on which it is in effect
    until = 2027-06-30           # last day, where that is known
    [codes]
    branch = 1                   # our word = the unit's code

Of several versions the one in effect on the day counts. A word that a list does not have is never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.formats.settings import Settings, read_text

LISTS: Final[Mapping[str, str]] = {
    "report-type": "kinds of reports: str",
    "submit-type": "submit, change or delete",
    "sector": "what the entity is: bank, credit-union…, as its file says",
    "suspicion": "of what: money-laundering, terrorist-financing, sanctions-evasion, or several",
    "method": "channels of payments, as their feed names them",
    "direction": "in, out",
    "funds": "means of payments: cash, wire…; before a plainer word, cash-in, wire-out, wire-in-abroad",
    "disposition": "what became of it: deposit, and means of what went out, as in funds",
    "currency": "codes of ISO 4217, each for itself",
    "identifier": "systems of identifiers: passport, driver-licence…",
    "account-type": "holder types of accounts: person, company…; may be absent",
    "goaml-report": "goAML's code of the report: str",
    "goaml-method": "goAML's lookup of how it was made, of the words of method",
    "goaml-funds": "goAML's lookup of funds, of the words of funds",
}
"""Lists by name, with what their words are."""

OPTIONAL: Final = frozenset({"account-type", "goaml-report", "goaml-method", "goaml-funds"})

Code = int | str

MISSING: Final = declare("fintrac.no-code-list", "list", "folder", "holds")
EXPIRED: Final = declare("fintrac.code-list-expired", "list", "version", "until", "day")
NOT_YET: Final = declare("fintrac.code-list-not-yet", "list", "version", "since", "day")
TWICE: Final = declare("fintrac.code-list-twice", "list", "one", "other", "day")


class _File(msgspec.Struct, forbid_unknown_fields=True):
    list: str
    version: str
    source: str
    from_: date = msgspec.field(name="from")
    codes: dict[str, Code]
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """One version of one list.

    Attributes:
        name: of the list.
        version: as its file says.
        codes: by word.
        since: first day on which it is in effect.
        until: last day, where that is known.
        trace: what a field has as source that it turned into a code.
    """

    name: str
    version: str
    codes: Mapping[str, Code]
    since: date
    until: date | None
    trace: str

    def first(self, words: Sequence[str]) -> Code | None:
        """The code of the first of the words that it has."""
        for word in words:
            if (code := self.codes.get(word)) is not None:
                return code
        return None

    def word(self, code: Code) -> str | None:
        """The first word that has a code."""
        return next((word for word, known in self.codes.items() if known == code), None)


Codes = Mapping[str, CodeList]


def load(folder: Path, on: date, lists: Mapping[str, str] = LISTS) -> Codes:
    """The lists of a folder as they are in effect on a day.

    Raises:
        SettingsError: a file cannot be used; names it, the line and the key.
        watchfloor.cell.acts.Refusal: a list is missing, expired, not in effect yet, or there twice.
    """
    versions: dict[str, list[CodeList]] = {}
    for path in sorted(folder.glob("*.toml")):
        one = read(path)
        versions.setdefault(one.name, []).append(one)
    return {
        name: _on(name, versions.get(name, []), on, folder, holds)
        for name, holds in lists.items()
        if name in versions or name not in OPTIONAL
    }


def read(path: Path) -> CodeList:
    """One file. Raises `SettingsError`."""
    given = Settings(read_text(path), str(path))
    file = given.convert(given.values, _File)
    if file.list not in LISTS:
        raise given.wrong(("list",), f"there is no list {file.list!r}; there are {', '.join(LISTS)}")
    if file.until is not None and file.until < file.from_:
        raise given.wrong(("until",), "it ends before it begins")
    if not file.codes:
        raise given.wrong(("codes",), "it has no codes")
    trace = f"codes:{file.list}@{file.version}"
    return CodeList(file.list, file.version, file.codes, file.from_, file.until, trace)


def _on(name: str, versions: list[CodeList], on: date, folder: Path, holds: str) -> CodeList:
    if not versions:
        refuse(MISSING, list=name, folder=str(folder), holds=holds)
    standing = [one for one in versions if one.since <= on and (one.until is None or on <= one.until)]
    if len(standing) > 1:
        one, other = standing[0].version, standing[1].version
        refuse(TWICE, list=name, one=one, other=other, day=on.isoformat())
    if not standing:
        _refuse_out_of_effect(max(versions, key=lambda one: one.since), on)
    return standing[0]


def _refuse_out_of_effect(last: CodeList, on: date) -> NoReturn:
    known = {"list": last.name, "version": last.version, "day": on.isoformat()}
    if last.since > on:
        refuse(NOT_YET, since=last.since.isoformat(), **known)
    refuse(EXPIRED, until=str(last.until), **known)
