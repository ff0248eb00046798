"""Many subscriptions against rows by the thousand: `./dev bench console.subscriptions [COUNT] [ROWS] [S]`.

Each subscription has one row of the stream that is about it, at a random moment; all other rows are about
nothing that is followed. A tenth of the rows comes again in a later batch, as after a rewind. Rows come at
their rate by the machine's clock, and are looked at each quarter of a second as the console does: matched,
told from what was known, and written to a file of a floor, durable. The delay of a notice is from the moment
its row came to the moment it is in the file. Views are evaluated on leads as pictures have them.
"""

import json
import random
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchfloor.casework.notices import subscriptions
from watchfloor.casework.notices.matching import Facts, Followed, Matcher
from watchfloor.casework.notices.subscriptions import FactIndex, New
from watchfloor.casework.personal import connect, personal
from watchfloor.casework.saved_views import parse
from watchfloor.console.pictures.fitting import fitting
from watchfloor.console.pictures.picture import SCHEMA, Picture
from watchfloor.console.services import LOOKS
from watchfloor.reference import border

SUBSCRIPTIONS, ROWS, SECONDS = 100_000, 20_000, 10
GOAL = 2.0
PEOPLE, QUERIES = 1_000, 200
AGAIN = 0.1
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KINDS = ("subject", "lead", "place", "stretch", "view")
SHARES = (0.40, 0.20, 0.28, 0.02, 0.10)
COLUMNS = ("lead_id", "hypothesis", "also", "band", "at", "subjects", "called", "latitude", "longitude")
FAR = (20.0, -40.0)
"""A place in the Atlantic, where nothing is followed."""


def followed(count, draw):
    """What each subscription is to, and the row that is about it: lead, subject, place and words."""
    kinds = draw.choices(KINDS, SHARES, k=count)
    line = border.load()
    made, rows = [], []
    for number, kind in enumerate(kinds):
        lead, subject, place, called = f"{number:012x}", f"person:feed:{number}", FAR, "nobody"
        if kind in ("lead", "subject"):
            made.append(Followed(kind, lead if kind == "lead" else subject))
        elif kind == "place":
            # a lattice that puts each circle apart from all others, from 50 m to 900 m across
            place = 56 + (number % 1000) * 0.02, -130 + (number // 1000) * 0.6
            made.append(Followed("place", f"{place[0]:.5f},{place[1]:.5f},{draw.uniform(50, 900):.0f}"))
        elif kind == "stretch":
            start = 5 + len(rows) * 6_000 / count
            made.append(Followed("stretch", f"main:{start:.3f}-{start + 0.01:.3f}"))
            place = line.at(start + 0.005)
        else:
            called = f"view{number % QUERIES}."
            made.append(Followed("view", f"text={called}"))
        rows.append((lead, subject, place, called))
    return made, rows


def stream(rows, total, draw):
    """Rows in the order that they come: those that somebody follows among others, some of them twice."""
    views = {row[3]: row for row in rows}  # of a query with many followers one row is enough
    mine = [row for row in rows if row[3] == "nobody" or views[row[3]] is row]
    others = [(f"n{n:011x}", f"person:other:{n}", FAR, "nobody") for n in range(total - len(mine))]
    found = [*mine, *others]
    draw.shuffle(found)
    return found


def leads(rows):
    """The leads of rows, with the columns that queries look at, as a picture has them."""
    latitude, longitude = zip(*(row[2] for row in rows), strict=True)
    columns = {
        "lead_id": [row[0] for row in rows],
        "hypothesis": ["smuggling"] * len(rows),
        "also": [[]] * len(rows),
        "band": [5] * len(rows),
        "at": [NOW] * len(rows),
        "subjects": [[row[1]] for row in rows],
        "called": [row[3] for row in rows],
        "latitude": latitude,
        "longitude": longitude,
    }
    arrays = [pa.array(columns[name], SCHEMA.field(name).type) for name in COLUMNS]
    return pa.table(arrays, names=COLUMNS)


def look(root, matcher, mine, told, seen, batch):
    """Match what is new of a batch and keep the notices; gives how many there were."""
    fresh = [n for n, (key, _) in enumerate(batch) if key not in told.facts]
    keys, rows = [batch[n][0] for n in fresh], [batch[n][1] for n in fresh]
    if not rows:
        return 0
    at, (latitude, longitude) = np.array(fresh), np.array([row[2] for row in rows], float).T
    facts = Facts([(row[0],) for row in rows], [(row[1],) for row in rows], latitude, longitude)

    def holds(query):
        shown, _ = fitting(seen, parse(query), {}, {}, NOW, "")
        there = np.zeros(len(seen), bool)
        there[shown] = True
        return there[at]

    pairs = zip(*matcher.match(facts, holds), strict=True)
    news = [
        New(*mine[one], keys[fact], rows[fact][0], "signal", f"{keys[fact]:x}", NOW) for one, fact in pairs
    ]
    made = subscriptions.add(root, news, (), 0.0)
    told.add(keys, 0)
    return made


def main():
    count, rate, seconds = (
        int(sys.argv[n + 1]) if len(sys.argv) > n + 1 else default
        for n, default in enumerate((SUBSCRIPTIONS, ROWS, SECONDS))
    )
    draw, subscriptions.KEPT = random.Random(1), count
    made, rows = followed(count, draw)
    total = int(rate * seconds / (1 + AGAIN))
    if total < count:
        sys.exit(f"{count} subscriptions need {count} rows: take more rows, or more seconds")
    came = stream(rows, total, draw)
    keyed = [(number + 1, row) for number, row in enumerate(came)]
    twice = draw.sample(range(total), int(total * AGAIN))
    later = [(draw.randrange(number, total), keyed[number]) for number in twice]
    order = sorted([*((number, pair) for number, pair in enumerate(keyed)), *later], key=lambda one: one[0])
    whole = [pair for _, pair in order]
    table = leads([row for _, row in whole])
    mine = [(f"p{number % PEOPLE}", f"{number:x}") for number in range(count)]
    begun = time.monotonic()
    matcher = Matcher(made)
    _ = matcher._cells, matcher._number, matcher._centres, matcher._radius
    indexed = time.monotonic() - begun
    border.load().nearest([45.0], [-75.0])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with personal(root):
            pass
        told = FactIndex(root, "bench")
        delays, fired, busy, worked, done = [], 0, 0.0, 0.0, 0
        start = time.monotonic()
        while done < len(whole):
            time.sleep(max(0.0, LOOKS - (time.monotonic() - start) % LOOKS))
            upto = min(int((time.monotonic() - start) * rate), len(whole))
            if upto == done:
                continue
            began, spent = time.monotonic(), time.process_time()
            seen = Picture(table.slice(done, upto - done).combine_chunks(), None)
            got = look(root, matcher, mine, told, seen, whole[done:upto])
            ended = time.monotonic()
            busy += ended - began
            worked += time.process_time() - spent
            fired += got
            delays += [ended - start - n / rate for n in range(done, upto)]
            done = upto
        took = time.monotonic() - start
        with closing(connect(root)) as file:
            kept, each = file.execute("SELECT count(*), count(DISTINCT subscription) FROM notices").fetchone()
    delays.sort()
    said = {
        "subscriptions": count,
        "rows": len(whole),
        "indexed_s": round(indexed, 2),
        "came_rows_per_s": round(len(whole) / took),
        "matched_rows_per_s": round(len(whole) / busy),
        "matched_rows_per_processor_s": round(len(whole) / worked),
        "fired": kept,
        "subscriptions_that_fired": each,
        "duplicates": kept - each,
        "delay_p50_s": round(delays[len(delays) // 2], 3),
        "delay_p95_s": round(delays[int(len(delays) * 0.95)], 3),
        "delay_most_s": round(delays[-1], 3),
    }
    print(json.dumps(said, indent=1))
    sys.exit(int(fired != count or kept != each or said["delay_p95_s"] > GOAL))


if __name__ == "__main__":
    main()
