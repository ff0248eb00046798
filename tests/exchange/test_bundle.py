"""The file: whatever it is, it is opened or refused in a sentence, and what was packed is what is opened."""

import io
import tarfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.nodes import MARKING, NOW
from tests.refusals import because
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import DISCLOSURE, KINDS
from watchfloor.exchange.bundles import bundle
from watchfloor.store.log import encode, merkle
from watchfloor.store.log.notes import Signer, note

SIGNER = Signer("bank-a", bytes(range(32)))
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "row_id": st.binary(min_size=16, max_size=16),
            "strength": TEXT,
            "params": TEXT,
            "score": st.none() | st.floats(),
            "origins": st.lists(TEXT, max_size=2),
            "onward": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


def table(rows):
    plain = {"revision": 0, "marking": MARKING, "form": "signal", "retracted": False, "desk": "d"}
    plain |= {"rule": "r", "subjects": ["person:x:1"], "message": "m"}
    schema = bundle.schema_of(DISCLOSURE.name)
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | plain | row for row in rows], schema)


def packed(rows, signer=SIGNER):
    data = bundle.stream(rows)
    terms = bundle.Terms("toy", "Act", "1", "a test", "it is met", "A. Officer")
    manifest = bundle.Manifest(
        format=bundle.FORMAT,
        bundle="00" * 8,
        sender=bundle.Sender("bank-a", "joint-cell", "CAN"),
        to="cell",
        created=NOW.isoformat(),
        terms=terms,
        forms={"signal": rows.num_rows},
        rows=rows.num_rows,
        root=bundle.root_of(bundle.leaves(DISCLOSURE.name, rows)),
        marking=MARKING,
        tear_line=0,
        exercise=True,
        parts=(bundle.part_of(DISCLOSURE.name, rows, data),),
    )
    return bundle.pack(manifest, {DISCLOSURE.name: data}, signer)


@settings(max_examples=draws(60), deadline=None)
@given(ROWS)
def test_what_is_packed_is_what_is_opened(rows):
    made = table(rows)
    opened = bundle.open_(packed(made), [SIGNER.verifier], "f")
    assert bundle.leaves(DISCLOSURE.name, opened.parts[DISCLOSURE.name]) == opened.leaves[DISCLOSURE.name]
    assert repr(opened.parts[DISCLOSURE.name].to_pylist()) == repr(made.to_pylist())  # repr: NaN is itself


@settings(max_examples=draws(300), deadline=None)
@given(st.binary(max_size=2000))
def test_whatever_the_file_is_it_is_refused_in_a_sentence(data):
    with pytest.raises(Refusal):
        bundle.open_(data, [SIGNER.verifier], "f")
    with pytest.raises(Refusal):
        bundle.named_sender(data, "f")


WHOLE = packed(
    table([{"row_id": bytes([n]) * 16, "strength": "s", "params": "{}", "origins": []} for n in range(3)])
)


@settings(max_examples=draws(300), deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_a_changed_file_is_never_opened_as_something_else(changes):
    data = bytearray(WHOLE)
    for at, by in changes:
        data[at] ^= by
    if bytes(data) == WHOLE:
        return
    with pytest.raises(Refusal):
        bundle.open_(bytes(data), [SIGNER.verifier], "f")


MEMBERS = st.lists(
    st.tuples(
        st.sampled_from([bundle.NOTE, "disclosure.arrow", "party.arrow", "x"]), st.binary(max_size=300)
    ),
    max_size=4,
)


@settings(max_examples=draws(200), deadline=None)
@given(MEMBERS, st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.GNUTYPE_SPARSE, tarfile.XHDTYPE]))
def test_whatever_a_tar_holds_it_is_refused_in_a_sentence(members, kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size, about.type = len(data), kind
            archive.addfile(about, io.BytesIO(data))
    with pytest.raises(Refusal):
        bundle.open_(out.getvalue(), [SIGNER.verifier], "f")


@settings(max_examples=draws(200), deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT, lambda of: st.lists(of) | st.dictionaries(TEXT, of)
    )
)
def test_a_signed_manifest_of_any_other_shape_is_refused(value):
    text = note(encode(value).decode() + "\n", SIGNER)
    with pytest.raises(Refusal, check=because("exchange.manifest")):
        bundle.open_(bundle._tar({bundle.NOTE: text.encode()}), [SIGNER.verifier], "f")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
def test_the_root_is_the_one_of_rfc_6962(count):
    """Against the plain definition, by recursion."""

    def mth(leaves):
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return merkle.node_hash(mth(leaves[:split]), mth(leaves[split:]))

    rows = table(
        [{"row_id": n.to_bytes(16, "big"), "strength": "", "params": "", "origins": []} for n in range(count)]
    )
    leaves = bundle.leaves(DISCLOSURE.name, rows)
    assert bundle.root_of(leaves) == mth(leaves).hex()


def test_rows_of_two_kinds_never_share_a_leaf():
    reading = pa.Table.from_pylist([], bundle.schema_of("reading"))
    assert bundle.leaves("reading", reading) == []
    one = table([{"row_id": bytes(16), "strength": "", "params": "", "origins": []}])
    assert bundle.leaves(DISCLOSURE.name, one) != bundle.leaves("party", one)


def test_what_identifies_rows_here_does_not_travel():
    for kind in (DISCLOSURE.name, *bundle.EVIDENCE):
        columns = bundle.columns_of(kind)
        assert not {"record_id", "source", "delivery", "locator"} & set(columns)
        assert {*columns} < {*KINDS[kind].schema.names}


def test_another_key_under_a_known_name_is_told_apart_from_a_changed_note():
    """The line names the hash of its key: where that is another one, nothing need have been changed."""
    trusted = Signer("bank-a", bytes(32)).verifier
    with pytest.raises(Refusal, check=because("exchange.signed-by-another-key", file="f", sender="bank-a")):
        bundle.open_(WHOLE, [trusted], "f")
    assert WHOLE.count(b"it is met") == 1
    with pytest.raises(Refusal, check=because("exchange.changed-note", file="f", sender="bank-a")):
        bundle.open_(WHOLE.replace(b"it is met", b"it is not"), [SIGNER.verifier, trusted], "f")
