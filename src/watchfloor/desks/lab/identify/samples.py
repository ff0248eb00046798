"""Identify samples by their spectra: which substances of a library they hold, and what the law says of each.

found = identify(["exhibit_30V.txt", "exhibit_60V.txt"], ["library/"])
found.samples[0].answer.components, found.components()
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import column
from watchfloor.desks.lab import fentanyls
from watchfloor.desks.lab.fentanyls import Family
from watchfloor.desks.lab.identify import answer as answers
from watchfloor.desks.lab.identify.answer import Answer
from watchfloor.desks.lab.identify.compounds import Compound, Shelf, sample
from watchfloor.desks.lab.identify.law import controls, isomers, level
from watchfloor.desks.lab.identify.sources import library as read_library
from watchfloor.desks.lab.techniques import category, identifies
from watchfloor.formats.lab.spectra import files
from watchfloor.formats.lab.spectra.base import Spectrum

COMPONENTS: Final = pa.schema(
    [
        column("sample", pa.string(), "its name", nullable=False),
        column("name", pa.string(), "of the substance, as the library calls it", nullable=False),
        column("cas", pa.string(), "CAS number, where the library states it"),
        column("inchikey", pa.string(), "where the library states it"),
        column("share", pa.float64(), "of the signal, not of the mass", nullable=False),
        column("low", pa.float64(), "95 % interval of the share", nullable=False),
        column("high", pa.float64(), "95 % interval of the share", nullable=False),
        column("match", pa.float64(), "cosine with what the others leave of the sample", nullable=False),
        column("level", pa.string(), "presumptive or inconclusive", nullable=False),
        column("alternatives", pa.list_(pa.string()), "what could stand in its place", nullable=False),
        column("outcome", pa.string(), "what the law says; null where nothing is found"),
    ]
)


class SeveralSamples(ValueError):  # noqa: N818 - says what the files are
    """Spectra of one voltage that look like those of several samples; the message names them."""


@dataclass(frozen=True, slots=True)
class IdentifiedSample:
    """A sample, identified.

    Attributes:
        name: of the sample.
        spectra: of it.
        answer: which substances it holds, and what stays unknown.
        family: what electron-ionisation spectra say of the fentanyl family; None where there are none.
        laws: what the law says of each component; None where nothing is found.
    """

    name: str
    spectra: Sequence[Spectrum]
    answer: Answer
    family: Family | None
    laws: list[dict[str, Any] | None]

    def scheme(self) -> tuple[list[str], bool]:
        """The categories of the techniques used, and whether together they make an identification."""
        used = list(dict.fromkeys(channel.split(",")[0].split()[0] for channel in self.answer.channels))
        told = [f"{one}: {category(one) or 'no'} category" for one in used]
        return told, identifies((one, None) for one in used)

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, as `watchfloor identify --json` has them."""
        answer = self.answer
        techniques, identified = self.scheme()
        return {
            "sample": self.name,
            "components": [
                {
                    **_who(one.compound),
                    "share": round(one.share, 4),
                    "low": round(one.low, 4),
                    "high": round(one.high, 4),
                    "limit": round(one.limit, 4),
                    "match": round(one.match, 4),
                    "worth": round(one.worth, 1),
                    "alternatives": [_who(other) for other in one.alternatives],
                    "level": level(law, one, answer),
                    "controlled": law,
                }
                for one, law in zip(answer.components, self.laws, strict=True)
            ],
            "unexplained": round(answer.unexplained, 4),
            "unknown": answer.unknown,
            "shift": round(answer.shift, 5),
            "compared": list(answer.channels),
            "nearest": [
                {**_who(one.compound), "score": round(one.score, 4), "in": one.channel}
                for one in answer.nearest
            ],
            "family": self.family and self.family.row(),
            "techniques": techniques,
            "presumptive": not identified,
            "doubts": list(answer.doubts),
        }


class Identification(NamedTuple):
    """Samples, identified.

    Attributes:
        samples: in the order of their spectra.
        shelf: the library.
        notes: a sentence on each spectrum that was left out of the library.
    """

    samples: tuple[IdentifiedSample, ...]
    shelf: Shelf
    notes: list[str]

    def components(self) -> pa.Table:
        """Return a row for each substance that a sample is taken to hold."""
        rows = [
            {
                **row,
                "sample": one.name,
                "alternatives": [other["name"] for other in row["alternatives"]],
                "outcome": row["controlled"] and row["controlled"]["outcome"],
            }
            for one in self.samples
            for row in one.plain()["components"]
        ]
        return pa.Table.from_pylist(rows, COMPONENTS)


def identify(
    spectra: Sequence[str | Path],
    library: Sequence[str | Path],
    technique: str = "",
    tolerance: float | None = None,
    *,
    each: bool = False,
    on: date | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    report: Callable[[str], None] = lambda _: None,
) -> Identification:
    """Name what samples hold, each with its share of the signal, and say what stays unknown.

    Args:
        spectra: files of one sample: at several voltages, by several techniques, or one alone.
        library: an index made by `watchfloor lab library build`, or files and folders of spectra.
        technique: of spectra whose files do not state it: dart-ms, gc-ms, ftir, …
        tolerance: in m/z; 0.01, or what masses stated to tenths or whole numbers need.
        each: whether they are of several samples, told apart by their names without voltage.
        on: the day of the law; today.
        seed: of the bootstrap of the intervals.
        progress: told what is being done.
        report: called with each note as soon as it is known.

    Raises:
        SeveralSamples: they look like several samples, and `each` is not set.
        FormatError: a spectrum or the library cannot be used.
    """
    paths, shelved = [Path(one) for one in spectra], [Path(one) for one in library]
    samples = _samples(files.load(paths), each)
    made, notes = read_library(
        shelved,
        technique,
        paths,
        lambda step: progress(f"reading the library: {step.done} of {step.total}"),
    )
    for note in notes:
        report(note)
    shelf, found = Shelf(made), []
    for name, group in samples:
        progress(f"identifying {name}")
        answer = answers.identify(group, shelf, technique, tolerance, seed=seed)
        family = _family(group, technique)
        laws = controls(answer, family, on or datetime.now(UTC).date())
        doubted = replace(answer, doubts=(*answer.doubts, *isomers(answer, laws, shelf)))
        found.append(IdentifiedSample(name, group, doubted, family, laws))
    return Identification(tuple(found), shelf, notes)


def _samples(loaded: Sequence[Spectrum], each: bool) -> list[tuple[str, list[Spectrum]]]:
    groups: dict[str, list[Spectrum]] = {}
    for one in loaded:
        groups.setdefault(sample(one.name), []).append(one)
    if each:
        return [(name, group) for one, all_ in groups.items() for name, group in _replicates(one, all_)]
    if len(groups) == 1:
        return list(groups.items())
    volts = [{one.voltage for one in group} for group in groups.values()]
    if any(a & b - {None} for at, a in enumerate(volts) for b in volts[at + 1 :]):
        told = ", ".join(list(groups)[:6])
        raise SeveralSamples(f"these look like {len(groups)} samples at one voltage: {told}")
    return [(", ".join(groups), [one for group in groups.values() for one in group])]


def _replicates(name: str, group: Sequence[Spectrum]) -> Iterator[tuple[str, list[Spectrum]]]:
    """Spectra of one name by what was measured together: one of each voltage and technique, in order."""
    made: list[list[Spectrum]] = []
    seen: Counter[tuple[float | None, str]] = Counter()
    for one in group:
        kind = (one.voltage, one.technique)
        if seen[kind] == len(made):
            made.append([])
        made[seen[kind]].append(one)
        seen[kind] += 1
    yield from ((f"{name} ({at})" if at > 1 else name, part) for at, part in enumerate(made, 1))


def _family(group: Sequence[Spectrum], technique: str) -> Family | None:
    """Classify electron-ionisation spectra by the fentanyl family; None if there are none."""
    found = [fentanyls.classify(one.x, one.y) for one in group if fentanyls.suited(one, technique)]
    return max(found, key=lambda one: one.score, default=None)


def _who(compound: Compound) -> dict[str, Any]:
    return {"name": compound.name, "cas": compound.cas or None, "inchikey": compound.inchikey or None}
