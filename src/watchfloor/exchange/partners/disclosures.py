"""Rows that were disclosed to a partner and still stand: a fold over `disclosed`, `withdrawn` and `recalled`.

Nothing else keeps them. A row is known by its kind and its name between nodes (`exchange.bundles.sent`), and
by a token of what went: which version of it, marked how, with which columns. A later disclosure of it takes
the place of the one before. What was recalled is not offered again until there is another version of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import DISCLOSURE, RECORD_ID
from watchfloor.core.streams import packed, unpacked
from watchfloor.exchange.bundles import sent
from watchfloor.exchange.partners.partner import Partner
from watchfloor.policy.gateways import Gateway
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act
from watchfloor.store.writer import Writer

ACTS: Final = ("disclosed", "withdrawn", "recalled")
TOKEN: Final = pa.binary(16)
COLUMNS: Final = pa.schema(
    [
        pa.field("kind", pa.string()),
        pa.field("row", pa.string()),
        pa.field("token", TOKEN),
        pa.field("bundle", pa.string()),
    ]
)
"""Of rows that stand: kind and name, the token of what went, and the disclosure that brought it."""


@dataclass(frozen=True, slots=True)
class Disclosures:
    """Rows that stand with a partner, and tokens of those that were recalled.

    Attributes:
        rows: in `COLUMNS`.
        recalled: tokens.
        position: of the last act.
    """

    rows: pa.Table = field(default_factory=COLUMNS.empty_table)
    recalled: pa.Array = field(default_factory=lambda: pa.array([], TOKEN))
    position: int = 0

    def beyond(self, other: "Disclosures") -> pa.Table:
        """Return the rows that do not stand in the other, as the disclosure that brought them."""
        key = ("bundle", "kind", "row")
        return self.rows.filter(pc.invert(pc.is_in(_key(self.rows, *key), value_set=_key(other.rows, *key))))


def standing(acts: Iterable[tuple[Act, pa.Table]], start: Disclosures | None = None) -> Disclosures:
    """Rows that stand after acts, each with the rows that it names."""
    found = start or Disclosures()
    for act, names in acts:
        found = after(found, act, names)
    return found


def acts_to(floor: Floor, partner: Partner) -> list[Act]:
    """Acts that disclosed something to a partner or took it back, oldest first."""
    mine = partner.position
    return [act for act in floor.acts_of(*ACTS) if (act.detail or {}).get("partner") == mine]


def after(before: Disclosures, act: Act, names: pa.Table) -> Disclosures:
    """Rows that stand after an act that names some, of those that stood before it."""
    rows, recalled = without(before.rows, names), before.recalled
    if act.act == "disclosed":
        rows = pa.concat_tables([rows, names])
        if rows["row"].num_chunks > _CHUNKS:
            rows = rows.combine_chunks()
    elif act.act == "recalled":
        took = pc.is_in(before.rows["token"], value_set=rows["token"])
        recalled = pa.concat_arrays([recalled, *before.rows["token"].filter(pc.invert(took)).chunks])
    return replace(before, rows=rows, recalled=recalled, position=act.position)


def named(floor: Floor, act: Act) -> pa.Table:
    """The rows that an act names, in `COLUMNS`; without a content that is left, none."""
    said: Mapping[str, Any] = act.detail or {}
    if act.act == "withdrawn":
        kept = floor.shown(_called(said["rows_hash"]))
        content = kept[-1].content if kept else None
        return COLUMNS.empty_table() if content is None else unpacked(content)
    index = sent.index_of(floor, said["bundle"])
    if index is None:
        return COLUMNS.empty_table()
    if act.act == "recalled" and said.get("names") is not None:
        index = index.filter(pc.is_in(index["row"], value_set=pa.array(said["names"], pa.string())))
    return table(index["kind"], index["row"], index["token"], said["bundle"])


def table(
    kind: str | pa.ChunkedArray,
    rows: list[str] | pa.ChunkedArray,
    tokens: pa.Array | pa.ChunkedArray,
    bundle: str = "",
) -> pa.Table:
    """Return a table in `COLUMNS`, of rows of one kind and one disclosure."""
    kinds = pa.repeat(pa.scalar(kind), len(rows)) if isinstance(kind, str) else kind
    return pa.table([kinds, rows, tokens, pa.repeat(pa.scalar(bundle), len(rows))], schema=COLUMNS)


_CHUNKS: Final = 64
"""Parts of a table at most: they are not copied with each act."""


def among(rows: pa.Table, names: pa.Table) -> pa.Table:
    """Rows that others name by the same kind and name."""
    few = rows.filter(pc.is_in(rows["row"], value_set=names["row"]))  # most acts name none that stands
    return few.filter(pc.is_in(_key(few), value_set=_key(names))) if few.num_rows else few


def without(rows: pa.Table, names: pa.Table) -> pa.Table:
    """Rows but those that others name by the same kind and name."""
    if not among(rows, names).num_rows:
        return rows
    return rows.filter(pc.invert(pc.is_in(_key(rows), value_set=_key(names))))


def withdraw(writer: Writer, partner: Partner, rows: pa.Table, marking: str, **more: str) -> int:
    """Log that rows, of a joined marking, are withdrawn from a partner; gives the position of the act."""
    content = packed(rows.combine_chunks())
    digest = sha256(content)
    writer.shown(_called(digest.hexdigest()), digest.digest(), content)
    detail = {
        "to": partner.name,
        "partner": partner.position,
        "rows": rows.num_rows,
        "rows_hash": digest.hexdigest(),
        "marking": marking,
    }
    return writer.act("withdrawn", detail | more)


def tokens(kind: str, rows: pa.Table, rests_on: pa.ChunkedArray, gateway: Gateway) -> pa.Array:
    """Return a token of what goes of each row: its version, its marking, and the columns of the gateway.

    Args:
        kind: of the rows.
        rows: as they go, marked with the caveats of the gateway.
        rests_on: ids of the records that each is, or rests on.
        gateway: through which they go.
    """
    if kind == DISCLOSURE.name:
        ids, versions = rows["row_id"], rows["revision"].to_pylist()
    else:
        ids, versions = pc.list_flatten(rests_on), [0] * rows.num_rows
    return token(kind, ids, rows["marking"].to_pylist(), versions, gateway)


def token(
    kind: str, ids: pa.ChunkedArray, markings: list[str], versions: list[int], gateway: Gateway
) -> pa.Array:
    """Return tokens of rows by their ids, the markings under which they go, and their revisions."""
    columns = ",".join(sorted(gateway.columns(kind)))
    parts = {
        one: np.frombuffer(_digest(kind, columns, *map(str, one)), np.uint8)
        for one in set(zip(markings, versions, strict=True))
    }
    if not parts:
        return pa.array([], TOKEN)
    numbers = {one: number for number, one in enumerate(parts)}
    at = np.fromiter((numbers[one] for one in zip(markings, versions, strict=True)), np.int64, len(markings))
    whole = ids.cast(RECORD_ID).combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    data = np.frombuffer(whole.buffers()[1], np.uint8)[whole.offset * 16 : (whole.offset + len(whole)) * 16]
    mixed = data.reshape(-1, 16) ^ np.array(list(parts.values()))[at]
    return pa.FixedSizeBinaryArray.from_buffers(TOKEN, len(at), [None, pa.py_buffer(mixed.tobytes())])


def _digest(*texts: str) -> bytes:
    return blake2b("\n".join(texts).encode(), digest_size=16).digest()


def _key(rows: pa.Table, *names: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(rows[name] for name in names or ("kind", "row")), "/")


def _called(digest: str) -> str:
    return f"withdrawn {digest}"
