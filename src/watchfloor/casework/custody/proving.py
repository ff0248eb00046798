"""Files of proofs: each act on an exhibit, with the way from its row to a signed root of the log."""

import json
from collections.abc import Sequence
from typing import Any

from watchfloor.casework.custody.exhibits import Exhibit, World, lineage
from watchfloor.store.floor import Floor
from watchfloor.store.log import checkpoints, standalone, standalone_rows
from watchfloor.store.segments import proofs


def proofs_of(floor: Floor, found: World, one: Exhibit) -> str:
    """A proof of every act on an exhibit and on those it was split from, JSON, as `verify.py` takes each."""
    size = floor.position
    rows = [row for each in lineage(found, one) for row in each.history]
    rows.sort(key=lambda row: row["position"])  # of one commit a part stands before the split
    said = {
        "size": size,
        "checkpoint": checkpoints.signed(floor.signer, size, floor.log_root(size)),
        "acts": [
            {
                "exhibit": row["exhibit"],
                "edition": row["edition"],
                "record": row["record_id"].hex(),
                "proof": proofs.as_json(floor.prove(row["record_id"], size)),
            }
            for row in rows
        ],
    }
    return json.dumps(said, indent=1) + "\n"


def check_proofs(text: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Check a file of proofs without the floor, and return the acts that it proves.

    Args:
        text: of the file.
        keys: public keys of the node, as people exchange them.

    Raises:
        Failed: it is no such file, a proof does not hold, or none of the keys signed its checkpoint.
    """
    try:
        said = json.loads(text)
        _, size, root_ = standalone.checkpoint_of(standalone.open_note(said["checkpoint"], *keys)[0])
        given = [each["proof"] for each in said["acts"]]
        if any(each["size"] != size for each in given):
            raise standalone.Failed("a proof leads to another size of the log than the checkpoint's")
        return [standalone_rows.check_record(each, root_) for each in given]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise standalone.Failed(f"this is no file of proofs: {error}") from error
