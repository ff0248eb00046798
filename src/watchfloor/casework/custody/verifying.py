"""Whether the history of exhibits is whole: what is wrong, on which exhibit, in which act, at which position.

Four things are asked. The floor itself: every byte it committed to (`store.verify`). Each act: that it is
proven to stand in the log. Each history: that its acts are numbered without a gap and each names the one
before. And each act again as if it were done now: that it was allowed, and signed by the keys of its day.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.casework.custody import exhibits, repository, rules, signing
from watchfloor.casework.custody.exhibits import SOURCE, World
from watchfloor.cell.acts import Refusal, Row, render
from watchfloor.core.kinds import EXHIBIT
from watchfloor.core.messages import Language, Message, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store import catalogue, log
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import standalone_rows
from watchfloor.store.log.standalone import Failed
from watchfloor.store.segments import index, lookup, proofs, reading

UNREADABLE: Final = declare("custody.unreadable", "problem")
BYTES: Final = declare("custody.bytes", "file", "where", "problem")
UNPROVEN: Final = declare("custody.unproven", "problem")
OTHER_CONTENT: Final = declare("custody.other-content", "columns")
BROKEN: Final = declare("custody.broken-chain")
NOT_ALLOWED: Final = declare("custody.not-allowed", "problem")
UNFLAGGED: Final = declare("custody.unflagged", "wanted", "found")


class Finding(NamedTuple):
    """Something that is wrong.

    Attributes:
        exhibit: id of the exhibit, or None where it is the floor as a whole.
        edition: number of the act.
        position: of the act in the log.
        message, params: the sentence.
    """

    exhibit: str | None
    edition: int | None
    position: int | None
    message: Message
    params: dict[str, Any]

    def says(self, language: Language = "en") -> str:
        """The sentence."""
        return reason(self.message, **self.params).render(language)


def verify(floor: Floor, reader: Reader, *, whole: bool = True, language: Language = "en") -> list[Finding]:
    """Return the faults in the history of the exhibits that a reader may see.

    Args:
        floor: whose.
        reader: who asks.
        whole: also every byte that the floor committed to, whatever it is about.
        language: of the sentences of refusals that stand within findings.
    """
    found = [_damage(each) for each in floor.verify()] if whole else []
    rows, places, unread = _readable(floor, reader)
    return [*found, *unread, *proven(floor, rows, places), *replayed(floor, rows, language)]


Places = dict[bytes, lookup.Place]
"""Where each act stands among the rows of the floor, by its record."""


def _readable(floor: Floor, reader: Reader) -> tuple[list[Row], Places, list[Finding]]:
    """The acts that can be read and where they stand, and where in the log those do that cannot be read."""
    unread, places, names = [], Places(), [*EXHIBIT.schema.names, reading.POSITION]
    with catalogue.snapshot(floor.root) as database:
        parts = reading.payloads(database, EXHIBIT.name)
        for part in list(parts):
            try:
                table = reading.load(floor.root, part, PLACE).select(PLACE)
            except _UNREADABLE as error:
                parts.remove(part)
                at = min(part.segments.values())
                unread.append(Finding(None, None, at, UNREADABLE, {"problem": str(error)}))
                continue
            for id_, segment, leaf in zip(*(column.to_pylist() for column in table.columns), strict=True):
                places[id_] = lookup.Place(EXHIBIT.name, id_, segment, leaf)
        rows = reading.read(floor.root, parts, EXHIBIT.schema, reader, names).to_pylist()
    return [row for row in rows if row["source"] == SOURCE], places, unread


PLACE: Final = ("record_id", index.SEGMENT, index.LEAF)
"""Columns that say which row of the floor one is."""

_UNREADABLE: Final = (StoreError, Failed, OSError, pa.ArrowException, ValueError, LookupError)
"""What reading or proving a damaged row may end in."""


def proven(floor: Floor, rows: list[Row], places: Places) -> Iterator[Finding]:
    """Acts that the log does not prove, or proves to read otherwise."""
    with catalogue.snapshot(floor.root) as database:
        size, _ = log.head(database)
        root = log.root(database, size)
        for row in rows:
            try:
                (proof,) = proofs.prove_places(floor.root, database, [places[row["record_id"]]], size)
                said = standalone_rows.check_record(proofs.as_json(proof), root)
            except _UNREADABLE as error:
                yield _at(row, UNPROVEN, problem=str(error))
                continue
            if other := [name for name in ("exhibit", "act", "edition", "by") if said.get(name) != row[name]]:
                yield _at(row, OTHER_CONTENT, columns=", ".join(other))


def replayed(floor: Floor, rows: list[Row], language: Language = "en") -> Iterator[Finding]:
    """Acts that do not follow on what stands before them."""
    ahead: World = {}
    for row in rows:
        before = ahead.get(row["parent"] if row["act"] == "made" else row["exhibit"])
        if row["previous"] != (before.last["record_id"] if before else None):
            yield _at(row, BROKEN)
        wanted = rules.doubts(ahead, row)
        if rules.ENTERED not in row["doubts"]:  # acts from before this was flagged
            wanted = [one for one in wanted if one != rules.ENTERED]
        if wanted != row["doubts"]:
            told = {"wanted": ", ".join(wanted) or "–", "found": ", ".join(row["doubts"]) or "–"}
            yield _at(row, UNFLAGGED, **told)
        try:
            signed = row["act"] in ("offered", "received")
            repository.check(ahead, row, signing.keys(floor, row["position"]) if signed else {})
        except Refusal as refused:
            yield _at(row, NOT_ALLOWED, problem=render(refused.reason, language))
        exhibits.apply(ahead, row)


def _at(row: Row, message: Message, **params: Any) -> Finding:
    return Finding(row["exhibit"], row["edition"], row["position"], message, params)


def _damage(each: Any) -> Finding:
    """Return a finding for damaged bytes, by file and offsets."""
    where = "–" if each.start is None else f"{each.start}-{each.end}"
    return Finding(None, None, None, BYTES, {"file": each.file, "where": where, "problem": each.what})
