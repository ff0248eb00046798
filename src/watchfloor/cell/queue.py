"""The queue: a floor's leads as one reader sees them at one position of the log."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.current_signals import signals
from watchfloor.cell.entity_clusters import Context
from watchfloor.cell.identity.merges import standing
from watchfloor.cell.identity.namesakes import namesakes
from watchfloor.cell.identity.profiles import USED
from watchfloor.cell.identity.shared import shared
from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import RECORD_ID
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class NoLead(LookupError):  # noqa: N818 - named for what the user meets
    """No lead of that id in this reader's queue."""


def queue(
    floor: Floor, reader: Reader, weights: Weights, now: datetime, as_of: int | datetime | None = None
) -> list[Lead]:
    """The head of each matter, those that come first in front.

    `now` decides which decisions have expired; `as_of` what was known.
    """
    stand = signals(floor, reader, as_of)
    return leads(stand, weights, now, floor.key, context(floor, reader, stand, now, as_of))


def context(
    floor: Floor, reader: Reader, signals: pa.Table, now: datetime, as_of: int | datetime | None = None
) -> Context:
    """Return the links between signals besides their subjects, in a reader's view."""
    judgements = floor.read("judgement", reader, as_of=as_of)
    if not signals.num_rows:
        return Context(pairs=standing(judgements, now))
    return context_of(
        signals,
        now,
        judgements,
        floor.read("party", reader, as_of=as_of, columns=USED, latest=True),
        floor.read("outcome", reader, as_of=as_of, columns=_OUTCOME, latest=True),
        floor.read("report", reader, as_of=as_of, columns=_REPORT, latest=True),
    )


def context_of(
    signals: pa.Table,
    now: datetime,
    judgements: pa.Table,
    parties: pa.Table,
    outcomes: pa.Table,
    reports: pa.Table,
) -> Context:
    """Return the links between signals besides their subjects. The last three tables hold rows that stand."""
    findings: dict[str, list[dict[str, Any]]] = {}
    for row in outcomes.select(_OUTCOME).to_pylist():
        findings.setdefault(row["lead"], []).append(row)
    cited = signals["evidence"].combine_chunks().flatten().unique().cast(RECORD_ID)
    behind = parties.filter(pc.is_in(parties["record_id"], value_set=cited))
    about = signals["subjects"].combine_chunks().flatten().unique().to_pylist()
    mine = shared(parties, set(cited.to_pylist()), about)
    texts = _texts(reports.select(_REPORT))
    return Context(mine, standing(judgements, now), namesakes(behind), texts, findings)


_OUTCOME: Final = ["record_id", "lead", "result", "why", "by", "observed_at", "marking"]
_REPORT: Final = ["record_id", "origins", "portions"]


def _texts(reports: pa.Table) -> dict[bytes, str]:
    """The text of every report that names no origin, by its record."""
    return {
        row["record_id"]: " ".join(portion["text"] for portion in row["portions"])
        for row in reports.to_pylist()
        if not row["origins"]
    }


def every(found: Sequence[Lead]) -> Iterator[Lead]:
    """The leads of a queue, each head followed by its matter under other hypotheses."""
    for head in found:
        yield head
        yield from head.also


def pick(found: list[Lead], lead_id: str) -> Lead:
    """The lead, of any hypothesis, whose id starts with `lead_id`, or that took up the lead of that id.

    Raises `NoLead` for none or several.
    """
    matching = [lead for lead in every(found) if lead.lead_id.startswith(lead_id)] if lead_id else []
    matching = matching or [lead for lead in every(found) if lead_id and _took_up(lead, lead_id)]
    if len(matching) == 1:
        return matching[0]
    raise NoLead(
        f"no lead {lead_id!r}; `watchfloor leads` lists them"
        if not matching
        else f"{lead_id!r} is the start of {len(matching)} leads; give more of it"
    )


def _took_up(lead: Lead, lead_id: str) -> bool:
    return any(one.startswith(lead_id) for one in lead.took_up)


def digest(found: list[Lead]) -> bytes:
    """SHA-256 of a queue as it was shown: ids, bits and contributions in their order."""
    seen = sha256()
    for lead in found:
        parts = [lead.lead_id, lead.bits.hex(), lead.weights, *lead.subjects]
        parts += [f"{other.lead_id}:{other.bits.hex()}" for other in lead.also]
        parts += [f"{c.signal_id.hex()}:{c.strength}:{c.bits.hex()}" for c in lead.contributions]
        seen.update("\x1f".join(parts).encode() + b"\n")
    return seen.digest()
