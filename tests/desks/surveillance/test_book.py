"""The evidence index of tracks: however its updates are cut into batches, it counts the same reports."""

from types import SimpleNamespace

import numpy as np
import pytest

from watchfloor.desks.surveillance.evidence_index import LEG, Basis, Book
from watchfloor.desks.surveillance.serialisation import book, of_book

SECOND = 1_000_000
NONE = np.zeros(0, np.int64)
# Of one track: reports 0 and 1 in the first scan, 2 in the second, which tells 1 again, then again 2 and 3. A
# scan is known with the first report of the next.
REPORT, KNOWN = [0, 1, 1, 2, 2, 3], [2, 2, 3, 3, 4, 4]
COUNTED = 4
"""0 and 1, then 2, then 3: what was known before a scan began counts no more."""


def post(of, start, end, ended=False):
    count = end - start
    rows = np.arange(start, end)
    updates = SimpleNamespace(
        t=1000.0 + rows,
        track=np.full(count, 7),
        place=np.ones((count, 3)),
        velocity=np.ones((count, 2)),
        cov=np.ones((count, 3)),
        altitude=np.ones(count),
        exists=np.ones(count),
        klass=np.zeros(count, np.int64),
        claimed=np.full(count, -1),
        confirmed=np.ones(count, np.bool_),
        stationary=np.zeros(count, np.bool_),
        ended=(rows == len(REPORT) - 1) & ended,
        report=np.array(REPORT[start:end]),
        known=np.array(KNOWN[start:end]),
    )
    records = np.arange(10, dtype=np.uint64).reshape(5, 2)
    basis = Basis(0, records, np.zeros(5, np.uint8), np.zeros(5, np.uint8))
    of.post(updates, (1000 + rows) * SECOND, basis, NONE, NONE)


@pytest.mark.parametrize("cut", range(len(REPORT) + 1))
@pytest.mark.parametrize("frozen", [False, True])
def test_a_report_that_is_told_again_counts_once_wherever_a_batch_ends(cut, frozen):
    made = Book()
    for start, end in ((0, cut), (cut, len(REPORT))):
        if end > start:
            post(made, start, end)
        made = book(of_book(made)) if frozen else made
    assert made.entries.live["reports"].tolist() == [COUNTED]


def test_a_book_of_an_earlier_version_is_read():
    made = Book()
    post(made, 0, len(REPORT))
    again = book(of_book(made).slice(0, 1))
    assert np.array_equal(again.entries.live, made.entries.live)


@pytest.mark.parametrize(("followed", "named", "left"), [([7], [], 1), ([], [7], 1), ([], [8], 0)])
def test_a_track_is_kept_while_it_is_followed_or_an_event_can_name_it(followed, named, left):
    made = Book()
    post(made, 0, len(REPORT))
    last = (1000 + len(REPORT) - 1) * SECOND
    known = np.array(followed, np.int64), lambda: np.array(named, np.int64)
    made.release(*known)
    assert len(made.entries.live) == 1  # its leg is not told yet
    assert len(made.over(last + 2 * LEG)) == 1
    made.release(*known)
    assert len(made.entries.live) == left
