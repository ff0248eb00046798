"""Large instances in the style of T. Curtois', around a roster that is planted in each.

python -m benchmarks.planning.large_rosters 24 FOLDER
python -m benchmarks.planning.large_rosters 19 FOLDER --more 0.45

They have the days, people and shifts of the published instances of the same numbers; nothing else is theirs.
The planted roster keeps every rule. Demand is what it covers, one more in a share of places (`--more`). Its
cost is printed; rosters that cost much less are common, so it is no bound.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from watchfloor.planning.rosters import check, columns, curtois

SHAPES = {
    13: (28, 120, 18),
    14: (42, 32, 4),
    15: (42, 45, 6),
    16: (56, 20, 3),
    17: (56, 32, 4),
    18: (84, 22, 3),
    19: (84, 40, 5),
    20: (182, 50, 6),
    21: (182, 100, 8),
    22: (364, 50, 10),
    23: (364, 100, 16),
    24: (364, 150, 32),
}
"""Days, people and shifts, as `schedulingbenchmarks.org` lists them."""


def instance(days: int, people: int, shifts: int, more: float = 0.1, seed: int = 0) -> tuple[str, np.ndarray]:
    """Return the text of an instance and a roster that keeps its rules."""
    random = np.random.default_rng(seed)
    kinds = np.sort(np.arange(shifts) * 4 // shifts)  # early, day, late, night
    names = [f"{'edln'[kind]}{number}" for number, kind in enumerate(kinds)]
    lengths = np.where((kinds == 3) & (random.random() < 0.5), 600, 480)
    lines = ["SECTION_HORIZON", str(days), "SECTION_SHIFTS"]
    for name, kind, length in zip(names, kinds, lengths, strict=True):
        lines.append(f"{name},{length}," + "|".join(n for n, k in zip(names, kinds, strict=True) if k < kind))
    lines.append("SECTION_STAFF")
    months = days / 28
    for person in range(people):
        able = random.random(shifts) < 0.7
        able[random.integers((kinds < 3).sum())] = True  # nights alone would not make the hours
        caps = np.where(kinds == 3, np.ceil(random.choice([4, 5, 8]) * months), days) * able
        part = random.random() < 0.2
        most, least = (4_320, 3_360) if part else (8_640, 7_560)
        weekends = int((1 if part else 2) * months)
        runs = (5, 2, 2) if random.random() < 0.7 else (6, 2, 3)
        each = "|".join(f"{name}={int(cap)}" for name, cap in zip(names, caps, strict=True))
        lines.append(
            f"P{person},{each},{int(most * months)},{int(least * months)},"
            + ",".join(map(str, (*runs, weekends)))
        )
    lines.append("SECTION_DAYS_OFF")
    for person in range(people):
        off = random.choice(days, max(int(months), 1), replace=False)
        lines.append(",".join([f"P{person}", *map(str, sorted(off.tolist()))]))
    bare = "\n".join([*lines, "SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS", "SECTION_COVER", ""])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bare.txt"
        path.write_text(bare, "utf-8")
        problem = curtois.read(path)
    pricing = columns.Pricing(problem)
    grid = np.zeros((people, days), np.int16)
    common = random.random((days, shifts + 1)) * 2
    common[:, 0] = 0
    for person in range(people):
        duals = common + random.random(common.shape) * 4 - 1
        grid[person] = pricing.row(person, duals).row
    for section, share in (("ON", 4.0), ("OFF", 2.5)):
        lines.append(f"SECTION_SHIFT_{section}_REQUESTS")
        for person in range(people):
            for day in random.choice(days, random.poisson(share * months), replace=False).tolist():
                wanted = grid[person, day]
                if not wanted or section == "OFF":
                    wanted = random.integers(shifts) + 1
                lines.append(f"P{person},{day},{names[wanted - 1]},{random.integers(1, 4)}")
    lines.append("SECTION_COVER")
    for day in range(days):
        count = np.bincount(grid[:, day], minlength=shifts + 1)[1:] + (random.random(shifts) < more)
        lines += [f"{day},{name},{one},100,1" for name, one in zip(names, count, strict=True)]
    return "\n".join([*lines, ""]), grid


def main() -> None:
    """Write an instance, and say what its planted roster costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, choices=sorted(SHAPES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--more", type=float, default=0.1)
    asked = parser.parse_args()
    text, grid = instance(*SHAPES[asked.number], asked.more)
    asked.folder.mkdir(parents=True, exist_ok=True)
    path = asked.folder / f"Made{asked.number}.txt"
    path.write_text(text, "utf-8")
    verdict = check.check(curtois.read(path), grid)
    print(path, "planted", verdict.cost, "lawful" if verdict.feasible else "NOT LAWFUL")


if __name__ == "__main__":
    main()
