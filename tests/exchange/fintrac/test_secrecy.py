"""That a report exists stays on its floor: no record, signal, bundle, exported log, disclosure or label."""

import json

import pytest
from tests.exchange.fintrac import made
from tests.exchange.fintrac.test_drafts import DRAFTER, approved, kept
from tests.exchange.nodes import (
    NOW,
    READER,
    WHO,
    assert_,
    floor,
    gateway,
    receive,
    send,
    signal,
    trusting,
)

from watchfloor.cell.weighing.weights import load
from watchfloor.core.kinds import KINDS
from watchfloor.core.results import RESULTS
from watchfloor.desks.finance.models.labels import ReportsAsLabelsError, refuse_reports
from watchfloor.desks.registry import desks
from watchfloor.exchange.bundles import offers
from watchfloor.exchange.crown import items
from watchfloor.exchange.fintrac import acts, drafts
from watchfloor.exchange.log import handover
from watchfloor.exchange.log.access import Access, access
from watchfloor.policy.gateway_check import tells_of_report
from watchfloor.policy.policy import Reader
from watchfloor.store.log import Act

ALL = Access("counsel", everything=True, reader=Reader("counsel", organisation="bank"))
PAYMENTS = gateway(fields={"payment": frozenset(KINDS["payment"].schema.names)} | gateway().fields)


@pytest.fixture
def two(tmp_path):
    """A bank that has submitted a report, and one with the same evidence that has none."""
    found = []
    for name in ("reported", "silent"):
        (tmp_path / name).mkdir()
        bank, ids = made.bank(tmp_path / name)
        assert_(bank, [signal(bank, 1, ids[:1], subjects=[made.OURS], marking="PB//TLP:RED")])
        found.append(bank)
    report = kept(found[0])
    approved(found[0])
    with found[0].writer(DRAFTER) as writer:
        one = drafts.Report.find(found[0], READER, report.id)
        day = one.approved["observed_at"].date()
        drafts.exported(found[0], writer, one, "json", one.data)
        drafts.submitted(found[0], writer, one, day, "2026-000123")
    return *found, report


def test_a_report_brings_no_record_and_changes_no_signal(two):
    reported, silent, _ = two
    for kind in KINDS:
        columns = [name for name in KINDS[kind].schema.names if name not in ("record_id", "delivery")]
        assert reported.read(kind, READER, columns=columns) == silent.read(kind, READER, columns=columns)
    assert reported.rows() == silent.rows()
    plain = [name for name in reported.signals(READER).column_names if name not in ("row_id", "evidence")]
    assert reported.signals(READER).select(plain) == silent.signals(READER).select(plain)
    assert len(reported.seen(READER)) == len(silent.seen(READER))


def test_no_bundle_holds_a_word_of_it(two, tmp_path):
    reported, _, report = two
    other = floor(tmp_path, "other", institution="police")
    trusting(reported, other)
    given = offers.offer(
        reported,
        READER,
        signals=reported.signals(READER),
        records={kind: reported.read(kind, READER) for kind in ("payment", "party")},
    )
    packed = send(reported, other, through=PAYMENTS, offered=given)
    for word in (report.id, "fintrac", "2026-000123", "money-laundering", "submitted"):
        assert word.encode() not in packed.data.lower()
    receive(other, packed.data, gateways={"toy": PAYMENTS}, now=NOW)
    assert other.acts_of(*acts.LIFE) == []
    assert not any(report.id in json.dumps(act.detail, default=str) for act in other.acts())


def test_an_exported_log_has_its_acts_as_leaves_even_for_who_reads_everything(two, tmp_path):
    reported, _, report = two
    reported.act(DRAFTER, "query", {"what": "fintrac list", "rows": 1})
    got = handover.export(reported, tmp_path / "out", ALL)
    text = (tmp_path / "out" / "log.jsonl").read_text("utf-8")
    assert "fintrac" not in text
    assert report.id not in text
    assert got.kept_back == 5
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == reported.position


def test_a_disclosure_of_a_case_has_none_of_its_acts(two):
    reported, _, _ = two
    found = items.gather(reported, READER, ALL, load(), frozenset({made.OURS, made.CLIENT}))
    assert any(item.kind == "payment" for item in found.items)
    assert not any(item.kind in acts.LIFE for item in found.items)
    assert not any(b"fintrac" in item.file for item in found.items)


def test_nothing_that_a_desk_reads_or_a_fit_learns_from_says_so():
    names = {*KINDS, *RESULTS, *(name for kind in KINDS.values() for name in kind.schema.names)}
    names |= {read for desk in desks().values() for read in desk.reads}
    assert not {name for name in names if tells_of_report(name) or "fintrac" in name}


def test_which_acts_tell():
    def act(name, detail):
        return Act(1, NOW, name, WHO, detail, b"")

    for name in acts.LIFE:
        assert acts.tells(act(name, None))
    assert acts.tells(act("query", {"what": "fintrac show"}))
    assert not acts.tells(act("query", {"what": "leads"}))
    assert not acts.tells(act("query", None))
    assert not acts.tells(act("disclosed", {"what": "fintrac"}))
    assert access is not None


@pytest.mark.parametrize(
    "origin",
    [
        *("STR", "str filed", "a suspicious transaction report", "SAR 2026", "reportFiled", "report_filed"),
        *("filed reports", "FINTRAC", "CANAFE 2025", "DOD", "déclaration déposée", "goAML export", "LPEPR"),
        *("opérations douteuses", "STRs", "reports-submitted", "report made to the unit"),
    ],
)
def test_labels_from_filed_reports_are_refused(origin):
    with pytest.raises(ReportsAsLabelsError, match=r"PCMLTFA s\. 8"):
        refuse_reports(["convicted", origin])


@pytest.mark.parametrize("origin", [None, "", " "])
def test_labels_without_an_origin_are_refused(origin):
    with pytest.raises(ReportsAsLabelsError, match="names no origin"):
        refuse_reports([origin])


def test_labels_by_what_was_found_are_taken():
    refuse_reports(
        [
            "R. v. Example, convicted",
            "investigation 7",
            "customer",
            "generator AMLSim",
            "strange",
            "charges filed",
        ]
    )
