"""Who is on a list, as far as it is certain: by a number that the list publishes, or by a person's decision.

A name that resembles one is no identity. What counts is an account number, a wallet's address or a company's
number that the list itself gives, and a judgement `same` of a person about a subject and a listed entity, for
as long as it is neither undone nor expired. Who has left a list counts no more from then on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from watchfloor.core.subjects import SYSTEMS, SubjectError, subject
from watchfloor.desks.finance.typologies.intake import micros
from watchfloor.desks.state import keyed
from watchfloor.formats.lists.consolidation import part_of

Row = Mapping[str, Any]

WALLET: Final = "Digital Currency Address"
"""How the system of an identifier begins that is the address of a wallet, in OFAC's words."""

ANY: Final = "*"
"""Stands for the system of an account where its number alone tells it, as a wallet's address does."""


class Piece(NamedTuple):
    """One record of a listed entity: keys it gives, and what it takes to know when it has left the list."""

    list_id: str
    lang: str | None
    provision: str | None
    keys: tuple[str, ...]
    record: bytes
    marking: str
    gone: bool


class Same(NamedTuple):
    """A decision that a subject is a listed entity; `until` is in µs."""

    record: bytes
    marking: str
    until: int | None


class Listed(NamedTuple):
    """Why a key counts as listed: the entity, and the records that say so with their markings."""

    entity: str
    records: tuple[tuple[bytes, str], ...]


@dataclass
class Lists:
    """The lists as they stand, and what people decided.

    Attributes:
        pieces: records of each listed entity, by entity and part.
        judged: decisions that somebody is the same, by subject and entity.
    """

    pieces: dict[tuple[str, str], Piece] = keyed("entity", "part")
    judged: dict[tuple[str, str], Same] = keyed("subject", "entity")

    def apply(self, row: Row) -> None:
        """Let a record of a list, of an edition or of a decision take effect."""
        if row["kind"] == "listing":
            self._list(row)
        elif row["kind"] == "consolidation":
            self._close(row)
        else:
            self._judge(row)
        self.__dict__.pop("keys", None)

    def expire(self, now: int) -> bool:
        """Let go of decisions that had to be looked at again by a moment (µs); whether there were any."""
        over = [key for key, one in self.judged.items() if one.until is not None and one.until <= now]
        for key in over:
            del self.judged[key]
        if over:
            self.__dict__.pop("keys", None)
        return bool(over)

    @property
    def ends(self) -> int | None:
        """The next moment at which a decision expires, µs."""
        return min((one.until for one in self.judged.values() if one.until is not None), default=None)

    @cached_property
    def keys(self) -> dict[str, Listed]:
        """Keys of accounts and of who holds them that are listed."""
        found: dict[str, Listed] = {}
        here: dict[str, list[tuple[bytes, str]]] = {}
        for (entity, _), piece in self.pieces.items():
            if not piece.gone:
                here.setdefault(entity, []).append((piece.record, piece.marking))
                for key in piece.keys:
                    found.setdefault(key, Listed(entity, ((piece.record, piece.marking),)))
        for (key, entity), same in self.judged.items():
            if entity in here:
                found.setdefault(key, Listed(entity, (*here[entity][:1], (same.record, same.marking))))
        return found

    def _list(self, row: Row) -> None:
        self.pieces[f"{row['list_id']}:{row['entity_id']}", part_of(row)] = Piece(
            row["list_id"],
            row["lang"],
            row["provision"] if part_of(row) else None,
            tuple(dict.fromkeys(_keys(row["identifiers"] or ()))),
            row["record_id"],
            row["marking"],
            row["ceased"] is not None,
        )

    def _close(self, edition: Row) -> None:
        """Whom an edition does not hold has left the list; who had left and is held again is back."""
        of, held = (edition["list_id"], edition["lang"], edition["provision"]), set(edition["entities"])
        for (entity, part), piece in self.pieces.items():
            if (piece.list_id, piece.lang, piece.provision) == of:
                id_ = part or entity.removeprefix(f"{piece.list_id}:")
                self.pieces[entity, part] = piece._replace(gone=id_ not in held)

    def _judge(self, row: Row) -> None:
        self.judged.pop((row["subject"], row["about"]), None)
        if row["verdict"] == "same":
            until = row["expires_at"]
            self.judged[row["subject"], row["about"]] = Same(
                row["record_id"], row["marking"], None if until is None else micros(until)
            )


def _keys(identifiers: Any) -> Iterator[str]:
    for one in identifiers:
        system, number = one["system"], one["number"].strip()
        if system.startswith(WALLET):
            yield f"account:{ANY}:{number}"
        elif of := SYSTEMS.get(system.lower()):
            for type_ in {"account", "company"} & set(of[0]):
                try:
                    yield str(subject(type_, system.lower(), number))
                except SubjectError:
                    continue  # a list may print a number that its own rule refuses
