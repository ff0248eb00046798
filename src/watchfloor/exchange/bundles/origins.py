"""Origins between nodes: what a row rests on, so that it counts once wherever it arrives, by whatever way.

A sent row's origins are `node:NAME:ID`. ID is a keyed hash of an origin that the row states, or else the id
of a record that it rests on; origins that name a node already go on as they are. Without the sender's key
nobody can tell a source's own numbers from them.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PREFIX: Final = "node:"
"""How a source, or an origin, starts that is another node's."""


def source_of(node: str) -> str:
    """The source of the records that a node disclosed."""
    return f"{PREFIX}{node}"


def node_of(text: str) -> str | None:
    """The node that an origin or a source names; None for one of this floor's own."""
    return text[len(PREFIX) :].rpartition(":")[0] or text[len(PREFIX) :] if text.startswith(PREFIX) else None


def local(sources: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which sources are this floor's own."""
    return pc.invert(pc.starts_with(sources, PREFIX))


@lru_cache(maxsize=1 << 16)
def token(key: bytes, origin: str) -> str:
    """A stated origin as it leaves: 32 hexadecimal digits."""
    return blake2b(origin.encode(), digest_size=16, key=key[:64], person=b"origin").hexdigest()


def outgoing(key: bytes, node: str, stated: pa.ChunkedArray, rests_on: pa.ChunkedArray) -> pa.Array:
    """Origins of rows as they leave this node.

    Args:
        key: the floor's secret.
        node: the name of this node.
        stated: origins of each row, as this floor has them.
        rests_on: ids of the records that each row rests on, which stand in where it states none.
    """
    own, starts = _flat(stated)
    ids, from_ = _flat(rests_on)
    named = pa.array([_outgoing(key, node, one) for one in own.to_pylist()], pa.string())
    hexed = pa.array([f"{PREFIX}{node}:{id_.hex()}" for id_ in ids.to_pylist()], pa.string())
    plain = np.diff(starts) == 0
    sizes = np.where(plain, np.diff(from_), np.diff(starts))
    ends = np.append(0, np.cumsum(sizes))
    first = np.where(plain, from_[:-1] + len(named), starts[:-1])
    order = np.repeat(first - ends[:-1], sizes) + np.arange(ends[-1])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.concat_arrays([named, hexed]).take(order))


def arriving(
    origins: pa.ChunkedArray, node: str, local: Mapping[str, str]
) -> tuple[pa.ChunkedArray | pa.Array, pa.Array]:
    """Origins as they are kept, and whether all of a row lead back to this node.

    Args:
        origins: of each row, as they came.
        node: the name of this node.
        local: this floor's origins by their tokens, see `token`.
    """
    if not leads_to(origins, node):
        return origins, pa.repeat(pa.scalar(False), len(origins))
    start = f"{PREFIX}{node}:"
    kept, echoes = [], []
    for row in (one or [] for one in origins.to_pylist()):
        mine = [one[len(start) :] for one in row if one.startswith(start)]
        kept.append([*row, *(local.get(one, one) for one in mine)])
        echoes.append(bool(row) and len(mine) == len(row))
    return pa.array(kept, pa.list_(pa.string())), pa.array(echoes, pa.bool_())


def leads_to(origins: pa.ChunkedArray, node: str) -> bool:
    """Whether any origin names that node."""
    return bool(pc.any(pc.starts_with(pc.list_flatten(origins), f"{PREFIX}{node}:")).as_py())


def as_sent(origins: pa.ChunkedArray) -> pa.Array:
    """Origins of kept records as they came: without what `arriving` added."""
    flat, starts = _flat(origins)
    sent = pc.starts_with(flat, PREFIX).to_numpy(zero_copy_only=False).astype(bool)
    ends = np.append(0, np.cumsum(sent))[starts]
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat.filter(pa.array(sent, pa.bool_())))


def nodes(origins: Iterable[str]) -> set[str]:
    """The nodes that origins name."""
    return {node for one in origins if (node := node_of(one))}


def _outgoing(key: bytes, node: str, origin: str) -> str:
    return origin if origin.startswith(PREFIX) else f"{PREFIX}{node}:{token(key, origin)}"


def _flat(lists: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The items of lists one after the other, and where each list starts; a null is an empty list."""
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    items = pc.list_flatten(lists)
    whole = items.combine_chunks() if isinstance(items, pa.ChunkedArray) else items
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], lists.type.value_type)
    return whole, np.append(0, np.cumsum(sizes))
