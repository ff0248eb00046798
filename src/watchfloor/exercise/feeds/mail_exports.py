"""Parcels posted abroad: the sender's declaration of each, taken at the counter or from a web form."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from watchfloor.exercise.acts import Act, Inspected, Posted
from watchfloor.exercise.cast import Cast, Party
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "mail-exports"
GOODS: Final = (
    *(("knitted mittens", "611610"), ("maple candy", "170490"), ("family photographs", "491191")),
    *(("vinyl records", "852380"), ("fishing flies", "950790"), ("wool blanket", "630120")),
    *(("phone case", "392690"), ("board game", "950490"), ("hockey cards", "491199")),
)
"""Goods, and the first six digits of the Harmonized System."""
COUNTRIES: Final = ("US", "US", "US", "GB", "FR", "AU", "DE", "NZ")
COUNTERS: Final = ("Port Ashby", "Stonelanding", "Verrier-sur-Lac", "Mallory Bend")
EACH: Final = 7
"""One in so many everyday parcels is X-rayed; their order is drawn by lot."""


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Parcels of people to people; one in seven is X-rayed, and nothing is found."""
    own = cast.beside(NAME)
    for number in range(count):
        goods, hs = own.one_of(GOODS)
        act = posted(own, own.person(), goods, hs, round(own.random.uniform(0.05, 3), 2))
        yield act
        if number % EACH == 0:
            yield Inspected(own.at(20, 24), act.parcel, "x-ray", "nothing", (), None, "random", 1 / EACH)


def posted(
    cast: Cast, sender: Party, goods: str, hs: str, mass: float, hours: tuple[float, float] = (8, 20)
) -> Posted:
    """A parcel to somebody abroad; `mass` in kilograms, `hours` of the day."""
    consignee, value = cast.abroad(cast.person()), Decimal(cast.number(500, 20_000)) / 100
    place = (cast.one_of(COUNTERS), cast.one_of(COUNTRIES))
    return Posted(cast.at(*hours), cast.parcel("CA"), sender, consignee, goods, hs, value, mass, *place)


def sees(act: Act) -> Iterator[Observation]:
    """The declaration; what the sender wrote of himself stands in it as it was written."""
    if not isinstance(act, Posted):
        return
    sender = act.sender
    yield tables.seen(
        act,
        (("s10", act.parcel), sender.phone, sender.address),
        subject=f"parcel:s10:{act.parcel}",
        shipper=tables.person(NAME, sender),
        consignee=tables.person(NAME, act.consignee),
        goods=act.goods,
        hs=act.hs,
        value=act.value,
        currency="CAD",
        mass=act.mass,
        office=act.office,
        direction="outbound",
        mode="post",
        departure="CA",
        destination=act.destination,
        document=act.parcel,
        pieces=1,
        shipper_name=sender.name,
        shipper_address=sender.address[1] if sender.address else None,
        shipper_phone=sender.phone[1] if sender.phone else None,
        consignee_name=act.consignee.name,
        page=act.page,
        category="sale" if act.page else "gift",
    )


FEED: Final = tables.feed(
    NAME,
    "declaration",
    sees,
    Volume(60_000, "our choice: no public count of parcels posted abroad in a day"),
    everyday,
)
