"""Two hundred names against the lists of the United Nations and of the Criminal Code, with answers known.

A half has fifty listed names, changed as people change them or in their own script, and fifty of nobody
listed.
Entities are divided by a hash of their id: what was set was set on DEVELOPMENT, and TEST is held out.
"""

import os
from pathlib import Path

import pytest
from benchmarks.listings.questions import latin_only, questions

from watchfloor.desks.listings.screener import Query, Screener
from watchfloor.reference.listings import read

DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))
NEEDED = [DATA / "lists" / "un_consolidated.xml", DATA / "law" / "SOR-2002-284@2026-07-23.xml"]
NOT_LISTED = ("weak alias", "other birth date", "benign collision")
"""Groups of questions that ask for something else than a listed name."""
EACH = 50

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not all(one.exists() for one in NEEDED), reason="needs ../shared/data/lists and law"),
]


@pytest.fixture(scope="module")
def asked_and_screener():
    published = read(NEEDED)
    return questions(published, each=5, latin=60, other=60), Screener.build(latin_only(published))


def spread(found):
    """Fifty of them, as far apart as may be."""
    return found[:: len(found) // EACH][:EACH]


@pytest.mark.parametrize("half", ["development", "test"])
def test_of_a_hundred_names_ninety_five_are_answered_right(asked_and_screener, half):
    asked, screener = asked_and_screener
    mine = [one for one in asked if one.half == half]
    listed = spread([one for one in mine if one.truth and one.group not in NOT_LISTED])
    nobody = spread([one for one in mine if not one.truth and one.group == "unrelated"])
    assert len(listed) == len(nobody) == EACH
    wrong = []
    for one in (*listed, *nobody):
        hits = screener.screen(Query("", one.name, one.birth_date, None, one.schema))
        found = {hit.entity_id for hit in hits if hit.tier != "none"}
        matched = any(hit.tier == "match" for hit in hits)
        if (one.truth not in found) if one.truth else matched:
            wrong.append((one.group, one.name, one.base))
    assert len(wrong) <= 5, wrong
    assert not any(group == "unrelated" for group, *_ in wrong), wrong
