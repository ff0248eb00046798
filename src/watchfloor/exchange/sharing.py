"""Rows to share, whole and lawful for who gets them, and the writers that put them into a format.

A writer renders; it decides nothing and opens no floor. Who may get which row and column is decided before,
by the reader's own policy or by a partner's gateway (`exchange.bundles.withholding`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from watchfloor.core.messages import Language, Reason
from watchfloor.desks.registry import declare_messages
from watchfloor.policy.gateways import Party

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead


@dataclass(frozen=True, slots=True)
class Shared:
    """Content of one file, or of one stretch of a publication.

    Attributes:
        node: who shares.
        key: the floor's secret; ids that a format asks for are keyed by it, so that nobody can guess one.
        at: when.
        marking: join of the markings of all rows.
        records: rows by kind, in the columns of `exchange.bundles.bundle.columns_of`; `disclosure` are
            signals and pointers. A column that may not go is null.
        leads: only where readers share for themselves; never to a partner.
        language: of sentences.
    """

    node: Party
    key: bytes = field(repr=False)
    at: datetime
    marking: str
    records: Mapping[str, pa.Table]
    leads: "Sequence[Lead]" = ()
    language: Language = "en"


Writer = Callable[[Shared, BinaryIO], int]
"""Writes shared rows into a file; returns how many objects it wrote."""


@cache
def _declare() -> None:
    declare_messages()


def sentence(row: Mapping[str, Any], language: Language) -> str:
    """Return the sentence of a signal in a language; empty where it may not go, its id if nobody knows it."""
    if row.get("message") is None or row.get("params") is None:
        return ""
    _declare()
    try:
        return Reason.load({"message": row["message"], "params": row["params"]}).render(language)
    except (KeyError, ValueError):
        return str(row["message"])
