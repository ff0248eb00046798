"""Accounts as a bank exports them: `account_id, bank, holder, holder_type, opened, occupation, naics`.

`account_id` is needed. An account is keyed as in `ledger_csv`, so that payments and accounts of one bank
meet. What is known of it is taken as known since the day it was opened, where the table does not say since
when (`observed_at`). A holder's number is keyed under the bank, as a company where `holder_type` says so.
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from itertools import starmap
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import ACCOUNT, INSTANT
from watchfloor.core.subjects import SubjectError
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.payments.block import PaymentBlock
from watchfloor.formats.payments.cells import moments, texts
from watchfloor.formats.payments.columns import account_columns
from watchfloor.formats.payments.keys import account_keys, entity_kind, person_key, system_of
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.table import Rows, each, empty, trimmed
from watchfloor.formats.tabular.values import Column

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
    return 0.95 if ours or any(simulated <= names for simulated in _SIMULATED) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Accounts and faults. Raises `FormatError` where there is no column of account numbers."""
    sheet = delimited.read(stream, name)
    found = account_columns(sheet.names)
    found.require(("account_id",), name, ACCOUNT.name)
    yield from each(sheet.pieces, partial(_accounts, found.used))


def _accounts(found: Mapping[str, str], rows: Rows) -> Iterator[Batch | Fault]:
    block = PaymentBlock(found, rows)
    numbers, bank = block.coded("account_id"), block.coded("bank")
    keys = block.checked("account_id", account_keys(numbers, bank))
    block.refuse("account_id is empty", empty(keys))
    for row, key in enumerate(keys.to_pylist()):
        if key and not key.startswith("account:"):
            block.wrong.setdefault(row, f"account_id: {key!r} is the key of no account")
    opened = _moment(block, "opened")
    named = texts(block.coded("holder_name"), entity_kind).dictionary_decode()
    types = pc.coalesce(block.text("holder_type"), named)
    columns = block.unfilled(ACCOUNT) | {
        "report_key": keys,
        "observed_at": pc.coalesce(_moment(block, "observed_at"), opened, pa.scalar(UNDATED, INSTANT)),
        "subject": pc.fill_null(keys, ""),
        "holder_type": types,
        "opened": pc.cast(pc.cast(opened, pa.timestamp("us")), pa.date32()),
        **{word: block.text(word) for word in ("bank", "occupation", "naics")},
    }
    columns["holder"] = _holders(block, types)
    return block.batches(ACCOUNT.name, columns)


def _moment(block: PaymentBlock, word: str) -> pa.Array:
    """A column of moments; none of them where they are numbers of steps."""
    cells = block.cell(word)
    if cells is None:
        return pa.nulls(block.size, INSTANT)
    read = moments(cells)
    for why, rows in read.whys.items():
        block.refuse(f"{word}: {why}", rows & ~empty(trimmed(cells)))
    return pa.nulls(block.size, INSTANT) if read.notes else read.values


def _holders(block: PaymentBlock, types: pa.Array) -> pa.Array:
    """Keys of holders, each worked out once."""
    stated = zip(
        block.text("holder").to_pylist(), types.to_pylist(), block.text("bank").to_pylist(), strict=True
    )
    found = list(starmap(cache(_holder), stated))
    keys = pa.array([key for key, _ in found], pa.string())
    return block.checked("holder", Column(keys, {row: why for row, (_, why) in enumerate(found) if why}))


def _holder(holder: str | None, of: str | None, bank: str | None) -> tuple[str | None, str]:
    """The key of a holder, or what is wrong with it."""
    company = "-".join((of or "").casefold().split()) in _COMPANIES
    try:
        return (person_key(holder, company, system_of(bank)) if holder else None), ""
    except SubjectError as error:
        return None, str(error)


FORMAT: Final = Format("ledger-accounts-csv", (ACCOUNT.name,), sniff, read)
