"""FollowTheMoney entities."""

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.formats.lists import FTM, STATEMENTS, faults, listed, texts

from watchfloor.formats.base import Batch, FormatError, Head
from watchfloor.formats.lists import ftm_statements
from watchfloor.formats.lists.ftm import FORMAT, read


def _read(text: str | bytes) -> list:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(BytesIO(data), "entities.json"))


def test_a_person():
    person, front = listed(_read(FTM))
    assert (person["entity_id"], person["list_id"], person["schema"]) == ("V-1", "ruri", "Person")
    assert texts(person) == ["Odo Valle", "Otto Valle", "The Lamp"]
    assert texts(person, "weak") == ["The Lamp"]
    assert (person["birth_dates"], person["countries"]) == (["1971-05-02"], ["IR"])
    assert person["identifiers"] == [{"system": "passport", "number": "R4711", "owner": None}]
    assert person["observed_at"] == datetime(2026, 1, 5, tzinfo=UTC)
    assert person["remarks"] == "topics: sanction"
    assert texts(front, "weak") == ["VF"]


def test_of_an_investigators_own_graph_nobody_is_on_a_list():
    """Unless a person gives the file as a list."""
    mine = {
        "id": "p-1",
        "schema": "Person",
        "datasets": ["default"],
        "properties": {"name": ["Wren Halloway"]},
    }
    ours = mine | {"id": "p-2", "properties": {"name": ["Odo Valle"], "topics": ["sanction"]}}
    text = "\n".join(map(json.dumps, (mine, ours)))
    pieces = _read(text)
    assert [row["entity_id"] for row in listed(pieces)] == ["p-2"]
    (row,) = objects(pieces)
    assert (row["object_id"], row["name"]) == ("p-1", "Wren Halloway")
    assert json.loads(row["body"]) == mine
    everybody = list(read(BytesIO(text.encode()), "entities.json", everybody=True))
    assert [row["entity_id"] for row in listed(everybody)] == ["p-1", "p-2"]


def test_bytes_that_are_no_text_are_a_fault_also_where_no_field_of_ours_is():
    whole = b'{"id": "A-9", "schema": "Address", "x": "\xf2 1"}'
    good, bad = _read(FTM.splitlines()[1].encode() + b"\n" + whole)
    assert [row["object_id"] for row in objects([good])] == ["A-1"]
    assert (bad.locator, bad.raw) == ("line 2", whole)


def test_what_names_nobody_is_kept_whole():
    pieces = _read(FTM)
    assert faults(pieces) == []
    (address,) = objects(pieces)
    assert (address["object_id"], address["object_type"], address["name"]) == (
        "A-1",
        "Address",
        "1 Hill Road",
    )
    assert json.loads(address["body"]) == json.loads(FTM.splitlines()[1])
    assert address["report_key"] == "A-1"


def test_a_link_says_what_it_points_at_and_its_version():
    link = {"id": "O-1", "schema": "Ownership", "last_change": "2026-01-05T10:00:00", "x": {"b": 1, "a": 2}}
    link["properties"] = {
        "owner": ["V-1"],
        "asset": ["V-2"],
        "email": ["A@example.org"],
        "phone": ["+16135550113"],
    }
    (row,) = objects(_read(FTM.splitlines()[0] + "\n" + json.dumps(link)))
    assert row["object_refs"] == ["V-2", "V-1"]
    assert row["report_key"] == "O-1/2026-01-05T10:00:00"
    assert row["subjects"] == ["address:email:a@example.org", "phone:phone:16135550113"]
    assert json.loads(row["body"]) == link
    assert row["body"] == json.dumps(link, sort_keys=True, separators=(",", ":"))


def objects(pieces):
    return [
        row
        for piece in pieces
        if isinstance(piece, Batch) and piece.kind.name == "intelligence-object"
        for row in piece.rows.to_pylist()
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no FollowTheMoney entity"),
        ("[1]", "no FollowTheMoney entity"),
        ('{"id":"x","schema":"Person","properties":{"topics":["sanction"]}}', "has no name"),
        ('{"id":"x","schema":"Person","properties":{"name":[7]}}', "no FollowTheMoney entity"),
        ('{"id":"","schema":"Person","datasets":["a"],"properties":{"name":["A"]}}', "has no name or no id"),
    ],
)
def test_a_broken_line_costs_itself_alone(line, reason):
    pieces = _read(FTM + line + "\n" + FTM.splitlines()[2])
    (fault,) = faults(pieces)
    assert (fault.locator, fault.raw) == ("line 4", line.encode())
    assert reason in fault.reason
    assert len(listed(pieces)) == 3


def test_a_line_that_never_ends_is_a_fault(monkeypatch):
    monkeypatch.setattr("watchfloor.formats.lists.ftm.MAX_LINE", 400)
    pieces = _read(FTM + "x" * 5000 + "\n" + FTM.splitlines()[2] + "\n")
    assert "longer than" in faults(pieces)[0].reason
    assert len(listed(pieces)) == 3


@pytest.mark.parametrize("text", ["", "{}", "id,name\n", b"\xff\xfe\x00"])
def test_what_is_no_such_file_is_refused(text):
    with pytest.raises(FormatError):
        _read(text)


def test_sniff():
    assert FORMAT.sniff(Head("x", FTM.encode())) == 0.9
    assert FORMAT.sniff(Head("x", b'{"schema": 1}\n')) == 0


def test_statements_are_the_entity_that_they_make():
    rows = list(ftm_statements.read(BytesIO(STATEMENTS.encode()), "x.csv"))
    listing, other = (batch.rows.to_pylist()[0] for batch in rows)
    assert (listing["entity_id"], listing["list_id"], listing["schema"]) == (
        "NK-1",
        "toy_list",
        "Company",
    )
    assert [one["text"] for one in listing["names"]] == ["Zarbek Tolunay Freight", "ZTF Ltd"]
    assert (listing["countries"], listing["origins"]) == (["CA"], ["a-1", "b-7"])
    assert listing["version_id"] == "2026-02-03T00:00:00"
    assert (other["object_id"], other["object_type"], other["object_refs"]) == (
        "own-2",
        "Ownership",
        ["NK-1"],
    )


def test_statements_that_stand_apart_are_told_and_not_read_as_two():
    lines = STATEMENTS.splitlines(keepends=True)
    *rows, fault = ftm_statements.read(BytesIO("".join([*lines, lines[4]]).encode()), "x.csv")
    assert len(rows) == 2
    assert "must stand together" in fault.reason
    with pytest.raises(FormatError):
        list(ftm_statements.read(BytesIO(b"canonical_id,prop\n1,name\n"), "x.csv"))
