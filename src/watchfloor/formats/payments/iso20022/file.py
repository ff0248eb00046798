"""Files of ISO 20022 payment messages: recognised, read, and pacs.008 written.

One message in `Document`, or several in an envelope. A camt.053 or camt.054 counts its entries otherwise
than its transactions, so that what it says of their number is not held against it.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import IDENTIFIER, PARTY, PAYMENT
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.payments.iso20022.amounts import GOOD, ZERO, Amounts
from watchfloor.formats.payments.iso20022.columns import Rows, each, joined, mask
from watchfloor.formats.payments.iso20022.payments import MadePayments, company, payments
from watchfloor.formats.payments.iso20022.raw import Ended, Raw, Texted
from watchfloor.formats.payments.iso20022.slots import MESSAGES, NUMBER
from watchfloor.formats.payments.iso20022.stream import raws
from watchfloor.formats.payments.iso20022.tree import NEXT, PART
from watchfloor.formats.payments.iso20022.write import write
from watchfloor.formats.xml_limits import RAW_BYTES, head_text

# What messages say of themselves, how many transactions and how much money, held against what is in them.
#
# `NbOfTxs`, `CtrlSum` and `TtlIntrBkSttlmAmt` of the header, and of each `PmtInf` of pain.001 (ISO 20022).
# A message that counts wrong is told; its transactions are read.


class Totals:
    """Counts and sums of what is open in a file."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._sums: dict[int, Decimal] = {}
        self._unread: set[int] = set()

    def add(self, raw: Raw, amounts: Amounts) -> Iterator[Fault]:
        """Count transactions; gives what disagrees in messages that ended with them."""
        ends = np.flatnonzero(np.diff(raw.context, append=-1)) + 1
        start = 0
        for end in ends.tolist():
            rows = slice(start, end)
            total = amounts.total(rows)
            unread = bool(((amounts.wrong[rows] != GOOD) & (amounts.wrong[rows] != ZERO)).any())
            for level in raw.contexts[int(raw.context[start])].levels:
                self._counts[level] = self._counts.get(level, 0) + end - start
                self._sums[level] = self._sums.get(level, Decimal(0)) + total
                if unread:
                    self._unread.add(level)
            start = end
        for one in raw.ended:
            yield from self._ended(one)

    def _ended(self, one: Ended) -> Iterator[Fault]:
        count, total = self._counts.pop(one.level, 0), self._sums.pop(one.level, Decimal(0))
        said = [one.texts.get(NUMBER[slot]) for slot in ("count", "control", "total")]
        if said[0] is not None and said[0] != str(count) and said[0].lstrip("0") != str(count):
            yield Fault(
                one.where, f"it says that it has {said[0]} transactions, and has {count}", b"", partly=True
            )
        if one.level in self._unread:  # its sum cannot be known
            self._unread.discard(one.level)
            return
        for text in said[1:]:
            if text is not None and _decimal(text) != total:
                reason = (
                    f"it says that its amounts add up to {text}, and they add up to {total.normalize():f}"
                )
                yield Fault(one.where, reason, b"", partly=True)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


_MESSAGE: Final = re.compile(rf"<(?:[\w.-]+:)?(?:{'|'.join(MESSAGES)})[\s>/]")


def sniff(head: Head) -> float:
    """Sure where a message begins in the start of the file."""
    return 0.95 if _MESSAGE.search(head_text(head)) else 0.0


def read(stream: BinaryIO, name: str, fast: bool = True) -> Iterator[Batch | Fault]:
    """Rows of `payment` and `party`. Raises `FormatError` for a file without a message that is read here.

    Args:
        stream: the file.
        name: its name, for messages.
        fast: whether plain transactions are scanned as bytes; the rows are the same.
    """
    totals = Totals()
    for raw in raws(stream, name, fast):
        yield from rows(raw, totals)


def rows(raw: Raw, totals: Totals | None = None) -> Iterator[Batch | Fault]:
    """Rows and faults of some transactions."""
    last = [fault for fault in raw.faults if fault.rest]
    yield from (fault for fault in raw.faults if not fault.rest)
    texts = Texted(raw)
    made = payments(raw, texts)
    good = np.ones(len(raw), np.bool_)
    good[list(made.wrong)] = False
    if good.any():
        whole = bool(good.all())
        yield Batch(PAYMENT, made.rows if whole else made.rows.filter(pa.array(good)))
        yield from (Batch(PARTY, table) for table in parties(texts, made, good))
    for row in sorted(made.wrong.keys() | made.partly.keys()):
        whys = made.wrong.get(row) or made.partly[row]
        partly = row not in made.wrong
        key = made.rows["report_key"][row].as_py()
        reason = f"{'; '.join(whys)} ({key})" + ("; the payment was read without it" if partly else "")
        yield Fault(f"transaction {raw.first + row}", reason, raw.piece(row)[:RAW_BYTES], partly=partly)
    if totals is not None:
        yield from totals.add(raw, made.amounts)
    yield from last


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The bytes of `transaction 17`; of one that had to be parsed, as the parser writes it."""
    match = re.fullmatch(r"transaction (\d+)", locator)
    number = int(match[1]) if match else 0
    for raw in raws(stream, "the delivery"):
        if raw.first <= number < raw.first + len(raw):
            return raw.piece(number - raw.first)
    return None


FORMAT: Final = Format("iso20022", ("payment", "party"), sniff, read, write, piece)


# Rows of `party` from transactions: who is named in them, with what numbers. A name, not an identity.
#
# Roles are `payer` and `payee` (`Dbtr`, `Cdtr`, who owns a reported account), `ultimate-payer` and
# `ultimate-payee` (`UltmtDbtr`, `UltmtCdtr`: on whose behalf). The country (of residence, else of the
# address) may only confirm or clear an identity.


ROLES: Final = {
    "dbtr": ("payer", "payee"),
    "cdtr": ("payee", "payer"),
    "ultmt_dbtr": ("ultimate-payer", "ultimate-payee"),
    "ultmt_cdtr": ("ultimate-payee", "ultimate-payer"),
}
"""What each is in a payment, and in one that is given back."""
SCHEMES: Final = {
    "CCPT": "passport",
    "NIDN": "national-id",
    "SOSE": "social-security",
    "DRLC": "driving-licence",
    "ARNU": "alien-registration",
    "TXID": "tax-id",
    "CUST": "customer",
    "COID": "company-registration",
    "DUNS": "duns",
    "BANK": "bank-party",
    "EMPL": "employer",
}
"""Codes of external code sets for identification schemes, as systems of numbers."""


_Lists = tuple[list[npt.NDArray[np.int64]], list[pa.Array], list[pa.Array], list[pa.Array]]
"""Rows, systems, numbers and owners of identifiers."""


def parties(texts: Texted, made: MadePayments, good: Rows) -> Iterator[pa.Table]:
    """Who is named in the payments that are good, role by role."""
    for party, (role, back) in ROLES.items():
        if texts.has(f"{party}.nm"):
            roles = role if made.swapped is None else pc.if_else(pa.array(made.swapped), back, role)
            yield from _table(texts, made, party, roles, good)
    if texts.has("own.nm"):
        roles = pc.if_else(pc.equal(made.own, "DBIT"), "payer", "payee")
        yield from _table(texts, made, "own", roles, good & ~_told(texts, made))


def _told(texts: Texted, made: MadePayments) -> Rows:
    """Whether the side of the reported account is named among the related parties."""
    own = mask(pc.equal(made.own, "DBIT")) ^ (False if made.swapped is None else made.swapped)
    return np.where(own, mask(pc.is_valid(texts["dbtr.nm"])), mask(pc.is_valid(texts["cdtr.nm"])))


def _table(
    texts: Texted, made: MadePayments, party: str, roles: pa.Array | str, good: Rows
) -> Iterator[pa.Table]:
    name = texts[f"{party}.nm"]
    rows = good & mask(pc.is_valid(name)) if name.null_count or not good.all() else good
    if not rows.any():
        return
    count = len(name)
    role = pa.repeat(roles, count) if isinstance(roles, str) else roles
    key = made.rows["report_key"].combine_chunks()
    person = _any(texts, f"{party}.prvt", f"{party}.birth")
    columns = {
        "report_key": joined(key, "#", role),
        "origins": made.rows["origins"].combine_chunks(),
        "observed_at": made.rows["observed_at"].combine_chunks(),
        "locator": made.rows["locator"].combine_chunks(),
        "subject": pc.coalesce(company(texts, party, "lei"), company(texts, party, "bic")),
        "role": role,
        "name": name,
        "schema": _schema(texts, party, person),
        "birth_date": each(texts[f"{party}.birth"], _birth, pa.string()),
        "country": _country(texts, party),
        "identifiers": _identifiers(texts, party, count),
        "context": joined(texts.families, " ", key),
    }
    # a party without a subject gets one from its feed
    table = pa.Table.from_arrays([columns[field.name] for field in PARTY.body], schema=PARTY.body)
    yield table if rows.all() else table.filter(pa.array(rows))


def _any(texts: Texted, *slots: str) -> pa.Array | None:
    found = [pc.is_valid(texts[slot]) for slot in slots if texts.has(slot)]
    return None if not found else found[0] if len(found) == 1 else pc.or_(*found)


def _schema(texts: Texted, party: str, person: pa.Array | None) -> pa.Array:
    """Person where it has the number or birth of one, Organization where it has a body's."""
    body = _any(texts, f"{party}.lei", f"{party}.bic")
    more = _any(texts, f"{party}.org")
    body = more if body is None else body if more is None else pc.or_(body, more)
    none = pa.nulls(len(texts.families), pa.string())
    found = none if body is None else pc.if_else(body, "Organization", none)
    return found if person is None else pc.if_else(pc.and_(person, pc.is_null(found)), "Person", found)


def _birth(text: str) -> str | None:
    return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?", text, re.ASCII) else None


def _country(texts: Texted, party: str) -> pa.Array:
    found = texts[f"{party}.ctry"]
    if texts.has(f"{party}.res"):
        found = pc.coalesce(texts[f"{party}.res"], found)
    return each(found, country_code, pa.string())


def _identifiers(texts: Texted, party: str, count: int) -> pa.Array:
    """Numbers delivered with each name."""
    to: _Lists = ([], [], [], [])
    for system in ("lei", "bic"):
        if texts.has(f"{party}.{system}"):
            _take(texts[f"{party}.{system}"], pa.scalar(system), None, to)
    for kind in ("org", "prvt"):
        if texts.has(f"{party}.{kind}"):
            scheme = pc.fill_null(each(texts[f"{party}.{kind}_scheme"], scheme_of, pa.string()), "other")
            _take(
                texts[f"{party}.{kind}"],
                scheme,
                texts[f"{party}.{kind}_issuer"],
                to,
            )
    if texts.has(f"{party}.more"):
        _further(texts[f"{party}.more"], to)
    if not to[0]:
        return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], IDENTIFIER))
    every = np.concatenate(to[0])
    order = np.argsort(every, kind="stable")
    flat = [pa.concat_arrays(column).take(pa.array(order)) for column in to[1:]]
    ends = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(every, minlength=count), out=ends[1:])
    return pa.ListArray.from_arrays(pa.array(ends), pa.StructArray.from_arrays(flat, fields=list(IDENTIFIER)))


def _take(numbers: pa.Array, system: pa.Array, owner: pa.Array | None, to: _Lists) -> None:
    at = np.flatnonzero(mask(pc.is_valid(numbers)))
    rows = pa.array(at)
    to[0].append(at)
    to[1].append(pa.repeat(system, len(at)) if isinstance(system, pa.Scalar) else system.take(rows))
    to[2].append(numbers.take(rows))
    to[3].append(pa.nulls(len(at), pa.string()) if owner is None else owner.take(rows))


def _further(column: pa.Array, to: _Lists) -> None:
    """Identifiers behind the first of their sort."""
    found: list[tuple[int, str, str, str | None]] = []
    for row in np.flatnonzero(mask(pc.is_valid(column))).tolist():
        for one in column[row].as_py().split(NEXT)[:-1]:
            number, scheme, issuer = one.split(PART)
            found.append((row, scheme_of(scheme) if scheme else "other", number, issuer or None))
    to[0].append(np.array([one[0] for one in found], np.int64))
    for place in (1, 2, 3):
        to[place].append(pa.array([one[place] for one in found], pa.string()))


def scheme_of(text: str) -> str:
    """The system of a number: a known code of the standard, or the bank's own word in lower case."""
    return SCHEMES.get(text, text.lower())
