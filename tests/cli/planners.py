"""What commands that plan are called with: a small made-up hill, a history of finds, payoffs and stops."""

import json
from datetime import timedelta

import numpy as np
from msgspec.structs import replace
from tests.planning.rosters import published
from tests.planning.rosters.small import DEMAND, INSTANCE, RULES, STAFF
from tests.planning.satellites.made import MODES, orbited
from tests.planning.satellites.test_orders import ORDER
from tests.planning.towers.hills import write_grid, write_places

from watchfloor.planning.satellites.order_files import OrderBook, collection

DAY = timedelta(days=1)
OVERHEAD = ["--elements", "{elements}", "--points", "{places}", "--from", "2026-05-31", "--days", "2"]
FULL = {
    ("passes",): OVERHEAD,
    ("sight",): [
        *(ON := ["--terrain", "{terrain}", "--sites", "{sites}", "--cells", "{cells}"]),
        "-o",
        "{new}.csv",
    ],
    ("plan", "compare"): ["{placed}", "{replaced}"],
    ("plan", "detectors"): ["{finds}", "--teams", "2", "--season", "FY2021"],
    ("plan", "game"): ["{payoffs}", "--resources", "1", "--seed", "7", "--days", "2"],
    ("plan", "tours"): ["{stops}", "--seconds", "0"],
    ("roster", "check"): ["{week}", "{roster}"],
    ("roster", "make"): [
        *("{rules}", "{staff}", "{demand}"),
        *("--seconds", "5", "--threads", "1", "-o", "{new}.csv"),
    ],
    ("roster", "explain"): ["{short}", "{short}/roster.csv", "--seconds", "240"],
    ("roster", "fairness"): ["{posted}", "{posted}/roster.csv"],
    ("roster", "repair"): [
        *("{posted}", "{posted}/roster.csv"),
        *(word for name in ("Ames", "Okafor") for word in ("--sick", f"{name}={published.FIRST}")),
    ],
    ("roster", "template"): ["rcmp", "-o", "{new}-rcmp"],
    ("roster", "solve"): ["{week}", "--seconds", "5", "--threads", "1", "-o", "{new}.txt"],
    ("plan", "towers"): [*ON, "--count", "2", "-o", "{new}.geojson"],
}
"""What each is called with where there is something to print."""

DRONE = """[assets.drone]
kind = "drone"
unit = "rcmp-operations"
latitude = 45.02
longitude = -73.34
reach_m = 3000.0
half_width_m = 80.0
detects = 0.9
alarms = 0.02
error_m = 12.0
speed_m_s = 20.0
endurance_s = 5400.0
marking = "U//TLP:CLEAR"
"""
"""What can be sent, for `plan patrols`, which reads a floor."""

NIGHT = """instruction = "Look"
authority = "RCMP Act s. 18"
begins = 2099-01-05T16:00:00Z
[[leg]]
unit = "rcmp-operations"
asset = "drone"
role = "watch"
place = [45.03, -73.34]
minutes = 20
"""
"""A joint task, of what can be sent."""

PUT = ["--put", f"Roy={published.FIRST}=off"]
PUBLISHED = {
    ("roster", "answer"): [
        *("--put", f"Ames={published.FIRST}=off", "--answer", "no"),
        *("--floor", "{floor}"),
    ],
    ("roster", "answers"): ["--floor", "{floor}"],
    ("roster", "call-in"): [
        *(word for name in ("Roy", "Boudreau") for word in ("--sick", f"{name}={published.FIRST}")),
        *("--floor", "{floor}"),
    ],
    ("roster", "calendar"): ["Roy", "--floor", "{floor}"],
    ("roster", "change"): [*PUT, "--why", "Roy is ill", "--floor", "{floor}"],
    ("roster", "list"): ["--floor", "{floor}"],
    ("roster", "publish"): ["{posted}", "--pool", "Lacolle", "--floor", "{floor}"],
    ("roster", "show"): ["--from", str(published.FIRST), "--floor", "{floor}"],
    ("roster", "what-if"): [*PUT, "--floor", "{floor}"],
    ("plan", "satellites"): [
        *("--elements", "{elements}", "--sensors", "{modes}", "--from", "2026-05-31", "--days", "1"),
        *("--floor", "{floor}"),
    ],
    ("plan", "order"): ["{orders}", "--why", "agreed", "--floor", "{floor}"],
    ("plan", "orders"): ["--floor", "{floor}"],
    ("plan", "cancel"): ["{placed_order}", "--why", "safe mode", "--floor", "{floor}"],
}
"""What those of rosters are called with that read a floor or write to it."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


EMPTY = {("passes",): ([*OVERHEAD[:4], "--from", "2026-06-01", "--days", "1", "--mode", "OLI"], "passes", 0)}
"""The same where there is nothing, and the field that counts it."""


def ordered(home, call, floor):
    """Modes of a sensor, orders in a file, and others that are placed on a floor, by their names."""
    files = {name: home / f"{name}.json" for name in ("orders", "earlier")}
    for number, file in enumerate(files.values()):
        later = {"start": ORDER.start + number * DAY, "end": ORDER.end + number * DAY}
        file.write_bytes(collection(OrderBook((replace(ORDER, order=f"RCM-1-{number}", **later),))))
    modes = home / "modes.toml"
    modes.write_text(MODES, "utf-8")
    placed = call(["plan", "order", files["earlier"], "--why", "seen", "--json", "--floor", floor])
    return {"modes": modes, "orders": files["orders"], "placed_order": json.loads(placed.stdout)["plan"]}


def sited(home):
    """Files of terrain, sites and cells, by the names that `FULL` uses."""
    terrain, sites, cells = home / "hill.asc", home / "sites.csv", home / "cells.csv"
    across = np.linspace(-2, 2, 12)
    write_grid(terrain, 80 * np.exp(-(across[:, None] ** 2) - across**2))
    write_places(sites, "site", [(150, 150), (550, 550), (950, 950)])
    write_places(cells, "cell", [(x, y) for x in range(100, 1100, 200) for y in range(100, 1100, 200)])
    return {"terrain": terrain, "sites": sites, "cells": cells} | orbited(home)


def rostered(home, call):
    """A made-up week of two people and a roster of it; a folder, and its roster published on a floor."""
    week, roster = home / "week.txt", home / "roster.txt"
    week.write_text(INSTANCE, "utf-8")
    roster.write_text("Ann\tE\t\t\tE\tE\tE\nBob\tE\tE\t\tE\tE\t\tE\n", "utf-8")
    own = {"rules": home / "rules.toml", "staff": home / "staff.csv", "demand": home / "demand.csv"}
    for name, text in (("rules", RULES), ("staff", STAFF), ("demand", DEMAND)):
        own[name].write_text(text, "utf-8")
    posted = published.write(home / "posted")
    short = published.write(home / "short", Roy=published.FIRST)
    demand = (short / "demand.csv").read_text("utf-8")
    (short / "demand.csv").write_text(demand.replace("console,console,1", "console,console,9"), "utf-8")
    call(["roster", "publish", posted, "--floor", home / "floor"])
    said = f"Singh={published.FIRST}=N/lane"
    call(["roster", "answer", "--put", said, "--answer", "no", "--floor", home / "floor"])
    return {"week": week, "roster": roster, "posted": posted, "short": short} | own


def recounted(home):
    """A history of finds, by the name that `FULL` uses."""
    path = home / "finds.csv"
    path.write_text("area,season,found\nEmerson,FY2019,4\nLacolle,FY2019,9\nLacolle,FY2020,1\n", "utf-8")
    files = {"placed": home / "placed.json", "replaced": home / "replaced.json"}
    names = ("expected", "worst_tenth", "not_covered_share", "fairness_cost")
    for share, file in enumerate(files.values(), 1):
        plan = {"placement": {"Emerson": 2 - share, "Lacolle": share}} | dict.fromkeys(names, share / 4)
        file.write_text(json.dumps(plan), "utf-8")
    return {"finds": path, **files}


def patrolled(home):
    """Payoffs of a game, stops of a tour, a track, a joint task, by the names that `FULL` uses."""
    payoffs, stops = home / "payoffs.csv", home / "stops.oplib"
    columns = "target,defender_covered,defender_uncovered,attacker_covered,attacker_uncovered"
    payoffs.write_text(f"{columns}\nEmerson,2,-6,-3,5\nLacolle,1,-4,-2,4\nPrescott,0,-1,0,1\n", "utf-8")
    places = "1 0 0\n2 3 4\n3 6 8\n4 50 50"
    stops.write_text(
        "TYPE : OP\nDIMENSION : 4\nCOST_LIMIT : 20\nEDGE_WEIGHT_TYPE : EUC_2D\n"
        f"NODE_COORD_SECTION\n{places}\nNODE_SCORE_SECTION\n1 0\n2 5\n3 7\n4 99\nEOF\n",
        "utf-8",
    )
    flown = home / "flown.gpx"
    points = "".join(
        f'<trkpt lat="45.01" lon="-73.3{minute}"><time>2026-11-20T01:0{minute}:00Z</time></trkpt>'
        for minute in range(3)
    )
    flown.write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>", "utf-8")
    together = home / "together.toml"
    together.write_text(NIGHT, "utf-8")
    return {"payoffs": payoffs, "stops": stops, "flown": flown, "together": together}
