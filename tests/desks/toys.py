"""Small desks that keep the contract, one for each way of folding, and the input they are run over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import JUDGEMENT, PARTY, RECORD_ID, Kind
from watchfloor.core.marking import PUBLIC
from watchfloor.core.messages import declare, reason
from watchfloor.desks.base import ARRIVAL, OBSERVED, ROWS, Desk, Refs, derive
from watchfloor.run.order import moment

HOUR = 3_600_000_000
START = datetime(2026, 3, 1, tzinfo=UTC)

SEEN = declare("toy.seen", en="{name} was named.", fr="{name} a été nommé.")
COUNT = declare("toy.count", en="{count} mentions in an hour.", fr="{count} mentions en une heure.")
SILENT = declare("toy.silent", en="Nothing for {hours} hours.", fr="Rien depuis {hours} heures.")
SHARED = declare("toy.shared", en="{name} names two subjects.", fr="{name} nomme deux sujets.")

REFS = Refs(b"toy key, of no floor whatsoever.", {"limits": b"3 6"})

Row = dict[str, Any]


def sample(seed: int, rows: int = 160) -> tuple[Mapping[str, pa.Table], Refs]:
    """Parties and judgements over two days, with many ties, delivered out of order now and then."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.choice(48 * 60, rows) // 7 * 7)
    late = rng.random(rows) < 0.1
    minutes = minutes[np.argsort(np.arange(rows) + late * rng.integers(1, 20, rows), kind="stable")]
    parties = [
        {
            "subject": f"person:toy:{who}",
            "name": f"Name {name}",
            "role": "payee",
            "observed_at": at(int(minute)),
        }
        for who, name, minute in zip(
            rng.integers(5, size=rows), rng.integers(9, size=rows), minutes, strict=True
        )
    ]
    judgements = [
        {"subject": f"person:toy:{who}", "verdict": "different", "observed_at": at(int(minute))}
        for who, minute in zip(rng.integers(5, size=8), rng.integers(48 * 60, size=8), strict=True)
    ]
    return {"party": records(PARTY, parties), "judgement": records(JUDGEMENT, judgements)}, REFS


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def records(kind: Kind, rows: list[Row]) -> pa.Table:
    """Rows of a kind from the columns that matter, numbered in place of hashed."""
    plain = {f.name: _plain(f) for f in kind.schema}
    numbered = [
        {**plain, "record_id": kind.name[:2].encode() + i.to_bytes(14, "big"), **row}
        for i, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(numbered, schema=kind.schema)


def _plain(wanted: pa.Field) -> Any:
    if wanted.nullable:
        return None
    if wanted.name == "marking":
        return str(PUBLIC)
    return bytes(wanted.type.byte_width) if pa.types.is_fixed_size_binary(wanted.type) else "-"


def signal(
    refs: Refs, rule: str, subject: str, window: str, when: int, why: Any, evidence: list[bytes], **more: Any
) -> Row:
    return {
        "row_id": row_id(refs.key, "toy", rule, (subject,), window),
        "revision": 0,
        "at": moment(when),
        "retracted": False,
        "desk": "toy",
        "rule": rule,
        "subjects": [subject],
        "strength": "corroborate",
        "reason": why.stored(),
        "evidence": list(evidence),
        "coverage": [],
        "origins": [],
        "marking": str(PUBLIC),
        **more,
    }


def table(made: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(made, schema=SIGNAL)


def rows_of(rows: pa.Table) -> list[Row]:
    return rows.set_column(
        rows.schema.get_field_index("observed_at"), "observed_at", rows["observed_at"].cast(pa.int64())
    ).to_pylist()


# Stateless: five fields, columnar.


def seen(refs: Refs, state: None, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    named = rows.filter(pc.ends_with(rows["name"], "7"))
    ids = named["record_id"].to_pylist()
    return {
        "signal": derive(
            SIGNAL,
            row_id=[row_id(refs.key, "toy", "seen", (), record.hex()) for record in ids],
            at=named["observed_at"],
            desk=["toy"] * len(ids),
            rule=["seen"] * len(ids),
            subjects=[[subject] for subject in named["subject"].to_pylist()],
            strength=["corroborate"] * len(ids),
            reason=[reason(SEEN, name=name).stored() for name in named["name"].to_pylist()],
            evidence=[[record] for record in ids],
            marking=named["marking"],
        )
    }


STATELESS: Desk[None] = Desk(
    name="stateless", version="1", reads=("party",), yields={"signal": SIGNAL}, step=seen
)
BY_ROWS: Desk[None] = Desk(
    name="by_rows", version="1", reads=("party",), yields={"signal": SIGNAL}, step=seen, cut=ROWS
)


# By subject, with memory: mentions in an hour, counted, taken back when there are too many; and silence.


@dataclass
class Hours:
    low: int
    high: int
    window: int = -1
    evidence: list[bytes] = field(default_factory=list)
    last: int = 0
    last_id: bytes = b""
    silent: bool = True


def begin_hours(refs: Refs) -> Hours:
    low, high = map(int, refs["limits"].split())
    return Hours(low, high)


def hours(refs: Refs, state: dict[str, Hours], rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    made: list[Row] = []
    for row in rows_of(rows):
        mine = state.setdefault(row["subject"], begin_hours(refs))
        made += silence(refs, mine, row["subject"], row["observed_at"])
        made += mention(refs, mine, row)
    now = (watermark - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    for subject, mine in state.items():
        made += silence(refs, mine, subject, now)
    return {"signal": table(made)}


def silence(refs: Refs, state: Hours, subject: str, now: int) -> list[Row]:
    ends = state.last + 6 * HOUR
    if state.silent or now < ends:
        return []
    state.silent = True
    why = reason(SILENT, hours=6)
    return [
        signal(refs, "silent", subject, str(state.last), ends, why, [state.last_id], since=moment(state.last))
    ]


def mention(refs: Refs, state: Hours, row: Row) -> list[Row]:
    when, subject = row["observed_at"], row["subject"]
    state.last, state.last_id, state.silent = when, row["record_id"], False
    if when // HOUR != state.window:
        state.window, state.evidence = when // HOUR, []
    state.evidence.append(row["record_id"])
    count = len(state.evidence)
    if not state.low <= count <= state.high:
        return []
    score, why = count / state.high, reason(COUNT, count=count)
    taken_back = count == state.high
    return [
        signal(
            refs,
            "count",
            subject,
            str(state.window),
            when,
            why,
            state.evidence,
            score=score,
            retracted=taken_back,
        )
    ]


HOURS = pa.schema(
    [
        ("window", pa.int64()),
        ("evidence", pa.list_(RECORD_ID)),
        ("last", pa.int64()),
        ("last_id", pa.binary()),
        ("silent", pa.bool_()),
        ("subject", pa.string()),
    ]
)


def freeze_hours(state: dict[str, Hours]) -> pa.Table:
    rows = [{name: getattr(mine, name, subject) for name in HOURS.names} for subject, mine in state.items()]
    return pa.Table.from_pylist(rows, schema=HOURS)


def thaw_hours(refs: Refs, frozen: pa.Table) -> dict[str, Hours]:
    plain = begin_hours(refs)
    return {row.pop("subject"): replace(plain, **row) for row in frozen.to_pylist()}


def by_subject(rows: pa.Table) -> pa.ChunkedArray:
    return rows["subject"]


def nothing_yet(refs: Refs) -> dict[Any, Any]:
    return {}


KEYED: Desk[dict[str, Hours]] = Desk(
    name="keyed",
    version="1",
    reads=("party",),
    yields={"signal": SIGNAL},
    begin=nothing_yet,
    step=hours,
    freeze=freeze_hours,
    thaw=thaw_hours,
    uses=("limits",),
    lateness=timedelta(minutes=30),
)


# One fold over everything: a name that two subjects share.


def shared(
    refs: Refs, state: dict[str, tuple[str, bytes]], rows: pa.Table, watermark: datetime
) -> dict[str, pa.Table]:
    made = []
    for row in rows_of(rows):
        subject, record = state.setdefault(row["name"], (row["subject"], row["record_id"]))
        if subject != row["subject"]:
            why = reason(SHARED, name=row["name"])
            pair = f"{subject} {row['name']}"
            made.append(
                signal(
                    refs, "shared", row["subject"], pair, row["observed_at"], why, [record, row["record_id"]]
                )
            )
    return {"signal": table(made)}


def freeze_names(state: dict[str, tuple[str, bytes]]) -> pa.Table:
    return pa.table(
        {
            "name": list(state),
            "subject": [s for s, _ in state.values()],
            "record": [r for _, r in state.values()],
        }
    )


def thaw_names(refs: Refs, frozen: pa.Table) -> dict[str, tuple[str, bytes]]:
    return {row["name"]: (row["subject"], row["record"]) for row in frozen.to_pylist()}


UNKEYED: Desk[dict[str, tuple[str, bytes]]] = Desk(
    name="unkeyed",
    version="1",
    reads=("party",),
    yields={"signal": SIGNAL},
    begin=nothing_yet,
    step=shared,
    freeze=freeze_names,
    thaw=thaw_names,
)


# Two kinds by one value: a mention is taken back when somebody decides that it was another person.


def judged(refs: Refs, state: dict[bytes, Row], rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    made: list[Row] = []
    for row in rows_of(rows):
        if row["kind"] == "party":
            why = reason(SEEN, name=row["name"])
            state[row["record_id"]] = signal(
                refs,
                "judged",
                row["subject"],
                row["record_id"].hex(),
                row["observed_at"],
                why,
                [row["record_id"]],
            )
            made.append(state[row["record_id"]])
        else:
            mine = [id_ for id_, kept in state.items() if kept["subjects"] == [row["subject"]]]
            made += [{**state.pop(id_), "at": moment(row["observed_at"]), "retracted": True} for id_ in mine]
    return {"signal": table(made)}


def freeze_judged(state: dict[bytes, Row]) -> pa.Table:
    return table(list(state.values()))


def thaw_judged(refs: Refs, frozen: pa.Table) -> dict[bytes, Row]:
    return {row["evidence"][0]: row for row in frozen.to_pylist()}


JUDGED: Desk[dict[bytes, Row]] = Desk(
    name="judged",
    version="1",
    reads=("party", "judgement"),
    yields={"signal": SIGNAL},
    begin=nothing_yet,
    step=judged,
    freeze=freeze_judged,
    thaw=thaw_judged,
    cut=by_subject,
)


# Some rows go to every part: how many judgements there were, of whomever, when somebody was named.


def listed(refs: Refs, state: dict[str, int], rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    made = []
    for row in rows_of(rows):
        if row["kind"] == "judgement":
            state["count"] = state.get("count", 0) + 1
            continue
        why, window = reason(COUNT, count=state.get("count", 0)), row["record_id"].hex()
        evidence = [row["record_id"]]
        made.append(signal(refs, "listed", row["subject"], window, row["observed_at"], why, evidence))
    return {"signal": table(made)}


def by_subject_named(rows: pa.Table) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(rows["kind"], "party"), rows["subject"], None)


# As it came: after which mention of its subject a judgement arrived, by the clock of arrival.


def arrived(refs: Refs, state: dict[str, int], rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    made = []
    for row in rows_of(rows):
        state["clock"] = max(state.get("clock", 0), row["observed_at"])
        subject = row["subject"]
        if row["kind"] == "party":
            state[subject] = state.get(subject, 0) + 1
        why, evidence = reason(COUNT, count=state.get(subject, 0)), [row["record_id"]]
        made.append(signal(refs, "arrived", subject, row["kind"], state["clock"], why, evidence))
    return {"signal": table(made)}


ARRIVED = pa.schema([("name", pa.string()), ("number", pa.int64())])


def freeze_arrived(state: dict[str, int]) -> pa.Table:
    return pa.Table.from_pylist([{"name": n, "number": v} for n, v in state.items()], schema=ARRIVED)


def thaw_arrived(refs: Refs, frozen: pa.Table) -> dict[str, int]:
    return {row["name"]: row["number"] for row in frozen.to_pylist()}


AS_IT_CAME: Desk[dict[str, int]] = Desk(
    name="as_it_came",
    version="1",
    reads=("party", "judgement"),
    yields={"signal": SIGNAL},
    begin=nothing_yet,
    step=arrived,
    freeze=freeze_arrived,
    thaw=thaw_arrived,
    order=ARRIVAL,
)

LISTED: Desk[dict[str, int]] = replace(
    AS_IT_CAME, name="listed", step=listed, order=OBSERVED, cut=by_subject_named
)

TOYS: list[Desk[Any]] = [STATELESS, BY_ROWS, KEYED, UNKEYED, JUDGED, LISTED, AS_IT_CAME]
