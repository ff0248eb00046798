"""Markings that an earlier delivery defined: objects of intelligence come in parts, and a definition in one.

A reader of a file knows the definitions in that file. What it does not know is looked up here among what the
same feed delivered before. A definition can only make a marking stricter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking, parse
from watchfloor.feeds.complete import OWN
from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.intelligence import stix_markings
from watchfloor.policy.policy import Reader
from watchfloor.store import Floor, Writer
from watchfloor.store.index.search import standing

DEFINITION: Final = "marking-definition"


def resolving(form: Format, writer: Writer, source: str) -> Format:
    """Return a format whose objects are marked by definitions that the floor holds, too."""
    if INTELLIGENCE_OBJECT.name not in form.kinds:
        return form

    def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
        yield from _Definitions(writer, source).resolve(form.read(stream, name))

    return replace(form, read=read)


class _Definitions:
    """Definitions that a delivery has or the floor holds."""

    def __init__(self, writer: Writer, source: str) -> None:
        self._writer, self._source = writer, source
        self._here: set[str] = set(stix_markings.KNOWN)
        self._held: dict[str, Marking | None] = {}

    def resolve(self, pieces: Iterable[Batch | Fault]) -> Iterator[Batch | Fault]:
        """Yield the pieces; rows with the markings that the floor defines, and no note that it does not."""
        for piece in pieces:
            if isinstance(piece, Fault):
                if not (piece.partly and any(ref in piece.reason for ref in self._defined)):
                    yield piece
            elif piece.kind is INTELLIGENCE_OBJECT and OWN in piece.rows.column_names:
                yield replace(piece, rows=self._marked(piece.rows))
            else:
                yield piece

    @property
    def _defined(self) -> list[str]:
        return [ref for ref, found in self._held.items() if found is not None]

    def _marked(self, rows: pa.Table) -> pa.Table:
        own = pc.equal(rows["object_type"], DEFINITION)
        self._here.update(rows["object_id"].filter(own).to_pylist())
        named = pc.unique(pc.list_flatten(rows["object_marking"])).to_pylist()
        for ref in named:
            if ref not in self._here and ref not in self._held:
                self._held[ref] = self._look_up(ref)
        if not any(self._held.get(ref) for ref in named):
            return rows
        markings = [
            str(self._join(parse(text), refs))
            for text, refs in zip(rows[OWN].to_pylist(), rows["object_marking"].to_pylist(), strict=True)
        ]
        at = rows.schema.get_field_index(OWN)
        return rows.set_column(at, OWN, pa.array(markings, pa.string()))

    def _join(self, marking: Marking, refs: Iterable[str]) -> Marking:
        for ref in refs:
            marking |= self._held.get(ref) or Marking()
        return marking

    def _look_up(self, ref: str) -> Marking | None:
        """Return what a definition of the same feed that the floor holds means; None where it has none."""
        self._writer.commit()
        floor = Floor.open(self._writer.root)
        ceiling = self._writer.ceiling
        levels = len(PROTECTED) - 1, len(CLASSIFIED) - 1, len(TLP) - 1
        reader = Reader("intake", floor.settings.country, "", *levels, ceiling.compartments)
        found = standing(floor, INTELLIGENCE_OBJECT.name, self._source, ref, reader)
        return stix_markings.meaning(msgspec.json.decode(found[0].row["body"])) if found else None
