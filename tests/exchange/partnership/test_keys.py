import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import floor

from watchfloor.exchange.partnership import keys
from watchfloor.exchange.partnership.group import hashed
from watchfloor.exchange.partnership.keys import CaseKey, Epoch, Use
from watchfloor.exchange.partnership.vault import Vault, label
from watchfloor.store.errors import Damaged

USE = Use("c" * 64, 2, "match", "C-17", "bank-a", "bank-b")
TEXT = st.text(max_size=6)


@pytest.fixture
def vaults(tmp_path):
    return [Vault(floor(tmp_path, name)) for name in ("bank-a", "bank-b")]


def test_both_sides_of_a_pair_make_the_same_secret(vaults):
    a, b = (Epoch(one, USE.code, 2) for one in vaults)
    assert a.pair(USE, b.public) == b.pair(USE, a.public)
    assert a.pair(USE, b.public) != a.pair(USE, a.public)


def test_an_epochs_secret_is_made_once_and_lies_sealed(vaults):
    one = Epoch(vaults[0], USE.code, 2)
    assert Epoch(vaults[0], USE.code, 2).public == one.public
    assert Epoch(vaults[0], USE.code, 3).public != one.public
    points = hashed(bytes(32), [b"x"])
    assert one.scalar(USE, "asker").times(points) != one.scalar(USE, "answerer").times(points)


@given(st.tuples(TEXT, TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT, TEXT))
def test_two_uses_have_two_labels(one, other):
    a, b = (Use(w, 1, x, y, z, "b") for w, x, y, z in (one, other))
    assert (a.label == b.label) == (one == other)


def test_a_cases_key_goes_sealed_for_one_session(vaults):
    pair, secret = os.urandom(32), os.urandom(32)
    sealed = keys.seal(pair, "s1", secret)
    assert secret.hex() not in sealed
    assert keys.unseal(pair, "s1", sealed) == secret
    for wrong in (
        (pair, "s2", sealed),
        (os.urandom(32), "s1", sealed),
        (pair, "s1", sealed[:-2]),
        (pair, "s1", "zz"),
    ):
        with pytest.raises(ValueError):
            keys.unseal(*wrong)


def test_tokens_of_another_case_or_epoch_fit_no_other(vaults):
    secret = os.urandom(32)
    made = {
        CaseKey(s, case, epoch).token("x") for s in (secret, bytes(32)) for case in "ab" for epoch in (1, 2)
    }
    assert len(made) == 8
    assert CaseKey(secret, "a", 1).token("x") == CaseKey(secret, "a", 1).token("x")


def test_a_node_keeps_one_key_of_a_case(vaults):
    one = keys.begin_case(vaults[0], "C", 1)
    assert keys.begin_case(vaults[0], "C", 1).secret == one.secret
    assert keys.keep_case(vaults[0], "C", 1, one.secret).token("x") == one.token("x")
    assert keys.case_key(vaults[0], "C", 2) is None
    with pytest.raises(ValueError, match="another key for the case"):
        keys.keep_case(vaults[0], "C", 1, bytes(32))


def test_what_is_sealed_is_read_back_and_nowhere_in_the_folder(vaults):
    vault = vaults[0]
    vault.put("sets/a", b"account:test:1")
    assert vault.get("sets/a") == b"account:test:1"
    assert b"account" not in (vault.root / "sets/a").read_bytes()
    assert (vault.root / "sets/a").stat().st_mode & 0o77 == 0
    assert vault.names("sets") == ["sets/a"]
    assert vault.get("sets/b") is None
    assert (vault.drop("sets/a"), vault.drop("sets/a")) == (True, False)


def test_a_sealed_file_that_was_changed_moved_or_is_another_floors_is_damaged(vaults):
    vault, other = vaults
    vault.put("sets/a", b"x" * 40)
    data = (vault.root / "sets/a").read_bytes()
    for place, changed in (
        (vault.root / "sets/a", data[:-1] + bytes([data[-1] ^ 1])),
        (vault.root / "sets/a", data[:5]),
        (vault.root / "sets/b", data),
        (other.root / "sets/a", data),
    ):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(changed)
        with pytest.raises(Damaged):
            (other if place.is_relative_to(other.root) else vault).get(f"sets/{place.name}")


@pytest.mark.parametrize("name", ["../key", "/etc/passwd", "a/b/c", "", "sets/..", "sets/a b"])
def test_no_name_leads_out_of_the_folder(vaults, name):
    with pytest.raises(ValueError, match="no name of a sealed file"):
        vaults[0].get(name)


@given(st.lists(TEXT, max_size=3), st.lists(TEXT, max_size=3))
def test_labels_meet_only_where_what_they_are_of_does(one, other):
    if "\x1f" not in "".join(one + other):
        assert (label(*one) == label(*other)) == (one == other or "\x1f".join(one) == "\x1f".join(other))
