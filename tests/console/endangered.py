"""A lead about lives at risk on a served floor: somebody on foot in deadly cold, as another node says it."""

import pyarrow as pa
from tests.console.placed import run
from tests.console.served import KEEPER

from watchfloor.cell.acts import common
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.messages import reason
from watchfloor.desks.disclosures.messages import ECHO

SUBJECT, PLACE = "track:surveillance:242", (49.01165, -98.18678, 32.0)


def endanger(floor, strength="likely"):
    """Let such a lead be there."""
    with floor.writer(KEEPER) as writer:
        now = writer.moment()
        row = common("node:bank", "bank:242", "PB//TLP:AMBER", now) | {
            "bundle": "b242", "node": "bank", "gateway": "pcmltfa-55-3", "form": "signal",
            "row_id": (242).to_bytes(16, "big"), "revision": 0, "since": now, "until": None,
            "retracted": False, "desk": "surveillance", "rule": "cold-exposure", "strength": strength,
            "subjects": [SUBJECT], "score": 0.9, **reason(ECHO, node="bank").stored(),
            "latitude": PLACE[0], "longitude": PLACE[1], "radius": PLACE[2], "echo": False, "onward": False,
        }  # fmt: skip
        rows = pa.Table.from_pylist([row], schema=DISCLOSURE.schema.remove(0)).drop_columns(["delivery"])
        writer.append(DISCLOSURE, rows, source="node:bank")
        run(floor, writer)
