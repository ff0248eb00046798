"""What stands below and beside a picture: who published it, by when, and which months are an estimate."""

from datetime import date

import pytest

from watchfloor.scorecard.bilingual import days, listed, same
from watchfloor.scorecard.claims import claims
from watchfloor.scorecard.claims.check import check
from watchfloor.scorecard.evidence import of_package

ON = date(2026, 6, 2)


@pytest.fixture(scope="module")
def drawn():
    facts = of_package().facts
    return {name: check(facts, one, ON).plots[0] for name, one in claims().items()}


def test_below_a_picture_stands_who_published_it_and_by_when(drawn):
    assert drawn["fentanyl-north"].source.en == (
        "Source: US Customs and Border Protection, “Nationwide drug seizures”; editions public by "
        "31 October 2022 and 31 May 2026."
    )
    assert drawn["fentanyl-north"].source.fr.endswith("au plus tard le 31 octobre 2022 et le 31 mai 2026.")


def test_months_that_are_estimated_are_told_of_to_who_sees_and_to_who_does_not(drawn):
    fall = drawn["crossings-fall"]
    (estimate,) = (one for one in fall.curves if one.role == "expected")
    assert "our estimate, with its 90 % interval; no table held has these months." in fall.source.en
    assert f"{estimate.values[-1]:.0f}, 90 % interval {estimate.low[-1]:.0f} to" in fall.alt.en
    assert len({one.unit for one in fall.curves}) == 1
    assert fall.curves[0].unit.fr == "interceptions (indice)"


def test_texts_are_listed_as_sentences_list_them():
    assert [listed(map(same, text)).fr for text in ("", "a", "ab", "abc")] == ["", "a", "a et b", "a, b et c"]
    assert days([date(2025, 3, 4), date(2025, 4, 1)]).fr == "le 4 mars 2025 et le 1er avril 2025"
