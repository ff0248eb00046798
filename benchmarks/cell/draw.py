"""A day of circular reporting: six sources, partners who repeat them, and the answer."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from benchmarks.cell.manners import MANNERS, Manner

SUBJECTS, PRIOR, SEES, ECHOES = 40_000, 0.03, 0.5, 1.2
HIT = np.array([0.73, 0.66, 0.55, 0.41, 0.36, 0.32])
FALSE = np.array([0.05, 0.10, 0.07, 0.09, 0.01, 0.07])
SOURCES = ("tower", "aircraft", "manifest", "tip-line", "laboratory", "payments")
PARTNERS = ("partner-north", "partner-south", "partner-sea", "partner-air", "partner-abroad")
DAY = 86_400e6
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw.

    Attributes:
        truth: of each subject.
        exact: bits of the exact posterior of each subject, without the prior.
        signals: the file that `watchfloor weigh` is given.
        subject: number of the subject of each signal.
        reporter: number of the source behind each signal, whoever repeats it.
        report: whether it is a report, not a silence.
    """

    truth: np.ndarray
    exact: np.ndarray
    signals: pa.Table
    subject: np.ndarray
    reporter: np.ndarray
    report: np.ndarray


def draw(
    seed: int,
    missing: float = 0.0,
    manner: Manner = MANNERS["verbatim"],
    count: int = SUBJECTS,
    hidden: bool = False,
) -> Draw:
    """Draw reports, silences and echoes.

    Args:
        seed: of the draw.
        missing: share of echoes that lost their origin.
        manner: how reports are written and repeated.
        count: subjects.
        hidden: partners deliver first reports too, and no two reports of a source carry quite the same bits,
            so that neither source nor weight gives an echo away.
    """
    rng = np.random.default_rng(seed)
    truth = rng.random(count) < PRIOR
    sees = rng.random((count, len(SOURCES))) < SEES
    reports = sees & (rng.random(sees.shape) < np.where(truth[:, None], HIT, FALSE))
    says, silent = np.log2(HIT / FALSE), np.log2((1 - HIT) / (1 - FALSE))
    exact = (reports * says + (sees & ~reports) * silent).sum(axis=1)
    subject, source = np.nonzero(sees)
    report = reports[subject, source]
    repeats = np.where(report, rng.poisson(ECHOES, len(subject)), 0)
    of = np.concatenate([np.arange(len(subject)), np.repeat(np.arange(len(subject)), repeats)])
    echo = np.arange(len(of)) >= len(subject)
    lost = echo & (rng.random(len(of)) < missing)
    moment = rng.random(count) * 30
    at = moment[subject] + rng.exponential(1.0, len(subject))
    at = at[of] + np.where(echo, rng.exponential(0.25, len(of)), 0)
    ids = np.char.add("s", np.arange(len(of)).astype(str))
    partner = np.array(PARTNERS)[rng.integers(0, len(PARTNERS), len(of))]
    bits = np.where(report[of], says[source[of]], silent[source[of]])
    if hidden:
        bits = bits + rng.uniform(-0.01, 0.01, len(of))
    table = {
        "signal_id": pa.array(ids),
        "desk": pa.array(np.where(report[of], "reports", "coverage")),
        "subjects": pa.array([[f"person:case:{k}"] for k in subject[of].tolist()]),
        "bits": pa.array(bits),
        "origin": pa.array(ids[of], mask=~echo | lost),
        "source": pa.array(np.where(echo | hidden, partner, np.array(SOURCES)[source[of]])),
        "at": pa.array((at * DAY + datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6).astype(np.int64)).cast(
            pa.timestamp("us", "UTC")
        ),
        "text": pa.array(manner(rng, subject[of], source[of], of, echo, report[of])),
    }
    order = pa.array(rng.permutation(len(of)))
    shuffled = order.to_numpy()
    return Draw(
        truth,
        exact,
        pa.table(table).take(order),
        subject[of][shuffled],
        source[of][shuffled],
        report[of][shuffled],
    )
