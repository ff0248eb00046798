"""Thresholds of value, masses that nothing exceeds, and what goods cost a kilogram: `goods_norms.toml`.

A node's own file in its folder takes the place of the packaged one. What the rules learn from the stream is
no part of it.
"""

from functools import lru_cache
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.formats.settings import Settings, read_text
from watchfloor.formats.tabular.fields import MODES

FILE: Final = "goods_norms.toml"
REFERENCE: Final = "goods-norms"
"""What desks call it."""
MOST: Final = 31
"""Thresholds of a table: the cargo desk has a bit for each."""


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value up to which less is asked: its name, Canadian dollars, modes it is for, law, how checked."""

    name: str
    cad: float
    modes: tuple[str, ...]
    law: str
    checked: str


class Heaviest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kilograms that nothing of a mode exceeds."""

    mode: str
    kg: float
    source: str
    checked: str


class Norm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Price of goods whose code starts with `hs` (four digits): least and most a kilogram, in `currency`."""

    hs: str
    currency: str
    low: float
    high: float
    source: str
    checked: str


class Norms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    threshold: tuple[Threshold, ...] = ()
    heaviest: tuple[Heaviest, ...] = ()
    norm: tuple[Norm, ...] = ()
    rates: dict[str, float] = {}


@lru_cache(maxsize=4)
def load(content: bytes) -> Norms:
    """The table from the bytes that desks are handed."""
    return msgspec.json.decode(content, type=Norms)


def read(floor: Path | None = None) -> Norms:
    """The table of the node in a folder, or the packaged one.

    Raises:
        SettingsError: a row is of another form, a mode unknown, or a number not above zero.
    """
    path = floor / FILE if floor else None
    own = path is not None and path.exists()
    text = read_text(path) if path and own else (files(__package__) / FILE).read_text("utf-8")
    file = Settings(text, str(path) if own else FILE)
    found = file.convert(file.values, Norms, ())
    if len(found.threshold) > MOST:
        raise file.wrong(("threshold",), f"{len(found.threshold)} thresholds; there is room for {MOST}")
    for one in found.threshold:
        _check(file, ("threshold", "cad"), {one.name: one.cad}, one.modes)
    for limit in found.heaviest:
        _check(file, ("heaviest", "kg"), {limit.mode: limit.kg}, (limit.mode,))
    for norm in found.norm:
        _check(file, ("norm", "low"), {norm.hs: norm.low, f"{norm.hs}, high": norm.high}, ())
        if not (len(norm.hs) == 4 and norm.hs.isascii() and norm.hs.isdigit()) or norm.low > norm.high:
            raise file.wrong(
                ("norm", "hs"), f"{norm.hs!r}: a heading has four digits, and low is no more than high"
            )
    _check(file, ("rates",), found.rates, ())
    return found


def _check(file: Settings, where: tuple[str, ...], numbers: dict[str, float], modes: tuple[str, ...]) -> None:
    for name, value in numbers.items():
        if not 0 < value < inf:
            raise file.wrong(where, f"{name}: {value} is no finite number above 0")
    for mode in modes:
        if mode not in MODES:
            raise file.wrong(where, f"there is no mode {mode!r}; the modes are {', '.join(MODES)}")


def reference(floor: Path | None = None) -> bytes:
    """The reference `goods-norms` of desks."""
    return msgspec.json.encode(read(floor))
