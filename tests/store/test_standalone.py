"""The stand-alone verifier against vectors, against peers, and as counsel's expert runs it: alone."""

import ast
import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha512

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.test_merkle import LEAVES, naive, raw, vectors
from tests.thorough import draws

from watchfloor.exchange.log import handover
from watchfloor.store.log import checkpoints, merkle, notes, witnesses
from watchfloor.store.log import standalone as alone

RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
"""Section 7.1, tests 1 to 3: public key, message, signature."""

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""The eight points of small order, each written in its one way."""

NOT_CANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p + 1
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = 2^255 - 1
    "0100000000000000000000000000000000000000000000000000000000000080",  # x = 0, with its sign set
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032(public, message, signature):
    key, said, made = (bytes.fromhex(text) for text in (public, message, signature))
    assert alone.good_key(key)
    assert alone.signed(key, said, made)
    assert not alone.signed(key, said + b"!", made)


@settings(max_examples=draws(15), deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 64 * 8 - 1))
def test_a_signature_holds_as_the_library_made_it_and_with_no_other_bit(seed, message, bit):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, made = private.public_key().public_bytes_raw(), private.sign(message)
    assert alone.signed(public, message, made)
    flipped = bytearray(made)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not alone.signed(public, message, bytes(flipped))
    assert not library(public, message, bytes(flipped))


def library(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("times", [1, 2, 7])
def test_a_scalar_that_is_not_below_the_order_is_refused(times):
    """Adding the order to S gives a second signature of the same message, which must not hold."""
    for public, message, signature in RFC_8032:
        made = bytes.fromhex(signature)
        scalar = int.from_bytes(made[32:], "little") + times * alone.L
        other = made[:32] + scalar.to_bytes(32, "little")
        assert not alone.signed(bytes.fromhex(public), bytes.fromhex(message), other)
        assert not library(bytes.fromhex(public), bytes.fromhex(message), other)


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_of_small_order_fits_some_message_and_is_refused(point):
    """With such a key a signature of no secret holds for about one message in eight: R = S = nothing."""
    public = bytes.fromhex(point)
    blank = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    holds = next(m for m in (b"%d" % n for n in range(500)) if equation(public, m, blank))
    assert not alone.good_key(public)
    assert not alone.signed(public, holds, blank)


def equation(public, message, signature):
    """The equation of RFC 8032 alone, without the strict rule."""
    key, point = alone._point(public), alone._point(signature[:32])
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % alone.L
    left = alone._times(int.from_bytes(signature[32:], "little"), alone._BASE)
    right = alone._plus(point, alone._times(k, key))
    return (left[0] * right[2] - right[0] * left[2]) % alone.P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % alone.P == 0


@pytest.mark.parametrize("point", NOT_CANONICAL)
def test_a_point_written_in_a_second_way_is_refused(point):
    assert alone._point(bytes.fromhex(point)) is None
    assert not alone.good_key(bytes.fromhex(point))
    public, message, signature = (bytes.fromhex(text) for text in RFC_8032[0])
    assert not alone.signed(public, message, bytes.fromhex(point) + signature[32:])


@pytest.mark.parametrize("length", [0, 31, 32, 63, 65, 96])
def test_a_signature_of_another_length_is_refused(length):
    public, message, signature = (bytes.fromhex(text) for text in RFC_8032[0])
    assert not alone.signed(public, message, (signature + bytes(32))[:length])
    assert not alone.signed(public[:31], message, signature)


def test_every_published_tree_vector_true_or_forged():
    count = 0
    for kind in ("inclusion", "consistency"):
        for path, case in vectors(kind):
            proof = [raw(each) for each in case["proof"] or []]
            if kind == "inclusion":
                place = (case["leafIdx"], case["treeSize"])
                held = alone.included(raw(case["leafHash"]), *place, proof, raw(case["root"]))
            else:
                roots = (raw(case["root1"]), raw(case["root2"]))
                held = alone.consistent(case["size1"], case["size2"], proof, *roots)
            assert held is not case["wantErr"], path
            count += 1
    assert count == 196


@settings(max_examples=draws(60), deadline=None)
@given(LEAVES.filter(bool), st.data())
def test_it_agrees_with_the_trees_of_the_store(leaves, data):
    """Whatever is asked, both say the same; what the store proves, it takes."""
    size = data.draw(st.integers(1, len(leaves)))
    old = data.draw(st.integers(1, size))
    node, root = merkle.in_memory(b"".join(leaves)), naive(leaves[:size])
    assert alone.root_of(leaves[:size]) == root
    path = merkle.inclusion(node, old - 1, size)
    grown = merkle.consistency(node, old, size)
    assert alone.included(leaves[old - 1], old - 1, size, path, root)
    assert alone.consistent(old, size, grown, naive(leaves[:old]), root)
    index, whole = data.draw(st.integers(-1, size + 3)), data.draw(st.integers(-1, size + 3))
    asked = (leaves[old - 1], index, whole, path, root)
    assert alone.included(*asked) == merkle.verify_inclusion(*asked)
    asked = (index, whole, grown, naive(leaves[:old]), root)
    assert alone.consistent(*asked) == merkle.verify_consistency(*asked)


SIGNER = notes.Signer("cell", b"s" * 32)
OTHER = notes.Signer("bank", b"t" * 32)


def test_a_note_opens_under_the_key_that_signed_it_alone():
    note = notes.note("one\n\ntwo\n", SIGNER)
    assert alone.open_note(note, SIGNER.verifier.text) == ("one\n\ntwo\n", [])
    with pytest.raises(alone.Failed, match="bank has not signed this note; it is signed by cell"):
        alone.open_note(note, OTHER.verifier.text)
    with pytest.raises(alone.Failed, match="the signature of cell does not fit"):
        alone.open_note(note.replace("two", "too"), SIGNER.verifier.text)


@settings(max_examples=draws(80), deadline=None)
@given(st.data())
def test_no_damaged_note_opens(data):
    note = notes.note("cell\n3\nZm9yZ2Vk\n", SIGNER)
    at = data.draw(st.integers(0, len(note) - 1))
    change = data.draw(st.sampled_from(["cut", "drop", "swap"]))
    other = data.draw(st.sampled_from("aZ0+\n —="))
    damaged = {
        "cut": note[:at],
        "drop": note[:at] + note[at + 1 :],
        "swap": note[:at] + other + note[at + 1 :],
    }
    if damaged[change] == note:
        return
    try:
        text, _ = alone.open_note(damaged[change], SIGNER.verifier.text)
    except alone.Failed:
        return
    assert text == "cell\n3\nZm9yZ2Vk\n"  # the unused bits of base64, which say nothing


@pytest.mark.parametrize("text", ["", "cell", "cell+00+", "cell+zz+AQ==", "cell+00000000+@@"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(alone.Failed):
        alone.key_of(text)


def test_a_key_of_small_order_is_no_key():
    weak = notes.Verifier("cell", bytes.fromhex(SMALL_ORDER[3]))
    with pytest.raises(alone.Failed, match="no Ed25519 public key"):
        alone.key_of(weak.text)


def test_a_cosignature_counts_under_its_witness():
    note = checkpoints.signed(SIGNER, 2, merkle.leaf_hash(b"root"))
    at = witnesses.datetime.fromtimestamp(1_700_000_000, witnesses.UTC)
    made = witnesses.cosigned(note, OTHER, at)
    text, others = alone.open_note(made, OTHER.verifier.text)
    assert (text, others) == (checkpoints.Checkpoint("cell", 2, merkle.leaf_hash(b"root")).text, ["cell"])
    moved = made.rsplit(" ", 1)
    data = bytearray(base64.b64decode(moved[1]))
    data[11] += 1  # a second later
    with pytest.raises(alone.Failed, match="bank does not fit"):
        alone.open_note(f"{moved[0]} {base64.b64encode(bytes(data)).decode()}\n", OTHER.verifier.text)


# --- alone, as a program


def run(*arguments):
    """As on a machine with nothing else: no site packages, no environment, no package of ours."""
    command = [sys.executable, "-S", "-I", str(arguments[0]), *map(str, arguments[1:])]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def program(tmp_path):
    handover.put_verifier(tmp_path)
    return tmp_path / "verify.py"


@pytest.fixture
def tree():
    leaves = [merkle.leaf_hash(b"s" * 16 + b'{"n":%d}' % n) for n in range(7)]
    return leaves, merkle.in_memory(b"".join(leaves))


def test_it_says_how_it_is_called(program):
    done = run(program)
    assert done.returncode == 2
    assert "--key" in done.stdout


def test_it_checks_a_proof_of_an_act(program, tree, tmp_path):
    leaves, node = tree
    note = checkpoints.signed(SIGNER, 7, naive(leaves))
    extra = b"s" * 16 + b'{"n":4}'
    file = tmp_path / "act.tlog-proof"
    file.write_text(checkpoints.proof_text(5, merkle.inclusion(node, 4, 7), extra, note), encoding="utf-8")
    done = run(program, file, "--key", SIGNER.verifier.text)
    assert (done.returncode, done.stdout) == (0, 'ok      position 5 of the 7 acts of cell: {"n":4}\n')
    file.write_text(checkpoints.proof_text(4, merkle.inclusion(node, 4, 7), extra, note), encoding="utf-8")
    done = run(program, file, "--key", SIGNER.verifier.text)
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED  this act does not stand at position 4")


def test_it_checks_that_a_log_only_grew(program, tree, tmp_path):
    leaves, node = tree
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(checkpoints.signed(SIGNER, 3, naive(leaves[:3])), encoding="utf-8")
    growth = checkpoints.Growth(
        3, merkle.consistency(node, 3, 7), checkpoints.signed(SIGNER, 7, naive(leaves))
    )
    new.write_text(checkpoints.growth_text(growth), encoding="utf-8")
    asked = (new, "--since", old, "--key", SIGNER.verifier.text)
    assert (
        run(program, *asked).stdout
        == "ok      cell has 7 acts; the first 3 are those that were signed before\n"
    )
    forked = checkpoints.signed(SIGNER, 3, naive(leaves[1:4]))
    old.write_text(forked, encoding="utf-8")
    done = run(program, *asked)
    assert done.returncode == 1
    assert "do not start with the 3 that were signed before" in done.stdout
    assert "--since is needed" in run(program, new, "--key", SIGNER.verifier.text).stdout


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"{", b"{}", b"old x\n", b"c2sp.org/tlog-proof@v1\n", b"[1]"]
)
def test_junk_is_told_in_a_line(program, tmp_path, content):
    file = tmp_path / "junk"
    file.write_bytes(content)
    done = run(program, file, "--key", SIGNER.verifier.text)
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED  ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", handover.VERIFIER.values(), ids=handover.VERIFIER)
def test_it_needs_the_standard_library_alone(path):
    """Run with nothing to import but what Python has, and read for anything that is not."""
    names = set()
    for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(found, ast.Import):
            names |= {one.name.partition(".")[0] for one in found.names}
        elif (
            isinstance(found, ast.ImportFrom) and found.module != "watchfloor.store.log"
        ):  # not when handed over
            names.add((found.module or "").partition(".")[0])
    assert names <= sys.stdlib_module_names | {"verify"}


def test_without_its_second_file_it_says_so(program, tmp_path):
    (tmp_path / "verify_rows.py").unlink()
    (tmp_path / "row.proof").write_text("{}", encoding="utf-8")
    done = run(program, tmp_path / "row.proof", "--key", SIGNER.verifier.text)
    assert done.stdout == "FAILED  verify_rows.py must lie beside verify.py to read rows and cases\n"


# --- a log with cosignatures


AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def witnessed(tmp_path):
    """An exported log of seven acts, the first three cosigned by the bank."""
    folder = tmp_path / "november"
    (folder / "cosigned").mkdir(parents=True)
    bodies = [json.dumps({"position": n, "at": f"2026-11-2{n}"}) for n in range(1, 8)]
    leaves = [merkle.leaf_hash(b"s" * 16 + body.encode()) for body in bodies]
    lines = [
        {"position": n, "leaf": leaf.hex(), "salt": (b"s" * 16).hex(), "body": body}
        for n, (leaf, body) in enumerate(zip(leaves, bodies, strict=True), 1)
    ]
    (folder / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    (folder / "checkpoint").write_text(checkpoints.signed(SIGNER, 7, naive(leaves)), encoding="utf-8")
    (folder / "key.txt").write_text(f"{SIGNER.verifier.text}\n", encoding="utf-8")
    note = checkpoints.signed(SIGNER, 3, naive(leaves[:3]))
    (folder / "cosigned" / "3-bank.note").write_text(witnesses.cosigned(note, OTHER, AT), encoding="utf-8")
    return folder


def ok(done):
    return [line for line in done.stdout.splitlines() if line.startswith("ok ")]


def test_a_cosignature_is_checked_under_its_witness_s_key(program, witnessed):
    done = run(program, witnessed, "--key", SIGNER.verifier.text, "--key", OTHER.verifier.text)
    assert done.returncode == 0
    said = "ok      3-bank.note: bank cosigned the first 3 acts at 2026-11-24 09:30:00 UTC"
    assert said in ok(done)


@pytest.mark.parametrize("keys", [(), ("--key", SIGNER.verifier.text)])
def test_a_cosignature_without_its_key_is_told_and_is_not_ok(program, witnessed, keys):
    done = run(program, witnessed, *keys)
    assert done.returncode == 0
    told = "--      3-bank.note: signature not checked: bank; give its key with --key"
    assert told in done.stdout.splitlines()
    assert not [line for line in ok(done) if "bank" in line]


def forged(path, name="bank"):
    """A cosignature that nobody made: the right name and hash, and any 64 bytes."""
    note = path.read_text("utf-8")
    text, _ = notes.split(note)
    owner = note.removeprefix(f"{text}\n").splitlines()[0]
    data = int(AT.timestamp()).to_bytes(8, "big") + bytes(64)
    line = notes.line(name, notes.key_hash(name, 4, OTHER.verifier.public), data)
    path.write_text(f"{text}\n{owner}\n{line}", encoding="utf-8")


def test_a_cosignature_that_nobody_made_is_never_ok(program, witnessed):
    forged(witnessed / "cosigned" / "3-bank.note")
    done = run(program, witnessed, "--key", SIGNER.verifier.text)
    assert not [line for line in ok(done) if "bank" in line]
    done = run(program, witnessed, "--key", SIGNER.verifier.text, "--key", OTHER.verifier.text)
    assert done.returncode == 1
    assert done.stdout == ("FAILED  the signature of bank does not fit the text: one of them was changed\n")


def test_a_witness_whose_key_was_given_must_have_cosigned(program, witnessed):
    third = notes.Signer("lab", b"l" * 32)
    keys = ("--key", SIGNER.verifier.text, "--key", OTHER.verifier.text, "--key", third.verifier.text)
    done = run(program, witnessed, *keys)
    assert done.returncode == 1
    assert f"no cosignature of {third.verifier.text} is here" in done.stdout


def test_a_plain_signature_of_a_witness_is_no_cosignature(program, witnessed):
    file = witnessed / "cosigned" / "3-bank.note"
    text, _ = notes.split(file.read_text("utf-8"))
    file.write_text(notes.note(text, OTHER), encoding="utf-8")
    done = run(program, witnessed, "--key", SIGNER.verifier.text, "--key", OTHER.verifier.text)
    assert done.stdout == "FAILED  3-bank.note: nobody has cosigned it\n"


def test_another_log_s_cosigned_checkpoint_is_told(program, witnessed):
    note = checkpoints.signed(notes.Signer("lab", b"l" * 32), 3, merkle.leaf_hash(b"root"))
    file = witnessed / "cosigned" / "3-bank.note"
    file.write_text(witnesses.cosigned(note, OTHER, AT), encoding="utf-8")
    done = run(program, witnessed, "--key", SIGNER.verifier.text)
    assert done.stdout == "FAILED  3-bank.note: the first 3 acts are not those that were witnessed\n"


def test_each_key_must_have_signed_a_note(program, tmp_path):
    note = checkpoints.signed(SIGNER, 2, merkle.leaf_hash(b"root"))
    file = tmp_path / "note"
    file.write_text(witnesses.cosigned(note, OTHER, AT), encoding="utf-8")
    both = ("--key", SIGNER.verifier.text, "--key", OTHER.verifier.text)
    assert "not checked" not in run(program, file, *both).stdout
    alone_ = run(program, file, "--key", SIGNER.verifier.text).stdout.splitlines()
    assert "--      signature not checked: bank; give its key with --key" in alone_
    file.write_text(note, encoding="utf-8")
    assert "FAILED  bank has not signed this note; it is signed by cell" in run(program, file, *both).stdout


def test_a_line_separator_in_what_an_act_says_is_no_end_of_a_line(program, witnessed):
    """JSON leaves U+2028 and U+0085 as they are."""
    body = json.dumps({"position": 1, "at": "2026-11-21", "why": "a\u2028b\u0085c"}, ensure_ascii=False)
    leaf = merkle.leaf_hash(b"s" * 16 + body.encode())
    line = {"position": 1, "leaf": leaf.hex(), "salt": (b"s" * 16).hex(), "body": body}
    text = f"{json.dumps(line, ensure_ascii=False)}\n"
    (witnessed / "log.jsonl").write_text(text, encoding="utf-8")
    (witnessed / "checkpoint").write_text(checkpoints.signed(SIGNER, 1, leaf), encoding="utf-8")
    (witnessed / "cosigned" / "3-bank.note").unlink()
    done = run(program, witnessed)
    assert done.returncode == 0, done.stdout


def test_a_name_that_came_with_the_files_starts_no_line(program, witnessed):
    file = witnessed / "cosigned" / "3-bank.note"
    file.rename(file.with_name("3\nok      lab cosigned the first 7 acts\r\x1b[2K.note"))
    done = run(program, witnessed, "--key", SIGNER.verifier.text)
    assert done.returncode == 0
    assert not [line for line in ok(done) if "cosigned" in line]
    assert "\x1b" not in done.stdout
