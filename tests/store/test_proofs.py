import msgspec
import pytest
from tests.store.proven import proves
from tests.store.rows import READER, ingest

from watchfloor.store import UnknownRecord
from watchfloor.store.segments.proofs import Proof


@pytest.fixture
def proof(floor, writer, small_segments):
    ingest(writer, range(30))
    writer.acts([("query", {"n": n}) for n in range(5)])
    return floor.prove(floor.read("party", READER)["record_id"][17].as_py())


def test_a_proof_leads_to_the_root_it_was_made_for_and_to_no_other(floor, proof):
    assert proves(proof, floor.log_root(proof.size))
    assert not proves(proof, floor.log_root(proof.size - 1))
    sent = msgspec.json.decode(msgspec.json.encode(proof), type=Proof)
    assert proves(sent, floor.log_root(proof.size))


@pytest.mark.parametrize(
    "change",
    [
        {"row": b"another row"},
        {"salt": bytes(16)},
        {"leaf": 2},
        {"segment_path": []},
        {"act_salt": bytes(16)},
        {"position": 1},
        {"log_path": []},
    ],
)
def test_a_changed_proof_leads_nowhere(floor, proof, change):
    assert not proves(msgspec.structs.replace(proof, **change), floor.log_root(proof.size))


def test_another_segments_manifest_does_not_fit_the_act(floor, proof):
    forged = msgspec.json.decode(proof.manifest) | {"segment": 999}
    changed = msgspec.structs.replace(proof, manifest=msgspec.json.encode(forged))
    assert not proves(changed, floor.log_root(proof.size))


def test_a_record_that_is_not_here(floor):
    with pytest.raises(UnknownRecord, match="no record 0000"):
        floor.prove(bytes(16))
