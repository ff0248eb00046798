"""Departments that are accountable for lines, claims and series, by the short code that all of them use."""

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard.bilingual import Text, same
from watchfloor.scorecard.problems import WrongQuestion

UNKNOWN = declare("register.entry-no-department", "code", "near")


class Department(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A department or agency.

    Attributes:
        name: in full.
        short: as it is called on the page.
        answers: what it answers for.
    """

    name: Text
    short: Text
    answers: Text


@cache
def departments() -> dict[str, Department]:
    """All of them by code, in the order of the file."""
    text = files(__package__).joinpath("departments.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Department])


def department(code: str) -> Department:
    """One of them. Raises `WrongQuestion`, with the nearest code, where there is none of that code."""
    known = departments()
    if code not in known:
        raise WrongQuestion(reason(UNKNOWN, code=code, near=nearest(code, known)))
    return known[code]


def called(code: str) -> Text:
    """Return the short name of a department; one that has no code here by the text that names it."""
    known = departments().get(code)
    return known.short if known else same(code)


def owner(series: str, publishers: Iterable[str] = ()) -> str:
    """The department whose own series it is; empty for one that others publish.

    Args:
        series: its name, which begins with the department's code, however that is typed: `cbsa-seizures`,
            `CBSA seizures`.
        publishers: as its rows name them; a department's code or name makes it that department's too.
    """
    first, told = _words(series)[:1], {" ".join(_words(one)) for one in publishers}
    theirs = (code for code, names in _known().items() if first == [code.casefold()] or told & names)
    return next(theirs, "")


@cache
def _known() -> dict[str, frozenset[str]]:
    """Return each department's names, in letters and digits alone."""
    return {
        code: frozenset(
            " ".join(_words(text)) for text in (code, one.name.en, one.name.fr, one.short.en, one.short.fr)
        )
        for code, one in departments().items()
    }


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
