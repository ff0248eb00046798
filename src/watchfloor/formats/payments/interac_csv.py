"""Interac e-Transfers as a participant exports them: CSV. No standard of such an export is public.

These columns are read, in any order and under the words of `COLUMNS`:

    reference number, date, status, sender, sender account, recipient, recipient account, handle, amount,
    currency, memo, device, ip

`reference number`, `date`, `status`, `amount` and a recipient or handle are needed. `handle` is the e-mail
address or phone number that the money was sent to. A side is keyed by its account; else by `sender` or
`recipient` where that is a key, an address, or a number; a name is no identity, so a side of which only a
name is given stays empty, and the row says so. Money moves when a transfer is deposited: one that is sent,
pending, cancelled, declined or expired is a fault and no payment. Amounts are Canadian dollars where no
column says otherwise.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.payments.cells import moments, one, texts
from watchfloor.formats.payments.currencies import code_of
from watchfloor.formats.payments.keys import account_key
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, mapping
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.measures import amount
from watchfloor.formats.tabular.propose import plain
from watchfloor.formats.tabular.table import Rows
from watchfloor.records.kinds import PAYMENT
from watchfloor.records.subjects import SubjectError

COLUMNS: Final = {
    "reference": (
        "reference number",
        "reference",
        "confirmation number",
        "transfer id",
        "numero de reference",
    ),
    "date": ("date", "deposited at", "date deposited", "timestamp", "date time", "date du depot"),
    "status": ("status", "statut", "etat"),
    "sender": ("sender", "from", "sent from", "expediteur"),
    "sender_account": ("sender account", "from account", "compte de l expediteur"),
    "recipient": ("recipient", "to", "contact", "destinataire"),
    "recipient_account": ("recipient account", "to account", "deposited to", "compte du destinataire"),
    "handle": ("handle", "recipient handle", "recipient email", "email", "phone", "courriel", "adresse"),
    "amount": ("amount", "montant"),
    "currency": ("currency", "devise"),
    "memo": ("memo", "message", "remittance", "note"),
    "device": ("device", "device id", "appareil"),
    "ip": ("ip", "ip address", "adresse ip"),
}
"""What each column may be called, without accents and case."""

NEEDED: Final = ("reference", "date", "status", "amount")
DONE: Final = frozenset(
    "deposited completed complete accepted settled depose complete accepte termine".split()
)
"""Words of a status by which money has moved."""
KNOWN: Final = frozenset(
    "sent pending available cancelled canceled declined expired failed rejected reclaimed envoye attente"
    " annule refuse expire not pas".split()
)
"""Words of a status by which none has, or not yet."""
SYSTEM: Final = "interac"

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+|\+?[\d\s().-]{7,}", re.ASCII)


@cache
def _words() -> dict[str, str]:
    return {name: word for word, names in COLUMNS.items() for name in names}


def _found(names: list[str]) -> dict[str, str]:
    """By our word the column of a header; of two that say the same, the first."""
    found: dict[str, str] = {}
    for name in names:
        if (word := _words().get(plain(name))) and word not in found:
            found[word] = name
    return found


def sniff(head: Head) -> float:
    """Sure where a header has a reference number, a status, and a sender or recipient with a handle."""
    found = _found(delimited.header_of(head.data))
    sides = {"sender", "recipient", "handle"} & set(found)
    return 0.9 if set(NEEDED) <= set(found) and len(sides) >= 2 else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Payments and faults. Raises `FormatError` where a needed column is missing."""
    sheet = delimited.read(stream, name)
    found = _found(sheet.names)
    for word in NEEDED:
        if word not in found:
            like = nearest(COLUMNS[word][0], sheet.names)
            raise FormatError(
                f"{name} has no column {COLUMNS[word][0]!r}{like}, as an export of e-Transfers has"
            )
    if not {"recipient", "recipient_account", "handle"} & set(found):
        raise FormatError(
            f"{name} has no column 'recipient' and none 'handle', as an export of e-Transfers has"
        )
    for piece in sheet.pieces:
        yield from (piece,) if isinstance(piece, Fault) else _payments(found, piece)


def _payments(found: dict[str, str], rows: Rows) -> Iterator[Batch | Fault]:
    size = rows.cells.num_rows
    wrong: dict[int, str] = {}

    def said(word: str) -> pa.Array:
        if word not in found:
            return pa.nulls(size, pa.string())
        return texts(one(rows.cells[found[word]])).dictionary_decode()

    status, reference = said("status"), said("reference")
    for row, text in enumerate(status.to_pylist()):
        if why := _not_done(text):
            wrong[row] = why
    at = moments(said("date"))
    for reason, where in at.whys.items():
        for row in np.flatnonzero(where).tolist():
            wrong.setdefault(row, reason)
    if at.notes:
        wrong |= {row: "the date is a number" for row in range(size) if row not in wrong}
    money = amount(said("amount"))
    currency = [code_of(text) if text else "CAD" for text in said("currency").to_pylist()]
    for row, (value, code) in enumerate(zip(money.values.to_pylist(), currency, strict=True)):
        if not value:
            wrong.setdefault(row, f"amount: {money.wrong.get(row, 'is zero, or empty')}")
        if code is None:
            wrong.setdefault(row, "currency: is none of ISO 4217")
    sides, named = {}, {}
    for side, word in (("payer", "sender"), ("payee", "recipient")):
        handles = said("handle") if side == "payee" else pa.nulls(size, pa.string())
        cells = zip(
            *(said(w).to_pylist() for w in (f"{word}_account", word)), handles.to_pylist(), strict=True
        )
        keys = []
        for row, stated in enumerate(cells):
            key, why = _side(*stated)
            keys.append(key)
            if why and key is None and stated != (None, None, None):
                named[row] = f"{word}: {why}"
        sides[side] = pa.array(keys, pa.string())
    for row, (payer, payee) in enumerate(
        zip(sides["payer"].to_pylist(), sides["payee"].to_pylist(), strict=True)
    ):
        if payer is None and payee is None:
            wrong.setdefault(row, "neither side has an account, an address or a number")
    empty = {field: pa.nulls(size, PAYMENT.body.field(field).type) for field in PAYMENT.body.names}
    columns = {
        **empty,
        "report_key": reference,
        "origins": pa.array([[]] * size, pa.list_(pa.string())),
        "observed_at": at.values,
        **sides,
        "amount": pc.fill_null(money.values, 0),
        "currency": pa.array([code or "" for code in currency], pa.string()),
        "means": pa.array(["transfer"] * size, pa.string()),
        "channel": pa.array(["e-transfer"] * size, pa.string()),
        **{word: said(word) for word in ("memo", "device", "ip", "handle")},
    }
    yield from mapping.kept(PAYMENT.name, columns, wrong, rows)
    for row in sorted(named.keys() - wrong.keys()):
        yield Fault(rows.locators[row].as_py(), named[row], rows.raw(row)[:MAX_RAW], partly=True)


def _not_done(status: str | None) -> str:
    """Why a transfer of this status is no payment; empty where it is one."""
    said = set(plain(status or "").split())
    if said & DONE and not said & KNOWN:
        return ""
    if said & KNOWN:
        return f"its status is {status!r}: no money has moved"
    return f"its status {status!r} is none that is known; one by which money has moved is 'deposited'"


def _side(account: str | None, stated: str | None, handle: str | None) -> tuple[str | None, str]:
    """The key of a side by its account, else by what is stated or its handle; or why there is none."""
    for text in (account, stated, handle):
        if text is None:
            continue
        try:
            if text is account or ":" in text:
                return account_key(text, other=SYSTEM), ""
            if _ADDRESS.fullmatch(text):
                return account_key(_plain(text), other=SYSTEM), ""
            if any(char.isdigit() for char in text):
                return account_key(text, other=SYSTEM), ""
        except SubjectError as error:
            return None, str(error)
    return None, "only a name is given, which is no identity; give the account, or the handle"


def _plain(address: str) -> str:
    """An e-mail address in lower case, or the digits of a phone number."""
    return address.casefold() if "@" in address else re.sub(r"\D", "", address)


FORMAT: Final = Format("interac-csv", (PAYMENT.name,), sniff, read)
