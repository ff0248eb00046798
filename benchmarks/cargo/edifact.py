"""EDIFACT and X12: messages and segments a second, beside pydifact on the same bytes.

    ./dev bench cargo.edifact [--items 2000] [--runs 5]

What is compared is the same work, text to segments of elements and components: our envelope reader, which
checks counts and references besides, and pydifact's parser. The whole reader, up to rows of `declaration` and
`party`, has no peer here. One core; medians of CPU time.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from io import BytesIO

from tests.formats.edifact import made as edifact
from tests.formats.x12 import made as x12

from watchfloor.formats.base import Batch
from watchfloor.formats.cargo.edifact.envelope import events
from watchfloor.formats.cargo.edifact.file import read as read_edifact
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.x12.envelope import events as x12_events
from watchfloor.formats.cargo.x12.file import read as read_x12

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=2000, help="postal items, and bills of manifests")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    for name, data, segments, rows in (
        ("ITMATT, an item a message", post(chosen.items), edifact_segments, edifact_rows),
        ("CUSCAR, 500 bills a message", cargo(chosen.items), edifact_segments, edifact_rows),
        ("X12 309, 500 bills a set", highway(chosen.items), x12_segments, x12_rows),
    ):
        count = segments(data)
        print(f"\n{name}: {len(data) / 1e6:.1f} MB, {count:,} segments, {chosen.items:,} consignments")
        ours = timed(lambda data=data, segments=segments: segments(data), chosen.runs)
        tell("watchfloor, segments", count / ours, "segments/s")
        if segments is edifact_segments:
            theirs = timed(lambda data=data: pydifact_segments(data), chosen.runs)
            tell("pydifact, segments", count / theirs, "segments/s")
            print(f"  watchfloor is {theirs / ours:.1f} times as fast")
        whole = timed(lambda data=data, rows=rows: rows(data), chosen.runs)
        tell("watchfloor, up to rows", chosen.items / whole, "consignments/s")
        tell("watchfloor, up to rows", rows(data) / whole, "rows/s")


def tell(what: str, number: float, unit: str) -> None:
    """A line of the table."""
    print(f"  {what:<24} {number:>12,.0f} {unit}")


def timed(work: Callable[[], int], runs: int) -> float:
    """Median of CPU seconds."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def number(index: int) -> str:
    """An S10 number with its check digit."""
    digits = f"{index:08d}"
    rest = 11 - sum(int(one) * weight for one, weight in zip(digits, WEIGHTS, strict=True)) % 11
    return f"LX{digits}{ {10: 0, 11: 5}.get(rest, rest) }CN"


def post(count: int) -> bytes:
    """An interchange of items, of one to four contents each."""
    goods = ("wooden toys", "tea, 2 boxes", "a lamp ?+ shade", "детали")
    return edifact.interchange(
        *(
            edifact.itmatt(edifact.item(number(one), goods[: 1 + one % 4]), reference=str(one))
            for one in range(count)
        )
    )


def cargo(count: int) -> bytes:
    """Manifests of 500 bills."""
    return edifact.interchange(
        *(
            edifact.cuscar(
                *(edifact.bill(f"SHA{one}") for one in range(start, min(start + 500, count))),
                reference=str(start),
            )
            for start in range(0, count, 500)
        )
    )


def highway(count: int) -> bytes:
    """Transaction sets of 500 bills."""
    return x12.interchange(
        *(
            x12.manifest(*(x12.bill(f"LANT{one}", box=None) for one in range(start, min(start + 500, count))))
            for start in range(0, count, 500)
        )
    )


def edifact_segments(data: bytes) -> int:
    """Segments of our reader, those of the envelopes counted by what stands in them."""
    return sum(isinstance(one, Segment) for one in events(BytesIO(data), "x"))


def x12_segments(data: bytes) -> int:
    """The same of X12."""
    return sum(hasattr(one, "data") for one in x12_events(BytesIO(data), "x"))


def pydifact_segments(data: bytes) -> int:
    """Segments of pydifact's parser."""
    from pydifact.parser import Parser

    with warnings.catch_warnings(action="ignore"):  # it has no directory of this version to check against
        return sum(1 for _ in Parser().parse(data.decode()))


def edifact_rows(data: bytes) -> int:
    """Rows of our reader."""
    return rows(read_edifact(BytesIO(data), "x"))


def x12_rows(data: bytes) -> int:
    """The same of X12."""
    return rows(read_x12(BytesIO(data), "x"))


def rows(pieces: object) -> int:
    """Rows of batches; a fault fails."""
    batches = list(pieces)
    assert all(isinstance(one, Batch) for one in batches), batches[:1]
    return sum(one.rows.num_rows for one in batches)


if __name__ == "__main__":
    main()
