"""Libraries from files: an index, or spectra of files and folders, named by a table where they have codes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from watchfloor.desks.lab.identify.compounds import sample
from watchfloor.desks.lab.prepare import checked
from watchfloor.desks.lab.search import library as libraries
from watchfloor.desks.lab.search.library import Library
from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra import files
from watchfloor.formats.lab.spectra.base import Spectrum

TABLES: Final = (".xlsx", ".xls", ".ods", ".csv")
MIXED: Final = re.compile(r"(?:mix(?:ture)?|blank|unknown|sample)[\s_-]?\d*$", re.IGNORECASE)
"""Names of spectra that are of no one substance."""
_HEADS: Final = {
    **{name: name for name in ("code", "name", "cas", "inchikey", "smiles", "formula")},
    "casno": "cas",
    "formulanosalt": "formula",
    "canonicalsmiles": "smiles",
    "isomericsmiles": "smiles",
}


def library(
    paths: Iterable[Path],
    technique: str = "",
    asked_about: Iterable[Path] = (),
    report: files.Report | None = None,
) -> tuple[Library, list[str]]:
    """A library, and a sentence for each thing that was left out of it.

    Args:
        paths: one index file, or files and folders of spectra. A table in a folder with columns Code and Name
            (and CAS, InChIKey, SMILES, Formula) names spectra that are called by a code.
        technique: of spectra whose files do not state it.
        asked_about: files that are asked about; it is told where they are in the library too.
        report: told of each file.

    Raises:
        FormatError: a path does not exist, several are given and one is an index, or nothing is left.
    """
    given = [Path(path) for path in paths]
    indexes = [path for path in given if libraries.is_library(path)]
    if indexes:
        if len(given) > 1:
            raise FormatError(
                f"{indexes[0]} is a library of its own: give it alone, or build one of all files"
            )
        return libraries.open_(indexes[0]), []
    asked = {Path(path).resolve() for path in asked_about}
    notes: list[str] = []
    mixed: list[str] = []
    coded = dict(entry for path in given if path.is_dir() for entry in _coded(path))
    kept: list[Spectrum] = []
    for one in files.load(given, report):
        if MIXED.match(sample(one.name)):
            mixed.append(one.name)
            continue
        if Path(one.said["file"]).resolve() in asked:
            notes.append(f"{one.said['file']} is asked about and in the library too: its match says nothing")
        kept += _sound(_named(one, coded), technique, notes)
    if mixed:
        shown = ", ".join(mixed[:3]) + (", …" if len(mixed) > 3 else "")
        notes.append(f"left out of the library, by their names of no one substance: {len(mixed)} ({shown})")
    if not kept:
        first = f"; {notes[0]}" if notes else ""
        raise FormatError(f"{', '.join(map(str, given))}: there is no spectrum for a library{first}")
    return libraries.build(kept), notes


def _sound(one: Spectrum, technique: str, notes: list[str]) -> Iterator[Spectrum]:
    try:
        yield checked(one, technique if not one.technique else "")
    except FormatError as error:
        notes.append(f"left out of the library: {error}")


def _named(one: Spectrum, coded: Mapping[str, Mapping[str, str]]) -> Spectrum:
    known = coded.get(sample(one.name))
    if known is None:
        return one
    return replace(
        one,
        name=known.get("name") or one.name,
        cas=one.cas or known.get("cas") or None,
        inchikey=one.inchikey or known.get("inchikey") or None,
        formula=one.formula or known.get("formula") or None,
        said={**({"SMILES": known["smiles"]} if known.get("smiles") else {}), **one.said},
    )


def _coded(folder: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the entries of a folder's tables, by code."""
    from watchfloor.formats.lab.spectra.text import cas, inchikey

    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in TABLES:
            continue
        for row in _rows(path):
            found = {
                _HEADS[head]: text.strip()
                for column, text in row.items()
                if (head := re.sub(r"[^a-z]", "", column.lower())) in _HEADS
            }
            if found.get("code") and found.get("name"):
                numbers = {
                    "cas": cas(found.get("cas", ""))[0],
                    "inchikey": inchikey(found.get("inchikey", "")),
                }
                yield found["code"], {**found, **{key: value or "" for key, value in numbers.items()}}


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    if path.suffix.lower() == ".csv":
        import csv

        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            yield from (
                {k: v or "" for k, v in row.items() if isinstance(k, str)} for row in csv.DictReader(stream)
            )
        return
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        rows = workbook.get_sheet_by_index(0).to_python()
    except (CalamineError, OSError) as error:
        raise FormatError(f"{path} cannot be read as a table of names: {error}") from None
    if rows:
        heads = [str(cell) for cell in rows[0]]
        yield from (dict(zip(heads, map(str, row), strict=False)) for row in rows[1:])
