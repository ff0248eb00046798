"""Orders: when they are in force, what holds them, what becomes of them, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.casework.removals.steps import NOW, ORDER, day, enforced, made, stay, stay_ended, step
from tests.thorough import draws

from watchfloor.casework.removals.clocks import clocks
from watchfloor.casework.removals.orders import fold, next_steps

DAY = timedelta(days=1)


def order(rows, on="2026-11-30", now=NOW):
    return fold(rows, day(on), now)[ORDER]


def problems(rows, on="2026-11-30"):
    return [one.message for one in order(rows, on).problems]


# When an order comes into force (s. 49).


@pytest.mark.parametrize(
    ("steps", "in_force", "section"),
    [
        ([made()], "2026-01-10", "49(1)(a)"),
        ([made(until="2026-02-09")], "2026-02-09", "49(1)(b)"),
        ([made(until="2026-03-25")], "2026-03-25", "49(1)(b)"),
        ([made(until="2026-03-26")], "2026-03-27", "49(1)(b)"),
        ([made("2026-04-10", until="2026-05-10")], "2026-05-11", "49(1)(b)"),
        ([made(until="2026-02-09"), step("appeal-filed", "2026-02-01", section="63(3)")], None, "49(1)(c)"),
        (
            [
                made(until="2026-02-09"),
                step("appeal-filed", "2026-02-01", section="63(3)"),
                step("appeal-dismissed", "2026-07-01", section="66(c)"),
            ],
            "2026-07-01",
            "49(1)(c)",
        ),
        ([made(claimant=True)], None, "49(2)"),
        ([made(), step("claim-made", "2026-01-10", section="99(3)")], None, "49(2)"),
    ],
)
def test_an_order_comes_into_force_as_section_49_says(steps, in_force, section):
    found = order(steps).in_force
    assert found == (in_force and day(in_force), section)


@pytest.mark.parametrize(
    ("name", "more", "before", "after"),
    [
        ("claim-ineligible", {"section": "101(1)(e)"}, 0, 0),
        ("claim-ineligible", {"section": "101(1)(c)"}, 7, 7),
        ("claim-rejected", {"section": "107(1)"}, 15, 15),
        ("claim-rejected", {"section": "107(1)", "until": 30}, 30, 31),
        ("claim-rejected", {"section": "107(1)", "until": 5}, 5, 15),
        ("claim-withdrawn", {"section": "168(2)"}, 15, 0),
        ("claim-abandoned", {"section": "168(1)"}, 15, 15),
    ],
)
def test_a_claimants_order_waits_as_the_words_of_its_day_say(name, more, before, after):
    for decided, waits in ((date(2026, 2, 10), before), (date(2026, 4, 10), after)):
        told = dict(more)
        if "until" in told:
            told["until"] = decided + told["until"] * DAY
        rows = [made(), step("claim-made", "2026-01-10", section="99(3)"), step(name, decided, **told)]
        assert order(rows).in_force.day == decided + waits * DAY


# Holds.


def test_a_hold_wins_over_a_warrant_and_over_everything():
    rows = [made(), step("warrant-issued", "2026-03-01", section="55(1)", reference="W")]
    assert order(rows).stage == "wanted"
    held = [*rows, step("hold-placed", "2026-04-01", section="48(2)", reference="H")]
    assert (order(held).stage, order(held).enforceable) == ("monitoring", False)
    assert "enforced" not in next_steps(order(held))
    both = [*held, stay("2026-04-02")]
    assert order(both).stage == "stay"
    lifted = [*both, stay_ended("2026-05-01"), step("hold-lifted", "2026-05-02", section="48(2)", of="H")]
    assert order(lifted).enforceable
    assert "enforced" in next_steps(order(lifted))


def test_one_stay_of_two_still_stays():
    rows = [made(), stay("2026-02-01", "A"), stay("2026-02-02", "B"), stay_ended("2026-02-10", "A")]
    assert [one.ref for one in order(rows).holds()] == ["B"]


@pytest.mark.parametrize(
    ("section", "kind"),
    [("50(b)", "statutory"), ("R232", "statutory"), ("50(c)", "judicial"), ("50(e)", "administrative")],
)
def test_a_stay_is_of_the_kind_that_its_section_makes_it(section, kind):
    assert order([made(), stay("2026-02-01", section=section)]).holds()[0].name == kind


def test_an_offer_of_a_risk_assessment_stays_until_it_is_refused_or_not_taken_up():
    offered = [made(), step("risk-offered", "2026-02-01", section="R160(3)", until="2026-02-16")]
    assert order(offered, "2026-02-16").stage == "stay"
    assert order(offered, "2026-02-17").enforceable
    applied = [*offered, step("risk-applied", "2026-02-10", section="112(1)")]
    assert order(applied).stage == "stay"
    refused = [*applied, step("risk-refused", "2026-05-01", section="113")]
    assert order(refused).enforceable


def test_a_protected_person_is_not_removed():
    rows = [
        made(),
        step("risk-offered", "2026-02-01", section="R160(3)"),
        step("risk-allowed", "2026-03-01", section="114(1)(a)"),
    ]
    assert [one.section for one in order(rows).holds()] == ["115(1)"]


# Thirty days to leave (R224).


@st.composite
def histories(draw):
    """Steps of one departure order: stays and detentions that begin and mostly end, in any overlap."""
    rows = [made("2026-01-10")]
    at = date(2026, 1, 10)
    stays, detained = {}, False
    for number in range(draw(st.integers(0, 8))):
        at += draw(st.integers(0, 12)) * DAY
        what = draw(st.sampled_from(("stay", "end", "detain", "release")))
        if what == "stay":
            stays[f"S-{number}"] = at
            rows.append(stay(at, f"S-{number}"))
        elif what == "end" and stays:
            ref = draw(st.sampled_from(sorted(stays)))
            del stays[ref]
            rows.append(stay_ended(at, ref))
        elif what == "detain" and not detained:
            detained = True
            rows.append(step("detained", at, section="55(1)", reference="D"))
        elif what == "release" and detained:
            detained = False
            rows.append(step("detention-ended", at, section="58(1)", of="D"))
    return rows


def by_hand(rows, end):
    """Count the days of R224 one by one: the day it became enforceable, and the last of thirty."""
    start, counted, day = None, 0, date(2026, 1, 10)
    while day <= end:
        open_ = [row for row in rows if row["on"] <= day]
        stayed = detained = False
        for row in open_:
            if row["step"] == "stay-granted":
                ends = [r["on"] for r in open_ if r["step"] == "stay-ended" and r["of"] == row["reference"]]
                stayed |= not ends or ends[0] >= day
        pairs = [r for r in open_ if r["step"] in ("detained", "detention-ended")]
        detained = bool(pairs) and (pairs[-1]["step"] == "detained" or pairs[-1]["on"] == day)
        if start is None:
            start = None if stayed else day
        elif not (stayed or detained):
            counted += 1
            if counted == 30:
                return start, day
        day += DAY
    return start, None


@settings(max_examples=draws(1000, 60))
@given(histories())
def test_the_days_to_leave_are_those_of_counting_one_by_one(rows):
    end = date(2026, 11, 30)
    found = order(rows, end)
    assert found.departure == by_hand(rows, end)
    assert not found.problems
    _, last = found.departure
    expected = "deportation" if last and last < end else "departure"
    assert found.kind == expected


@settings(max_examples=draws(400, 40))
@given(histories(), st.dates(date(2026, 1, 10), date(2026, 6, 1)))
def test_an_order_on_a_day_knows_nothing_of_later_steps(rows, on):
    assert order(rows, on).holds() == order([row for row in rows if row["on"] <= on], on).holds()


@settings(max_examples=draws(400, 40))
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_steps_of_other_days_came_in_is_nothing(rows, random):
    days = [row["on"] for row in rows]
    if len(set(days)) < len(days):
        return
    mixed = list(rows)
    random.shuffle(mixed)
    assert order(mixed).holds() == order(rows).holds()
    assert order(mixed).departure == order(rows).departure


def test_who_leaves_on_the_last_day_leaves_under_a_departure_order():
    assert order([made(), enforced("2026-02-09")]).kind == "departure"
    assert order([made(), enforced("2026-02-10")]).kind == "deportation"


# Detention reviews (s. 57).


def detention(taken, *reviews):
    zone = ZoneInfo("America/New_York")
    rows = [made("2026-01-10")]
    for number, moment in enumerate((taken, *reviews)):
        at = datetime.fromisoformat(moment).replace(tzinfo=zone)
        name, section = ("detention-reviewed", "57(1)") if number else ("detained", "55(1)")
        rows.append(step(name, at.date(), at=at.astimezone(UTC), section=section, zone="America/New_York"))
    return rows


def of(rows, on, now, name):
    return next(one for one in clocks(order(rows, on), now) if one.name == name)


def test_the_first_review_is_due_after_48_hours_over_a_change_of_the_clocks():
    rows = detention("2026-03-07T10:00:00")
    for now, state in (("2026-03-09T15:00:00+00:00", "due"), ("2026-03-09T15:00:01+00:00", "overdue")):
        moment = datetime.fromisoformat(now)
        found = of(rows, "2026-03-09", moment, "first-review")
        assert (found.state, found.by) == (state, datetime(2026, 3, 9, 15, tzinfo=UTC))


def test_later_reviews_are_due_after_seven_and_then_thirty_days():
    first = detention("2026-05-01T10:00:00", "2026-05-03T09:00:00")
    assert of(first, "2026-05-04", NOW, "first-review").state == "met"
    assert of(first, "2026-05-04", NOW, "next-review").last == date(2026, 5, 10)
    second = detention("2026-05-01T10:00:00", "2026-05-03T11:00:00", "2026-05-09T10:00:00")
    assert of(second, "2026-06-09", NOW, "first-review").state == "late"
    found = of(second, "2026-06-09", NOW, "next-review")
    assert (found.last, found.state, found.days) == (date(2026, 6, 8), "overdue", -1)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_of_a_detention_without_an_hour_the_hours_run_from_its_day_at_the_office(zone):
    rows = [made(), step("detained", "2026-05-10", section="55(1)", zone=zone)]
    found = of(rows, "2026-05-11", NOW, "first-review")
    assert (found.last, found.state) == (date(2026, 5, 12), "due")
    assert found.by == datetime(2026, 5, 12, tzinfo=ZoneInfo(zone))
    assert of(rows, "2026-05-12", NOW, "first-review").state == "overdue"


def test_steps_of_a_day_without_hours_stand_in_whatever_order_they_come():
    rows = [
        step("detention-reviewed", "2026-05-10", section="57(1)"),
        step("detained", "2026-05-10", section="55(1)", at=datetime(2026, 5, 10, 9, tzinfo=UTC)),
        step("claim-ineligible", "2026-05-01", section="101(1)(c)"),
        made("2026-05-01"),
        step("claim-made", "2026-05-01", section="99(3)"),
    ]
    assert problems(rows) == []
    assert of(rows, "2026-05-10", NOW, "first-review").state == "met"
    hours = rows[0] | {"observed_at": datetime(2026, 5, 10, 8, tzinfo=UTC)}
    assert problems([hours, *rows[1:]]) == ["removals.not-open"]


def leave(rows, on="2026-05-20"):
    return [one.since for one in clocks(order(rows, on), NOW) if one.name == "leave"]


@pytest.mark.parametrize(
    ("step_", "section", "until", "runs"),
    [
        ("claim-rejected", "107(1)", None, True),
        ("claim-rejected", "107(1)", "2026-06-10", False),
        ("claim-withdrawn", "168(2)", None, True),
        ("claim-abandoned", "168(1)", None, True),
    ],
)
def test_leave_may_be_applied_for_where_no_appeal_comes_first(step_, section, until, runs):
    more = {"until": until} if until else {}
    rows = [step("claim-made", "2026-04-01", section="99(3)"), made("2026-04-01")]
    rows.append(step(step_, "2026-05-10", section=section, **more))
    assert leave(rows) == [date(2026, 5, 10)] * runs


def test_protection_is_no_next_step_before_the_order_is_in_force_nor_after_a_safe_country():
    rows = [step("claim-made", "2026-04-01", section="99(3)"), made("2026-04-01")]
    assert "risk-applied" not in next_steps(order(rows, "2026-05-01"))
    for section, may in (("101(1)(e)", False), ("101(1)(c)", True)):
        ineligible = step("claim-ineligible", "2026-04-02", section=section)
        assert ("risk-applied" in next_steps(order([*rows, ineligible], "2026-05-01"))) is may
    assert "risk-applied" in next_steps(order([made()]))


def test_an_end_of_the_year_9999_is_an_end_far_off():
    far = "9999-12-31"
    rejected = [step("claim-made", "2026-04-01", section="99(3)"), made("2026-04-01")]
    rejected.append(step("claim-rejected", "2026-05-10", section="107(1)", until=far))
    assert order([made(until=far)]).in_force.day > date(8000, 1, 1)
    assert order(rejected).stage == "monitoring"
    found = order([made(), stay("2026-02-01", until=far)])
    assert (found.stage, found.kind) == ("stay", "departure")
    assert clocks(found, NOW)


def test_a_warrant_has_its_age_and_a_bar_its_end():
    rows = [
        made("2025-06-01", claimant=True),
        step("claim-made", "2025-06-01", section="99(3)"),
        step("claim-rejected", "2025-09-10", section="107(1)"),
        step("warrant-issued", "2026-01-01", section="55(1)", reference="W"),
    ]
    assert of(rows, "2026-01-31", NOW, "warrant").days == 30
    assert of(rows, "2026-01-31", NOW, "risk-bar").last == date(2026, 9, 9)
    early = [*rows, step("risk-applied", "2026-09-09", section="112(1)")]
    assert problems(early) == ["removals.barred"]
    assert problems([*rows, step("risk-applied", "2026-09-10", section="112(1)")]) == []


# Bad input.

REFUSED = [
    ([made(), enforced("2026-02-01"), stay("2026-02-05")], "removals.stay-after-removal"),
    ([made(), enforced("2026-02-01"), enforced("2026-02-05")], "removals.second-removal"),
    ([made(), enforced("2026-02-01"), step("warrant-issued", "2026-02-05")], "removals.after-removal"),
    ([made(), made("2026-02-01")], "removals.second-order"),
    ([enforced("2026-02-01")], "removals.no-order"),
    ([made(grounds="101(1)(b.1)")], "removals.not-in-force"),
    ([made("2023-06-01", grounds="35.1(1)(a)")], "removals.not-in-force"),
    (
        [
            made("2026-01-10"),
            step("claim-made", "2026-01-10"),
            step("claim-ineligible", "2026-02-01", section="101(1)(b.1)"),
        ],
        "removals.not-in-force",
    ),
    ([made("2026-04-10", grounds="101(1)(b.1)")], "removals.bad-ground"),
    ([made(grounds="999")], "removals.unknown-section"),
    ([made(section="63(3)")], "removals.wrong-section"),
    ([made(section=None)], "removals.no-section"),
    ([made(kind="banishment")], "removals.no-kind"),
    ([made("2026-12-02")], "removals.future"),
    ([made(), step("teleported", "2026-02-01")], "removals.unknown-step"),
    ([made(), stay_ended("2026-02-01")], "removals.not-open"),
    ([made(), stay("2026-02-01"), stay("2026-02-02")], "removals.already-open"),
    ([made(), step("appeal-dismissed", "2026-02-01", section="66(c)")], "removals.not-open"),
    ([made(), step("detention-reviewed", "2026-02-01", section="57(1)")], "removals.not-open"),
    ([made(), stay("2026-02-01", until="2026-01-31")], "removals.ends-before"),
    ([made(), step("claim-made", "2026-02-01", section="99(3)")], "removals.claim-after-order"),
    *(([made(zone=zone)], "removals.no-zone") for zone in ("Mars/Olympus", "America", "../x", "x" * 5000)),
    (
        [made(zone="America/New_York", at=datetime(2026, 1, 11, 6, tzinfo=UTC))],
        "removals.other-day",
    ),
]


@pytest.mark.parametrize(("rows", "message"), REFUSED)
def test_what_the_law_does_not_allow_is_left_out_and_told(rows, message):
    assert problems(rows) == [message]
    sound = rows[:-1]
    assert order(rows).history == sound


def test_a_day_without_an_hour_is_the_same_day_in_every_zone():
    row = made(zone="America/New_York") | {"on": None}
    assert order([row]).made == date(2026, 1, 10)
    late = row | {"observed_at": datetime(2026, 1, 11, 3, tzinfo=UTC)}
    assert order([late]).made == date(2026, 1, 10)


def test_a_removal_under_a_stay_is_counted_and_told():
    found = order([made(), stay("2026-02-01"), enforced("2026-02-05")])
    assert [one.message for one in found.problems] == ["removals.removed-while-held"]
    assert found.stage == "enforced"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_problem_reads_in_both_languages(language):
    for rows, _ in REFUSED:
        for one in order(rows).problems:
            assert "{" not in one.render(language)
