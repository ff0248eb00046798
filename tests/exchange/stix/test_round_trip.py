"""From floor to floor as STIX: nothing is lost, a second reading writes nothing, what is hidden stays so."""

import gzip
import json
import shutil
from io import BytesIO

import pytest
from tests.exchange.nodes import MARKING, NOW, WHO, floor, holding, keep, party
from tests.exchange.partners import add, agency, give, on_shelf
from tests.exchange.stix.oasis import DATA, PROFILES, needed
from tests.formats.intelligence import made

from watchfloor.exchange import files
from watchfloor.exchange.bundles.offers import offer
from watchfloor.exchange.stix import write
from watchfloor.feeds import config
from watchfloor.feeds.intake import ingest_all, tally
from watchfloor.formats.intelligence.stix_markings import OWN_EXTENSION
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor

READER = Reader("officer", purpose="a test", tlp=2)
"""One who may not see TLP:RED."""


def ingest(one, path):
    with one.writer(WHO) as writer:
        return tally(ingest_all(writer, [path], config.load(one.root))).total


def share(one, path, reader=READER):
    """Write all that a reader may see into a file; gives its objects by id and version."""
    given = files.all_of(one, reader, files.FORMATS["stix"])
    with path.open("wb") as out:
        write.write(files.own(one, given, (), NOW, "en"), out)
    objects = json.loads(path.read_bytes())["objects"]
    found = {(each["id"], each.get("modified")): each for each in objects}
    assert len(found) == len(objects)
    return found


def test_what_a_floor_shares_comes_out_of_the_next_and_the_one_after_it_the_same(tmp_path):
    first = holding(floor(tmp_path, "first"))
    before = share(first, tmp_path / "first.json")
    assert {each["type"] for each in before.values()} >= {"note", "identity", "relationship"}
    second, third = floor(tmp_path, "second"), floor(tmp_path, "third")
    total = ingest(second, tmp_path / "first.json")
    assert (total.accepted, total.quarantined, total.withheld) == (len(before), 0, 0)
    assert share(second, tmp_path / "second.json") == before
    again = ingest(second, tmp_path / "first.json")
    assert (again.accepted, again.duplicate) == (0, len(before))
    assert ingest(third, tmp_path / "second.json").accepted == len(before)
    assert share(third, tmp_path / "third.json") == before


def test_markings_come_along(tmp_path):
    first = holding(floor(tmp_path, "first"), marking="PB//TLP:GREEN//REL:CAN,USA")
    share(first, tmp_path / "first.json")
    second = floor(tmp_path, "second")
    (tmp_path / "feeds.toml").write_text('[feeds.first]\npaths = ["first.json"]\nmarking = "U//TLP:CLEAR"\n')
    with second.writer(WHO) as writer:
        tally(ingest_all(writer, [tmp_path / "first.json"], config.load(tmp_path)))
    rows = second.read("intelligence-object", READER, columns=["object_type", "marking"]).to_pylist()
    notes = {row["marking"] for row in rows if row["object_type"] == "note"}
    assert notes == {"PB//TLP:GREEN//REL:CAN,USA"}


def test_a_reader_s_file_is_the_same_whatever_they_may_not_see(tmp_path):
    one = holding(floor(tmp_path, "one"))
    (tmp_path / "in.json").write_bytes(made.written(made.bundle(made.note(1), made.EMAIL)))
    ingest(one, tmp_path / "in.json")
    shutil.copytree(one.root, tmp_path / "other")
    other = Floor.open(tmp_path / "other")
    keep(other, [party(number, marking="PB//TLP:RED", name="Hidden") for number in range(50, 53)])
    red = made.note(7, object_marking_refs=["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"])
    (tmp_path / "red.json").write_bytes(made.written(made.bundle(red)))
    ingest(other, tmp_path / "red.json")
    written = []
    for each in (one, other):
        records = {kind: each.read(kind, READER, latest=True) for kind in files.FORMATS["stix"].kinds}
        out = BytesIO()
        write.write(files.own(each, offer(each, READER, records=records), (), NOW, "en"), out)
        written.append(out.getvalue())
    assert written[0] == written[1]
    assert b"note" in written[0]
    assert made.uuid(7).encode() not in written[0]


def test_a_partner_gets_what_the_gateway_lets_go_and_the_same_whatever_is_hidden_from_them(tmp_path):
    one = agency(tmp_path, ceiling="PC//TLP:RED")
    keep(one, [party(number) for number in range(3)])
    (tmp_path / "in.json").write_bytes(made.written(made.bundle(made.note(1), made.EMAIL)))
    ingest(one, tmp_path / "in.json")
    partner, _ = add(one, ceiling=MARKING)
    shutil.copytree(one.root, tmp_path / "other")
    other = Floor.open(tmp_path / "other")
    keep(other, [party(50, marking="PC//TLP:AMBER", name="Hidden")])
    above = made.note(7, extensions={OWN_EXTENSION: {"marking": "PC//TLP:AMBER"}})
    (tmp_path / "above.json").write_bytes(made.written(made.bundle(above)))
    assert ingest(other, tmp_path / "above.json").accepted == 1
    shelves = []
    for each in (one, other):
        give(each, partner)
        bodies = [json.loads(body) for body in on_shelf(each, partner).values()]
        assert {body["type"] for body in bodies} >= {"identity", "relationship", "marking-definition"}
        assert made.note(1) in bodies
        # when it was disclosed is another moment on each floor, by its clock
        shelves.append([body | {"modified": "", "created": ""} for body in bodies])
    assert shelves[0] == shelves[1]


def test_a_partner_s_object_of_each_profile_is_read_and_goes_out_as_it_came(tmp_path):
    """The examples of OASIS and ATT&CK, as far as a profile judges their types."""
    needed()
    found = {}
    lines = gzip.decompress((DATA / "attack_enterprise.jsonl.gz").read_bytes()).splitlines()
    for text in [*(path.read_bytes() for path in sorted((DATA / "examples").rglob("*.json"))), *lines[::10]]:
        whole = json.loads(text)
        for one in whole.get("objects", [whole]):
            found.setdefault(one["type"], one)
    profiles = {path.stem for path in PROFILES} - {"core"}
    objects = {kind: found.get(kind) or example(kind) for kind in profiles}
    path = tmp_path / "partner.json"
    path.write_bytes(made.written(made.bundle(*objects.values())))
    here = floor(tmp_path, "here")
    total = ingest(here, path)
    assert total.accepted == len(profiles) == 19
    out = share(here, tmp_path / "out.json")
    assert {one["id"]: one for one in out.values()} == {one["id"]: one for one in objects.values()}


def example(kind):
    """Return an object of a type of which the data has none."""
    plain = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{made.uuid(len(kind))}"}
    plain |= {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}
    return plain | {"created_by_ref": made.AUTHOR, "name": kind, "object_refs": [made.EMAIL["id"]]}


@pytest.mark.thorough
def test_attack_goes_through_a_floor_unchanged(tmp_path):
    needed()
    given = gzip.decompress((DATA / "attack_enterprise.jsonl.gz").read_bytes())
    (tmp_path / "attack.jsonl").write_bytes(given)
    here = floor(tmp_path, "here")
    assert ingest(here, tmp_path / "attack.jsonl").accepted == 24_771
    assert ingest(here, tmp_path / "attack.jsonl").accepted == 0
    out = share(here, tmp_path / "out.json")
    assert {one["id"]: one for one in out.values()} == {
        one["id"]: one for one in map(json.loads, given.splitlines())
    }
