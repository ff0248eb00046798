"""Answers in tables of simulators, kept apart from payments: labels and laundering patterns.

For benchmarks and for fitting only. Nothing here is read by `payment_table.load`, whose rows these tables are
joined to by `sequence`, the row in the file from 0.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.cells import ids, plain
from watchfloor.formats.payments.files import open_file, open_text
from watchfloor.formats.payments.table import build, load
from watchfloor.formats.tabular.table import single

AMLWORLD: Final = (
    b"Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"
    b"Payment Currency,Payment Format,Is Laundering\n"
)
"""The header of AMLworld's transactions (Altman and others, arXiv 2306.16424); its patterns have none."""

LABELS: Final = pa.schema(
    [
        pa.field("payment_id", pa.string()),
        pa.field("sequence", pa.int64()),
        pa.field("label", pa.bool_()),
        pa.field("instance", pa.string()),
        pa.field("typology", pa.string()),
    ]
)
INSTANCES: Final = pa.schema(
    [
        pa.field("instance", pa.int32()),
        pa.field("typology", pa.string()),
        pa.field("sequence", pa.int64()),
        pa.field("payment_id", pa.string()),
    ]
)

_BEGIN: Final = re.compile(r"BEGIN LAUNDERING ATTEMPT\s*-\s*(?P<of>[^:]+?)\s*(?::.*)?$")
_END: Final = "END LAUNDERING ATTEMPT"
_TRUE: Final = ("1", "true", "yes", "t", "y", "1.0")
_NONE: Final = ("", "-1")


def labels(path: Path) -> pa.Table:
    """Which payments of a file it calls laundering (`LABELS`), in the file's order.

    `instance` is the alert or pattern that a payment is said to be of, `typology` the pattern's name, null
    where the file does not say. A file of ids and labels alone is read too.

    Raises:
        FormatError: the file has no column of labels, or is no table.
        OSError: it cannot be opened.
    """
    opened = open_file(path, labels=True)
    if "label" not in opened.columns.labels:
        raise FormatError(f"{path.name} has no column of labels; call it 'label', 1 or 0")
    table, size = opened.table, opened.table.num_rows
    number = pa.array(np.arange(size))
    named = pc.cast(pc.add(number, 1), pa.string())
    if "payment_id" in table.column_names:
        stated = ids(single(table["payment_id"]))
        row = pc.binary_join_element_wise("row", named, " ")
        named = pc.if_else(pc.or_kleene(stated.is_null(), pc.equal(stated, "")), row, stated)
    said = {word: pc.cast(plain(single(table[word])), pa.string()) for word in table.column_names}
    label = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(said["label"])), pa.array(_TRUE))
    columns = [_stated(said.get(word), size) for word in ("alert", "typology")]
    return pa.Table.from_arrays([named, number, label, *columns], schema=LABELS)


def _stated(column: pa.Array | None, size: int) -> pa.Array:
    if column is None:
        return pa.nulls(size, pa.string())
    return pc.if_else(pc.is_in(column, pa.array(_NONE)), None, column)


class Patterns(NamedTuple):
    """Instances of laundering and their payments (`INSTANCES`), and lines that no payment was found for."""

    rows: pa.Table
    unmatched: int


def patterns(path: Path, payments: Path) -> Patterns:
    """AMLworld's file of patterns, each line as the payment of the transactions' file that it repeats.

    Two payments with the same content are taken in the file's order. A bank's leading zeros do not matter.

    Raises:
        FormatError: a file is not what it should be.
        OSError: one cannot be opened.
    """
    found = list(_attempts(path.read_text(encoding="utf-8", errors="replace")))
    lines = [line for _, _, line in found]
    if not lines:
        raise FormatError(f"{path.name} holds no BEGIN LAUNDERING ATTEMPT with payments")
    stated = build(open_text(pa.py_buffer(AMLWORLD + "\n".join(lines).encode()), path.name))
    rows = load(payments).rows
    near = rows.filter(
        pc.and_(
            pc.is_in(rows["at"], stated.rows["at"].combine_chunks()),
            pc.is_in(rows["amount_float"], stated.rows["amount_float"].combine_chunks()),
        )
    )
    waiting: dict[tuple[object, ...], deque[tuple[int, str]]] = defaultdict(deque)
    where = zip(near["sequence"].to_pylist(), near["payment_id"].to_pylist(), strict=True)
    order = sorted(zip(where, _contents(near), strict=True), key=lambda pair: pair[0][0])
    for place, content in order:
        waiting[content].append(place)
    made = []
    contents = zip(stated.rows["sequence"].to_pylist(), _contents(stated.rows), strict=True)
    for at, content in sorted(contents, key=lambda pair: pair[0]):
        if waiting[content]:
            sequence, named = waiting[content].popleft()
            made.append((found[at][0], found[at][1], sequence, named))
    columns = zip(*made, strict=True) if made else ([], [], [], [])
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, INSTANCES, strict=True)]
    return Patterns(pa.Table.from_arrays(arrays, schema=INSTANCES), len(lines) - len(made))


def _attempts(text: str) -> Iterator[tuple[int, str, str]]:
    """Number of the attempt from 0, its typology, and a line of it."""
    number, typology = -1, ""
    for line in text.splitlines():
        if begun := _BEGIN.match(line.strip()):
            number, typology = number + 1, begun["of"].upper()
        elif line.startswith(_END):
            typology = ""
        elif typology and "," in line:
            yield number, typology, line.strip()


def _contents(rows: pa.Table) -> Iterator[tuple[object, ...]]:
    """Yield the key of each AMLworld payment: time, accounts at banks, amount, currency, form."""
    columns = [rows[word].to_pylist() for word in ("at", "amount", "currency", "channel")]
    sides = zip(*(rows[w].to_pylist() for w in ("payer", "payer_bank", "payee", "payee_bank")), strict=True)
    for (at, amount, currency, form), (payer, bank, payee, to) in zip(
        zip(*columns, strict=True), sides, strict=True
    ):
        exact: Decimal = amount.normalize()
        yield at, exact, currency, form, _bare(payer, bank), _bare(payee, to)


def _bare(account: str | None, bank: str | None) -> tuple[str, str]:
    bare = (bank or "").lstrip("0")
    return (account or "").removesuffix(f"@{bare}"), bare
