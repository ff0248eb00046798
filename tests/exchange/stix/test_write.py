"""What is shared as STIX: valid, the same each time, whole for who knows ours, and no more."""

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.stix import rows
from tests.exchange.stix.oasis import PROFILES, faults, needed
from tests.exchange.stix.rows import AT, KEY, MAIL, MARKING, SHIP, WHO
from tests.formats.intelligence import made

from watchfloor.core.marking import parse
from watchfloor.exchange.stix import ids, markings, write
from watchfloor.exchange.stix.objects import extension
from watchfloor.formats.base import Batch
from watchfloor.formats.intelligence import stix
from watchfloor.formats.intelligence.stix_markings import KNOWN, OWN_EXTENSION, TLP_1, TLP_2, own_id


def bundle(shared):
    out = BytesIO()
    count = write.write(shared, out)
    whole = json.loads(out.getvalue())
    assert len(whole["objects"]) == count
    return out.getvalue(), whole["objects"]


def read(data):
    found = []
    for piece in stix.read(BytesIO(data), "x"):
        assert isinstance(piece, Batch), piece
        found += piece.rows.to_pylist()
    return found


def of_type(objects, name):
    return [one for one in objects if one["type"] == name]


def test_every_object_is_valid_by_the_schemas_of_oasis():
    needed()
    data, objects = bundle(rows.everything())
    assert not [fault for one in objects for fault in faults(one)]
    listed = [one for one in objects if one["type"] in ("identity", "relationship", "email-addr")]
    assert not faults(json.loads(data) | {"objects": listed}), "its schema has no note nor location"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_what_we_write_has_the_profile_that_interoperability_asks_of_it(profile):
    """A profile of a type that we do not write is checked on what a partner's object of it would be."""
    _, objects = bundle(rows.everything())
    own = [
        one
        for one in objects
        if "created_by_ref" in one and (one["type"] == profile.stem or profile.stem == "core")
    ]
    own = [one for one in own if one["type"] != "marking-definition"]
    assert not [fault for one in own for fault in faults(one, profile)]


def test_the_profiles_are_twenty_and_six_of_them_judge_objects_of_ours():
    needed()
    _, objects = bundle(rows.everything())
    assert len(PROFILES) == 20
    types = {one["type"] for one in objects}
    assert {path.stem for path in PROFILES} & types == {
        "grouping",
        "location",
        "note",
        "observed-data",
        "relationship",
        "report",
    }


def test_stix2_reads_what_we_write():
    stix2 = pytest.importorskip("stix2", reason="needs stix2")
    _, objects = bundle(rows.everything())
    for one in objects:
        parsed = stix2.parse(one, allow_custom=False)
        assert json.loads(parsed.serialize())["id"] == one["id"]


def test_the_validator_of_oasis_finds_nothing_wrong(tmp_path):
    validator = pytest.importorskip("stix2validator", reason="needs stix2-validator")
    data, _ = bundle(rows.everything())
    found = validator.validate_string(data.decode(), validator.ValidationOptions(enforce_refs=True))
    assert found.is_valid, found.errors


def test_the_same_rows_give_the_same_bytes_and_each_object_once():
    data, objects = bundle(rows.everything())
    assert bundle(rows.everything())[0] == data
    keys = [(one["id"], one.get("modified")) for one in objects]
    assert len(keys) == len(set(keys))
    known = {one["id"] for one in objects} | {made.AUTHOR, made.EMAIL["id"]}
    for one in objects:
        pointed = [
            *one.get("object_refs", []),
            *one.get("object_marking_refs", []),
            one.get("created_by_ref"),
        ]
        assert {*filter(None, pointed)} <= known
        assert {*one.get("extensions", {})} <= known | {
            "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
        }


def test_a_signal_is_a_note_on_what_it_is_about_with_its_place():
    _, objects = bundle(rows.shared(disclosure=rows.table("disclosure", rows.signal())))
    (note,), (place,), (mail,) = (of_type(objects, name) for name in ("note", "location", "email-addr"))
    by_id = {one["id"]: one for one in objects}
    assert [by_id[ref]["type"] for ref in note["object_refs"]] == [
        "identity",
        "identity",
        "email-addr",
        "location",
    ]
    assert (place["latitude"], place["longitude"], place["precision"]) == (45.01, -73.4, 250.0)
    own = note["extensions"][extension("disclosure")]
    assert own["subjects"] == [SHIP, WHO, MAIL]
    assert own["record"]["strength"] == "strong"
    assert "lacolle" in note["content"]
    assert mail["value"] == "a.b@example.org"
    assert note["modified"] == "2026-11-24T12:00:00.123Z"


def test_a_lead_is_a_grouping_of_what_it_names_and_its_signals():
    _, objects = bundle(rows.everything())
    (group,) = of_type(objects, "grouping")
    by_id = {one["id"]: one for one in objects}
    assert [by_id[ref]["type"] for ref in group["object_refs"]] == ["identity", "identity", "note"]
    assert group["confidence"] == 85
    assert group["extensions"][extension("lead")]["record"]["hypothesis"] == "sanctions-evasion"


def test_a_record_stands_whole_in_its_extension():
    shared = rows.everything()
    _, objects = bundle(shared)
    found = {}
    for one in objects:
        for own in one.get("extensions", {}).values():
            if "kind" in own:
                found[own["kind"], own["row"]] = own["record"]
    for kind, table in shared.records.items():
        if kind == "intelligence-object":
            continue
        for row in table.to_pylist():
            name = row["row_id"].hex() if kind == "disclosure" else row["report_key"]
            told = {key for key, value in row.items() if value not in (None, []) and key != "marking"}
            assert found[kind, name].keys() == told
    assert found["payment", "pay-1"]["amount"] == "12.50"


def test_what_others_made_goes_out_as_it_came():
    _, objects = bundle(
        rows.shared(intelligence_object=rows.intelligence(made.note(x_odd={"a": 1}), made.EMAIL))
    )
    assert objects == [made.note(x_odd={"a": 1}), made.EMAIL]


def test_it_is_read_back_under_its_markings_and_with_its_subjects():
    data, objects = bundle(rows.everything())
    found = {row["object_id"]: row for row in read(data)}
    assert len(found) == len(objects)
    for one in objects:
        own = one.get("extensions", {}).get(OWN_EXTENSION)
        if own and one["type"] != "marking-definition":
            assert found[one["id"]]["marking"] == own["marking"]
    strict, open_ = (
        one for one in of_type(objects, "note") if one.get("labels") == ["listings", "listed-name"]
    )
    assert found[strict["id"]]["marking"] == MARKING
    assert found[open_["id"]]["marking"] == "U//TLP:GREEN"
    assert found[strict["id"]]["subjects"] == [SHIP, WHO, MAIL]
    (mail,) = [one for one in of_type(objects, "email-addr") if one["value"] == "a.b@example.org"]
    assert found[mail["id"]]["marking"] == MARKING, "the join of what names it"


def test_columns_that_may_not_go_leave_nothing():
    nothing = dict.fromkeys(("desk", "rule", "strength", "score", "message", "params", "since", "latitude"))
    row = rows.signal(**nothing, subjects=[SHIP])
    _, objects = bundle(rows.shared(disclosure=rows.table("disclosure", row)))
    (note,) = of_type(objects, "note")
    assert not of_type(objects, "location")
    assert "listed" not in json.dumps(note)


@given(
    st.sampled_from(["U", "PA", "PB", "PC//S"]),
    st.sampled_from(sorted(TLP_2)),
    st.sampled_from(["", "//REL:CAN"]),
)
def test_who_knows_tlp_alone_is_told_nothing_more_lenient(level, tlp, more):
    text = str(parse(f"{level}//TLP:{tlp}{more}"))
    refs = markings.refs(text)
    assert len(set(TLP_1.values()) & {*refs}) == 1
    assert all(KNOWN[ref].tlp >= parse(text).tlp for ref in refs if ref in KNOWN)
    beyond = level != "U" or more
    assert (own_id(text) in refs) == bool(beyond)
    if beyond:
        assert all(KNOWN[ref].tlp >= 3 for ref in refs if ref in KNOWN)
    one = {"type": "note", "id": f"note--{made.uuid(1)}", "object_marking_refs": [*refs]}
    one["extensions"] = {OWN_EXTENSION: {"marking": text}}
    assert read(made.written(one))[0]["marking"] == text


def test_ids_of_observables_are_those_of_the_standard_and_ours_want_the_key():
    assert ids.observable("email-addr", {"value": "john@example.com"}) == (
        "email-addr--7165e2a9-671f-585d-b1e1-ca59c671d934"
    )
    assert ids.observable("user-account", {"account_type": "iban", "user_id": "FI21"}) == (
        "user-account--520fc2b0-ffd7-53bc-b417-b409ce72230a"
    )
    assert ids.keyed(KEY, "note", "a") != ids.keyed(bytes(32), "note", "a")
    assert ids.published("extension-definition", "extension/marking") == OWN_EXTENSION


def test_a_version_that_takes_back_says_nothing_more_and_is_newer():
    needed()
    shared = rows.everything()
    later = AT + timedelta(hours=1)
    for kind, _, one in write.objects(shared):
        back = write.revoked(one, later)
        if not kind or kind == "intelligence-object" or "modified" not in one:
            assert back is None
            continue
        assert (back["id"], back["created"], back["revoked"]) == (one["id"], one["created"], True)
        assert back["modified"] > one["modified"]
        assert not faults(back)
        for secret in ("Odo", "Valle", "Seen by", "9074729", "45.01", "listed-name", "12.50"):
            assert secret not in json.dumps(back)


def test_a_later_sharing_of_the_same_row_is_a_version_of_the_same_object():
    first, later = rows.everything(), replace(rows.everything(), at=AT + timedelta(days=1))
    before, after = ({one["id"]: one for one in bundle(each)[1]} for each in (first, later))
    assert before.keys() == after.keys()
    for key, one in before.items():
        assert one.get("modified", "") <= after[key].get("modified", "")
