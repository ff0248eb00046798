"""The page of a lead that rests on 10,000 records, on a floor that holds ten times as many.

Chromium without a window opens the page again and again. `server` is what the application took (the header
Server-Timing), `load` what passed until the browser had loaded and laid out the page, `long task` the longest
piece of work of its main thread, and `layout` the longest single layout in a trace. The lead rests on signals
of five records each, or on as many signals as records. For comparison, the evidence as it was read before
records were looked up one by one: every kind whole, then those that the lead cites.

    ./dev bench console.lead [--records 10000] [--beside 90000] [--times 30]
"""

import argparse
import json
import platform
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.console import floors, readers
from watchfloor.cell.evidence import cited, ids, rows
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load
from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import KINDS, PARTY, RECORD_ID
from watchfloor.desks.registry import declare_messages
from watchfloor.store.floor import Floor

SUBJECT = "person:bench:one"
MARKING = "PB//TLP:AMBER"
RULE = "reported.trafficking-by-water-or-air"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WATCH = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
}).observe({ type: "longtask", buffered: true });
"""


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench console.lead", description=__doc__.split("\n\n")[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--beside", type=int, default=90_000, help="records of others on the floor")
    parser.add_argument("--times", type=int, default=30)
    return parser.parse_args()


def floor_of(path, records, beside, each):
    """A floor with one lead that rests on `records` records, `each` of them a signal."""
    floor = Floor.create(path, floors.KEEPER, name="bench", ceiling="PB//TLP:RED", exercise=True)
    with floor.writer(floors.KEEPER) as writer:
        for start in range(0, records + beside, 20_000):
            count = min(20_000, records + beside - start)
            parties = [
                _party(n, SUBJECT if n < records else f"person:bench:{n}")
                for n in range(start, start + count)
            ]
            table = pa.Table.from_pylist(parties, schema=PARTY.schema.remove(0))
            writer.append("party", table.drop_columns(["delivery"]), source="bench")
        held = floor.read("party", floor.reader("bench", floors.PURPOSE), columns=["record_id", "subject"])
        mine = held.filter(pc.equal(held["subject"], SUBJECT))["record_id"].to_pylist()
        signals = [_signal(n, mine[n : n + each]) for n in range(0, records, each)]
        made = pa.Table.from_pylist(signals, schema=SIGNAL)
        writer.keep_run("bench", "1", floor.position, {}, {"signal": made})
    return floor


def _party(number, subject):
    return {
        "report_key": f"p-{number}",
        "source": "bench",
        "origins": [f"o-{number}"],
        "observed_at": floors.START + timedelta(seconds=number),
        "marking": MARKING,
        "locator": f"line {number}",
        "subject": subject,
        "role": "payee",
        "name": f"Person {number}",
        "identifiers": [],
    }


def _signal(number, evidence):
    strength = floors.STRENGTHS[number % len(floors.STRENGTHS)]
    return {
        "row_id": number.to_bytes(16, "big"),
        "revision": 0,
        "at": floors.START + timedelta(seconds=number),
        "since": floors.START + timedelta(seconds=number),
        "until": None,
        "retracted": False,
        "desk": "bench",
        "rule": RULE,
        "subjects": [SUBJECT],
        "strength": strength,
        "score": None,
        "reason": {"message": "reports.stated", "params": floors._said(number, strength)},
        "evidence": evidence,
        "coverage": [],
        "origins": [f"o-{number}"],
        "marking": MARKING,
        "latitude": 45.0 + number % 100 / 1000,
        "longitude": -73.0,
        "radius": 500.0,
    }


def page_of(floor, reader, lead):
    """The first page of the evidence of a lead."""
    return rows(floor, reader, ids(lead)[:50])


def whole(floor, reader, lead):
    """The evidence of a lead, every kind read whole: what the page cost before."""
    wanted = ids(lead)
    found = {}
    for kind in KINDS:
        table = floor.read(kind, reader)
        mine = table.filter(pc.is_in(table["record_id"], value_set=pa.array(wanted, RECORD_ID)))
        found |= {row["record_id"]: row | {"kind": kind} for row in mine.to_pylist()}
    return [found[id_] for id_ in wanted if id_ in found]


def opened(browser, home, token, path, times):
    """Milliseconds of the server and of loading, and the longest task, of each time the page is opened."""
    context = browser.new_context(base_url=home, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "watchfloor", "value": token, "url": home}])
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(180_000)
    found = []
    for _ in range(times + 3):
        answer = page.goto(path, wait_until="load")
        assert answer.status == 200, answer.status
        page.wait_for_timeout(80)
        load_ = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        server = float(answer.headers["server-timing"].rpartition("dur=")[2])
        found.append((server, load_, page.evaluate("window.longest")))
    size = len(answer.body())
    layouts = layouts_of(browser, page, path)
    context.close()
    return found[3:], layouts, size


def layouts_of(browser, page, path):
    """Milliseconds of each layout while the page is opened, scrolled through and its folds opened."""
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.goto(path, wait_until="load")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(200)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    return [one["dur"] / 1e3 for one in events if one["name"] == "Layout" and "dur" in one]


def timed(call, *given):
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        call(*given)
        spent.append(1e3 * (time.perf_counter() - began))
    return statistics.median(spent)


def main():
    args, console = arguments(), Console(width=150)
    declare_messages()
    table = Table("", "server p50", "server p95", "load p50", "load p95", "long task", "layout", "kB")
    table.title = f"a lead of {args.records:,} records among {args.records + args.beside:,}; milliseconds"
    beside = Table("evidence of the lead", "ms")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for each in (5, 1):
            floor = floor_of(Path(name) / f"floor-{each}", args.records, args.beside, each)
            (token,) = readers.tokens(floor.root, 1)
            reader = floor.reader("officer-0", floors.PURPOSE)
            (lead,) = (
                one for one in queue(floor, reader, load(), datetime.now(UTC)) if one.subject == SUBJECT
            )
            called = f"{len(lead.contributions):,} signals of {each}"
            with readers.serving(floor.root) as (host, port, _):
                for part in ("", "/evidence", "/terms"):
                    path = f"/leads/{lead.lead_id}{part}"
                    found, layouts, size = opened(browser, f"http://{host}:{port}", token, path, args.times)
                    _row(table, f"{called}{part and ', ' + part[1:]}", found, layouts, size)
            for way, read in (
                ("50 looked up by id", page_of),
                ("all looked up", cited),
                ("every kind read", whole),
            ):
                beside.add_row(f"{called}: {way}", f"{timed(read, floor, reader, lead):.0f}")
        browser.close()
    console.print(table)
    console.print(beside)
    console.print(f"Python {platform.python_version()}; {readers.machine()}")


def _row(table, called, found, layouts, size):
    server, loaded, tasks = (list(column) for column in zip(*found, strict=True))
    values = [readers.percentile(of, share) for of in (server, loaded) for share in (0.5, 0.95)]
    shown = [*values, max(tasks), max(layouts)]
    table.add_row(called, *(f"{value:.0f}" for value in shown), f"{size / 1e3:.0f}")


if __name__ == "__main__":
    main()
