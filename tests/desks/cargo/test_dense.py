"""A denser world than the sample's: a coarse clock, few items, reports that change their item."""

from datetime import timedelta
from random import Random

import pyarrow as pa
import pytest

from watchfloor.core.kinds import KINDS
from watchfloor.desks.cargo import sample
from watchfloor.desks.cargo.desk import DESK
from watchfloor.run.order import arranged, clock
from watchfloor.testing import desks as contract
from watchfloor.testing.desks import Cut

ROWS = {
    "declaration": (80, sample._declaration),
    "inspection": (30, sample._examination),
    "reading": (10, sample._weighing),
    "response": (30, sample._answer),
}


def world(seed):
    random = Random(seed)
    days, ticks, items = (*random.choice([(2, 24), (45, 45), (100, 600)]), random.choice([5, 30]))

    def filled(kind, number):
        moment = sample.START + timedelta(days=days) * (random.randrange(ticks) / ticks)
        report = random.randrange(40)
        return sample._filled(kind, number, random) | {
            "observed_at": moment,
            "subject": f"parcel:post:{random.randrange(items)}",
            "report_key": f"{kind}-{report}" if report % 10 else None,
        }

    rows = {
        kind: [filled(kind, number) | of(random) for number in range(count)]
        for kind, (count, of) in ROWS.items()
    }
    refs = sample.sample(0)[1]
    return {kind: pa.Table.from_pylist(made, KINDS[kind].schema) for kind, made in rows.items()}, refs


@pytest.mark.parametrize("seed", [21, 24, 26, 43])
def test_neither_cut_nor_future_matters(seed):
    (rows, refs), random = world(seed), Random(seed)
    count = arranged(DESK, rows).num_rows
    cuts = [Cut(end, 0.5, True) for end in sorted(random.sample(range(1, count), 12))]
    contract.check_cuts(DESK, rows, refs, cuts)
    at = clock(DESK, arranged(DESK, rows))
    contract.check_causality(DESK, rows, refs, int(at[random.randrange(count)]))
