"""A desk over evidence that is read a piece at a time says what it says over all of it at once."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.toys import AS_IT_CAME, KEYED, sample
from tests.run.detections import rows

from watchfloor.core import spool
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import PUBLIC
from watchfloor.desks import registry
from watchfloor.desks.base import DeskError
from watchfloor.policy.policy import Reader
from watchfloor.run import inline, streaming
from watchfloor.run.floor import run_desks
from watchfloor.run.inline import INLINE
from watchfloor.run.streaming import evaluated
from watchfloor.store import Actor, Floor, StoreFull
from watchfloor.store.segments import draft

ACTOR = Actor("anna", "fraud", "an Act")
HIGH = Reader("high", protected=3)
HIDDEN = "PC//TLP:RED"
SURVEILLANCE = registry.desks()["surveillance"]
DESKS = [AS_IT_CAME, KEYED, *(one for one in registry.desks().values() if KINDS.keys() >= {*one.reads})]


@pytest.fixture
def floor(tmp_path, monkeypatch):
    monkeypatch.setattr(inline, "PIECE", 17)
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PC//TLP:RED")


@pytest.fixture
def few_small(monkeypatch):
    """Rows lie in files from 21 on, not only from 4,097 on."""
    monkeypatch.setattr(draft, "SMALL", 20)


def marked(table, markings):
    at = table.schema.get_field_index("marking")
    column = pa.array([markings[n % len(markings)] for n in range(table.num_rows)])
    return table.set_column(at, table.schema.field(at), column)


def put(floor, kind, table, source):
    with floor.writer(ACTOR) as writer:
        writer.append(kind, table.drop_columns(["record_id", "delivery"]), source=source)


def delivered(floor, inputs, rng):
    """Put the rows of each kind on the floor in some deliveries of two feeds, large and small."""
    for kind, table in inputs.items():
        cuts = sorted(rng.integers(0, table.num_rows + 1, 3).tolist())
        for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, table.num_rows], strict=True)):
            if end > start:
                part = marked(table.slice(start, end - start), [str(PUBLIC)])
                put(floor, kind, part, f"feed {number % 2}")


def said(floor, desk, refs, monkeypatch, many):
    monkeypatch.setattr(streaming, "MANY", many)
    histories = evaluated(floor, desk, refs, HIGH, floor.position, {}, INLINE)
    return {kind: pa.concat_tables(parts) for kind, parts in histories.items()}


@pytest.mark.usefixtures("few_small")
@pytest.mark.parametrize("desk", DESKS, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.thorough)])
def test_read_in_pieces_every_desk_says_the_same(floor, desk, seed, monkeypatch):
    inputs, refs = sample(seed) if desk in (AS_IT_CAME, KEYED) else registry.sample(desk, seed)
    delivered(floor, {kind: inputs[kind] for kind in desk.reads}, np.random.default_rng(seed))
    whole = said(floor, desk, refs, monkeypatch, 1 << 40)
    monkeypatch.setattr(streaming, "run", None)  # nothing is read at once
    monkeypatch.setattr(spool, "HELD", 0)  # what is derived is set aside at once
    pieces = said(floor, desk, refs, monkeypatch, 0)
    assert any(table.num_rows for table in whole.values())
    assert all(pieces[kind].equals(table) for kind, table in whole.items())


def test_reports_under_several_markings_are_told_apart_as_ever(floor, monkeypatch):
    inputs, refs = sample(1)
    parties = inputs["party"]
    keys = pa.array([f"{n % 40}" for n in range(parties.num_rows)])
    parties = parties.set_column(parties.schema.get_field_index("report_key"), "report_key", keys)
    put(floor, "party", marked(parties, [HIDDEN, HIDDEN, str(PUBLIC)]), "feed")
    put(floor, "judgement", inputs["judgement"], "feed")
    whole = said(floor, KEYED, refs, monkeypatch, 1 << 40)
    assert said(floor, KEYED, refs, monkeypatch, 0)["signal"].equals(whole["signal"])


@pytest.mark.usefixtures("few_small")
def test_no_more_than_the_files_of_an_hour_are_open(floor):
    for hour in range(6):
        put(floor, "detection", rows(40, start=40 * hour), "feed")
    opened = streaming._Rows(floor, registry.desks()["surveillance"], HIGH, floor.position)
    ids = []
    for start in range(0, 240, 30):
        ids += opened.piece(start, start + 30)["record_id"].to_pylist()
        assert len(opened._open) <= 2
    assert ids == floor.read("detection", HIGH)["record_id"].to_pylist()


def test_an_erasure_meanwhile_is_noticed(floor):
    put(floor, "detection", rows(60), "feed")
    opened = streaming._Rows(floor, registry.desks()["surveillance"], HIGH, floor.position)
    with floor.writer(ACTOR) as writer:
        writer.erase([floor.read("detection", HIGH)["record_id"][5].as_py()], "an order")
    with pytest.raises(DeskError, match="erased while it was read"):
        opened.piece(0, 60)


def test_a_disk_that_fills_while_rows_are_set_aside_is_told_and_keeps_what_was(floor, monkeypatch):
    inputs, refs = registry.sample(SURVEILLANCE, 0)
    for kind in SURVEILLANCE.reads:
        put(floor, kind, marked(inputs[kind], [str(PUBLIC)]), "feed")
    with floor.writer(ACTOR) as writer:
        list(run_desks(floor, writer, [SURVEILLANCE], refs, [HIGH]))
        before = floor.runs()
        monkeypatch.setattr(streaming, "MANY", 0)
        monkeypatch.setattr(spool, "HELD", 0)
        monkeypatch.setattr(spool, "TemporaryFile", lambda **_: Path("/dev/full").open("r+b"))  # noqa: SIM115
        with pytest.raises(StoreFull, match="no room left"):
            list(run_desks(floor, writer, [SURVEILLANCE], refs, [HIGH], fresh=True))
    assert floor.runs() == before
