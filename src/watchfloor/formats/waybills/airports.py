"""Countries of IATA codes, and which way a consignment goes.

Airports are those of the `airportsdata` package (MIT). Cities with several airports have codes of their own,
which it does not list; those of Canada are here, from memory. A code that is in neither has no country.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

import airportsdata

HOME: Final = "CA"
"""Inbound and outbound are seen from here."""

_CITIES: Final = dict.fromkeys(("YEA", "YMQ", "YTO"), HOME)


@cache
def _countries() -> dict[str, str]:
    airports = airportsdata.load("IATA")
    return _CITIES | {code: one["country"] for code, one in airports.items() if len(one["country"]) == 2}


def country_of(code: str) -> str | None:
    """ISO 3166-1 alpha-2 of the country in which an airport or a city lies; None where it is not known."""
    return _countries().get(code)


def direction(origin: str | None, destination: str | None, between: Iterable[str | None]) -> str | None:
    """A word of `formats.fields.DIRECTIONS`.

    None where an end is not known, and for what does not touch Canada.

    Args:
        origin: country in which it starts.
        destination: country in which it ends.
        between: countries that it passes.
    """
    if origin is None or destination is None:
        return None
    if HOME not in (origin, destination):
        return "in-transit" if HOME in between else None
    if origin == destination:
        return "domestic"
    return "inbound" if destination == HOME else "outbound"
