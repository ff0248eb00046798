"""What messages say of themselves, how many transactions and how much money, held against what is in them.

`NbOfTxs`, `CtrlSum` and `TtlIntrBkSttlmAmt` of the header, and of each `PmtInf` of pain.001 (ISO 20022).
A message that counts wrong is told; its transactions are read.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import numpy as np

from watchfloor.formats.base import Fault
from watchfloor.formats.iso20022.raw import Ended, Raw
from watchfloor.formats.iso20022.slots import NUMBER
from watchfloor.formats.iso20022.sums import GOOD, ZERO, Amounts


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
