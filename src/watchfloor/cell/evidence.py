"""The records a lead cites, as one reader may see them.

Records of the kinds that come by the million (detections, coverage, weather) are in no index; they are read
from the segments that hold them. For the eye they are folded: what a sensor reported of a track is one row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Language
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.index.search import moments_of, of_ids

_SAYS: Final = Catalogue()


def ids(lead: Lead) -> list[bytes]:
    """Ids of the records that a lead cites, in the order in which it does."""
    return list(dict.fromkeys(id_ for one in lead.contributions for id_ in one.evidence))


def standing(floor: Floor, reader: Reader, lead: Lead) -> list[bytes]:
    """Return the ids of those that are on the floor, not erased, and visible to the reader."""
    wanted = ids(lead)
    known = moments_of(floor, wanted, reader).keys() | floor.bulk_ids(wanted, reader)
    return [id_ for id_ in wanted if id_ in known]


def cited(floor: Floor, reader: Reader, lead: Lead) -> list[dict[str, Any]]:
    """Rows of every cited record with their kind, in the order the lead cites them."""
    return rows(floor, reader, ids(lead))


def rows(floor: Floor, reader: Reader, wanted: Sequence[bytes]) -> list[dict[str, Any]]:
    """Rows of records with their kind, in the order given; without those that the reader may not see."""
    indexed = of_ids(floor, wanted, reader)
    found = {id_: one.row | {"kind": one.kind} for id_, one in indexed.items()}
    found |= floor.bulk_rows((id_ for id_ in wanted if id_ not in found), reader)
    return [found[id_] for id_ in wanted if id_ in found]


class Cited(NamedTuple):
    """A record that a lead cites; or the records of one sensor of one track.

    Attributes:
        row: of the first of them, with its kind.
        record_ids: of all of them, in the order of the lead.
        until: when the last of them was observed.
        sensor: whose they are; empty for what has none.
        track: key of the track; empty for what has none.
        votes: how many of them reported which class.
    """

    row: dict[str, Any]
    record_ids: list[bytes]
    until: datetime
    sensor: str = ""
    track: str = ""
    votes: Mapping[str, int] = MappingProxyType({})


def folded(found: Iterable[Mapping[str, Any]], lead: Lead) -> list[Cited]:
    """Rows as a person reads them: those of one sensor, track and marking are one."""
    tracks = {
        id_: one.subject
        for one in lead.contributions
        if one.subject.startswith("track:")
        for id_ in one.evidence
    }
    parts: dict[Any, list[dict[str, Any]]] = {}
    for row in found:
        key: Any = row["record_id"]
        if KINDS[row["kind"]].bulk:
            key = row["kind"], row["source"], _sensor(row), tracks.get(row["record_id"], ""), row["marking"]
        parts.setdefault(key, []).append(dict(row))
    return [_folded(mine, tracks) for mine in parts.values()]


def votes(found: Iterable[Cited], language: Language) -> dict[str, str]:
    """Of each track how often its sensors reported which class, in the records that are cited."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        if one.track:
            counts.setdefault(one.track, Counter()).update(one.votes)
    return {track: voted(mine, language) for track, mine in counts.items() if mine}


def voted(counts: Mapping[str, int], language: Language) -> str:
    """Counts of classes in words, the most first."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(_SAYS.word("titles.class.", name, language) + f" {count}" for name, count in ordered)


def _folded(mine: Sequence[dict[str, Any]], tracks: Mapping[bytes, str]) -> Cited:
    first = mine[0]
    classes = Counter(row["class"] for row in mine if row.get("class"))
    return Cited(
        first,
        [row["record_id"] for row in mine],
        max(row["observed_at"] for row in mine),
        _sensor(first),
        tracks.get(first["record_id"], "") if KINDS[first["kind"]].bulk else "",
        classes,
    )


def _sensor(row: Mapping[str, Any]) -> str:
    return row.get("sensor") or row.get("station") or ""
