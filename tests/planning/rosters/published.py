"""A made-up folder of rules, people, demand and roster in our own format."""

import csv
from datetime import date, timedelta

FIRST = date(2099, 3, 2)
"""A Monday; clocks in New York change on the Sunday after."""
RULES = """employer = "Example service"
agreement = "Example agreement"
edition = "2098"
timezone = "America/New_York"
pool = "Emerson"
from = 2099-03-02
days = 14

[[shift]]
name = "D"
start = "07:00"
end = "19:00"

[[shift]]
name = "N"
start = "19:00"
end = "07:00"

[[rule]]
kind = "rest"
clause = "art. 9"
hours = 10

[[rule]]
kind = "run"
clause = "art. 12"
most = 4

[[rule]]
kind = "total"
clause = "nights"
shifts = ["N"]
most = 2
price = 5
"""
NAMES = ("Ames", "Boudreau", "Chen", "Okafor", "Roy", "Singh")
POSTS = ("console", "lane", "lane", "console", "lane", "lane")


def write(folder, names=NAMES, pool="Emerson", **leave):
    """Write the folder; each works two days and two nights, then has two days off, in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.toml").write_text(RULES.replace("Emerson", pool), "utf-8")
    tables = {
        "staff": [("name", "qualifications"), *((name, "console|lane") for name in names)],
        "demand": [
            ("date", "shift", "post", "qualification", "least", "price"),
            *(("every", shift, post, post, "1", "50") for shift in "DN" for post in ("console", "lane")),
        ],
        "leave": [
            ("officer", "from", "to", "kind"),
            *((who, day, day, "sick") for who, day in leave.items()),
        ],
        "roster": [("officer", "date", "shift", "post"), *_worked(names)],
    }
    for name, rows in tables.items():
        if len(rows) > 1:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
    return folder


def _worked(names):
    for at, name in enumerate(names):
        for day in range(14):
            turn = (day + 2 * (at % 3)) % 6
            if turn < 4:
                yield name, FIRST + timedelta(days=day), "DDNN"[turn], POSTS[at % len(POSTS)]
