"""Origins between nodes: a report that comes back is known, and what rests on one record counts once."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import (
    MARKING,
    NOW,
    READER,
    WHO,
    assert_,
    floor,
    holding,
    keep,
    party,
    receive,
    send,
    signal,
    trusting,
)

from watchfloor.cell.leads import leads
from watchfloor.cell.weighing.weights import Hypothesis, Weights
from watchfloor.core.kinds import RECORD_ID
from watchfloor.desks.base import Refs
from watchfloor.desks.disclosures.desk import DESK
from watchfloor.exchange.bundles import consents, offers, origins, signed_notices
from watchfloor.run.floor import run_desks

IDS = st.binary(min_size=16, max_size=16)
TEXTS = st.lists(st.one_of(st.text(max_size=5), st.just("node:far:ab")), max_size=3)


def fold(one, reader=READER):
    with one.writer(WHO) as writer:
        list(run_desks(one, writer, [DESK], Refs(one.key), [reader]))
    return one.signals(reader).to_pylist()


def passed_on(owner, holder, to):
    """The owner lets everything that the holder has of it go on."""
    needed = consents.missing(
        offers.offer(holder, READER, signals=holder.signals(READER)),
        consents.foreign(holder, READER),
        [],
        holder.settings.name,
        to.settings.name,
        NOW.date(),
    )
    rows = [row for name, row in needed if name == owner.settings.name]
    with holder.writer(WHO) as writer:
        asked = consents.ask(holder, writer, owner.settings.name, to.settings.name, rows, "a joint case", NOW)
    with owner.writer(WHO) as writer:
        slip = signed_notices.read(owner, asked.encode(), "asked", signed_notices.ASKED)
        given_, _ = consents.give(owner, writer, slip, None, "agreed", NOW)
    with holder.writer(WHO) as writer:
        consents.receive(
            holder, writer, signed_notices.read(holder, given_.encode(), "given", signed_notices.CONSENT)
        )


def test_the_way_round_is_known_as_an_echo(tmp_path):
    a, b, c = trusting(*(floor(tmp_path, name) for name in "abc"))
    holding(a)
    receive(b, send(a, b).data)
    assert len(fold(b)) == 3
    passed_on(a, b, c)
    receive(c, send(b, c).data)
    assert len(fold(c)) == 3
    passed_on(b, c, a)
    got, _ = receive(a, send(c, a).data)
    assert (got.echoes, got.shared) == (3, 0)
    assert all(a.read("disclosure", READER)["echo"].to_pylist())
    assert [row["desk"] for row in fold(a)] == ["toy"] * 3  # its own, and no echo beside them


def test_what_rests_on_ours_in_part_counts_once_with_it(tmp_path):
    a, b = trusting(floor(tmp_path, "a"), floor(tmp_path, "b"))
    (mine,) = keep(a, [party(0)])
    assert_(a, [signal(a, 0, [mine])])
    receive(b, send(a, b).data)
    (told,) = b.read("disclosure", READER).to_pylist()
    (own,) = keep(b, [party(7, subject="person:parcels:0")])
    fused = signal(
        b, 7, [told["record_id"], own], origins=[*told["origins"], "patrol-17"], subjects=["person:parcels:0"]
    )
    assert_(b, [fused])
    got, _ = receive(a, send(b, a).data)
    assert (got.echoes, got.shared) == (0, 1)
    fold(a)
    (lead,) = leads(a.signals(READER), _weights(), NOW, a.key)
    assert sorted(c.bits for c in lead.contributions) == [0.0, 4.0]


def test_one_report_by_two_ways_counts_once(tmp_path):
    a, b, c = trusting(*(floor(tmp_path, name) for name in "abc"))
    holding(a, 1)
    receive(c, send(a, c).data)
    receive(b, send(a, b).data)
    fold(b)
    passed_on(a, b, c)
    receive(c, send(b, c).data)
    rows = fold(c)
    assert len(rows) == 2
    assert rows[0]["origins"] == rows[1]["origins"]
    (lead,) = leads(c.signals(READER), _weights(), NOW, c.key)
    assert sorted(contribution.bits for contribution in lead.contributions) == [0.0, 4.0]


def test_two_signals_on_one_record_count_once_there_too(tmp_path):
    a, b = trusting(floor(tmp_path, "a"), floor(tmp_path, "b"))
    (record,) = keep(a, [party(0)])
    both = [signal(a, n, [record], subjects=["person:parcels:0"]) for n in (0, 1)]
    assert_(a, both)
    here = leads(a.signals(READER), _weights(), NOW, a.key)[0]
    receive(b, send(a, b).data)
    fold(b)
    there = leads(b.signals(READER), _weights(), NOW, b.key)[0]
    assert there.bits == here.bits


def _weights():
    one = Hypothesis("listed-entity", -3.0, {("listed-name", "exact"): 4.0})
    return Weights({one.name: one}, "digest")


@given(st.lists(st.tuples(TEXTS, st.lists(IDS, max_size=3)), max_size=8))
def test_outgoing_is_what_is_stated_or_else_what_it_rests_on(rows):
    """Against a plain loop over the rows."""
    key = bytes(range(32))
    stated = pa.chunked_array([pa.array([own for own, _ in rows], pa.list_(pa.string()))])
    rests = pa.chunked_array([pa.array([ids for _, ids in rows], pa.list_(RECORD_ID))])
    expected = [
        [one if one.startswith("node:") else f"node:me:{origins.token(key, one)}" for one in own]
        or [f"node:me:{id_.hex()}" for id_ in ids]
        for own, ids in rows
    ]
    assert origins.outgoing(key, "me", stated, rests).to_pylist() == expected


@given(st.lists(st.lists(st.sampled_from(["node:me:01", "node:me:02", "node:far:01"]), max_size=3)))
def test_what_arrived_can_be_told_as_it_was_sent(rows):
    column = pa.chunked_array([pa.array(rows, pa.list_(pa.string()))])
    kept, echoes = origins.arriving(column, "me", {"01": "P-1"})
    again = origins.as_sent(kept if isinstance(kept, pa.ChunkedArray) else pa.chunked_array([kept]))
    assert again.to_pylist() == rows
    for row, held, echo in zip(rows, kept.to_pylist(), echoes.to_pylist(), strict=True):
        assert echo is (bool(row) and all(one.startswith("node:me:") for one in row))
        assert ("P-1" in held) is ("node:me:01" in row)


@pytest.mark.parametrize(
    ("text", "node"),
    [("node:bank-a:ab12", "bank-a"), ("node:bank-a", "bank-a"), ("node:a:b:ab12", "a:b"), ("P-1", None)],
)
def test_the_node_of_an_origin(text, node):
    assert origins.node_of(text) == node


def test_without_the_key_an_origin_cannot_be_guessed():
    assert origins.token(bytes(32), "P-1") != origins.token(bytes([1] * 32), "P-1")
    assert MARKING not in origins.token(bytes(32), MARKING)
