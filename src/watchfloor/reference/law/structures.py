"""Structures of the law's single-substance items: SMILES and InChIKey, with the sources that say so.

`structures.tsv` is made by `./dev structures` from the Act's own names by OPSIN, the `chemicals` package and
records of MassBank; nothing of it runs here. What an item *covers* besides (salts, isomers, derivatives) is
in `items`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

FILE: Final = "structures.tsv"

Status = Literal["two-source", "one-source", "by hand", "unresolved"]


class Structure(msgspec.Struct, frozen=True):
    """One structure of one item; an item that names both mirror images has two.

    Attributes:
        key: of the item.
        smiles: as RDKit writes it; empty where unresolved.
        inchikey: the standard key; empty where unresolved.
        stereo: `as named`: it has the configuration that the names or the named substance state; `racemic`:
            the item names the racemate, and the structure has no configuration; `not resolved`: the names
            state one (α, β, d, l) that the structure leaves out; `none stated`: neither has any.
        status: `two-source`: two of OPSIN, chemicals and MassBank have the same connectivity under the Act's
            names; `one-source`; `by hand`: a name corrected or a structure written down, `citation` says why;
            `unresolved`.
        agreed: of two sources: `full`, or `connectivity` where only one states the configuration.
        sources: which said so, with version or record, and the name that they were asked.
        cas: where the database has it under the same name and the same whole key; else empty.
        citation: why a decision by hand was made, so that it can be checked.
    """

    key: str
    smiles: str
    inchikey: str
    stereo: Literal["as named", "racemic", "not resolved", "none stated", ""]
    status: Status
    agreed: Literal["full", "connectivity", ""]
    sources: tuple[str, ...]
    cas: str
    citation: str


@cache
def structures() -> Mapping[str, tuple[Structure, ...]]:
    """By item key: what every item that names one substance is made of, also those that are unresolved."""
    lines = (files(__package__) / FILE).read_text("utf-8").splitlines()
    head, *rest = (line.split("\t") for line in lines if not line.startswith("#"))
    found: dict[str, list[Structure]] = {}
    for cells in rest:
        row = dict(zip(head, cells, strict=True))
        said = tuple(filter(None, row["sources"].split(" | ")))
        found.setdefault(row["key"], []).append(msgspec.convert(row | {"sources": said}, Structure))
    return {key: tuple(many) for key, many in found.items()}
