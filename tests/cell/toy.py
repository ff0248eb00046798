"""A floor of subjects with given signals under a small weight table, to act on and to fit."""

from datetime import UTC, datetime

import pyarrow as pa

from watchfloor.cell.learning.outcome_entry import Outcome, checks, enter
from watchfloor.cell.learning.outcomes import known
from watchfloor.cell.weighing.weights import parse
from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import PARTY
from watchfloor.core.messages import declare, reason
from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

SEEN = declare("test.cell.toy", en="seen {what}", fr="vu {what}")
READER = Reader("officer", purpose="test")
OFFICER = Actor("officer", "test", "test")
TEXT = """# Our table.

[smuggling]
prior = -3.0 # judgement
prior_sd = 2.0
rank = 2

[smuggling.scan]
# Bits of the scanner.
dense = 4.0
odd = { bits = 1.0, sd = 0.5 }

[smuggling.tip]
B2 = 2.0
"""
TABLE = parse(TEXT, "toy")
MARKING = "PB//TLP:AMBER"
SEES = datetime(2026, 3, 1, tzinfo=UTC)


def now():
    return datetime.now(UTC)


def make(path, leads, table=TABLE):
    """A floor whose desk says of each subject the strengths given, each on a record of its own."""
    made = Floor.create(path, OFFICER)
    run(made, leads)
    return made


def run(floor, leads):
    """Let the desk say this of the subjects: name to (rule, strength) pairs."""
    with floor.writer(OFFICER) as writer:
        rows = [
            _party(name, f"{name}/{at}") for name, strengths in leads.items() for at in range(len(strengths))
        ]
        writer.append("party", pa.Table.from_pylist(rows, schema=_WRITTEN), source="scans")
        held = floor.read("party", READER).to_pylist()
        ids = {row["report_key"]: row["record_id"] for row in held}
        signals = [
            _signal(name, pair, ids[f"{name}/{at}"])
            for name, strengths in leads.items()
            for at, pair in enumerate(strengths)
        ]
        table = pa.Table.from_pylist(signals, schema=SIGNAL)
        writer.keep_run("toy", "1", floor.position, {}, {"signal": table})


def lead_of(floor, name, table=TABLE):
    """The lead about a subject."""
    return next(
        one for one in known(floor, READER, table, now()).values() if f"person:scans:{name}" in one.subjects
    )


def report(floor, name, result, by="officer", table=TABLE, **over):
    """Type in what came of the lead about a subject; gives the position."""
    said = Outcome(result, over.pop("why", "seen"), by, over.pop("at", now()), **over)
    with floor.writer(OFFICER) as writer:
        return enter(floor, writer, lead_of(floor, name, table), said, table)


def deliver(floor, text, reader=READER, name="outcomes.csv"):
    """Take in outcomes as a file; gives what came of the delivery."""
    path = floor.root.parent / name
    path.write_text("lead,result,by,observed_at\n" + text, encoding="utf-8")
    orders = Orders(checks=checks(floor, reader, TABLE, now()))
    with floor.writer(OFFICER) as writer:
        (taken,) = ingest_all(writer, [path], Feeds(), orders)
    return taken


_WRITTEN = pa.schema(
    [field for field in PARTY.schema if field.name not in ("record_id", "delivery", "source")]
)


def _party(name, key):
    return {
        "report_key": key,
        "origins": [],
        "observed_at": SEES,
        "marking": MARKING,
        "locator": key,
        "subject": f"person:scans:{name}",
        "role": "consignee",
        "name": name,
        "identifiers": [],
    }


def _signal(name, pair, record_id):
    rule, strength = pair
    return {
        "row_id": record_id,
        "revision": 0,
        "at": SEES,
        "since": SEES,
        "until": None,
        "retracted": False,
        "desk": "toy",
        "rule": rule,
        "subjects": [f"person:scans:{name}"],
        "strength": strength,
        "score": None,
        "reason": reason(SEEN, what=strength).stored(),
        "evidence": [record_id],
        "coverage": [],
        "origins": [],
        "marking": MARKING,
    }
