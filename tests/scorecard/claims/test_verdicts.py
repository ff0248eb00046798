"""The verdict from figures alone: how many definitions must be computed before any speaks for the claim."""

import pytest

from watchfloor.scorecard.bilingual import same
from watchfloor.scorecard.claims import claims
from watchfloor.scorecard.claims.verdicts import verdict
from watchfloor.scorecard.findings import Figure

CLAIM = claims()["crossings-share"]


def of(*answers):
    """The verdict on figures that hold (True), fail (False), are open (None) or cannot be computed ("")."""
    figures = [
        Figure(str(n), same(str(n)), "share", None, same("not published"))
        if one == ""
        else Figure(str(n), same(str(n)), "share", 0.1, same("10 %"), holds=one)
        for n, one in enumerate(answers)
    ]
    return verdict(CLAIM, figures)[0]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ((True, True), "holds"),
        ((False, False), "fails"),
        ((True, False), "definition-dependent"),
        ((True, False, None), "definition-dependent"),
        ((True, None), "open"),
        ((None, None), "open"),
        (("", ""), "not-computed"),
        ((True, ""), "holds"),
        ((True, "", ""), "not-computed"),
        ((True, False, "", "", ""), "not-computed"),
        ((True, True, True, "", ""), "holds"),
    ],
)
def test_a_verdict_is_of_what_was_computed_where_that_is_half_or_more(answers, found):
    assert of(*answers) == found
