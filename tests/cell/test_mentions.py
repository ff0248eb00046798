"""Mentions as a reader sees them, and what a person's word makes of them."""

from datetime import UTC, datetime

import pytest
from tests.formats.reports import FORM

from watchfloor.cell.judgements import Judgement
from watchfloor.cell.mentions import judge_mention, mentions, pick
from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor, UnknownRecord

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("analyst")
ACCOUNT = "account:iban:FI2112345600000785"


@pytest.fixture
def floor(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR)
    for name, text in (("a.txt", FORM), ("b.txt", FORM.replace("MU4-2026-17", "MU4-2026-18"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with floor.writer(ACTOR) as writer:
        tally(ingest_all(writer, [tmp_path / "a.txt", tmp_path / "b.txt"], Feeds(), Orders("patrol")))
    return floor


def say(floor, subject, verdict, report="MU4-2026-17"):
    with floor.writer(ACTOR) as writer:
        said = Judgement(verdict, "seen", "clerk", datetime.now(UTC))
        judge_mention(writer, pick(mentions(floor, READER, report), subject), said)


def states(floor, report="MU4-2026-17"):
    return {one.subject: one.state for one in mentions(floor, READER, report)}


def test_each_subject_stands_once_with_its_place(floor):
    found = mentions(floor, READER, "MU4-2026-17")
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert found[0].state == "stated"
    (account,) = [one for one in found if one.subject == ACCOUNT]
    assert (account.text, account.portion, account.page) == ("FI21 1234 5600 0007 85", 1, None)
    assert len(mentions(floor, READER)) == 2 * len(found)


@pytest.mark.parametrize(
    ("verdict", "state"), [("same", "confirmed"), ("different", "refused"), ("withdrawn", "proposed")]
)
def test_a_word_counts_for_its_report_alone(floor, verdict, state):
    say(floor, ACCOUNT, verdict)
    assert states(floor)[ACCOUNT] == state
    assert states(floor, "MU4-2026-18")[ACCOUNT] == "proposed"


def test_what_is_withdrawn_is_as_it_was(floor):
    before = states(floor)
    say(floor, "1", "different")
    assert states(floor)["vessel:imo:9074729"] == "refused"
    say(floor, "1", "withdrawn")
    assert states(floor) == before


def test_a_judgement_is_marked_as_its_report(floor):
    say(floor, ACCOUNT, "same")
    (row,) = floor.read("judgement", READER).to_pylist()
    assert row["marking"] == "PB//TLP:AMBER"
    assert mentions(floor, Reader("guest", protected=0)) == []


def test_a_report_is_called_by_its_number_or_its_record(floor):
    row = mentions(floor, READER, "MU4-2026-17")[0].report
    assert mentions(floor, READER, row["record_id"].hex()[:10])[0].report == row
    with pytest.raises(UnknownRecord, match="no report MU4"):
        mentions(floor, READER, "MU4")
    with pytest.raises(UnknownRecord, match="no mention 77"):
        pick(mentions(floor, READER, "MU4-2026-17"), "77")
