"""Pointers: who holds something about a subject, and so whom to ask."""

from datetime import timedelta

from tests.exchange.nodes import MARKING, NOW, READER, WHO, floor, holding, receive, send, trusting
from tests.exchange.test_origins import fold

from watchfloor.exchange.bundles import offers, recalls, signed_notices
from watchfloor.exchange.bundles.pointers import pointers


def test_they_are_listed_and_make_no_signal(tmp_path):
    bank, cell = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))
    holding(bank)
    about = ["person:parcels:0", "person:parcels:2"]
    packed = send(bank, cell, offered=offers.offer(bank, READER, pointers=about))
    receive(cell, packed.data)
    assert fold(cell) == []
    found = pointers(cell, READER)
    assert [(one.subject, one.node, one.marking) for one in found] == [
        (subject, "bank-a", MARKING) for subject in about
    ]
    assert [one.subject for one in pointers(cell, READER, about[1])] == about[1:]
    assert pointers(bank, READER) == []
    with bank.writer(WHO) as writer:
        due = NOW.date() + timedelta(days=7)
        made = recalls.recall(bank, writer, packed.manifest.bundle, [], "a mistake", due, NOW)
    with cell.writer(WHO) as writer:
        from watchfloor.cell.weighing.weights import load

        recalls.receive(cell, writer, signed_notices.read(cell, made.slip.encode(), "r"), READER, load(), NOW)
    assert pointers(cell, READER) == []
