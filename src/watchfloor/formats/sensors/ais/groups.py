"""Messages from sentences: those of one as they come, those of several when their last part is there.

Parts of a message share total and sequence number, and channel and group of lines where both state them. They
may come in any order and with others between them. At most `GROUPS` messages wait; one that is older than
`REACH_LINES` lines, or whose parts are more than `REACH_TIME` apart, is given up, and its lines are faults.
So a part that was lost cannot make a message out of halves of two.
"""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.formats.sensors.ais.sentences import (
    BODY,
    CHANNEL,
    GROUP,
    INCOMPLETE,
    LINE,
    MESSAGE,
    OWN,
    PART,
    REPEATED,
    SEQUENCE,
    SIZE,
    SOURCE,
    SOURCE_END,
    TIME,
    TOTAL,
    WAITING,
)
from watchfloor.formats.sensors.log_times import NEVER
from watchfloor.formats.sensors.wires.lines import Bytes, Ints, Small

GROUPS: Final = 64
REACH_LINES: Final = 256
REACH_TIME: Final = 60_000_000
"""Microseconds."""
PARTS: Final = 9
"""Most sentences of one message: the standard's field has one digit."""


@kernel
def join(data: Bytes, found: Ints, numbers: Ints, last: int) -> Any:
    """Messages in the order in which they are whole, and a code per sentence.

    Args:
        data: the buffer.
        found: sentences, as `ais_sentences.sentences` gives them.
        numbers: for each sentence the number of its line in the whole stream.
        last: number of the buffer's last line.

    Returns:
        Rows of `found` message by message; where each message starts in them, and at the end where the last
        one ends; codes of the sentences: `MESSAGE`, `WAITING`, `REPEATED` or `INCOMPLETE`.
    """
    count = found.shape[0]
    codes = np.empty(count, np.uint8)
    rows = np.empty(count, np.int32)
    starts = np.zeros(count + 1, np.int32)
    held = np.empty((GROUPS + 1, PARTS), np.int32)
    since = np.empty(GROUPS + 1, np.int64)
    used, messages, filled = 0, 0, 0
    for k in range(count):
        total = found[k, TOTAL]
        codes[k] = MESSAGE if total == 1 else WAITING
        if total == 1:
            rows[filled] = k
            filled += 1
            messages += 1
            starts[messages] = filled
            continue
        while used and (numbers[k] - since[0] > REACH_LINES or used == GROUPS):
            used = _give_up(held, since, used, 0, codes)
        at = _group_of(held, used, found, k)
        part = found[k, PART] - 1
        if at < used and held[at, part] >= 0:
            if _same(data, found, held[at, part], k):
                codes[k] = REPEATED
                continue
            used = _give_up(held, since, used, at, codes)
            at = used
        if at == used:
            for i in range(PARTS):
                held[at, i] = -1
            since[at] = numbers[k]
            used += 1
        held[at, part] = k
        there = 0
        for i in range(total):
            there += held[at, i] >= 0
        if there == total:
            for i in range(total):
                rows[filled] = held[at, i]
                codes[held[at, i]] = MESSAGE
                filled += 1
            messages += 1
            starts[messages] = filled
            used = _drop(held, since, used, at)
    while used and last - since[0] > REACH_LINES:
        used = _give_up(held, since, used, 0, codes)
    return rows[:filled], starts[: messages + 1], codes


WHOLE, FIRST, STATED, OURS, RADIO, NAMED, NAMED_END = range(7)
"""Rows of `about`: a message's last and first lines, the time that is stated or `NEVER`, whether it is VDO,
the channel as a sentence has it, and where the receiver's name stands, or -1."""


@kernel
def about(found: Ints, rows: Small, starts: Small) -> Any:
    """Return each message's fields beside the payload; of several sentences with one, the first part's."""
    count = starts.shape[0] - 1
    told = np.empty((7, count), np.int64)
    for m in range(count):
        k = rows[starts[m]]
        told[WHOLE, m] = told[FIRST, m] = found[k, LINE]
        told[STATED, m] = found[k, TIME]
        told[OURS, m] = found[k, OWN]
        told[RADIO, m] = found[k, CHANNEL]
        told[NAMED, m], told[NAMED_END, m] = found[k, SOURCE], found[k, SOURCE_END]
        for r in range(starts[m] + 1, starts[m + 1]):
            k = rows[r]
            told[WHOLE, m] = max(told[WHOLE, m], found[k, LINE])
            told[FIRST, m] = min(told[FIRST, m], found[k, LINE])
            if told[STATED, m] == NEVER:
                told[STATED, m] = found[k, TIME]
            if told[NAMED, m] < 0:
                told[NAMED, m], told[NAMED_END, m] = found[k, SOURCE], found[k, SOURCE_END]
    return told


@kernel
def _group_of(held: Any, used: int, found: Ints, k: int) -> Any:
    """The waiting message that sentence *k* belongs to, oldest first; `used` where there is none."""
    for at in range(used):
        one = -1
        for i in range(PARTS):
            one = max(one, held[at, i])
        same = found[one, TOTAL] == found[k, TOTAL] and found[one, SEQUENCE] == found[k, SEQUENCE]
        for column in (CHANNEL, GROUP):
            a, b = found[one, column], found[k, column]
            same = same and (a == b or a == -1 or b == -1)
        a, b = found[one, TIME], found[k, TIME]
        if same and (a == NEVER or b == NEVER or abs(a - b) <= REACH_TIME):
            return at
    return used


@kernel
def _same(data: Bytes, found: Ints, one: int, other: int) -> Any:
    """Whether two sentences carry the same payload."""
    if found[one, SIZE] != found[other, SIZE]:
        return False
    unlike = np.uint8(0)
    for i in range(found[one, SIZE]):
        unlike |= data[found[one, BODY] + i] ^ data[found[other, BODY] + i]
    return unlike == 0


@kernel
def _give_up(held: Any, since: Ints, used: int, at: int, codes: Bytes) -> Any:
    for i in range(PARTS):
        if held[at, i] >= 0:
            codes[held[at, i]] = INCOMPLETE
    return _drop(held, since, used, at)


@kernel
def _drop(held: Any, since: Ints, used: int, at: int) -> Any:
    """Close the gap, so that the waiting stay in the order of their age; gives how many wait."""
    for one in range(at, used - 1):
        since[one] = since[one + 1]
        for i in range(PARTS):
            held[one, i] = held[one + 1, i]
    return used - 1
