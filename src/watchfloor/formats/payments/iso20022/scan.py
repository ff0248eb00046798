"""Transactions found in bytes, without a tree: where each begins and ends, and where its texts stand.

Only the plainest XML is read here: tags without prefixes, no attribute but `Ccy`, balanced, text of legal
bytes without entities other than the predefined ones. A transaction that holds anything else is marked, and
is parsed as elements by who called; what is not balanced stops the scan. Bytes outside transactions are told
apart from them by the lexical rules of XML 1.0 (tags, comments, CDATA sections, processing instructions),
and are for the parser.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.formats.payments.iso20022.slots import MACHINE, RECORDS, SLOTS

Bytes = npt.NDArray[np.uint8]
WIDTH: Final = len(SLOTS)
DEEPEST: Final = 32
"""Elements in a transaction that the scan follows; real ones are eight deep."""
LARGEST: Final = 1 << 16
"""Bytes of a transaction that the scan follows."""

WHOLE: Final = 0
"""The scan came to the end of what it was given."""
BROKEN: Final = 1
"""What comes next is not balanced, too deep or too large: the parser says what is wrong, if anything is."""

UNUSUAL: Final = 1
"""A transaction that is to be parsed as elements."""
BEYOND: Final = 2
"""A transaction with bytes beyond ASCII, which are to be checked."""
ESCAPED: Final = 4
"""A transaction in whose texts a sign of XML stands as `&amp;`, `&lt;`, `&gt;`, `&quot;` or `&apos;`."""

_SPACE, _TAG, _ODD, _WIDE = 1, 2, 4, 8
_CLASS: Final = np.zeros(256, np.uint8)
_CLASS[:32] = _ODD
_CLASS[[9, 10, 13]] = _SPACE
_CLASS[ord("<")] = _TAG
_CLASS[[ord("&"), ord(">")]] = _ODD
_CLASS[128:] = _WIDE
_NAME: Final = np.zeros(256, np.bool_)
_NAME[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] = True
_FIRST: Final = _NAME.copy()
_FIRST[list(b"0123456789")] = False
_CCY: Final = np.frombuffer(b' Ccy="', np.uint8)
_ENTITIES: Final = (b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;")
_ESCAPES: Final = np.array([list(one.ljust(6, b"\0")) for one in _ENTITIES], np.uint8)
_ESCAPE_LENGTHS: Final = np.array([len(one) for one in _ENTITIES], np.int64)
_SLOT: Final = np.array(MACHINE.slot, np.int16)
_CURRENCY: Final = np.array(MACHINE.currency, np.int16)
_REPEATS: Final = np.array(MACHINE.repeats, np.bool_)
_ROOT: Final = np.array([MACHINE.roots[name] for name in RECORDS], np.int32)
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
_SHIFT: Final = np.uint64(51)


def _halves(name: str) -> tuple[int, int]:
    """A name of at most sixteen bytes as two numbers."""
    data = name.encode().ljust(16, b"\0")
    return int.from_bytes(data[:8], "little"), int.from_bytes(data[8:], "little")


def _place(state: int, low: int, high: int) -> int:
    mixed = low * int(_MIX[0]) ^ high * int(_MIX[1]) ^ state * int(_MIX[2])
    return (mixed & (1 << 64) - 1) >> int(_SHIFT)


def _table() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Open addressing: two halves of a name, and the state it is in and leads to; state -1 is nobody's."""
    size = 1 << 64 - int(_SHIFT)
    names, states = np.zeros((size, 2), np.uint64), np.full((size, 2), -1, np.int32)
    for state, steps in enumerate(MACHINE.step):
        for name, after in steps.items():
            if len(name) > 16:  # none in a transaction is longer
                continue
            low, high = _halves(name)
            at = _place(state, low, high)
            while states[at, 0] >= 0:
                at = (at + 1) % size
            names[at], states[at] = (low, high), (state, after)
    return names, states


_NAMES, _STATES = _table()
_RECORD: Final = np.array([_halves(name) for name in RECORDS], np.uint64)
_LENGTHS: Final = np.array([len(name) for name in RECORDS], np.int64)


class Scan(NamedTuple):
    """Result of a scan over some bytes.

    Attributes:
        parts: rows of start, end, first transaction, transactions, their first state; those with none are
            for the parser.
        spans: `[transaction, slot]` start and end of its text; -1 where there is none.
        marks: what is to be done with each transaction.
        bounds: start and end of each transaction.
        end: bytes up to there are dealt with.
        state: `WHOLE` or `BROKEN`.
    """

    parts: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int32]
    marks: npt.NDArray[np.uint8]
    bounds: npt.NDArray[np.int64]
    end: int
    state: int


def scan(data: bytes) -> Scan:
    """Parts of a piece of XML that begins outside tags, comments and the like."""
    most = sum(data.count(f"<{name}>".encode()) for name in RECORDS)
    parts = np.zeros((2 * most + 1, 5), np.int64)
    spans = np.full((most, WIDTH, 2), -1, np.int32)
    marks, bounds = np.zeros(most, np.uint8), np.zeros((most, 2), np.int64)
    count, found, end, state = _scan(np.frombuffer(data, np.uint8), parts, spans, marks, bounds)
    return Scan(parts[:count], spans[:found], marks[:found], bounds[:found], int(end), int(state))


@kernel
def _scan(data: Any, parts: Any, spans: Any, marks: Any, bounds: Any) -> Any:
    """Fills the arrays; gives how many parts and transactions there are, where it stopped, and why."""
    size, at, since, count, found, state = len(data), 0, 0, 0, 0, WHOLE
    seen = np.zeros(len(_SLOT), np.int32)
    stack = np.zeros((DEEPEST, 3), np.int64)
    while at < size:
        if data[at] != 60:
            at += 1
            continue
        root = _begins(data, at)
        if root == 0:
            after = _token(data, at)
        else:
            after = _transaction(data, at, root, spans[found], marks, found, seen, stack)
        if after < 0:
            state = BROKEN if after == -2 else WHOLE
            break
        if root:
            if not (count and parts[count - 1, 4] == root and _blank(data, since, at)):
                count = _add(parts, count, since, at)
                parts[count, 0], parts[count, 2], parts[count, 4] = at, found, root
                count += 1
            parts[count - 1, 1] = after
            parts[count - 1, 3] += 1
            bounds[found, 0], bounds[found, 1] = at, after
            found += 1
            since = after
        at = after
    return _add(parts, count, since, at), found, at, state


@kernel
def _add(parts: Any, count: int, start: int, end: int) -> int:
    """How many parts there are with one for the parser, where it has any bytes."""
    if start < end:
        parts[count, 0], parts[count, 1] = start, end
        return count + 1
    return count


@kernel
def _blank(data: Any, start: int, end: int) -> bool:
    """Whether there is nothing but white space."""
    at = start
    while at < end and _is_space(data[at]):
        at += 1
    return at == end


@kernel
def _is_space(byte: Any) -> bool:
    return bool(byte == 32 or byte == 10 or byte == 13 or byte == 9)


@kernel
def _begins(data: Any, at: int) -> Any:
    """The first state of the transaction that begins here, or 0."""
    for record in range(len(_LENGTHS)):
        length = _LENGTHS[record]
        if at + length + 1 >= len(data) or data[at + 1 + length] != 62:
            continue
        low, high = _read(data, at + 1, at + 1 + length)
        if low == _RECORD[record, 0] and high == _RECORD[record, 1]:
            return _ROOT[record]
    return 0


@kernel
def _read(data: Any, start: int, end: int) -> Any:
    """A name of at most sixteen bytes as two numbers."""
    low = high = np.uint64(0)
    for i in range(min(8, end - start)):
        low |= np.uint64(data[start + i]) << np.uint64(8 * i)
    for i in range(8, end - start):
        high |= np.uint64(data[start + i]) << np.uint64(8 * (i - 8))
    return low, high


@kernel
def _behind(data: Any, at: int, first: int, second: int, third: int) -> int:
    """Where what ends in these bytes ends, or -1; 0 stands for no byte."""
    for i in range(at, len(data) - 2):
        if data[i] == first and data[i + 1] == second and (third == 0 or data[i + 2] == third):
            return i + (2 if third == 0 else 3)
    if third == 0 and len(data) >= at + 2 and data[len(data) - 2] == first and data[len(data) - 1] == second:
        return len(data)
    return -1


@kernel
def _token(data: Any, at: int) -> int:
    """Where the tag, comment, CDATA section or instruction that begins here ends, or -1."""
    size = len(data)
    if at + 9 > size:  # enough to tell them apart
        return -1
    if data[at + 1] == 63:
        return _behind(data, at + 2, 63, 62, 0)
    if data[at + 1] == 33:
        if data[at + 2] == 45 and data[at + 3] == 45:
            return _behind(data, at + 4, 45, 45, 62)
        if data[at + 2] == 91:
            return _behind(data, at + 9, 93, 93, 62)
    return _tag_end(data, at)


@kernel
def _tag_end(data: Any, at: int) -> int:
    """Where a tag ends; -1 where it does not end here, -2 where a tag begins in it."""
    quote = 0
    for i in range(at + 1, len(data)):
        byte = data[i]
        if quote:
            if byte == quote:
                quote = 0
        elif byte == 34 or byte == 39:
            quote = byte
        elif byte == 62:
            return i + 1
        if byte == 60:
            return -2
    return -1


@kernel
def _step(state: int, low: Any, high: Any) -> Any:
    """The state that an element of this name leads to."""
    if state == 0:
        return 0
    place = (low * _MIX[0] ^ high * _MIX[1] ^ np.uint64(state) * _MIX[2]) >> _SHIFT
    at = np.int64(place)
    while _STATES[at, 0] >= 0:
        if _STATES[at, 0] == state and _NAMES[at, 0] == low and _NAMES[at, 1] == high:
            return _STATES[at, 1]
        at = (at + 1) % len(_STATES)
    return 0


@kernel
def _transaction(
    data: Any, at: int, root: int, spans: Any, marks: Any, number: int, seen: Any, stack: Any
) -> int:
    """Where the transaction that begins here ends; -1 where it goes on behind the data, -2 where it breaks.

    `seen` holds, for each state, one more than the number of the last transaction it came in; `stack`, for
    each open element, a state and the start and the end of its name.
    """
    begun, size, depth, mark, opened = at, len(data), 0, 0, False
    currency = text = -1
    while at + 1 < size:  # here `data[at]` is '<'
        if at - begun > LARGEST:
            return -2
        byte = data[at + 1]
        if byte == 47:
            after = _closes(data, at + 2, stack[depth - 1, 1], stack[depth - 1, 2])
            if after < 0:
                return after
            depth -= 1
            if opened:
                mark |= _keep(data, text, at, spans, stack[depth, 0], currency)
            if depth == 0:
                marks[number] = mark
                return after
            opened = False
        elif _FIRST[byte]:
            end = at + 1
            while end < size and _NAME[data[end]]:
                end += 1
            if depth >= DEEPEST:
                return -2
            if end >= size:
                return -1
            state = root
            if depth:
                state = 0
                if end - at <= 17:
                    low, high = _read(data, at + 1, end)
                    state = _step(stack[depth - 1, 0], low, high)
                if _SLOT[stack[depth - 1, 0]] >= 0:
                    mark |= UNUSUAL
            if _REPEATS[state]:
                if seen[state] == number + 1:
                    mark |= UNUSUAL
                seen[state] = number + 1
            currency = -1
            after = end + 1
            if data[end] != 62:
                if _CURRENCY[state] >= 0 and _is_currency(data, end):
                    currency, after = end + 6, end + 11
                else:
                    after = _tag_end(data, end)
                    if after < 0:
                        return after
                    if after != end + 2 or data[end] != 47:
                        mark |= UNUSUAL
            opened = data[after - 2] != 47
            if opened:
                stack[depth, 0], stack[depth, 1], stack[depth, 2] = state, at + 1, end
                depth += 1
        else:
            after = _aside(data, at)
            if after < 0:
                return after
            mark |= UNUSUAL
        at = text = after
        while at < size and _CLASS[data[at]] != _TAG:
            if _CLASS[data[at]] > _TAG:
                if _CLASS[data[at]] == _WIDE:
                    mark |= BEYOND
                else:
                    mark |= ESCAPED if _is_escaped(data, at) else UNUSUAL
            at += 1
    return -1


@kernel
def _is_escaped(data: Any, at: int) -> bool:
    """Whether one of the five predefined entities stands here (XML 1.0, section 4.6)."""
    if data[at] != 38 or at + 6 > len(data):
        return False
    for i in range(len(_ESCAPES)):
        length = _ESCAPE_LENGTHS[i]
        k = 0
        while k < length and data[at + k] == _ESCAPES[i, k]:
            k += 1
        if k == length:
            return True
    return False


@kernel
def _closes(data: Any, at: int, name: int, end: int) -> int:
    """Where the end tag whose name begins here ends; -2 where it is not that of the open element."""
    for i in range(name, end):
        if at >= len(data):
            return -1
        if data[at] != data[i]:
            return -2
        at += 1
    while at < len(data) and _is_space(data[at]):
        at += 1
    if at >= len(data):
        return -1
    return at + 1 if data[at] == 62 else -2


@kernel
def _is_currency(data: Any, at: int) -> bool:
    """Whether an attribute `Ccy="XXX"` is here, and the tag ends behind it."""
    if at + 10 >= len(data) or data[at + 9] != 34 or data[at + 10] != 62:
        return False
    for i in range(6):
        if data[at + i] != _CCY[i]:
            return False
    return bool(_NAME[data[at + 6]] and _NAME[data[at + 7]] and _NAME[data[at + 8]])


@kernel
def _aside(data: Any, at: int) -> int:
    """Where a comment, CDATA section or instruction that begins here ends; -2 where none begins."""
    if at + 9 > len(data):
        return -1
    kinds = data[at + 1] == 63 or (
        data[at + 1] == 33 and (data[at + 2] == 91 or (data[at + 2] == 45 and data[at + 3] == 45))
    )
    return _token(data, at) if kinds else -2


@kernel
def _keep(data: Any, start: int, end: int, spans: Any, state: int, currency: int) -> int:
    """Notes a text without the white space around it; gives whether it is unusual."""
    slot = _SLOT[state]
    if slot < 0:
        return 0
    while start < end and _is_space(data[start]):
        start += 1
    while start < end and _is_space(data[end - 1]):
        end -= 1
    if start == end:
        return 0
    if spans[slot, 0] >= 0:
        return UNUSUAL
    spans[slot, 0], spans[slot, 1] = start, end
    if currency >= 0:
        spans[_CURRENCY[state], 0], spans[_CURRENCY[state], 1] = currency, currency + 3
    for i in range(start, end):
        if data[i] < 32 or (data[i] == 32 and data[i + 1] == 32):
            return UNUSUAL
    return 0
