"""What changed in a week: each edition and each act is told in one week, and never in two."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.scorecard.tables import fact, made

from watchfloor.scorecard.changes import WEEK, changed

NOTHING = ((), ())
DAY = date(2025, 3, 10)
ACT = {"observed_at": datetime(2025, 3, 10, 12, tzinfo=UTC), "department": "RCMP", "line": "14a"}


def told(facts, on, acts=()):
    return " ".join(one.en for one in changed(facts, on, NOTHING, NOTHING, acts))


@pytest.mark.parametrize(("after", "there"), [(-1, False), (0, True), (6, True), (7, False)])
def test_an_edition_is_new_for_seven_days(after, there):
    facts = made(fact("2025-01", 5, vintage="2025-03-10", a="x"))
    on = DAY + timedelta(days=after)
    assert ("a new edition" in told(facts, on)) is there
    assert (
        "approved on 10 March 2025" in told(made(), on, [ACT | {"act": "approved", "until": None}])
    ) is there


@pytest.mark.parametrize(
    ("until", "says"),
    [(None, "embargo lifted"), (datetime(2025, 4, 1, tzinfo=UTC), "placed under embargo")],
)
def test_an_embargo_without_an_end_is_one_that_was_lifted(until, says):
    assert f"14a: {says} on 10 March 2025" in told(made(), DAY, [ACT | {"act": "embargoed", "until": until}])


def test_a_week_without_anything_says_so():
    assert told(made(), DAY + WEEK) == "Nothing changed in the seven days before 17 March 2025."
