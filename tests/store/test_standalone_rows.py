"""What a forged proof of a row is told, and rows whose segment is from before manifests named types."""

import base64
import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pyarrow as pa
import pytest
from tests.store.rows import READER, ingest
from tests.store.test_readable import shown
from tests.store.test_upgrade import LAYOUTS, unpacked

from watchfloor.core.kinds import KINDS
from watchfloor.store import Floor, segments
from watchfloor.store.log import checkpoints, standalone, standalone_rows
from watchfloor.store.segments.proofs import as_json
from watchfloor.store.upgrade import upgrade

FORGED = {"amount": "decimal.0:16", "observed_at": "signed:8", "payer": "bytes"}
BODY = {
    "report_key": "1",
    "observed_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    "payer": "account:feed:1",
    "payee": "account:feed:2",
    "amount": Decimal("9500.00"),
    "currency": "CAD",
    "means": "wire",
    "locator": "line 2",
    "marking": "PB",
}


@pytest.fixture
def proof(floor, writer):
    """Of a payment of 9500.00, as `watchfloor floor log proof` writes it."""
    schema = pa.schema([*KINDS["payment"].body, ("marking", pa.string())])
    rows = pa.Table.from_pylist([dict.fromkeys(schema.names) | BODY], schema)
    writer.append("payment", rows)
    made = floor.prove(floor.read("payment", READER)["record_id"][0].as_py())
    note = checkpoints.signed(floor.signer, made.size, floor.log_root(made.size))
    return as_json(made) | {"checkpoint": note}


def told(floor, proof):
    line = standalone_rows.check_row(json.dumps(proof), [floor.signer.verifier.text])
    return json.loads(line.partition("the row stands in the log: ")[2])


def test_a_row_is_shown_as_it_was_taken_in(floor, proof):
    row = told(floor, proof)
    assert {name: row[name] for name in BODY} == {name: shown(value) for name, value in BODY.items()}


def test_whoever_hands_a_proof_over_cannot_choose_how_its_bytes_are_read(floor, proof):
    """Types beside the proof, where older proofs had them, change nothing."""
    manifest = json.loads(base64.b64decode(proof["manifest"]))
    types = zip(manifest["columns"], manifest["types"], strict=True)
    forged = [[name, FORGED.get(name, type_)] for name, type_ in types]
    assert forged != [list(pair) for pair in zip(manifest["columns"], manifest["types"], strict=True)]
    assert told(floor, proof | {"types": forged}) == told(floor, proof)


@pytest.mark.parametrize("change", ["types", "no types", "columns"])
def test_a_manifest_with_other_types_is_not_the_one_that_the_log_names(floor, proof, change):
    manifest = json.loads(base64.b64decode(proof["manifest"]))
    if change == "no types":
        del manifest["types"]
    elif change == "columns":
        manifest["columns"].reverse()
    else:
        manifest["types"][manifest["columns"].index("amount")] = "decimal.0:16"
    encoded = base64.b64encode(msgspec.json.encode(manifest)).decode()
    with pytest.raises(standalone.Failed, match="the act does not name the segment"):
        told(floor, proof | {"manifest": encoded})


@pytest.mark.parametrize(("salt", "content"), [("salt", "row"), ("act_salt", "act")])
@pytest.mark.parametrize("moved", [-3, 3, 18])
def test_no_bytes_are_moved_between_a_salt_and_what_it_salts(floor, proof, salt, content, moved):
    """The leaf hashes both in one, so a longer salt would leave out the first column: 18 bytes, an id."""
    both = base64.b64decode(proof[salt]) + base64.b64decode(proof[content])
    parts = both[: 16 + moved], both[16 + moved :]
    forged = dict(zip((salt, content), (base64.b64encode(part).decode() for part in parts), strict=True))
    with pytest.raises((standalone.Failed, ValueError)):  # an act cut short is no JSON
        told(floor, proof | forged)


@pytest.fixture
def old(tmp_path, actor):
    """A floor from before manifests named types, upgraded."""
    (tmp_path / "b.tar").write_bytes(gzip.decompress(LAYOUTS[0].read_bytes()))
    root = unpacked(tmp_path / "b.tar", tmp_path / "old")
    upgrade(root, actor)
    return Floor.open(root)


def test_rows_of_older_segments_are_read_by_the_types_that_they_had(old):
    count = 0
    for kind in KINDS:
        for row in old.read(kind, READER).to_pylist():
            proof = old.prove(row["record_id"])
            assert segments.manifest_of(proof.manifest).types is None
            found = standalone_rows.check_record(as_json(proof), old.log_root(proof.size))
            assert found == {name: shown(row[name]) for name in found}
            assert {name for name, value in row.items() if value is not None} - set(found) <= {"position"}
            count += 1
    assert count


def test_an_older_manifest_is_kept_as_the_bytes_it_was():
    data = b'{"columns":["name"],"kind":"party","root":"00","rows":1,"segment":1}'
    assert segments.manifest_bytes(segments.manifest_of(data)) == data


def test_a_column_whose_type_nobody_committed_to_is_shown_as_bytes():
    manifest = b'{"segment":1,"kind":"party","rows":1,"columns":["name","shoe_size"],"root":"00"}'
    assert standalone_rows.row_of(manifest, b"\1\0*") == {"type not committed": "01002a"}


def test_a_manifest_with_a_type_too_few_is_refused():
    manifest = b'{"segment":1,"kind":"party","rows":1,"columns":["name","lang"],"root":"00","types":["text"]}'
    with pytest.raises(standalone.Failed, match="one type a column"):
        standalone_rows.row_of(manifest, b"")


def test_every_segment_names_the_types_of_its_columns(floor, writer):
    ingest(writer, range(3))
    manifest = segments.manifest_of(floor.prove(floor.read("party", READER)["record_id"][0].as_py()).manifest)
    types = dict(zip(manifest.columns, manifest.types, strict=True))
    assert (types["name"], types["observed_at"], types["record_id"]) == ("text", "moment:8", "binary:16")
