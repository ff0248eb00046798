"""Made-up instances, small enough to try every roster."""

from itertools import product

import numpy as np

from watchfloor.planning.rosters.check import breaches_of_rows
from watchfloor.planning.rosters.problem import (
    OFF,
    Demand,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Succession,
    Total,
    Weekends,
    WholeWeekend,
    Wish,
)

EARLY, NIGHT = frozenset({1}), frozenset({2})

INSTANCE = """SECTION_HORIZON
7

SECTION_SHIFTS
E,480,
N,600,E

SECTION_STAFF
Ann,E=7|N=2,3000,960,3,2,2,1
Bob,E=7|N=0,2400,960,4,1,1,1

SECTION_DAYS_OFF
Ann,6

SECTION_SHIFT_ON_REQUESTS
Ann,0,N,3

SECTION_SHIFT_OFF_REQUESTS
Bob,5,E,2

SECTION_COVER
0,E,1,100,1
1,E,1,100,1
2,N,1,100,1
3,E,1,100,1
4,E,2,100,1
5,E,1,100,1
6,E,1,100,1
"""

RULES = """
employer = "Port of Emerson"
agreement = "Example"
edition = "2026-01"
timezone = "America/New_York"
from = 2026-11-02
days = 14

[[shift]]
name = "D"
start = "07:00"
end = "19:00"
unpaid = 60

[[shift]]
name = "N"
start = "19:00"
end = "07:00"
unpaid = 60

[[rule]]
kind = "rest"
clause = "25.01 rest"
hours = 8
"""
STAFF = "name,group,qualifications,hours,with\nAnn,,primary,88,\nBob,,primary,88,\nCy,,,88,\n"
DEMAND = """date,shift,post,qualification,least,price
every,D,primary,primary,1,100
sat-sun,N,primary,primary,1,100
"""


def problem(draw, integers, sampled):
    """Draw a problem of five days, two shifts and two people, with rules of every kind."""
    price = sampled([None, 3, 7])
    bound = integers(0, 4)
    shifts = sampled([frozenset(), EARLY, NIGHT, frozenset({OFF}), EARLY | {OFF}])
    rules = []
    for _ in range(draw(integers(1, 5))):
        kind = draw(integers(0, 5))
        which = draw(shifts)
        worked = which - {OFF}
        if kind == 0:
            rules.append(
                Total(
                    f"total {len(rules)}",
                    draw(price),
                    worked,
                    draw(sampled([None, 1, 2])),
                    draw(sampled([None, 2, 3])),
                    minutes=False,
                    window=draw(sampled([0, 0, 3, 5, 7, 8])),
                )
            )
        elif kind == 1:
            least, most = draw(sampled([(2, None), (None, 2), (2, 3), (None, 1)]))
            rules.append(Run(f"run {len(rules)}", draw(price), which, least, most))
        elif kind == 2:
            first, following = draw(sampled([(2, EARLY), (1, NIGHT), (2, EARLY | NIGHT)]))
            rules.append(Succession(f"succession {len(rules)}", draw(price), first, following))
        elif kind == 3:
            rules.append(Weekends(f"weekends {len(rules)}", draw(price), draw(integers(0, 1))))
        elif kind == 4:
            rules.append(WholeWeekend(f"whole {len(rules)}", draw(price)))
        else:
            rules.append(
                Wish(
                    f"wish {len(rules)}",
                    draw(price),
                    draw(bound),
                    worked,
                    wanted=draw(sampled([True, False])),
                )
            )
    past = tuple(draw(sampled([(), (0, 1, 1), (1, 2), (2, 2, 0)])))
    barred = sampled([frozenset(), frozenset(), frozenset({(1, 1), (4, 2)})])
    people = tuple(
        Person(
            name,
            frozenset(draw(sampled([(1, 2), (1,), (2,)]))),
            tuple(rules),
            past,
            {"weekends 0": 1},
            draw(barred),
        )
        for name in ("Ann", "Bob")
    )
    both = sampled([(), (), ((3, Post(2)),)])
    demand = tuple(
        Demand(
            day,
            Post(shift),
            count,
            count if draw(sampled([True, False])) else None,
            5,
            2,
            "cover",
            tuple(cell for cell in draw(both) if cell != (day, Post(shift))),
        )
        for day in range(5)
        for shift in (1, 2)
        if (count := draw(integers(0, 2)))
    )
    nights = draw(sampled([None, None, frozenset({0, 1, 3, 4})]))
    made = (Shift("E", 480), Shift("N", 600, days=nights))
    return Problem("drawn", 5, made, (Post(1), Post(2)), people, demand, weekday=draw(integers(0, 6)))


def folder(path, rules=RULES, staff=STAFF, demand=DEMAND, **others):
    """Write a folder of a roster's own files; tables by their names."""
    path.mkdir(exist_ok=True)
    (path / "rules.toml").write_text(rules, "utf-8")
    (path / "staff.csv").write_text(staff, "utf-8")
    (path / "demand.csv").write_text(demand, "utf-8")
    for name, text in others.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def lawful_rows(problem, person):
    """Return every row of a person that keeps what must be kept, by the check of many rows at once."""
    every = [
        row
        for row in product([0, *sorted(person.posts)], repeat=problem.days)
        if person.barred.isdisjoint(enumerate(row))
    ]
    rows = np.array(every, np.int16)
    broken = {number for number, *_ in breaches_of_rows(problem, [person] * len(rows), rows, must=True)}
    return [row for number, row in enumerate(every) if number not in broken]
