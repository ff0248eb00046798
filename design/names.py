"""Makes the tables of legal forms, countries and given names anew: `./dev names`.

They are the data of rigour (MIT; drawn from Wikidata, ISO 20275 and research of its own), which its wheel
keeps in its compiled module, each compressed as a Zstandard frame. Only what Watchfloor asks for is taken.
rigour itself is no dependency, since what it needs (PyICU) has no wheels; tests hold the tables against it.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

import rigour._core
import zstandard
from rigour.territories.lookup import _get_identifier_map, _load_territory_names

from watchfloor.formats.lists.countries import key

OUT: Final = Path(__file__).parents[1] / "src/watchfloor/formats/lists/names"
MAGIC: Final = b"\x28\xb5\x2f\xfd"
_NAME: Final = re.compile(r"[a-zà-öø-þß]\w+")


def main() -> None:
    """Write the tables and the licence."""
    texts = [frame.decode() for frame in frames(Path(rigour._core.__file__).read_bytes())]
    forms = json.loads(next(text for text in texts if '"aliases"' in text[:100]))
    symbols = json.loads(next(text for text in texts if '"org_domains"' in text[:100]))
    persons = next(text for text in texts if " => " in text[:400])
    write("legal_forms.tsv", sorted(map("\t".join, legal_forms(forms).items())))
    write("territories.tsv", territories())
    data = "\n".join(sorted(given_names(persons, symbols))).encode()
    (OUT / "given_names.txt.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    licence = next(one for one in distribution("rigour").files or () if one.name == "LICENSE")
    (OUT / "LICENSE-rigour.txt").write_text(licence.read_text(), encoding="utf-8")


def frames(data: bytes) -> Iterator[bytes]:
    """Every whole Zstandard frame in a file."""
    for start in re.finditer(re.escape(MAGIC), data):
        unpacker = zstandard.ZstdDecompressor().decompressobj()
        try:
            text = unpacker.decompress(data[start.start() :])
        except zstandard.ZstdError:
            continue
        if unpacker.eof:
            yield text


def legal_forms(specs: list[dict[str, Any]]) -> Mapping[str, str]:
    """The generic form of each spelling; empty where a legal form has none."""
    made: dict[str, str] = {}
    own: dict[str, str] = {}
    for spec in specs:
        generic = spec.get("generic", "").casefold()
        if generic:
            made |= {alias.casefold(): generic for alias in spec["aliases"]}
            own.setdefault(spec.get("display", "").casefold(), generic)
    for spec in specs:
        for spelling in (*spec["aliases"], spec.get("display", "")):
            own.setdefault(spelling.casefold(), "")
    return {spelling: generic for spelling, generic in (own | made).items() if spelling}


def territories() -> list[str]:
    """Lines of a kind (`code`, `name` or `title`), what stands for a territory, and its code.

    A name that several have is that of the one that bears it foremost; of one as good as another, the last.
    """
    index = _get_identifier_map()
    tiers: tuple[dict[str, str], ...] = ({}, {}, {})
    for one, *names in _load_territory_names():
        for tier, of in zip(tiers, names, strict=True):
            tier |= {key(name): one.code for name in of}
    places, weak, strong = tiers[::-1]
    lines = [f"code\t{code}\t{one.code}" for code, one in index.items()]
    lines += [f"name\t{name}\t{code}" for name, code in (places | weak | strong).items() if name]
    lines += [
        f"title\t{name}\t{code}" for name, code in {one.name: one.code for one in index.values()}.items()
    ]
    return sorted(lines)


def given_names(persons: str, symbols: Mapping[str, Any]) -> set[str]:
    """Names of one word in Latin letters; a group of one spelling says nothing."""
    groups = [line.rpartition(" => ")[0].split(", ") for line in persons.splitlines()]
    groups += symbols["person_name_parts"].values()
    spellings = ({one.casefold() for one in group} for group in groups)
    return {one for group in spellings if len(group) > 1 for one in group if _NAME.fullmatch(one)}


def write(name: str, lines: list[str]) -> None:
    """A table of lines."""
    (OUT / name).write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
