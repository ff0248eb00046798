"""Identification: which substances of a library a sample holds, their shares of its signal, and the rest."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.desks.lab.identify.samples import identify as identify

__all__ = ["identify"]

__getattr__ = lazily(__name__, identify="samples")
