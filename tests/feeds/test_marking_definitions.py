"""A marking that an earlier delivery of a feed defined marks what comes later."""

from tests.exchange.nodes import WHO, floor
from tests.formats.intelligence import made

from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.policy.policy import Reader

READER = Reader("officer", purpose="a test")
RED = {"type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{made.uuid(5)}"}
RED |= {"created": "2026-01-01T00:00:00.000Z", "definition_type": "tlp", "definition": {"tlp": "red"}}
NOTICE = RED | {"id": f"marking-definition--{made.uuid(6)}", "definition_type": "statement"}
NOTICE |= {"definition": {"statement": "© Somebody"}}


def deliver(one, path, *objects, source="feed"):
    path.write_bytes(made.written(made.bundle(*objects)))
    with one.writer(WHO) as writer:
        return tally(ingest_all(writer, [path], config.load(one.root), Orders(source=source))).total


def markings(one):
    rows = one.read("intelligence-object", READER, columns=["object_id", "marking"]).to_pylist()
    return {row["object_id"]: row["marking"] for row in rows}


def test_definitions_of_an_earlier_delivery_mark_and_are_told_as_undefined_no_more(tmp_path):
    one = floor(tmp_path, "one")
    note = made.note(1, object_marking_refs=[RED["id"]])
    plain = made.note(2, object_marking_refs=[NOTICE["id"]])
    assert deliver(one, tmp_path / "0.json", note, plain).quarantined == 2, "nobody defined them yet"
    assert deliver(one, tmp_path / "1.json", RED, NOTICE).accepted == 2
    later = [made.note(3, object_marking_refs=[RED["id"]]), made.note(4, object_marking_refs=[NOTICE["id"]])]
    total = deliver(one, tmp_path / "2.json", *later)
    assert (total.accepted, total.quarantined) == (2, 0)
    found = markings(one)
    assert [found[made.note(number)["id"]] for number in (1, 2, 3, 4)] == [
        "PB//TLP:AMBER",
        "PB//TLP:AMBER",
        "PB//TLP:RED",
        "PB//TLP:AMBER",
    ]
    assert deliver(one, tmp_path / "2.json", *later).accepted == 0


def test_a_definition_of_another_feed_defines_nothing(tmp_path):
    one = floor(tmp_path, "one")
    deliver(one, tmp_path / "1.json", RED, source="other")
    assert deliver(one, tmp_path / "2.json", made.note(1, object_marking_refs=[RED["id"]])).quarantined == 1
