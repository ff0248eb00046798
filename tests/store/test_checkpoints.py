"""Checkpoints and proofs as files: a real one of a public log, round trips, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store.log import checkpoints, merkle, notes
from watchfloor.store.log.checkpoints import Checkpoint, Growth
from watchfloor.store.log.notes import NoteError, Signer, Verifier

SIGNER = Signer("cell", b"s" * 32)
ROOT = merkle.leaf_hash(b"root")

PUBLIC = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""  # noqa: E501 - as it was published
"""A checkpoint of a public log of certificates, of 2026-05-23, with cosignatures of public witnesses."""
PUBLIC_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"


def test_a_checkpoint_of_a_public_log_opens():
    verifier = Verifier.parse(PUBLIC_LOG)
    found, owner = checkpoints.opened(PUBLIC, [verifier])
    assert (found.origin, found.size, owner) == (verifier.name, 1_432_088_532, verifier)
    assert PUBLIC.startswith(found.text)


def test_the_example_of_the_specification_is_read():
    found = Checkpoint.parse(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)


@given(st.integers(0, 1 << 63), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_of_ours_is_read_back(size, root):
    note = checkpoints.signed(SIGNER, size, root)
    assert checkpoints.opened(note, [SIGNER.verifier])[0] == Checkpoint("cell", size, root)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell\n3\n", "no checkpoint"),
        (f"cell\n03\n{'A' * 43}=\n", "the checkpoint's size is '03'"),
        (f"cell\n-3\n{'A' * 43}=\n", "the checkpoint's size is '-3'"),
        (f"cell\n٣\n{'A' * 43}=\n", "the checkpoint's size"),
        (f"cell\n{'9' * 30}\n{'A' * 43}=\n", "the checkpoint's size"),
        ("cell\n3\nAAAA\n", "the checkpoint's root is 'AAAA'"),
        ("cell\n3\n!!!!\n", "the checkpoint's root"),
        (f"\n3\n{'A' * 43}=\n", "no checkpoint"),
    ],
)
def test_what_is_no_checkpoint_says_which_line(text, said):
    with pytest.raises(NoteError, match=said):
        Checkpoint.parse(text)


def test_lines_beyond_the_third_are_let_be():
    assert Checkpoint.parse(Checkpoint("cell", 3, ROOT).text + "extra\n") == Checkpoint("cell", 3, ROOT)


def test_a_node_signs_for_its_own_log_alone():
    note = notes.note(Checkpoint("bank-a", 3, ROOT).text, SIGNER)
    with pytest.raises(NoteError, match="of the log of 'bank-a', and is signed by cell"):
        checkpoints.opened(note, [SIGNER.verifier])


@given(st.integers(0, 1 << 40), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_proof_of_growth_is_read_back(old, proof):
    growth = Growth(old, proof, checkpoints.signed(SIGNER, 1 << 41, ROOT))
    text = checkpoints.growth_text(growth)
    assert checkpoints.is_growth(text)
    assert checkpoints.growth_of(text) == growth


@settings(max_examples=draws(200), deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: "old " + b.decode("latin-1")))
def test_any_text_is_read_or_refused_in_a_sentence(text):
    for read in (checkpoints.growth_of, Checkpoint.parse):
        with suppress(NoteError):
            read(text)


def test_a_proof_of_too_many_hashes_is_refused():
    text = checkpoints.growth_text(Growth(3, [ROOT] * 64, "note"))
    with pytest.raises(NoteError, match="64 hashes"):
        checkpoints.growth_of(text)


def test_a_damaged_hash_is_named():
    text = checkpoints.growth_text(Growth(3, [ROOT, ROOT], "note")).replace("\n\n", "AA\n\n")
    with pytest.raises(NoteError, match="hash 2 of the proof"):
        checkpoints.growth_of(text)
