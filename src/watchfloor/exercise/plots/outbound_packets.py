"""Small packets to customers abroad: one is found to hold fentanyl, and the telephone of its sender goes on.

Most of the fentanyl that Operation Blizzard found was outbound. Each packet has another sender and goes
over another counter; the telephone on the form is the same. Beside it a shop of candles posts as much to as
many, under its own name, and its packets hold candles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from watchfloor.exercise.acts import Act, Analysed, Inspected, Posted
from watchfloor.exercise.cast import Cast, Party
from watchfloor.exercise.feeds.mail_exports import EACH, posted
from watchfloor.exercise.feeds.nodes.bench import analysed
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import Plot

NAME: Final = "outbound-packets"
SHOP: Final = "honest-shop"
FENTANYL: Final = "437-38-7"
"""CAS number: Controlled Drugs and Substances Act, Schedule I."""
PACKETS: Final = 6
PAGE: Final = "https://candles.example/soy"


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:  # noqa: ARG001 - nobody in it is listed
    """The packets, and the look-alike."""
    own = cast.beside(NAME)
    yield _packets(own)
    yield _shop(own)


def _packets(cast: Cast) -> Plot:
    phone = cast.phone()
    senders = [replace(cast.person(), phone=phone) for _ in range(PACKETS)]
    acts: list[Posted] = [_packet(cast, sender, (0, 2)) for sender in senders[:1]]
    acts += [_packet(cast, sender, (12, 20)) for sender in senders[1:]]
    first = acts[0].parcel
    found: tuple[Act, ...] = (
        Inspected(
            cast.at(5, 6), first, "dog", "finding", ("controlled-substance",), FENTANYL, "officer", None
        ),
        *_readings(cast, first),
    )
    title = "small packets abroad from many senders with one telephone; the first of them held fentanyl"
    return Plot(NAME, title, ("trafficking-by-post",), tuple(senders), (*acts, *found))


def _packet(cast: Cast, sender: Party, hours: tuple[float, float]) -> Posted:
    return posted(cast, sender, "greeting cards", "490900", round(cast.random.uniform(0.04, 0.09), 3), hours)


def _readings(cast: Cast, number: str) -> Iterator[Analysed]:
    """A strip first; by noon, the laboratory."""
    for method, level, hours in (("immunoassay", "presumptive", 6), ("gc-ms", "identified", 10)):
        made = analysed(cast, number, method, FENTANYL, level, 0)
        yield replace(made, at=made.at.replace(hour=hours) + timedelta(minutes=cast.number(0, 59)))


def _shop(cast: Cast) -> Plot:
    """Every packet like the other, as a shop's are."""
    shop = cast.company("Tamarack Candle Works")
    acts = [
        replace(posted(cast, shop, "soy candle, 1 piece", "340600", 0.41, (9, 17)), page=PAGE)
        for _ in range(PACKETS)
    ]
    seen = Inspected(cast.at(20, 24), acts[0].parcel, "x-ray", "nothing", (), None, "random", 1 / EACH)
    return Plot(SHOP, "a shop posts equal packets to customers abroad", (), (shop,), (*acts, seen))
