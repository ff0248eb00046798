"""Things with places for tests of the map: what other nodes disclosed and what units are asked to do."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from tests.console.served import KEEPER, PURPOSE

from watchfloor.cell.acts import common, write
from watchfloor.cell.rerun import rerun
from watchfloor.core.kinds import DISCLOSURE, TASK
from watchfloor.core.messages import reason
from watchfloor.desks.disclosures.messages import ECHO

OPEN = "PA//TLP:AMBER"
CORNWALL, WINDSOR, EMERSON = (45.011, -74.72), (42.31, -83.06), (49.0007, -97.237)


def disclosed(writer, number, place, *, marking=OPEN, radius=800.0, ago=timedelta(hours=1), subject=""):
    """A signal of another node at a place, as it came through a gateway."""
    now = datetime.now(UTC)
    row = common("node:bank", f"bank:{number}", marking, now - ago) | {
        "bundle": f"b{number}", "node": "bank", "gateway": "pcmltfa-55-3", "form": "signal",
        "row_id": number.to_bytes(16, "big"), "revision": 0, "since": now - ago, "until": None,
        "retracted": False, "desk": "cargo", "rule": "mass-differs", "strength": "heavier",
        "subjects": [subject or f"person:bank:{number}"], "score": 0.5, **reason(ECHO, node="bank").stored(),
        "latitude": place[0], "longitude": place[1], "radius": radius, "echo": False, "onward": False,
    }  # fmt: skip
    rows = pa.Table.from_pylist([row], schema=DISCLOSURE.schema.remove(0)).drop_columns(["delivery"])
    writer.append(DISCLOSURE, rows, source="node:bank")


def asked(writer, number, place, *, marking=OPEN, state="issued", deadline=timedelta(hours=6), edition=1):
    """An act on a task with a place."""
    now = datetime.now(UTC)
    row = common("tasks", f"task{number}", marking, now) | {
        "task": f"task{number}", "form": "task", "state": state, "lead": None,
        "subjects": [f"person:bank:{number}"], "unit": "rcmp-operations", "flags": [], "why": None,
        "instruction": "Look at the landing", "authority": "Customs Act, s. 11", "deadline": now + deadline,
        "by": "keeper", "edition": edition, "latitude": place[0], "longitude": place[1], "radius": 2_000.0,
        "starts": None,
    }  # fmt: skip
    write(writer, TASK, row)


def run(floor, writer):
    """Run the desks over what came."""
    rerun(floor, writer, floor.reader("keeper", PURPOSE))


def place(floor):
    """Three signals, one of them a day and a half old, and two tasks."""
    with floor.writer(KEEPER) as writer:
        disclosed(writer, 1, CORNWALL)
        disclosed(writer, 2, WINDSOR, ago=timedelta(hours=36))
        disclosed(writer, 3, EMERSON, radius=None)
        run(floor, writer)
        asked(writer, 1, CORNWALL)
        asked(writer, 2, (44.34, -75.92))
