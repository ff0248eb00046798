import base64
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store.log import merkle

VECTORS = (
    Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[3] / "shared/data")) / "exchange/merkle"
)
LEAVES = st.lists(st.binary(max_size=8), max_size=70).map(
    lambda contents: [merkle.leaf_hash(c) for c in contents]
)


def naive(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def vectors(kind):
    found = sorted((VECTORS / kind).rglob("*.json"))
    if not found:
        pytest.skip(f"{VECTORS / kind} is not here")
    for path in found:
        yield path, json.loads(path.read_text(encoding="utf-8"))


def raw(text):
    return base64.b64decode(text or "")


def test_every_published_inclusion_vector_true_or_forged():
    for path, case in vectors("inclusion"):
        proof = [raw(each) for each in case["proof"] or []]
        held = merkle.verify_inclusion(
            raw(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, raw(case["root"])
        )
        assert held is not case["wantErr"], path


def test_every_published_consistency_vector_true_or_forged():
    for path, case in vectors("consistency"):
        proof = [raw(each) for each in case["proof"] or []]
        held = merkle.verify_consistency(
            case["size1"], case["size2"], proof, raw(case["root1"]), raw(case["root2"])
        )
        assert held is not case["wantErr"], path


@given(st.binary(max_size=8))
def test_a_leaf_is_hashed_as_no_node_is(content):
    assert merkle.leaf_hash(content) == sha256(b"\x00" + content).digest()


def test_a_proof_that_is_longer_than_its_tree_is_high_proves_nothing():
    leaves = [merkle.leaf_hash(content) for content in (b"a", b"b")]
    root = merkle.root_of(b"".join(leaves))
    assert merkle.verify_inclusion(leaves[1], 1, 2, leaves[:1], root)
    assert not merkle.verify_inclusion(leaves[1], 0, 1, leaves[:1], root)


@settings(max_examples=draws(60), deadline=None)
@given(LEAVES)
def test_the_root_is_the_recursive_definition(leaves):
    assert merkle.root_of(b"".join(leaves)) == naive(leaves)


@settings(max_examples=draws(60), deadline=None)
@given(LEAVES.filter(bool), st.data())
def test_inclusion_proofs_hold_and_only_where_they_should(leaves, data):
    node = merkle.in_memory(b"".join(leaves))
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    root = naive(leaves[:size])
    proof = merkle.inclusion(node, index, size)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another leaf"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not merkle.verify_inclusion(leaves[index], size, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, 0, proof, root)
    for other in set(range(size)) - {index}:
        if leaves[other] != leaves[index]:
            assert not merkle.verify_inclusion(leaves[index], other, size, proof, root)


@settings(max_examples=draws(60), deadline=None)
@given(LEAVES.filter(bool), st.data())
def test_consistency_proofs_hold_and_only_where_they_should(leaves, data):
    node = merkle.in_memory(b"".join(leaves))
    old = data.draw(st.integers(1, len(leaves)))
    new = data.draw(st.integers(old, len(leaves)))
    proof = merkle.consistency(node, old, new)
    before, after = naive(leaves[:old]), naive(leaves[:new])
    assert merkle.verify_consistency(old, new, proof, before, after)
    assert not merkle.verify_consistency(old, new, [*proof, before], before, after)
    assert not merkle.verify_consistency(old, new, proof, merkle.leaf_hash(b"x"), after)
    assert not merkle.verify_consistency(old, new, proof, before, merkle.leaf_hash(b"x"))
    assert not merkle.verify_consistency(0, new, proof, merkle.EMPTY_ROOT, after)
    if proof:
        assert not merkle.verify_consistency(old, new, proof[:-1], before, after)


@settings(max_examples=draws(200), deadline=None)
@given(
    st.integers(-3, 300),
    st.integers(-3, 300),
    st.lists(st.binary(min_size=32, max_size=32), max_size=12),
    st.binary(),
)
def test_no_forgery_raises_or_holds(a, b, proof, junk):
    assert not merkle.verify_inclusion(
        merkle.leaf_hash(junk), a, b, [*proof, junk], merkle.leaf_hash(b"root")
    )
    assert not merkle.verify_consistency(
        a, b, [*proof, junk], merkle.leaf_hash(junk), merkle.leaf_hash(b"root")
    )


@settings(max_examples=draws(200), deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_forged_proof_of_a_leaf_is_never_taken(size, data):
    """Bits flipped, hashes swapped, cut, added or gone, and another place than the leaf's."""
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(merkle.in_memory(b"".join(leaves)), index, size)
    forged = data.draw(forgeries(proof))
    claimed = data.draw(st.integers(0, 2 * size)), data.draw(st.integers(0, 2 * size))
    held = merkle.verify_inclusion(leaves[index], *claimed, forged, naive(leaves))
    assert held is (forged == proof and sides(*claimed) == sides(index, size))


def sides(index, size):
    """On which side each sibling of a leaf stands, from the leaf up; None where there is no such leaf.

    A proof says no more than this: the size of a tree stands in the signed checkpoint beside its root.
    """
    if not 0 <= index < size:
        return None
    if size == 1:
        return []
    left = 1
    while left * 2 < size:
        left *= 2
    if index < left:
        return [*sides(index, left), "right"]
    return [*sides(index - left, size - left), "left"]


@st.composite
def forgeries(draw, proof):
    """The proof, or one like it."""
    made = [bytearray(one) for one in proof]
    how = draw(st.sampled_from(["as it is", "bit", "swap", "cut", "more", "none"]))
    if how == "bit" and made:
        at = draw(st.integers(0, len(made) - 1))
        made[at][draw(st.integers(0, 31))] ^= 1 << draw(st.integers(0, 7))
    elif how == "swap" and len(made) > 1:
        at = draw(st.integers(1, len(made) - 1))
        made[at - 1], made[at] = made[at], made[at - 1]
    elif how == "cut":
        made = made[:-1]
    elif how == "more":
        made.append(bytearray(draw(st.binary(min_size=32, max_size=32))))
    elif how == "none":
        made = []
    return [bytes(one) for one in made]


def test_the_published_vectors_are_all_there():
    assert sum(1 for kind in ("inclusion", "consistency") for _ in vectors(kind)) == 196
    zero = [path.stem for path, _ in vectors("consistency") if "zero" in path.stem]
    assert len(zero) == 7  # an empty tree proves nothing; four of these are forgeries of two roots


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 2)])
def test_a_proof_from_nothing_is_refused(old, new):
    with pytest.raises(ValueError, match="consistency"):
        merkle.consistency(merkle.in_memory(merkle.leaf_hash(b"") * 3), old, new)


def test_a_leaf_that_is_not_there_has_no_proof():
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion(merkle.in_memory(merkle.leaf_hash(b"") * 3), 3, 3)
