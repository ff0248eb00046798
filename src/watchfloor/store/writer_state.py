"""The state of a writer: its floor, who acts, and the records that the floor holds already."""

import itertools
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from watchfloor.core.marking import Marking, parse
from watchfloor.policy import terms
from watchfloor.store import clock, ledger, log, readers, settings
from watchfloor.store.database import Database
from watchfloor.store.log import Actor
from watchfloor.store.segments import identifier_cache, index


class WriterState:
    """Hold what a floor's writer shares with the parts of writing; the writer sets its connection.

    Attributes:
        root: the floor's folder.
        key: the floor's secret.
        ceiling: the highest marking that it may hold.
        actor: who writes, what for, under which authority.
        terms: of the floor's policy; None: it has none, and a marking may use any word.
        numbers: of segments to come.
        erased: identities that were erased, by kind.
    """

    _database: Database

    def __init__(self, root: Path, key: bytes, ceiling: Marking, actor: Actor) -> None:
        self.root, self.key, self.ceiling, self.actor = root, key, ceiling, actor
        self.terms = terms.load(root)
        self._settings = settings.read(root)
        self._committing = threading.RLock()
        self._known: dict[str, identifier_cache.KnownIds] = {}
        self._last = 0
        self.numbers: Iterator[int] = itertools.count(1)
        self.erased: dict[str, index.Run] = {}

    def level(self) -> str | None:
        """Return the marking of acts that name none, see `readers.level`."""
        return readers.level(self.root, self.actor, self._settings)

    def log_act(
        self, database: Database, act: str, detail: Mapping[str, Any], level: str | None = None
    ) -> int:
        """Log an act within the caller's transaction; gives its position. `level`: None for `level()`."""
        mine = self.level() if level is None else level
        return log.append(database, self.actor, [(act, detail)], mine, clock.micros(self.root))[0]

    def known_ids(self, kind: str) -> identifier_cache.KnownIds:
        """Identities of a kind that are on the floor."""
        return self._known.setdefault(kind, identifier_cache.KnownIds())

    def earlier(self, digest: bytes) -> int | None:
        """Position of the first delivery of these bytes."""
        with self._committing:
            found = self._database.execute("SELECT min(position) FROM deliveries WHERE digest = ?", (digest,))
            position: int | None = found.fetchone()[0]
        return position

    def faults(
        self, source: str, digest: bytes, within: Marking, resolves: Collection[int] = ()
    ) -> set[tuple[str, str, bool]]:
        """Locator, reason and rest of each piece that these bytes of a feed brought into quarantine.

        Only pieces that nobody is kept from who may see what is marked `within`. While pieces are resolved,
        only those that wait beside them.
        """
        with self._committing:
            found = self._database.execute(
                "SELECT id, locator, reason, rest, position FROM quarantine JOIN deliveries USING (position) "
                "WHERE digest = ? AND source = ? AND (? = 0 OR quarantine.resolved IS NULL)",
                (digest, source, bool(resolves)),
            ).fetchall()
            marked = {at: ledger.marking_of(self._database, at, self.ceiling) for *_, at in found}
        seen = {at for at, text in marked.items() if parse(text) <= within}
        return {
            (locator, reason, bool(rest))
            for number, locator, reason, rest, at in found
            if at in seen and number not in resolves
        }

    def _load(self, *, added: bool = False) -> None:
        """Know what is on the floor: all of it, or what was added since this was called last."""
        before, after = (self._known, self._last) if added else (None, 0)
        self._known = identifier_cache.load(self.root, self._database, before, after)
        self.erased = identifier_cache.load_erased(self._database)
        (last,) = self._database.execute("SELECT max(id) FROM segments").fetchone()
        self._last = last or 0
        self.numbers = itertools.count(self._last + 1)
        counted = self._database.execute(
            "SELECT kind, count(*), sum(rows) FROM small JOIN segments ON id = segment GROUP BY kind"
        )
        self._small = {kind: [count, int(rows)] for kind, count, rows in counted}
