"""Who is examined more than its rate is told, and who only seems to be is not."""

import numpy as np
from tests.planning.inspections.stream import declared, examined, rows

from watchfloor.planning.inspections.fairness import country_bits, groups
from watchfloor.planning.inspections.items import items
from watchfloor.planning.inspections.outcomes import outcomes


def test_a_country_that_is_examined_beyond_its_rate_is_told() -> None:
    """Of 3,000 parcels of three countries one in five is drawn evenly; an officer takes 600 more of one."""
    some = declared(3000)
    drawn = [
        examined(
            one["subject"], "nothing" if number % 25 else "finding", chance=0.2, document=one["document"]
        )
        for number, one in enumerate(some)
        if number % 5 == 0
    ]
    rest = [one for number, one in enumerate(some) if number % 5 and one["departure"] == "DE"]
    chosen = [examined(one["subject"], "nothing", document=one["document"]) for one in rest[:600]]
    found = groups(items(rows("declaration", some)), outcomes(rows("inspection", [*drawn, *chosen])))
    told = {one.name: one for one in found if one.by == "departure"}
    assert {name: one.told for name, one in told.items()} == {"DE": "more", "US": "less", "JP": "less"}
    assert told["DE"].burden == 0.76
    assert told["DE"].selection == 2
    whole = next(one for one in found if one.by == "stream")
    assert (whole.items, whole.selection, whole.told) == (3000, 1.0, "as")
    assert whole.true.rate == 0.2
    assert whole.examined == 1200


def test_a_group_without_known_chances_is_unknown() -> None:
    some = declared(30, departure="DE")
    acts = rows("inspection", [examined("parcel:hawb:H1", "finding", document="H1")])
    for one in groups(items(rows("declaration", some)), outcomes(acts)):
        assert one.told == "unknown"
        assert one.hits[0] == 1


def test_small_groups_are_put_together_and_nothing_gives_nothing() -> None:
    found = groups(items(rows("declaration", declared(30))), outcomes(rows("inspection", [])))
    assert {one.name for one in found if one.by == "departure"} == {"other"}
    assert groups(items(rows("declaration", [])), outcomes(rows("inspection", []))) == []


def test_the_last_act_stands_and_a_contradiction_is_counted() -> None:
    acts = [
        {"subject": "parcel:hawb:1", "state": "referred", "chance": 0.25},
        examined("parcel:hawb:1", "nothing"),
        examined("parcel:hawb:1", "finding"),
        examined("parcel:hawb:2", "inconclusive", chance=0.5),
        {"subject": "parcel:hawb:3", "state": "expired", "chance": 0.5},
    ]
    found = outcomes(rows("inspection", acts))
    at = found.subject.index("parcel:hawb:1")
    assert found.found[at]
    assert found.chance[at] == 0.25
    assert found.contradictory == 1
    assert found.examined.sum() == found.known.sum() == 1
    assert not found.open.any()


def test_the_most_that_a_country_moved_is_read_off_the_contributions() -> None:
    names = [["route", "mass"], ["goods"], ["route"]]
    assert country_bits(names, [[-0.5, 3.0], [2.0], [0.25]]) == 0.5
    assert country_bits([], []) == 0.0
    assert np.isfinite(country_bits([[]], [[]]))
