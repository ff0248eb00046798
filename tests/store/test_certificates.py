import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.rows import READER, ingest
from tests.thorough import draws

from watchfloor.store import Actor, Floor, UnknownRecord
from watchfloor.store.erasure.certificates import CertificateError, check, issue
from watchfloor.store.log import merkle
from watchfloor.store.log.notes import Signer, note


def ids(floor):
    return floor.read("party", READER)["record_id"].to_pylist()


@pytest.fixture
def erased(floor, writer):
    """A floor with one erasure, and its certificate."""
    ingest(writer, [1, 2, 3], name="Zarbek ")
    proof = floor.prove(ids(floor)[0])
    gone = writer.erase(ids(floor)[:1], "file A-77", category="consent")
    return floor, gone, issue(floor.root, floor.signer, gone.position), proof


def test_it_holds_with_the_key_alone_and_with_the_floor(erased):
    floor, gone, text, _ = erased
    alone = check(text, [floor.signer.verifier])
    assert alone.on_floor is None
    assert alone.signed_by == (floor.signer.verifier.name,)
    found = check(text, [floor.signer.verifier], floor.root)
    assert found.on_floor is True
    assert found.body["records"] == {"party": 1}
    assert found.body["category"] == "consent"
    assert (found.body["by"], found.body["authority"]) == ("tester", "none")
    assert found.log["position"] == gone.position


def test_it_still_holds_when_the_log_has_grown(erased):
    floor, gone, text, _ = erased
    for _ in range(5):
        floor.act(Actor("a", "b", "c"), "query", {})
    assert check(text, [floor.signer.verifier], floor.root).on_floor
    assert check(issue(floor.root, floor.signer, gone.position), [floor.signer.verifier], floor.root).on_floor


def test_it_names_the_leaf_that_an_old_proof_leads_from(erased):
    _, _, text, proof = erased
    leaf = merkle.leaf_hash(proof.salt + proof.row).hex()
    assert leaf in {one[2] for one in json.loads(text.split("\n\n")[0].split("\n", 1)[1])["body"]["leaves"]}


def test_it_says_nothing_of_the_content(erased):
    _, _, text, _ = erased
    for word in ("Zarbek", "person:feed", "A-77"):
        assert word not in text


def test_every_change_is_noticed(erased):
    floor, _, text, _ = erased
    key = floor.signer.verifier
    assert check(text, [key])
    for old, new in (('"party": 1', '"party": 2'), ('"consent"', '"order"'), ('"size"', '"sise"')):
        assert old in text
        with pytest.raises(CertificateError):
            check(text.replace(old, new), [key])


def test_who_has_the_key_still_cannot_say_what_the_log_does_not(erased):
    """A body signed anew is caught by the digest in the erasure's act, a root by the log itself."""
    floor, _, text, _ = erased
    said = text.split("\n\n")[0] + "\n"
    forged = note(said.replace('"party": 1', '"party": 2'), floor.signer)
    assert check(forged, [floor.signer.verifier]).on_floor is None
    with pytest.raises(CertificateError, match="says something else"):
        check(forged, [floor.signer.verifier], floor.root)


def test_a_stranger_and_another_floor_are_refused(erased, tmp_path, actor):
    floor, _, text, _ = erased
    with pytest.raises(CertificateError, match="no known key"):
        check(text, [Signer("other", bytes(32)).verifier])
    other = Floor.create(tmp_path / "other", actor)
    with pytest.raises(CertificateError, match="another floor"):
        check(text, [floor.signer.verifier], other.root)


def test_only_an_erasure_has_one(floor):
    with pytest.raises(UnknownRecord, match="no erasure"):
        issue(floor.root, floor.signer, 1)
    with pytest.raises(UnknownRecord):
        issue(floor.root, floor.signer, 99)


@settings(max_examples=draws(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_no_note_of_another_kind_passes(body):
    signer = Signer("n", bytes(32))
    with pytest.raises(CertificateError):
        check(note(f"watchfloor erasure certificate\n{body}\n", signer), [signer.verifier])
    with pytest.raises(CertificateError):
        check(body, [signer.verifier])
