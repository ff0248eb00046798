"""A live run beside whole runs over the same rows: whatever the arrival, what stands is the same."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks import toys
from tests.thorough import draws

from watchfloor.desks.base import ARRIVAL
from watchfloor.run import LiveRun, run
from watchfloor.run.digest import digests
from watchfloor.run.order import arrivals, micros, up_to
from watchfloor.testing.desks import up_to_at

every_toy = pytest.mark.parametrize("desk", toys.TOYS, ids=lambda desk: desk.name)


def pushes(desk, inputs, ends):
    """The rows of each kind in stretches: shares of each kind's rows, in the order of the log.

    Where the order of arrival is canonical, what is pushed earlier was received earlier, whatever its kind.
    """
    clocks = np.sort(np.concatenate([arrivals(rows) for rows in inputs.values()]))
    for start, end in zip([0, *ends], [*ends, 1], strict=True):
        cut = {kind: [int(share * rows.num_rows) for share in (start, end)] for kind, rows in inputs.items()}
        if desk.order is ARRIVAL:
            cut = {
                kind: [_received(clocks, rows, share) for share in (start, end)]
                for kind, rows in inputs.items()
            }
        yield {kind: inputs[kind].slice(a, b - a) for kind, (a, b) in cut.items()}


def _received(clocks, rows, share):
    """How many of the rows were received by the time by which that share of all was."""
    if share >= 1:
        return rows.num_rows
    return int(np.searchsorted(arrivals(rows), clocks[int(share * len(clocks))]))


def shaken(inputs, seed, by):
    """Each row delayed by up to `by` places."""
    rng = np.random.default_rng(seed)
    return {
        kind: rows.take(
            pa.array(
                np.argsort(np.arange(rows.num_rows) + rng.integers(0, by + 1, rows.num_rows), kind="stable")
            )
        )
        for kind, rows in inputs.items()
    }


def only_read(desk, inputs):
    return {kind: inputs[kind] for kind in desk.reads}


def follow(desk, inputs, refs, ends, **how):
    """Push and advance; after each step the published rows, what has arrived, and the watermark."""
    live, published, arrived = LiveRun(desk, refs, **how), [], []
    for rows in pushes(desk, inputs, ends):
        live.push(rows)
        arrived.append(rows)
        delta = live.advance()
        assert not delta.beyond.num_rows
        published.append(delta.rows)
        yield (
            {kind: pa.concat_tables([d[kind] for d in published]) for kind in desk.yields},
            {kind: pa.concat_tables([a[kind] for a in arrived]) for kind in desk.reads},
            live.watermark,
        )


@every_toy
@settings(max_examples=draws(10), deadline=None)
@given(
    seed=st.integers(0, 5),
    by=st.sampled_from([0, 3, 40, 200]),
    ends=st.lists(st.floats(0, 1), max_size=8).map(sorted),
    every=st.sampled_from([timedelta(minutes=5), timedelta(hours=5), timedelta(days=9)]),
    share=st.floats(0, 1),
)
def test_live_equals_a_whole_run_after_every_step(desk, seed, by, ends, every, share):
    inputs, refs = toys.sample(seed, 80)
    inputs = shaken(only_read(desk, inputs), seed, by)
    for published, arrived, watermark in follow(desk, inputs, refs, ends, every=every):
        if watermark is None:
            continue
        seen = {kind: up_to(desk, rows, micros(watermark) - 1) for kind, rows in arrived.items()}
        whole = run(desk, seen, refs, until=watermark)
        assert digests(published) == digests(whole)
        begin = micros(toys.START)
        t = begin + int(share * (micros(watermark) - begin))
        held = digests({kind: up_to_at(rows, t) for kind, rows in published.items()})
        assert held == digests({kind: up_to_at(rows, t) for kind, rows in whole.items()})


def test_a_late_row_corrects_what_was_said():
    """Three mentions in an hour count; a late one makes that known earlier, and shifts what follows."""
    rows = [
        {"subject": "person:toy:0", "name": "N", "observed_at": toys.at(m)} for m in (0, 10, 30, 40, 20, 300)
    ]
    parties = toys.records(toys.PARTY, rows)
    live = LiveRun(toys.KEYED, toys.REFS)
    live.push({"party": parties.slice(0, 4)})
    first = live.advance(toys.at(75)).rows["signal"]
    assert [r["score"] for r in first.to_pylist()] == [3 / 6, 4 / 6]
    live.push({"party": parties.slice(4)})
    second = live.advance(toys.at(80))
    assert second.late == 1
    assert [(r["at"], r["revision"], r["score"]) for r in second.rows["signal"].to_pylist()] == [
        (toys.at(20), 2, 3 / 6),
        (toys.at(30), 3, 4 / 6),
        (toys.at(40), 4, 5 / 6),
    ]


def test_a_late_row_unsays_a_silence():
    parties = toys.records(
        toys.PARTY, [{"subject": "person:toy:0", "observed_at": toys.at(m)} for m in (0, 500, 200)]
    )
    live = LiveRun(toys.KEYED, toys.REFS)
    live.push({"party": parties.slice(0, 2)})
    (silence,) = live.advance(toys.at(600)).rows["signal"].to_pylist()
    assert (silence["rule"], silence["at"], silence["retracted"]) == ("silent", toys.at(360), False)
    live.push({"party": parties.slice(2)})
    (unsaid,) = live.advance(toys.at(600)).rows["signal"].to_pylist()
    assert unsaid["row_id"] == silence["row_id"]
    assert (unsaid["revision"], unsaid["retracted"]) == (1, True)


def test_rows_are_held_for_the_lateness_of_the_desk():
    parties = toys.records(
        toys.PARTY, [{"subject": "person:toy:0", "observed_at": toys.at(m)} for m in (0, 29, 31, 5)]
    )
    live = LiveRun(toys.KEYED, toys.REFS)
    live.push({"party": parties.slice(0, 3)})
    live.advance(toys.at(31))
    assert live.watermark == toys.at(1)
    live.push({"party": parties.slice(3)})
    assert live.advance().late == 0


def test_a_clock_that_jumps_back_does_not_move_the_watermark():
    live = LiveRun(toys.KEYED, toys.REFS)
    live.push({"party": toys.records(toys.PARTY, [{"subject": "person:toy:0", "observed_at": toys.at(0)}])})
    live.advance(toys.at(600))
    live.advance(toys.at(60))
    assert live.watermark == toys.at(570)


def test_rows_beyond_what_is_kept_are_handed_back():
    times = [*range(0, 1200, 60), 1]
    parties = toys.records(
        toys.PARTY, [{"subject": "person:toy:0", "observed_at": toys.at(m)} for m in times]
    )
    live = LiveRun(toys.KEYED, toys.REFS, keep=timedelta(hours=3))
    for i in range(20):
        live.push({"party": parties.slice(i, 1)})
        assert live.advance().beyond.num_rows == 0
    live.push({"party": parties.slice(20)})
    delta = live.advance()
    assert (delta.late, delta.beyond.num_rows) == (0, 1)
    assert delta.beyond["record_id"].to_pylist() == parties["record_id"].to_pylist()[20:]


@pytest.mark.parametrize("seed", range(4))
def test_forgetting_what_is_old_does_not_change_the_answer(seed):
    inputs, refs = toys.sample(seed, 200)
    inputs = shaken(only_read(toys.KEYED, inputs), seed, 12)
    ends = [i / 40 for i in range(1, 40)]
    how = {"keep": timedelta(hours=24), "every": timedelta(hours=1)}
    *_, (published, arrived, watermark) = follow(toys.KEYED, inputs, refs, ends, **how)
    seen = {kind: up_to(toys.KEYED, rows, micros(watermark) - 1) for kind, rows in arrived.items()}
    assert digests(published) == digests(run(toys.KEYED, seen, refs, until=watermark))


@every_toy
def test_revisions_go_up_one_by_one(desk):
    inputs, refs = toys.sample(1, 80)
    inputs = shaken(only_read(desk, inputs), 1, 40)
    *_, (published, _, _) = follow(desk, inputs, refs, [0.2, 0.4, 0.6, 0.8])
    for rows in published.values():
        numbers: dict[bytes, list[int]] = {}
        for row in rows.to_pylist():
            numbers.setdefault(row["row_id"], []).append(row["revision"])
        assert all(n == list(range(len(n))) for n in numbers.values())
