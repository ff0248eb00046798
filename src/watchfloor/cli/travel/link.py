"""`watchfloor travel link`: which rows of tables of persons are of one person, without labels."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, LangOption, busy, err, fail, print_json
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    from watchfloor.cell.identity.linkage.linkage import Linkage
    from watchfloor.cell.identity.linkage.tables import PersonTable
    from watchfloor.core.messages import Language


def link(
    records: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="RECORDS…",
            help="Tables of persons: CSV, XLSX, Parquet or JSON.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="PAIRS", help="Where to write: .parquet or .csv.")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="TOML that names columns: [columns], and lines such as family = 'NAME'.",
        ),
    ] = None,
    within: Annotated[bool, typer.Option("--within/--no-within", help="Pairs of rows of one table.")] = True,
    across: Annotated[bool, typer.Option("--across/--no-across", help="Pairs of rows of two tables.")] = True,
    precision: Annotated[
        float,
        typer.Option(min=0.5, max=0.99999, help="Share of the pairs that should be right, as expected."),
    ] = 0.999,
    as_json: JsonOption = False,
    lang: LangOption = "en",
) -> None:
    """Link persons of any tables without labels: pairs of rows that are one person, with reasons in bits.

    One row a pair: id_a, id_b, score (probability), reasons, bits, table_a, table_b. Columns are known by
    their names or by a mapping file; nationality, birthplace, sex, race and language are left out. A pair is
    an invitation to look, never an identity.

    Example: watchfloor travel link visas.csv permits.xlsx -o pairs.parquet
    """
    from watchfloor.cell.identity.linkage.linkage import link as link_tables
    from watchfloor.cell.identity.linkage.sentences import SCHEMA, pair_rows

    write = writer(output, "pairs")
    began = time.perf_counter()
    with busy("reading") as say:
        tables = _read(records, mapping)
        found = link_tables(tables, within=within, across=across, precision=precision, say=say)
        say(f"writing {output.name}")
        write(output, SCHEMA, pair_rows(found, lang))
    facts = _facts(found, round(time.perf_counter() - began, 3))
    if as_json:
        print_json(facts)
    else:
        _print(found, facts, output, lang)
    if facts["refused"]:
        raise typer.Exit(PARTLY)


def _read(records: list[Path], mapping: Path | None) -> list["PersonTable"]:
    from watchfloor.cell.identity.linkage.columns import load_mapping
    from watchfloor.cell.identity.linkage.tables import read_table
    from watchfloor.formats.base import FormatError

    try:
        columns = load_mapping(mapping) if mapping else None
        return [read_table(path, columns) for path in records]
    except FormatError as error:
        fail(str(error))


def _facts(found: "Linkage", seconds: float) -> dict[str, Any]:
    return {
        "pairs": len(found.one),
        "precision": round(found.precision, 6),
        "threshold_bits": round(found.threshold, 3),
        "rows": len(found.records),
        "looked_at": found.looked_at,
        "rules": [
            {"keys": list(one.keys), "pairs": one.pairs, "left_out": one.left_out} for one in found.rules
        ],
        "tables": [
            {
                "table": table.name,
                "rows": table.cells.num_rows,
                "refused": table.refused,
                "columns": [
                    {"column": one.name, "field": one.field, "left_out": one.why} for one in table.columns
                ],
            }
            for table in found.tables
        ],
        "notes": [list(note) for note in found.records.notes],
        "refused": sum(table.refused for table in found.tables),
        "seconds": seconds,
    }


def _print(found: "Linkage", facts: dict[str, Any], output: Path, lang: "Language") -> None:
    from watchfloor.cell.identity.linkage.summary import summary

    for line in summary(found, output.name, facts["seconds"], lang):
        err.print(line, highlight=False, markup=False)
