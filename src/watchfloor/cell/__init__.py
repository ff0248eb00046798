"""The cell: signals about one subject become a lead, weighed in the open and put into a queue."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.cell.bulk.signals import weigh as weigh

__all__ = ["weigh"]

__getattr__ = lazily(__name__, weigh="bulk.signals")
