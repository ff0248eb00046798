"""A rerun that goes on from the last one keeps what a run over everything keeps, byte for byte."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.casework.remarking import remark
from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import LISTING, PARTY
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare, reason
from watchfloor.desks.assertions import assertion
from watchfloor.desks.base import Desk, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run import memo
from watchfloor.run.checkpoints import Checkpoints
from watchfloor.run.floor import history_of, replay, run_desks
from watchfloor.store import Actor, Floor, files

ACTOR = Actor("anna", "fraud", "an Act")
HIGH, LOW = Reader("high", protected=3), Reader("low", protected=0)
OPEN, HIDDEN = "U//TLP:CLEAR", "PC//TLP:RED"
SEEN = declare("test.run.seen", en="seen {count}", fr="vu {count}")
DAY = datetime(2026, 11, 20, tzinfo=UTC)
SECRET = "Zebulon Quick"


def sums(refs, state, rows, watermark):
    """Say of each subject the records that stand and the lists there are, each time they change."""
    made = []
    for row in rows.to_pylist():
        if row["kind"] == "listing":
            state["lists"] += 1
            continue
        place = row["source"], row["report_key"] or row["record_id"]
        before = state["records"].get(place)
        state["records"][place] = row
        for about in dict.fromkeys(one["subject"] for one in (before, row) if one):
            mine = [one for one in state["records"].values() if one["subject"] == about]
            made.append(
                summed(refs, about, mine or [before], row["observed_at"], state["lists"], gone=not mine)
            )
    return {"signal": pa.Table.from_pylist(made, SIGNAL)}


def summed(refs, about, rows, at, lists, *, gone):
    return assertion(
        rows,
        row_id=row_id(refs.key, "sums", "sum", (about,), ""),
        at=at,
        retracted=gone,
        desk="sums",
        rule="sum",
        subjects=[about],
        strength=f"{len(rows)} of {lists}",
        reason=reason(SEEN, count=len(rows)).stored(),
    )


def by_subject(rows):
    return rows["subject"]


def toy(**over):
    plain = {"name": "sums", "version": "1", "reads": ("listing", "party"), "yields": {"signal": SIGNAL}}
    begin = {"begin": lambda refs: {"lists": 0, "records": {}}, "step": sums, "cut": by_subject}
    return Desk(**plain | begin | over)


def one_fold(**over):
    """The same without a cut: it is gone on from at checkpoints."""
    return toy(**{"cut": None, "freeze": frozen, "thaw": thawed} | over)


def frozen(state):
    return pa.table({"state": [pickle.dumps(state)]})


def thawed(refs, table):
    return pickle.loads(table["state"][0].as_py())


def party(key, subject, hour=0, marking=OPEN, name="Ann Example"):
    row = dict.fromkeys(PARTY.schema.names) | {
        "report_key": key,
        "source": "feed",
        "origins": [],
        "name": name,
    }
    return row | {
        "observed_at": DAY + timedelta(hours=hour),
        "marking": marking,
        "locator": "line 1",
        "subject": f"person:feed:{subject}",
        "role": "traveller",
        "schema": "Person",
    }


def put(floor, rows, kind=PARTY):
    schema = pa.schema([field for field in kind.schema if field.name not in ("record_id", "delivery")])
    with floor.writer(ACTOR) as writer:
        writer.append(kind.name, pa.Table.from_pylist(rows, schema=schema), source=rows[0]["source"])


def listing(number):
    row = dict.fromkeys(LISTING.schema.names)
    row |= {"report_key": f"L{number}", "source": "list", "origins": [], "list_id": "list", "names": []}
    row |= {"entity_id": str(number), "instrument": "an Act", "schema": "Person", "name": "Bob Example"}
    return row | {"observed_at": DAY, "marking": OPEN, "locator": "line 1"}


def run(floor, desk, *readers, **how):
    with floor.writer(ACTOR) as writer:
        done = run_desks(floor, writer, [desk], Refs(floor.key), readers or (HIGH, LOW), **how)
        return [one.read for one in done]


def holds(floor, desk):
    """Whether what is kept of each view is what a run over everything makes."""
    again = [
        one for reader in (HIGH, LOW) for one in replay(floor, {desk.name: desk}, Refs(floor.key), reader)
    ]
    return len(again) == 2 and all(one.same for one in again)


@pytest.fixture
def floor(tmp_path, monkeypatch):
    monkeypatch.setattr(memo, "LEAST", 0)
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PC//TLP:RED")


def test_what_is_new_is_folded_with_what_it_touches_and_nothing_else(floor):
    desk = toy()
    put(floor, [party(f"{n}", n % 10) for n in range(60)])
    assert run(floor, desk) == ["all"]
    assert run(floor, desk) == ["none"]
    read = floor.read_at
    put(floor, [party("60", 3), party("61", 77)])
    touched = []
    floor.read_at = lambda *call: touched.append(read(*call)) or touched[-1]
    assert run(floor, desk) == ["new"]
    assert [one.num_rows for one in touched] == [0, 6]
    assert holds(floor, desk)


def test_a_correction_to_another_subject_touches_both(floor):
    desk = toy()
    put(floor, [party("1", "a"), party("2", "a"), party("3", "b"), *(party(f"{n}", n) for n in range(4, 9))])
    run(floor, desk)
    put(floor, [party("2", "b", hour=3)])
    assert run(floor, desk) == ["new"]
    assert holds(floor, desk)
    said = {row["subjects"][0][-1]: row["strength"] for row in floor.signals(HIGH).to_pylist()}
    assert (said["a"], said["b"]) == ("1 of 0", "2 of 0")


def test_a_new_list_touches_everything(floor):
    desk = toy()
    put(floor, [party("1", "a"), party("2", "b")])
    run(floor, desk)
    put(floor, [listing(1)], LISTING)
    assert run(floor, desk) == ["all"]
    put(floor, [party("3", "c", hour=1)])
    assert run(floor, desk) == ["new"]
    assert holds(floor, desk)


def test_what_one_view_is_not_shown_touches_nothing_of_it(floor):
    desk = toy()
    put(floor, [party(f"{n}", n, marking=(OPEN, HIDDEN)[n % 2]) for n in range(12)])
    assert run(floor, desk) == ["all", "all"]
    put(floor, [party("12", 4, marking=HIDDEN)])
    assert run(floor, desk) == ["new", "new"]
    assert holds(floor, desk)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: data[:50] + b"\0" + data[51:], lambda _: b""]
)
def test_a_damaged_file_is_told_and_made_anew(floor, damage, caplog):
    desk = toy()
    put(floor, [party(f"{n}", n) for n in range(9)])
    run(floor, desk)
    (here,) = (floor.root / files.MEMO).iterdir()
    here.write_bytes(damage(here.read_bytes()))
    put(floor, [party("9", 3)])
    assert run(floor, desk) == ["all"]
    assert "sums.memo" in caplog.text
    put(floor, [party("10", 3)])
    assert run(floor, desk) == ["new"]
    assert holds(floor, desk)


def test_a_kept_run_that_the_rows_do_not_bear_out_is_not_gone_on_from(floor, caplog):
    desk = toy()
    put(floor, [party(f"{n}", n) for n in range(9)])
    run(floor, desk)
    wrong = floor.kept("signal", floor.last_run("sums"), SIGNAL)
    wrong = wrong.set_column(wrong.schema.get_field_index("strength"), "strength", pa.array(["9 of 0"] * 9))
    with floor.writer(ACTOR) as writer:
        writer.keep_run("sums", "1", floor.position, {}, {"signal": wrong.cast(SIGNAL)})
    put(floor, [party("9", 3)])
    assert run(floor, desk) == ["all"]
    assert "desk sums" in caplog.text
    assert holds(floor, desk)


def test_no_value_of_a_row_is_in_a_file_and_an_erasure_takes_the_files(floor):
    desk = toy()
    put(
        floor,
        [
            party(f"key {SECRET}", SECRET.lower().replace(" ", "-"), name=SECRET),
            *(party(f"{n}", n) for n in range(9)),
        ],
    )
    run(floor, desk)
    (here,) = (floor.root / files.MEMO).iterdir()
    assert not any(word in here.read_bytes().lower() for word in (b"zebulon", b"quick"))
    assert here.stat().st_mode & 0o077 == 0
    (one,) = [row["record_id"] for row in floor.read("party", HIGH).to_pylist() if row["name"] == SECRET]
    with floor.writer(ACTOR) as writer:
        writer.erase([one], "an order")
    assert not here.exists()
    assert run(floor, desk) == ["all"]
    assert holds(floor, desk)


def test_a_run_that_is_cut_off_or_overtaken_leaves_nothing_wrong(floor, monkeypatch):
    desk = toy()
    put(floor, [party(f"{n}", n) for n in range(9)])
    run(floor, desk)
    put(floor, [party("9", 3)])

    def cut_off(*_):
        raise KeyboardInterrupt

    for place, name in ((memo.Memo, "_write"), (memo.Memo, "_exchanged")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, cut_off)
            with pytest.raises(KeyboardInterrupt):
                run(floor, desk)
        assert holds(floor, desk)
        put(floor, [party("3", 4)])
    assert run(floor, desk) == ["new"]
    assert holds(floor, desk)


def test_two_runs_at_once_write_one_file_whole(floor):
    desk = toy()
    put(floor, [party(f"{n}", n) for n in range(9)])
    run(floor, desk)
    put(floor, [party("9", 3)])
    both = [memo.Memo(floor, desk, Refs(floor.key)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.keep(floor.position), both))
    assert [one.name for one in (floor.root / files.MEMO).iterdir()] == ["sums.memo"]
    assert run(floor, desk) == ["new"]
    assert holds(floor, desk)


def test_a_run_on_request_reads_all_of_it(floor):
    desk = toy()
    put(floor, [party("1", "a")])
    run(floor, desk)
    assert run(floor, desk, fresh=True) == ["all"]
    assert [one.read for one in run_all(floor, [desk])] == ["none"]


def run_all(floor, chosen):
    with floor.writer(ACTOR) as writer:
        return list(run_desks(floor, writer, chosen, Refs(floor.key), [HIGH]))


def checkpoints(floor):
    return sorted((floor.root / files.MEMO).glob("sums.*.checkpoint"))


def hours(folded):
    """The hours of the rows that a desk was handed, which it notes in `folded`."""
    return [row["observed_at"].hour for rows in folded for row in rows.to_pylist()]


@pytest.fixture
def noting():
    """A desk of one fold, and the tables that it was handed."""
    folded = []

    def step(refs, state, rows, watermark):
        folded.append(rows)
        return sums(refs, state, rows, watermark)

    return one_fold(step=step), folded


def test_a_desk_of_one_fold_goes_on_from_where_it_stood(floor, noting):
    desk, folded = noting
    put(floor, [party(f"{n}", n % 4, hour=n) for n in range(16)])
    assert run(floor, desk, HIGH) == ["all"]
    folded.clear()
    put(floor, [party("3", 1, hour=17), party("new", 2, hour=16)])
    assert run(floor, desk, HIGH) == ["new"]
    assert hours(folded) == [16, 17]
    folded.clear()
    put(floor, [party("late", 2, hour=13)])
    assert run(floor, desk, HIGH) == ["new"]
    assert hours(folded) == [12, 13, 13, 14, 15, 16, 17]
    folded.clear()
    put(floor, [party("later", 2, hour=0)])
    assert run(floor, desk, HIGH) == ["all"]
    assert len(hours(folded)) == 20
    assert holds(floor, desk)


def test_rows_of_the_moment_of_a_checkpoint_are_not_taken_for_later_ones(floor, noting):
    desk, folded = noting
    put(floor, [party(f"{n}", n % 4, hour=n // 8) for n in range(16)])
    run(floor, desk, HIGH)
    folded.clear()
    put(floor, [party("new", 2, hour=1)])
    assert run(floor, desk, HIGH) == ["new"]
    assert hours(folded) == [1] * 9
    assert holds(floor, desk)


def test_a_few_new_rows_write_no_checkpoint_and_many_take_the_place_of_old_ones(floor, monkeypatch):
    monkeypatch.setattr(memo, "LEAST", 3)
    desk = one_fold()
    put(floor, [party(f"{n}", n % 4, hour=n) for n in range(16)])
    run(floor, desk, HIGH)
    before = checkpoints(floor)
    assert len(before) == 3
    put(floor, [party("a", 1, hour=16), party("b", 1, hour=17)])
    assert run(floor, desk, HIGH) == ["new"]
    assert checkpoints(floor) == before
    put(floor, [party("c", 1, hour=18), party("d", 1, hour=19)])
    assert run(floor, desk, HIGH) == ["new"]
    assert len(checkpoints(floor)) == 3
    assert checkpoints(floor) != before
    assert holds(floor, desk)


def test_nobody_reads_a_checkpoint_and_an_erasure_takes_it(floor):
    desk = one_fold()
    put(floor, [party("1", "a", name=SECRET), *(party(f"{n}", n, hour=n) for n in range(2, 9))])
    run(floor, desk)
    there = checkpoints(floor)
    assert there
    assert not any(SECRET.encode() in one.read_bytes() or one.stat().st_mode & 0o077 for one in there)
    assert any(SECRET.encode() in pickle.dumps(row) for row in floor.read("party", HIGH).to_pylist())
    (one,) = [row["record_id"] for row in floor.read("party", HIGH).to_pylist() if row["name"] == SECRET]
    with floor.writer(ACTOR) as writer:
        writer.erase([one], "an order")
    assert not checkpoints(floor)
    assert run(floor, desk) == ["all"]
    assert holds(floor, desk)


@pytest.mark.parametrize("when", ["before it reads", "before it keeps", "when it is done"])
def test_an_erasure_during_a_run_leaves_no_checkpoint_of_before(floor, when):
    desk = one_fold()
    put(floor, [party("1", "a", name=SECRET), *(party(f"{n}", n, hour=n) for n in range(2, 9))])
    (one,) = [row["record_id"] for row in floor.read("party", HIGH).to_pylist() if row["name"] == SECRET]
    points, position = Checkpoints(floor, desk, Refs(floor.key)), floor.position
    runner = points.runner(HIGH, position)

    def erase(now):
        if now == when:
            with floor.writer(ACTOR) as writer:
                writer.erase([one], "an order")

    erase("before it reads")
    history_of(floor, desk, Refs(floor.key), HIGH, position, {}, runner)
    erase("before it keeps")
    points.keep(HIGH)
    erase("when it is done")
    assert not [*(floor.root / files.MEMO).iterdir()]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-9],
        lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        lambda data: data.replace(b'"rows":8', b'"rows":7'),
        lambda data: data[:30],
        lambda _: b"",
    ],
)
def test_a_damaged_checkpoint_is_not_gone_on_from(floor, damage):
    desk = one_fold()
    put(floor, [party(f"{n}", n, hour=n) for n in range(8)])
    run(floor, desk, HIGH)
    for one in checkpoints(floor):
        one.write_bytes(damage(one.read_bytes()))
    put(floor, [party("9", 3, hour=9)])
    run(floor, desk, HIGH)
    assert holds(floor, desk)


def test_another_version_policy_or_key_goes_on_from_nothing(floor):
    put(floor, [party(f"{n}", n, hour=n) for n in range(8)])
    run(floor, one_fold(), HIGH)
    put(floor, [party("9", 3, hour=9)])
    assert run(floor, one_fold(version="2"), HIGH) == ["all"]
    put(floor, [party("10", 3, hour=10)])
    (floor.root / terms.NAME).write_text('[readers.anna]\nprotected = "PC"\n')
    assert run(floor, one_fold(version="2"), HIGH) == ["all"]


CHANGES = st.one_of(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 9), st.sampled_from([OPEN, HIDDEN])),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["list", "erase", "mark", "version", "nothing"]),
)


@pytest.mark.parametrize("make", [toy, one_fold])
@settings(max_examples=draws(100, quick=6))
@given(st.lists(CHANGES, min_size=2, max_size=7), st.data())
def test_any_deliveries_corrections_erasures_and_markings_keep_what_a_full_run_keeps(
    tmp_path_factory, make, changes, data
):
    floor = Floor.create(tmp_path_factory.mktemp("floor") / "one", ACTOR, ceiling="PC//TLP:RED")
    version, lists = 1, 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memo, "LEAST", data.draw(st.sampled_from([0, 2, 1000])))
        put(floor, [party(f"start {n}", n % 5) for n in range(8)])
        for change in changes:
            here = floor.read("party", HIGH).to_pylist()
            if isinstance(change, list):
                put(floor, [party(str(key), about, hour, marking) for key, about, hour, marking in change])
            elif change == "list":
                lists += 1
                put(floor, [listing(lists)], LISTING)
            elif change == "erase" and here:
                with floor.writer(ACTOR) as writer:
                    writer.erase([data.draw(st.sampled_from(here))["record_id"]], "an order")
            elif change == "mark" and here:
                with floor.writer(ACTOR) as writer:
                    row = data.draw(st.sampled_from(here))
                    remark(writer, "party", row, parse(OPEN), "an order", None)
            elif change == "version":
                version += 1
            desk = make(version=str(version))
            run(floor, desk, fresh=data.draw(st.booleans()) and data.draw(st.booleans()))
            assert holds(floor, desk)
