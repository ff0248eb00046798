"""The listings desk: names on the floor against official lists."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.desks.listings.queries import Screening as Screening
    from watchfloor.desks.listings.queries import screen as screen
    from watchfloor.desks.listings.screener import Query as Query
    from watchfloor.desks.listings.screener import Screener as Screener

__all__ = ["Query", "Screener", "Screening", "screen"]

__getattr__ = lazily(__name__, Query="screener", Screening="queries", Screener="screener", screen="queries")
