"""What stands of a list's items, in columns, against a loop over the rows."""

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.kinds import CONSOLIDATION, LISTING
from watchfloor.feeds.editions import EDITION_COLUMNS, LISTING_COLUMNS, KnownList

DAYS = st.sampled_from([datetime(2026, 5, day, tzinfo=UTC) for day in range(1, 6)])
IDS = st.sampled_from(["1", "2", "3", "\u00e9"])
LISTINGS = st.lists(st.tuples(IDS, DAYS), max_size=8)
EDITIONS = st.lists(st.tuples(st.lists(IDS, max_size=4), DAYS), max_size=3)


def table(kind, columns, rows):
    return pa.Table.from_pylist(rows, kind.schema).select(columns)


def known(items, editions, part=None):
    of = {"list_id": "toy", "lang": None, "provision": part}
    ids = ("report_key", "entity_id") if part else ("entity_id", "report_key")
    listings = [
        of | {ids[0]: item, ids[1]: "x", "observed_at": at, "record_id": bytes([n]) * 16}
        for n, (item, at) in enumerate(items)
    ]
    held = [of | {"entities": held, "observed_at": at} for held, at in editions]
    return KnownList(
        table(LISTING, LISTING_COLUMNS, listings), table(CONSOLIDATION, EDITION_COLUMNS, held), part
    )


def expected(items, editions, until):
    last = None
    for held, at in editions:
        if at <= until and (last is None or at >= last[1]):
            last = (held, at)
    newest = {}
    for n, (item, at) in enumerate(items):
        if at <= until and (last is None or item in last[0] or at > last[1]):
            if item in newest and newest[item][0] == at:
                newest[item] = (at, None)
            elif item not in newest or newest[item][0] < at:
                newest[item] = (at, bytes([n]) * 16)
    return newest


@given(LISTINGS, EDITIONS, DAYS, st.sampled_from([None, "alt.csv"]))
def test_what_stands_is_what_a_loop_finds(items, editions, until, part):
    standing = known(items, editions, part).standing(until)
    rows = {row["item"]: (row["since"], row["record"]) for row in standing.items.to_pylist()}
    assert rows == expected(items, editions, until)
    asked = ["1", "2", "3", "\u00e9", "none"]
    since, record = standing.lookup(pa.chunked_array([asked]))
    found = zip(since.to_pylist(), record.to_pylist(), strict=True)
    assert list(found) == [rows.get(item, (None, None)) for item in asked]
