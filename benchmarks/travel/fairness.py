"""Ratios of false positives between groups, by a key that an independent party holds.

    watchfloor travel rings applications.csv --json > rings.json
    python -m benchmarks.travel.fairness rings.json groups.csv [--true true.csv]

`groups.csv` has columns `application` and `group`; it stays with who audits and never comes to a floor, and
no group is read from applications. `true.csv` names, in a column `application`, those that were found to be
part of organised fraud by other means: what is in a ring and not there is a false positive. Without it every
member counts. Of each group the share of its applications that are false positives is divided by that of all
others, with an interval of 95 % (Katz, Baptista, Azen and Pike 1978, with a half added to each count). The
band is .8 to 1.25. Where fewer than `FEWEST` false positives would be expected, nothing is said.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Mapping
from math import exp, sqrt
from pathlib import Path
from typing import NamedTuple

LOW, HIGH = 0.8, 1.25
FEWEST = 5.0
"""False positives expected in a group below which it is too small to say anything."""
DEVIATE = 1.959963984540054


class Ratio(NamedTuple):
    """A group's share of false positives by that of all others; a verdict of `abstains` has no numbers."""

    group: str
    applications: int
    false: int
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


def ratios(groups: Mapping[str, str], members: Iterable[str], true: Iterable[str] = ()) -> list[Ratio]:
    """Return the ratio of each group.

    Args:
        groups: group by application.
        members: applications in rings.
        true: those of them that are part of organised fraud.
    """
    right = set(true)
    false = set(members).intersection(groups) - right
    innocent = [one for one in groups if one not in right]
    return [_ratio(group, groups, false, innocent) for group in sorted(set(groups.values()))]


def _ratio(group: str, groups: Mapping[str, str], false: set[str], innocent: list[str]) -> Ratio:
    mine = [one for one in innocent if groups[one] == group]
    many, others = len(mine), len(innocent) - len(mine)
    bad = sum(one in false for one in mine)
    rest = len(false) - bad
    if not others or many * len(false) / max(len(innocent), 1) < FEWEST:
        return Ratio(group, many, bad, None, None, None, "abstains")
    here, there = (bad + 0.5) / (many + 0.5), (rest + 0.5) / (others + 0.5)
    error = sqrt(1 / (bad + 0.5) - 1 / (many + 0.5) + 1 / (rest + 0.5) - 1 / (others + 0.5))
    ratio = here / there
    low, high = (ratio * exp(sign * DEVIATE * error) for sign in (-1, 1))
    if LOW <= ratio <= HIGH:
        verdict = "within"
    else:
        verdict = "outside" if low > 1 or high < 1 else "outside, and chance may do it"
    return Ratio(group, many, bad, ratio, low, high, verdict)


def shown(found: Iterable[Ratio]) -> str:
    """Return the ratios as a table."""
    lines = [
        f"{'group':<24} {'applications':>12} {'false':>6} {'ratio':>6} {'95 %':>13}  band {LOW} to {HIGH}"
    ]
    for one in found:
        numbers = f"{'-':>6} {'-':>13}"
        if one.ratio is not None:
            numbers = f"{one.ratio:6.2f} {one.low:6.2f}-{one.high:<6.2f}"
        lines.append(f"{one.group:<24} {one.applications:12} {one.false:6} {numbers}  {one.verdict}")
    return "\n".join(lines)


def _column(path: Path, *names: str) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row[name].strip() for name in names) for row in csv.DictReader(file)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rings", type=Path)
    parser.add_argument("groups", type=Path)
    parser.add_argument("--true", type=Path)
    asked = parser.parse_args()
    answer = json.loads(asked.rings.read_text("utf-8"))
    members = [one for ring in answer["rings"] for one in ring["members"]]
    groups = {one[0]: one[1] for one in _column(asked.groups, "application", "group")}
    true = [one for (one,) in _column(asked.true, "application")] if asked.true else []
    print(shown(ratios(groups, members, true)))


if __name__ == "__main__":
    main()
