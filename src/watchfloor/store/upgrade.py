"""Bringing a floor of an older layout to this one, as an act of its log.

The catalogue changes in one transaction, `floor.toml` after it. Cut off before, the floor has its old layout;
cut off between, it says so still, and the next upgrade writes the settings. A newer layout is not touched.
"""

from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import structs

from watchfloor.store import catalogue, clock, log, secret, settings
from watchfloor.store.database import Database, layout_of, set_layout
from watchfloor.store.errors import LayoutError, explained
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor
from watchfloor.store.log.notes import Signer


class Upgraded(NamedTuple):
    """Layout before and after, and the position of the act; None where there was nothing to do."""

    before: int
    after: int
    position: int | None


_STEPS: Final = {
    1: (
        "ALTER TABLE runs ADD COLUMN view TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX log_act ON log (act, position)",
        "DROP INDEX runs_desk",
        "CREATE INDEX runs_desk ON runs (desk, view, position)",
    ),
}
"""What leads from each layout to the next."""


def upgrade(root: Path, actor: Actor) -> Upgraded:
    """Bring the floor in `root` to the layout of this version.

    Raises:
        NoFloor: there is none.
        LayoutError: its layout is newer, or none that this version knows.
        FloorBusy: somebody writes to it.
        Damaged: its key is another than it was made with.
    """
    with explained(root):
        before = _known(root, settings.layout(root))
        if before == catalogue.LAYOUT:
            return Upgraded(before, before, None)
        found = settings.read(root, before)
        with WriterLock(root), closing(catalogue.unchecked(root)) as database:
            _known(root, layout_of(database))
            secret.check(database, root, secret.read(root))
            position = _catalogue(root, database, found.name, actor)
            settings.begin(root, structs.replace(found, layout=catalogue.LAYOUT))
            settings.seal(root)
    return Upgraded(before, catalogue.LAYOUT, position)


def _known(root: Path, layout: object) -> int:
    if not isinstance(layout, int) or layout not in (*_STEPS, catalogue.LAYOUT):
        raise LayoutError(catalogue.unknown_layout(root, layout))
    return layout


def _catalogue(root: Path, database: Database, name: str, actor: Actor) -> int:
    """Bring the catalogue here, unless an upgrade that was cut off has; gives the position of its act."""
    before = layout_of(database)
    if before == catalogue.LAYOUT:
        return next(reversed([act.position for act in log.acts_named(database, ["upgraded"])]))
    signer = _signer(root, name)
    with catalogue.transaction(database):
        for layout in range(before, catalogue.LAYOUT):
            for statement in _STEPS[layout]:
                database.execute(statement)
        detail = {"from": before, "to": catalogue.LAYOUT, "signs_with": signer.verifier.text}
        (position,) = log.append(database, actor, [("upgraded", detail)], None, clock.micros(root))
        set_layout(database, catalogue.LAYOUT)
    return position


def _signer(root: Path, name: str) -> Signer:
    """A new key to sign with; one that an upgrade left which was cut off is named by no act."""
    (root / secret.SIGNING).unlink(missing_ok=True)
    secret.write(root, secret.SIGNING)
    return Signer(name, secret.read(root, secret.SIGNING))
