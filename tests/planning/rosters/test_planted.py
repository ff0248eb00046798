"""Breaches planted one at a time in lawful rosters: each is found, by its clause, and no other."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.planning.rosters.small import folder

from watchfloor.planning.rosters import notice, own
from watchfloor.planning.rosters.check import check

HEAD = """
employer = "Port of Emerson"
agreement = "Example"
edition = "2026-01"
timezone = "{zone}"
from = {first}
days = 14
{top}
[[shift]]
name = "D"
start = "07:00"
end = "19:00"

[[shift]]
name = "N"
start = "19:00"
end = "07:00"

[[shift]]
name = "E"
start = "15:00"
end = "23:00"

[[shift]]
name = "X"
parts = [["06:00", "10:00"], ["16:00", "20:00"]]
weekdays = ["mon", "tue", "wed", "thu", "fri"]

[[shift]]
name = "S"
start = "19:00"
end = "07:00"
paid = 0
kind = "standby"

[[shift]]
name = "C"
start = "09:00"
end = "17:00"
kind = "court"

[[rule]]
clause = "the rule"
"""
STAFF = "name,group,place,qualifications,hours,with,apart\n"
DEMAND = "date,shift,place,post,qualification,least,most,price,over\n" + "".join(
    f"every,{shift},,desk,,0,,,\n" for shift in "DNEXS"
)
DAYS = 14


def problem(path, rule, staff="Ann,,,,80,,\nBob,,,,80,,\n", first="2026-11-02", top="", demand="", **others):
    """A folder with one rule beside those that always hold: overlap, skill and days of a shift."""
    zone = others.pop("zone", "America/New_York")
    text = HEAD.format(zone=zone, first=first, top=top) + rule if rule else HEAD.format(
        zone=zone, first=first, top=top
    ).partition("[[rule]]")[0]  # fmt: skip
    return own.read(folder(path / "f", text, STAFF + staff, DEMAND + demand, **others))


def rows(found, *texts):
    """Rosters as letters a day: a dot is off, C is court."""
    begins = found.begins
    lines = []
    for officer, text in zip(found.staff, texts, strict=True):
        worked = [
            f"{officer.name},{begins + timedelta(day)},{shift},{'' if shift == 'C' else 'desk'}"
            for day, shift in enumerate(text)
            if shift != "."
        ]
        lines += worked or [f"{officer.name},,,"]
    return "officer,date,shift,post\n" + "\n".join(lines) + "\n"


def breaches(path, found, *texts):
    (path / "r.csv").write_text(rows(found, *texts), "utf-8")
    grid = own.read_roster(found, path / "r.csv")
    return {
        (one.person, one.first, one.last, one.clause, one.amount)
        for one in check(found.problem, grid).breaches
    }


OFF = "." * DAYS
RULE = "the rule"
# rule, others, Ann's lawful row, Ann's row with one breach, (first, last, clause, amount)
KINDS = {
    "total days most": ('kind="total"\nmost=3', {}, "D.D.D.........", "D.D.D.D.......", (0, 13, RULE, 1)),
    "total days least": ('kind="total"\nleast=3', {}, "D.D.D.........", "D.D...........", (0, 13, RULE, 1)),
    "total hours most": (
        'kind="total"\nunit="hours"\nmost=24',
        {},
        "D.D...........",
        "D.D.E.........",
        (0, 13, RULE, 480),
    ),
    "total hours least": (
        'kind="total"\nunit="hours"\nleast=24',
        {},
        "D.D...........",
        "D.E...........",
        (0, 13, RULE, 240),
    ),
    "total of a shift": (
        'kind="total"\nshifts=["N"]\nmost=1',
        {},
        "N..D.D........",
        "N..N.D........",
        (0, 13, RULE, 1),
    ),
    "total of a kind": (
        'kind="total"\nshifts=["standby"]\nmost=1',
        {},
        "S..D.D........",
        "S..S.D........",
        (0, 13, RULE, 1),
    ),
    "standby is no work": ('kind="total"\nmost=1', {}, "S..D.S........", "S..D.D........", (0, 13, RULE, 1)),
    "split shifts": (
        'kind="total"\nshifts=["X"]\nmost=1',
        {},
        "X..D..........",
        "X..X..........",
        (0, 13, RULE, 1),
    ),
    "window most": (
        'kind="total"\nmost=2\nwindow=4',
        {},
        "DD..DD........",
        "DDD...DD......",
        (0, 3, RULE, 1),
    ),
    "window hours": (
        'kind="total"\nunit="hours"\nmost=36\nwindow=5',
        {},
        "DDD..DDD......",
        "DDD.E.........",
        (0, 4, RULE, 480),
    ),
    "window least": (
        'kind="total"\nleast=1\nwindow=5',
        {},
        "D....D....D...",
        "D.....D...D...",
        (1, 5, RULE, 1),
    ),
    "window longer than what is known": (
        'kind="total"\nleast=4\nmost=4\nwindow=28',
        {},
        "DD.......D....",
        "DD...D...DD...",
        (0, 13, RULE, 1),
    ),
    "window over the past": (
        'kind="total"\nmost=3\nwindow=5',
        {"past": "officer,date,shift\nAnn,2026-10-31,D\nAnn,2026-11-01,D\n"},
        "D....D........",
        "DD...D........",
        (0, 2, RULE, 1),
    ),
    "holidays": (
        'kind="total"\nholidays=true\nmost=0',
        {"top": "holidays=[2026-11-11]"},
        "D.............",
        "D........D....",
        (0, 13, RULE, 1),
    ),
    "contract least": (
        'kind="contract"\nleast=-56\nmost=0',
        {},
        "D.D...........",
        "D.............",
        (0, 13, RULE, 720),
    ),
    "contract most": (
        'kind="contract"\nleast=-80\nmost=-56',
        {},
        "D.D...........",
        "D.D.E.........",
        (0, 13, RULE, 480),
    ),
    "contract with leave": (
        'kind="contract"\nleast=-56\nmost=0\nleave=true',
        {"leave": "officer,from,to,kind,hours\nAnn,2026-11-13,2026-11-13,illness,12\n"},
        "D.............",
        OFF,
        (0, 13, RULE, 720),
    ),
    "run most": ('kind="run"\nmost=3', {}, "DDD.DDD.......", "DDDD.DD.......", (0, 3, RULE, 1)),
    "run most at the end": ('kind="run"\nmost=3', {}, "D..........DDD", "D.........DDDD", (10, 13, RULE, 1)),
    "run most over the past": (
        'kind="run"\nmost=3',
        {"past": "officer,date,shift\nAnn,2026-10-31,D\nAnn,2026-11-01,N\n"},
        "N..D..........",
        "NN.D..........",
        (0, 1, RULE, 1),
    ),
    "run least": ('kind="run"\nleast=2', {}, "D..DD.........", "D..DD.D.......", (6, 6, RULE, 1)),
    "nights most": (
        'kind="run"\nshifts=["N"]\nmost=2',
        {},
        "NN.NN.........",
        "NNN.N.........",
        (0, 2, RULE, 1),
    ),
    "days off least": ('kind="days-off"\nleast=2', {}, "D..D..........", "D..D.D........", (4, 4, RULE, 1)),
    "days off most": ('kind="days-off"\nmost=6', {}, "D......D......", ".......D......", (0, 6, RULE, 1)),
    "standby is a day off": (
        'kind="days-off"\nleast=2',
        {},
        "D.S.D..D......",
        "D.S.D.D.......",
        (5, 5, RULE, 1),
    ),
    "succession": (
        'kind="succession"\nafter=["N"]\nnot=["E"]',
        {},
        "N.E.D.........",
        "NE..D.........",
        (0, 1, RULE, 1),
    ),
    "succession over the past": (
        'kind="succession"\nafter=["N"]\nnot=["E"]',
        {"past": "officer,date,shift\nAnn,2026-11-01,N\n"},
        ".E............",
        "E.............",
        (0, 0, RULE, 1),
    ),
    "rest": ('kind="rest"\nhours=12', {}, "DDNN..........", "ED............", (0, 1, RULE, 1)),
    "rest after a split shift": (
        'kind="rest"\nhours=11',
        {},
        "XD............",
        "XX............",
        (0, 1, RULE, 1),
    ),
    "rest when clocks go forward": (
        'kind="rest"\nhours=12',
        {"first": "2026-03-02"},
        "DD...N........",
        "DD...DD.......",
        (5, 6, RULE, 1),
    ),
    "rest when clocks go back": (
        'kind="rest"\nhours=13',
        {"first": "2026-10-26"},
        "DE...DD.......",
        "DE..DD........",
        (4, 5, RULE, 1),
    ),
    "hours when clocks go forward": (
        'kind="total"\nunit="hours"\nleast=12',
        {"first": "2026-03-02"},
        "....N.........",
        ".....N........",
        (0, 13, RULE, 60),
    ),
    "hours when clocks go back": (
        'kind="total"\nunit="hours"\nmost=12',
        {"first": "2026-10-26"},
        "....N.........",
        ".....N........",
        (0, 13, RULE, 60),
    ),
    "weekends": ('kind="weekends"\nmost=1', {}, "D....D........", "D....D......D.", (0, 13, RULE, 1)),
    "whole weekends": ('kind="whole-weekends"', {}, "D....DD.......", "D....D........", (5, 6, RULE, 1)),
    "two places": ("", {}, "D.N.D.........", "D.NX..........", (2, 3, "two places at once", 1)),
    "leave": (
        "",
        {"leave": "officer,from,to,kind\nAnn,2026-11-04,2026-11-06,parental\n"},
        "DD...D........",
        "DDD..D........",
        (2, 2, "parental", 1),
    ),
    "night into leave": (
        "",
        {"leave": "officer,from,to,kind\nAnn,2026-11-04,2026-11-06,parental\n"},
        "DD...D........",
        "DN...D........",
        (1, 1, "parental", 1),
    ),
    "court": (
        "",
        {"wishes": "officer,date,shift,wanted,price,clause\nAnn,2026-11-04,C,yes,must,subpoena\n"},
        "..C...........",
        "..D...........",
        (2, 2, "subpoena", 1),
    ),
    "day off wished for": (
        "",
        {"wishes": "officer,date,shift,wanted,price,clause\nAnn,2026-11-04,,no,7,wishes\n"},
        "..............",
        "..D...........",
        (2, 2, "wishes", 1),
    ),
    "for a group": (
        'kind="total"\nmost=1\nfor=["new"]',
        {"staff": "Ann,new,,,80,,\nBob,,,,80,,\n", "bob": "D.D.D........."},
        "D.............",
        "D.D...........",
        (0, 13, RULE, 1),
    ),
    "except a group": (
        'kind="total"\nmost=1\nexcept=["old"]',
        {"staff": "Ann,,,,80,,\nBob,old,,,80,,\n", "bob": "D.D.D........."},
        "D.............",
        "D.D...........",
        (0, 13, RULE, 1),
    ),
    "recruit without a coach": (
        'kind="beside"\nfor=["recruit"]\nwith="coach"',
        {"staff": "Ann,recruit,,,80,,\nBob,,,coach,80,,\n", "bob": "D.N..........."},
        "D.N...........",
        "D.D...........",
        (2, 2, RULE, 1),
    ),
    "dog without its handler": (
        'kind="beside"',
        {"staff": "Ann,dog,,,0,Bob,\nBob,,,,80,,\n", "bob": "D.N..........."},
        "D.............",
        "DD............",
        (1, 1, RULE, 1),
    ),
    "kept apart": (
        'kind="apart"',
        {"staff": "Ann,,,,80,,Bob\nBob,,,,80,,\n", "bob": "D.N..........."},
        "N.D...........",
        "N.N...........",
        (2, 2, RULE, 1),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_breach_is_found_and_no_other(tmp_path, kind):
    rule, others, lawful, broken, expected = KINDS[kind]
    others = dict(others)
    bob = others.pop("bob", OFF)
    exempt = "\nfor=['Ann']" if "staff" not in others and rule else ""
    found = problem(tmp_path, rule + exempt, **others)
    assert breaches(tmp_path, found, lawful, bob) == set()
    assert breaches(tmp_path, found, broken, bob) == {("Ann", *expected)}


def test_a_post_is_not_worked_without_its_qualification_place_or_after_it_ends(tmp_path):
    staff = "Ann,,east,dog=2026-11-04,80,,\nBob,,west,dog=2026-11-05..,80,,\n"
    demand = "every,D,east,kennel,dog,0,,,\nevery,D,west,kennel,dog,0,,,\n"
    found = problem(tmp_path, "", staff, demand=demand)

    def by(name, day, post):
        text = rows(found, OFF, OFF).replace(f"{name},,,", f"{name},{found.begins + timedelta(day)},D,{post}")
        (tmp_path / "r.csv").write_text(text, "utf-8")
        verdict = check(found.problem, own.read_roster(found, tmp_path / "r.csv"))
        return [(one.person, one.first, one.clause, one.what) for one in verdict.breaches]

    east, west = "east/kennel/dog", "west/kennel/dog"
    assert by("Ann", 2, east) == []
    assert by("Ann", 3, east) == [("Ann", 3, "skill", east)]
    assert by("Ann", 2, west) == [("Ann", 2, "skill", west)]
    assert by("Bob", 3, west) == []
    assert by("Bob", 2, west) == [("Bob", 2, "skill", west)]


def test_demand_that_is_not_met_is_told_by_day_shift_and_price(tmp_path):
    demand = "2026-11-03,D,,gate,,2,,100,\n2026-11-04,D,,gate,,1,1,100,30\n"
    found = problem(tmp_path, "", demand=demand)
    text = rows(found, ".DD...........", "..D...........").replace("desk", "gate")
    (tmp_path / "r.csv").write_text(text, "utf-8")
    verdict = check(found.problem, own.read_roster(found, tmp_path / "r.csv"))
    assert [(one.what, one.amount, one.cost) for one in verdict.breaches] == [
        ("2026-11-03 D gate", 1, 100),
        ("2026-11-04 D gate", 1, 30),
    ]


NOTICE = 'kind="total"\nmost=9\n\n[notice]\nhours = 48\nclause = "9.3 notice"\n'


@pytest.mark.parametrize(
    ("at", "published", "row", "hours"),
    [
        ("2026-11-02T12:00+00:00", OFF, "..D...........", 0),  # exactly 48 hours before Wednesday 07:00
        ("2026-11-02T12:01+00:00", OFF, "..D...........", 1),
        ("2026-11-03T12:00+00:00", "..D...........", "..N...........", 24),
        ("2026-11-03T12:00+00:00", "..D...........", OFF, 24),
        ("2026-11-03T12:00+00:00", "..D...........", "..D...........", 0),
    ],
)
@pytest.mark.parametrize("volunteer", [False, True])
def test_a_change_within_the_notice_is_found_unless_they_volunteer(
    tmp_path, at, published, row, hours, volunteer
):
    found = problem(tmp_path, NOTICE)
    if volunteer:
        (tmp_path / "f" / "staff.csv").write_text("name,volunteer\nAnn,yes\nBob,\n", "utf-8")
        found = own.read(tmp_path / "f")
    grids = []
    for text in (published, row):
        (tmp_path / "r.csv").write_text(rows(found, text, OFF), "utf-8")
        grids.append(own.read_roster(found, tmp_path / "r.csv"))
    late = [*notice.breaches(found, *grids, datetime.fromisoformat(at))]
    assert [(one.person, one.first, one.clause, one.amount) for one in late] == (
        [("Ann", 2, "9.3 notice", hours)] if hours and not volunteer else []
    )


@pytest.mark.parametrize(("at", "days"), [("2026-10-19T12:00-05:00", None), ("2026-10-20T00:30-05:00", 1)])
def test_a_roster_that_is_posted_late_is_found(tmp_path, at, days):
    found = problem(tmp_path, 'kind="total"\nmost=9\n\n[posting]\ndays = 14\nclause = "9.1 posting"\n')
    late = [*notice.posted_late(found, datetime.fromisoformat(at))]
    assert [(one.clause, one.amount) for one in late] == ([] if days is None else [("9.1 posting", days)])


ZONE = ZoneInfo("America/New_York")
PARTS = {"D": [(7, 19)], "N": [(19, 31)], "E": [(15, 23)], "X": [(6, 10), (16, 20)]}


def instants(first, shifts):
    """When shifts last, day and name, as instants of UTC."""
    for day, shift in shifts:
        for span in PARTS.get(shift, ()):
            yield tuple(
                datetime.combine(first + timedelta(day + hour // 24), time(hour % 24), ZONE).astimezone(UTC)
                for hour in span
            )


@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 10, 26), date(2026, 11, 9)])
def test_an_hour_is_covered_by_each_shift_that_lasts_the_whole_of_it(tmp_path, first):
    """Against instants of UTC, an hour of the clock at a time, over both changes of the clocks."""
    rules = HEAD.format(zone=ZONE.key, first=first, top="").partition("[[rule]]")[0]
    demand = "date,hour,post,least,price\n" + "".join(f"every,{hour},desk,1,1\n" for hour in range(24))
    found = own.read(folder(tmp_path / "f", rules, "name\nAnn\n", demand))
    random = np.random.default_rng(first.toordinal())
    possible = [
        (day, shift)
        for day in range(DAYS)
        for shift in PARTS
        if shift != "X" or (first + timedelta(day)).weekday() < 5
    ]
    row = dict(random.permutation(np.array(possible, object)).tolist())
    row = {day: shift for day, shift in row.items() if day % 4}
    worked, coverable = list(instants(first, row.items())), list(instants(first, possible))
    at, end = (datetime.combine(first + timedelta(day), time(), ZONE).astimezone(UTC) for day in (0, DAYS))
    uncovered = 0
    while at < end:
        until = at + timedelta(hours=1)
        could, is_covered = (
            any(begin <= at and until <= last for begin, last in spans) for spans in (coverable, worked)
        )
        uncovered += could and not is_covered
        at = until
    (tmp_path / "r.csv").write_text(rows(found, "".join(row.get(day, ".") for day in range(DAYS))), "utf-8")
    verdict = check(found.problem, own.read_roster(found, tmp_path / "r.csv"))
    assert uncovered > 20
    assert verdict.parts["demand"] == uncovered
