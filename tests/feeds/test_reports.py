"""Reports through the front door: marked, keyed, counted, and never kept above the ceiling."""

import zipfile
from pathlib import Path

import pytest
from tests.formats.reports import FORM, docx, eml, pdf

from watchfloor.core.marking import parse
from watchfloor.feeds.config import Feed, Feeds
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.feeds.original import original
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("analyst")


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR)


@pytest.fixture
def take(floor, tmp_path):
    def take(name, data, feeds=None, **orders):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        with floor.writer(ACTOR) as writer:
            return tally(ingest_all(writer, [path], feeds or Feeds(), Orders(**orders)))

    return take


def rows(floor, kind="report"):
    return floor.read(kind, READER).to_pylist()


def test_a_form_is_kept_under_the_join_of_its_marking_and_its_feeds(floor, take):
    assert take("night.txt", FORM.replace("(PB)", "(PB//REL TO CAN, USA)")).whole
    (report,) = rows(floor)
    assert report["marking"] == "PB//TLP:AMBER//REL:CAN,USA"
    assert {one["marking"] for one in rows(floor, "party")} == {report["marking"]}


def test_names_are_keyed_as_the_parties_of_the_same_names_are(floor, take):
    take("night.txt", FORM)
    (report,), parties = rows(floor), rows(floor, "party")
    named = {one["subject"] for one in report["mentions"] if one["how"] == "capitals"}
    assert named == {one["subject"] for one in parties}
    assert all(subject.split(":")[1] == "night" and "Halloway" not in subject for subject in named)


@pytest.mark.parametrize("data", [FORM.replace("(U)", "(S)"), FORM.replace("(U)", "(PB//Q)")])
def test_what_is_marked_above_the_ceiling_leaves_no_byte_and_says_so(floor, take, data, tmp_path):
    sums = take("night.txt", data)
    assert sums.total.withheld == sums.total.received > 0
    assert not rows(floor)
    assert not rows(floor, "party")
    held = b"".join(path.read_bytes() for path in Path(floor.root).rglob("*") if path.is_file())
    assert b"Halloway" not in held
    (delivery,) = floor.deliveries()
    with floor.delivered(delivery.digest) as stream:
        assert stream.read() == b""
    assert any("above this floor's ceiling" in note for note in sums.taken[0].notes)
    assert any("'PB//Q'" in note for note in sums.taken[0].notes) == ("//Q" in data)


def test_the_same_again_writes_nothing(floor, take):
    for name, data in (
        ("a.txt", FORM),
        ("b.pdf", pdf(["(U) Seen."])),
        ("c.docx", docx("Seen.")),
        ("d.eml", eml()),
    ):
        first, second = take(name, data, source="patrol"), take(name, data, source="patrol")
        assert first.total.accepted > 0
        assert second.total.accepted == 0
        assert second.total.duplicate == first.total.received


def test_word_documents_are_no_archives_and_archives_of_them_are(floor, take, tmp_path):
    assert take("a.docx", docx("Seen at the landing.")).taken[0].format == "report-docx"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("in/b.docx", docx("And again."))
        archive.writestr("in/c.txt", FORM)
    sums = take("all.zip", (tmp_path / "all.zip").read_bytes(), source="patrol")
    assert [one.format for one in sums.taken] == ["report-docx", "report-form"]


def test_plain_text_only_where_its_feed_says_so(floor, take):
    text = "Date: 2026-11-20\n\nWren Halloway drove.\n"
    assert take("note.txt", text).aside
    feeds = Feeds({"notes": Feed(paths=("*.txt",), format="report-text", marking="PA//TLP:GREEN")})
    assert take("note.txt", text, feeds).whole
    assert rows(floor)[0]["marking"] == "PA//TLP:GREEN"


def test_retention_counts_from_the_day_of_the_report(floor, take):
    feeds = Feeds({"old": Feed(paths=("*.txt",), retain_days=30)})
    sums = take("x.txt", FORM.replace("2026-11-20", "2020-11-20"), feeds)
    assert sums.total.withheld == sums.total.received
    take("y.txt", FORM, Feeds({"new": Feed(paths=("*.txt",), retain_days=36500)}))
    assert parse(rows(floor)[0]["marking"]).retain_until is not None


def test_an_original_is_the_file_and_an_attachment_is_itself(floor, take):
    attached = pdf(["(U) Seen again."])
    take("m.eml", eml(attached=[("a.pdf", attached)]))
    message, document = rows(floor)
    assert original(floor, message["record_id"], READER).piece is None
    assert original(floor, document["record_id"], READER).piece == attached


def test_a_broken_file_waits_in_quarantine(floor, take):
    sums = take("r.pdf", b"%PDF-1.7 rubbish", source="patrol")
    assert sums.total.quarantined == 1
    (piece,) = floor.quarantine()
    assert "Get a whole copy" in piece.reason
