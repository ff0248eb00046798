"""`watchfloor map`: which columns of a table are which fields, proposed, tried and written down."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, counted, err, fail, print_json, print_table

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.formats.base import Fault
    from watchfloor.formats.mapping import Mapping
    from watchfloor.formats.propose import Proposal

SAMPLE = 1_000
FIRST = 5
TABLES = "CSV, XLSX, XLSB, XLS or ODS"
STARTS = {
    "XML or HTML": re.compile(r"<(?:[?!]|[A-Za-z][\w.:-]*[\s/>])"),
    "JSON": re.compile(r"[{\[]\s*[\"{\[\]}]"),
    "PDF": re.compile(r"%PDF-"),
}
"""How files start that are no tables, though their lines may have delimiters."""


@dataclass(slots=True)
class Trial:
    """What a mapping makes of a table."""

    rows: int = 0
    mapped: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    first: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: "list[Fault]" = field(default_factory=list)


def map_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=f"A {TABLES} file.")],
    kind: Annotated[str, typer.Option(help="What its rows are: party, listing, payment, reading…")] = "party",
    mapping: Annotated[
        Path | None, typer.Option(help="Where the mapping is written; one that is there is tried as it is.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Try at most this many rows.")] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Propose how a table is read, show what comes of it, and write the mapping down.

    Exit codes: 0 every row reads; 1 some rows would be quarantined, or a field still needs a column; 2 the
    file is no table, or the mapping is wrong.

    Example: watchfloor map consignees.xlsx --mapping consignees.toml; watchfloor ingest consignees.xlsx
    --mapping consignees.toml
    """
    from watchfloor.formats import mapping as mappings
    from watchfloor.formats.fields import FIELDS
    from watchfloor.formats.settings import nearest

    if kind not in FIELDS:
        fail(f"--kind: a table cannot be mapped to {kind!r}{nearest(kind, FIELDS)}")
    _refuse_no_table(file)
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    if mapping and mapping.exists():
        chosen = _load(mapping)
    else:
        proposal = _propose(file, kind)
        chosen, notes, missing = proposal.mapping, proposal.notes, proposal.missing
        if mapping and not dry_run:
            mapping.write_text(mappings.dump(chosen, (*notes, *map(_wanted, missing))), encoding="utf-8")
    trial = Trial() if missing else _try(chosen, file, limit)
    _print_json(chosen, notes, missing, trial) if as_json else _print(chosen, notes, missing, trial)
    _next(file, mapping, dry_run, missing)
    if missing or trial.reasons:
        raise typer.Exit(PARTLY)


def _refuse_no_table(file: Path) -> None:
    """Say what a file is that is surely no table, and what is to be done with it."""
    from watchfloor.formats.base import HEAD_BYTES, Head
    from watchfloor.formats.registry import GUESS, recognise
    from watchfloor.formats.xml_limits import head_text

    with file.open("rb") as stream:
        head = Head(file.name, stream.read(HEAD_BYTES))
    form, start = recognise(head, GUESS), head_text(head).lstrip("\ufeff \t\r\n")
    looks = next((word for word, sort in STARTS.items() if sort.match(start)), None)
    what = f"What maps is a file of columns: {TABLES}"
    if form and (looks or "report" in form.kinds):
        fail(f"{file} is {form.name} and no table. It needs no mapping: watchfloor ingest {file}. {what}")
    if looks:
        fail(f"{file} is {looks} and no table. {what}")


def _load(path: Path) -> "Mapping":
    from watchfloor.formats.mapping import load
    from watchfloor.formats.settings import SettingsError

    try:
        return load(path)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}")
    except SettingsError as error:
        fail(str(error))


def _propose(file: Path, kind: str) -> "Proposal":
    from watchfloor.formats.mapping import Mapping, open_sheet
    from watchfloor.formats.propose import propose
    from watchfloor.formats.table import Rows, text_table

    with file.open("rb") as stream:
        sheet = open_sheet(Mapping(kind), stream, file.name)
        first = next((piece for piece in sheet.pieces if isinstance(piece, Rows)), None)
        cells = first.cells.slice(0, SAMPLE) if first else text_table(sheet.names, [])
        if note := sheet.note():
            err.print(f"note: {file.name}: {note}", markup=False, highlight=False)
    return propose(kind, cells, file.name, datetime.now(UTC).date().isoformat())


def _try(mapping: "Mapping", file: Path, limit: int) -> Trial:
    """Read the table with the mapping, up to about `limit` rows."""
    from watchfloor.formats.base import Batch
    from watchfloor.formats.mapping import read

    trial = Trial()
    with file.open("rb") as stream:
        for piece in read(mapping, stream, file.name):
            if isinstance(piece, Batch):
                _count(trial, piece.rows)
            else:
                trial.rows += 1
                trial.reasons[_sort_of(piece.reason)] += 1
                trial.faults += [piece] if len(trial.faults) < FIRST else []
            if trial.rows >= limit:
                err.print(f"note: tried the first {counted(trial.rows, 'row')}", highlight=False)
                break
    return trial


def _count(trial: Trial, rows: "pa.Table") -> None:
    trial.rows += rows.num_rows
    trial.mapped += rows.num_rows
    for name in rows.column_names:
        trial.filled[name] += sum(value not in (None, []) for value in rows.column(name).to_pylist())
    trial.first += rows.slice(0, FIRST - len(trial.first)).to_pylist() if len(trial.first) < FIRST else []


def _sort_of(reason: str) -> str:
    """A reason without the text it is about, so that like ones can be counted."""
    return reason.partition("'")[0].rstrip(" :(") if ":" not in reason else reason.split(":")[0]


def _print_json(chosen: "Mapping", notes: Iterable[str], missing: Iterable[str], trial: Trial) -> None:
    from msgspec import to_builtins

    print_json(
        {
            "mapping": to_builtins(chosen),
            "notes": notes,
            "missing": missing,
            "rows": trial.rows,
            "mapped": trial.mapped,
            "quarantined": trial.rows - trial.mapped,
            "filled": {name: trial.filled[name] for name in chosen.fields},
            "first": [_shown(row) for row in trial.first],
            "faults": [{"where": one.locator, "why": one.reason} for one in trial.faults],
        }
    )


def _print(chosen: "Mapping", notes: Iterable[str], missing: Iterable[str], trial: Trial) -> None:
    from watchfloor.formats.mapping import dump

    typer.echo(dump(chosen, (*notes, *map(_wanted, missing))))
    rates = ((name, f"{trial.filled[name] / max(trial.mapped, 1):.0%}") for name in chosen.fields)
    print_table("filled", ("field", "of the rows"), rates, "no field is filled yet")
    names = [name for name in (*chosen.fields, *chosen.constants) if any(name in row for row in trial.first)]
    rows = ([_shown(row).get(name) for name in names] for row in trial.first)
    print_table("first rows", names, rows, "no row reads yet")
    tried = f"{counted(trial.rows, 'row')} tried"
    typer.echo(f"{tried}: {trial.mapped:,} read, {trial.rows - trial.mapped:,} to quarantine")
    for fault in trial.faults:
        typer.echo(f"  {fault.locator}: {fault.reason}")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _brief(value) for name, value in row.items() if value not in (None, []) and name != "locator"
    }


def _brief(value: Any) -> Any:
    """Lists as people write them, moments to the minute."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, list):
        return "; ".join(
            ":".join(filter(None, one.values())) if isinstance(one, dict) else one for one in value
        )
    return value


def _wanted(name: str) -> str:
    return f"{name} is needed: name its column under [fields] or its value under [constants]"


def _next(file: Path, mapping: Path | None, dry_run: bool, missing: Iterable[str]) -> None:
    where = mapping or Path(file.stem + ".toml")
    if not mapping or (dry_run and not mapping.exists()):
        say = f"nothing is written; add --mapping {where}" if not dry_run else "nothing is written"
    elif missing:
        say = f"fill in {where}, then try again: watchfloor map {file} --mapping {where}"
    else:
        say = f"next: watchfloor ingest {file} --mapping {where}"
    err.print(say, markup=False, highlight=False)
