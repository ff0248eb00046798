"""Accounts of a whole file as columns: what a bank knows of them, beside `payment_table`.

The columns are `account_id` and, where the file has them, `bank`, `holder`, `holder_type`, `opened`,
`occupation` and `naics`. AMLworld's accounts, whose entities are called `Corporation #82502`, give the type.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.tables import is_table
from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.accounts import apart
from watchfloor.formats.payments.cells import mask, moments, texts
from watchfloor.formats.payments.columns import account_columns
from watchfloor.formats.payments.files import RefusedRows, open_file
from watchfloor.formats.payments.keys import entity_kind
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular.table import single

TEXTS: Final = ("bank", "holder", "holder_type", "occupation", "naics")
NO_ACCOUNT: Final = "no account"
TWICE: Final = "an account that an earlier row describes"


@dataclass(frozen=True, slots=True)
class AccountTable:
    """Accounts of one file: `rows` in its order, what was refused by reason, what a person should know.

    Attributes:
        rows: `account_id` as payments name it (`number@bank` where a number stands at several banks), the
            texts numbered, `opened` as date32.
        refused: rows that are no account, by reason.
        notes: sentences.
        received: rows and lines of the file.
    """

    rows: pa.Table
    refused: tuple[RefusedRows, ...]
    notes: tuple[str, ...]
    received: int


def load_accounts(source: Any) -> AccountTable:
    """Read a file of accounts whole, or a table of them.

    Raises:
        FormatError: it is empty, no table, or has no column of account numbers.
        OSError: it cannot be opened.
    """
    opened = open_file(source, find=account_columns)
    if "account_id" not in opened.columns.used:
        name = "the table" if is_table(source) else Path(source).name
        like = nearest("account_id", opened.columns.ignored)
        raise FormatError(f"{name} has no column of the account{like}. Call it 'account_id' in the header")
    table, size = opened.table, opened.table.num_rows
    named = texts(single(table["account_id"]))
    made = {word: texts(single(table[word])) for word in TEXTS if word in table.column_names}
    notes = list(opened.columns.notes())
    if "bank" in made:
        (named,), _ = apart([named], [made["bank"]], np.ones(size, np.bool_))
    if "holder_type" not in made and "holder_name" in table.column_names:
        kinds = texts(single(table["holder_name"]), entity_kind)
        if kinds.null_count < size:
            made["holder_type"] = kinds
    if "opened" in table.column_names:
        read = moments(single(table["opened"]))
        made["opened"] = pc.cast(pc.cast(read.values, pa.timestamp("us")), pa.date32())
        bad = sum(int(rows.sum()) for reason, rows in read.whys.items() if not reason.startswith("no "))
        notes += [f"{bad:,} days of opening could not be read"] if bad else []
        notes += read.notes
    empty = mask(named.indices.is_null())
    codes = pc.fill_null(named.indices, -1).to_numpy()
    _, first = np.unique(codes, return_index=True)
    again = np.ones(size, np.bool_)
    again[first] = False
    again &= ~empty
    refused = opened.refused(((NO_ACCOUNT, empty), (TWICE, again)))
    rows = pa.table({"account_id": named, **made}).filter(pa.array(~(empty | again)))
    return AccountTable(rows, refused, tuple(notes), size + len(opened.skipped))
