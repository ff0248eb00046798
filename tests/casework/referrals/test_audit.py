"""What became of referrals, by stream and unit: nothing is left out of the count, and overdue comes first."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.referrals.world import READER

from watchfloor.casework.referrals.audit import audit, total
from watchfloor.casework.referrals.life import REASONS
from watchfloor.core.kinds import KINDS
from watchfloor.core.proportions import jeffreys

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STREAMS = {"parcel:upu:1": ("outbound", "post"), "parcel:upu:2": ("inbound", "courier"), "parcel:upu:3": None}
STATES = ("referred", "amended", "withdrawn", "examined", "not-examined", "expired")


def floor(acts):
    """A floor that reads these acts, and one declaration of each item that has a stream."""
    schema = KINDS["inspection"].schema
    rows = [{"origins": [], "locator": "1", "delivery": None, "marking": "U"} | act for act in acts]
    declared = [
        {"subject": key, "direction": stream[0], "mode": stream[1]}
        for key, stream in STREAMS.items()
        if stream
    ]
    tables = {
        "inspection": pa.Table.from_pylist(rows, schema=schema),
        "declaration": pa.Table.from_pylist(declared),
    }
    return SimpleNamespace(
        read=lambda kind, _reader, _as_of, columns, latest=False: tables[kind].select(columns)
    )


def act(key, state, minute, **more):
    row = {"source": "referrals", "report_key": key, "state": state, "record_id": bytes(16)}
    return row | {"observed_at": NOW - timedelta(hours=9) + timedelta(minutes=minute), "edition": 1} | more


acts = st.lists(
    st.builds(
        act,
        st.sampled_from(["a", "b", "c", "d", None]),
        st.sampled_from(STATES),
        st.integers(0, 60),
        subject=st.sampled_from(list(STREAMS)),
        deadline=st.sampled_from([None, NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
        result=st.sampled_from([None, "nothing", "finding", "inconclusive"]),
        why=st.sampled_from([None, "no-officer: two: on leave", "departed", "not a reason: x", "a\nb: c"]),
        unit=st.sampled_from([None, "YUL"]),
    ),
    max_size=12,
)


def plainly(rows):
    """The same count, act by act."""
    last = {(row["report_key"] or n): row for n, row in enumerate(rows)}
    counts = Counter()
    for row in last.values():
        late = row["deadline"] is not None and row["deadline"] <= NOW
        if row["state"] == "expired" or (row["state"] in ("referred", "amended") and late):
            name = "overdue"
        elif row["state"] in ("referred", "amended"):
            name = "open"
        elif row["state"] == "examined":
            name = f"examined {row['result']}"
        elif row["state"] == "not-examined":
            reason = (row["why"] or "").split(":")[0].strip()
            name = f"not {reason if reason in REASONS else 'other'}"
        else:
            name = "withdrawn"
        counts[(*(STREAMS[row["subject"]] or (None, None)), row["unit"], name)] += 1
    return counts


def counted(lines):
    counts = Counter()
    for line in lines:
        told = {"open": line.open, "overdue": line.overdue, "withdrawn": line.withdrawn}
        told |= {f"examined {name}": count for name, count in line.results.items()}
        told |= {f"not {name}": count for name, count in line.reasons.items()}
        counts.update({(*line[:3], name): count for name, count in told.items() if count})
    return counts


@given(acts)
def test_every_referral_is_counted_once_by_its_last_act(rows):
    lines = audit(floor(rows), READER, NOW)
    assert counted(lines) == plainly(rows)
    assert [line.overdue for line in lines] == sorted((line.overdue for line in lines), reverse=True)
    whole = total(lines)
    assert whole.due + whole.open == sum(plainly(rows).values())
    if whole.due:
        share, low, high = whole.share(whole.unexamined)
        assert 0 <= low <= share <= high <= 1
        assert (low, high) == jeffreys(whole.unexamined, whole.due)
    else:
        assert whole.share(0) is None


def test_a_period_is_of_when_items_were_referred_and_not_of_the_last_act():
    rows = [
        act("a", "referred", 0, subject="parcel:upu:1"),
        act("a", "examined", 60, subject="parcel:upu:1", result="nothing"),
        act("b", "referred", 30, subject="parcel:upu:1"),
    ]
    early = audit(floor(rows), READER, NOW, until=NOW - timedelta(hours=9) + timedelta(minutes=20))
    assert [(line.examined, line.open) for line in early] == [(1, 0)]
    late = audit(floor(rows), READER, NOW, since=NOW - timedelta(hours=9) + timedelta(minutes=20))
    assert [(line.examined, line.open) for line in late] == [(0, 1)]


def test_a_share_of_one_in_five_has_the_interval_of_its_count():
    rows = [act(str(n), "examined" if n % 5 else "expired", n, subject="parcel:upu:1") for n in range(100)]
    (line,) = audit(floor(rows), READER, NOW)
    assert line.share(line.unexamined) == pytest.approx((0.2, 0.131, 0.286), abs=0.001)
