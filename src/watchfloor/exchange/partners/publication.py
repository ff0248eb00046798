"""Publications to a partner: one at a time, and beside the shelf a note of what the last whole one looked at.

Pages are served from the shelf and never publish: how long one takes, and when, tells nothing of what
happened on the floor. So every process that publishes or serves knows from the note how far the shelf is.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.exchange.bundles.withholding import Withheld
from watchfloor.exchange.partners.partner import Partner, gateway_of, rules, standing
from watchfloor.exchange.shelf import path_of
from watchfloor.policy.policy import clearance
from watchfloor.store.errors import FloorBusy, StoreError
from watchfloor.store.files import make_folder, unique
from watchfloor.store.floor import Floor
from watchfloor.store.lock import WriterLock

NAME: Final = "publication.json"


class Note(msgspec.Struct, frozen=True):
    """Note of publications to a partner.

    Attributes:
        position: of the log when the last whole one began: all before that is on the shelf.
        day: on which that was, in UTC.
        rules: sizes and times of the files of rules then, see `partner.rules`.
        terms: see `terms_of`, then.
        ended: when it ended, by the floor's clock.
        began: when the latest one began, whole or not, in seconds since 1970 by the machine's clock.
        share: of the one that is at work, or was cut off; None after a whole one.
        withheld: rows that stayed in the last whole one, by reason as it is stored.
        problem: why the latest one failed; empty: it did not.
    """

    position: int = 0
    day: date = date.min
    rules: tuple[tuple[int, int], ...] = ()
    terms: str = ""
    ended: datetime | None = None
    began: float = 0.0
    share: float | None = None
    withheld: tuple[tuple[str, str, int], ...] = ()
    problem: str = ""


@dataclass
class Publication:
    """A publication that is at work; nobody else publishes to the partner meanwhile.

    Attributes:
        note: as it stands.
    """

    note: Note
    _path: Path
    _whole: Note

    def reached(self, share: float) -> None:
        """Note the share that is done."""
        self.note = msgspec.structs.replace(self.note, share=share)
        _write(self._path, self.note)

    def whole(self, now: datetime, withheld: Iterable[Withheld]) -> None:
        """Note that it is whole, and what stayed."""
        stays = tuple((*one.reason.stored().values(), one.rows) for one in withheld)
        self.note = msgspec.structs.replace(self._whole, ended=now, withheld=stays)
        _write(self._path, self.note)


@contextmanager
def alone(floor: Floor, partner: Partner, now: datetime) -> Iterator[Publication]:
    """Publish for a partner alone. Raises `FloorBusy` where somebody else does."""
    folder = _folder(floor, partner)
    make_folder(folder)
    with WriterLock(folder):
        before, began = last(floor, partner), time.time()
        on = now.astimezone(UTC).date()
        whole = Note(floor.position, on, rules(floor), terms_of(floor, partner), None, began)
        made = Publication(msgspec.structs.replace(before, began=began), folder / NAME, whole)
        made.reached(0.0)
        yield made


def last(floor: Floor, partner: Partner) -> Note:
    """Return the note of publications to a partner; an empty one where there is none."""
    try:
        return msgspec.json.decode((_folder(floor, partner) / NAME).read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return Note()


def failed(floor: Floor, partner: Partner, error: Exception) -> None:
    """Note that the latest publication failed, and why; of a mistake of ours its type alone."""
    told = isinstance(error, (StoreError, OSError))
    note = msgspec.structs.replace(last(floor, partner), problem=str(error) if told else type(error).__name__)
    with suppress(OSError):  # on a disk that is full it is told in the log of events
        make_folder(_folder(floor, partner))
        _write(_folder(floor, partner) / NAME, note)


def failing(floor: Floor) -> int:
    """Count the partners to whom the latest publication failed."""
    return sum(bool(last(floor, one).problem) for one in standing(floor).values())


def at_work(floor: Floor, partner: Partner) -> bool:
    """Whether somebody publishes to a partner now; one that was cut off is none."""
    folder = _folder(floor, partner)
    if not folder.is_dir() or last(floor, partner).share is None:
        return False
    try:
        with WriterLock(folder):
            return False
    except FloorBusy:
        return True


def terms_of(floor: Floor, partner: Partner) -> str:
    """Return a digest of what rules let a partner have: their gateway, and with whose eyes rows are chosen.

    Files of rules tell of others too; two that say the same to this partner have the same digest.
    """
    author = clearance(floor.reader(partner.by.name, partner.by.purpose))
    said = [asdict(gateway_of(floor, partner)), asdict(author)]
    return sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()[:32]


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def _folder(floor: Floor, partner: Partner) -> Path:
    return path_of(floor, partner.shelf).with_suffix(".publishing")


def _write(path: Path, note: Note) -> None:
    written = path.with_name(f"{unique()}.part")
    written.write_bytes(msgspec.json.encode(note))
    written.replace(path)
