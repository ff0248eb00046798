"""The reports desk: what speaks, what a person's word changes, what a later record takes back."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import JUDGEMENT, REPORT
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.reports.desk import DESK, about, fingerprint
from watchfloor.run import run

DAY = datetime(2026, 11, 20, tzinfo=UTC)
SHIP, ACCOUNT = "vessel:imo:9074729", "account:iban:FI2112345600000785"


def report(number=1, **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": "P-1",
        "source": "patrol",
        "origins": [],
        "observed_at": DAY + timedelta(hours=number),
        "marking": "PB//TLP:AMBER",
        "title": "Ferry landing",
        "author": "Marine unit 4",
        "reliability": "B",
        "credibility": "2",
        "subjects": [],
        "portions": [{"marking": None, "page": 3, "text": "It paid from the account."}],
        "mentions": [{"subject": ACCOUNT, "text": "FI21", "portion": 0, "start": 0, "how": "x"}],
        "text_from": "text",
        "delivery": bytes(32),
        "locator": "whole file",
    }
    return dict.fromkeys(REPORT.schema.names) | plain | columns


def judgement(of, verdict, number=50, subject=ACCOUNT, **columns):
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "source": "decisions",
        "observed_at": DAY + timedelta(hours=number),
        "marking": of["marking"],
        "subject": subject,
        "about": about(of),
        "verdict": verdict,
        "basis": fingerprint(of, subject),
        "why": "the statement shows it",
        "decided_by": "analyst",
        "delivery": bytes(32),
        "locator": "typed in",
    }
    return dict.fromkeys(JUDGEMENT.schema.names) | plain | columns


def history(*rows):
    tables = {
        "report": pa.Table.from_pylist([row for row in rows if "verdict" not in row], REPORT.schema),
        "judgement": pa.Table.from_pylist([row for row in rows if "verdict" in row], JUDGEMENT.schema),
    }
    return run(DESK, tables, Refs(bytes(32)))["signal"]


def standing(*rows):
    return net(history(*rows)).to_pylist()


def test_a_proposal_says_nothing():
    assert standing(report()) == []


def test_what_the_author_states_speaks_under_its_pair():
    (signal,) = standing(report(subjects=[SHIP]))
    assert (signal["rule"], signal["strength"], signal["subjects"]) == ("reported", "B2", [SHIP])
    assert signal["origins"] == ["P-1"]
    assert signal["evidence"] == [report()["record_id"]]
    said = Reason.load(signal["reason"])
    by = {"author": "Marine unit 4", "title": "Ferry landing", "report": "P-1"}
    assert said == Reason("reports.stated", {**by, "reliability": "B", "credibility": "2"})


@pytest.mark.parametrize(
    ("hypothesis", "rule"),
    [(None, "reported"), ("laundering", "reported.laundering"), ("Life at risk", "reported.life-at-risk")],
)
def test_the_rule_names_what_the_author_says_it_speaks_to(hypothesis, rule):
    assert standing(report(subjects=[SHIP], hypothesis=hypothesis))[0]["rule"] == rule


@pytest.mark.parametrize(
    ("reliability", "credibility", "strength"),
    [("A", "1", "A1"), (None, "2", "F2"), ("C", None, "C6"), (None, None, "F6")],
)
def test_what_nobody_judged_is_f_and_6(reliability, credibility, strength):
    (signal,) = standing(report(subjects=[SHIP], reliability=reliability, credibility=credibility))
    assert signal["strength"] == strength


def test_a_confirmed_mention_speaks_and_names_the_page():
    one = report()
    (signal,) = standing(one, judgement(one, "same"))
    assert signal["subjects"] == [ACCOUNT]
    assert len(signal["evidence"]) == 2
    why = Reason.load(signal["reason"])
    assert why.message == "reports.confirmed.page"
    assert (str(why.params["page"]), why.params["by"]) == ("3", "analyst")


@pytest.mark.parametrize("verdict", ["withdrawn", "different"])
def test_a_later_word_takes_it_back(verdict):
    one = report()
    rows = history(one, judgement(one, "same"), judgement(one, verdict, 51))
    assert not net(rows).num_rows
    (gone,) = last(rows).to_pylist()
    assert gone["retracted"]
    assert Reason.load(gone["reason"]).message == "reports.taken-back"
    assert judgement(one, verdict, 51)["record_id"] in gone["evidence"]


def test_what_the_author_states_can_be_refused_and_comes_back():
    one = report(subjects=[SHIP])
    refused = judgement(one, "different", subject=SHIP)
    assert standing(one, refused) == []
    assert len(standing(one, refused, judgement(one, "withdrawn", 51, SHIP))) == 1


def test_a_later_record_of_the_report_takes_its_place():
    signals = history(report(1, subjects=[SHIP]), report(2, subjects=[SHIP], reliability="D"))
    (stands,) = net(signals).to_pylist()
    assert (stands["strength"], stands["evidence"]) == ("D2", [report(2)["record_id"]])
    rows = history(report(1, subjects=[SHIP]), report(2))
    assert not net(rows).num_rows
    assert Reason.load(last(rows).to_pylist()[0]["reason"]).message == "reports.replaced"


def test_a_confirmation_holds_while_the_text_says_the_same():
    one = report(1)
    same = report(2, title="Amended")
    other = report(2, portions=[{"marking": None, "page": 3, "text": "Another account."}])
    assert len(standing(one, judgement(one, "same", 1), same)) == 1
    assert standing(one, judgement(one, "same", 1), other) == []


def test_a_report_without_a_number_is_known_by_its_record():
    one = report(report_key=None)
    assert about(one) == f"report:{one['record_id'].hex()}"
    (signal,) = standing(one, judgement(one, "same"))
    assert signal["origins"] == [one["record_id"].hex()]


def test_reports_of_two_sources_are_two_though_their_numbers_are_one():
    assert len(standing(report(1, subjects=[SHIP]), report(2, subjects=[SHIP], source="partner"))) == 2


def test_what_repeats_another_names_its_origin_and_the_marking_is_the_join():
    one = report(origins=["X-9"])
    (signal,) = standing(one, judgement(one, "same", marking="PA//TLP:RED"))
    assert signal["origins"] == ["X-9"]
    assert signal["marking"] == "PB//TLP:RED"


def test_judgements_about_listed_entities_are_none_of_its_business():
    assert standing(report(), judgement(report(), "same", about="SOR/2002-284:1")) == []
