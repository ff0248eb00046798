"""Of a track that is not followed any more the desk remembers what an event may name, and nothing else.

Most tracks are begun by clutter, are never confirmed, and end without a word: 2.4 million in a coast's day.
"""

from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.registry import desks, sample
from watchfloor.desks.surveillance import sample as world
from watchfloor.desks.surveillance.events import fold as rules
from watchfloor.desks.surveillance.events import identity
from watchfloor.desks.surveillance.evidence_index import Book
from watchfloor.run.fold import Fold, gathered
from watchfloor.run.order import arranged, clock, moment
from watchfloor.run.revisions import settled

DESK = desks()["surveillance"]
SWEEPS = 360
AWAY = 500.0, 1_200.0
"""Seconds between which neither the radar nor the receiver has the boat."""
FAR = 0.6
"""Degrees to the north, where it says that it is then: 67 km, farther than it can have come."""


def inputs(monkeypatch):
    """Twenty-four minutes of the sample; the boat is silent for twelve of them, and speaks again far away."""
    monkeypatch.setattr(world, "SWEEPS", SWEEPS)
    tables, refs = sample(DESK, 3)
    rows = tables["detection"]
    seconds = (rows["observed_at"].cast(pa.int64()).to_numpy() / 1e6) - world.START.timestamp()
    boat = pc.or_(
        pc.ends_with(rows["report_key"], "-1"), pc.starts_with(rows["report_key"], "ais-")
    ).to_numpy()
    away = boat & (AWAY[0] < seconds) & (seconds < AWAY[1])
    latitude = rows["latitude"].to_numpy() + FAR * (boat & (seconds >= AWAY[1]))
    rows = rows.set_column(rows.schema.get_field_index("latitude"), "latitude", pa.array(latitude))
    return tables | {"detection": rows.filter(pa.array(~away))}, refs


def folded(tables, refs):
    """History of the rows, two hundred at a time, and how much the state held at most after a step."""
    rows = arranged(DESK, tables)
    fold, emitted, at, most = Fold(DESK, refs), [], clock(DESK, rows), 0
    for start, end in pairwise([*range(0, rows.num_rows, 200), rows.num_rows]):
        emitted += fold.step(rows.slice(start, end - start), moment(int(at[end - 1])))
        most = max(most, fold._state.events.tracks.count, len(fold._state.book.entries.live))
    return {kind: settled(table) for kind, table in gathered(DESK, emitted).items()}, most


def test_what_is_released_changes_no_answer(monkeypatch):
    tables, refs = inputs(monkeypatch)
    made, most = folded(tables, refs)
    monkeypatch.setattr(rules, "release", lambda state, followed: None)
    monkeypatch.setattr(Book, "release", lambda book, followed, named: None)
    kept, every = folded(tables, refs)
    assert all(made[kind].equals(kept[kind]) for kind in kept)
    assert every > 500 > 2 * most
    jump = made["signal"].filter(pc.equal(made["signal"]["rule"], identity.JUMPED)).to_pylist()[0]
    before = jump["subjects"][1]
    assert before.startswith("track:")
    assert before != jump["subjects"][0]
    assert set(jump["evidence"]) & {
        one for told in made["track"].to_pylist() if told["subjects"][0] == before for one in told["evidence"]
    }
