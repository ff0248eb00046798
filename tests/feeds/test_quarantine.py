"""Quarantine: what comes again is there once, and shown to whom the marking lets see it."""

import gzip
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.feeds.test_intake import ACTOR, BAD, GOOD, HEAD, READER, again, balanced, take
from tests.formats.lists import SDN_XML
from tests.thorough import draws

from watchfloor.core.marking import TLP, parse
from watchfloor.feeds import config
from watchfloor.feeds.quarantine import newer
from watchfloor.formats.tabular import mapping
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor, UnknownRecord
from watchfloor.store.ceiling import strictest

UNCLEARED = Reader("guest", protected=0)
ANY = range(1 << 20)
NAMED = 'kind="party"\n[fields]\nname="name"\nrole="role"\n'
LOOSE = mapping.parse(NAMED + 'observed_at="observed_at"\nreport_key="report_key"', "m")
STRICT = mapping.parse(NAMED + 'observed_at="birth_date"', "m")

GONE = mapping.parse(NAMED.replace('"name"', '"nom"', 1) + 'observed_at="observed_at"', "m")
"""It names a column that is not there."""


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "parties-1.csv"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_a_bad_delivery_that_comes_again_is_a_duplicate(floor, bad):
    assert take(floor, bad).total == (5, 3, 0, 2, 0)
    second = take(floor, bad)
    assert second.total == (5, 0, 5, 0, 0)
    assert "2 pieces in quarantine since these bytes came before" in second.taken[0].notes[-1]
    held = floor.quarantine()
    assert [(piece.locator, piece.came) for piece in held] == [("line 4", 2), ("line 5", 2)]
    assert floor.accounting() == {"parties": (10, 3, 5, 2, 0)}
    assert not list(floor.verify())


def test_a_piece_names_the_later_delivery_of_its_file_that_may_correct_it(floor, bad):
    take(floor, bad)
    take(floor, bad)
    assert newer(floor, floor.quarantine(), ANY) == {}, "the same bytes correct nothing"
    bad.write_text(GOOD, encoding="utf-8")
    corrected = take(floor, bad).taken[0].position
    take(floor, bad, source="others")
    later = newer(floor, floor.quarantine(), ANY)
    assert {piece: one.position for piece, one in later.items()} == dict.fromkeys([1, 2], corrected)
    assert newer(floor, floor.quarantine(), range(corrected)) == {}, "who may not know of it is told nothing"
    bad.write_text(BAD, encoding="utf-8")
    take(floor, bad)
    assert newer(floor, floor.quarantine(), ANY) == {}, "what cannot be read is what came last"


def test_the_same_bytes_of_another_feed_are_its_own(floor, bad):
    take(floor, bad)
    assert take(floor, bad, source="others").total.quarantined == 2
    assert [piece.came for piece in floor.quarantine()] == [1, 1, 1, 1]


def test_another_fault_of_the_same_bytes_is_quarantined(floor, bad):
    take(floor, bad)
    assert take(floor, bad, mapping=STRICT, source="parties").total.quarantined > 2
    assert len(floor.quarantine()) > 2
    assert balanced(floor)


def test_a_whole_file_and_a_cut_archive_count_once_too(floor, tmp_path):
    (tmp_path / "c.csv").write_text("Nom;Pays\nAnn;CA\n", encoding="utf-8")
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 50)[:-20])
    for path, orders in ((tmp_path / "c.csv", {"format": "party-csv"}), (tmp_path / "p.csv.gz", {})):
        first, second = take(floor, path, **orders).total, take(floor, path, **orders).total
        assert first.quarantined >= 1
        assert (second.quarantined, second.accepted) == (0, 0)
        assert second.received == second.duplicate == first.received


def test_a_retry_resolves_it_once_and_what_still_fails_stays(floor, bad):
    take(floor, bad)
    take(floor, bad)
    assert again(floor, mapping=LOOSE).total == (2, 1, 0, 1, 0)
    (left,) = floor.quarantine()
    assert (left.locator, left.came) == ("line 4", 2)
    assert take(floor, bad).total == (5, 0, 5, 0, 0)
    (left,) = floor.quarantine()
    assert left.came == 3
    assert balanced(floor)


def test_a_whole_file_read_again_beside_its_rows_puts_none_of_them_there_twice(floor, bad):
    take(floor, bad, mapping=GONE, source="parties")
    take(floor, bad, mapping=STRICT, source="parties")
    before = [piece.locator for piece in floor.quarantine()]
    assert before[0] == "whole file"
    again(floor, mapping=STRICT)
    assert sorted(piece.locator for piece in floor.quarantine()) == sorted(before[1:])
    assert balanced(floor)


@settings(deadline=None, max_examples=draws(15))
@given(st.lists(st.sampled_from(["party-csv", LOOSE, STRICT, GONE]), min_size=1, max_size=3), st.booleans())
def test_a_retry_leaves_no_row_there_twice(tmp_path_factory, ways, loose):
    folder = tmp_path_factory.mktemp("floor")
    (folder / "p.csv").write_text(BAD, encoding="utf-8")
    floor = Floor.create(folder / "floor", ACTOR)
    for way in ways:
        how = {"format": way} if isinstance(way, str) else {"mapping": way}
        take(floor, folder / "p.csv", source="p", **how)
    again(floor, mapping=LOOSE if loose else STRICT)
    left = [piece.locator for piece in floor.quarantine()]
    assert len(left) == len(set(left))
    assert balanced(floor)


@settings(deadline=None, max_examples=draws(15))
@given(st.lists(st.sampled_from(BAD.splitlines()[1:]), max_size=8), st.integers(2, 4))
def test_however_often_it_comes_it_is_there_once(tmp_path_factory, lines, times):
    folder = tmp_path_factory.mktemp("floor")
    (folder / "p.csv").write_text(HEAD + "\n".join(lines), encoding="utf-8")
    floor = Floor.create(folder / "floor", ACTOR)
    first = take(floor, folder / "p.csv").total
    for _ in range(times - 1):
        assert take(floor, folder / "p.csv").total == (len(lines), 0, len(lines), 0, 0)
    assert [piece.came for piece in floor.quarantine()] == [times] * first.quarantined
    assert floor.accounting()["p"].received == len(lines) * times
    assert balanced(floor)


def test_a_piece_has_its_feeds_marking_and_a_reader_its_mask(floor, bad):
    (floor.root / config.NAME).write_text('[feeds.parties]\nmarking = "PA//TLP:GREEN"\n', encoding="utf-8")
    take(floor, bad)
    held = floor.quarantine(reader=READER)
    assert {piece.marking for piece in held} == {"PA//TLP:GREEN"}
    assert floor.quarantine(reader=UNCLEARED) == []
    assert len(floor.quarantine()) == 2
    assert floor.quarantined(held[0].id, READER) == held[0]
    with pytest.raises(UnknownRecord) as refused:
        floor.quarantined(held[0].id, UNCLEARED)
    with pytest.raises(UnknownRecord) as absent:
        floor.quarantined(99, UNCLEARED)
    assert str(refused.value) == str(absent.value).replace("99", str(held[0].id))


def test_a_marking_that_was_ordered_goes_before_the_feeds_and_a_retry_keeps_it(floor, bad):
    take(floor, bad, marking=parse("PB//TLP:RED//COMP:X"))  # above the ceiling: withheld whole
    assert floor.quarantine() == []
    take(floor, bad, marking=parse("PB//TLP:RED//REL:CAN"))
    assert {piece.marking for piece in floor.quarantine()} == {"PB//TLP:RED//REL:CAN"}
    assert floor.quarantine(reader=replace(READER, country="USA")) == []
    again(floor, mapping=LOOSE, marking=parse("PB//TLP:RED//REL:CAN"))
    assert {piece.marking for piece in floor.quarantine()} == {"PB//TLP:RED//REL:CAN"}


@pytest.mark.parametrize("stated", ["PB//TLP:RED//REL:CAN", config.PERSONAL, "PA//TLP:GREEN"])
@pytest.mark.parametrize("kind", ["party", "listing"])
def test_what_is_read_again_has_the_marking_that_its_delivery_was_stated(floor, tmp_path, stated, kind):
    """Also where it is what an official list has when nobody states any, and where it fails once more."""
    table = tmp_path / "t.csv"
    table.write_text("name,day,later\nAnn Roy,2026-11-24,\nBo Li,never,2026-11-24\nCy Ng,never,never\n")
    given = {
        "party": "constants.role = 'payee'",
        "listing": "constants.list_id = 'ours'\nconstants.instrument = 'an Act'\nfields.entity_id = 'name'",
    }
    text = f"kind = '{kind}'\n{given[kind]}\nfields.name = 'name'\nfields.{{}} = '{{}}'"
    day = {"party": "observed_at", "listing": "listed_on"}[kind]
    first, second = (mapping.parse(text.format(day, column), "m") for column in ("day", "later"))
    take(floor, table, mapping=first, marking=parse(stated))
    assert again(floor, mapping=second).total.accepted == 1
    (left,) = floor.quarantine()
    assert left.marking == stated
    assert set(floor.read(kind, READER)["marking"].to_pylist()) == {stated}


def test_a_piece_of_a_public_list_may_be_anything_and_is_not_public(floor, tmp_path):
    (tmp_path / "sdn.xml").write_text(SDN_XML.replace("Vessel</sdnType>", "Robot</sdnType>"))
    take(floor, tmp_path / "sdn.xml")
    (piece,) = floor.quarantine()
    assert piece.marking == config.PERSONAL
    assert set(floor.read("listing", READER)["marking"].to_pylist()) == {config.PUBLIC}


def test_what_nobody_marked_is_as_strict_as_the_floor_can_hold(tmp_path):
    low = Floor.create(tmp_path / "low", ACTOR, ceiling="U")
    (tmp_path / "sdn.xml").write_text(SDN_XML.replace("Vessel</sdnType>", "Robot</sdnType>"))
    take(low, tmp_path / "sdn.xml")
    assert [piece.marking for piece in low.quarantine()] == ["U//TLP:RED"]


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 4))
def test_the_strictest_is_above_all_that_a_floor_holds(protected, classified, tlp):
    ceiling = replace(parse("U"), protected=protected, classified=classified, compartments=frozenset({"X"}))
    held = replace(ceiling, tlp=tlp)
    assert held <= strictest(ceiling)
    assert strictest(ceiling).tlp == TLP.index("RED")
