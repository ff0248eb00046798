"""The life of a report in the log: drafted, edited, approved by another, exported, submitted; refusals."""

import json
from datetime import timedelta

import pytest
from tests.exchange.fintrac import made
from tests.exchange.nodes import NOW, READER
from tests.refusals import refused

from watchfloor.exchange.fintrac import acts, drafts, entity, evidence, schema
from watchfloor.exchange.fintrac.drafting import Drafted
from watchfloor.exchange.fintrac.drafts import Report
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor

SCHEMA = schema.load(made.SCHEMA)
DRAFTER = Actor("A. Oll", "reporting", "PCMLTFA s. 7")
APPROVER = Actor("B. Oduya", "reporting", "PCMLTFA s. 7")
METHOD = "/transactions/0/suspiciousTransactionDetails/methodCode"


@pytest.fixture
def bank(tmp_path):
    return made.bank(tmp_path)[0]


def gathered(one):
    ids = one.read("payment", READER)["record_id"].to_pylist()
    return evidence.gather(one, READER, ids)


def kept(one, by=DRAFTER, said=made.SAID, **changed):
    found = gathered(one)
    id_ = drafts.number(one, by.name, NOW)
    content = made.drafted(found, said)
    for name, value in changed.items():
        setattr(content, name, value)
    with one.writer(by) as writer:
        drafts.keep(one, writer, id_, content, found)
    return Report.find(one, READER, id_)


def approved(one, by=APPROVER, edition=None, given=SCHEMA, why="the grounds are reasonable"):
    (report,) = Report.read(one, READER).values()
    with one.writer(by) as writer:
        drafts.approve(one, writer, report, edition or report.edition, given, why)
    return Report.find(one, READER, report.id)


def edited(one, *changes, by=DRAFTER, why="the branch says so"):
    (report,) = Report.read(one, READER).values()
    with one.writer(by) as writer:
        drafts.edit(one, writer, report, changes, why)
    return Report.find(one, READER, report.id)


def test_a_draft_is_kept_as_it_was_made(bank):
    report = kept(bank)
    again = made.drafted(gathered(bank))
    assert report.content == again
    assert report.state == "drafted"
    assert len(report.rests_on) == 6
    assert json.loads(report.data) == again.document


def test_it_is_edited_with_why_and_each_edit_is_traced_to_who_made_it(bank):
    kept(bank)
    report = edited(bank, (METHOD, 12), by=APPROVER)
    assert report.edition == 2
    assert report.content.traces[METHOD] == ("stated:B. Oduya",)
    assert drafts.untraced(report.content) == []
    assert report.drafted_by == ("A. Oll", "B. Oduya")
    assert bank.acts_of(acts.DRAFTED)[-1].detail["why"] == "the branch says so"


def test_a_stated_fact_fills_what_was_missing(bank):
    from dataclasses import replace

    report = kept(bank, said=replace(made.SAID, action=""))
    assert report.state == "incomplete"
    refused("fintrac.incomplete", approved, bank)
    report = edited(bank, ("/actionTaken/description", "The account was closed."))
    assert report.state == "drafted"
    assert approved(bank).state == "approved"


def test_another_person_approves_what_is_complete_valid_and_read(bank):
    kept(bank)
    refused("fintrac.same-person", approved, bank, by=DRAFTER)
    refused("fintrac.same-person", approved, bank, by=Actor(" a.  OLL", "x", "y"))
    refused("cell.empty-text", approved, bank, why=" ")
    edited(bank, (METHOD, 12))
    refused("fintrac.stale", approved, bank, edition=1)
    edited(bank, (METHOD, "online"))
    refused("fintrac.invalid", approved, bank)
    edited(bank, (METHOD, 12))
    report = approved(bank)
    assert report.approved["schema_sha256"] == SCHEMA.digest
    refused("fintrac.approved-already", approved, bank, by=Actor("C", "x", "y"))
    refused("fintrac.approved-already", edited, bank, (METHOD, 1))


def test_a_field_that_nobody_can_trace_keeps_it_from_approval(bank):
    content = made.drafted(gathered(bank))
    kept(bank, traces={k: v for k, v in content.traces.items() if k != METHOD})
    refused("fintrac.untraced", approved, bank)


def test_an_edit_that_leads_nowhere_or_says_nothing_is_refused(bank):
    kept(bank)
    refused("fintrac.no-such-field", edited, bank, ("/transactions/9/x", 1))
    refused("cell.empty-text", edited, bank, (METHOD, 1), why="")


def test_only_what_is_approved_is_exported_and_submitted(bank):
    report = kept(bank)
    with bank.writer(DRAFTER) as writer:
        refused("fintrac.not-approved", drafts.exported, bank, writer, report, "json", b"")
        refused("fintrac.not-approved", drafts.submitted, bank, writer, report, made.DAY, "1")
    report = approved(bank)
    day = report.approved["observed_at"].date()
    with bank.writer(DRAFTER) as writer:
        drafts.exported(bank, writer, report, "json", report.data)
        early = day - timedelta(1)
        refused("fintrac.submitted-early", drafts.submitted, bank, writer, report, early, "1")
        refused("cell.empty-text", drafts.submitted, bank, writer, report, day, " ")
        drafts.submitted(bank, writer, report, day, "2026-000123")
    report = Report.find(bank, READER, report.id)
    assert report.state == "submitted"
    assert report.submitted["reference"] == "2026-000123"
    assert report.submitted["by"] == "A. Oll"


def test_who_may_not_see_what_it_rests_on_sees_no_report(bank):
    kept(bank)
    assert Report.read(bank, Reader("clerk", purpose="x", protected=0)) == {}


@pytest.mark.parametrize(
    ("institution", "said"), [("joint-cell", "never-in-a-cell"), ("laboratory", "no-reporting-entity")]
)
def test_no_other_floor_drafts_a_report(tmp_path, institution, said):
    one, _ = made.bank(tmp_path, institution=institution)
    refused(f"fintrac.{said}", kept, one)
    refused(f"fintrac.{said}", entity.refuse_elsewhere, one)
    assert one.acts_of(*acts.LIFE) == []


def test_nothing_chosen_and_what_was_replaced(bank):
    refused("fintrac.nothing-chosen", evidence.gather, bank, READER)
    refused("fintrac.no-signal", evidence.gather, bank, READER, (), (), ("ab",))
    (old, *_) = made.keep_payments(bank, [made.payment(7)])
    (new,) = made.keep_payments(bank, [made.payment(7, amount=5)])
    refused("fintrac.payment-replaced", evidence.gather, bank, READER, [old])
    refused("fintrac.payment-replaced", evidence.gather, bank, READER, [old, new])
    assert [one["amount"] for one in evidence.gather(bank, READER, [new]).payments] == [5]


def test_a_schema_that_points_elsewhere_or_is_none_is_refused(tmp_path):
    for text in (
        "{",
        '{"type": 7}',
        '{"$ref": "https://example.org/x.json"}',
        '{"$ref": "file:///etc/passwd"}',
    ):
        (tmp_path / "s.json").write_text(text, encoding="utf-8")
        refused("fintrac.bad-schema", schema.load, tmp_path / "s.json")


def test_an_entity_file_is_checked(tmp_path):
    from watchfloor.formats.settings import SettingsError

    refused("fintrac.no-entity-file", entity.load, tmp_path / "x.toml")
    for text, said in (
        ('number = "x"', "number"),
        ('time_zone = "Mars"', "time_zone"),
        ("nmber = 1", "nmber"),
    ):
        (tmp_path / "x.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=said):
            entity.load(tmp_path / "x.toml")


def test_a_content_is_plain():
    assert isinstance(made.drafted(), Drafted)
