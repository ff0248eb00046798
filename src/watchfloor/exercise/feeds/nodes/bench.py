"""The laboratory's bench: readings of samples from parcels. Its spectra are numbers without a meaning."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Analysed
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "bench"
HARMLESS: Final = ("58-08-2", "50-70-4", "57-50-1", "471-34-1", "144-55-8")
"""CAS numbers of caffeine, sorbitol, sucrose, chalk and baking soda."""


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Samples that hold something harmless, or nothing that was looked for."""
    for _ in range(count):
        found = cast.random.random() < 0.6
        substance = cast.one_of(HARMLESS) if found else cast.one_of(("437-38-7", "50-36-2", "537-46-2"))
        yield analysed(cast, cast.parcel(), "gc-ms", substance, "identified" if found else "not-detected")


def analysed(cast: Cast, parcel: str, method: str, substance: str, level: str, hour: float = 8) -> Analysed:
    """A reading within eight hours of an hour of the day, with a spectrum drawn by lot."""
    peaks = sorted(round(cast.random.uniform(40, 600), 4) for _ in range(cast.number(6, 12)))
    sample = f"S-{cast.number(10**6, 10**7)}"
    return Analysed(cast.at(hour, hour + 8), parcel, sample, method, substance, level, tuple(peaks))


def sees(act: Act) -> Iterator[Observation]:
    """Yield the measurement of the bench."""
    if isinstance(act, Analysed):
        count = len(act.peaks)
        yield tables.seen(
            act,
            (("s10", act.parcel),),
            subject=f"parcel:s10:{act.parcel}",
            instrument=f"bench {1 + count % 3}",
            method=act.method,
            sample=act.sample,
            substance=f"substance:cas:{act.substance}" if act.substance else None,
            level=act.level,
            peaks=list(act.peaks),
            intensity=[round(1 - at / (count + 1), 2) for at in range(count)],
        )


FEED_OF_NODE: Final = tables.feed(NAME, "reading", sees, Volume(60_000, "our choice"), everyday)
