"""Passes over the whole line beside tatc's, and their times beside skyfield's: seconds of processor time.

    python -m benchmarks.space.passes [--elements FILE]

The elements are those of 30 May 2026 (CelesTrak, `resource`): RADARSAT-2, Sentinel-1A, -2A, -2B, -2C, Landsat
8 and 9, TerraSAR-X and TanDEM-X, nine satellites over 6,437 kilometres and 12 days, with daylight and
statistics of gaps by kilometre, and of those by daylight. tatc does the same for three satellites and every
fifth kilometre, each with one field of regard, with the sun's place, aggregated and reduced to revisits;
Watchfloor does just that subset in the same process. skyfield's search for rises and sets says when seventeen
satellites are above three heights at nine points. Orders are chosen for the line and a second request, of
three made-up satellites with RADARSAT Constellation's modes beside those. Kernels are compiled before.
"""

import argparse
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from skyfield.api import EarthSatellite, load, wgs84
from tests.planning.satellites.made import pair

from watchfloor.formats.orbits import Orbits, parse, read_elements
from watchfloor.planning.satellites import points, sensors
from watchfloor.planning.satellites.acquisitions import acquisitions
from watchfloor.planning.satellites.calendar import Points, calendar
from watchfloor.planning.satellites.gaps import gaps
from watchfloor.planning.satellites.orders import Budget, choose
from watchfloor.planning.satellites.sensors import Sensor
from watchfloor.planning.satellites.tasking_requests import TaskingRequest

ELEMENTS = Path(__file__).parents[3] / "shared" / "data" / "space" / "resource_2026-05-30.tle"
START, DAYS = datetime(2026, 5, 31, tzinfo=UTC), 12
WANTED = ("RADARSAT-2", "SENTINEL-1A", "SENTINEL-2A", "SENTINEL-2B", "SENTINEL-2C", "LANDSAT 8", "LANDSAT 9")
X_BAND = Sensor(
    name="ScanSAR", satellites=("TERRASAR-X", "TANDEM-X"), incidence=(20.0, 45.0), side="right"
)  # DLR TX-GS-DD-3302, Basic Product Specification: ScanSAR, full performance
REGARD = 20.6
"""Degrees of the field of regard that both have in the comparison: that of Sentinel-2."""


def timed(run):
    """Return what a function returns, and its seconds of processor time."""
    begin = time.process_time()
    found = run()
    return found, time.process_time() - begin


def whole(orbits, used, where):
    """Compute every pass, and the gaps of each kilometre between usable ones and those by daylight."""
    made = calendar(orbits, used, where, START, DAYS)
    some = made.every()
    summaries = [
        gaps(some, keep, 0, len(where), made.seconds).summary() for keep in (some.usable, some.sun > 0)
    ]
    return made, some, summaries


def named(orbits, names):
    return Orbits(tuple(one for one in orbits.elements if one.name in names))


def lines_of(path):
    """Return the two lines of each satellite, by its name."""
    lines = path.read_text().splitlines()
    return {
        lines[at].strip(): (lines[at + 1].strip(), lines[at + 2].strip())
        for at in range(0, len(lines) - 2, 3)
    }


def beside_tatc(orbits, path):
    """Print seconds of both for three satellites and every fifth kilometre, and how many passes each has."""
    from tatc.analysis import aggregate_observations, collect_observations, reduce_observations
    from tatc.schemas import Instrument, Point, Satellite, TwoLineElements

    line, names = points.of_line(), ("SENTINEL-2A", "SENTINEL-2B", "SENTINEL-2C")
    some = np.arange(0, len(line), 5)
    where = Points([line.names[at] for at in some], *(one[some] for one in line[1:]))
    every = lines_of(path)
    satellites = [
        Satellite(
            name=name,
            orbit=TwoLineElements(tle=list(every[name])),
            instruments=[Instrument(name="MSI", field_of_regard=REGARD)],
        )
        for name in names
    ]
    places = [
        Point(id=at, latitude=float(where.latitude[at]), longitude=float(where.longitude[at]))
        for at in range(len(where))
    ]

    def theirs():
        found = collect_observations(
            places, satellites, START, START + timedelta(days=DAYS), omit_solar=False
        )
        return found, reduce_observations(aggregate_observations(found))

    (observed, reduced), they = timed(theirs)
    used = [Sensor(name="MSI", off_nadir=REGARD / 2)]
    (_, mine, _), we = timed(lambda: whole(named(orbits, names), used, where))
    print(
        f"three satellites, {len(where):,} points: Watchfloor {we:.2f} s, {len(mine.at):,} passes; "
        f"tatc {they:.2f} s, {len(observed):,} passes, {len(reduced):,} points with revisits: "
        f"{they / we:.0f} times as fast"
    )


def beside_skyfield(orbits, path):
    """Print by how much starts and ends differ from skyfield's rises and sets, and how many only one has."""
    scale, every, line = load.timescale(builtin=True), lines_of(path), points.of_line()
    some = np.arange(5, len(line), 800)
    where = Points(
        [line.names[at] for at in some],
        line.latitude[some],
        line.longitude[some],
        np.linspace(0, 1_500, len(some)),
    )
    span = [scale.from_datetime(START + timedelta(days=one)) for one in (0, DAYS)]
    differences, missing = [], 0
    for one in orbits.elements[::10]:
        satellite = EarthSatellite(*every[one.name], one.name, scale)
        for most in (20, 45, 80):
            made = calendar(Orbits((one,)), [Sensor(name="any", incidence=(0, most))], where, START, DAYS)
            mine = made.every()
            for at in range(len(where)):
                place = wgs84.latlon(where.latitude[at], where.longitude[at], where.height[at])
                moments, what = satellite.find_events(place, *span, altitude_degrees=90 - most)
                seconds = np.array([(each - START).total_seconds() for each in moments.utc_datetime()])
                here = mine.where(mine.point == at)
                for ours, theirs in ((here.start, seconds[what == 0]), (here.end, seconds[what == 2])):
                    # A pass over the window's edge is of the window in which it is highest.
                    inner = [each[(each > 1_200) & (each < DAYS * 86_400 - 1_200)] for each in (ours, theirs)]
                    if len(inner[0]) == len(inner[1]):
                        differences.append(np.abs(inner[0] - inner[1]))
                    else:
                        missing += 1
    found = np.concatenate(differences)
    print(
        f"skyfield: {len(found):,} starts and ends of {len(orbits.elements[::10])} satellites "
        f"at {len(where)} points: "
        f"largest difference {found.max():.3f} s, 99 % within {np.quantile(found, 0.99):.3f} s; "
        f"{missing} lists of another length"
    )


def beside_bound(orbits):
    """Print how long it takes to choose what to order of three made-up RCM and the others, and the gap."""
    made_up = "".join(
        f"RCM-{one}\n{pair(44_321 + one, 330.0, (10 + 120 * one) % 360, motion=14.92)}\n" for one in (1, 2, 3)
    )
    both = Orbits((*named(orbits, WANTED).elements, *parse(made_up.encode(), "made up").elements))
    used = sensors.chosen(sensors.shipped(), ("SC50", "SC30", "SCWA", "IW", "MSI", "OLI"))
    requests = [
        TaskingRequest(name="line", km=(0, 6_438)),
        TaskingRequest(name="prairie", km=(1_200, 2_134), modes=("RCM SC30",), every_hours=48, weight=2),
    ]
    for days in (3, DAYS):
        made = calendar(both, used, points.of_line(), START, days)
        found = acquisitions(made, made.every())
        weights = np.ones((len(made.points), 24 * days))
        for orders in (None, 6):
            choice, seconds = timed(
                lambda orders=orders: choose(made, found, requests, weights, Budget(orders))  # noqa: B023
            )
            print(
                f"orders, {days} days, {len(found):,} acquisitions, "
                f"at most {orders or 'any number'} a satellite: {seconds:.2f} s, "
                f"{len(choice.chosen)} orders, {choice.shown / choice.whole:.1%} shown, "
                f"{choice.free / choice.whole:.1%} without any, gap {choice.gap:.4%}, "
                f"{len(choice.conflicts)} conflicts"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--elements", type=Path, default=ELEMENTS)
    path = parser.parse_args().elements
    if not path.exists():
        raise SystemExit(f"{path} is not there: give --elements")
    warnings.simplefilter("ignore")  # of the peer's own dependencies
    orbits, reading = timed(lambda: read_elements(path))
    used = [*sensors.chosen(sensors.shipped(), ()), X_BAND]
    nine = named(orbits, (*WANTED, *X_BAND.satellites))
    line = points.of_line()
    whole(nine, used, Points(line.names[:9], *(one[:9] for one in line[1:])))
    (made, some, (usable, by_day)), seconds = timed(lambda: whole(nine, used, line))
    flown = {one.satellite for one in made.observers}
    print(f"{len(orbits.elements)} elements read in {reading:.2f} s, {len(orbits.faults)} faults")
    print(
        f"{len(flown)} satellites, {len(line):,} points, {DAYS} days: {seconds:.2f} s of processor time, "
        f"{len(some.at):,} passes, {some.usable.sum():,} usable, {(some.sun > 0).sum():,} by daylight"
    )
    for name, summary in (("usable", usable), ("by daylight", by_day)):
        mean, median, most, longest = np.nanmedian(summary, axis=0)
        print(
            f"  gaps between passes {name}, median kilometre: mean {mean:.1f} h, median {median:.1f} h, "
            f"95 % {most:.1f} h, longest {longest:.1f} h"
        )
    beside_bound(orbits)
    beside_tatc(orbits, path)
    beside_skyfield(orbits, path)


if __name__ == "__main__":
    main()
