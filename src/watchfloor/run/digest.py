"""One digest for an answer: equal digests are equal answers, wherever and however they were computed."""

from collections.abc import Mapping

import pyarrow as pa

from watchfloor.core.canonical import table_digest
from watchfloor.core.derived import net


def net_digest(derived: pa.Table) -> str:
    """SHA-256 of the rows that stand, in hexadecimal.

    The number of a revision is left out: a live run that had to correct itself has counted further than a run
    over the same records in order, and both say the same.
    """
    return table_digest(net(derived), without=("revision",)).hex()


def digests(derived: Mapping[str, pa.Table]) -> dict[str, str]:
    """`net_digest` of each derived kind."""
    return {kind: net_digest(rows) for kind, rows in sorted(derived.items())}
