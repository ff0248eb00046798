"""Whole runs: what is refused, with which words, and where a run ends."""

from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pytest
from tests.desks import toys

from watchfloor.core.derived import SIGNAL, net
from watchfloor.desks.base import DeskError, Refs, derive
from watchfloor.run import inline, run
from watchfloor.run.digest import digests, net_digest
from watchfloor.run.fold import Fold

INPUTS, REFS = toys.sample(0)
STEP = Fold.step


def silent_for(hours):
    """One mention, and a run that ends so much later."""
    parties = toys.records(toys.PARTY, [{"subject": "person:toy:0", "name": "N", "observed_at": toys.at(0)}])
    rows = run(toys.KEYED, {"party": parties}, REFS, until=toys.at(60 * hours))["signal"]
    return rows["rule"].to_pylist()


def test_an_absence_is_known_up_to_the_end_of_the_run():
    assert silent_for(5) == []
    assert silent_for(6) == ["silent"]


def test_no_rows_give_empty_tables():
    empty = {kind: rows.slice(0, 0) for kind, rows in INPUTS.items()}
    for desk in toys.TOYS:
        assert run(desk, empty, REFS) == {"signal": SIGNAL.empty_table()}
        assert run(desk, empty, REFS, until=toys.START)["signal"].num_rows == 0


def test_a_run_folds_in_pieces_and_says_the_same(monkeypatch):
    whole = {desk.name: digests(run(desk, INPUTS, REFS)) for desk in toys.TOYS}
    seen = []
    monkeypatch.setattr(inline, "PIECE", 7)
    monkeypatch.setattr(
        Fold, "step", lambda self, rows, at: seen.append(rows.num_rows) or STEP(self, rows, at)
    )
    assert {desk.name: digests(run(desk, INPUTS, REFS)) for desk in toys.TOYS} == whole
    assert max(seen) == 7


def test_a_missing_reference_is_named():
    with pytest.raises(DeskError, match="desk 'keyed' uses the reference limits, which was not given"):
        run(toys.KEYED, INPUTS, Refs(b"k"))


def test_an_end_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        run(toys.KEYED, INPUTS, REFS, until=datetime(2026, 3, 1))  # noqa: DTZ001


def returning(table, kind="signal"):
    return replace(toys.STATELESS, step=lambda refs, state, rows, watermark: {kind: table})


def test_what_a_desk_may_not_return_is_refused_with_its_name():
    good = run(toys.STATELESS, INPUTS, REFS)["signal"]
    for table, kind, words in (
        (good, "tracks", "derived 'tracks', which it does not yield"),
        (good.drop_columns(["marking"]), "signal", "has the columns"),
        (good.set_column(2, "at", pa.array(["late"] * good.num_rows)), "signal", "string in column at"),
        (
            good.set_column(0, SIGNAL.field(0), pa.nulls(good.num_rows, pa.binary(16))),
            "signal",
            "a row without row_id",
        ),
    ):
        with pytest.raises(DeskError, match=words):
            run(returning(table, kind), INPUTS, REFS)


def test_a_failing_step_names_desk_place_and_cause():
    def fails(refs, state, rows, watermark):
        raise KeyError("amount")

    desk = replace(toys.KEYED, step=fails)
    with pytest.raises(DeskError, match=r"desk 'keyed' \(.*\): step failed, \d+ rows up to .*'amount'"):
        run(desk, INPUTS, REFS)


def test_the_digest_of_a_net_forgets_numbers_and_order():
    rows = run(toys.KEYED, INPUTS, REFS)["signal"]
    assert net(rows).num_rows
    higher = rows.set_column(
        1, SIGNAL.field(1), pa.array([r + 7 for r in rows["revision"].to_pylist()], pa.int32())
    )
    assert net_digest(higher.take(pa.array(range(rows.num_rows - 1, -1, -1)))) == net_digest(rows)
    assert net_digest(rows.slice(0, 1)) != net_digest(rows)


def test_derive_fills_in_the_plain_columns_and_names_what_is_missing():
    with pytest.raises(DeskError, match=r"column at .* may not be left out"):
        derive(SIGNAL, row_id=[b"0" * 16])
    with pytest.raises(DeskError, match="no column colour"):
        derive(SIGNAL, colour=["red"])
    with pytest.raises(DeskError, match="column at should hold timestamp"):
        derive(SIGNAL, row_id=[b"0" * 16], at=["soon"])
    assert derive(SIGNAL).num_rows == 0
