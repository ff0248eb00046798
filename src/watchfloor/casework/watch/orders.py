"""How the watch is kept: who is called in which order, how soon, and standing orders; in `watch.toml`.

roles = ["watch officer", "duty inspector"]    # the chain: an alert that nobody acknowledges goes up it

[minutes]                                      # to acknowledge an alert, by flag; the shortest counts
routine = 30
life-at-risk = 2

[[order]]                                      # shown beside every alert that it fits
name = "Life first"
flags = ["life-at-risk"]                       # any of these flags,
words = ["swimmer"]                            # or any of these words in the alert
en = "Call the rescue coordination centre before anything else."
fr = "Appelez le centre de coordination des opérations de sauvetage avant toute autre chose."
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.casework.flags import FLAGS
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.records.messages import Language

NAME: Final = "watch.toml"
ROUTINE: Final = "routine"


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A standing order. One without flags and words is shown beside every alert."""

    name: str
    en: str
    fr: str
    flags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, flags: Collection[str], text: str) -> bool:
        """Whether it speaks to an alert with these flags and this text."""
        if not self.flags and not self.words:
            return True
        pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, self.words)) + r")(?!\w)"
        named = bool(self.words) and re.search(pattern, text, re.IGNORECASE) is not None
        return named or not set(self.flags).isdisjoint(flags)

    def text(self, language: Language) -> str:
        """What it orders."""
        return self.en if language == "en" else self.fr


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chain of roles, lowest first; minutes to acknowledge; standing orders."""

    roles: tuple[str, ...]
    minutes: Mapping[str, int]
    order: tuple[Order, ...] = ()

    def period(self, flags: Collection[str]) -> timedelta:
        """How soon an alert with these flags must be acknowledged."""
        given = [self.minutes[flag] for flag in (*flags, ROUTINE) if flag in self.minutes]
        return timedelta(minutes=min(given))

    def orders(self, flags: Collection[str], text: str) -> list[Order]:
        """The standing orders that fit, in the order of the file."""
        return [order for order in self.order if order.fits(flags, text)]


def load(floor: Path | None = None) -> Watch:
    """The floor's own, or the package's where it has none. Raises `SettingsError`."""
    own = floor / NAME if floor else None
    if own and own.exists():
        return _read_again(read_text(own), str(own))
    return _read_again((files(__package__) / NAME).read_text("utf-8"), NAME)


def read(text: str, name: str) -> Watch:
    """From its text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    watch = file.convert(file.values, Watch)
    for key, problem in _problems(watch):
        raise file.wrong((key,), problem)
    return watch


_read_again = lru_cache(maxsize=8)(read)


def _problems(watch: Watch) -> Iterator[tuple[str, str]]:
    if not watch.roles or len(set(watch.roles)) != len(watch.roles):
        yield "roles", "names at least one role, and each once"
    if ROUTINE not in watch.minutes:
        yield "minutes", "must say how soon a routine alert is acknowledged"
    for flag, minutes in watch.minutes.items():
        if flag not in (*FLAGS, ROUTINE):
            yield "minutes", f"{flag!r} is no flag{nearest(flag, (*FLAGS, ROUTINE))}"
        if minutes < 1:
            yield "minutes", f"{flag} is a number of minutes, 1 or more"
    for order in watch.order:
        for flag in set(order.flags).difference(FLAGS):
            yield "order", f"{flag!r} is no flag{nearest(flag, FLAGS)}"
