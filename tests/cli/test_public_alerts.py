"""A public alert from the watch: what goes out is what a person typed and released, and nothing else does."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from tests.cli.test_acting import call, floor, lead, lines, made
from tests.formats.alerts import SENDER, info, message

from watchfloor.formats.alerts import cap

__all__ = ["floor", "lead", "made"]

STATED = ("--released", "Insp. Roy: lives on the ice", "--purpose", "life and safety")
LAW = ("--authority", "Emergency Measures Act s. 2")
WORDS = (
    *("Ice jam", "--event-fr", "Embâcle", "--headline", "Stay off", "--headline-fr", "Restez au loin"),
    *("--area", "Emerson", "--area-fr", "Emerson, Manitoba", "--place", "49.0,-97.2,4000"),
)


def announce(*more, code=0):
    return call("cases", "watch", "announce", *WORDS, *STATED, *LAW, *more, code=code)


def rows(path):
    pieces = list(cap.read(BytesIO(path.read_bytes()), path.name))
    return [row for piece in pieces for row in piece.rows.to_pylist()]


def test_an_alert_is_written_logged_updated_and_ended(floor, tmp_path):
    announce("--minutes", 60, "--urgency", "immediate", "-o", tmp_path / "a.xml")
    english, french = rows(tmp_path / "a.xml")
    assert (english["event"], french["event"]) == ("Ice jam", "Embâcle")
    assert (english["status"], english["scope"], english["message_type"]) == ("actual", "public", "alert")
    assert english["areas"][0]["circles"] == ["49.00000,-97.20000 4.000"]
    shown = lines("cases", "watch", "public")
    assert [one["headline"] for one in shown] == ["Stay off"]
    assert [one["marking"] for one in shown] == ["U//TLP:CLEAR"]
    acts = [act for act in lines("floor", "log", "show") if act["act"] == "disclosed"]
    assert [act["detail"]["test"] for act in acts] == ["Insp. Roy: lives on the ice"]

    announce("--replaces", english["identifier"], "--headline", "Ice moves", "-o", tmp_path / "b.xml")
    update, _ = rows(tmp_path / "b.xml")
    assert (update["message_type"], update["replaces"]) == ("update", [english["message"]])
    assert [one["headline"] for one in lines("cases", "watch", "public")] == ["Ice moves"]
    announce("--replaces", update["identifier"], "--cancel", "-o", tmp_path / "c.xml")
    assert rows(tmp_path / "c.xml")[0]["message_type"] == "cancel"
    assert lines("cases", "watch", "public") == [{"alerts": 0}]
    assert lines("floor", "verify")[-1]["whole"] is True


def test_a_test_is_never_in_force(floor, tmp_path):
    announce("--test", "-o", tmp_path / "a.xml")
    assert rows(tmp_path / "a.xml")[0]["status"] == "test"
    assert lines("cases", "watch", "public") == [{"alerts": 0}]


def test_a_lead_that_is_not_for_everybody_stops_it_and_nothing_is_written(lead, floor, tmp_path):
    told = announce("--about", lead, "-o", tmp_path / "a.xml", code=3).stderr
    assert lead in told
    assert not (tmp_path / "a.xml").exists()
    assert not [act for act in lines("floor", "log", "show") if act["act"] == "disclosed"]


@pytest.mark.parametrize("left", [("--released", ""), ("--authority", "none stated"), ("--cancel",)])
def test_without_a_statement_a_law_or_what_ends_there_is_none(floor, left):
    announce(*left, code=2 if left[0] == "--authority" else 3)


def test_alerts_of_files_of_any_name_are_of_one_feed_so_that_a_cancellation_finds_its_alert(floor, tmp_path):
    sent = datetime.now(UTC).replace(microsecond=0)
    times = {"sent": sent.isoformat(), "identifier": "EX-1"}
    until = {"effective": None, "expires": (sent + timedelta(days=1)).isoformat()}
    (tmp_path / "one.xml").write_bytes(message(info(**until), **times))
    call("ingest", tmp_path / "one.xml")
    (shown,) = lines("cases", "watch", "public")
    assert (shown["source"], shown["marking"]) == ("cap", "U//TLP:CLEAR")
    end = times | {"identifier": "EX-2", "references": f"{SENDER},EX-1,{times['sent']}"}
    (tmp_path / "other.xml").write_bytes(message(msgType="Cancel", **end))
    call("ingest", tmp_path / "other.xml")
    assert lines("cases", "watch", "public") == [{"alerts": 0}]
