"""Canvases: pictures of some subjects of the graph that a person has given a name, to open them again.

A canvas holds no subject but a keyed hash of its key. It is found again in the graph that its owner may see
when it is opened; what was erased meanwhile, or is hidden now, is not in that and leaves no gap to count.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from watchfloor.casework.personal import personal
from watchfloor.cell.acts import NotFound, nonempty, refuse
from watchfloor.core.messages import declare, reason
from watchfloor.store import log
from watchfloor.store.index.bodies import micros

Layout = Literal["force", "types", "time", "circle"]
LAYOUTS: Final = get_args(Layout)
LONGEST_NAME: Final = 60
MOST: Final = 100
"""Canvases of one person."""
MOST_SUBJECTS: Final = 300
"""Subjects of one canvas: more cannot be read, and would ask for another way to draw them."""

NONE: Final = declare("cell.no-such-canvas", "id")
LONG_NAME: Final = declare("cell.canvas-long-name", "most")
TOO_MANY: Final = declare("cell.canvas-too-many", "most")
TOO_LARGE: Final = declare("cell.canvas-too-large", "most")


class Place(NamedTuple):
    """A subject of a canvas: the hash of its key, where it stands, and whether it stays there."""

    mark: str
    x: int
    y: int
    pinned: bool


class Canvas(NamedTuple):
    """A canvas with its name.

    Attributes:
        id, name: of it.
        layout: how what is not pinned is arranged.
        places: its subjects.
        position: of the log when it was saved, at `saved_at`.
    """

    id: str
    name: str
    layout: Layout
    places: tuple[Place, ...]
    position: int
    saved_at: datetime


def mark(key: bytes, subject: str) -> str:
    """Return the hash by which a canvas knows a subject; `key` is the floor's."""
    return blake2b(subject.encode(), digest_size=16, key=key, person=b"canvas").hexdigest()


def found(key: bytes, places: Iterable[Place], subjects: Sequence[str]) -> dict[str, Place]:
    """Return the places of a canvas by subject, of those that are among some subjects."""
    wanted = {one.mark: one for one in places}
    marks = ((subject, mark(key, subject)) for subject in subjects)
    return {subject: wanted[one] for subject, one in marks if one in wanted}


def save(root: Path, person: str, canvas: Canvas) -> Canvas:
    """Keep a canvas; an earlier one of that name goes, and its id stays. Refused where it cannot be used."""
    name = nonempty(canvas.name, "name")
    if len(name) > LONGEST_NAME:
        refuse(LONG_NAME, most=LONGEST_NAME)
    if len(canvas.places) > MOST_SUBJECTS:
        refuse(TOO_LARGE, most=MOST_SUBJECTS)
    places = msgspec.json.encode(canvas.places).decode()
    with personal(root) as file:
        known = file.execute("SELECT id, name FROM canvases WHERE person = ?", (person,)).fetchall()
        if len([other for _, other in known if other != name]) >= MOST:
            refuse(TOO_MANY, most=MOST)
        id_ = next((id_ for id_, other in known if other == name), secrets.token_hex(6))
        file.execute(
            "INSERT OR REPLACE INTO canvases VALUES (?, ?, ?, ?, ?, ?, ?)",
            (person, id_, name, canvas.layout, places, canvas.position, micros(canvas.saved_at)),
        )
    return canvas._replace(id=id_, name=name)


def saved(root: Path, person: str) -> list[Canvas]:
    """Return the canvases of a person by name."""
    with personal(root) as file:
        rows = file.execute(
            "SELECT id, name, layout, places, position, saved_at FROM canvases WHERE person = ? "
            "ORDER BY name COLLATE NOCASE",
            (person,),
        ).fetchall()
    return [
        Canvas(id_, name, layout, msgspec.json.decode(places, type=tuple[Place, ...]), at, log.moment(when))
        for id_, name, layout, places, at, when in rows
    ]


def find(root: Path, person: str, id_: str) -> Canvas:
    """Return a canvas of a person. Raises `NotFound`."""
    canvas = next((one for one in saved(root, person) if one.id == id_), None)
    if canvas is None:
        raise NotFound(reason(NONE, id=id_))
    return canvas


def remove(root: Path, person: str, id_: str) -> Canvas:
    """Remove a canvas. Raises `NotFound`."""
    canvas = find(root, person, id_)
    with personal(root) as file:
        file.execute("DELETE FROM canvases WHERE person = ? AND id = ?", (person, canvas.id))
    return canvas
