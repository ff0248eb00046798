"""Signals as the desk's rules make them, and those that stand with the lines that they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.messages import Reason
from watchfloor.desks.assertions import asserted, assertion
from watchfloor.desks.cargo.ledger import KEPT, Ledger
from watchfloor.desks.state import Row

NAME: Final = "cargo"
CITED: Final = 20
"""Records and items that a signal names, the newest; its reason says how many there are."""

PARTIES: Final = ("importer", "consignee", "shipper")


class Statement(NamedTuple):
    """A rule's statement: how strongly, of what, why, and from which records."""

    rule: str
    strength: str
    subjects: Sequence[str]
    why: Reason
    rows: Sequence[Row]
    score: float | None = None


class StandingSignal(NamedTuple):
    """A signal that stands.

    Attributes:
        signal: all but `at`.
        group: number of the rule that counts along a chain; -1 for a rule about one line.
        chain: along which.
        first: when it was said first, µs.
        many: what was counted.
        lines: numbers of the lines it was counted from.
    """

    signal: dict[str, Any]
    group: int
    chain: int
    first: int
    many: int
    lines: tuple[int, ...]


def signal_of(key: bytes, about: str, window: str, one: Statement) -> dict[str, Any]:
    """The row, all but `at`."""
    return assertion(
        one.rows,
        row_id=row_id(key, NAME, one.rule, (about,), window),
        desk=NAME,
        rule=one.rule,
        subjects=list(one.subjects),
        strength=one.strength,
        score=one.score,
        reason=one.why.stored(),
    )


def subjects_of(rows: Sequence[Row]) -> list[str]:
    """Items of lines, the newest first, and the companies among their parties; persons are not named."""
    items = dict.fromkeys(row["subject"] for row in reversed(rows))
    companies = {
        row[name] for row in rows for name in PARTIES if (row.get(name) or "").startswith("company:")
    }
    return [*list(items)[:CITED], *sorted(companies)[:CITED]]


def place_of(row: Row) -> str:
    """Where a line stands among the reports: its source, and its key or its record."""
    return f"{row['source']}:{row['report_key'] or row['record_id'].hex()}"


@dataclass(slots=True)
class Standings:
    """Signals that stand, by id and by the lines they rest on."""

    told: dict[bytes, StandingSignal] = asserted(
        pa.schema(one.with_nullable(True) for one in SIGNAL), part=""
    )
    of_line: dict[int, set[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id_, one in self.told.items():
            self._rest(id_, one)

    def _rest(self, id_: bytes, one: StandingSignal) -> None:
        for line in one.lines:
            self.of_line.setdefault(line, set()).add(id_)

    def put(self, one: StandingSignal) -> None:
        """Let a signal stand, in place of what stood under its id."""
        id_ = one.signal["row_id"]
        self.drop(id_)
        self.told[id_] = one
        self._rest(id_, one)

    def drop(self, id_: bytes) -> None:
        """Let a signal go."""
        if (one := self.told.pop(id_, None)) is None:
            return
        for line in one.lines:
            self.of_line[line].discard(id_)
            if not self.of_line[line]:
                del self.of_line[line]

    def resting(self, line: int) -> list[StandingSignal]:
        """Signals that rest on a line."""
        return [self.told[id_] for id_ in sorted(self.of_line.get(line, ()))]

    def lately(self, id_: bytes, ledger: Ledger, now: int) -> StandingSignal | None:
        """A signal that rests on a line that is remembered at a moment, µs, let go of or not yet."""
        one = self.told.get(id_)
        newest = max(one.lines) if one else -1
        return one if newest >= ledger.base and ledger.when(newest) >= now - KEPT else None

    def forget(self, base: int) -> None:
        """Let go of signals that rest on no line from `base` on: nothing can put them right."""
        for id_ in self.older(base):
            self.drop(id_)

    def older(self, base: int) -> list[bytes]:
        """Signals that rest on no line from `base` on."""
        return [id_ for id_, one in self.told.items() if max(one.lines) < base]
