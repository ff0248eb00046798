"""Substances: what a structure is, which definitions it meets, and what the law says of a query."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.reference.substances.outcome import QueryError as QueryError
    from watchfloor.reference.substances.queries import controlled as controlled
    from watchfloor.reference.substances.table import controlled_table as controlled_table

__all__ = ["QueryError", "controlled", "controlled_table"]

__getattr__ = lazily(__name__, QueryError="outcome", controlled="queries", controlled_table="table")
