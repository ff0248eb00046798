"""Which public alerts are in force: what counts, what was replaced, what may cost lives, and for whom."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pyarrow as pa
import pytest
from tests.formats.alerts import SENDER, info, message

from watchfloor.casework.watch.public_alerts import in_force
from watchfloor.core.kinds import PUBLIC_ALERT
from watchfloor.formats.alerts import cap
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

ME = Actor("anna", "testing", "none")
NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
CLEAR = "U//TLP:CLEAR"


@pytest.fixture
def kept(tmp_path):
    """Keep messages on a floor and return what is in force: `kept(*messages)`, of the feed alert-ready."""
    floor = Floor.create(tmp_path / "floor", ME, ceiling="PB//TLP:RED")

    def keep(*messages, now=NOW, language="en", reader=None, feed="alert-ready", marking=CLEAR):
        for data in messages:
            (batch,) = cap.read(BytesIO(data), "a.xml")
            rows = [row | {"marking": marking, "source": feed} for row in batch.rows.to_pylist()]
            table = pa.Table.from_pylist(rows, PUBLIC_ALERT.schema.remove(0)).drop_columns(["delivery"])
            with floor.writer(ME) as writer:
                writer.append(PUBLIC_ALERT, table, source=feed, original=data)
        return in_force(floor, reader or floor.reader("anna", "testing"), now, language)

    return keep


def headlines(found):
    return [one.row["headline"] for one in found]


def test_an_alert_holds_until_it_expires_and_is_said_in_the_readers_language(kept):
    data = message(info(), info(language="fr-CA", headline="Embâcle"))
    assert headlines(kept(data)) == ["Ice jam warning"]
    assert headlines(kept(language="fr")) == ["Embâcle"]
    assert headlines(kept(now=datetime(2026, 12, 2, 1, 59, tzinfo=UTC))) == ["Ice jam warning"]
    assert not kept(now=datetime(2026, 12, 2, 2, tzinfo=UTC))
    assert not kept(now=NOW - timedelta(hours=2)), "nobody had sent it"


def test_one_that_does_not_say_when_it_ends_holds_a_day(kept):
    assert kept(message(info(expires=None)))
    assert not kept(now=NOW + timedelta(days=1))


@pytest.mark.parametrize("status", ["Exercise", "System", "Test", "Draft"])
def test_what_is_not_actual_never_counts(kept, status):
    assert not kept(message(info(), status=status))


@pytest.mark.parametrize("kind", ["Ack", "Error"])
def test_an_answer_is_no_alert(kept, kind):
    assert not kept(message(info(), msgType=kind))


SENT = "2026-12-01T08:00:00-06:00"
FIRST = f"{SENDER},EX-2026-1,{SENT}"
LATER = {"identifier": "EX-2026-2", "sent": "2026-12-01T14:30:00+00:00", "references": FIRST}


def test_an_update_takes_the_place_of_what_it_names_and_a_cancellation_ends_it(kept):
    update = message(info(headline="Still an ice jam"), msgType="Update", **LATER)
    assert headlines(kept(message(info()), update)) == ["Still an ice jam"]
    assert headlines(kept(now=datetime(2026, 12, 1, 14, 15, tzinfo=UTC))) == ["Ice jam warning"], "before it"
    end = LATER | {"identifier": "EX-2026-3", "references": f"{FIRST} {SENDER},EX-2026-2,{LATER['sent']}"}
    assert not kept(message(msgType="Cancel", **end))


def test_another_feed_an_exercise_and_a_later_alert_take_no_ones_place(kept):
    kept(message(info()))
    kept(message(msgType="Cancel", **LATER), feed="stranger")
    kept(message(msgType="Cancel", status="Exercise", **LATER))
    found = kept(message(info(headline="Another"), msgType="Alert", **LATER))
    assert sorted(headlines(found)) == ["Another", "Ice jam warning"]


def test_the_same_message_by_two_feeds_is_one(kept):
    kept(message(info()))
    assert headlines(kept(message(info()), feed="copy")) == ["Ice jam warning"]


def test_life_at_risk_stands_first(kept):
    grave = {"identifier": "EX-2026-2"}
    kept(message(info(headline="Minor", severity="Minor", urgency="Immediate")))
    found = kept(
        message(info(headline="Grave", urgency="Expected", severity="Severe", certainty="Likely"), **grave)
    )
    assert [(one.row["headline"], one.life) for one in found] == [("Grave", True), ("Minor", False)]


def test_alert_ready_says_itself_what_interrupts_a_broadcast_and_an_all_clear_is_none(kept):
    name = "layer:SOREM:1.0:Broadcast_Immediately"
    told = f"<parameter><valueName>{name}</valueName><value>Yes</value></parameter>"
    (one,) = kept(message(info(severity="Minor", extra=told)))
    assert one.life
    (_, clear) = kept(message(info(responseType="AllClear"), identifier="EX-2026-9"))
    assert not clear.life


def test_what_a_reader_may_not_see_changes_nothing_for_them(kept):
    stranger = Reader("zoe", purpose="testing", protected=0, tlp=0)
    kept(message(info()))
    before = kept(reader=stranger)
    kept(message(msgType="Cancel", **LATER), marking="PB//TLP:RED")
    hidden = message(info(headline="Hidden"), identifier="EX-2026-9")
    assert kept(hidden, marking="PB//TLP:RED", reader=stranger) == before
    assert headlines(before) == ["Ice jam warning"]
