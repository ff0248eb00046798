"""`watchfloor weigh`: signals with their bits, linked and weighed into leads."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import (
    MISSING,
    PARTLY,
    JsonOption,
    LangOption,
    busy,
    err,
    fail,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.cell.bulk.signals import Signals, Weighing

PRIOR: Final = 0.03
SHOWN_FAULTS: Final = 5


def weigh(
    signals: Annotated[
        Path,
        typer.Argument(
            metavar="SIGNALS",
            help="Parquet or CSV with the columns signal_id, desk, subjects, bits, origin, source; it may "
            "have at, text, latitude, longitude, radius, records, group, rho, marking. "
            "In CSV, subjects are parted by ';'.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="LEADS.parquet", help="Write all leads there."),
    ] = None,
    prior: Annotated[
        float, typer.Option(help="Probability of a lead before any signal, between 0 and 1.")
    ] = PRIOR,
    hub: Annotated[
        float, typer.Option(metavar="BITS", help="A shared subject worth less than this joins nobody.")
    ] = 3.0,
    most: Annotated[int, typer.Option(min=1, help="Subjects that one lead may span.")] = 200,
    speed: Annotated[
        float,
        typer.Option(
            metavar="M/S",
            min=0,
            help="How fast things move between signals near in place and time; 0: never mind.",
        ),
    ] = 30.0,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.parquet", help="Put rows that cannot be weighed there, and weigh the rest."
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many leads to show where none are written.")] = 20,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Link signals into leads and weigh them: an origin once, echoes for what they are, sums that are exact.

    A row that cannot be weighed stops the work unless --quarantine says where to put it: evidence is not
    left out unseen. Bits are log2 likelihood ratios, negative for what speaks against.

    Example: watchfloor weigh signals.parquet --prior 0.03 -o leads.parquet
    """
    from watchfloor.cell.bulk import signals as engine

    _check(signals, output, quarantine, prior, hub)
    started = time.perf_counter()
    with busy(f"reading {signals.name}") as say:
        loaded = _read(signals, quarantine)
        made = engine.weigh(
            loaded, prior=prior, hub=hub, most=most, speed=speed, quarantine=True, language=lang, progress=say
        )
        if output:
            say(f"writing {output.name}")
            _keep(output, lambda place: _write(made.leads, place))
    summary = made.summary | {"seconds": round(time.perf_counter() - started, 2)}
    _show(made, summary | {"output": str(output) if output else None}, top, as_json)
    if loaded.faults:
        raise typer.Exit(PARTLY)


def _check(signals: Path, output: Path | None, quarantine: Path | None, prior: float, hub: float) -> None:
    """Refuse what cannot end well before anything is read."""
    if not signals.is_file():
        fail(f"{signals}: there is no such file", MISSING)
    if not 0 < prior < 1:
        fail(f"--prior {prior}: a probability lies between 0 and 1, such as 0.03")
    if hub != hub:
        fail("--hub nan: give a number of bits")
    places = [place.resolve() for place in (signals, output, quarantine) if place]
    if len(set(places)) < len(places):
        fail("SIGNALS, --output and --quarantine are to be different files")
    for place in (output, quarantine):
        if place and not place.resolve().parent.is_dir():
            fail(f"{place}: there is no folder {place.resolve().parent}; make it first", MISSING)
        if place and place.is_dir():
            fail(f"{place} is a folder; name a file")


def _read(path: Path, quarantine: Path | None) -> "Signals":
    """The signals. Rows that cannot be weighed are put into quarantine, or end the command."""
    from watchfloor.cell.bulk.signals import Signals

    loaded = Signals(path)
    if loaded.faults:
        if quarantine is None:
            fail(
                f"{loaded.complaint()}. Nothing was written. "
                "Mend the file, or set such rows aside with --quarantine FILE.parquet"
            )
        _keep(quarantine, lambda place: _write(loaded.quarantined, place))
        for fault in loaded.faults[:SHOWN_FAULTS]:
            err.print(loaded.sentence(fault), style="yellow", markup=False, highlight=False)
        err.print(f"rows put into {quarantine}: {len(loaded.reasons):,}", markup=False, highlight=False)
        if not loaded.good:
            fail(f"no row of {path.name} can be weighed; nothing was written but {quarantine}")
    return loaded


def _write(table: "pa.Table", place: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, place, compression="zstd")


def _keep(place: Path, write: Callable[[Path], None]) -> None:
    """Write beside the place and move there when it is whole, so that nothing half-written is seen."""
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        write(part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def _show(made: "Weighing", summary: dict[str, Any], top: int, as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    if summary["output"] is None:
        rows = (
            (
                f"{row['probability']:.4f}",
                f"{row['bits']:+.2f}",
                len(row["contributions"]),
                _named(row["subjects"]),
            )
            for row in made.leads.slice(0, top).to_pylist()
        )
        print_table("", ("probability", "bits", "parts", "subjects"), rows, "no leads")
    for line in _lines(summary):
        err.print(line, markup=False, highlight=False)


def _named(subjects: list[str]) -> str:
    more = f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
    return ", ".join(subjects[:3]) + more


def _lines(of: dict[str, Any]) -> list[str]:
    """The summary for people; what did not occur is not mentioned."""
    told = f"{of['signals']:,} signals about {of['subjects']:,} subjects: {of['leads']:,} leads"
    parts = f"counted whole {of['whole']:,}, repeats {of['repeats']:,}, dependent {of['dependent']:,}"
    said = [
        f"{told}, prior {of['prior']:g}, {of['seconds']:g} s",
        f"{parts}, likely echoes {of['echoes']:,}",
    ]
    if of["without_subject"]:
        said.append(
            f"{of['without_subject']:,} signals name no subject; each is a lead unless place joins it"
        )
    if of["linked_by_place"]:
        said.append(f"{of['linked_by_place']:,} pairs are linked by place and time")
    if of["hubs"]:
        first = of["commonest"][0]
        said.append(
            f"{of['hubs']:,} subjects are too common to join anybody, the commonest {first['subject']} "
            f"in {first['companies']:,} companies"
        )
    if of["links_refused"]:
        said.append(
            f"{of['links_refused']:,} links were refused: a lead spans at most so many subjects (--most)"
        )
    if of["output"]:
        said.append(f"written to {of['output']}")
    return said
