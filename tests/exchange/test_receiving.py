"""Receiving: what comes in, and every way in which a bundle is refused."""

from tests.exchange.nodes import READER, WHO, floor, holding, receive, send, trusting

from watchfloor.exchange import receipts, slips


def test_what_is_sent_is_what_is_held(tmp_path):
    bank, cell = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))
    packed = send(holding(bank), cell)
    got, receipt = receive(cell, packed.data)
    assert (got.accepted, got.duplicate, dict(got.withheld)) == (3, 0, {})
    rows = cell.read("disclosure", READER)
    assert rows["node"].to_pylist() == ["bank-a"] * 3
    with bank.writer(WHO) as writer:
        compared = receipts.take(bank, writer, slips.read(bank, receipt.encode(), "r", slips.RECEIPT))
    assert compared.agrees
    assert compared.stored == 3
