"""Country names as lists write them, to ISO 3166-1 alpha-2. The table is rigour's, see `design/names.py`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import icu

from watchfloor.formats.encoding.romanise import ascii_text

_ROMANISED: Final = {
    *("Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Hangul"),
    *("Common", "Inherited"),
}
_DROPPED: Final = dict.fromkeys(map(ord, ".()[],;:_-/ʻ'’"), None)


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country's name or code, or `None` where it is none that ISO codes today."""
    text = text.strip()
    tables = _tables()
    found = tables["code"].get(text.lower().replace("_", "-")) or tables["name"].get(key(text))
    if found is None:
        return None
    code = found.split("-")[0].upper()  # a region counts as its country
    return code if re.fullmatch(r"[A-Z]{2}", code) else None


def country_codes(names: Iterable[str | None]) -> list[str]:
    """Codes of those names that are countries, each once, in order of appearance."""
    codes = (country_code(name) for name in names if name and name.strip())
    return list(dict.fromkeys(code for code in codes if code))


def territory_names() -> Iterable[str]:
    """Return the English names of countries and of regions of some, as titles have them."""
    return _tables()["title"]


def key(name: str) -> str:
    """Return the name as the table has it: romanised where its script allows, without punctuation."""
    if all(icu.Script.getScript(char).getName() in _ROMANISED for char in set(name)):
        name = ascii_text(name)
    name = unicodedata.normalize("NFKC", name).casefold().translate(_DROPPED)
    kept = (char if char.isalnum() or unicodedata.category(char).startswith("M") else " " for char in name)
    return " ".join("".join(kept).split())


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    """Territory codes by `code` (of any kind), by `name` and by `title`."""
    text = (files(__package__) / "names" / "territories.tsv").read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = {"code": {}, "name": {}, "title": {}}
    for line in text.splitlines():
        kind, name, code = line.split("\t")
        tables[kind][name] = code
    return tables
