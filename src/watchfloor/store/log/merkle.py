"""Merkle trees as RFC 6962 defines them in section 2.1: roots, proofs, and the checks of proofs.

Pure functions over SHA-256; they know nothing of the store, so that whoever is handed a proof can check it
with this file alone. A tree is given by `Node`, a function that returns the hash of a complete subtree.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of a tree without leaves."""

Node = Callable[[int, int], bytes]
"""`node(level, number)`: hash of the complete subtree whose first leaf is `number << level`."""


def leaf_hash(content: bytes) -> bytes:
    """Hash of one leaf: SHA-256(0x00 || content)."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def levels(leaves: bytes) -> list[bytes]:
    """Every complete subtree of a tree in memory: item *l* holds the hashes of level *l*, joined.

    Args:
        leaves: the leaves' hashes, 32 bytes each, joined.
    """
    out = [leaves]
    while len(out[-1]) >= 2 * HASH_SIZE:
        below = out[-1]
        whole = len(below) - len(below) % (2 * HASH_SIZE)
        out.append(b"".join([sha256(b"\x01" + below[i : i + 64]).digest() for i in range(0, whole, 64)]))
    return out


def in_memory(leaves: bytes) -> Node:
    """The `Node` of a tree held in memory."""
    tree = levels(leaves)
    return lambda level, number: tree[level][number * HASH_SIZE : (number + 1) * HASH_SIZE]


def root_of(leaves: bytes) -> bytes:
    """Root over joined leaf hashes."""
    return root(in_memory(leaves), len(leaves) // HASH_SIZE)


def root(node: Node, size: int) -> bytes:
    """Root of the first `size` leaves."""
    return _root(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """Proof that leaf `index` (from 0) is in the tree of the first `size` leaves.

    Raises:
        ValueError: there is no such leaf in such a tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return _path(node, index, 0, size)


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """Proof that the first `old` leaves are unchanged in the tree of `new` leaves.

    Raises:
        ValueError: the old tree is empty (nothing could be proven) or larger than the new one.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new} leaves")
    return _subproof(node, old, 0, new, whole=True)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` of the tree of `size` leaves and that root."""
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        return False
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        return False
    at = _chain_inner(leaf, proof[:inner], index)
    return _chain_left(at, proof[inner:]) == expected


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the tree of `new` leaves starts with the tree of `old` leaves.

    An empty old tree proves nothing and is refused.
    """
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    shift = (old & -old).bit_length() - 1
    seed, rest = (old_root, list(proof)) if old == 1 << shift else (_first(proof), list(proof[1:]))
    last = old - 1
    inner = (last ^ (new - 1)).bit_length() - shift
    if len(rest) != inner + (last >> (inner + shift)).bit_count():
        return False
    path = last >> shift
    then = _chain_left(_chain_inner_right(seed, rest[:inner], path), rest[inner:])
    now = _chain_left(_chain_inner(seed, rest[:inner], path), rest[inner:])
    return then == old_root and now == new_root


def _first(proof: Sequence[bytes]) -> bytes:
    return proof[0] if proof else b""


def _chain_inner(at: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for height, sibling in enumerate(proof):
        at = node_hash(sibling, at) if index >> height & 1 else node_hash(at, sibling)
    return at


def _chain_inner_right(at: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for height, sibling in enumerate(proof):
        if index >> height & 1:
            at = node_hash(sibling, at)
    return at


def _chain_left(at: bytes, proof: Sequence[bytes]) -> bytes:
    for sibling in proof:
        at = node_hash(sibling, at)
    return at


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _root(node: Node, start: int, size: int) -> bytes:
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    left = _split(size)
    return node_hash(_root(node, start, left), _root(node, start + left, size - left))


def _path(node: Node, index: int, start: int, size: int) -> list[bytes]:
    if size == 1:
        return []
    left = _split(size)
    if index < left:
        return [*_path(node, index, start, left), _root(node, start + left, size - left)]
    return [*_path(node, index - left, start + left, size - left), _root(node, start, left)]


def _subproof(node: Node, old: int, start: int, size: int, *, whole: bool) -> list[bytes]:
    if old == size:
        return [] if whole else [_root(node, start, size)]
    left = _split(size)
    if old <= left:
        return [*_subproof(node, old, start, left, whole=whole), _root(node, start + left, size - left)]
    return [*_subproof(node, old - left, start + left, size - left, whole=False), _root(node, start, left)]
