"""Country names as lists write them, to ISO 3166-1 alpha-2."""

import re
from collections.abc import Iterable
from functools import lru_cache

from rigour.territories import lookup_territory


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country's name or code, or `None` where it is none that ISO codes today."""
    territory = lookup_territory(text.strip())
    if territory is None:
        return None
    code = str(territory.code).split("-")[0].upper()  # a region counts as its country
    return code if re.fullmatch(r"[A-Z]{2}", code) else None


def country_codes(names: Iterable[str | None]) -> list[str]:
    """Codes of those names that are countries, each once, in order of appearance."""
    codes = (country_code(name) for name in names if name and name.strip())
    return list(dict.fromkeys(code for code in codes if code))
