"""MISP: events and manifests become objects of intelligence, and nothing is lost or guessed."""

import io
import json
import zipfile

import pytest
from tests.exchange.nodes import NOW, READER, holding
from tests.exchange.partners import agency
from tests.formats.intelligence.made import EVENT, MANIFEST, MISP, uuid, written

from watchfloor.exchange import files
from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.intelligence import misp
from watchfloor.formats.registry import recognise


def read(data):
    rows, faults = [], []
    for one in misp.read(io.BytesIO(data), "event.json"):
        if isinstance(one, Fault):
            faults.append(one)
        else:
            rows += one.rows.to_pylist()
    return rows, faults


def test_an_event_is_rows_that_hold_all_of_it():
    rows, faults = read(MISP)
    assert not faults
    event, mail, pair, vessel, text = rows
    whole = {row["object_id"]: json.loads(row["body"]) for row in rows}
    again = whole[uuid(70)] | {"Attribute": [whole[uuid(72)], whole[uuid(73)]]}
    again |= {"Object": [whole[uuid(74)] | {"Attribute": [whole[uuid(75)]]}]}
    assert again == EVENT
    assert [row["object_type"] for row in rows] == ["event", "attribute", "attribute", "object", "attribute"]
    assert (event["report_key"], event["created_by"]) == (f"{uuid(70)}/1764000000", uuid(71))
    assert set(event["object_refs"]) == {uuid(number) for number in range(72, 76)}
    assert mail["subjects"] == ["address:email:a@example.org"]
    assert pair["subjects"] == ["address:domain:a.example", "address:ipv4:192.0.2.7"]
    assert (pair["marking"], pair["revoked"], mail["marking"]) == ("U//TLP:RED", True, "U//TLP:GREEN")
    assert set(vessel["object_refs"]) == {uuid(70), uuid(72), uuid(75)}
    assert (text["subjects"], text["version"]) == (["vessel:imo:9074729"], None)


def test_a_manifest_says_which_events_there_are():
    ((row,), faults) = read(MANIFEST)
    assert not faults
    assert (row["object_type"], row["object_id"]) == ("manifest-entry", uuid(70))
    assert row["report_key"] == f"manifest/{uuid(70)}/1764000000"


@pytest.mark.parametrize(
    "data", [MISP, MANIFEST, written({"response": [{"Event": EVENT}]}), written([{"Event": EVENT}])]
)
def test_files_of_misp_are_recognised(data):
    assert recognise(Head("x.json", data)).name == "misp"
    assert read(data)[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Tag": [{"name": "tlp:purple"}]}, "no level of TLP"),
        ({"Tag": [{"name": 'watchfloor:marking="PZ"'}]}, "no level of TLP"),
        ({"uuid": "x"}, "has no UUID"),
        ({"Attribute": [7]}, "has no UUID"),
        ({"Attribute": [EVENT["Attribute"][0], EVENT["Attribute"][0] | {"value": "b"}]}, "other content"),
        ({"Attribute": [{"uuid": uuid(1), "timestamp": "9" * 400, "type": ["x"], "value": {}}]}, ""),
        ({"Attribute": {"a": 1}, "Tag": 7, "Orgc": [], "Object": None}, ""),
    ],
)
def test_bad_parts_are_told_and_the_rest_is_read(change, reason):
    rows, faults = read(written({"Event": EVENT | change}))
    assert rows
    assert [reason in one.reason for one in faults] == ([True] if reason else [])


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"{", b'"\xff"', b"[" * 100_000, b"[[7]]"])
def test_what_is_no_file_of_misp_is_refused(data):
    with pytest.raises(FormatError):
        read(data)


def test_a_feed_that_was_shared_is_read_back(tmp_path):
    one = holding(agency(tmp_path), 3)
    given = files.own(one, files.all_of(one, READER, files.FORMATS["misp"]), (), NOW, "en")
    packed = io.BytesIO()
    count = files.FORMATS["misp"].load(".zip")(given, packed)
    with zipfile.ZipFile(packed) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}
    (event,) = (data for name, data in parts.items() if name != "manifest.json")
    rows, faults = read(event)
    assert (len(rows), faults) == (count + 1, [])
    assert {row["marking"] for row in rows[1:]} == {given.marking}
    assert "person:parcels:0" in {key for row in rows for key in row["subjects"]}
    (entry,), _ = read(parts["manifest.json"])
    assert entry["object_refs"] == []
    assert entry["object_id"] == rows[0]["object_id"]
