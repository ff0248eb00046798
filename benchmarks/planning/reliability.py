"""Stated probabilities of detection against what came, on ten days of the exercise.

    python -m benchmarks.planning.reliability          # ten days on which nothing was fitted
    python -m benchmarks.planning.reliability --fit    # fit the exercise's curves on ten others, write them

Who crosses is drawn anew for each day, beside the exercise's own storylines and traffic: on foot, by
vehicle, small boat and low aircraft, in and ten kilometres around each stretch, at all hours, at an angle,
at their own speed and size, some with a rest. The exercise's sensors look at them look by look, less likely
far away, farther at what is large, not at what stands still (`exercise.surveillance.sensing`); nothing of
that is in the map. The map knows where each sensor looked and its farthest reach, from coverage records or
from the schedule, and curves that were fitted on what came on other days. A crossing is detected where a
sensor of ours reported it at least once within two kilometres of where it crossed; what it tells of itself
by radio does not count.
"""

import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
from scipy.optimize import isotonic_regression

from watchfloor.casework.tasking import assets
from watchfloor.core import proportions
from watchfloor.core.earth import great_circle
from watchfloor.exercise import lists
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import DAY, Cast
from watchfloor.exercise.plots import plots, watched
from watchfloor.exercise.surveillance import force, truth, world
from watchfloor.exercise.surveillance.day import observe
from watchfloor.exercise.surveillance.paths import Way, moment, where
from watchfloor.planning.coverage import schedule, sensor_reports, weather
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import Conditions
from watchfloor.planning.coverage.table import Table
from watchfloor.reference import border

FITTED, HELD_OUT = range(1, 11), range(301, 311)
FITTED_DAY, SCORED_DAY = 1_500, 4_000
"""Crossings drawn for a day."""
AROUND = 10.0
SMALL = 12.0
"""Metres; a longer vessel is no small boat, and is not counted."""
KIND = {"person": "walker", "group": "walker", "vehicle": "vehicle", "boat": "boat", "aircraft": "aircraft"}
NEAR = 2_000.0
"""Metres from where it crossed the line within which a report is one of the crossing."""


def crossers(random, count):
    """Yield a day's passages over the line."""
    lands = (world.PRAIRIE, world.WOODS)
    for _ in range(count):
        kind = random.choices(("person", "vehicle", "boat", "aircraft"), (35, 20, 30, 15))[0]
        stretches = {"boat": (world.LAKE,), "aircraft": (*lands, world.LAKE)}.get(kind, lands)
        first, last, _ = world.STRETCHES[random.choice(stretches)]
        here = border.load().at(random.uniform(first - AROUND, last + AROUND))
        at = random.uniform(0.2, 23.8) * 3_600
        heading = random.choice((0, 180)) + random.uniform(-40, 40)
        size, paces, before, after, height = {
            "person": (1.0, (0.7, 1.5), (1_500, 3_000), (800, 2_500), 0.0),
            "vehicle": (random.uniform(4, 6), (3, 15), (2_000, 6_000), (2_000, 6_000), 0.0),
            "boat": (random.uniform(4, 9), (3, 14), (4_000, 12_000), (4_000, 12_000), 0.0),
            "aircraft": (
                *(random.uniform(8, 10), (30, 60), (15_000, 25_000), (15_000, 25_000)),
                random.uniform(60, 300),
            ),
        }[kind]
        if kind == "person" and random.random() < 0.3:
            kind, size = "group", 1.3
        pace = random.uniform(*paces)
        start = Way(here, 0).on(heading + 180, random.uniform(*before), 1).here
        way = Way(start, 0, height).to(here, pace).arriving(at)
        if height == 0 and size < 2 and random.random() < 0.3:
            way.on(heading, 100, pace).stay(random.uniform(300, 1_800))
        way.on(heading, random.uniform(*after), pace)
        yield Passage(moment(way.fixes[0].seconds), kind, way.path(), (), size, "drawn")


def crossings(seed, count):
    """Return a day, and of each crossing what it was, its kind, and who of the sensors reported it.

    A crossing is (happening, kind, whether it was drawn, names of the sensors).
    """
    cast = Cast(seed)
    told = [*plots(cast, lists.fictitious()), *watched(cast)]
    passages = [one for plot in told for one in (*plot.acts, *plot.around) if isinstance(one, Passage)]
    day = observe([*passages, *crossers(Random(f"{seed}/crossers"), count)], seed, 1.0)
    reports = defaultdict(list)
    for feed in (day.feeds[name] for name in ("towers", "ground", "patrols")):
        seconds = feed.rows["observed_at"].cast("int64").to_numpy() / 1e6 - DAY.timestamp()
        for number, at, sensor in zip(feed.objects, seconds, feed.rows["sensor"].to_pylist(), strict=True):
            reports[number].append((at, sensor))
    found = []
    for one in truth.happenings(day, told):
        passage = day.passages[one.objects[0]]
        if one.rule != truth.CROSSING or passage.what not in KIND or passage.carries:
            continue
        if passage.what == "boat" and passage.size > SMALL:
            continue
        mine = reports[one.objects[0]]
        spot = where(passage.path, np.array([at for at, _ in mine]))
        there = np.asarray(one.latitude), np.asarray(one.longitude)
        near = great_circle(*there, spot.latitude, spot.longitude) <= NEAR
        sensors = {sensor for (_, sensor), close in zip(mine, near, strict=True) if close}
        found.append((one, KIND[passage.what], passage.called == "drawn", sensors))
    return day, found


def maps(day):
    """Return the probabilities of the maps by name: kind, kilometre, hour."""
    plan, fleet = (
        schedule.read(force.schedule(), "coverage.toml"),
        assets.read(force.assets(), "assets.toml").assets,
    )
    skies = weather.read(day.feeds["weather"].rows, axis(), DAY, 24)
    bare, trials = Conditions((), skies), Conditions((), skies, plan.curve)
    rows = day.feeds["coverage"].rows
    to_come = {
        name: schedule.part(
            one, tuple(w for w in plan.watch if w.asset == name), axis(), DAY, 24, ZoneInfo(plan.zone), trials
        )
        for name, one in fleet.items()
    }
    parts = {
        "records": sensor_reports.parts(rows, axis(), DAY, 24, trials, fleet),
        "records, no curves": sensor_reports.parts(rows, axis(), DAY, 24, bare, fleet),
        "schedule": to_come,
    }
    return {
        name: Table.build(tuple(CROSSERS), len(axis()), 24, one).probability for name, one in parts.items()
    }


def fit(seeds):
    """Write the curves: the share that sensors of a class reported, by share of the reach, never rising."""
    cases = defaultdict(list)
    for seed in seeds:
        day, found = crossings(seed, FITTED_DAY)
        rows = day.feeds["coverage"].rows.to_pylist()
        rows = [one for one in rows if one["state"] == "looking"]
        column = {
            name: np.array([one[name] for one in rows]) for name in ("latitude", "longitude", "farthest")
        }
        for one, kind, _, sensors in found:
            metres = great_circle(
                *map(np.asarray, (one.latitude, one.longitude)), column["latitude"], column["longitude"]
            )
            for at in np.flatnonzero(metres <= column["farthest"]):
                row = rows[at]
                if row["observed_at"] <= one.since < row["until"]:
                    cases[row["class"], row["farthest"], kind].append(
                        (metres[at] / row["farthest"], row["sensor"] in sensors)
                    )
    text = "# Lateral range curves of the exercise's sensors: benchmarks/planning/reliability.py --fit.\n"
    for (sensor, reach, kind), each in sorted(cases.items()):
        share, seen = np.array(each, float).T
        steps = 20 if len(each) >= 100 else 4
        step = np.minimum((share * steps).astype(int), steps - 1)
        some = [n for n in range(steps) if (step == n).sum() >= 3]
        if not some:
            continue
        means, counts = zip(*((seen[step == n].mean(), (step == n).sum()) for n in some), strict=True)
        curve = isotonic_regression(means, weights=counts, increasing=False).x.round(3)
        share = (np.array(some) + 0.5) / steps
        turns = np.ones(len(some), bool)  # a point between two that are level with it says nothing
        turns[1:-1] = (curve[1:-1] != curve[:-2]) | (curve[1:-1] != curve[2:])
        text += (
            f'\n[[curve]]  # {len(each)} crossings\nsensor = "{sensor}"\nreach_m = {reach}\n'
            f'crosser = "{kind}"\n'
            f"share = {share[turns].round(3).tolist()}\ndetects = {curve[turns].tolist()}\n"
        )
    path = Path(force.__file__).with_name(force.CURVES)
    path.write_text(text, "utf-8")
    print(f"{path.name}: {sum(map(len, cases.values()))} crossings in reach of a sensor")


def score(seeds):
    """Print the Brier score beside a constant forecast, by kind, and reliability in ten bins."""
    began, rows, stated = time.process_time(), [], defaultdict(list)
    numbers = {name: number for number, name in enumerate(CROSSERS)}
    for seed in seeds:
        day, found = crossings(seed, SCORED_DAY)
        tables = maps(day)
        for one, kind, drawn, sensors in found:
            hour = int((one.since - DAY).total_seconds() // 3_600)
            if 0 <= hour < 24:
                km = int(border.load().nearest(one.latitude, one.longitude).km[0])
                rows.append((numbers[kind], bool(sensors), drawn))
                for name, table in tables.items():
                    stated[name].append(table[numbers[kind], km, hour])
    kind, seen, drawn = np.array(rows, float).T
    print(
        f"{len(rows)} crossings on {len(seeds)} days, {int(drawn.sum())} of them drawn;"
        f" {time.process_time() - began:.0f} s of processor time"
    )
    groups = {"all": kind >= 0, "not drawn": drawn == 0} | {name: kind == n for name, n in numbers.items()}
    for name, values in stated.items():
        said = np.array(values)
        print(f"\n{name}\n           crossings  stated  detected  Brier  constant")
        for group, mine in groups.items():
            base, brier = seen[mine].mean(), ((said - seen)[mine] ** 2).mean()
            print(
                f"{group:9}  {mine.sum():9}  {said[mine].mean():6.3f}  {base:8.3f}  {brier:.3f}"
                f"  {base * (1 - base):8.3f}"
            )
        print("stated   crossings  mean  detected  95 % interval   off")
        for tenth in range(10):
            mine = np.minimum((said * 10).astype(int), 9) == tenth
            if count := int(mine.sum()):
                low, high = proportions.jeffreys(int(seen[mine].sum()), count)
                mean, came = said[mine].mean(), seen[mine].mean()
                band = f".{tenth} to {(tenth + 1) / 10:.1f}  {count:8}  {mean:.3f}  {came:8.3f}"
                print(f"{band}  {low:.3f} to {high:.3f}  {mean - came:+.3f}")


if __name__ == "__main__":
    if "--fit" in sys.argv[1:]:
        fit(FITTED)
    else:
        score(HELD_OUT)
