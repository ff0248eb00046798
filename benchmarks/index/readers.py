"""What readers ask of a store, beside a writer and alone, and how long each answer took."""

import importlib
import random
import time

from benchmarks.index import rows

PAUSE = 0.02
COUNT = 300
KINDS = ("party", "report", "disclosure")


def questions(reading, asked, seed):
    """Each kind of question as a function of its number."""
    draw = random.Random(seed)
    keys = [
        (kind, f"{kind}-{draw.randrange(10)}-{draw.randrange(0, 250, 50)}")
        for kind in KINDS
        for _ in range(COUNT)
    ]
    draw.shuffle(keys)
    return {
        "subject as of": lambda n: reading.as_of(asked.subjects[n], 0.7),
        "report as of": lambda n: reading.report(*keys[n], 0.7),
        "record": lambda n: reading.record(f"{n * 37 % 65536:04x}"),
        "text": lambda n: reading.text(asked.words[n]),
        "box and window": lambda n: reading.box(asked.boxes[n]),
    }


def read(module, address, seed, ready, stop, told):
    """A reader process: asks until it is stopped; tells the seconds that each kind of question took."""
    reading = importlib.import_module(module).Reading(address)
    asks = questions(reading, rows.questions(seed, COUNT, 365), seed)
    spent = {name: [] for name in asks}
    number = 0
    ready.wait()
    while number == 0 or not stop.is_set():
        for name, ask in asks.items():
            start = time.perf_counter()
            ask(number % COUNT)
            spent[name].append(time.perf_counter() - start)
            time.sleep(PAUSE)
        number += 1
    reading.close()
    told.put(spent)
