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

    from watchfloor.cell.bulk.given import Fault, Given
    from watchfloor.cell.bulk.sums import Weighed

PRIOR: Final = 0.03
SHOWN_FAULTS: Final = 5
SHOWN_HUBS: Final = 10


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
    from watchfloor.cell.bulk.sums import weigh as weighed
    from watchfloor.cell.linking import Rules
    from watchfloor.cell.nearby import Reach

    _check(signals, output, quarantine, prior, hub)
    started = time.perf_counter()
    with busy(f"reading {signals.name}") as say:
        given, faults = _read(signals, quarantine)
        reach = Reach(speed=speed) if speed else None
        made = weighed(given, prior, Rules(least=hub, most=most), reach, lang, say)
        if output:
            say(f"writing {output.name}")
            _keep(output, lambda place: _write(made.leads, place))
    summary = _summary(given, made, faults, prior) | {"seconds": round(time.perf_counter() - started, 2)}
    _show(made, summary | {"output": str(output) if output else None}, top, as_json)
    if faults:
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


def _read(signals: Path, quarantine: Path | None) -> "tuple[Given, list[Fault]]":
    """The signals that can be weighed. The others are put into quarantine, or end the command."""
    import numpy as np
    import pyarrow as pa

    from watchfloor.cell.bulk.given import COLUMNS, faults, read, with_types

    table = _table(signals, COLUMNS)
    if not table.num_rows:
        fail(f"{signals.name} holds no signals; there is nothing to weigh and nothing was written")
    typed = with_types(table, signals.name)
    found = faults(typed)
    if found:
        if quarantine is None:
            fail(_complaint(signals.name, found))
        _keep(quarantine, lambda place: _write(_set_aside(_table(signals), found), place))
        for fault in found[:SHOWN_FAULTS]:
            err.print(_sentence(signals.name, fault), style="yellow", markup=False, highlight=False)
        rows = len({fault.row for fault in found})
        err.print(f"rows put into {quarantine}: {rows:,}", markup=False, highlight=False)
        good = np.ones(typed.num_rows, bool)
        good[[fault.row - 1 for fault in found]] = False
        typed = typed.filter(pa.array(good))
        if not typed.num_rows:
            fail(f"no row of {signals.name} can be weighed; nothing was written but {quarantine}")
    return read(typed), found


def _sentence(name: str, fault: "Fault") -> str:
    return f"{name}, row {fault.row} ({fault.signal_id or 'no id'}): {fault.reason}"


def _complaint(name: str, found: "list[Fault]") -> str:
    more = len({fault.row for fault in found}) - 1
    also = f"; {more:,} more rows cannot be weighed either" if more else ""
    return (
        f"{_sentence(name, found[0])}{also}. Nothing was written. "
        "Mend the file, or set such rows aside with --quarantine FILE.parquet"
    )


def _table(path: Path, columns: tuple[str, ...] | None = None) -> "pa.Table":
    """A Parquet or CSV file, of which only `columns` are read. Raises `FormatError` where it is neither."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from watchfloor.formats.base import FormatError

    with path.open("rb") as file:
        head = file.read(4)
    if head != b"PAR1":
        from watchfloor.cell.bulk.given_csv import read_csv

        return read_csv(path)
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            table = file.read([name for name in names if columns is None or name in columns])
        table.validate(full=True)
        return table
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"{path.name} is a Parquet file that cannot be read: {error}; ask for it anew"
        ) from error


def _set_aside(table: "pa.Table", found: "list[Fault]") -> "pa.Table":
    """The rows as they came, with their number and why they were set aside; once a row."""
    import pyarrow as pa

    reasons: dict[int, list[str]] = {}
    for fault in found:
        reasons.setdefault(fault.row, []).append(fault.reason)
    rows = table.take(pa.array([row - 1 for row in reasons]))
    rows = rows.append_column("quarantine_row", pa.array(list(reasons), pa.int64()))
    return rows.append_column("quarantine_reason", pa.array(["; ".join(why) for why in reasons.values()]))


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


def _summary(given: "Given", made: "Weighed", faults: "list[Fault]", prior: float) -> dict[str, Any]:
    links = made.links
    rows = [int(hub) for hub in links.hubs if links.parties[hub] > 1]
    rows.sort(key=lambda hub: (-int(links.parties[hub]), hub))
    return {
        "signals": len(given.ids),
        "subjects": len(given.keys),
        "leads": made.leads.num_rows,
        "prior": prior,
        **made.counts,
        "without_subject": made.nameless,
        "linked_by_place": made.near,
        "hubs": len(rows),
        "commonest": [
            {"subject": given.keys[hub].as_py(), "companies": int(links.parties[hub])}
            for hub in rows[:SHOWN_HUBS]
        ],
        "links_refused": len(links.refused.why),
        "quarantined": len({fault.row for fault in faults}),
    }


def _show(made: "Weighed", summary: dict[str, Any], top: int, as_json: bool) -> None:
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
