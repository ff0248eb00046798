"""The sentences about a hit, as an officer reads them in French and in English."""

import re

import pytest

from watchfloor.core.messages import Reason, reason
from watchfloor.desks.listings.messages import CLEARED, CORRECTED, HITS, LEFT, REWORDED

EVERY = [*HITS.values(), CLEARED, CORRECTED, LEFT, REWORDED]
KNOWN = {
    "alias": "Al Qaida",
    "entity": "Al Qaida",
    "query": "Al Qaeda",
    "place": "DORS/2002-284, 2",
    "in_force": None,
    "birth_listed": "1971",
    "birth_asked": "1971-05-02",
    "country": "CA",
    "countries": "FR",
    "why": "passport seen",
}


def rendered(message, language):
    return reason(message, **{name: KNOWN.get(name, 7) for name in message.parameters}).render(language)


def test_an_unknown_day_reads_in_both_languages():
    for message in HITS.values():
        assert "date in force: unknown)" in rendered(message, "en")
        assert "jour d’entrée en vigueur\u00a0: inconnu)" in rendered(message, "fr")


def test_a_reason_of_an_earlier_wording_still_renders():
    params = dict.fromkeys(("alias", "entity", "query", "place", "score", "name", "common"), "x")
    kept = Reason("listings.hit.strong.kind.open.unsaid.body", {**params, "in_force": "2018-05-23"})
    assert "jour d’entrée en vigueur\u00a0: 2018-05-23" in kept.render("fr")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_apostrophes_and_spaces_are_of_one_kind(language):
    for message in EVERY:
        text = getattr(message, language)
        assert "'" not in text, message.id
        assert "  " not in text, message.id
        assert text.count("«") == text.count("»")


def test_french_elides_nothing_before_a_name_that_may_begin_with_a_vowel():
    before_a_name = r"\b(?:de|que|le|la) \{(?:entity|alias|query|name)\}"
    for message in EVERY:
        assert not re.search(before_a_name, message.fr), message.id
