from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import READER, ingest

from watchfloor.core.kinds import KINDS
from watchfloor.store.erasure import retention
from watchfloor.store.erasure.holds import PLACED, Hold, detail
from watchfloor.store.erasure.retention import Retention, UnderRetention, floor_of

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


def typed(writer, kind, **says):
    """A record as somebody types it in."""
    schema = KINDS[kind].schema
    empty = {field.name: [] if pa.types.is_list(field.type) else None for field in schema}
    texts = {f.name: "x" for f in schema if not f.nullable and pa.types.is_string(f.type)}
    row = (
        empty | texts | {"observed_at": 0, "marking": "PB//TLP:AMBER", "edition": 1, "report_key": "k"} | says
    )
    row = {name: value for name, value in row.items() if name in schema.names}
    table = pa.Table.from_pylist([row], schema=schema.remove(0)).drop_columns(["delivery"])
    return writer.append(kind, table, source="typed")


def of(floor, record_id):
    (found,) = retention.on(floor.root, [record_id])
    return found


def test_two_years_after_the_last_use():
    """SOR/83-508, s. 4(1)(a): at least two years following the last time it was used."""
    assert floor_of(datetime(2026, 11, 24, 23, 59, tzinfo=UTC)) == date(2028, 11, 24)
    assert floor_of(datetime(2024, 2, 29, tzinfo=UTC)) == date(2026, 3, 1)


@given(DAYS)
def test_the_floor_is_never_before_the_second_anniversary(day):
    """Against numpy: the month two years on, and as many days into it; the 29th of February runs over."""
    month = np.datetime64(day, "M") + np.timedelta64(24, "M")
    expected = (month.astype("M8[D]") + np.timedelta64(day.day - 1, "D")).item()
    assert floor_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) == expected


@given(DAYS, st.integers(-2, 2))
def test_the_last_day_itself_still_counts(last, days):
    day = date.fromordinal(last.toordinal() + days)
    one = Retention(b"", "party", "U", ceiling=last, used=None, floor=last, holds=())
    assert one.kept(day) == (day <= last)
    assert one.over(day) == (day > last)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("task", {"subjects": ["person:feed:1"], "state": "issued"}),
        ("outcome", {"subjects": ["person:feed:1"]}),
        ("judgement", {"subject": "person:feed:1", "about": "L:1", "verdict": "same"}),
    ],
)
def test_an_act_about_a_subject_uses_what_was_known_then(floor, writer, kind, says):
    ingest(writer, [1, 2])
    position = typed(writer, kind, **says)
    typed(writer, "party", subject="person:feed:1", name="later", role="payee")
    used, other, later = (of(floor, id_) for id_ in ids(floor))
    (act,) = floor.acts(position, position)
    assert (used.used, used.floor) == (act.at, floor_of(act.at))
    assert other.used is None
    assert later.used is None
    (own,) = (one for one in retention.on(floor.root) if one.kind == kind)
    assert own.floor == floor_of(act.at)


def test_a_draft_is_no_decision_and_a_report_that_went_out_is(floor, writer):
    ingest(writer, [1])
    (record,) = ids(floor)
    writer.shown("lead as acted on abc", bytes(32), b"{}", [record])
    typed(writer, "product", state="draft", leads=["abc"])
    assert of(floor, record).used is None
    position = typed(writer, "product", state="disseminated", leads=["abc"], recipients=["x"])
    assert of(floor, record).used == floor.acts(position, position)[0].at


def test_a_bundle_uses_what_it_rests_on(floor, writer):
    ingest(writer, [1, 2])
    first, second = ids(floor)
    rows = pa.table({"rests_on": pa.array([[first]], pa.list_(pa.binary(16)))})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    writer.shown("bundle 5b1c", bytes(32), bytes(sink.getvalue()))
    assert of(floor, first).used is not None
    assert of(floor, second).used is None
    gone = writer.erase([first], "asked", category="consent")
    assert gone.disclosed == ("5b1c",)
    assert floor.shown("bundle 5b1c")[0].content is not None  # or nobody could recall it


def test_the_last_use_counts(floor, writer):
    ingest(writer, [1])
    typed(writer, "task", subjects=["person:feed:1"], state="issued", report_key="a")
    last = typed(writer, "task", subjects=["person:feed:1"], state="done", report_key="b")
    assert of(floor, ids(floor)[0]).used == floor.acts(last, last)[0].at


def test_what_was_used_is_erased_by_consent_and_not_for_disposal(floor, writer):
    ingest(writer, [1])
    typed(writer, "task", subjects=["person:feed:1"], state="issued")
    (record,) = ids(floor)
    until = of(floor, record).floor
    before = floor.position
    with pytest.raises(UnderRetention, match=rf"kept until {until} at least.*SOR/83-508, s. 4\(1\)\(a\)"):
        writer.erase([record], "asked")
    with pytest.raises(UnderRetention):
        writer.erase([record], "asked", today=until)
    assert floor.position == before
    assert writer.erase([record], "asked", category="consent").records == 1


@pytest.mark.parametrize("category", retention.WAIVES)
def test_categories_that_waive(floor, writer, category):
    ingest(writer, [1])
    typed(writer, "task", subjects=["person:feed:1"], state="issued")
    assert writer.erase(ids(floor), "asked", category=category).records == 1


def test_the_day_after_the_floor_it_may_go(floor, writer):
    ingest(writer, [1])
    typed(writer, "task", subjects=["person:feed:1"], state="issued")
    (record,) = ids(floor)
    day = of(floor, record).floor
    assert writer.erase([record], "asked", today=day.replace(year=day.year + 1)).records == 1


def test_expiry_keeps_what_was_used_and_a_person_decides(floor, writer):
    ingest(writer, [1], raw=b"1", marking="PB//TLP:AMBER//UNTIL:2026-01-01")
    ingest(writer, [2], raw=b"2", marking="PB//TLP:AMBER//UNTIL:2026-01-01")
    typed(writer, "task", subjects=["person:feed:1"], state="issued")
    first, _ = ids(floor)
    today = datetime.now(UTC).date()
    gone, kept = writer.expire(today)
    assert gone.records == 1
    assert [one.record_id for one in kept] == [first]
    said = kept[0].applies(today)
    assert said.message == "retention.clash"
    assert "a person decides" in said.render("en")
    assert "une personne tranche" in said.render("fr")
    assert ids(floor) == [first]


@given(
    st.none() | DAYS,
    st.none() | DAYS,
    st.lists(st.integers(1, 99), max_size=2),
    DAYS,
)
def test_what_applies(ceiling, used, held, today):
    """Against the four rules in order: a hold, a floor with or without a clash, an end, none."""
    moment = used and datetime(used.year, used.month, used.day, tzinfo=UTC)
    floor = moment and floor_of(moment)
    one = Retention(bytes(16), "party", "PB", ceiling, moment, floor, tuple(held))
    over, bound = ceiling is not None and ceiling < today, floor is not None and today <= floor
    expected = (
        "held"
        if held
        else ("clash" if over else "floor")
        if bound
        else "free"
        if ceiling is None
        else "over"
        if over
        else "ceiling"
    )
    assert one.applies(today).message == f"retention.{expected}"
    assert one.kept(today) == (bool(held) or bound)
    for language in ("en", "fr"):
        assert one.applies(today).render(language)


def test_an_unused_floor_has_neither(floor, writer):
    ingest(writer, [1, 2, 3])
    assert {(one.floor, one.ceiling, one.holds) for one in retention.on(floor.root)} == {(None, None, ())}


@pytest.mark.parametrize("subject", [False, True])
@pytest.mark.parametrize("hold", ["none", "subjects", "records"])
def test_records_are_counted_by_what_they_share(floor, actor, writer, subject, hold):
    ingest(writer, range(4), marking="PB//TLP:AMBER//UNTIL:2030-01-01")
    ingest(writer, range(3, 9), source="other", marking="PB//TLP:AMBER")
    if hold != "none":
        over = ("person:feed:4",) if hold == "subjects" else (ids(floor)[1].hex(),)
        floor.act(actor, PLACED, detail(Hold(0, None, "T-1", "J", "PB", **{hold: over})))
    rows = pa.table({"rests_on": pa.array([ids(floor)[2:3]], pa.list_(pa.binary(16)))})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    writer.shown("bundle 5b1c", bytes(32), bytes(sink.getvalue()))
    if subject:
        typed(writer, "task", subjects=["person:feed:1", "person:feed:7"], state="issued")
    expected = Counter(replace(one, record_id=b"", delivery=0) for one in retention.on(floor.root))
    found = Counter()
    for one, count in retention.counted(floor.root):
        found[replace(one, record_id=b"", delivery=0)] += count
    assert found == expected
    assert len(found) > 2
