"""Answers to many queries as an Arrow table."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import column
from watchfloor.core.tables import as_table
from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import nearest
from watchfloor.reference.substances.outcome import Answer, Lang, QueryError, Taken
from watchfloor.reference.substances.queries import answers, lines_of, plain

ANSWERS: Final = pa.schema(
    [
        column("query", pa.string(), "as it was given", nullable=False),
        column("taken", pa.string(), "how it was read: name, cas, smiles, inchikey or hs"),
        column("on", pa.date32(), "the day asked for", nullable=False),
        column("outcome", pa.string(), "of `outcome`; null where the query could not be read"),
        column("person", pa.bool_(), "whether a person has to decide something"),
        column("reason", pa.string(), "as sentences, or why the query could not be read", nullable=False),
        column("clauses", pa.list_(pa.string()), "items of the schedules that it rests on"),
        column("near", pa.list_(pa.string()), "listed substances most like it by structure"),
        column("inchikey", pa.string(), "of the substance, where it has a structure"),
    ]
)


def controlled_table(
    queries: Any, on: date | None = None, taken: Taken | None = None, language: Lang = "en"
) -> pa.Table:
    """Answer many queries, in their order: a row each, also for one that cannot be read.

    Args:
        queries: a file with a query a line, texts or a column of them, or a table with a column `query`.
        on, taken: as of `controlled`.
        language: of the reasons.
    """
    day = on or datetime.now(UTC).date()
    rows = [_row(query, day, found, language) for query, found in answers(_texts(queries), day, taken)]
    return pa.Table.from_pylist(rows, ANSWERS)


def _texts(queries: Any) -> Iterable[str]:
    if isinstance(queries, str | Path):
        return lines_of(Path(queries))
    if hasattr(queries, "__arrow_c_stream__"):
        values = pa.chunked_array(queries)
        if pa.types.is_struct(values.type):  # a frame, and not one of its columns
            names = as_table(queries).column_names
            if "query" not in names:
                raise FormatError(f"the table has no column 'query'{nearest('query', names)}")
            values = as_table(queries)["query"]
        queries = values.to_pylist()
    return ["" if one is None else str(one) for one in queries]


def _row(query: str, on: date, found: Answer | QueryError, language: Lang) -> dict[str, Any]:
    if isinstance(found, QueryError):
        return {"query": query, "on": on, "reason": str(found)}
    row = plain(found, language)
    listed = {
        "clauses": [one["item"] for one in row["clauses"]],
        "near": [one["name"] for one in row["near"]],
    }
    return {name: row[name] for name in ANSWERS.names} | listed
