"""Faults that are alike, taken together: a flood of what is wrong in one way is no flood of faults."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from watchfloor.formats.base import Fault
from watchfloor.formats.tabular.blocks import MAX_RAW

ONE_BY_ONE: Final = 20
"""Most faults of one way that stay by themselves."""

_VALUES: Final = re.compile(r" is (?:'[^']*'|\"[^\"]*\"|[-+.\w]+)")
"""What differs between faults of one way: the value that is wrong."""


def together(faults: Iterable[tuple[int, Fault]], most: int = ONE_BY_ONE) -> list[tuple[int, Fault]]:
    """Faults with what each is of, in their order; many that are alike and of one thing are one.

    A fault of many has all their bytes, so it holds as many as fit, and another follows.
    """
    alike: dict[tuple[int, str, bool, bool], list[tuple[int, Fault]]] = {}
    for place, (of, fault) in enumerate(faults):
        key = of, _VALUES.sub("", fault.reason), fault.rest, fault.partly
        alike.setdefault(key, []).append((place, fault))
    found = [
        (run[0][0], key[0], _one([fault for _, fault in run]))
        for key, same in alike.items()
        for run in (_runs(same) if len(same) > most else [[one] for one in same])
    ]
    return [(of, fault) for _, of, fault in sorted(found, key=lambda one: one[0])]


def _runs(same: list[tuple[int, Fault]]) -> Iterator[list[tuple[int, Fault]]]:
    """As many at once as their bytes fit."""
    run: list[tuple[int, Fault]] = []
    size = 0
    for one in same:
        if run and size + len(one[1].raw) > MAX_RAW:
            yield run
            run, size = [], 0
        run.append(one)
        size += len(one[1].raw)
    yield run


def _one(run: list[Fault]) -> Fault:
    first = run[0]
    if len(run) == 1:
        return first
    said = f"{len(run):,} pieces from here to {run[-1].locator}, all wrong in this way: {first.reason}"
    raw = b"".join(fault.raw for fault in run)
    return Fault(first.locator, said, raw, first.rest, first.partly)
