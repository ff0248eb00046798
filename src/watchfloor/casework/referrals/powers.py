"""Powers to examine and to open what crosses the border: which section, and what it asks for before.

The table is `powers.toml`; a floor that has a `powers.toml` of its own uses that. What is mail and what is
goods is read off how an item travels; which way it goes gives the section.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.casework.referrals import refusals
from watchfloor.cell.acts import refuse
from watchfloor.core.messages import Language
from watchfloor.formats.settings import Settings, read_text

NAME: Final = "powers.toml"
POSTAL: Final = "parcel:s10:"
"""Start of the key of an item with a number of the post."""
OPENS: Final = "open"
"""The means that opens an item; the others look at it from outside, or at its papers."""


class Power(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section that lets an officer examine and open; see the head of the table."""

    section: str
    of: Literal["goods", "mail"]
    directions: tuple[str, ...]
    examines: Literal["nothing", "suspicion"]
    opens: Literal["nothing", "suspicion"]
    since: date
    checked: str
    en: str
    fr: str
    by_hand: bool = False

    def text(self, language: Language) -> str:
        """Return what the power covers, in words."""
        return self.en if language == "en" else self.fr

    def asks(self, means: str) -> bool:
        """Whether it asks for reasonable grounds to suspect, before an item is examined by that means."""
        return "suspicion" in (self.examines, self.opens if means == OPENS else "nothing")


class Powers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table: modes of transport that are mail, how far it may be trusted, where each row was read."""

    mail: tuple[str, ...]
    status: dict[str, str]
    title: dict[str, str]
    checked: dict[str, str]
    power: tuple[Power, ...]

    def cited(self, power: Power, language: Language = "en") -> str:
        """A section with its Act: `Customs Act s. 99(1)(b)`, `Loi sur les douanes, 99(1)b)`."""
        if language == "en":
            return f"{self.title['en']} s. {power.section}"
        return f"{self.title['fr']}, {re.sub(r'[(]([a-z.0-9]+)[)]$', _letter, power.section)}"


class Stream(NamedTuple):
    """How an item travels and which way; None where nothing says so."""

    mode: str | None
    direction: str | None


def load(root: Path | None = None) -> Powers:
    """A floor's own table, or the package's where it has none. Raises `SettingsError`."""
    own = root / NAME if root else None
    if own and own.exists():
        return _read_again(read_text(own), str(own))
    return _read_again((files(__package__) / NAME).read_text("utf-8"), NAME)


def read(text: str, name: str) -> Powers:
    """A table from its text. Raises `SettingsError`."""
    file = Settings(text, name)
    table = file.convert(file.values, Powers)
    for number, one in enumerate(table.power, 1):
        if one.checked not in table.checked:
            problem = f"power {number}: [checked] says nothing of {one.checked!r}"
            raise file.wrong(("power",), problem)
    return table


_read_again = lru_cache(maxsize=8)(read)


def power(table: Powers, subject: str, stream: Stream, day: date, law: str | None = None) -> Power:
    """The section under which an item is examined.

    Args:
        table: of powers.
        subject: typed key of the item; a number of the post (UPU S10) is mail, however it is said to travel:
            mail goes by air and in trucks, too, and no list of a courier makes it goods.
        stream: how it travels and which way.
        day: on which it is examined.
        law: a section that an officer names.

    Raises:
        Refusal: nothing says how it travels or which way, no section covers that, or not the one that is
        named.
    """
    posted = subject.startswith(POSTAL)
    if stream.direction is None or not (posted or stream.mode):
        refuse(refusals.NO_STREAM, subject=subject)
    of: Literal["goods", "mail"] = "mail" if posted or stream.mode in table.mail else "goods"
    fits = [
        one for one in table.power if one.of == of and stream.direction in one.directions and one.since <= day
    ]
    told = {"of_words": of, "direction_words": stream.direction, "sections": _sections(fits or table.power)}
    if law is not None:
        named = [one for one in fits if one.section == _plain(law)]
        return named[0] if named else refuse(refusals.NOT_THAT_POWER, section=law, **told)
    plain = [one for one in fits if not one.by_hand]
    return plain[0] if plain else refuse(refusals.NO_POWER, **told)


def _letter(match: re.Match[str]) -> str:
    """A paragraph as French statutes write it: `c.1)`; a subsection stays in its brackets."""
    return f"{match[1]})" if match[1][0].isalpha() else match[0]


def named(table: Powers, authority: str | None) -> Power | None:
    """The section that a referral's authority cites; None where the table has none such."""
    section = _plain(authority or "")
    return next((one for one in table.power if one.section == section), None)


def _sections(some: Iterable[Power]) -> str:
    return ", ".join(dict.fromkeys(one.section for one in some))


def _plain(law: str) -> str:
    """A section without the Act before it, however that is typed."""
    return law.rpartition(" ")[2].removeprefix("s.").strip()
