"""The harbour, scenario by scenario: ours and Stone Soup's, each part of ours left out, and the whole curve.

The curve is false tracks against missed objects over the probability of existence from which a track is
confirmed, and over that from which it is shown: the point is chosen on the scenarios that are tuned on.
"""

import argparse
import json
import sys
from dataclasses import asdict
from statistics import fmean

import numpy as np
import pyarrow as pa

from benchmarks.surveillance import autoferry, ours
from benchmarks.surveillance.recording import score
from benchmarks.surveillance.tracks import ferry_peer
from watchfloor.desks.surveillance import tracking_metrics as metrics
from watchfloor.desks.surveillance.recording import track
from watchfloor.desks.surveillance.tracking import Config

SENSORS = {
    "all sensors": (autoferry.LIDAR, autoferry.RADAR, autoferry.INFRARED, autoferry.CAMERA),
    "radar and lidar": (autoferry.LIDAR, autoferry.RADAR),
    "radar": (autoferry.RADAR,),
}
PARTS = ("echoes", "extents", "mapped", "manoeuvres", "hide_still", "soft")
"""Settings that a part of the tracker is switched off by."""
CONFIRM = (0.9, 0.97, 0.99, 0.997, 0.9999)
SHOW = (0.3, 0.7)
MEASURES = ("gospa", "missed", "false", "idf1")
JUDGED = {"all tracks": float("inf"), "near the boats": autoferry.NEAR}


def measured(tracks, scenario: int) -> dict[str, dict[str, float]]:
    """Measures of tracks over all of them, and near the boats."""
    truth = autoferry.load(scenario).truth
    return _by(lambda within: score(truth, tracks, autoferry.CUTOFF, within=within))


def _by(judge) -> dict[str, dict[str, float]]:
    """Measures by what is judged."""
    found = {judged: asdict(judge(within)) for judged, within in JUDGED.items()}
    return {judged: {name: one[name] for name in MEASURES} for judged, one in found.items()}


def run(scenario: int, sensors: tuple[int, ...] = SENSORS["all sensors"], **settings):
    """Ours, with these settings."""
    return measured(ours.run(autoferry.load(scenario, sensors), Config(**settings))[0], scenario)


def plain(scenario: int, stated: bool):
    """Ours by `watchfloor track`: a table without the looks that found nothing, with errors or without."""
    recording = autoferry.load(scenario, empty=False)
    azimuth = np.isfinite(recording.bearing)
    east, north = recording.place.T
    columns = {
        "t": recording.t,
        "sensor": [f"sensor {one}" for one in recording.sensor],
        "x": pa.array(east, mask=azimuth),
        "y": pa.array(north, mask=azimuth),
        "bearing_rad": pa.array(recording.bearing % (2 * np.pi), mask=~azimuth),
        "sensor_x": recording.own[:, 0],
        "sensor_y": recording.own[:, 1],
    }
    if stated:
        columns["sigma"] = pa.array(np.sqrt(recording.cov[:, 0]), mask=azimuth)
    rows = track(pa.table(columns), every=autoferry.STEP).tracks
    step = np.round(rows["t"].to_numpy() / autoferry.STEP).astype(int)
    mine = step < len(recording.truth.times)
    place = np.column_stack((rows["x"], rows["y"]))
    found = metrics.Positions(step[mine], rows["track_id"].to_numpy()[mine], place[mine])
    truth = recording.truth
    return _by(
        lambda within: metrics.score(
            len(truth.times), truth.positions, found, autoferry.CUTOFF, within=within
        )
    )


def lines(scenarios: tuple[int, ...], peer: bool, curve: bool):
    """Yield (what, scenario or None for their mean, measures)."""

    def mean(what: str, found: list):
        averaged = {j: {m: fmean(one[j][m] for one in found) for m in MEASURES} for j in JUDGED}
        return what, None, averaged

    for what, sensors in SENSORS.items():
        found = [run(number, sensors) for number in scenarios]
        yield from ((what, number, one) for number, one in zip(scenarios, found, strict=True))
        yield mean(what, found)
    for stated in (True, False):
        found = [plain(number, stated) for number in scenarios]
        what = f"a plain table, errors {'' if stated else 'not '}stated"
        yield from ((what, number, one) for number, one in zip(scenarios, found, strict=True))
        yield mean(what, found)
    if peer:
        found = [measured(ferry_peer(number), number) for number in scenarios]
        yield from (("Stone Soup", number, one) for number, one in zip(scenarios, found, strict=True))
        yield mean("Stone Soup", found)
    for part in PARTS:
        yield mean(f"without {part}", [run(number, **{part: False}) for number in scenarios])
    none = dict.fromkeys(("echoes", "extents", "mapped"), False)
    yield mean("without the first three", [run(number, **none) for number in scenarios])
    for confirm in CONFIRM if curve else ():
        for show in SHOW:
            settings = {"exists_confirm": confirm, "exists_show": show}
            yield mean(f"confirm {confirm}, show {show}", [run(number, **settings) for number in scenarios])


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance.harbour", description=__doc__)
    add = parser.add_argument
    add("--scenarios", help="by number, with commas; default: those that are tuned on, and the others")
    add("--peer", action=argparse.BooleanOptionalAction, default=True, help="run Stone Soup")
    add("--curve", action=argparse.BooleanOptionalAction, default=True, help="run the curve")
    add("--json", action="store_true", help="print an object a line")
    options = parser.parse_args()
    groups = (autoferry.TUNED_ON, autoferry.REPORTED)
    if options.scenarios:
        groups = (tuple(int(one) for one in options.scenarios.split(",")),)
    for numbers in groups:
        tuned = set(numbers) <= set(autoferry.TUNED_ON)
        if not options.json:
            print(
                f"scenarios {numbers}, {'tuned on' if tuned else 'not tuned on'}; c {autoferry.CUTOFF:.0f} m"
            )
        for what, number, found in lines(numbers, options.peer, options.curve):
            if options.json:
                print(json.dumps({"what": what, "scenario": number, "tuned_on": tuned} | found))
                continue
            parts = [
                f"{judged}: " + ", ".join(f"{m} {v:.2f}" for m, v in one.items())
                for judged, one in found.items()
            ]
            print(f"{what:26} {'mean' if number is None else number!s:>4}  {'; '.join(parts)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
