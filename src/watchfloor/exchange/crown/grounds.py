"""Grounds for keeping items back from a disclosure, and who states them. Only a person states a ground.

    item,ground,by,note
    5f0c9a…,informer,S/Sgt A. Roy,would tell who said it

`item` is a record or a signal by its id, or the start of it, or `act 17`. What is withheld is listed with its
ground; what is privileged is in no list but the privilege holder's own.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import nearest

COLUMNS: Final = ("item", "ground", "by", "note")
SHORTEST: Final = 8
"""Digits of an id that a row must give, so that a slip of the pen withholds nothing else."""


class Ground(NamedTuple):
    """A reason for which something may be kept back.

    Attributes:
        en: what it is called.
        fr: in French.
        source: where it comes from; whether it holds is for counsel and the court.
        privileged: whether even the list is the holder's alone.
    """

    en: str
    fr: str
    source: str
    privileged: bool = False


GROUNDS: Final[Mapping[str, Ground]] = {
    "informer": Ground("informer privilege", "privilège de l’indicateur", "common law"),
    "public-interest": Ground(
        "specified public interest", "raisons d’intérêt public", "Canada Evidence Act, s. 37"
    ),
    "national-security": Ground(
        "international relations, national defence or national security",
        "relations internationales, défense ou sécurité nationales",
        "Canada Evidence Act, ss. 38 to 38.16",
    ),
    "cabinet": Ground(
        "confidence of the King’s Privy Council",
        "renseignement confidentiel du Cabinet",
        "Canada Evidence Act, s. 39",
    ),
    "third-party": Ground("privacy of a third party", "vie privée d’un tiers", "common law"),
    "technique": Ground("investigative technique", "technique d’enquête", "common law"),
    "ongoing": Ground("ongoing investigation", "enquête en cours", "common law"),
    "originator": Ground("control of another owner", "contrôle d’un autre propriétaire", "third-agency rule"),
    "irrelevant": Ground("clearly irrelevant", "manifestement sans pertinence", "R. v. Stinchcombe"),
    "solicitor-client": Ground(
        "solicitor-client privilege", "secret professionnel de l’avocat", "common law", privileged=True
    ),
    "litigation": Ground(
        "litigation privilege", "privilège relatif au litige", "common law", privileged=True
    ),
}
"""Grounds by the word that a file uses."""

BAD_HEAD = declare("crown.bad-head", "file", "columns", "found")
BAD_CELLS = declare("crown.bad-cells", "file", "line", "count")
BAD_GROUND = declare("crown.bad-ground", "file", "line", "ground", "near", "grounds")
NOBODY = declare("crown.nobody", "file", "line")
BAD_ITEM = declare("crown.bad-item", "file", "line", "item", "shortest")
NO_ITEM = declare("crown.no-item", "file", "line", "item")
SEVERAL = declare("crown.several-items", "file", "line", "item", "count")


@dataclass(frozen=True, slots=True)
class Stated:
    """One row of a file of grounds.

    Attributes:
        item: id, start of an id, or `act 17`.
        ground: a word of `GROUNDS`.
        by: who states it.
        note: in that person's words.
        line: where it stands in the file.
    """

    item: str
    ground: str
    by: str
    note: str
    line: int

    @property
    def privileged(self) -> bool:
        """Whether it may be listed to nobody but the holder."""
        return GROUNDS[self.ground].privileged


def read(path: Path) -> list[Stated]:
    """The grounds that a CSV file states. Raises `Unusable`, naming file and line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        head = [name.strip().lower() for name in next(rows, [])]
        if head != list(COLUMNS):
            said = {"columns": ",".join(COLUMNS), "found": ",".join(head) or "nothing"}
            raise Unusable(reason(BAD_HEAD, file=path.name, **said))
        return [_stated(path, line, row) for line, row in _filled(rows)]


def chosen(stated: Iterable[Stated], known: Iterable[str], file: str) -> dict[str, Stated]:
    """The rows by the whole id of what they mean. Raises `Unusable` for what is not in the case."""
    ids = sorted(known)
    return {_only(one, [id_ for id_ in ids if _means(one.item, id_)], file): one for one in stated}


def _filled(rows: "Iterator[list[str]]") -> Iterator[tuple[int, list[str]]]:
    return ((line, row) for line, row in enumerate(rows, 2) if any(cell.strip() for cell in row))


def _stated(path: Path, line: int, row: list[str]) -> Stated:
    cells = [cell.strip() for cell in row]
    where: dict[str, str | int] = {"file": path.name, "line": line}
    if len(cells) not in (3, 4):
        raise Unusable(reason(BAD_CELLS, **where, count=len(cells)))
    item, ground, by, note = (*cells, "")[:4]
    if ground not in GROUNDS:
        near = nearest(ground, GROUNDS)
        raise Unusable(reason(BAD_GROUND, **where, ground=ground, near=near, grounds=", ".join(GROUNDS)))
    if not by:
        raise Unusable(reason(NOBODY, **where))
    if not _is_item(item.lower()):
        raise Unusable(reason(BAD_ITEM, **where, item=item, shortest=SHORTEST))
    return Stated(item.lower(), ground, by, note, line)


def _is_item(text: str) -> bool:
    if text.startswith("act "):
        return text[4:].isascii() and text[4:].isdigit()
    return len(text) >= SHORTEST and not set(text) - set("0123456789abcdef")


def _means(item: str, id_: str) -> bool:
    return item == id_ if item.startswith("act ") else id_.startswith(item)


def _only(one: Stated, found: list[str], file: str) -> str:
    where: dict[str, str | int] = {"file": file, "line": one.line, "item": one.item}
    if not found:
        raise Unusable(reason(NO_ITEM, **where))
    if len(found) > 1:
        raise Unusable(reason(SEVERAL, **where, count=len(found)))
    return found[0]
