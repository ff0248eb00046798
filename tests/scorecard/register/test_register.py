"""The lines of the package: of every sentence of the report, complete, and honest about their day."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.refusals import because

from watchfloor.scorecard.claims import claims
from watchfloor.scorecard.computed import COMPUTED
from watchfloor.scorecard.departments import department, departments
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register import entry, fingerprint, line, register, sentences, state, unmatched

REPORT = Path(__file__).parents[4] / "shared" / "data" / "report" / "000_6b0f9d32bb2bd3fb.txt"
NEEDS_REPORT = pytest.mark.skipif(not REPORT.exists(), reason="needs the report in ../shared/data/report")
DAY, NOW = date(2025, 3, 4), date(2026, 11, 27)


@NEEDS_REPORT
def test_every_sentence_of_the_report_is_a_line_and_every_line_is_of_a_sentence():
    text = REPORT.read_text(encoding="utf-8")
    assert unmatched(text, [one.sha256 for one in register() if one.sentence is not None]) == ((), ())


@NEEDS_REPORT
def test_lines_have_the_number_of_their_sentence_and_the_order_of_the_report():
    numbered = list(enumerate(map(fingerprint, sentences(REPORT.read_text(encoding="utf-8")))))
    of_report = [one for one in register() if one.sentence is not None]
    assert sorted({(one.sentence, one.sha256) for one in of_report}) == numbered
    assert [one.sentence for one in of_report] == sorted(one.sentence for one in of_report)
    assert register()[: len(of_report)] == tuple(of_report)


@NEEDS_REPORT
def test_no_six_words_of_the_report_are_in_the_register():
    words = re.findall(r"\w+", REPORT.read_text(encoding="utf-8").casefold())
    theirs = {tuple(words[n : n + 6]) for n in range(len(words) - 5)}
    for one in register():
        texts = [one.says.en, *(it.what.en for it in one.evidence), *(it.en for it in one.found)]
        own = [re.findall(r"\w+", text.casefold()) for text in texts]
        ours = {tuple(text[n : n + 6]) for text in own for n in range(len(text) - 5)}
        assert not theirs & ours, one.id


def test_what_print_differs_in_is_not_in_a_fingerprint():
    plain, printed = 'He said - "it\'s so".', "  HE said — “it’s\u00a0so”. "
    assert fingerprint(plain) == fingerprint(printed) != fingerprint("He said it.")


def test_a_sentence_ends_after_its_quotation_mark_and_not_at_an_abbreviation_before_a_small_letter():
    text = 'The U.S. side said "no." Then it paid $1.3 billion.\n"Why?" He left. \n\nHe left.\n'
    assert sentences(text) == (
        'The U.S. side said "no."',
        "Then it paid $1.3 billion.",
        '"Why?"',
        "He left.",
    )


def test_each_line_has_a_department_and_who_is_asked_knows_what_for():
    for one in register():
        assert department(one.department).name.fr
        assert one.kind == "context" or one.data_call
    assert {one.department for one in register()} - {"PCO"} <= departments().keys()


def test_lines_that_are_computed_name_what_computes_them():
    named = [one.claim for one in register() if one.claim]
    assert named == ["fentanyl-north", "crossings-share", "crossings-fall", "crossings-99", "crossings-98"]
    assert set(named) <= claims().keys()
    named = [one.computed for one in register() if one.computed]
    assert sorted(named) == sorted(COMPUTED)
    assert not [one.id for one in register() if one.claim and one.computed]


def test_the_claim_and_its_line_have_one_department():
    for one in register():
        if one.claim:
            assert one.department == claims()[one.claim].department


@pytest.mark.parametrize(
    ("ids", "announced"),
    [
        ("13", 10_000),
        ("14a", 15),
        ("14b", 100),
        ("14c", 9),
        ("14d", 50),
        ("14e", 30),
        ("15b", 4),
        ("18a", 524),
        ("10a", 7),
        ("22a", 2),
        ("20b", 6),
        ("7", 1.3e9),
        ("8", 2e8),
    ],
)
def test_the_numbers_of_the_report_are_announced_on_its_day(ids, announced):
    assert line(entry(ids), DAY).announced == announced


def test_uncheckable_lines_say_why():
    uncheckable = [one for one in register() if one.kind == "uncheckable"]
    assert {"3", "4", "6"} <= {one.id for one in uncheckable}
    for one in uncheckable:
        assert one.found[0].en.startswith("Cannot be checked")
        assert one.found[0].fr.startswith("Ne peut pas être vérifié")


@pytest.mark.parametrize("on", [date(2024, 1, 1), date(2025, 1, 20), DAY, date(2025, 6, 1), NOW])
def test_nothing_is_known_before_its_day(on):
    for one in register():
        shown = line(one, on)
        assert all(it.day <= on for it in shown.evidence)
        later = [it for it in one.found if it.day and it.day > on]
        assert not [it for it in later if shown.found and it.en in shown.found.en]
        if one.announced_on and one.announced_on > on:
            assert (shown.announced, shown.state) == (None, "")


def test_helicopters_as_they_became_known():
    known = [line(entry("15b"), on).in_service for on in (date(2025, 1, 22), DAY, date(2025, 8, 1), NOW)]
    assert known == [None, 2, 3, 3]
    assert state(entry("15b"), NOW) == "announced"
    assert "3 of 4 Black Hawk helicopters" in line(entry("15b"), NOW).found.en
    assert "contradicts" not in line(entry("15b"), DAY).found.en
    assert "contradicts" in line(entry("15b"), NOW).found.en


def test_what_no_document_says_is_not_guessed():
    for ids in ("13", "14a", "14b", "14c", "14d", "14e", "15c", "17"):
        shown = line(entry(ids), NOW)
        assert (shown.state, shown.delivered, shown.in_service) == ("no-evidence", None, None)
        assert "o evidence" in shown.found.en
        assert "ucune preuve" in shown.found.fr


def test_two_precursors_were_promised_then_announced_then_controlled():
    on = date(2025, 6, 22)
    states = [state(entry("22a"), day) for day in (DAY, on - timedelta(1), on, date(2025, 7, 20))]
    assert states == ["announced", "announced", "delivered", "in-service"]


def test_money_of_six_years_is_late_only_after_them():
    assert state(entry("7"), date(2030, 3, 31)) == "announced"
    assert state(entry("7"), date(2030, 4, 1)) == "late"


def test_french_is_written_as_french_is():
    """As in Canada: a space that does not break before a colon and a per cent sign, none before ; ! and ?."""
    for one in register():
        texts = [one.says, one.unit, one.data_call, *(it.what for it in one.evidence), *one.found]
        for text in [*texts, *one.not_comparable]:
            if text is not None:
                assert not re.search(r"'|(?<!\u00a0):(?=\s|$)|\s[;!?]| [%$]", text.fr), (one.id, text.fr)


def test_addresses_are_of_public_bodies():
    bodies = (
        r"https?://([a-z.-]+\.)?(canada\.ca|gc\.ca|rcmp\.ca|ourcommons\.ca|cbsa-asfc\.gc\.ca|scio\.gov\.cn)/"
    )
    for one in register():
        for cited in one.evidence:
            assert not cited.address or re.match(bodies, cited.address), cited.address


def test_a_line_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(
        WrongQuestion, check=because("register.entry-unknown-line", id="14f", near="; did you mean '14e'?")
    ):
        entry("14f")
    with pytest.raises(
        WrongQuestion,
        check=because("register.entry-no-department", code="RCPM", near="; did you mean 'RCMP'?"),
    ):
        department("RCPM")
