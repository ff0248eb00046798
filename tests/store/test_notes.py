"""Signed notes against the published ones, and what is refused."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store.log import notes
from watchfloor.store.log.notes import NoteError, Signer, Verifier

SIGNER = Signer("cell north", b"s" * 32)
OTHER = Signer("bank-a", b"t" * 32)

C2SP = (
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "This is an example message.\n",
    (
        "— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    ),
)
"""Key, text and signature line of the vector that goes with c2sp.org/signed-note."""

GO = (
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
)
"""Key and signature of golang.org/x/mod/sumdb/note, which defined the form first."""
SAYING = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)


def test_the_published_note_opens():
    key, text, line = C2SP
    verifier = Verifier.parse(key)
    assert notes.opened(f"{text}\n{line}", [verifier]) == (text, [verifier])
    assert verifier.text == key


def test_the_note_of_the_first_implementation_opens():
    verifier = Verifier.parse(GO[0])
    text, signers = notes.opened(f"{SAYING}\n— PeterNeumann {GO[1]}\n", [verifier])
    assert (text, signers) == (SAYING, [verifier])


def test_a_note_of_ours_is_read_back():
    note = notes.note("one\n\ntwo\n", SIGNER, OTHER)
    assert notes.opened(note, [SIGNER.verifier]) == ("one\n\ntwo\n", [SIGNER.verifier])
    assert notes.opened(note, [SIGNER.verifier, OTHER.verifier])[1] == [SIGNER.verifier, OTHER.verifier]


def test_a_name_with_spaces_signs_without_them():
    assert SIGNER.verifier.name == "cell-north"
    assert notes.signing_name(" + ") == "node"
    assert "s" * 32 not in repr(SIGNER)


@pytest.mark.parametrize("text", ["", "no end", "a\x07bell\n", "a tab\t\n", "cosignature/v1\ntime 1\nx\n"])
def test_what_may_not_be_signed(text):
    with pytest.raises(NoteError):
        notes.note(text, SIGNER)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("text\n", "no blank line"),
        ("text\n\n— cell-north AAAA", "was cut"),
        ("text\n\nsigned: me\n", "no signature line"),
        ("text\n\n— cell-north @@@@\n", "not base64"),
        ("text\n\n— cell-north AAAA\n", "no signature line"),
        ("text\n\n— ce+ll AAAAAAAA\n", "no signature line"),
        ("text\n\n— bank-a AAAAAAAA\n", "no known key has signed this; it says it is signed by bank-a"),
    ],
)
def test_what_is_no_note_says_why(note, said):
    with pytest.raises(NoteError, match=said):
        notes.opened(note, [SIGNER.verifier])


def test_a_wrong_signature_of_a_known_key_refuses_the_whole():
    note = notes.note("one\n", OTHER) + notes.note("two\n", SIGNER).split("\n\n")[1]
    with pytest.raises(NoteError, match="the signature of cell-north does not fit"):
        notes.opened(note, [SIGNER.verifier, OTHER.verifier])


def test_the_name_alone_is_no_key():
    """A key of another under the same name is an unknown key."""
    double = Signer("cell north", b"u" * 32)
    with pytest.raises(NoteError, match="no known key"):
        notes.opened(notes.note("one\n", double), [SIGNER.verifier])


@settings(max_examples=draws(150), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from("aZ09+/=—\n \x00"), st.booleans())
def test_a_note_with_one_character_changed_never_says_something_else(at, other, drop):
    note = notes.note("cell\n3\nroot\n", SIGNER)
    at %= len(note)
    damaged = note[:at] + ("" if drop else other) + note[at + 1 :]
    try:
        text, _ = notes.opened(damaged, [SIGNER.verifier])
    except NoteError:
        return
    assert text == "cell\n3\nroot\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cell",
        "cell+1a2b3c4d",
        "cell+1a2b3c4d+@@",
        "ce ll+53+AQ==",
        GO[0].replace("c74f", "c74e"),
        GO[0][:-4],
        f"+{GO[0].partition('+')[2]}",
    ],
)
def test_a_key_that_is_damaged_is_refused(text):
    with pytest.raises(NoteError):
        Verifier.parse(text)


def test_a_key_that_fits_every_message_is_refused():
    weak = Verifier("cell", bytes(32))
    with pytest.raises(NoteError, match="no public key"):
        Verifier.parse(weak.text)


def test_a_key_of_another_type_is_refused():
    raw = base64.b64decode(GO[0].rpartition("+")[2])
    other = f"PeterNeumann+{notes.key_hash('PeterNeumann', 4, raw[1:]).hex()}+"
    with pytest.raises(NoteError, match="an Ed25519 key"):
        Verifier.parse(other + base64.b64encode(b"\x04" + raw[1:]).decode())


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": 1, "\\u0061": 1}',
        '{"b": [{"a": {"c": 1, "c": 1}}]}',
        '{"a": 1} {"a": 2}',
        "[" * 100_000,
        "",
    ],
)
def test_signed_json_with_a_key_twice_or_that_is_none_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        notes.signed_json(text, dict[str, Any])


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.none(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_signed_json_is_read_as_it_was_written(value):
    assert notes.signed_json(msgspec.json.encode(value), dict[str, Any]) == value
