"""Countries of IATA codes.

Airports are those of the `airportsdata` package (MIT). Cities with several airports have codes of their own,
which it does not list; those of Canada are here, from memory. A code that is in neither has no country.
"""

from functools import cache
from typing import Final

import airportsdata

_CITIES: Final = dict.fromkeys(("YEA", "YMQ", "YTO"), "CA")


@cache
def _countries() -> dict[str, str]:
    airports = airportsdata.load("IATA")
    return _CITIES | {code: one["country"] for code, one in airports.items() if len(one["country"]) == 2}


def country_of(code: str) -> str | None:
    """ISO 3166-1 alpha-2 of the country in which an airport or a city lies; None where it is not known."""
    return _countries().get(code)
