"""The harbour, scenario by scenario: ours and Stone Soup's, each part of ours left out, and the whole curve.

The curve is false tracks against missed objects over the probability of existence from which a track is
confirmed, and over that from which it is shown: the point is chosen on the scenarios that are tuned on.
"""

import argparse
import json
import sys
from dataclasses import asdict
from statistics import fmean

from benchmarks.surveillance import autoferry, ours
from benchmarks.surveillance.recording import score
from benchmarks.surveillance.tracks import ferry_peer
from watchfloor.desks.surveillance.tracking import Config

SENSORS = {
    "all sensors": (autoferry.LIDAR, autoferry.RADAR, autoferry.INFRARED, autoferry.CAMERA),
    "radar and lidar": (autoferry.LIDAR, autoferry.RADAR),
    "radar": (autoferry.RADAR,),
}
PARTS = ("echoes", "extents", "mapped", "hide_still", "soft")
"""Settings that a part of the tracker is switched off by."""
CONFIRM = (0.9, 0.97, 0.99, 0.997, 0.9999)
SHOW = (0.3, 0.7)
MEASURES = ("gospa", "missed", "false", "idf1")
JUDGED = {"all tracks": float("inf"), "near the boats": autoferry.NEAR}


def measured(tracks, scenario: int) -> dict[str, dict[str, float]]:
    """Measures of tracks over all of them, and near the boats."""
    truth = autoferry.load(scenario).truth
    return {
        judged: {
            name: asdict(score(truth, tracks, autoferry.CUTOFF, within=within))[name] for name in MEASURES
        }
        for judged, within in JUDGED.items()
    }


def run(scenario: int, sensors: tuple[int, ...] = SENSORS["all sensors"], **settings):
    """Ours, with these settings."""
    return measured(ours.run(autoferry.load(scenario, sensors), Config(**settings))[0], scenario)


def lines(scenarios: tuple[int, ...], peer: bool, curve: bool):
    """Yield (what, scenario or None for their mean, measures)."""

    def mean(what: str, found: list):
        averaged = {j: {m: fmean(one[j][m] for one in found) for m in MEASURES} for j in JUDGED}
        return what, None, averaged

    for what, sensors in SENSORS.items():
        found = [run(number, sensors) for number in scenarios]
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
