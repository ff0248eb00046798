"""Whether a proof of a row holds, as the verifier that is handed over says."""

from watchfloor.store.log import standalone_rows
from watchfloor.store.log.standalone import Failed
from watchfloor.store.segments.proofs import as_json


def proves(proof, root):
    """Whether the proof leads from its row to that root of the log."""
    try:
        standalone_rows.check_record(as_json(proof), root)
    except Failed:
        return False
    return True
