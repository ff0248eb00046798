"""STIX as it is read: nothing is lost, what is wrong is said, and a second reading is the same."""

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.intelligence.made import (
    AMBER_STRICT,
    AUTHOR,
    EMAIL,
    GREEN,
    SAMPLE,
    bundle,
    lines,
    note,
    uuid,
    written,
)

from watchfloor.formats.base import HEAD_BYTES, Batch, FormatError, Head
from watchfloor.formats.intelligence import stix, stix_markings, stix_rows
from watchfloor.formats.registry import recognise

DATA = Path(__file__).parents[4] / "shared/data/exchange/stix"
MISWRITTEN = "interop-objectmarking-test.json"
"""Of OASIS; names a marking that differs from that of TLP:RED in its last digit."""
OWN = stix_markings.OWN_EXTENSION


def found(data):
    rows, faults = [], []
    for piece in stix.read(BytesIO(data), "x.json"):
        if isinstance(piece, Batch):
            rows += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return rows, faults


def definition(number, **more):
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid(number)}",
    } | more


def test_a_bundle_gives_its_objects_whole_with_what_is_searched_by():
    (email, strict, plain), faults = found(SAMPLE)
    assert not faults
    assert json.loads(strict["body"]) == note(1, object_marking_refs=[AMBER_STRICT])
    assert (email["name"], email["subjects"]) == ("John@example.com", ["address:email:john@example.com"])
    assert (strict["marking"], plain["marking"]) == ("U//TLP:AMBER+STRICT", "U//TLP:CLEAR")
    assert plain["report_key"] == f"note--{uuid(2)}/2026-11-24T10:00:00.000Z"
    assert f"{plain['observed_at']:%F %T}" == "2026-11-24 10:00:00"
    assert (plain["name"], plain["created_by"]) == ("note 2", AUTHOR)
    assert plain["object_refs"] == [AUTHOR, EMAIL["id"]]
    assert strict["object_marking"] == [AMBER_STRICT]
    assert recognise(Head("x.json", SAMPLE)).name == "stix"


@pytest.mark.parametrize(
    "data",
    [
        written({"more": True, "next": "7", "objects": [EMAIL, note()]}),
        written([EMAIL, note()]),
        lines(EMAIL, note()),
        json.dumps(bundle(EMAIL, note()), indent=4).encode(),
        lines(bundle(EMAIL), bundle(note())),
    ],
)
def test_envelopes_lines_and_arrays_give_the_same(data):
    rows, faults = found(data)
    assert not faults
    assert [json.loads(row["body"]) for row in rows] == [EMAIL, note()]
    assert recognise(Head("x", data[:HEAD_BYTES])).name == "stix"


def test_one_object_and_an_empty_bundle():
    assert found(written(note()))[0][0]["object_type"] == "note"
    assert found(json.dumps(note(), indent=2).encode())[0][0]["object_type"] == "note"
    assert found(written(bundle())) == ([], [])
    assert found(b"{}")[0] == []


def test_objects_of_2_0_have_the_version_of_their_bundle():
    old = {key: value for key, value in note().items() if key != "spec_version"}
    ((row,), _) = found(
        written({"type": "bundle", "id": f"bundle--{uuid(1)}", "spec_version": "2.0", "objects": [old]})
    )
    assert row["spec_version"] == "2.0"


def test_nothing_that_an_object_points_at_has_to_be_there_and_circles_are_kept():
    first, second = note(1, object_refs=[f"note--{uuid(2)}"]), note(2, object_refs=[f"note--{uuid(1)}"])
    relation = {**note(3), "type": "relationship", "id": f"relationship--{uuid(3)}", "relationship_type": "x"}
    relation |= {"source_ref": f"note--{uuid(1)}", "target_ref": f"malware--{uuid(8)}"}
    rows, faults = found(written(bundle(relation, first, second)))
    assert not faults
    assert rows[0]["object_refs"] == [AUTHOR, EMAIL["id"], f"note--{uuid(1)}", f"malware--{uuid(8)}"]


def test_of_one_version_with_two_contents_the_first_stays():
    rows, (fault,) = found(
        written(bundle(note(1), note(1, abstract="other"), note(1), note(1, "2026-11-25T00:00:00Z")))
    )
    assert [row["name"] for row in rows] == ["note 1"] * 3
    assert fault.reason == stix._AGAIN.format(rows[0]["report_key"])
    assert not fault.partly
    many = [note(number % 3000) for number in range(7000)]
    many[-1] = note(many[-1]["id"] and 999, abstract="other")
    assert len(found(lines(*many))[1]) == 1


def test_a_marking_that_nobody_defined_is_that_of_the_feed_and_said_once():
    stray = f"marking-definition--{uuid(77)}"
    rows, (fault,) = found(
        written(bundle(note(1, object_marking_refs=[stray, GREEN]), note(2, object_marking_refs=[stray])))
    )
    assert [row["marking"] for row in rows] == ["U//TLP:GREEN", "U//TLP:CLEAR"]
    assert fault.partly
    assert fault.reason.startswith("2 objects")
    assert stray in fault.reason


def test_markings_are_the_strictest_that_an_object_names_wherever_they_are_defined():
    ours = definition(
        5, extensions={OWN: {"extension_type": "property-extension", "marking": "PB//TLP:GREEN"}}
    )
    statement = definition(6, definition_type="statement", definition={"statement": "© X"})
    level = definition(7, definition_type="tlp", definition={"tlp": "amber"})
    strict = definition(8, extensions={stix_markings.TLP_2_EXTENSION: {"tlp_2_0": "amber+strict"}})
    part = {"marking_ref": strict["id"], "selectors": ["content"]}
    objects = [
        note(1, object_marking_refs=[ours["id"], level["id"]]),
        note(2, object_marking_refs=[statement["id"]]),
        note(3, object_marking_refs=[GREEN], granular_markings=[part]),
        note(4, extensions={OWN: {"marking": "PA//TLP:CLEAR"}}, object_marking_refs=[GREEN]),
    ]
    for order in ([*objects, ours, statement, level, strict], [strict, level, statement, ours, *objects]):
        rows, faults = found(written(bundle(*order)))
        assert not faults
        marked = {row["object_id"]: row["marking"] for row in rows}
        assert [marked[one["id"]] for one in objects] == [
            "PB//TLP:AMBER",
            "U//TLP:CLEAR",
            "U//TLP:AMBER+STRICT",
            "PA//TLP:GREEN",
        ]


def test_a_level_that_everybody_knows_cannot_be_redefined():
    lower = definition(1, definition_type="tlp", definition={"tlp": "white"}) | {
        "id": stix_markings.TLP_2["RED"]
    }
    rows, _ = found(written(bundle(lower, note(object_marking_refs=[lower["id"]]))))
    assert rows[1]["marking"] == "U//TLP:RED"


def test_a_version_of_the_future_is_kept_and_said():
    ((row,), (fault,)) = found(written(bundle(note(1, "2999-01-01T00:00:00.000Z"))))
    assert row["modified"].year == 2999
    assert fault.partly
    assert stix._FUTURE in fault.reason


RAW = written(note())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (RAW.replace(b'"content"', b'"abstract"'), "twice"),
        (RAW.replace(b'"content"', b'"\\u0061bstract"'), "twice"),
        (RAW.replace(b"seen twice", b"\\ud800"), "surrogate"),
        (RAW.replace(b'"seen twice"', b"NaN"), "no JSON"),
        (RAW.replace(b'"seen twice"', b"1" * 5000), "range"),
        (RAW.replace(b'"seen twice"', b"[" * 100_000 + b"]" * 100_000), "deep"),
        (RAW.replace(b"seen twice", b"\xed\xa0\x80"), "UTF-8"),
        (RAW.replace(b'"note--', b'"notes--'), "id"),
        (RAW.replace(b'"modified": "2026', b'"modified": "20x6'), "no time"),
        (RAW.replace(b'"modified": "2026-11-24T10:00:00.000Z"', b'"modified": 7'), "no time"),
        (RAW.replace(b'"id"', b'"di"'), "id"),
        (written(bundle(note(5))), "bundle within"),
    ],
)
def test_an_object_that_cannot_be_kept_is_set_apart_and_the_others_are_read(raw, says):
    data = b'{"type":"bundle","objects":[' + b",".join([written(note(3)), raw, written(note(4))]) + b"]}"
    rows, (fault,) = found(data)
    assert [row["object_id"] for row in rows] == [f"note--{uuid(3)}", f"note--{uuid(4)}"]
    assert says in fault.reason
    assert data[slice(*map(int, fault.locator.removeprefix("bytes ").split("-")))] == raw


@pytest.mark.parametrize("depth", [100, 900, 990, 1_000, 5_000])
def test_deep_objects_are_kept_or_set_apart(depth):
    data = RAW.replace(b'"seen twice"', b'{"a":' * depth + b"1" + b"}" * depth)
    rows, faults = found(written(bundle(note(2)))[:-2] + b"," + data + b"]}")
    assert len(rows) + len(faults) == 2
    assert len(rows) == 2 or depth > 100


def test_colons_in_texts_are_no_members():
    assert not found(RAW.replace(b"seen twice", b"a\\u003ab : \\u003A"))[1]


def test_a_file_that_is_cut_off_gives_what_is_whole():
    rows, (fault,) = found(SAMPLE[:-300])
    assert len(rows) == 2
    assert fault.rest


@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"[]x", b"text", b'{"schema":"Person","properties":{}}', b"\xff\xfe{"]
)
def test_what_is_no_stix_is_refused(data):
    with pytest.raises(FormatError):
        [*stix.read(BytesIO(data), "x")]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.from_regex("x_[a-z]{1,3}", fullmatch=True), VALUES, max_size=3), max_size=4)
)
def test_what_is_not_understood_comes_out_as_it_came_in(more):
    objects = [note(number, **one) for number, one in enumerate(more)]
    rows, faults = found(written(bundle(*objects)))
    assert not faults
    assert [json.loads(row["body"]) for row in rows] == objects


def test_attack_comes_out_as_it_came_in_and_the_other_way_round():
    path = DATA / "attack_enterprise.jsonl.gz"
    if not path.exists():
        pytest.skip("needs ../shared/data/exchange/stix")
    given_ = gzip.decompress(path.read_bytes())
    rows, faults = found(given_)
    assert not faults
    assert len(rows) == 24_771

    def canonical(texts):
        return sorted(json.dumps(json.loads(text), sort_keys=True) for text in texts)

    assert canonical(row["body"] for row in rows) == canonical(given_.splitlines())


def test_examples_of_oasis_are_read_without_a_fault():
    files = sorted((DATA / "examples").rglob("*.json"))
    if not files:
        pytest.skip("needs ../shared/data/exchange/stix")
    for file in files:
        data = file.read_bytes()
        assert recognise(Head(file.name, data[:HEAD_BYTES])).name == "stix"
        rows, faults = found(data)
        whole = json.loads(data)
        assert len(rows) == len(whole.get("objects", [whole]))
        assert [fault.partly for fault in faults] == [True] * (file.name == MISWRITTEN), file.name


POINTERS = st.dictionaries(
    st.sampled_from(["x_ref", "x_refs", "name", "a_ref_b", "extensions", "x", '_ref"', "é_ref"]),
    st.recursive(
        st.sampled_from([AUTHOR, "_ref", '"extensions":', "é", '"']),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["y_ref", "y_refs", "extensions", "é_ref", "y"]), inner, max_size=3
            )
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@given(POINTERS)
def test_what_an_object_points_at_is_found_wherever_it_stands(one):
    wanted = {}
    stix_rows.gather(one, wanted)
    assert stix_rows.pointed_at(one, stix_rows.encode(one)).keys() == wanted.keys()
