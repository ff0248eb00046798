"""Exporters of concern from node to node: signed for one peer, checked before anything is kept."""

from datetime import timedelta

import msgspec
import pytest
from tests.exchange.nodes import NOW, READER, STATED, TOY, WHO, floor, gateway, trusting
from tests.refusals import because, refused

from watchfloor.cell.acts import Refusal
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason
from watchfloor.exchange import concern
from watchfloor.exchange.bundles.peers import known, peer_of
from watchfloor.exchange.partnership import papers
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.policy import gateways
from watchfloor.store.log.notes import split

HEADER = "id,name,source,asserted,expires,why,identifiers\n"
LINES = (
    "X-1,Lindenrot Fine Chemicals,Europol notice 12/2026,2026-03-01,2027-02-28,shipped NPP as a dye,"
    "lei:5493001KJTIIGC8Y1R12\n"
    "X-2,Old Trading,CBSA file 7,2025-01-01,2025-12-31,was named in two seizures,\n"
    "X-3,Vale Reagents,CBSA file 8,2026-01-01,2027-01-01,sold tablet dies to a seized address,\n"
)
TABLE = {TOY.id: TOY}


def take_in(one, folder, text=HEADER + LINES, **orders):
    (folder / "concern.csv").write_text(text, encoding="utf-8")
    with one.writer(WHO) as writer:
        told = Orders(format="concern-csv", **orders)
        return tally(ingest_all(writer, [folder / "concern.csv"], config.load(one.root), told))


@pytest.fixture
def pair(tmp_path):
    bank, cell = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))
    take_in(bank, tmp_path)
    return bank, cell


def made(one, other, through=TOY, now=NOW):
    peer = peer_of(known(one), other.settings.name)
    with one.writer(WHO) as writer:
        return concern.make(one, writer, READER, peer, through, STATED, now)


def got(one, text, table=TABLE, now=NOW):
    paper, _ = concern.check(one, text.encode(), "x.list", table, now)
    with one.writer(WHO) as writer:
        concern.receive(one, writer, paper, text.encode(), "x.list")
    return paper


def keeps_nothing_of(message, one, text):
    params = refused(message, got, one, text, TABLE)
    assert concern.every(one, READER) == []
    return params


def test_what_stands_on_a_day(pair):
    bank, _ = pair
    day = NOW.date()
    assert [row["entity_id"] for row in concern.standing(bank, READER, day)] == ["X-1", "X-3"]
    assert [row["entity_id"] for row in concern.every(bank, READER)] == ["X-1", "X-2", "X-3"]
    last = day.replace(year=2027, month=2, day=28)
    assert [r["entity_id"] for r in concern.standing(bank, READER, last)] == ["X-1"]
    assert concern.standing(bank, READER, last + timedelta(days=1)) == []


def test_no_list_is_public_by_itself(pair):
    bank, _ = pair
    assert {row["marking"] for row in concern.every(bank, READER)} == {"PB//TLP:AMBER"}


def test_it_goes_and_is_kept_as_the_peer_s(pair):
    bank, cell = pair
    sent = made(bank, cell)
    assert (sent.rows, sent.withheld) == (2, ())
    got(cell, sent.text)
    rows = concern.every(cell, READER)
    assert [row["entity_id"] for row in rows] == ["bank-a:X-1", "bank-a:X-3"]
    assert {row["source"] for row in rows} == {"node:bank-a"}
    assert {row["marking"] for row in rows} == {"PB//TLP:AMBER"}
    assert (rows[0]["title"], rows[0]["remarks"]) == ("Europol notice 12/2026", "shipped NPP as a dye")
    assert rows[0]["identifiers"][0]["number"] == "5493001KJTIIGC8Y1R12"
    (act,) = cell.acts_of("list-received")
    assert (act.detail["from"], act.detail["rows"]) == ("bank-a", 2)
    (told,) = bank.acts_of("disclosed")
    assert (told.detail["to"], told.detail["test"], told.detail["rows"]) == ("cell", STATED.test_met, 2)


def test_another_node_s_are_not_passed_on(pair):
    bank, cell = pair
    got(cell, made(bank, cell).text)
    asserted = Reason("concern.of-another", {"node": "bank-a"})
    with pytest.raises(Refusal, check=because("concern.none", name="bank-a", withheld=f"2, {asserted}")):
        made(cell, bank)


def test_what_the_peer_may_not_hold_is_withheld(tmp_path):
    bank, low = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "low", ceiling="PA//TLP:RED"))
    take_in(bank, tmp_path)
    above = Reason("cell.release-level", {"clearance": "PA//TLP:RED", "level": "PB//TLP:AMBER"})
    with pytest.raises(
        Refusal, check=because("concern.none", on="2026-11-24", name="low", withheld=f"2, {above}")
    ):
        made(bank, low)
    take_in(bank, tmp_path, HEADER + LINES.replace("X-", "Y-"), marking=parse("PA//TLP:GREEN"), source="s")
    sent = made(bank, low)
    assert (sent.rows, [one.rows for one in sent.withheld]) == (2, [2])


def test_a_gateway_without_parties_lets_none_through(pair):
    bank, cell = pair
    with pytest.raises(Refusal, check=because("concern.gateway")):
        made(bank, cell, gateway(fields={"disclosure": frozenset()}))
    with pytest.raises(Refusal, check=because("concern.gateway")):
        made(bank, cell, gateway(forms=frozenset({"signal"})))
    with pytest.raises(gateways.Refusal):
        made(bank, cell, gateway(expires=NOW.date() - timedelta(days=1)))


def test_numbers_stay_where_the_gateway_keeps_them(pair):
    bank, cell = pair
    names = gateway(fields={"party": frozenset({"name", "subject"})})
    paper = got(cell, made(bank, cell, names).text)
    assert all(row["identifiers"] == [] for row in concern.rows_of(paper))


@pytest.mark.parametrize("change", ["name", "expires", "cut"])
def test_what_was_changed_is_refused(pair, change):
    bank, cell = pair
    text = made(bank, cell).text
    changed = {
        "name": text.replace("Lindenrot", "Lindenrat"),
        "expires": text.replace("2027-02-28", "2028-02-28"),
        "cut": text[: len(text) // 2],
    }[change]
    assert changed != text
    keeps_nothing_of("partnership.forged", cell, changed)


def test_a_stranger_s_list_is_refused(pair, tmp_path):
    _, cell = pair
    stranger = floor(tmp_path, "stranger")
    trusting(stranger, floor(tmp_path, "other"))
    take_in(stranger, tmp_path)
    text = made(stranger, Named("other")).text
    assert "stranger" in keeps_nothing_of("partnership.forged", cell, text)["problem"]


class Named:
    """Enough of a floor to be named."""

    def __init__(self, name):
        self.settings = msgspec.defstruct("Settings", [("name", str)])(name)


def test_a_list_for_another_is_not_kept(tmp_path):
    bank, cell, third = trusting(*(floor(tmp_path, name) for name in ("bank-a", "cell", "third")))
    take_in(bank, tmp_path)
    assert keeps_nothing_of("concern.for-another", cell, made(bank, third).text)["to"] == "third"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"rows": 7}, "7 assertions and has 2"),
        ({"assertions": "id,name\n1,x\n"}, "source"),
        ({"assertions": HEADER + "1,x,s,2026-01-01,,because of a parcel,\n", "rows": 1}, "expires"),
        (
            {"assertions": HEADER + "cell:1,x,s,2026-01-01,2026-12-31,because of a parcel,\n", "rows": 1},
            "cell:1",
        ),
        ({"made": NOW.date() + timedelta(days=1)}, "2026-11-24"),
        ({"marking": "LOUD"}, "LOUD"),
        ({"gateway": "none"}, "none"),
        ({"what": "typology-pack"}, "typology-pack"),
        ({"maker": "cell"}, "of cell"),
    ],
)
def test_a_signed_list_that_says_what_it_may_not(pair, columns, says):
    """The peer's own key signs it: the signature alone makes nothing right."""
    bank, cell = pair
    body = split(made(bank, cell).text)[0]
    paper = msgspec.structs.replace(msgspec.json.decode(body, type=concern.Paper), **columns)
    assert says in keeps_nothing_of("concern.no-list", cell, papers.write(bank, paper))["problem"]


def test_a_list_of_the_world_does_not_come_into_an_exercise(pair):
    bank, cell = pair
    body = split(made(bank, cell).text)[0]
    paper = msgspec.structs.replace(msgspec.json.decode(body, type=concern.Paper), exercise=False)
    keeps_nothing_of("concern.exercise", cell, papers.write(bank, paper))


def test_what_is_withdrawn_ends_at_the_peer_and_no_older_list_brings_it_back(pair, tmp_path):
    bank, cell = pair
    first, day = made(bank, cell).text, NOW.date()
    got(cell, first)
    ended = LINES.splitlines()[0].replace("2027-02-28", str(day - timedelta(days=1)))
    take_in(bank, tmp_path, f"{HEADER}{ended}\n")
    assert [row["entity_id"] for row in concern.withdrawn(bank, READER, day)] == ["X-1"]
    later = NOW + timedelta(days=1)
    second = made(bank, cell, now=later)
    assert second.rows == 2
    got(cell, second.text, now=later)
    assert [row["entity_id"] for row in concern.standing(cell, READER, day)] == ["bank-a:X-3"]
    with pytest.raises(Refusal, check=because("concern.older")):
        got(cell, first, now=later)
    got(cell, second.text, now=later)  # the same again says nothing new
    assert [row["entity_id"] for row in concern.standing(cell, READER, day)] == ["bank-a:X-3"]


def test_nothing_stands(tmp_path):
    bank, cell = trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))
    with pytest.raises(Refusal, check=because("concern.none")):
        made(bank, cell)
