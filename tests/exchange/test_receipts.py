"""Receipts: what is stored there is what was sent, or the loss is named."""

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import (
    NOW,
    READER,
    TOY,
    WHO,
    floor,
    holding,
    keep,
    party,
    receive,
    send,
    trusting,
)
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import offers, receipts, receiving, sent, signed_notices
from watchfloor.exchange.bundles.bundle import root_of
from watchfloor.store.segments import reading


@pytest.fixture
def pair(tmp_path):
    return trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))


def taken(one, slip):
    with one.writer(WHO) as writer:
        return receipts.receive(
            one, writer, signed_notices.read(one, slip.encode(), "receipt", signed_notices.RECEIPT)
        )


def test_it_agrees(pair):
    bank, cell = pair
    packed = send(holding(bank, 5), cell)
    compared = taken(bank, receive(cell, packed.data)[1])
    assert compared.agrees
    assert (compared.rows, compared.stored, compared.missing) == (5, 5, ())
    (act,) = bank.acts_of("receipt")
    assert act.detail["agrees"] is True
    assert act.detail["root"] == packed.manifest.root


def test_a_row_that_went_after_it_was_received_is_a_loss_with_a_name(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    with cell.writer(WHO) as writer:
        got = receiving.receive(cell, writer, packed.data, "f", {"toy": TOY}, NOW)
        gone = cell.read("disclosure", READER).to_pylist()[1]
        writer.erase([gone["record_id"]], "a fault of the disk, as it were")
        slip = receipts.give(cell, writer, got, NOW)
    compared = taken(bank, slip)
    assert not compared.agrees
    assert (compared.lost, compared.missing) == (1, (gone["report_key"],))


def test_a_receipt_reads_what_came_with_the_bundle_and_not_what_came_before(pair, monkeypatch):
    bank, cell = pair
    keep(bank, [party(number) for number in range(24)])
    rows, read, load = bank.read("party", READER), [], reading.load
    monkeypatch.setattr(
        reading, "load", lambda *given: (table := load(*given), read.append(table.num_rows))[0]
    )
    for bundle in range(8):
        offered = offers.offer(bank, READER, records={"party": rows.slice(3 * bundle, 3)})
        packed = send(bank, cell, offered=offered)
        with cell.writer(WHO) as writer:
            got = receiving.receive(cell, writer, packed.data, "f", {"toy": TOY}, NOW)
            read.clear()
            slip = receipts.give(cell, writer, got, NOW)
        assert sum(read) == 3
        assert taken(bank, slip).agrees
    again = send(bank, cell, offered=offers.offer(bank, READER, records={"party": rows}))
    got, slip = receive(cell, again.data)
    assert (got.duplicate, taken(bank, slip).agrees) == (24, True), "what other bundles brought is here too"


def test_another_content_under_the_same_names_is_noticed(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    slip = signed_notices.read(bank, receive(cell, packed.data)[1].encode(), "r")
    index = sent.index_of(bank, packed.manifest.bundle)
    compared = receipts.compare(index, {**slip.body, "root": "00" * 32}, "cell")
    assert not compared.agrees
    assert compared.lost == 0


@given(st.sets(st.integers(0, 5)), st.integers(0, 3))
def test_what_is_missing_is_withheld_or_lost(missing, withheld):
    leaves = [bytes([n]) * 32 for n in range(6)]
    rows = [
        {"kind": "disclosure", "row": str(n), "leaf": leaf, "rests_on": []} for n, leaf in enumerate(leaves)
    ]
    index = pa.Table.from_pylist(rows, sent.SCHEMA)
    body = {
        "bundle": "b",
        "withheld": {"a reason": withheld} if withheld else {},
        "missing": [str(n) for n in sorted(missing)],
        "root": root_of(leaf for n, leaf in enumerate(leaves) if n not in missing),
    }
    compared = receipts.compare(index, body, "cell")
    assert compared.lost == max(len(missing) - withheld, 0)
    assert compared.stored + compared.lost + min(withheld, len(missing)) == 6
    assert compared.agrees is (len(missing) <= withheld)


def test_a_receipt_for_what_was_never_sent_is_refused(pair):
    bank, cell = pair
    slip = signed_notices.write(
        cell,
        signed_notices.RECEIPT,
        "bank-a",
        NOW,
        bundle="00" * 8,
        rows=1,
        accepted=1,
        duplicate=0,
        withheld={},
        missing=[],
        root="",
    )
    with pytest.raises(Refusal, check=because("exchange.receipt-of-nothing")):
        taken(bank, slip)
    assert not bank.acts_of("receipt")


def test_a_receipt_by_somebody_else_is_refused(pair, tmp_path):
    bank, cell = pair
    lab = floor(tmp_path, "lab")
    trusting(bank, cell, lab)
    packed = send(holding(bank), cell)
    body = signed_notices.read(bank, receive(cell, packed.data)[1].encode(), "r").body
    fields = {name: body[name] for name in signed_notices.FIELDS[signed_notices.RECEIPT]}
    with pytest.raises(Refusal, check=because("exchange.receipt-of-nothing")):
        taken(bank, signed_notices.write(lab, signed_notices.RECEIPT, "bank-a", NOW, **fields))
    assert msgspec.json.encode(body["missing"]) == b"[]"
