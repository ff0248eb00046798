"""The signature over a scorecard's files: a change of any byte of any file, or of the list, is told."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.refusals import because
from tests.scorecard import samples

from watchfloor.scorecard.findings import digest
from watchfloor.scorecard.page.signing import HEAD, check, listed, signed
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.store.log.notes import NoteError, Signer

SIGNER, OTHER = Signer("office", bytes(range(32))), Signer("other", bytes(32))
MADE = {"r.html": b"<html>", "r.json": b"{}", "a name.pdf": b"%PDF" * 9}


@pytest.fixture
def folder(tmp_path):
    for name, data in MADE.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "r.sig").write_bytes(signed(samples.scorecard(), MADE, SIGNER))
    return tmp_path


def test_files_as_they_were_are_vouched_for(folder):
    found = check(folder / "r.sig", [OTHER.verifier, SIGNER.verifier])
    assert found.wrong == ()
    assert found.signers == (SIGNER.verifier,)
    assert found.files == ("a name.pdf", "r.html", "r.json")
    assert found.head == {
        "on": "2025-03-07",
        "edition": "working",
        "marking": "U//TLP:AMBER",
        "evidence": samples.scorecard().digest,
        "scorecard": digest(samples.scorecard()),
    }


def test_the_list_of_an_exercise_says_so():
    card = msgspec.structs.replace(samples.scorecard(), exercise=True)
    assert "\nmarking U//TLP:AMBER\nexercise yes\n" in listed(card, MADE)


def test_the_signature_is_the_same_again():
    assert signed(samples.scorecard(), MADE, SIGNER) == signed(samples.scorecard(), MADE, SIGNER)
    assert listed(samples.scorecard(), MADE).startswith(f"{HEAD}\non 2025-03-07\n")


def test_a_size_that_is_not_the_files_is_told_though_its_digest_is(folder):
    text = signed(samples.scorecard(), MADE, None).decode().replace(" 2 r.json", " 3 r.json")
    (folder / "r.unsigned").write_text(text, encoding="utf-8")
    (wrong,) = check(folder / "r.unsigned").wrong
    assert wrong.en.startswith("r.json was changed")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(MADE)), st.data())
def test_a_byte_that_differs_is_told(folder, name, data):
    old = MADE[name]
    at = data.draw(st.integers(0, len(old) - 1))
    new = data.draw(st.binary(min_size=0, max_size=3).filter(lambda one: one != old[at : at + 1]))
    (folder / name).write_bytes(old[:at] + new + old[at + 1 :])
    found = check(folder / "r.sig", [SIGNER.verifier])
    (folder / name).write_bytes(old)
    if old[:at] + new + old[at + 1 :] != old:
        (wrong,) = found.wrong
        assert wrong.en.startswith(f"{name} was changed")
        assert wrong.fr.startswith(f"{name} a été modifié")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_list_that_differs_is_refused(folder, data):
    path = folder / "r.sig"
    old = signed(samples.scorecard(), MADE, SIGNER)
    at = data.draw(st.integers(0, len(old) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda one: one != old[at]))
    path.write_bytes(old[:at] + bytes([new]) + old[at + 1 :])
    with pytest.raises((NoteError, Unanswerable)):
        check(path, [SIGNER.verifier])
    path.write_bytes(old)


def test_a_file_that_is_not_there_is_told(folder):
    (folder / "r.json").unlink()
    assert [one.en for one in check(folder / "r.sig").wrong] == ["r.json is missing"]


def test_without_a_trusted_key_the_signer_is_named_and_not_vouched_for(folder):
    found = check(folder / "r.sig")
    assert found.signers == ()
    assert found.others == (f"office+{SIGNER.verifier.hash.hex()}",)
    with pytest.raises(NoteError, match="no known key"):
        check(folder / "r.sig", [OTHER.verifier])


def test_an_unsigned_list_shows_changes_and_no_maker(folder):
    path = folder / "r.unsigned"
    path.write_bytes(signed(samples.scorecard(), MADE, None))
    found = check(path)
    assert (found.wrong, found.signers, found.others) == ((), (), ())
    with pytest.raises(Unanswerable, check=because("scorecard.list-unsigned", name="r.unsigned")):
        check(path, [SIGNER.verifier])


@pytest.mark.parametrize("name", ["../r.html", "a/b", "a\\b", "C:x", "", "..", "a\nsha256", " r", "r\x00"])
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(Unanswerable, check=because("scorecard.bad-name")):
        listed(samples.scorecard(), {name: b""})


def test_a_list_never_leads_out_of_its_folder(folder):
    text = listed(samples.scorecard(), {"r.html": b"<html>"}).replace("r.html", "../r.html")
    (folder / "r.unsigned").write_text(f"{text}unsigned\n")
    with pytest.raises(Unanswerable, check=because("scorecard.bad-name")):
        check(folder / "r.unsigned")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "scorecard.list-no-text"),
        (b"\xff\xfe", "scorecard.list-no-text"),
        (b"x" * (1 << 21), "scorecard.list-no-text"),
        (b"something else\nunsigned\n", "scorecard.list-no-head"),
        (f"{HEAD}\non 2025-03-07\nunsigned\n".encode(), "scorecard.list-no-files"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, data, why):
    (tmp_path / "x.sig").write_bytes(data)
    with pytest.raises(Unanswerable, check=because(why)):
        check(tmp_path / "x.sig")
