"""Rows that were set aside in a file come back as they would from memory."""

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.core import spool
from watchfloor.core.derived import to_keep
from watchfloor.core.spool import Spool, pieces
from watchfloor.desks.surveillance.track_rows import TRACK
from watchfloor.run.runner import history

COUNT = 2000


@pytest.fixture
def tracks():
    """Legs of which every third is revised once, in an order that has nothing to do with their ids."""
    rng = np.random.default_rng(5)
    ids = rng.bytes(16 * COUNT)
    chosen = np.concatenate([np.arange(COUNT), np.arange(0, COUNT, 3)])
    filled = {
        "row_id": [ids[16 * n : 16 * n + 16] for n in chosen],
        "at": pa.array(np.arange(len(chosen)), pa.timestamp("us", "UTC")),
        "evidence": [[ids[16 * n : 16 * n + 16]] * (n % 4) for n in chosen],
        "subjects": [["track:toy:1"][: n % 2] for n in chosen],
        "marking": ["UNCLASSIFIED"] * len(chosen),
    }
    zero = {pa.bool_(): False}
    columns = [
        pa.array(filled[field.name], field.type)
        if field.name in filled
        else pa.nulls(len(chosen), field.type)
        if field.nullable
        else pa.array(
            [[] if pa.types.is_list(field.type) else zero.get(field.type, 0)] * len(chosen), field.type
        )
        for field in TRACK
    ]
    return pa.table(columns, schema=TRACK)


def spooled(tracks, folder):
    made = Spool(TRACK, folder)
    for start in range(0, tracks.num_rows, 300):
        made.put(tracks.slice(start, 300))
    return made


def test_put_in_order_part_by_part_the_rows_are_those_of_the_whole(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 1 << 17)
    made = spooled(tracks, tmp_path)
    assert made.held() is None
    kept = Spool(TRACK, tmp_path)
    for rows in made:
        kept.put(to_keep("track", history(rows)))
    parts = list(kept)
    assert len(parts) == 1 << spool.BITS
    assert max(part.num_rows for part in parts) < COUNT // 8
    whole = to_keep("track", history(tracks))
    assert kept.num_rows == whole.num_rows == COUNT
    assert pa.concat_tables(parts).equals(whole)
    assert pa.concat_tables(pieces(kept)).equals(whole)  # a second time


def test_the_file_has_no_name_and_few_rows_are_not_in_it(tracks, tmp_path, monkeypatch):
    assert spooled(tracks, tmp_path).held().equals(tracks)
    monkeypatch.setattr(spool, "HELD", 0)
    assert spooled(tracks, None).held().equals(tracks)  # no folder, no file
    made = spooled(tracks, tmp_path)
    assert made.held() is None
    assert not list(tmp_path.iterdir())
    assert sum(rows.num_rows for rows in made) == tracks.num_rows
