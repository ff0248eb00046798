"""A live run that is killed, saved, and goes on elsewhere, beside one that never stopped."""

import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks import toys
from tests.desks.test_contract import every_desk, sample
from tests.run.test_live import only_read, pushes, shaken
from tests.thorough import draws

from watchfloor.core.canonical import table_digest
from watchfloor.desks.base import DeskError, Refs
from watchfloor.run import LiveRun
from watchfloor.run.digest import digests


def followed(desk, refs, live, stretches, restarts=()):
    """All that is published, with the run saved and loaded before some of the stretches."""
    published = []
    for i, rows in enumerate(stretches):
        if i in restarts:
            live = LiveRun.load(desk, refs, live.save())
        live.push(rows)
        if i in restarts:  # with rows that were pushed and not yet folded
            live = LiveRun.load(desk, refs, live.save())
        published.append(live.advance().rows)
    return {kind: pa.concat_tables([rows[kind] for rows in published]) for kind in desk.yields}


@every_desk
@settings(max_examples=draws(6, quick=1), deadline=None)
@given(
    seed=st.integers(0, 3),
    by=st.sampled_from([0, 40]),
    ends=st.lists(st.floats(0, 1), min_size=2, max_size=6).map(sorted),
    restarts=st.sets(st.integers(0, 6), min_size=1),
    keep=st.sampled_from([None, timedelta(days=3)]),
)
def test_a_restart_anywhere_changes_nothing(desk, seed, by, ends, restarts, keep):
    inputs, refs = sample(desk, seed)
    stretches = list(pushes(desk, shaken(only_read(desk, inputs), seed, by), ends))
    how = {"keep": keep, "every": timedelta(hours=3)}
    whole = followed(desk, refs, LiveRun(desk, refs, **how), stretches)
    broken = followed(desk, refs, LiveRun(desk, refs, **how), stretches, restarts)
    assert digests(broken) == digests(whole)
    by_id = [("row_id", "ascending"), ("revision", "ascending")]
    for kind in whole:
        assert table_digest(broken[kind].sort_by(by_id)) == table_digest(whole[kind].sort_by(by_id))


def test_another_process_goes_on(tmp_path):
    inputs, refs = toys.sample(2, 80)
    stretches = list(pushes(toys.KEYED, shaken(only_read(toys.KEYED, inputs), 2, 20), [0.3, 0.6]))
    live = LiveRun(toys.KEYED, refs)
    live.push(stretches[0])
    live.advance()
    (tmp_path / "saved").write_bytes(live.save())
    (tmp_path / "rest").write_bytes(pickle.dumps((dict(refs.contents), refs.key, stretches[1:])))
    code = (
        "import pathlib, pickle, sys; from tests.desks import toys; from tests.run.test_saved import *;"
        "here = pathlib.Path(sys.argv[1]); contents, key, rest = pickle.loads((here / 'rest').read_bytes());"
        "refs = Refs(key, contents); live = LiveRun.load(toys.KEYED, refs, (here / 'saved').read_bytes());"
        "(here / 'out').write_bytes(pickle.dumps(followed(toys.KEYED, refs, live, rest)))"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=root, check=True, timeout=120)
    there = pickle.loads((tmp_path / "out").read_bytes())
    assert digests(there) == digests(followed(toys.KEYED, refs, live, stretches[1:]))


def test_another_desk_version_reference_or_key_is_refused():
    live = LiveRun(toys.KEYED, toys.REFS)
    saved = live.save()
    with pytest.raises(DeskError, match=r"version was .*, is 99; run the desk anew"):
        LiveRun.load(replace(toys.KEYED, version="99"), toys.REFS, saved)
    with pytest.raises(DeskError, match="desk was keyed, is unkeyed"):
        LiveRun.load(toys.UNKEYED, toys.REFS, saved)
    with pytest.raises(DeskError, match="reference limits was"):
        LiveRun.load(toys.KEYED, Refs(toys.REFS.key, {"limits": b"4 7"}), saved)
    with pytest.raises(DeskError, match="key of row ids was"):
        LiveRun.load(toys.KEYED, Refs(b"another key", toys.REFS.contents), saved)


@pytest.mark.parametrize("damage", [b"", b"not arrow at all", lambda saved: saved[: len(saved) // 2]])
def test_damage_is_said(damage):
    saved = LiveRun(toys.KEYED, toys.REFS).save()
    with pytest.raises(DeskError, match="no saved live run, or it is damaged"):
        LiveRun.load(toys.KEYED, toys.REFS, damage(saved) if callable(damage) else damage)
