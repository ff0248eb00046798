"""Private set intersection and its size, by batched Diffie-Hellman: what each of two banks computes.

    asker                                       answerer
    points = H(x)**c            ── points ─►    checked; answers = points**s
    H(x)**s = answers**(1/c)    ◄─ answers ──   (sorted, where only the number may be learned)
    found = H(x)**s in table    ◄─ table ───    table = 8 bytes of each H(y)**s, sorted, made once an epoch

The source is Huberman, Franklin and Hogg, Enhancing privacy and trust in electronic communities (1999), in
the form with a stored table of Kales et al., Mobile Private Contact Discovery at Scale (2019). It is safe
against who follows the protocol and looks at everything; `docs/partnership.md` says what who does not could
learn.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.exchange.partnership.group import Scalar, checked, hashed

Prints = npt.NDArray[np.uint64]

PRINT_BITS: Final = 64
"""Of a point's u-coordinate that a table keeps: chance alone meets once in n·m / 2**64 askings."""


def table(key: bytes, scalar: Scalar, elements: Sequence[bytes]) -> tuple[Prints, npt.NDArray[np.int64]]:
    """The answerer's table, in rising order, and which element each row stands for.

    Args:
        key: of the use, see `group.hashed`.
        scalar: the answerer's.
        elements: the set, each once.
    """
    prints = printed(scalar.times(hashed(key, elements)))
    order = np.argsort(prints, kind="stable")
    return prints[order], order


def masked(key: bytes, scalar: Scalar, elements: Sequence[bytes]) -> list[bytes]:
    """The asker's points, in the order of the elements."""
    return scalar.times(hashed(key, elements))


def answered(scalar: Scalar, points: Sequence[bytes], *, shuffled: bool) -> list[bytes]:
    """The answerer's multiple of each point.

    Args:
        scalar: the answerer's.
        points: as they came.
        shuffled: in rising order, in which no answer says which point it is of.

    Raises:
        BadPoint: one is not on the curve, in another spelling, or of small order.
    """
    made = scalar.times(checked(points))
    return sorted(made) if shuffled else made


def unmasked(scalar: Scalar, answers: Sequence[bytes]) -> list[bytes]:
    """Return the asker's elements under the answerer's scalar alone. Raises `BadPoint`."""
    return scalar.inverse.times(checked(answers))


def found(table_: Prints, points: Sequence[bytes]) -> npt.NDArray[np.bool_]:
    """Which of the asker's points are in the answerer's table."""
    mine = printed(points)
    if not len(table_):
        return np.zeros(len(mine), np.bool_)
    at = np.minimum(np.searchsorted(table_, mine), len(table_) - 1)
    return np.asarray(table_[at] == mine)


def printed(points: Sequence[bytes]) -> Prints:
    """The 64 bits of each point that a table keeps."""
    return np.frombuffer(b"".join(points), "<u8").reshape(-1, 4)[:, 0].astype(np.uint64)


def false_positives(mine: int, theirs: int) -> float:
    """Expected elements that are found by chance, in one asking."""
    return mine * theirs / 2.0**PRINT_BITS
