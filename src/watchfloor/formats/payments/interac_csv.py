"""Interac e-Transfers as a participant exports them: CSV. No standard of such an export is public.

These columns are read, in any order and under the words of `LEXICON`:

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
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import PAYMENT
from watchfloor.core.subjects import SubjectError
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.payments.block import PaymentBlock
from watchfloor.formats.payments.cells import moments
from watchfloor.formats.payments.currencies import code_of
from watchfloor.formats.payments.keys import account_key
from watchfloor.formats.tabular import delimited, measures
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.lexicon import Cell, Lexicon, plain
from watchfloor.formats.tabular.table import Rows, each, empty

LEXICON: Final = Lexicon(
    "an export of e-Transfers",
    {
        "reference": Cell(
            (
                *("reference number", "reference", "confirmation number", "transfer id"),
                "numero de reference",
            ),
            needed=True,
        ),
        "date": Cell(
            ("date", "deposited at", "date deposited", "timestamp", "date time", "date du depot"), needed=True
        ),
        "status": Cell(("status", "statut", "etat"), needed=True),
        "sender": Cell(("sender", "from", "sent from", "expediteur")),
        "sender_account": Cell(("sender account", "from account", "compte de l expediteur")),
        "recipient": Cell(("recipient", "to", "contact", "destinataire")),
        "recipient_account": Cell(
            ("recipient account", "to account", "deposited to", "compte du destinataire")
        ),
        "handle": Cell(
            ("handle", "recipient handle", "recipient email", "email", "phone", "courriel", "adresse")
        ),
        "amount": Cell(("amount", "montant"), needed=True),
        "currency": Cell(("currency", "devise")),
        "memo": Cell(("memo", "message", "remittance", "note")),
        "device": Cell(("device", "device id", "appareil")),
        "ip": Cell(("ip", "ip address", "adresse ip")),
    },
)
"""Its columns, by other names too."""
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


def sniff(head: Head) -> float:
    """Sure where a header has a reference number, a status, and a sender or recipient with a handle."""
    sides = LEXICON.find(delimited.header_of(head.data)).keys() & {"sender", "recipient", "handle"}
    return LEXICON.sniff(head) if len(sides) >= 2 else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Payments and faults. Raises `FormatError` where a needed column is missing."""
    sheet = delimited.read(stream, name)
    found = LEXICON.require(sheet.names, name)
    if not {"recipient", "recipient_account", "handle"} & set(found):
        raise FormatError(
            f"{name} has no column 'recipient' and none 'handle', as an export of e-Transfers has"
        )
    yield from each(sheet.pieces, partial(_payments, found))


def _payments(found: Mapping[str, str], rows: Rows) -> Iterator[Batch | Fault]:
    block = PaymentBlock(found, rows)
    for row, text in enumerate(block.text("status").to_pylist()):
        if why := _not_done(text):
            block.wrong[row] = why
    at = moments(block.text("date"))
    block.usable(at)
    if at.notes:
        block.refuse("the date is a number", np.ones(block.size, np.bool_))
    money = measures.amount(block.text("amount"))
    currency = [code_of(text) if text else "CAD" for text in block.text("currency").to_pylist()]
    for row, (value, code) in enumerate(zip(money.values.to_pylist(), currency, strict=True)):
        if not value:
            block.wrong.setdefault(row, f"amount: {money.wrong.get(row, 'is zero, or empty')}")
        if code is None:
            block.wrong.setdefault(row, "currency: is none of ISO 4217")
    named: dict[int, str] = {}
    sides = {
        "payer": _sides(block, ("sender_account", "sender", ""), named),
        "payee": _sides(block, ("recipient_account", "recipient", "handle"), named),
    }
    nobody = empty(pc.coalesce(*sides.values()))
    block.refuse("neither side has an account, an address or a number", nobody)
    columns = block.unfilled(PAYMENT) | {
        "report_key": block.text("reference"),
        "observed_at": at.values,
        **sides,
        "amount": pc.fill_null(money.values, 0),
        "currency": pa.array([code or "" for code in currency], pa.string()),
        "means": pa.array(["transfer"] * block.size, pa.string()),
        "channel": pa.array(["e-transfer"] * block.size, pa.string()),
        **{word: block.text(word) for word in ("memo", "device", "ip", "handle")},
    }
    yield from block.batches(PAYMENT.name, columns)
    for row in sorted(named.keys() - block.wrong.keys()):
        yield Fault(rows.locators[row].as_py(), named[row], rows.raw(row)[:MAX_RAW], partly=True)


def _sides(block: PaymentBlock, words: tuple[str, str, str], named: dict[int, str]) -> pa.Array:
    """Keys of the sides that are stated under some words, and in `named` why a stated one has none."""
    keys = []
    for row, stated in enumerate(zip(*(block.text(word).to_pylist() for word in words), strict=True)):
        key, why = _side(*stated)
        keys.append(key)
        if key is None and stated != (None, None, None):
            named[row] = f"{words[1]}: {why}"
    return pa.array(keys, pa.string())


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
