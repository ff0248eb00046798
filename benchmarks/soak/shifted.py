"""The command line with a clock that is ahead: `python -m benchmarks.soak.shifted HOURS COMMAND…`."""

import datetime as dt
import sys
import time
from importlib import import_module
from types import ModuleType

HOURS = dt.timedelta(hours=float(sys.argv.pop(1)))


class _Any(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, dt.datetime)


class Shifted(dt.datetime, metaclass=_Any):
    """A datetime whose `now` is ahead."""

    @classmethod
    def now(cls, tz=None):
        return dt.datetime.now(tz) + HOURS


def shift(module: ModuleType) -> None:
    """Give a module the shifted clock, where it has one."""
    if getattr(module, "datetime", None) is dt.datetime:
        module.datetime = Shifted


if __name__ == "__main__":
    from watchfloor import cli
    from watchfloor.store import log, writer

    for each in (import_module("watchfloor.cli.face"), writer):
        shift(each)
    now = time.time_ns
    log.time = ModuleType("time")
    log.time.time_ns = lambda: now() + HOURS // dt.timedelta(microseconds=1) * 1000
    cli.main()
