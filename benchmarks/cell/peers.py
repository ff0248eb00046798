"""Ours through the command line, and what it is measured against, as log2-odds or a score by subject."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner

from benchmarks.cell.draw import FALSE, HIT, PRIOR, Draw


def through_weigh(signals: pa.Table, *options: str) -> pa.Table:
    """The leads that `watchfloor weigh` writes for a table of signals."""
    from watchfloor.cli import app

    with TemporaryDirectory() as folder:
        given, leads = Path(folder) / "signals.parquet", Path(folder) / "leads.parquet"
        pq.write_table(signals, given)
        done = CliRunner().invoke(app, ["weigh", str(given), "-o", str(leads), *options])
        if done.exit_code:
            raise RuntimeError(done.output)
        return pq.read_table(leads)


def by_subject(leads: pa.Table, count: int) -> np.ndarray:
    """Bits of each subject; one without a signal has none."""
    bits = np.zeros(count)
    one = [int(subjects[0].rsplit(":", 1)[1]) for subjects in leads["subjects"].to_pylist()]
    bits[one] = leads["bits"].to_numpy()
    return bits


def ours(of: Draw) -> np.ndarray:
    return by_subject(through_weigh(of.signals, "--prior", str(PRIOR)), len(of.truth))


def exact(of: Draw) -> np.ndarray:
    return of.exact


def naive(of: Draw) -> np.ndarray:
    """Likelihood ratios of all reports, each taken for independent."""
    return np.bincount(of.subject, of.signals["bits"].to_numpy(), len(of.truth))


def ignored(of: Draw) -> np.ndarray:
    """Stated origins once; an echo without one is taken for a first report."""
    alone = of.signals.set_column(
        of.signals.column_names.index("text"), "text", pa.nulls(len(of.signals), pa.string())
    )
    ids, origin = alone["signal_id"], alone["origin"].fill_null("")
    place = {id_: row for row, id_ in enumerate(ids.to_pylist())}
    first = np.array([place.get(one, row) for row, one in enumerate(origin.to_pylist())])
    once = first == np.arange(len(first))
    return np.bincount(of.subject[once], alone["bits"].to_numpy()[once], len(of.truth))


def admiralty(of: Draw) -> np.ndarray:
    """The mean over a subject's reports of their source's reliability, A (1) to E (0) in quarters.

    The grade is set by how often the source's reports of this draw's design are right at even odds.
    """
    right = HIT / (HIT + FALSE)
    grade = np.round(4 * (right - right.min()) / np.ptp(right)) / 4
    some, many = of.report, np.bincount(of.subject[of.report], minlength=len(of.truth))
    total = np.bincount(of.subject[some], grade[of.reporter[some]] + 0.01, len(of.truth))
    return total / np.maximum(many, 1)


METHODS = {
    "exact posterior": exact,
    "watchfloor weigh": ours,
    "missing ignored": ignored,
    "naive": naive,
    "Admiralty mean": admiralty,
}
"""Each gives log2-odds by subject without the prior, but for the last, which gives a score."""
