"""Files of ISO 20022 payment messages: recognised, read, and pacs.008 written.

One message in `Document`, or several in an envelope. A camt.053 or camt.054 counts its entries otherwise
than its transactions, so that what it says of their number is not held against it.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.iso20022.parties import parties
from watchfloor.formats.iso20022.payments import payments
from watchfloor.formats.iso20022.raw import Raw, Texted
from watchfloor.formats.iso20022.slots import MESSAGES
from watchfloor.formats.iso20022.stream import raws
from watchfloor.formats.iso20022.totals import Totals
from watchfloor.formats.iso20022.write import write
from watchfloor.formats.xml_limits import RAW_BYTES, head_text
from watchfloor.records.kinds import PARTY, PAYMENT

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
