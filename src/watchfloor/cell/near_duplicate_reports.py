"""Reports that say nearly the same: likely one report that two units pass on, where neither says so.

Where a report names no origin, it may be an echo of an earlier one of its matter. How likely is inferred from
the words that both use and hardly any other report of the floor does, and from the time between them
(`cell.echoes`). It counts for what it would add if it were none, times that chance, and the lead says so.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.cell import circular_reporting
from watchfloor.cell.linking import Floats
from watchfloor.cell.texts import rarity, read_texts
from watchfloor.cell.weighing import Members, probabilities

if TYPE_CHECKING:
    from watchfloor.cell.leads import Contribution  # which counts with these

SHOWN: Final = 0.01
"""Chance from which an echo is spoken of."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Copies(NamedTuple):
    """For each contribution the chance that it is an echo, and what it adds in bits."""

    chance: Floats
    bits: Floats


def copies(
    said: Sequence["Contribution"], members: Members, bits: Floats, before: Floats, texts: Mapping[bytes, str]
) -> Copies | None:
    """Which contributions are likely echoes of others of their lead; None where no text is there to tell.

    Args:
        said: contributions that count.
        members: those of each lead.
        bits: what each counts for if it is no echo.
        before: log-odds of each lead before its contributions.
        texts: of every report that names no origin, by its record.
    """
    own = [next((record for record in one.evidence if record in texts), None) for one in said]
    if sum(record is not None for record in own) < 2:
        return None
    others = sorted(texts.keys() - set(own))
    every = read_texts(pa.array([texts[r] if r else None for r in (*own, *others)], pa.large_string()))
    count = len(said)
    starts = np.concatenate([members.start, members.start[-1] + 1 + np.arange(len(others))])
    word_bits = rarity(every, starts, np.concatenate([members.signals, count + np.arange(len(others))]))
    padded = np.concatenate([bits, np.zeros(len(others))])
    at = np.array(
        [(one.at - _EPOCH) // timedelta(microseconds=1) for one in said] + [0] * len(others), np.int64
    )
    alike = circular_reporting.resemblance(members, padded, at, every, word_bits)
    told = np.array([record is not None for record in own])
    known = np.where(told, circular_reporting.UNSTATED, circular_reporting.FIRST)
    odds = circular_reporting.infer(alike, known, np.zeros(count, np.int64), told & (bits != 0)).odds
    p = odds / (1 + odds)
    echo = p >= SHOWN
    once = np.where(echo, (1 - p) * bits, bits)
    totals = np.bincount(members.leads, once, len(before)) + before
    rest = probabilities(totals[members.leads] - once)
    added = np.where(echo, circular_reporting.adds(bits, np.where(echo, odds, 0.0), rest), bits)
    return Copies(np.where(echo, p, 0.0), added)
