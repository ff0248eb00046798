"""The share of streams without advance data."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.kinds import DECLARATION, VOLUME
from watchfloor.planning.blind import blind

DAY = date(2026, 7, 14)
NOON = datetime(2026, 7, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def volumes(*rows):
    base = {
        "observed_at": NOON,
        "until": NOON + HOUR,
        "direction": "inbound",
        "mode": "post",
        "office": "MTL",
        "counted_by": "gate",
    }
    return pa.Table.from_pylist([base | row for row in rows], schema=VOLUME.schema)


def declarations(*rows):
    base = {"observed_at": NOON, "direction": "inbound", "mode": "post", "office": "MTL", "goods": "shirts"}
    made = [base | {"subject": f"parcel:post:{at}"} | row for at, row in enumerate(rows)]
    return pa.Table.from_pylist(made, schema=DECLARATION.schema)


def one(counts, declared, **how):
    (share,) = blind(volumes(*counts), declarations(*declared), **how).shares
    return share


def test_the_share_is_what_was_counted_and_not_declared():
    share = one([{"items": 10}], [{}] * 4)
    assert (share.state, share.counted, share.declared) == ("seen", 10, 4)
    assert share.low == share.high == pytest.approx(0.6)
    assert (share.period, share.by) == (DAY, "gate")
    assert "60 %" in share.sentence.render("en")
    assert "60\u00a0%" in share.sentence.render("fr")


def test_a_stream_with_counts_and_no_declaration_is_blind_as_a_whole():
    share = one([{"items": 10}], [])
    assert (share.state, share.low, share.high) == ("blind", 1.0, 1.0)


def test_a_stream_that_nobody_counted_is_not_known_and_never_nothing():
    share = one([], [{}] * 4)
    assert (share.state, share.counted, share.low, share.high) == ("not-known", None, None, None)
    assert share.declared == 4


def test_more_declared_than_counted_is_told_and_is_no_share():
    share = one([{"items": 3}], [{}] * 4)
    assert (share.state, share.low, share.high) == ("more-declared", None, None)


def test_a_count_of_nothing():
    assert one([{"items": 0}], []).state == "nothing"
    assert one([{"items": 0}], [{}]).state == "more-declared"


def test_lines_of_goods_of_one_item_are_one():
    assert one([{"items": 2}], [{"subject": "parcel:post:x"}] * 3).declared == 1


def test_data_that_come_after_the_goods_are_no_advance_data():
    share = one([{"items": 2}], [{"expected_at": NOON - HOUR}, {"expected_at": NOON + HOUR}])
    assert (share.declared, share.late, share.high) == (1, 1, 0.5)
    assert one([{"items": 2}], [{"expected_at": NOON - HOUR}]).state == "blind"


def test_a_declaration_without_an_office_widens_the_share():
    share = one([{"items": 4}], [{}, {"office": None}])
    assert (share.declared, share.unplaced, share.low, share.high) == (1, 1, 0.5, 0.75)
    assert "50 to 75 %" in share.sentence.render("en")


def test_the_last_place_of_the_route_stands_for_the_office():
    rows = [{"office": None, "route": ["FRA", "MTL"]}, {"office": None, "route": []}]
    share = one([{"items": 4}], rows)
    assert (share.declared, share.unplaced) == (1, 1)


def test_a_count_of_no_office_is_of_all_of_them():
    share = one([{"items": 4, "office": None}], [{}, {"office": "TOR"}, {"office": None}])
    assert (share.declared, share.unplaced, share.high) == (3, 0, 0.25)


def test_an_item_declared_at_two_offices_is_one_item_of_the_stream():
    twice = [{"subject": "parcel:post:x"}, {"subject": "parcel:post:x", "office": "TOR"}]
    assert one([{"items": 4, "office": None}], twice).declared == 1


def test_of_two_counters_the_larger_count_stands_and_the_smaller_is_told():
    rows = [{"items": 3, "counted_by": "gate"}, {"items": 8, "counted_by": "dispatch list"}]
    share = one(rows, [])
    assert (share.counted, share.by, share.least) == (8, "dispatch list", 3)
    even = one([{"items": 3, "counted_by": None}, {"items": 3}], [])
    assert (even.counted, even.by, even.least) == (3, "gate", 3)


def test_counts_of_one_counter_add_up_and_an_amended_one_replaces():
    rows = [{"items": 3, "report_key": "a"}, {"items": 4, "report_key": "b"}, {"items": 5, "report_key": "a"}]
    others = [{"items": 7, "report_key": "a", "source": "other"}, {"items": 1, "report_key": None}]
    assert one([*rows, *others], []).counted == 17
    assert one(rows, []).counted == 9


def test_a_flight_manifest_counts_masters():
    air = {"mode": "air-cargo", "master": "014-12345675"}
    share = one(
        [{"items": 2, "mode": "air-cargo", "counted_by": "flight manifest"}],
        [air | {"document": "A"}, air | {"document": "B"}],
    )
    assert (share.declared, share.high) == (1, 0.5)
    assert (
        one([{"items": 2, "mode": "air-cargo"}], [air | {"document": "A"}, air | {"document": "B"}]).high == 0
    )


def test_lines_of_manifests_are_no_advance_data():
    assert one([{"items": 2}], [{"subject": "parcel:manifest:AC1/1"}]).state == "blind"


def test_a_calendar_has_a_zone():
    """Half past three in the night of UTC is the evening before in Toronto."""
    late = NOON.replace(hour=3)
    share = one([{"items": 2, "observed_at": late, "until": late + HOUR}], [], zone="America/Toronto")
    assert share.period == date(2026, 7, 13)
    with pytest.raises(ValueError, match="no time zone"):
        blind(volumes({"items": 1}), declarations(), zone="Nowhere/At all")


def test_a_count_over_more_than_the_period_is_left_out_and_told():
    month = [{"items": 900, "observed_at": NOON.replace(day=1), "until": NOON.replace(day=31)}]
    assert blind(volumes(*month), declarations(), "day") == ([], 0, 1)
    assert one(month, [{}] * 9, by="month").high == pytest.approx(0.99)


def test_nothing_at_all_and_declarations_of_no_stream():
    assert blind(volumes(), declarations()) == ([], 0, 0)
    assert blind(volumes(), declarations({"mode": None}, {"direction": None})).streamless == 2


ROWS = st.tuples(
    st.sampled_from(("inbound", "outbound")),
    st.sampled_from(("post", "courier")),
    st.sampled_from(("MTL", "TOR", None)),
    st.integers(0, 30),
    st.integers(0, 6),
)


@given(st.lists(ROWS, max_size=8), st.lists(ROWS, max_size=12))
def test_shares_agree_with_a_plain_count(counted, declared):
    """Against sums in plain Python, stream by stream."""
    sums, items = defaultdict(int), defaultdict(set)
    for direction, mode, office, hours, number in counted:
        sums[((NOON + hours * HOUR).date(), direction, mode, office)] += number
    for direction, mode, office, hours, number in declared:
        items[((NOON + hours * HOUR).date(), direction, mode, office)].add(number)
    got = blind(
        volumes(
            *(
                {"direction": d, "mode": m, "office": o, "observed_at": NOON + h * HOUR, "items": n}
                | {"until": NOON + (h + 1) * HOUR}
                for d, m, o, h, n in counted
            )
        ),
        declarations(
            *(
                {
                    "direction": d,
                    "mode": m,
                    "office": o,
                    "observed_at": NOON + h * HOUR,
                    "subject": f"parcel:x:{n}",
                }
                for d, m, o, h, n in declared
            )
        ),
    )
    shares = {share[:4]: share for share in got.shares}
    assert {key: share.counted for key, share in shares.items() if share.counted is not None} == sums
    for key, share in shares.items():
        if share.counted is not None and key[3] is not None:
            assert share.declared == len(items.get(key, ()))
            assert share.unplaced == len(items.get((*key[:3], None), ()))
            if share.low is not None:
                assert 0 <= share.low <= share.high <= 1
    for key in items:
        assert key in shares or (*key[:3], None) in shares or key[3] is None
