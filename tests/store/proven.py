"""Whether a proof of a row holds, as the verifier that is handed over says."""

from watchfloor.store import standalone_rows
from watchfloor.store.proofs import as_json
from watchfloor.store.standalone import Failed


def proves(proof, root):
    """Whether the proof leads from its row to that root of the log."""
    try:
        standalone_rows.check_record(as_json(proof), root)
    except Failed:
        return False
    return True
