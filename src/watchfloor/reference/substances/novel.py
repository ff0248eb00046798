"""Names of new substances that the law does not name: they lead to a structure, and that is asked about."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from watchfloor.reference.substances.names import fold

FILE: Final = "novel.tsv"


def rows() -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Names, systematic name and SMILES of each substance of the table."""
    text = files(__package__).joinpath(FILE).read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    next(lines)
    for line in lines:
        names, systematic, smiles = line.split("\t")
        yield tuple(names.split("|")), systematic, smiles


@cache
def load() -> dict[str, tuple[str, str]]:
    """The first name and the SMILES of each substance, by every folded name."""
    return {fold(name): (names[0], smiles) for names, _, smiles in rows() for name in names}
