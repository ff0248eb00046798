"""The demo as a visitor sees it: seconds from its page to the first track that moves, and to lives at risk.

Starts `watchfloor demo` in a folder of its own, opens the link that it prints in Chromium without a window,
and watches the page: what its frames of the map hold, its leads and its alerts. Seconds are by the clock on
the wall from when the page was asked for, so what else runs on the machine counts too.

    ./dev bench console.demo [--seconds 120] [--speed 60]
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.console.tracks import FLAGS
from watchfloor.cli.admin.doctor import PROGRAMS

MOVES = """() => {
  if (!window.watchfloorMap?.things) return 0;
  if (!window.moved) {
    const TRACK = 2, known = new Map(), things = watchfloorMap.things, set = things.set.bind(things);
    window.moved = new Set();
    const look = (frame) => {
      const view = new DataView(frame), size = (frame.byteLength - 32) / view.getUint32(4, true);
      for (let at = 32; at + size <= frame.byteLength; at += size) {
        const number = view.getUint32(at + 32, true), before = known.get(number);
        const place = [view.getInt32(at + 4, true), view.getInt32(at + 8, true)];
        const far = before ? Math.max(...place.map((one, n) => Math.abs(one - before[n]))) : 0;
        if (view.getUint8(at + 14) === TRACK && far > 0 && far < 500_000) window.moved.add(number);
        known.set(number, place);
      }
    };
    things.set = (frame) => { look(frame); set(frame); };
    if (things.frame) look(things.frame);
  }
  return window.moved.size;
}"""
ASKED = """async () => {
  const [leads, head] = await Promise.all([fetch("/api/v1/leads"), fetch("/api/v1/stream/head")]);
  return [await leads.text(), await head.json()];
}"""
RISK = "life-at-risk"
GOALS = {"moving": 15.0, "lead": 90.0, "alert": 90.0}


def main() -> None:
    """Measure, and print a line of JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=120.0, help="For how long the page is watched.")
    asked.add_argument("--speed", default="60")
    asked.add_argument("--shots", type=Path, help="Folder for a screenshot each ten seconds.")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        link, began, child = started(Path(folder) / "demo", told.speed)
        try:
            found = watched(link, told.seconds, told.shots)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(60)
    print(json.dumps({"ready": round(began, 1), **found, "goals": GOALS}))


def started(folder: Path, speed: str) -> tuple[str, float, subprocess.Popen[str]]:
    """The link of a demo that was started, the seconds that it took until then, and its process."""
    command = [sys.executable, "-m", "watchfloor", "demo", str(folder), "--port", "0", "--speed", speed]
    began = time.perf_counter()
    quiet = os.environ | {"BROWSER": "true", "COLUMNS": "400"}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=quiet)
    assert child.stderr is not None
    for line in child.stderr:
        print(line, end="", file=sys.stderr)
        if found := re.search(r"http://\S+/enter/\S+", line):
            rest = threading.Thread(target=lambda: [None for _ in child.stderr or ()], daemon=True)
            rest.start()
            return found[0], time.perf_counter() - began, child
    raise SystemExit(f"the demo ended with {child.wait()} before it was ready")


def watched(link: str, seconds: float, shots: Path | None) -> dict[str, float | None]:
    """Seconds from the page to each of `GOALS`; None for what did not come."""
    found: dict[str, float | None] = dict.fromkeys(GOALS)
    shot = 0
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, PROGRAMS["chromium"][0])), None)
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
        began = time.perf_counter()
        page.goto(link)
        while None in found.values() and (now := time.perf_counter() - began) < seconds:
            leads, head = page.evaluate(ASKED)
            seen = {
                "moving": page.evaluate(MOVES) > 0,
                "lead": any(one["hypothesis"] == RISK for one in json.loads(leads)["leads"]),
                "alert": head["last"]["alerts"]["open"] > 0,
            }
            for name, there in seen.items():
                if there and found[name] is None:
                    found[name] = round(now, 1)
                    print(f"{name}: {now:.1f} s", file=sys.stderr)
            if shots and now >= 10 * shot:
                page.screenshot(path=shots / f"{round(now):03}.png")
                shot += 1
            page.wait_for_timeout(250)
        browser.close()
    return found


if __name__ == "__main__":
    main()
