"""`watchfloor feeds map`: which columns of a table are which fields, proposed, tried and written down."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    PARTLY,
    EncodingOption,
    JsonOption,
    counted,
    err,
    fail,
    of_error,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.formats.tabular.mapping import Mapping
    from watchfloor.formats.tabular.propose import Proposal
    from watchfloor.formats.tabular.trial import Trial

TABLES = "CSV, XLSX, XLSB, XLS, ODS or JSON lines"


def map_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=f"A {TABLES} file.")],
    kind: Annotated[str, typer.Option(help="What its rows are: party, listing, payment, reading…")] = "party",
    mapping: Annotated[
        Path | None, typer.Option(help="Where the mapping is written; one that is there is tried as it is.")
    ] = None,
    encoding: EncodingOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Try at most this many rows.")] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Propose how a table is read, show what comes of it, and write the mapping down.

    Exit codes: 0 every row reads and nothing is open; 1 there is something to look at: a note, a field that
    still needs a column, rows that would be quarantined, or no row that reads.

    Example: watchfloor feeds map consignees.xlsx --mapping consignees.toml; watchfloor ingest consignees.xlsx
    --mapping consignees.toml
    """
    from msgspec import structs

    from watchfloor.formats.settings import nearest
    from watchfloor.formats.tabular import mapping as mappings
    from watchfloor.formats.tabular.fields import FIELDS
    from watchfloor.formats.tabular.trial import Trial, table, wanted

    if kind not in FIELDS:
        fail(f"--kind: a table cannot be mapped to {kind!r}{nearest(kind, FIELDS)}")
    _refuse_no_table(file)
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    if mapping and mapping.exists():
        chosen = _load(mapping)
        if encoding:
            chosen = structs.replace(chosen, encoding=encoding)
        unused = chosen.unused(table(file, file.name, chosen).names)
    else:
        proposal = _propose(file, kind, encoding)
        chosen, notes, missing = proposal.mapping, proposal.notes, proposal.missing
        unused = proposal.unused
        if mapping and not dry_run:
            mapping.write_text(mappings.dump(chosen, (*notes, *map(wanted, missing))), encoding="utf-8")
    trial = Trial() if missing else _try(chosen, file, limit)
    _print_json(chosen, notes, missing, unused, trial) if as_json else _print(chosen, notes, missing, trial)
    if unused and not as_json:
        err.print(f"columns that fill no field: {', '.join(unused)}", markup=False, highlight=False)
    _next(file, mapping, dry_run, missing, notes, trial)
    if missing or notes or trial.reasons or not trial.mapped:
        raise typer.Exit(PARTLY)


def _refuse_no_table(file: Path) -> None:
    """Say what a file is that is surely no table, and what is to be done with it."""
    from watchfloor.formats.tabular.trial import head_of, other

    if (found := other(head_of(file, file.name))) is not None:
        need = f" It needs no mapping: watchfloor ingest {file}." if found.reads else ""
        fail(f"{file} is {found.name} and no table.{need} What maps is a file of columns: {TABLES}")


def _load(path: Path) -> "Mapping":
    from watchfloor.formats.settings import SettingsError
    from watchfloor.formats.tabular.mapping import load

    try:
        return load(path)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}", of_error(error))
    except SettingsError as error:
        fail(str(error))


def _propose(file: Path, kind: str, encoding: str | None) -> "Proposal":
    from dataclasses import replace

    from msgspec import structs

    from watchfloor.formats.tabular.mapping import Mapping
    from watchfloor.formats.tabular.trial import proposed, table

    found = table(file, file.name, Mapping(kind, encoding=encoding))
    if found.note:
        err.print(f"note: {file.name}: {found.note}", markup=False, highlight=False)
    proposal = proposed(found, file.name, kind)
    return replace(proposal, mapping=structs.replace(proposal.mapping, encoding=encoding))


def _try(mapping: "Mapping", file: Path, limit: int) -> "Trial":
    """Read the table with the mapping, up to about `limit` rows."""
    from watchfloor.formats.tabular.trial import tried

    trial = tried(file, file.name, mapping, limit)
    if trial.cut:
        err.print(f"note: tried the first {counted(trial.rows, 'row')}", highlight=False)
    return trial


def _print_json(
    chosen: "Mapping", notes: Iterable[str], missing: Iterable[str], unused: Iterable[str], trial: "Trial"
) -> None:
    from msgspec import to_builtins

    from watchfloor.formats.tabular.trial import shown, units

    print_json(
        {
            "mapping": to_builtins(chosen),
            "notes": notes,
            "missing": missing,
            "unused": unused,
            "units": units(chosen),
            "rows": trial.rows,
            "mapped": trial.mapped,
            "quarantined": trial.rows - trial.mapped,
            "filled": {name: trial.filled[name] for name in chosen.fields},
            "first": [shown(row) for row in trial.first],
            "faults": [{"where": one.locator, "why": one.reason} for one in trial.faults],
        }
    )


def _print(chosen: "Mapping", notes: Iterable[str], missing: Iterable[str], trial: "Trial") -> None:
    from watchfloor.formats.tabular.mapping import dump
    from watchfloor.formats.tabular.trial import shown, units, wanted

    typer.echo(dump(chosen, (*notes, *map(wanted, missing))))
    unit = units(chosen)
    rates = (
        (name, f"{trial.filled[name] / max(trial.mapped, 1):.0%}", unit.get(name, ""))
        for name in chosen.fields
    )
    print_table("filled", ("field", "of the rows", "unit"), rates, "no field is filled yet")
    names = [name for name in (*chosen.fields, *chosen.constants) if any(name in row for row in trial.first)]
    rows = ([shown(row).get(name) for name in names] for row in trial.first)
    print_table("first rows", names, rows, "no row reads yet")
    tried = f"{counted(trial.rows, 'row')} tried"
    typer.echo(f"{tried}: {trial.mapped:,} read, {trial.rows - trial.mapped:,} to quarantine")
    for fault in trial.faults:
        typer.echo(f"  {fault.locator}: {fault.reason}")


def _next(
    file: Path,
    mapping: Path | None,
    dry_run: bool,
    missing: Iterable[str],
    notes: Iterable[str],
    trial: "Trial",
) -> None:
    where = mapping or Path(file.stem + ".toml")
    again = f"watchfloor feeds map {file} --mapping {where}"
    if not mapping or (dry_run and not mapping.exists()):
        say = f"nothing is written; add --mapping {where}" if not dry_run else "nothing is written"
    elif missing:
        say = f"fill in {where}, then try again: {again}"
    elif not trial.mapped:
        say = f"no row reads, so there is nothing to take in; correct {where}, then try again: {again}"
    elif notes:
        say = f"look at the notes in {where} and correct it; next: watchfloor ingest {file} --mapping {where}"
    else:
        say = f"next: watchfloor ingest {file} --mapping {where}"
    err.print(say, markup=False, highlight=False)
