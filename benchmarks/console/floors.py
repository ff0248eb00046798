"""Floors for the benchmarks of the console: as many leads as asked for, from signals of a made-up desk."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PURPOSE, AUTHORITY = "evaluation on one machine", "none stated"
KEEPER = Actor("bench", PURPOSE, AUTHORITY)
START = datetime(2026, 11, 20, tzinfo=UTC)
RULES = (
    "reported.trafficking-by-water-or-air",
    "reported.precursor-import",
    "reported.laundering",
    "reported",
)
STRENGTHS = ("A1", "B2", "C3", "F6")


def leads(path, count, seed=1):
    """A floor on which `count` leads stand, each of one signal about another person, one in ten placed."""
    floor = Floor.create(path, KEEPER, name="bench", ceiling="PB//TLP:RED", exercise=True)
    with floor.writer(KEEPER) as writer:
        writer.keep_run("bench", "1", floor.position, {}, {"signal": signals(count, seed)})
    return floor


def signals(count, seed=1):
    """Standing signals, each about another person."""
    random = np.random.default_rng(seed)
    rule, strength = random.integers(0, len(RULES), count), random.integers(0, len(STRENGTHS), count)
    minutes = random.integers(0, 7 * 24 * 60, count)
    placed = random.random(count) < 0.1
    latitude, longitude = random.uniform(42, 60, count), random.uniform(-130, -55, count)
    rows = [
        {
            "row_id": n.to_bytes(16, "big"),
            "revision": 0,
            "at": START + timedelta(minutes=int(minutes[n])),
            "since": START + timedelta(minutes=int(minutes[n])),
            "until": None,
            "retracted": False,
            "desk": "bench",
            "rule": RULES[rule[n]],
            "subjects": [f"person:bench:{n:06}"],
            "strength": STRENGTHS[strength[n]],
            "score": float(random.random()),
            "reason": {"message": "reports.stated", "params": _said(n, STRENGTHS[strength[n]])},
            "evidence": [(n + 1).to_bytes(16, "big")],
            "coverage": [],
            "origins": [f"source-{n}"],
            "marking": "PB//TLP:AMBER",
            "latitude": float(latitude[n]) if placed[n] else None,
            "longitude": float(longitude[n]) if placed[n] else None,
            "radius": 500.0 if placed[n] else None,
        }
        for n in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=SIGNAL)


def _said(number, strength):
    said = {"author": f"Unit {number % 97}", "title": f"Seen at landing {number}", "report": f"r-{number:06}"}
    return json.dumps(said | {"reliability": strength[0], "credibility": strength[1]}, sort_keys=True)


def parties(path, count, start):
    """A CSV file of parties, to be ingested while others read."""
    head = "report_key,role,name,birth_date,observed_at\n"
    rows = (f"{n},payee,Person {n},19{n % 90 + 10},2026-11-24\n" for n in range(start, start + count))
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path
