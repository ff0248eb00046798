"""Indexed columns of each kind: whom its rows are about, their texts, when and where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import KINDS
from watchfloor.core.subjects import CRAFT, LOOSE, SYSTEMS, key_of

BREAK: Final = " \ue000 "
"""Stands between two texts of a row, as a word of its own that nobody types: no phrase reaches across."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a kind; `portions.text` is the member of each structure in a list.

    Attributes:
        subjects: typed keys of what a row is about. The member `craft` of an identifier is the key of the
            boat, vehicle or consignment that it numbers; telephones and the like would be of too many rows.
        texts: in which words are searched, the title or name first.
    """

    subjects: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


INDEXED: Final[Mapping[str, Columns]] = {
    "listing": Columns((), ("names.text", "remarks")),
    "consolidation": Columns(),
    "party": Columns(("subject", "identifiers.craft"), ("name", "context")),
    "judgement": Columns(("subject", "about"), ("why",)),
    "report": Columns(("subjects", "mentions.subject"), ("title", "portions.text", "place")),
    "outcome": Columns(("subjects",), ("why",)),
    "task": Columns(("subjects",), ("instruction", "why")),
    "watch-entry": Columns(("subjects",), ("text",)),
    "product": Columns((), ("title", "portions.text", "tear_line.text")),
    "disclosure": Columns(("subjects",)),
    "payment": Columns(("payer", "payee", "conductor", "phone"), ("memo", "branch")),
    "account": Columns(("subject", "holder"), ("occupation",)),
    "reading": Columns(("subject", "substance")),
    "declaration": Columns(
        ("subject", "importer", "consignee", "shipper", "declarant", "plate"),
        ("goods", "shipper_name", "consignee_name"),
    ),
    "weather": Columns((), ("station",)),
    "public-alert": Columns(
        (), ("headline", "event", "areas.description", "description", "instruction", "issuer")
    ),
    "exhibit": Columns(("subject", "substance"), ("name", "why", "packaging")),
    "seizure": Columns(("substance", "phone", "plate"), ("drug", "operation", "place")),
    "inspection": Columns(("subject", "substance", "plate"), ("grounds", "why", "place")),
    "response": Columns(("subject",), ("why",)),
    "volume": Columns((), ("office",)),
    "agreement": Columns((), ("asked", "why")),
    "triage": Columns(("subjects",), ("why",)),
    "section": Columns((), ("why",)),
    "roster": Columns((), ("pool", "why")),
    "plan": Columns((), ("why",)),
    "scene": Columns((), ("scene", "platform", "tile", "collection")),
    "scene-change": Columns((), ("what", "change")),
    "application": Columns(
        ("application", "applicant", "representative", "institution", "employer", "payer"),
        ("number", "office", "officer_note"),
    ),
    "travel-document": Columns(("document", "holder", "application"), ("number",)),
    "letter": Columns(("letter", "issuer", "application"), ("reference",)),
    "application-fee": Columns(("application", "payer")),
    "removal-step": Columns(("order", "person"), ("step", "reason")),
    "crossing": Columns(("document", "traveller"), ("port", "voyage")),
    "intelligence-object": Columns(("subjects",), ("name", "object_id")),
    "map-feature": Columns((), ("name", "layer")),
    "incident": Columns((), ("agency", "number")),
    "signal": Columns(("subjects",)),
}
"""What of each kind; of one that is not here records are found by their ids and keys alone."""

BULK: Final = frozenset(name for name, kind in KINDS.items() if kind.bulk)
"""Kinds of which a record is found by its id in the store; the markings of all of them are known here."""

UNREAD: Final = frozenset(name for name in BULK if not INDEXED.get(name, Columns()).texts)
"""Those of which nothing else is known here. Of the others, rows with a subject or a name are indexed."""

DERIVED: Final = ("signal",)
"""What desks yield that is indexed."""


def columns_of(kind: str) -> Columns:
    """Return the indexed columns of a kind."""
    return INDEXED.get(kind, Columns())


@cache
def schema_of(kind: str) -> pa.Schema:
    """The columns of an indexed kind, in the order in which rows are kept."""
    return SIGNAL if kind in DERIVED else KINDS[kind].schema


def indexed_rows(kind: str, rows: pa.Table) -> pa.Table:
    """Return the rows of a kind that are indexed: of a bulk kind those that name a subject or have a name."""
    if kind not in BULK:
        return rows
    if kind in UNREAD:
        return rows.slice(0, 0)
    columns = columns_of(kind)
    found = pc.is_valid(rows[columns.texts[0]])
    for name in columns.subjects:
        found = pc.or_(found, pc.greater(pc.list_value_length(rows[name]), 0))
    return rows.filter(found)


def values(columns: Mapping[str, Sequence[Any]], paths: Sequence[str]) -> Iterator[list[str]]:
    """The texts of each row at some paths, in their order; what is null is left out.

    Args:
        columns: Python values of each column, by name.
        paths: as in `Columns`.
    """
    rows = len(next(iter(columns.values())))
    parts = [_texts(columns[name], member) for name, _, member in (path.partition(".") for path in paths)]
    return map(list, map(chain.from_iterable, zip(*parts, strict=True) if parts else repeat((), rows)))


def _texts(column: Sequence[Any], member: str) -> Iterator[Sequence[str]]:
    for value in column:
        if isinstance(value, str):
            yield (value,)
        elif value:
            yield [text for one in value if (text := _member(one, member) if member else one)]
        else:
            yield ()


def _member(of: Mapping[str, Any], name: str) -> str | None:
    if name != "craft":
        text: str | None = of[name]
        return text
    return key_of(**of) if of["system"].strip().lower() in _NUMBERS else None


_NUMBERS: Final = frozenset(
    name
    for name, of in {**{name: types[0] for name, (types, _) in SYSTEMS.items()}, **LOOSE}.items()
    if of in CRAFT
)
"""Systems whose keys are those of craft."""
