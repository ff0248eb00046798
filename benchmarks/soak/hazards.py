"""What else a day may bring: two officers at one lead, a disk that fills, a clock that jumps back."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.soak.acts import ACTS, READER, Said, begin, call
from benchmarks.soak.days import Days
from watchfloor.actions.base import NOT_RUN
from watchfloor.store import Floor

ROUNDS: Final = 3
"""Leads that two officers decide at once."""

ROOM: Final = range(0, 320, 16)
"""KiB up to which a file may grow while a decision is written."""

HOURS: Final = (0, 6)
"""How far the clock is ahead at a decision; it is right when the decision is taken back."""


def show(folder: Path) -> list[str]:
    """Print what came of each hazard; gives what was lost."""
    lost = []
    for name, hazard in HAZARDS.items():
        place = folder / name.replace(" ", "-")
        seen: Counter[str] = Counter()
        found = [
            *hazard(_day(place), seen),
            *(f"verify: {one}" for one in Floor.open(place / "floor").verify()),
        ]
        print(f"{name}: " + "; ".join(f"{count} × {what}" for what, count in seen.items()))
        for one in found:
            print(f"  LOST: {one}")
        lost += found
    return lost


def _day(folder: Path) -> Path:
    """A floor with leads."""
    begin(folder)
    for number, name in enumerate(["ingest"] * 8 + ["run"]):
        call(*ACTS[name].words(folder, number))
    return folder


def together(folder: Path, seen: Counter[str]) -> Iterator[str]:
    """Two officers decide one lead at the same moment, otherwise."""
    for turn in range(ROUNDS):
        lead = _lead(folder)
        sides = {verdict: f"round {turn}: {verdict}" for verdict in ("different", "same")}
        running = [
            _start(folder, "leads", "decide", lead, verdict, "--why", why) for verdict, why in sides.items()
        ]
        ended = [(process, *process.communicate()) for process in running]
        kept = _whys(folder)
        for why, (process, out, said) in zip(sides.values(), ended, strict=True):
            already = process.returncode == 0 and json.loads(out.splitlines()[-1]).get("already")
            if already:
                seen["told that it stands already, nothing written"] += 1
            if process.returncode == 0 and not already and why not in kept:
                yield f"{why}: acknowledged and not there"
            if process.returncode and why in kept:
                yield f"{why}: refused ({said.strip()}) and there"
        codes = sorted(process.returncode for process, *_ in ended)
        seen[_WORDS.get(tuple(codes), f"exit codes {codes}")] += 1
        call(*ACTS["ingest"].words(folder, 100 + turn))
        call(*ACTS["run"].words(folder, 0))


KEPT: Final = NOT_RUN.en.partition(",")[0]
"""How it is said that a decision is recorded although the desks could not run."""
_WORDS: Final = {
    (0, 0): "both acknowledged",
    (0, 2): "one recorded, one told that it was decided",
    (0, 3): "one recorded, one told who is writing",
}


def full(folder: Path, seen: Counter[str]) -> Iterator[str]:
    """Decisions on a disk with ever more room, until one is recorded."""
    with Days() as days:
        for turn, room in enumerate(ROOM):
            lead, why = _lead(folder), f"with {room} KiB"
            verdict = ("different", "same")[turn % 2]  # what stands already is not written again
            words = ["leads", "decide", lead, verdict, "--why", why, "--floor", str(folder / "floor")]
            said = list(days.live(folder, [("decide", room, words)], room=room << 10))[-1]
            there = why in _whys(folder)
            if "done" in said:
                seen["recorded"] += 1
                yield from () if there else (f"{why}: acknowledged and not there",)
            elif there and KEPT in said["why"]:
                seen["told that it is recorded, and that the desks could not run"] += 1
            elif there or "StoreFull" not in said["why"]:
                yield f"{why}: {said['why']}{' and there' if there else ''}"
            else:
                seen["told that the disk takes no more, nothing kept"] += 1


def clock(folder: Path, seen: Counter[str]) -> Iterator[str]:
    """A decision while the clock is ahead, taken back once it is right: the last word must stand."""
    for hours in HOURS:
        lead = _lead(folder)
        subject = _of(folder, lead)["subject"]
        for shift, verdict in ((hours, "different"), (0, "undo")):
            process = _start(
                folder, "leads", "decide", lead, verdict, "--why", f"{hours} h, {verdict}", shift=shift
            )
            _, said = process.communicate()
            if process.returncode:
                yield f"{verdict} with the clock {shift} h ahead: {said.strip()[-300:]}"
        back = [one for one in _queue(folder) if one["subject"] == subject and one["strength"] != "cleared"]
        seen["taken back" if back else "still cleared"] += 1
        if not back:
            yield f"undone {hours} h earlier by the clock: acknowledged, and the lead is still cleared"
        times = [act.at for act in Floor.open(folder / "floor").acts()]
        if times != sorted(times):
            yield "the log runs backwards"


HAZARDS: Final[Mapping[str, Callable[[Path, Counter[str]], Iterator[str]]]] = {
    "two officers at one lead": together,
    "a disk that fills during a decision": full,
    "a clock that jumps back": clock,
}


def _start(folder: Path, *words: str, shift: float = 0) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.soak.shifted", str(shift)]
    return subprocess.Popen(
        [*command, *words, "--json", "--floor", str(folder / "floor")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


def _queue(folder: Path) -> Said:
    return call("leads", "--top", "1000", "--floor", str(folder / "floor"))


def _lead(folder: Path) -> str:
    return next(str(one["lead_id"]) for one in _queue(folder) if one["strength"] != "cleared")


def _of(folder: Path, lead: str) -> dict[str, Any]:
    return next(one for one in _queue(folder) if one["lead_id"] == lead)


def _whys(folder: Path) -> list[str]:
    whys: list[str] = (
        Floor.open(folder / "floor").read("judgement", READER, columns=["why"])["why"].to_pylist()
    )
    return whys
