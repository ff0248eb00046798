"""Weighing: what the signals of each lead add up to, evidence once, in bits that sum exactly.

Log2 likelihood ratios of independent evidence add. What is not independent is taken off in the open, signal
by signal, the strongest first:

- what rests on an origin or a record that is counted already gets nothing;
- signals of one group of dependent rules, with correlation rho between them, are worth what an equal number
  of independent ones is not: `m` of them count as `m / (1 + (m - 1) rho)` (Clemen and Winkler 1985, "Limits
  for the precision and value of information from dependent sources"). The `j`-th strongest is counted at the
  difference that it makes to this number, `(1 - rho) / ((1 + (j - 1) rho) (1 + (j - 2) rho))` of its bits;
  `rho` 0 leaves all, 1 leaves the first. What speaks for and what speaks against are two series: a rule
  that contradicts another does not repeat it;
- an echo is counted for what it would add if it were none, times the chance of that (`circular_reporting`);
- a lead of `k` subjects had `k` chances to look bad and pays log2(k).

The sum of a lead is `math.fsum` of its parts: correctly rounded, so the same in every order.
"""

from itertools import pairwise
from math import fsum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.cell.linking import FEW, Floats, Numbers
from watchfloor.core.kernels import kernel

WHOLE, REPEAT, DEPENDENT, ECHO = 0, 1, 2, 3
"""What became of a signal: counted whole, nothing, in part for its group, in part as a likely echo."""

ALONE: Final = -1
"""The group of a signal that belongs to none."""


class Rests(NamedTuple):
    """The origins and records that each signal rests on: signal `i` on `tokens[start[i]:start[i + 1]]`."""

    start: Numbers
    tokens: Numbers


class Members(NamedTuple):
    """Signals by lead: lead `l` holds `signals[start[l]:start[l + 1]]`."""

    start: Numbers
    signals: Numbers

    @property
    def leads(self) -> Numbers:
        """The lead of each entry."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))


class Counted(NamedTuple):
    """How much of each entry counts.

    Attributes:
        share: of its bits, 0 to 1.
        first: for a `REPEAT` the signal that is counted in its place; for a `DEPENDENT` one the signal that
            leads its group; -1 for others.
        why: `WHOLE`, `REPEAT` or `DEPENDENT`.
    """

    share: Floats
    first: Numbers
    why: npt.NDArray[np.int8]


def strongest_first(members: Members, bits: Floats, at: Numbers) -> Members:
    """The entries of each lead by how much they say, for or against; then the earlier, then by number."""
    order = np.lexsort((members.signals, at[members.signals], -np.abs(bits[members.signals]), members.leads))
    return Members(members.start, members.signals[order])


def count_once(members: Members, bits: Floats, rests: Rests, group: Numbers, rho: Floats) -> Counted:
    """How much of each entry counts: origins and records once, dependent rules as far as they are not.

    Args:
        members: entries, strongest first.
        bits: of each signal, finite.
        rests: origins and records of each signal.
        group: number of the group of dependent rules of each signal, or `ALONE`.
        rho: correlation within the signal's group, 0 to 1.
    """
    tokens = int(np.max(rests.tokens)) + 1 if len(rests.tokens) else 0
    groups = int(np.max(group)) + 1 if len(group) else 0
    share, first, why = _walk(
        members.start, members.signals, bits, rests.start, rests.tokens, group, rho, tokens, groups
    )
    return Counted(share, first, why)


def chances(size: Numbers) -> Floats:
    """Bits that a lead of `size` subjects pays for its chances, negative or 0."""
    return np.asarray(0.0 - np.log2(np.maximum(size, 1)))


def summed(start: Numbers, parts: Floats, also: Floats) -> Floats:
    """The exact sum of each lead's parts and what else it pays, correctly rounded."""
    values = parts.tolist()
    rows = zip(pairwise(start.tolist()), also.tolist(), strict=True)
    return np.array([fsum((*values[a:b], more)) for (a, b), more in rows], np.float64)


def probabilities(bits: Floats) -> Floats:
    """The probability whose log2-odds are `bits`."""
    return np.asarray(1 / (1 + np.exp2(np.minimum(-bits, 1000.0))))


@kernel(few=FEW)
def _walk(
    start: Numbers,
    signals: Numbers,
    bits: Floats,
    rest: Numbers,
    tokens: Numbers,
    group: Numbers,
    rho: Floats,
    token_count: int,
    group_count: int,
) -> tuple[Floats, Numbers, npt.NDArray[np.int8]]:  # pragma: no cover - compiled
    """One pass over the leads; `owner` and `stamp` say which signal counted a token, in which lead."""
    share, first = np.ones(len(signals)), np.full(len(signals), -1)
    why = np.zeros(len(signals), np.int8)
    owner, stamp = np.empty(token_count, np.int64), np.full(token_count, -1)
    met = np.zeros((2, group_count), np.int64)
    leader, met_in = np.empty((2, group_count), np.int64), np.full((2, group_count), -1)
    for lead in range(len(start) - 1):
        for entry in range(start[lead], start[lead + 1]):
            i = signals[entry]
            for k in range(rest[i], rest[i + 1]):
                if stamp[tokens[k]] == lead and owner[tokens[k]] != i:
                    share[entry], first[entry], why[entry] = 0.0, owner[tokens[k]], 1
                    break
            if why[entry] == 1:
                continue
            for k in range(rest[i], rest[i + 1]):
                stamp[tokens[k]], owner[tokens[k]] = lead, i
            g = group[i]
            if g < 0 or bits[i] == 0.0:
                continue
            side = 1 if bits[i] < 0 else 0
            if met_in[side, g] != lead:
                met_in[side, g], met[side, g], leader[side, g] = lead, 1, i
                continue
            j = met[side, g] = met[side, g] + 1
            share[entry] = (1 - rho[i]) / ((1 + (j - 1) * rho[i]) * (1 + (j - 2) * rho[i]))
            first[entry], why[entry] = leader[side, g], 2
    return share, first, why
