"""Editions of the Harmonized System, their subheadings, and what succeeds a withdrawn one.

The tables hold facts alone, codes and years; titles of the nomenclature are the World Customs Organization's
and are not here. Source: the classifications and correlation tables of the United Nations Statistics
Division. It lists the first two editions, of 1988 and 1992, as one.
"""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

EDITIONS: Final = (1988, 1996, 2002, 2007, 2012, 2017, 2022)
"""Years on whose first day an edition came into force; 1988 is also read for that of 1992."""

ENDS: Final = date(2028, 1, 1)
"""The day of the next edition, which these tables do not hold."""

DAYS: Final = np.array([f"{year}-01-01" for year in EDITIONS], "datetime64[D]")


class Subheadings(NamedTuple):
    """Every subheading that an edition has had, in order of its code.

    Attributes:
        codes: int32[n], the six digits as a number.
        held: bool[n, editions], whether an edition has it.
    """

    codes: NDArray[np.int32]
    held: NDArray[np.bool_]


def edition_of(day: date) -> int | None:
    """Year of the edition in force on a day; None before the first and from the one on that is not held."""
    if not date(EDITIONS[0], 1, 1) <= day < ENDS:
        return None
    return max(year for year in EDITIONS if year <= day.year)


@cache
def subheadings() -> Subheadings:
    """The table of codes."""
    held: dict[int, list[int]] = {}
    for heading, first, last, rest in _lines("codes.tsv"):
        span = range(EDITIONS.index(int(first)), EDITIONS.index(int(last)) + 1)
        for two in rest.split():
            held.setdefault(int(heading + two), []).extend(span)
    codes = np.array(sorted(held), np.int32)
    flags = np.zeros((len(codes), len(EDITIONS)), bool)
    for at, code in enumerate(codes.tolist()):
        flags[at, held[code]] = True
    return Subheadings(codes, flags)


@cache
def now(code: str, withdrawn: int, edition: int) -> tuple[str, ...]:
    """Subheadings of an edition in which the goods of a withdrawn one are, edition by edition.

    Args:
        code: six digits.
        withdrawn: the first edition without it.
        edition: the one that is asked about, not earlier.

    Returns:
        Codes in order; empty where the source does not tell.
    """
    found = {code}
    for year in EDITIONS[EDITIONS.index(withdrawn) : EDITIONS.index(edition) + 1]:
        found = {later for one in found for later in _successors().get((year, one), (one,))}
    return tuple(sorted(found - {code}))


@cache
def _successors() -> dict[tuple[int, str], tuple[str, ...]]:
    return {(int(since), code): tuple(rest.split()) for since, code, rest in _lines("successors.tsv")}


def _lines(name: str) -> list[list[str]]:
    text = (files(__package__) / name).read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return lines[1:]
