"""Property reports: only after a person decided, with the clock, the property held, and what law was read."""

from datetime import timedelta

import pytest
from tests.exchange.fintrac import made
from tests.exchange.fintrac.made import CLIENT, START, judgement, listing
from tests.exchange.nodes import NOW, READER, keep
from tests.refusals import refused

from watchfloor.core.kinds import JUDGEMENT, LISTING
from watchfloor.exchange.fintrac import clock, drafts, holdings


@pytest.fixture
def bank(tmp_path):
    one, _ = made.bank(tmp_path)
    keep(one, [listing(), listing("SOR/2002-284", "E-2", "Zarbek T.")], LISTING)
    return one


def decided(one, *rows):
    keep(one, list(rows), JUDGEMENT)
    return one


def match(one, about=None, now=NOW):
    return holdings.confirmed(one, READER, CLIENT, about, now)


def drafted(one, about=None, action="Accounts frozen."):
    found = match(one, about)
    held = holdings.evidence(one, READER, found)
    return found, holdings.draft(found, held, made.ENTITY, action, "A. Oll", "0123456789ab")


def test_a_resembling_name_is_no_match(bank):
    refused("fintrac.no-match-confirmed", match, bank)


@pytest.mark.parametrize(
    "rows",
    [
        [judgement(verdict="different")],
        [judgement(), judgement(verdict="withdrawn", at=START + timedelta(1))],
        [judgement(expires_at=START + timedelta(1))],
        [judgement(subject="person:bank:99")],
    ],
)
def test_what_nobody_decided_or_somebody_undid_is_no_match(bank, rows):
    refused("fintrac.no-match-confirmed", match, decided(bank, *rows))


def test_two_entities_want_a_word_which(bank):
    decided(bank, judgement(), judgement("SOR/2002-284:E-2"))
    refused("fintrac.several-matches", match, bank)
    assert match(bank, "SOR/2002-284:E-2").duty.paragraph == "7.1(1)(a)"


def test_a_listing_that_is_gone_is_told(bank):
    refused("fintrac.listing-gone", match, decided(bank, judgement("SOR/2014-58:E-9")))
    decided(bank, judgement("person:other:1"))
    refused("fintrac.listing-gone", match, bank)


def test_property_accounts_and_transactions_are_those_of_the_floor(bank):
    found, report = drafted(decided(bank, judgement()))
    assert [one["accountNumber"] for one in report.document["property"]] == ["1001"]
    assert [one["amount"] for one in report.document["transactions"]] == ["9500.00", "9800.00", "18000.10"]
    assert report.document["listedPersonOrEntity"]["nameAsHeld"] == "Tolunay, Zarbek"
    assert [gap.pointer for gap in report.gaps] == ["/property/0/value"]
    assert drafts.untraced(report) == []
    cited = {source for sources in report.traces.values() for source in sources}
    assert found.judgement.cite("observed_at") in cited


def test_the_clock_runs_since_the_decision_and_says_what_was_read(bank):
    found, report = drafted(decided(bank, judgement()))
    started = clock.started(found.judgement.row, found.duty)
    assert started["since"] == START.isoformat()
    assert report.document["ground"]["law"] == "SOR/2014-58, s. 7(1)"
    assert report.document["ground"]["says"] == "“disclose without delay”"
    told = clock.sentence(started).render("en")
    assert "it is due immediately: the clock has run since 2026-11-20" in told
    assert "PCMLTFA s. 7.1(1)(c)" in told
    assert "B. Oduya" in clock.sentence(started).render("fr")


def test_where_nothing_is_held_a_person_names_it(bank):
    decided(bank, judgement(subject="person:bank:99"))
    found = holdings.confirmed(bank, READER, "person:bank:99", None, NOW)
    held = holdings.evidence(bank, READER, found)
    report = holdings.draft(found, held, made.ENTITY, "", "A. Oll", "x")
    assert [gap.pointer for gap in report.gaps] == ["/property", "/actionTaken/description"]
    assert drafts.untraced(report) == []


@pytest.mark.parametrize(
    ("list_", "title", "paragraph"),
    [
        ("SOR/2002-284", None, "a"),
        ("UN", None, "b"),
        ("SOR/2099-1", "Regulations Implementing the United Nations Resolutions on Ruritania", "b"),
        ("SOR/2022-226", None, "c"),
        ("SOR/2099-2", "Special Economic Measures (Ruritania) Regulations", "c"),
        ("SOR/2017-233", None, "d"),
    ],
)
def test_which_paragraph_an_instrument_leads_to(list_, title, paragraph):
    found = clock.duty(list_, list_, title)
    assert found.paragraph == f"7.1(1)({paragraph})"
    assert "Justice Laws, current to 2026-03-26" in found.checked
    assert bool(found.says) is (list_ in clock.SECTIONS)
    assert found.says or "not checked" in found.checked or "was checked" in found.checked


def test_a_list_of_another_state_leads_nowhere():
    refused("fintrac.no-duty", clock.duty, "OFAC-SDN", "OFAC-SDN", "Specially Designated Nationals")
