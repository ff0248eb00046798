"""Large instances in the style of T. Curtois', around a roster that is planted in each.

python -m benchmarks.planning.large_rosters 24 FOLDER
python -m benchmarks.planning.large_rosters 19 FOLDER --more 0.45
python -m benchmarks.planning.large_rosters 17 FOLDER --stretch DATA

They have the days, people and shifts of the published instances of the same numbers; nothing else is theirs.
The planted roster keeps every rule. Demand is what it covers, one more in a share of places (`--more`). Its
cost is printed; rosters that cost much less are common, so it is no bound.

With `--stretch` one of the public instances 7 to 12 is stretched to those days and people instead: its
people, again where there are too few, their limits by the days, and days off, requests and demand of its
days, drawn again by weekday. Shifts are those of the public one. Nothing is planted in it.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from watchfloor.planning.rosters import check, columns, curtois
from watchfloor.planning.rosters.problem import Problem

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
SOURCES = {
    13: 12,
    14: 8,
    15: 10,
    16: 7,
    17: 8,
    18: 7,
    19: 10,
    20: 10,
    21: 11,
    22: 12,
    23: 12,
    24: 12,
}
"""Which public instance is stretched to each shape."""


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
    pricing = columns.Pricing(problem_of(bare))
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


def problem_of(text: str) -> Problem:
    """Read the text of an instance."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.txt"
        path.write_text(text, "utf-8")
        return curtois.read(path)


def stretched(source: Path, days: int, people: int, seed: int = 0) -> str:
    """Return the text of a public instance, stretched; who has no lawful row has no days off."""
    random = np.random.default_rng(seed)
    sections: dict[str, list[list[str]]] = {}
    name = ""
    for line in map(str.strip, source.read_text("utf-8").splitlines()):
        if line.startswith("SECTION_"):
            name = line
            sections[name] = []
        elif line and not line.startswith("#"):
            sections[name].append(line.split(","))
    horizon = int(sections["SECTION_HORIZON"][0][0])
    begins = range(0, days, horizon)
    staff = sections["SECTION_STAFF"]
    count = len(staff)
    picked = (
        [at % count for at in range(people)]
        if people >= count
        else random.choice(count, people, replace=False).tolist()
    )

    def longer(text: str) -> int:
        return days if int(text) >= horizon else round(int(text) * days / horizon)

    lines = ["SECTION_HORIZON", str(days), "SECTION_SHIFTS", *map(",".join, sections["SECTION_SHIFTS"])]
    lines.append("SECTION_STAFF")
    for number, at in enumerate(picked):
        _, caps, most, least, *runs, weekends = staff[at]
        each = (cap.split("=") for cap in caps.split("|"))
        caps = "|".join(f"{shift}={longer(cap)}" for shift, cap in each)
        hours = (str(round(int(bound) * days / horizon)) for bound in (most, least))
        last = str(round(int(weekends) * days / horizon))
        lines.append(",".join([f"P{number}", caps, *hours, *runs, last]))
    off = {row[0]: [int(day) for day in row[1:]] for row in sections["SECTION_DAYS_OFF"]}
    names = [row[0] for row in staff]
    lines.append("SECTION_DAYS_OFF")
    free = len(lines)
    for number in range(people):
        mine = (begin + day for begin in begins for day in off.get(names[random.integers(count)], []))
        lines.append(",".join([f"P{number}", *map(str, sorted(day for day in mine if day < days))]))
    for section in ("SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS"):
        lines.append(section)
        for number, at in enumerate(picked):
            for begin in begins:
                who = names[at] if begin == 0 else names[random.integers(count)]
                mine = ((int(day) + begin, *rest) for one, day, *rest in sections[section] if one == who)
                lines += [f"P{number},{day},{','.join(rest)}" for day, *rest in mine if day < days]
    lines.append("SECTION_COVER")
    for day in range(days):
        like = day if day < horizon else int(random.choice(range(day % 7, horizon, 7)))
        for on, shift, least, *prices in sections["SECTION_COVER"]:
            if int(on) == like:
                wanted = int(int(least) * people / count + random.random())
                lines.append(",".join([str(day), shift, str(wanted), *prices]))
    problem = problem_of("\n".join([*lines, ""]))
    pricing, nothing = columns.Pricing(problem), np.zeros((days, len(problem.posts) + 1))
    for number in range(people):
        if days <= columns.LONG and pricing.row(number, nothing) is None:
            lines[free + number] = f"P{number}"
    return "\n".join([*lines, ""])


def main() -> None:
    """Write an instance, and say what its planted roster costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, choices=sorted(SHAPES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--more", type=float, default=0.1)
    parser.add_argument("--stretch", type=Path, metavar="DATA", help="folder of the public instances")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.stretch:
        source = asked.stretch / f"Instance{SOURCES[asked.number]}.txt"
        path = asked.folder / f"Stretched{asked.number}.txt"
        path.write_text(stretched(source, *SHAPES[asked.number][:2]), "utf-8")
        print(path, "from", source.name)
        return
    text, grid = instance(*SHAPES[asked.number], asked.more)
    path = asked.folder / f"Made{asked.number}.txt"
    path.write_text(text, "utf-8")
    verdict = check.check(curtois.read(path), grid)
    print(path, "planted", verdict.cost, "lawful" if verdict.feasible else "NOT LAWFUL")


if __name__ == "__main__":
    main()
