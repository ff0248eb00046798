"""Months of a claim that nobody has published yet: the nowcast, with the revisions that vintages show."""

from datetime import date
from itertools import pairwise

import numpy as np

from watchfloor.scorecard.claims import Claim
from watchfloor.scorecard.claims.measures import part_query
from watchfloor.scorecard.claims.worth import monthly
from watchfloor.scorecard.facts import Facts, Floats, Series
from watchfloor.scorecard.methods.nowcast import Nowcast, nowcast
from watchfloor.scorecard.methods.revisions import revised
from watchfloor.scorecard.queries import Query


def expected(every: Facts, claim: Claim, on: date) -> Nowcast:
    """The three months after the last published one, of the part of a claim.

    Args:
        every: facts of every vintage; those public later than the day are not used.
        claim: of a change.
        on: the day.

    Raises:
        Unanswerable: too few months are published, or one of them is missing.
    """
    query = part_query(claim.asked({}))
    ours = monthly(every.known(on), query).complete()
    return nowcast(ours, revised=_revised(every[query.series], query, on))


def _revised(one: Series, query: Query, on: date) -> Floats:
    """Past revisions of newest months, from each vintage to the next that has some of its months."""
    days = [day for day in one.vintages if day <= on]
    months = [monthly(Facts({one.name: one.of(day)}), query) for day in days]
    found = [revised(a, b) for a, b in pairwise(months) if a.last in b.months]
    return np.concatenate([np.zeros(0), *found])
