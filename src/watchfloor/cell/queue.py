"""The queue: a floor's leads as one reader sees them at one position of the log."""

from datetime import datetime
from hashlib import sha256

from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.weights import Weights
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor


class NoLead(LookupError):  # noqa: N818 - named for what the user meets
    """No lead of that id in this reader's queue."""


def queue(
    floor: Floor, reader: Reader, weights: Weights, now: datetime, as_of: int | datetime | None = None
) -> list[Lead]:
    """The leads, likeliest first. `now` decides which decisions have expired; `as_of` what was known."""
    return leads(floor.signals(reader, as_of), weights, now, floor.key)


def pick(found: list[Lead], lead_id: str) -> Lead:
    """The lead whose id starts with `lead_id`. Raises `NoLead` when none or several do."""
    matching = [lead for lead in found if lead.lead_id.startswith(lead_id)] if lead_id else []
    if len(matching) == 1:
        return matching[0]
    raise NoLead(
        f"no lead {lead_id!r}; `watchfloor leads` lists them"
        if not matching
        else f"{lead_id!r} is the start of {len(matching)} leads; give more of it"
    )


def digest(found: list[Lead]) -> bytes:
    """SHA-256 of a queue as it was shown: ids, bits and contributions in their order."""
    seen = sha256()
    for lead in found:
        parts = [lead.lead_id, lead.bits.hex(), lead.weights]
        parts += [f"{c.signal_id.hex()}:{c.strength}:{c.bits.hex()}" for c in lead.contributions]
        seen.update("\x1f".join(parts).encode() + b"\n")
    return seen.digest()
