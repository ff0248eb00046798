import gzip
import io
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import READER, ingest, parties

from watchfloor.formats.base import Fault
from watchfloor.store import Actor
from watchfloor.store.erasure import holds, residual_references
from watchfloor.store.erasure.residual_references import in_bytes, in_stream
from watchfloor.store.erasure.subject_index import Words

NAME = "Zarbek Tolunay"


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


def one(writer, number=1, delivery="a file", raw=b"x"):
    rows = parties([number], name=f"{NAME} ")
    with writer.delivery("feed", delivery, BytesIO(raw)) as intake:
        intake.accept("party", rows)
    return intake


def test_an_act_that_names_the_person_loses_its_content_and_keeps_its_leaf(floor, actor, writer):
    one(writer)
    asked = floor.act(actor, "query", {"what": "search", "words": "zarbek"})
    other = floor.act(actor, "query", {"what": "search", "words": "somebody else"})
    purposed = floor.act(Actor("a", "file of tolunay", "law"), "query", {"what": "leads"})
    leaf, root, size = floor.acts(asked, asked)[0].leaf, floor.log_root(), floor.position
    gone = writer.erase(ids(floor), "A-77")
    acts = {act.position: act for act in floor.acts()}
    assert (acts[asked].detail, acts[asked].leaf) == (None, leaf)
    assert acts[purposed].detail is None
    assert acts[other].detail["words"] == "somebody else"
    assert floor.log_root(size) == root
    assert acts[gone.position].detail["acts"] == [[asked, "query", "tester"], [purposed, "query", "a"]]
    assert not list(floor.verify())


def test_a_standing_hold_and_a_disclosure_stay_and_are_told(floor, actor, writer):
    """A hold whose act lost its content would be no hold any more."""
    one(writer)
    ingest(writer, [2], source="other")
    over = {"records": [ids(floor)[1].hex()], "subjects": [], "leads": []}
    said = {"why": "Tolunay v. Canada", "ordered_by": "Justice", "marking": "PB", **over}
    hold = floor.act(actor, "hold", said)
    sent = floor.act(actor, "disclosed", {"bundle": "5b1c", "description": "on Tolunay"})
    gone = writer.erase(ids(floor)[:1], "A-77")
    assert gone.stays == (hold, sent)
    assert [each.position for each in holds.on(floor.root)] == [hold]
    floor.act(actor, "hold-lifted", {"hold": hold, "why": "over"})
    one(writer, 3)
    assert writer.erase([ids(floor)[-1]], "A-78").stays == (sent,)
    assert holds.on(floor.root) == []


def test_a_word_of_the_program_is_not_taken_for_a_name(floor, actor, writer):
    """Somebody called Search Leads: the acts of the log are called so too."""
    rows = parties([1], name="Search Leads ")
    with writer.delivery("feed", "d", BytesIO(b"x")) as intake:
        intake.accept("party", rows)
    floor.act(actor, "query", {"what": "leads", "leads": 3})
    assert writer.erase(ids(floor), "A-77").acts == 0


def test_what_somebody_else_is_called_too_stays(floor, actor, writer):
    one(writer)
    ingest(writer, [2], name="Zarbek Other ")
    floor.act(actor, "query", {"what": "search", "words": "zarbek"})
    floor.act(actor, "query", {"what": "search", "words": "tolunay"})
    assert writer.erase(ids(floor)[:1], "A-77").acts == 1


def test_a_delivery_named_after_the_person_is_renamed(floor, writer):
    intake = one(writer, delivery="reports/Zarbek Tolunay.txt")
    one(writer, 2, delivery="other.txt")
    with writer.delivery("feed", "again Tolunay", BytesIO(b"y")) as again:
        again.accept("party", parties([3]))
    writer.erase(ids(floor)[:2], "A-77")
    names = {each.position: each.name for each in floor.deliveries()}
    assert (names[intake.position], names[again.position]) == ("erased", "erased")
    assert floor.read("party", READER)["name"].to_pylist() == ["name3"]
    assert not list(floor.verify())


@pytest.mark.parametrize(
    "raw", [b"1;Zarbek Tolunay;no day", "1;TOLUNAY;".encode("utf-16"), b"person:feed:1,,"]
)
def test_a_piece_that_names_the_person_leaves_quarantine(floor, writer, raw):
    with writer.delivery("feed", "d", BytesIO(b"z")) as intake:
        intake.quarantine([Fault("line 1", "no day: 'x'", raw), Fault("line 2", "no day", b"Ottoline")])
    one(writer)
    gone = writer.erase(ids(floor), "A-77")
    first, second = floor.quarantine()
    assert gone.quarantined == 1
    assert (first.raw, first.locator, first.reason) == (None, "", "erased")
    assert second.raw == b"Ottoline"
    assert not list(floor.verify())


def test_an_original_that_names_the_person_goes_though_it_gave_no_record(floor, writer):
    with writer.delivery("feed", "d", BytesIO(b"a line about Zarbek Tolunay that nobody took in")) as intake:
        intake.accept("party", parties([5]))
    with writer.delivery("feed", "e", BytesIO(b"a line about nobody")) as other:
        other.accept("party", parties([6]))
    one(writer)
    assert writer.erase(ids(floor)[2:], "A-77").deliveries == 2
    assert [each.erased is None for each in floor.deliveries()] == [False, True, False]
    assert floor.read("party", READER).num_rows == 2


def test_what_was_shown_without_its_evidence_goes(floor, writer):
    one(writer)
    writer.shown("queue", bytes(32), b'{"subject": "person:feed:1"}')
    writer.shown("queue", bytes(32), b'{"subject": "person:feed:11"}')
    assert writer.erase(ids(floor), "A-77").shown == 1
    assert [each.content is None for each in floor.shown("queue")] == [True, False]


def test_a_reason_that_names_the_person_is_refused(floor, writer):
    one(writer)
    with pytest.raises(ValueError, match="names who is to be erased"):
        writer.erase(ids(floor), "Tolunay asked for it")
    assert floor.read("party", READER).num_rows == 1


def _zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", data)
    return out.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, _zipped])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_stream_is_searched_in_every_form(pack, encoding, monkeypatch):
    monkeypatch.setattr(residual_references, "_PIECE", 1 << 16)
    text = f"<p>{'x' * 70_000} Émile Ouellet, 1963</p>"  # more than a piece
    data = pack(text.encode(encoding))
    assert in_stream(BytesIO(data), Words(["Émile Ouellet"]))
    assert not in_stream(BytesIO(data), Words(["Emile Ouelle"]))


def test_a_word_across_two_pieces_is_found(monkeypatch):
    monkeypatch.setattr(residual_references, "_PIECE", 4096)
    for at in range(-40, 41):
        assert in_stream(BytesIO(b" " * (4096 + at) + NAME.encode() + b" " * 60), Words([NAME])), at


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"PK"]))
def test_no_bytes_break_the_search(data, head):
    assert not in_stream(BytesIO(head + data), Words(["neverever"]))
    assert not in_bytes(head + data, Words([]))


def test_nothing_is_looked_for_without_words(floor):
    assert residual_references.find(floor.root, None, Words([])) == residual_references.NONE
