"""Witnesses: what is cosigned, what is refused and why, and a public witness's cosignature."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.refusals import because
from tests.store.test_checkpoints import PUBLIC
from tests.store.test_merkle import LEAVES, forgeries, naive
from tests.thorough import draws

from watchfloor.store.log import Act, Actor, checkpoints, merkle, notes, witnesses
from watchfloor.store.log.checkpoints import Checkpoint
from watchfloor.store.log.notes import NoteError, Signer, Verifier
from watchfloor.store.log.witnesses import CosignedCheckpoint, Refusal

OWNER, WITNESS = Signer("cell", b"s" * 32), Signer("bank-a", b"t" * 32)
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ROOT = merkle.leaf_hash(b"root")


def test_the_cosignature_of_a_public_witness_holds():
    """remora.n621.de, which cosigned a public log on 2026-05-23; its key as it is published, of type 4."""
    typed = base64.b64decode("BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    peer = Verifier("remora.n621.de", typed[1:])
    (found,) = witnesses.cosignatures(PUBLIC, [peer], datetime.now(UTC))
    assert found == (peer, datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC))
    with pytest.raises(NoteError, match=r"remora\.n621\.de does not fit"):
        witnesses.cosignatures(PUBLIC.replace("1432088532", "1432088533"), [peer], datetime.now(UTC))


def test_what_we_cosign_is_read_back():
    note = witnesses.cosigned(checkpoints.signed(OWNER, 3, ROOT), WITNESS, AT)
    assert witnesses.cosignatures(note, [WITNESS.verifier], AT) == [(WITNESS.verifier, AT)]
    assert checkpoints.opened(note, [OWNER.verifier])[0] == Checkpoint("cell", 3, ROOT)
    assert witnesses.cosignatures(note, [OWNER.verifier], AT) == []


def test_a_cosignature_from_the_future_is_refused():
    note = witnesses.cosigned(checkpoints.signed(OWNER, 3, ROOT), WITNESS, AT + timedelta(minutes=6))
    with pytest.raises(NoteError, match="from the future"):
        witnesses.cosignatures(note, [WITNESS.verifier], AT)


def test_a_plain_signature_is_no_cosignature():
    """The two types have keys of different hashes, and sign different messages."""
    note = notes.note(Checkpoint("cell", 3, ROOT).text, OWNER, WITNESS)
    assert witnesses.cosignatures(note, [WITNESS.verifier], AT) == []


@settings(max_examples=draws(60), deadline=None)
@given(LEAVES.filter(bool), st.data())
def test_what_continues_is_cosigned_and_what_forks_is_not(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    new = data.draw(st.integers(old, len(leaves)))
    before = CosignedCheckpoint(Checkpoint("cell", old, naive(leaves[:old])), AT)
    proof = merkle.consistency(merkle.in_memory(b"".join(leaves)), old, new)
    witnesses.judge(Checkpoint("cell", new, naive(leaves[:new])), before, proof)
    other = [merkle.leaf_hash(b"rewritten"), *leaves[1:new]]
    if other == leaves[:new]:
        return
    forked = Checkpoint("cell", new, naive(other))
    theirs = merkle.consistency(merkle.in_memory(b"".join(other)), old, new)
    for forged in (proof, theirs, [], None):
        with pytest.raises(Refusal) as error:
            witnesses.judge(forked, before, forged)
        assert error.value.evidence is (new == old)


@settings(max_examples=draws(150), deadline=None)
@given(LEAVES.filter(lambda leaves: len(leaves) > 1), st.data())
def test_no_forged_proof_of_growth_is_taken(leaves, data):
    """Bits flipped, hashes swapped, cut, added or gone: none shows that a log grew."""
    new = len(leaves)
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency(merkle.in_memory(b"".join(leaves)), old, new)
    forged = data.draw(forgeries(proof))
    if forged == proof:
        return
    before = CosignedCheckpoint(Checkpoint("cell", old, naive(leaves[:old])), AT)
    with pytest.raises(Refusal):
        witnesses.judge(Checkpoint("cell", new, naive(leaves)), before, forged)


@pytest.mark.parametrize(
    ("size", "root", "proof", "why"),
    [
        (5, merkle.leaf_hash(b"x"), None, because("log.forked", size=5)),
        (4, ROOT, None, because("log.shrunk", size=4, seen=5)),
        (6, ROOT, None, because("log.unproven", size=6, seen=5)),
        (6, ROOT, [ROOT], because("log.disproven", size=6, seen=5)),
    ],
)
def test_each_refusal_says_what_is_wrong(size, root, proof, why):
    before = CosignedCheckpoint(Checkpoint("cell", 5, ROOT), AT)
    with pytest.raises(Refusal, check=why):
        witnesses.judge(Checkpoint("cell", size, root), before, proof)


def test_the_same_checkpoint_again_is_cosigned_again():
    witnesses.judge(Checkpoint("cell", 5, ROOT), CosignedCheckpoint(Checkpoint("cell", 5, ROOT), AT), None)
    witnesses.judge(Checkpoint("cell", 5, ROOT), None, None)


def act(name, **detail):
    return Act(1, AT, name, Actor("tester", "testing", "none"), detail, b"")


def test_the_longest_checkpoint_of_one_key_counts():
    owner, other = OWNER.verifier, Signer("cell", b"u" * 32).verifier
    sizes = [act("cosigned", log=owner.text, size=size, root=ROOT.hex()) for size in (3, 7, 5)]
    acts = [*sizes, act("cosigned", log=other.text, size=9, root=ROOT.hex())]
    assert witnesses.seen(acts, owner) == CosignedCheckpoint(Checkpoint("cell", 7, ROOT), AT)
    assert witnesses.seen(acts[:0], owner) is None
