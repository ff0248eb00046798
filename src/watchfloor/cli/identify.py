"""`watchfloor identify`: which substances of a library a sample holds, by its spectra."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import JsonOption, busy, counted, err, fail, print_json, print_table
from watchfloor.cli.moments import day, moment

if TYPE_CHECKING:
    from watchfloor.desks.lab.identify.readings import Stated
    from watchfloor.desks.lab.identify.samples import IdentifiedSample

EXAMPLES = """
Examples:

  watchfloor identify Mixture1_30V.txt Mixture1_60V.txt Mixture1_90V.txt --library dart/

  watchfloor identify RR473124829GB_*.txt --library dart/ --instrument D2 --taken 2026-07-14T09:30Z -o r.csv

  watchfloor identify exhibits/*.msp --each --library nist.lib --json

Several spectra of one sample (voltages, techniques) give one joint answer. A library is an index made by
`watchfloor lab library build`, or files and folders of spectra.
"""

UNREADABLE = {
    "techniques": "{}: -o takes one technique at a time",
    "subject": "--{}",
    "unstated": "{}. Say it with --subject, --instrument or --taken",
}
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
    from watchfloor.desks.lab.identify.samples import SeveralSamples
    from watchfloor.desks.lab.identify.samples import identify as identified

    _sane(technique, tolerance)
    when = day(on, "--on")
    stated = _for_reading(output, subject, instrument, technique, taken, library)

    def note(text: str) -> None:
        err.print(text, markup=False, highlight=False)

    try:
        with busy("reading spectra") as say:
            found = identified(
                spectra,
                library,
                technique,
                tolerance,
                each=each,
                on=when,
                seed=seed,
                progress=say,
                report=note,
            )
    except SeveralSamples as error:
        fail(f"{error}. Give one, or say --each")
    if stated is not None and output is not None:
        _write(output, found.samples, stated)
    for one in found.samples:
        if as_json:
            print_json(one.plain())
        else:
            _told(one, len(found.shelf.compounds), when)


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
) -> "Stated | None":
    """Facts that a reading needs and files may not say; None where none is to be written."""
    if output is None:
        if subject or instrument or taken:
            fail("--subject, --instrument and --taken are for a reading: say -o FILE too")
        return None
    from watchfloor.desks.lab.identify.readings import Stated

    at = moment(taken, "--taken", first=True) if taken else None
    return Stated(subject, instrument, technique, at, ", ".join(path.name for path in library))


def _write(output: Path, samples: "Sequence[IdentifiedSample]", stated: "Stated") -> None:
    from watchfloor.desks.lab.identify.readings import ReadingError, row, write

    try:
        write(output, [row(one, stated) for one in samples])
    except ReadingError as error:
        fail(UNREADABLE[error.kind].format(error))


def _told(found: "IdentifiedSample", held: int, on: date) -> None:
    from watchfloor.desks.lab.identify.law import cell

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
        for one, law in zip(found.answer.components, found.laws, strict=True)
    )
    none = f"{found.name}: unknown. None of the {counted(held, 'substance')} of the library is in it"
    print_table(found.name, columns, rows, none)
    for text in _sentences(found):
        err.print(text, markup=False, highlight=False)


def _sentences(found: "IdentifiedSample") -> Iterator[str]:
    answer, family = found.answer, found.family
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
    techniques, identified = found.scheme()
    scheme = "together a scheme that identifies, once results are reviewed" if identified else PRESUMPTIVE
    yield f"ASTM E2329, {'; '.join(techniques)}: {scheme}. Shares are of the signal, not of the mass"


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"
