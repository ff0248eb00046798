"""Automated funds transfers of Canada: files of Payments Canada's Standard 005, records of 1464 characters.

A file is a header (A), credits (C) and debits (D) of six segments of 240 characters each, and a trailer (Z)
with their sums. Records stand one a line, or without any line end. A credit is paid by the file's originator
to the account of its segment, a debit is drawn from that account by the originator. Amounts are cents of the
header's currency, Canadian dollars where it names none; days are `0YYDDD`, day DDD of the year 20YY, and a
payment is at the start of the day on which funds are available. Other records (reversals E and F, returned
items I and J, notices S and U) are faults and no payments.

An account is keyed under its institution: `account:3:05692-1234567`. The originator is keyed by the account
for returns, else as `company:aft:<its number>`. No column of a payment holds a name, so none is taken.

The layout is that of the standard, as the files of banks for their customers describe it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import PAYMENT
from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.byte_ranges import locator, piece
from watchfloor.formats.payments.keys import account_key
from watchfloor.formats.tabular.blocks import MAX_RAW

RECORD: Final = 1464
START: Final = 24
SEGMENT: Final = 240
SEGMENTS: Final = 6

_BATCH: Final = 8192
_CHUNK: Final = 1 << 20
_LONGEST: Final = 4 * RECORD
_OTHER: Final = {
    "E": "reverses a credit",
    "F": "reverses a debit",
    "I": "returns a credit",
    "J": "returns a debit",
    "S": "is a notice of change",
    "U": "is a notice of change",
}
_LINE_ENDS: Final = re.compile(rb"[\r\n\x1a]+")


class Field(NamedTuple):
    """Where an element stands in a segment or record, from 0, up to but without `end`."""

    start: int
    end: int

    def read(self, text: str) -> str:
        """The element, without spaces around it."""
        return text[self.start : self.end].strip()


COUNT, ORIGINATOR, FILE = Field(1, 10), Field(10, 20), Field(20, 24)
"""Elements of every record: its number, who made the file, the file's number."""
CREATED, CURRENCY = Field(24, 30), Field(55, 58)
"""Elements of the header."""
DEBITS, DEBIT_COUNT, CREDITS, CREDIT_COUNT = Field(24, 38), Field(38, 46), Field(46, 60), Field(60, 68)
"""Elements of the trailer: cents and numbers of transactions."""
TYPE, AMOUNT, DAY, INSTITUTION, ACCOUNT = (
    Field(0, 3),
    Field(3, 13),
    Field(13, 19),
    Field(19, 28),
    Field(28, 40),
)
REFERENCE, RETURN_INSTITUTION, RETURN_ACCOUNT, SUNDRY = (
    Field(150, 169),
    Field(169, 178),
    Field(178, 190),
    Field(190, 205),
)
"""Elements of a segment."""


class Header(NamedTuple):
    """Header of a file: who made it, its number, when, in which currency."""

    originator: str
    number: str
    created: str
    currency: str


def sniff(head: Head) -> float:
    """Sure where the first record is a header: A, number 1, a file's number and a day."""
    text = head.data[:RECORD].decode("latin-1")
    if not text.startswith("A000000001") or not FILE.read(text).isdecimal():
        return 0.0
    return 0.97 if _day(CREATED.read(text)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Payments and faults. Raises `FormatError` where the file does not begin with a header."""
    header: Header | None = None
    rows: list[dict[str, Any]] = []
    read_so_far = {"C": [0, 0], "D": [0, 0]}
    ended = False
    at = 0
    for at, raw, text in _records(stream):
        where = locator(at, at + len(raw))
        kind = text[:1]
        if header is None:
            if kind != "A":
                raise FormatError(f"{name} does not begin with a header of CPA Standard 005: a record A")
            header = _header(text, name)
        elif ended:
            yield Fault(where, "stands behind the trailer", raw[:MAX_RAW])
        elif kind in read_so_far:
            for found in _segments(header, text, at):
                if isinstance(found, Fault):
                    yield found
                else:
                    rows.append(found)
                    read_so_far[kind][0] += int(found["amount"] * 100)
                    read_so_far[kind][1] += 1
            if len(rows) >= _BATCH:
                yield _batch(rows)
                rows = []
        elif kind == "Z":
            ended = True
            if why := _unlike(text, read_so_far):
                yield Fault(where, why, raw.rstrip()[:MAX_RAW], partly=True)
        else:
            what = _OTHER.get(kind, f"is of a type {kind!r} that is not known")
            yield Fault(where, f"{what}, and is no payment", raw.rstrip()[:MAX_RAW])
    if header is None:
        raise FormatError(f"{name} is empty")
    if rows:
        yield _batch(rows)
    if not ended:
        yield Fault(
            locator(at, at), "the file ends without its trailer (record Z): it was cut", b"", rest=True
        )


def _records(stream: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """Each record: its first byte, its bytes, its text of 1464 characters or what there is of it."""
    buffer, at, first, final = b"", 0, 0, False  # `first`: of the buffer, which begins at byte `at`
    while not final or first < len(buffer):
        if not final and len(buffer) - first < _LONGEST:
            chunk = stream.read(_CHUNK)
            final = not chunk
            buffer, at, first = buffer[first:] + chunk, at + first, 0
            continue
        if ends := _LINE_ENDS.match(buffer, first):
            first = ends.end()
            continue
        raw = buffer[first : first + _size(buffer[first : first + _LONGEST])]
        yield at + first, raw, _text(raw)
        first += len(raw)


def _size(start: bytes) -> int:
    """Bytes of the record at the start of these: up to its line end, or 1464 where none is near."""
    ends = [end for sign in (b"\n", b"\r") if (end := start.find(sign)) >= 0]
    return min(ends) if ends and min(ends) <= 2 * RECORD else min(RECORD, len(start))


def _text(raw: bytes) -> str:
    """Bytes as characters, padded: UTF-8 where that makes a record, else one character a byte."""
    if len(raw) > RECORD:
        text = raw.decode("utf-8", "replace")
        if len(text) <= RECORD:
            return text.ljust(RECORD)
    return raw.decode("latin-1").ljust(RECORD)


def _header(text: str, name: str) -> Header:
    created = CREATED.read(text)
    if not _day(created):
        raise FormatError(f"{name}: the header's day {created!r} is none of the form 0YYDDD")
    currency = CURRENCY.read(text) or "CAD"
    if currency not in ("CAD", "USD"):
        raise FormatError(f"{name}: the header's currency {currency!r} is neither CAD nor USD")
    return Header(ORIGINATOR.read(text), FILE.read(text), created, currency)


def _segments(header: Header, text: str, at: int) -> Iterator[dict[str, Any] | Fault]:
    for number in range(SEGMENTS):
        start = START + number * SEGMENT
        segment = text[start : start + SEGMENT]
        if not segment.strip() or not segment.strip(" 0"):
            continue
        where = locator(at + start, at + start + SEGMENT)
        try:
            yield _payment(header, text, number, segment) | {"locator": where}
        except (ValueError, SubjectError) as error:
            yield Fault(where, str(error), segment.encode("utf-8", "replace")[:MAX_RAW])


def _payment(header: Header, text: str, number: int, segment: str) -> dict[str, Any]:
    cents, day = AMOUNT.read(segment), _day(DAY.read(segment))
    if not (cents.isdecimal() and cents.isascii()) or int(cents) == 0:
        raise ValueError(f"the amount {cents!r} is no number of cents above 0")
    if day is None:
        raise ValueError(f"the day {DAY.read(segment)!r} is none of the form 0YYDDD")
    bank, account = _account(segment, INSTITUTION, ACCOUNT)
    if account is None:
        raise ValueError("the account is empty, or its institution is no number of nine digits")
    own_bank, own = _account(segment, RETURN_INSTITUTION, RETURN_ACCOUNT)
    own = own or str(subject("company", "aft", header.originator))
    paid = text[0] == "C"
    said = " ".join(part for part in (REFERENCE.read(segment), SUNDRY.read(segment)) if part)
    return {
        "report_key": f"{header.originator}:{header.created}:{header.number}:{COUNT.read(text)}.{number + 1}",
        "origins": [],
        "observed_at": day,
        "payer": own if paid else account,
        "payee": account if paid else own,
        "payer_bank": own_bank if paid else bank,
        "payee_bank": bank if paid else own_bank,
        "amount": Decimal(int(cents)).scaleb(-2),
        "currency": header.currency,
        "means": "transfer",
        "channel": "aft",
        "purpose": TYPE.read(segment) or None,
        "memo": said or None,
    }


def _account(segment: str, institution: Field, number: Field) -> tuple[str | None, str | None]:
    """A bank's four digits, and the key of an account there; None of both where there is none."""
    digits, account = institution.read(segment).rjust(9, "0"), number.read(segment)
    if not (digits.isascii() and digits.isdecimal()) or not digits.strip("0") or not account.strip("0"):
        return None, None
    bank, transit = digits[:4], digits[4:]
    return bank, account_key(f"{transit}-{account}", bank)


def _day(text: str) -> datetime | None:
    """The start of a day `0YYDDD`; None where no calendar has it."""
    if len(text) != 6 or not (text.isascii() and text.isdecimal()) or text[0] != "0":
        return None
    year, day = 2000 + int(text[1:3]), int(text[3:])
    found = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day - 1)
    return found if day and found.year == year else None


def _unlike(text: str, read_so_far: dict[str, list[int]]) -> str:
    """How the trailer's sums differ from what was read; empty where they do not."""
    for kind, cents, number in (("C", CREDITS, CREDIT_COUNT), ("D", DEBITS, DEBIT_COUNT)):
        stated = (cents.read(text), number.read(text))
        if not all(one.isdecimal() and one.isascii() for one in stated):
            return "the trailer's sums are no numbers"
        total, count = (int(one) for one in stated)
        if total != read_so_far[kind][0]:
            what = "credits" if kind == "C" else "debits"
            return (
                f"the trailer says {count:,} {what} of {total / 100:,.2f} in all; {read_so_far[kind][1]:,} of"
                f" {read_so_far[kind][0] / 100:,.2f} were read"
            )
    return ""


def _batch(rows: list[dict[str, Any]]) -> Batch:
    return Batch(PAYMENT, pa.Table.from_pylist(rows, PAYMENT.body))


FORMAT: Final = Format("cpa005", (PAYMENT.name,), sniff, read, piece=piece)
