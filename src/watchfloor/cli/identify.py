"""`watchfloor identify`: which substances of a library a sample holds, by its spectra."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import JsonOption, busy, counted, err, fail, print_json, print_table
from watchfloor.cli.identify_law import cell, controls, isomers, level
from watchfloor.cli.identify_reading import Told, row, write
from watchfloor.cli.moments import day, moment

if TYPE_CHECKING:
    from watchfloor.desks.lab.fentanyls import Family
    from watchfloor.desks.lab.identify.answer import Answer
    from watchfloor.desks.lab.identify.compounds import Compound, Shelf
    from watchfloor.formats.spectra.base import Spectrum

EXAMPLES = """
Examples:

  watchfloor identify Mixture1_30V.txt Mixture1_60V.txt Mixture1_90V.txt --library dart/

  watchfloor identify RR473124829GB_*.txt --library dart/ --instrument D2 --taken 2026-07-14T09:30Z -o r.csv

  watchfloor identify exhibits/*.msp --each --library nist.lib --json

Several spectra of one sample (voltages, techniques) give one joint answer. A library is an index made by
`watchfloor library build`, or files and folders of spectra.
"""

PRESUMPTIVE = "presumptive until a laboratory confirms it"


app = typer.Typer(rich_markup_mode=None)


@app.command(
    name="identify",
    epilog=EXAMPLES,
    help="Which substances of a library a sample holds, by its spectra, and what of it stays unknown.",
)
def identify(
    spectra: Annotated[list[Path], typer.Argument(metavar="SPECTRUM…", help="Spectra of one sample.")],
    library: Annotated[
        list[Path], typer.Option("--library", metavar="LIB", help="An index, or files or folders of spectra.")
    ],
    technique: Annotated[
        str,
        typer.Option("--technique", help="Of spectra whose files do not state it: dart-ms, gc-ms, ftir, …"),
    ] = "",
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance", help="In m/z; 0.01, or what masses stated to tenths or whole numbers need."
        ),
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Several samples, told apart by their names without voltage.")
    ] = False,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day of the law; today.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the bootstrap of the intervals.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Also write readings, for watchfloor ingest."),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="KEY", help="With -o: the item, where no file or name says it."),
    ] = None,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="With -o: which one, where its files do not say it.")
    ] = None,
    taken: Annotated[
        str | None, typer.Option("--taken", metavar="MOMENT", help="With -o: when, where no file says it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Name what a sample holds, each with its share of the signal, and say what stays unknown."""
    from watchfloor.desks.lab.identify.answer import identify as identified
    from watchfloor.desks.lab.identify.compounds import Shelf
    from watchfloor.desks.lab.identify.sources import library as read
    from watchfloor.formats.spectra import files

    _sane(technique, tolerance)
    when = day(on, "--on")
    told = _for_reading(output, subject, instrument, technique, taken, library)
    with busy("reading spectra") as say:
        samples = _samples(files.load(spectra), each)
        made, notes = read(
            library, technique, spectra, lambda step: say(f"reading the library: {step.done} of {step.total}")
        )
        shelf = Shelf(made)
        for note in notes:
            err.print(note, markup=False, highlight=False)
        answers = []
        for name, group in samples:
            say(f"identifying {name}")
            answers.append((name, group, identified(group, shelf, technique, tolerance, seed=seed)))
    found = []
    for name, group, answer in answers:
        family = _family(group, technique)
        laws = controls(answer, family, when)
        doubted = replace(answer, doubts=(*answer.doubts, *isomers(answer, laws, shelf)))
        found.append((name, group, doubted, family, laws))
    if told is not None and output is not None:
        write(output, [row(name, group, answer, family, told) for name, group, answer, family, _ in found])
    for name, _, answer, family, laws in found:
        if as_json:
            print_json(_line(name, answer, family, laws))
        else:
            _told(name, answer, family, shelf, laws, when)


def _sane(technique: str, tolerance: float | None) -> None:
    from watchfloor.desks.lab.prepare import CURVES, MASS

    if technique and technique not in (*MASS, *CURVES):
        fail(f"--technique {technique} is not known; one of {', '.join((*MASS, *CURVES))}")
    if tolerance is not None and not 0 < tolerance < 1:
        fail("--tolerance is in m/z, above 0 and below 1, such as 0.01")


def _for_reading(
    output: Path | None,
    subject: str | None,
    instrument: str | None,
    technique: str,
    taken: str | None,
    library: Sequence[Path],
) -> Told | None:
    """What a reading needs that files may not say; None where none is to be written."""
    if output is None:
        if subject or instrument or taken:
            fail("--subject, --instrument and --taken are for a reading: say -o FILE too")
        return None
    at = moment(taken, "--taken", first=True) if taken else None
    return Told(subject, instrument, technique, at, ", ".join(path.name for path in library))


def _samples(loaded: "Sequence[Spectrum]", each: bool) -> "list[tuple[str, list[Spectrum]]]":
    from watchfloor.desks.lab.identify.compounds import sample

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
        fail(f"these look like {len(groups)} samples at one voltage: {told}. Give one, or say --each")
    return [(", ".join(groups), [one for group in groups.values() for one in group])]


def _replicates(name: str, group: "Sequence[Spectrum]") -> "Iterator[tuple[str, list[Spectrum]]]":
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


def _family(group: "Sequence[Spectrum]", technique: str) -> "Family | None":
    """What electron-ionisation spectra say of the fentanyl family; None where there are none."""
    from watchfloor.desks.lab import fentanyls

    found = [fentanyls.classify(one.x, one.y) for one in group if fentanyls.suited(one, technique)]
    return max(found, key=lambda one: one.score, default=None)


def _scheme(answer: "Answer") -> tuple[list[str], bool]:
    """The categories of the techniques used, and whether together they make an identification."""
    from watchfloor.desks.lab.techniques import category, identifies

    used = list(dict.fromkeys(channel.split(",")[0].split()[0] for channel in answer.channels))
    told = [f"{one}: {category(one) or 'no'} category" for one in used]
    return told, identifies((one, None) for one in used)


def _line(
    name: str, answer: "Answer", family: "Family | None", laws: list[dict[str, Any] | None]
) -> dict[str, Any]:
    techniques, identified = _scheme(answer)
    return {
        "sample": name,
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
            for one, law in zip(answer.components, laws, strict=True)
        ],
        "unexplained": round(answer.unexplained, 4),
        "unknown": answer.unknown,
        "shift": round(answer.shift, 5),
        "compared": list(answer.channels),
        "nearest": [
            {**_who(one.compound), "score": round(one.score, 4), "in": one.channel} for one in answer.nearest
        ],
        "family": None if family is None else family.row(),
        "techniques": techniques,
        "presumptive": not identified,
        "doubts": list(answer.doubts),
    }


def _who(compound: "Compound") -> dict[str, Any]:
    return {"name": compound.name, "cas": compound.cas or None, "inchikey": compound.inchikey or None}


def _told(
    name: str,
    answer: "Answer",
    family: "Family | None",
    shelf: "Shelf",
    laws: list[dict[str, Any] | None],
    on: date,
) -> None:
    columns = ("substance", "share of signal", "95 % interval", "least share seen", "match", f"law on {on}")
    rows = (
        (
            " or ".join([one.compound.name, *(other.name for other in one.alternatives)]),
            _percent(one.share),
            f"{_percent(one.low)} to {_percent(one.high)}",
            _percent(one.limit),
            f"{one.match:.2f}",
            cell(law),
        )
        for one, law in zip(answer.components, laws, strict=True)
    )
    held = counted(len(shelf.compounds), "substance")
    print_table(name, columns, rows, f"{name}: unknown. None of the {held} of the library is in it")
    for text in _sentences(answer, family):
        err.print(text, markup=False, highlight=False)


def _sentences(answer: "Answer", family: "Family | None") -> Iterator[str]:
    yield f"compared: {'; '.join(answer.channels)}"
    if answer.components and answer.unknown:
        yield f"unknown remainder: {_percent(answer.unexplained)} of the signal unexplained"
    elif answer.components:
        yield f"{_percent(answer.unexplained)} of the signal unexplained"
    if not answer.components and answer.nearest:
        near = "; ".join(f"{one.compound.name} {one.score:.2f}" for one in answer.nearest)
        yield f"most similar in the library, which is no identification: {near}"
    if family is not None:
        yield family.sentence
    yield from answer.doubts
    techniques, identified = _scheme(answer)
    scheme = "together a scheme that identifies, once results are reviewed" if identified else PRESUMPTIVE
    yield f"ASTM E2329, {'; '.join(techniques)}: {scheme}. Shares are of the signal, not of the mass"


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"
