"""Rows of `payment` from transactions, and a fault for each that is none.

- `observed_at`: the moment at which the debtor's bank took the order on (`AccptncDtTm`, or the booking
  with its time); else, of a message made on the day of settlement, the moment it was made (`CreDtTm`);
  else the day of settlement (`IntrBkSttlmDt`, `ReqdExctnDt`, `BookgDt`) at 0:00 UTC; else `CreDtTm`.
  Without a zone: UTC.
- `report_key`: `uetr:…` where there is a UETR (`cover:…` in pacs.009: a cover has the UETR of what it
  covers); else message id and `TxId`; else message id, a reference and the number in the message, since
  references repeat.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.iso20022.columns import checked, joined, mask
from watchfloor.formats.iso20022.keys import Side, Wrong, bic, lei, side
from watchfloor.formats.iso20022.means import REPORTS, means
from watchfloor.formats.iso20022.moments import moments
from watchfloor.formats.iso20022.raw import Raw, Texted
from watchfloor.formats.iso20022.sums import GOOD, NONE, WHY, Amounts, amounts, currencies
from watchfloor.records.kinds import PAYMENT

_UETR: Final = r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"


class Made(NamedTuple):
    """What became of some transactions.

    Attributes:
        rows: `payment` rows, of all transactions; those in `wrong` mean nothing.
        wrong: why a transaction is no payment, by row.
        partly: what was left out of a payment, by row.
        amounts: as they were read.
        swapped: whether the debtor of the message got the money, which came back.
        own: side of the account that is reported: `DBIT`, `CRDT`; null where none is.
    """

    rows: pa.Table
    wrong: dict[int, list[str]]
    partly: dict[int, list[str]]
    amounts: Amounts
    swapped: npt.NDArray[np.bool_] | None
    own: pa.Array


def payments(raw: Raw, texts: Texted) -> Made:
    """Payments of some transactions."""
    wrong: dict[int, list[str]] = {}
    partly: dict[int, list[str]] = {}
    reports = mask(pc.is_in(texts.families, pa.array(REPORTS)))
    amount_text, currency_text = texts["amount"], texts["currency"]
    read = amounts(amount_text, reports)
    for row in np.flatnonzero(read.wrong != GOOD).tolist():
        why = WHY[int(read.wrong[row])]
        _add(wrong, {row: why if read.wrong[row] == NONE else f"amount {amount_text[row].as_py()!r} {why}"})
    currency, bad = currencies(currency_text)
    _add(wrong, {row: why for row, why in bad.items() if read.wrong[row] != NONE})
    when, undated = moments(texts)
    _add(wrong, undated)
    payer, payee = side(texts, "dbtr_acct", "dbtr_agt"), side(texts, "cdtr_acct", "cdtr_agt")
    for one in (payer, payee):
        _add(wrong, one.wrong)
        _add(partly, one.partly)
    swapped = None
    if reports.any():
        own = side(texts, "own_acct", "own_agt")
        _add(wrong, own.wrong)
        _add(partly, own.partly)
        _add(wrong, _unbooked(texts, reports))
        swapped = mask(pc.is_in(texts["reversal"], pa.array(["true", "1"])))
        payer, payee = _sides(payer, payee, own, texts["side"], swapped)
    columns = {
        "report_key": keys(raw, texts),
        "origins": _no_lists(len(raw)),
        "observed_at": when,
        "locator": joined("transaction ", _text(np.arange(raw.first, raw.first + len(raw)))),
        "payer": _or_party(payer.account, texts, "dbtr", swapped is None),
        "payee": _or_party(payee.account, texts, "cdtr", swapped is None),
        "amount": read.money(),
        "currency": currency,
        "means": means(texts),
        "memo": _memo(texts),
        "amount_fine": read.fine() if (read.scale > 2).any() else None,
        "payer_bank": payer.bank,
        "payee_bank": payee.bank,
        "payer_seat": payer.seat,
        "payee_seat": payee.seat,
        "purpose": pc.coalesce(texts["purpose"], texts["category"]),
        "handle": payee.proxy,
    }
    arrays = [
        pa.nulls(len(raw), field.type) if columns.get(field.name) is None else columns[field.name]
        for field in PAYMENT.body
    ]
    return Made(
        pa.Table.from_arrays(arrays, schema=PAYMENT.body), wrong, partly, read, swapped, texts["side"]
    )


def _add(to: dict[int, list[str]], more: Wrong) -> None:
    for row, why in more.items():
        to.setdefault(row, []).append(why)


def _no_lists(count: int) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], pa.string()))


def _text(numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def keys(raw: Raw, texts: Texted) -> pa.Array:
    """What each payment is reported under."""
    firsts = np.array([one.first for one in raw.contexts] or [0], np.int64)
    message = pc.coalesce(
        texts["message"], joined("message ", _text_of(raw, [c.message for c in raw.contexts]))
    )
    found = texts["uetr"]
    if found.null_count < len(found):
        cover = pc.equal(texts.families, "pacs.009")
        uetr = pc.if_else(pc.match_substring_regex(found, _UETR), pc.utf8_lower(found), None)
        found = joined(pc.if_else(cover, "cover:", "uetr:"), uetr)
        if not found.null_count:
            return found
    named = joined(message, "/", texts["tx"])
    ends = pc.replace_substring_regex(texts["end_to_end"], "^NOTPROVIDED$", "")
    ends = pc.if_else(pc.equal(ends, ""), None, ends)
    other = pc.fill_null(pc.coalesce(texts["ref"], ends, texts["instr"], texts["entry_ref"]), "")
    number = (
        np.arange(raw.first, raw.first + len(raw)) - firsts[raw.context]
        if len(raw)
        else np.zeros(0, np.int64)
    )
    return pc.coalesce(found, named, joined(message, "/", other, "#", _text(number)))


def _text_of(raw: Raw, values: list[int]) -> pa.Array:
    return pc.cast(pa.array(values, pa.int64()), pa.string()).take(pa.array(raw.context))


def _memo(texts: Texted) -> pa.Array:
    """What was written with it, then references of what is paid."""
    free, references = texts["ustrd"], texts["strd"]
    return pc.coalesce(pc.binary_join_element_wise(free, references, " "), free, references)


def _unbooked(texts: Texted, reports: npt.NDArray[np.bool_]) -> Wrong:
    """Entries that are not booked, or say not which way the money went."""
    booked = mask(pc.is_in(texts["status"], pa.array(["BOOK"])))
    sided = mask(pc.is_in(texts["side"], pa.array(["CRDT", "DBIT"])))
    found: Wrong = {}
    for row in np.flatnonzero(reports & ~(booked & sided)).tolist():
        status = texts["status"][row].as_py()
        found[row] = (
            f"the entry is not booked: its status is {status or 'not stated'}, so no money has moved yet"
            if not booked[row]
            else "CdtDbtInd is neither CRDT nor DBIT, so that there is no telling which way the money went"
        )
    return found


def _sides(
    payer: Side, payee: Side, own: Side, which: pa.Array, swapped: npt.NDArray[np.bool_]
) -> tuple[Side, Side]:
    """Payer and payee of booked entries: the reported account on its side, whom the bank names on the other.

    A reversal gives the money back: the debtor of the message is who gets it.
    """
    back = pa.array(swapped)
    debit, credit = (pc.fill_null(pc.equal(which, code), False) for code in ("DBIT", "CRDT"))

    def of(name: str, one: Side, other: Side, at: pa.Array) -> pa.Array:
        related = pc.if_else(back, getattr(other, name), getattr(one, name))
        return pc.if_else(at, pc.coalesce(getattr(own, name), related), related)

    names = ("account", "bank", "seat", "proxy")
    return (
        Side(**{name: of(name, payer, payee, debit) for name in names}, wrong={}),
        Side(**{name: of(name, payee, payer, credit) for name in names}, wrong={}),
    )


def _or_party(account: pa.Array, texts: Texted, party: str, plain: bool) -> pa.Array:
    """The account, or where there is none the company by its number."""
    if not account.null_count or not plain:
        return account
    for system in ("lei", "bic"):
        account = pc.coalesce(account, company(texts, party, system))
    return account


def company(texts: Texted, party: str, system: str) -> pa.Array:
    """Typed keys of companies by their number in a checked system; null where it is none."""
    rule = {"lei": lei, "bic": bic}[system]
    return joined(f"company:{system}:", checked(texts[f"{party}.{system}"], rule, pa.string())[0])
