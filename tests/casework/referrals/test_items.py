"""Items: the same from the index as from the whole kind, as a reader sees them, and as of a position."""

from dataclasses import replace
from random import Random

import pytest
from tests.casework.referrals.world import READER, declared, floor, keep

from watchfloor.casework.referrals import items
from watchfloor.casework.referrals.powers import Stream

KEYS = [f"parcel:upu:{n}" for n in range(6)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home, random = floor(tmp_path_factory.mktemp("items")), Random(9)
    for _ in range(8):
        rows = [
            declared(random.choice(KEYS), document=f"D{random.randrange(5)}", mode=mode, consignee=KEYS[0])
            for mode in random.sample(["post", "courier", None], 2)
        ]
        keep(home, "declaration", *rows, marking=random.choice(["PA//TLP:AMBER", "PB//TLP:RED"]))
    return home


@pytest.mark.parametrize("reader", [READER, replace(READER, protected=1, tlp=2)])
def test_the_index_and_the_whole_kind_say_the_same(made, monkeypatch, reader):
    for as_of in (None, made.position - 3):
        found = items.items(made, reader, KEYS, as_of)
        monkeypatch.setattr(items, "FEW", 0)
        read = items.items(made, reader, KEYS, as_of)
        monkeypatch.undo()
        assert found.keys() == read.keys()
        for key, item in read.items():
            lines = [{name: row[name] for name in items.COLUMNS} for row in found[key].lines]
            assert lines == list(item.lines)
            assert found[key][1:] == item[1:]


def test_what_the_last_line_leaves_out_an_earlier_one_says(tmp_path):
    home = floor(tmp_path)
    keep(home, "declaration", declared(KEYS[1], document="A"), declared(KEYS[1], document="B", mode=None))
    item = items.items(home, READER, KEYS)[KEYS[1]]
    assert (item.stream, item.document, len(item.lines)) == (Stream("post", "inbound"), "B", 2)
