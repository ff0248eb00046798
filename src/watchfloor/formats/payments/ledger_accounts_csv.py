"""Accounts as a bank exports them: `account_id, bank, holder, holder_type, opened, occupation, naics`.

`account_id` is needed. An account is keyed as in `ledger_csv`, so that payments and accounts of one bank
meet. What is known of it is taken as known since the day it was opened, where the table does not say since
when (`observed_at`). A holder's number is keyed under the bank, as a company where `holder_type` says so.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.payments.cells import Mask, mask, moments, one, texts
from watchfloor.formats.payments.columns import Columns, account_columns
from watchfloor.formats.payments.keys import account_keys, entity_kind, person_key, system_of
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.table import Rows
from watchfloor.records.kinds import ACCOUNT, INSTANT
from watchfloor.records.subjects import SubjectError

_COMPANIES: Final = frozenset(
    "company corporation business organisation organization partnership processor public government charity"
    " trust fund bank b entreprise société sole-proprietorship non-profit msb municipality foundation".split()
)
_SIMULATED: Final = ({"Bank ID", "Account Number", "Entity ID"}, {"acct_id", "bank_id", "open_dt"})
_KNOWN: Final = frozenset({"bank", "holder", "holder_type", "opened", "occupation", "naics"})


def sniff(head: Head) -> float:
    """Sure where the header has `account_id` and words of ours about accounts, or is a simulator's."""
    names = set(delimited.header_of(head.data))
    ours = "account_id" in names and len(_KNOWN & names) >= 2
    simulated = {"Bank ID", "Account Number", "Entity ID"} <= names or {
        "acct_id",
        "bank_id",
        "open_dt",
    } <= names
    return 0.95 if ours or simulated else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Accounts and faults. Raises `FormatError` where there is no column of account numbers."""
    sheet = delimited.read(stream, name)
    found = account_columns(sheet.names)
    if "account_id" not in found.used:
        raise FormatError(
            f"{name} has no column 'account_id'{nearest('account_id', found.ignored)}. For a table with"
            " columns of its own: watchfloor map FILE --kind account"
        )
    for piece in sheet.pieces:
        yield from (piece,) if isinstance(piece, Fault) else _accounts(found, piece)


def _accounts(found: Columns, rows: Rows) -> Iterator[Batch | Fault]:
    size = rows.cells.num_rows
    wrong: dict[int, str] = {}

    def cell(word: str) -> pa.Array | None:
        name = found.used.get(word)
        return one(rows.cells[name]) if name is not None else None

    def said(word: str) -> pa.Array:
        cells = cell(word)
        return pa.nulls(size, pa.string()) if cells is None else texts(cells).dictionary_decode()

    def moment(word: str) -> pa.Array:
        cells = cell(word)
        if cells is None:
            return pa.nulls(size, INSTANT)
        read = moments(cells)
        for reason, where in read.whys.items():
            for row in np.flatnonzero(where & ~_blank(cells)).tolist():
                wrong.setdefault(row, f"{word}: {reason}")
        return pa.nulls(size, INSTANT) if read.notes else read.values

    numbers, bank = texts(cell("account_id")), cell("bank")
    keys, failed = account_keys(numbers, bank)
    wrong |= {row: f"account_id: {why}" for row, why in failed.items()}
    for row in np.flatnonzero(mask(keys.is_null())).tolist():
        wrong.setdefault(row, "account_id is empty")
    for row, key in enumerate(keys.to_pylist()):
        if key and not key.startswith("account:"):
            wrong.setdefault(row, f"account_id: {key!r} is the key of no account")
    opened = moment("opened")
    types = said("holder_type")
    if (names := cell("holder_name")) is not None:
        types = pc.coalesce(types, texts(names, entity_kind).dictionary_decode())
    columns = {
        "report_key": keys,
        "origins": pa.array([[]] * size, pa.list_(pa.string())),
        "observed_at": pc.coalesce(moment("observed_at"), opened, pa.scalar(UNDATED, INSTANT)),
        "subject": pc.fill_null(keys, ""),
        "bank": said("bank"),
        "holder": _holders(said("holder"), types, said("bank"), wrong),
        "holder_type": types,
        "opened": pc.cast(pc.cast(opened, pa.timestamp("us")), pa.date32()),
        "occupation": said("occupation"),
        "naics": said("naics"),
    }
    return mapping.kept(ACCOUNT.name, columns, wrong, rows)


def _blank(cells: pa.Array) -> Mask:
    return mask(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(cells), ""), True))


def _holders(holders: pa.Array, types: pa.Array, banks: pa.Array, wrong: dict[int, str]) -> pa.Array:
    """Keys of holders, each worked out once."""
    known: dict[tuple[str | None, ...], tuple[str | None, str]] = {}
    keys = []
    for row, stated in enumerate(zip(holders.to_pylist(), types.to_pylist(), banks.to_pylist(), strict=True)):
        if stated not in known:
            known[stated] = _holder(*stated)
        key, why = known[stated]
        keys.append(key)
        if why:
            wrong.setdefault(row, f"holder: {why}")
    return pa.array(keys, pa.string())


def _holder(holder: str | None, of: str | None, bank: str | None) -> tuple[str | None, str]:
    """The key of a holder, or what is wrong with it."""
    company = "-".join((of or "").casefold().split()) in _COMPANIES
    try:
        return (person_key(holder, company, system_of(bank)) if holder else None), ""
    except SubjectError as error:
        return None, str(error)


FORMAT: Final = Format("ledger-accounts-csv", (ACCOUNT.name,), sniff, read)
