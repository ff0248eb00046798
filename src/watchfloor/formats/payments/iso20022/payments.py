"""Rows of `payment` from transactions, and a fault for each that is none.

- `observed_at`: the moment at which the debtor's bank took the order on (`AccptncDtTm`, or the booking
  with its time); else, of a message made on the day of settlement, the moment it was made (`CreDtTm`);
  else the day of settlement (`IntrBkSttlmDt`, `ReqdExctnDt`, `BookgDt`) at 0:00 UTC; else `CreDtTm`.
  Without a zone: UTC.
- `report_key`: `uetr:…` where there is a UETR (`cover:…` in pacs.009: a cover has the UETR of what it
  covers); else message id and `TxId`; else message id, a reference and the number in the message, since
  references repeat.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kernels import kernel
from watchfloor.core.kinds import INSTANT, PAYMENT
from watchfloor.formats.payments.iso20022.amounts import GOOD, NONE, WHY, Amounts, amounts, currencies
from watchfloor.formats.payments.iso20022.columns import buffers, checked, each, joined, mask
from watchfloor.formats.payments.iso20022.keys import Side, Wrong, bic, lei, side
from watchfloor.formats.payments.iso20022.raw import Raw, Texted

_UETR: Final = r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"


class MadePayments(NamedTuple):
    """Payments made of some transactions.

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


def payments(raw: Raw, texts: Texted) -> MadePayments:
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
    return MadePayments(
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
    """Return the report key of each payment."""
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
    """Return the free text with each payment, then references of what is paid."""
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

    def side(name: str, one: Side, other: Side, at: pa.Array) -> pa.Array:
        related = pc.if_else(back, getattr(other, name), getattr(one, name))
        return pc.if_else(at, pc.coalesce(getattr(own, name), related), related)

    names = ("account", "bank", "seat", "proxy")
    return (
        Side(**{name: side(name, payer, payee, debit) for name in names}, wrong={}),
        Side(**{name: side(name, payee, payer, credit) for name in names}, wrong={}),
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


# How money moved, by what a message says of its kind of payment.


WIRES: Final = ("pacs.008", "pacs.009", "mt103")
"""Messages by which banks send money to one another."""
REPORTS: Final = ("camt.053", "camt.054")
"""Messages that tell what was booked on one account."""

_FAMILIES: Final = {
    **dict.fromkeys(("RCDT", "ICDT", "RRCT", "IRCT", "RDDT", "IDDT"), "transfer"),
    **dict.fromkeys(("CCRD", "MCRD"), "card"),
    **dict.fromkeys(("RCHQ", "ICHQ", "DRFT"), "cheque"),
    "CNTR": "cash",
}
"""By the family of a bank transaction code (`BkTxCd/Domn/Fmly/Cd`, ISO 20022 external code set)."""
_METHODS: Final = {"TRF": "transfer", "CHK": "cheque", "TRA": "transfer"}
_BULK: Final = ("SEPA", "INST")


def means(texts: Texted) -> pa.Array:
    """How the money moved.

    pacs.008, pacs.009 and MT103 are `wire`, but for SEPA and instant payments (service level `SEPA`, local
    instrument `INST`, clearing channel `MPNS`, `RTNS` or `BOOK`), which are `transfer` as pain.001 is
    (`cheque` where that says so). A booked entry goes by the family of its bank transaction code: `XBCT` is
    `wire`, counter transactions are `cash`; others are `other`.
    """
    families = texts.families
    wire = pc.if_else(pc.is_in(families, pa.array(WIRES)), "wire", "transfer")
    for slot, codes in (("service", _BULK), ("local", _BULK), ("channel", ("MPNS", "RTNS", "BOOK"))):
        if texts.has(slot):
            wire = pc.if_else(pc.is_in(texts[slot], pa.array(codes)), "transfer", wire)
    if texts.has("method"):
        method = each(texts["method"], lambda text: _METHODS.get(text, "other"), pa.string())
        wire = pc.coalesce(method, wire)
    reports = pc.is_in(families, pa.array(REPORTS))
    if not mask(reports).any():
        return wire
    booked = each(texts["family"], lambda text: _FAMILIES.get(text, "other"), pa.string())
    across = pc.is_in(texts["subfamily"], pa.array(["XBCT"]))
    return pc.if_else(reports, pc.if_else(across, "wire", pc.fill_null(booked, "other")), wire)


# When payments were: dates and moments of ISO 20022 (`ISODate`, `ISODateTime`) as instants.


_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(?:24:00:00(?:\.0+)?|(\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def moments(texts: Texted) -> tuple[pa.Array, Wrong]:
    """When each payment was, and of which there is no telling."""
    accepted, wrong = _instants(texts["accepted"])
    made, unmade = _instants(texts["created"])
    settled, unsettled = checked(texts["settled"], _midnight, INSTANT)
    same = pc.equal(pc.floor_temporal(made, unit="day"), settled)
    when = pc.coalesce(accepted, pc.if_else(pc.fill_null(same, False), made, None), settled, made)
    bad = unmade | unsettled | wrong
    if when.null_count:
        missing = np.flatnonzero(~mask(pc.is_valid(when))).tolist()
        bad |= {
            row: "there is no date of settlement, booking or creation" for row in missing if row not in bad
        }
    return when, bad


def _instants(texts: pa.Array) -> tuple[pa.Array, Wrong]:
    """Moments by the column; a kernel reads what is plainly written, `instant` the rest."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), INSTANT), {}
    micros, plain = _plain(*buffers(texts))
    if plain.all():
        return pa.Array.from_buffers(INSTANT, len(texts), [None, pa.py_buffer(micros)]), {}
    given = pa.array(plain)
    found, wrong = checked(pc.if_else(given, None, texts), instant, INSTANT)
    return pc.if_else(given, pa.array(micros).cast(INSTANT), found), wrong


@kernel
def _plain(ends: Any, data: Any) -> Any:
    """Microseconds since 1970 of `2026-11-24T10:30:00Z` or without a zone, and which are so written."""
    micros, plain = np.zeros(len(ends) - 1, np.int64), np.zeros(len(ends) - 1, np.bool_)
    lengths = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    for row in range(len(plain)):
        start, size = ends[row], ends[row + 1] - ends[row]
        if size != 19 and not (size == 20 and data[start + 19] == 90):
            continue
        values = np.zeros(6, np.int64)
        part, good = 0, True
        for i in range(19):
            byte = int(data[start + i])
            if i == 4 or i == 7:
                good &= byte == 45
                part += 1
            elif i == 10:
                good &= byte == 84
                part += 1
            elif i == 13 or i == 16:
                good &= byte == 58
                part += 1
            else:
                good &= 48 <= byte <= 57
                values[part] = values[part] * 10 + byte - 48
        year, month, day, hour, minute, second = values
        if not good or year < 1 or not 1 <= month <= 12 or day < 1 or hour > 23 or minute > 59 or second > 59:
            continue
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if day > lengths[month] + leap:
            continue
        # days since 1970 in the proleptic Gregorian calendar, the year beginning in March
        y = year - (month <= 2)
        days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469
        micros[row] = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
        plain[row] = True
    return micros, plain


def instant(text: str) -> datetime:
    """A moment of `ISODateTime`, in UTC. Raises `ValueError` where there is none."""
    match = _MOMENT.fullmatch(text)
    try:
        if not match:
            return _midnight(text)
        day = date.fromisoformat(match[1])
        if match[2] is None:
            at = datetime.combine(day, time()) + timedelta(days=1)
        else:
            at = datetime.fromisoformat(
                f"{day}T{match[2]}{(match[3] or '').ljust(7, '0') if match[3] else ''}"
            )
        zone = (
            datetime.fromisoformat(f"2000-01-01T00:00:00{match[4].replace('Z', '+00:00')}").tzinfo
            if match[4]
            else UTC
        )
        return at.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no moment such as 2026-11-24T10:30:00Z") from error


def _midnight(text: str) -> datetime:
    """The start of a day of `ISODate`, in UTC. Raises `ValueError` where there is none."""
    match = _DAY.fullmatch(text)
    try:
        return datetime.combine(date.fromisoformat(match[1] if match else ""), time(), UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date such as 2026-11-24") from error
