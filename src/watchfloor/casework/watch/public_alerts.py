"""Public alerts that are in force: what of all that authorities sent still holds, gravest first.

An alert holds from when it is effective until it expires, unless a later update or cancellation from the same
feed refers to it. Exercises, tests, drafts and messages between systems never count. One that says nothing of
its end holds a day (judgement: CAP leaves it to who receives it).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import Row, pick
from watchfloor.core.kinds import PUBLIC_ALERT
from watchfloor.core.messages import Language
from watchfloor.formats.alerts.cap import SCALES
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

HOLDS: Final = timedelta(days=1)
OWN: Final = "announcements"
"""Source of the alerts that people of this floor give to the public."""
IMMINENT: Final = {
    "urgency": ("immediate", "expected"),
    "severity": ("extreme", "severe"),
    "certainty": ("observed", "likely"),
}
"""What makes a threat imminent: 47 CFR 10.400(b), by which an alert reaches every telephone in the US."""
BROADCAST: Final = "layer:SOREM:1.0:Broadcast_Immediately=yes"
"""The same of Alert Ready, which names the alerts that interrupt broadcasts."""


class AlertInForce(NamedTuple):
    """An alert in force, in one language; `life`: whether lives are at risk by its own words."""

    row: Row
    life: bool


def in_force(
    floor: Floor, reader: Reader, now: datetime, language: Language, as_of: int | datetime | None = None
) -> list[AlertInForce]:
    """Return the alerts that a reader may see and that hold at a moment, life at risk first."""
    table = floor.read(PUBLIC_ALERT.name, reader, as_of, latest=True)
    real = table.filter(
        pc.and_(pc.equal(table["status"], "actual"), pc.less_equal(table["observed_at"], now))
    )
    gone = _replaced(real)
    ends = pc.fill_null(pc.or_(pc.is_null(real["until"]), pc.greater(real["until"], now)), True)
    warns = pc.is_in(real["message_type"], pa.array(["alert", "update"]))
    rows = [
        row
        for row in real.filter(pc.and_(warns, ends)).to_pylist()
        if (row["source"], row["message"]) not in gone
        and (row["effective"] or row["observed_at"]) <= now
        and now < (row["until"] or row["observed_at"] + HOLDS)
    ]
    return sorted((AlertInForce(row, _life(row)) for row in _spoken(rows, language)), key=_gravest)


def pick_own(floor: Floor, reader: Reader, start: str) -> Row:
    """Return the alert of this floor whose id starts so, in its first language. Raises `NotFound`."""
    rows = floor.read(PUBLIC_ALERT.name, reader).to_pylist()
    own: dict[str, Row] = {}
    for row in rows:
        if row["source"] == OWN:
            own.setdefault(row["identifier"], row)
    return pick(own, start, "public alert", "cases watch public")


def _replaced(table: pa.Table) -> set[tuple[str, str]]:
    """Return feed and message of what a later message of the same feed takes the place of."""
    later = table.filter(pc.is_in(table["message_type"], pa.array(["update", "cancel"])))
    rows = later.select(["source", "message", "replaces"]).to_pylist()
    return {
        (row["source"], message)
        for row in rows
        for message in row["replaces"] or ()
        if message != row["message"]
    }


def _spoken(rows: Sequence[Row], language: Language) -> Iterator[Row]:
    """Yield of each message what it says in a language; of one that does not speak it, what it says first."""
    messages: dict[str, list[Row]] = {}
    for row in rows:
        messages.setdefault(row["message"], []).append(row)
    for infos in messages.values():
        spoken = [row for row in infos if (row["language"] or "").lower().startswith(language)]
        others = [row for row in infos if row["language"] == infos[0]["language"]]
        said: dict[tuple[Any, ...], Row] = {}
        for row in spoken or others:  # the same message by two feeds is one
            said.setdefault((row["report_key"],), row)
        yield from said.values()


def _life(row: Row) -> bool:
    if "allclear" in (row["responses"] or ()):
        return False
    told = any(one.lower() == BROADCAST.lower() for one in row["parameters"] or ())
    return told or all(row[name] in words for name, words in IMMINENT.items())


def _gravest(one: AlertInForce) -> tuple[Any, ...]:
    grave = (SCALES[name].index(one.row[name] or "unknown") for name in ("severity", "urgency", "certainty"))
    return (not one.life, *grave, one.row["since"], one.row["report_key"])
