"""The listings desk: names on the floor against official lists."""

from typing import TYPE_CHECKING

from watchfloor.records.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.desks.listings.queries import Screened as Screened
    from watchfloor.desks.listings.queries import screen as screen
    from watchfloor.desks.listings.screener import Query as Query
    from watchfloor.desks.listings.screener import Screener as Screener

__all__ = ["Query", "Screened", "Screener", "screen"]

__getattr__ = lazily(__name__, Query="screener", Screened="queries", Screener="screener", screen="queries")
