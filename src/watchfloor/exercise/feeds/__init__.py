"""The feeds of an exercise, one module each with an attribute `FEED`: a later one is a module more."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from watchfloor.exercise.feeds.base import Feed


@lru_cache(maxsize=1)
def feeds() -> Mapping[str, Feed]:
    """Every feed by its name."""
    modules = (import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__))
    found = [module.FEED for module in modules if hasattr(module, "FEED")]
    return MappingProxyType({feed.name: feed for feed in sorted(found, key=lambda feed: feed.name)})
