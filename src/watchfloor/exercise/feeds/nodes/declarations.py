"""The targeting centre's declarations: what is said to be in a parcel, for whom, and how heavy it is."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from watchfloor.exercise.acts import Act, Declared, Weighed
from watchfloor.exercise.cast import Cast, Party, keys
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import PARCELS

NAME: Final = "declarations"
GOODS: Final = (
    *(("ceramic plant pots", "691490"), ("wooden toys", "950300"), ("cotton shirts", "610510")),
    *(("bicycle chains", "731511"), ("picture frames", "441490"), ("candle moulds", "848079")),
    *(("reading lamps", "940521"), ("knitting yarn", "510910"), ("tea towels", "630260")),
)
"""Goods, and the first six digits of the Harmonized System."""


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Parcels to people, declared and weighed as they are; packing makes them a little heavier."""
    for _ in range(count):
        mass = round(cast.random.uniform(0.3, 8), 2)
        yield from parcel(cast, cast.person(), cast.parcel(), mass, mass + cast.random.uniform(0, 0.1))


def parcel(
    cast: Cast, consignee: Party, number: str, declared: float, weighed: float, importer: Party | None = None
) -> tuple[Declared, Weighed]:
    """A parcel that is declared in the morning and weighed by noon; masses in kilograms."""
    goods, hs = cast.one_of(GOODS)
    value = Decimal(cast.number(1_500, 90_000)) / 100
    said = f"{goods}, {cast.number(2, 40)} pieces for {consignee.name}"
    return (
        Declared(cast.at(0, 6), number, importer or consignee, consignee, said, hs, value, declared),
        Weighed(cast.at(6, 12), number, round(weighed * 1000)),
    )


def sees(act: Act) -> Iterator[Observation]:
    """The line of goods, with the importer by business number where it has one."""
    if not isinstance(act, Declared):
        return
    yield tables.seen(
        act,
        (("s10", act.parcel), act.importer.business),
        subject=f"parcel:s10:{act.parcel}",
        importer=_key(act.importer),
        consignee=_key(act.consignee),
        goods=act.goods,
        hs=act.hs,
        origin="GB",
        value=act.value,
        currency="CAD",
        mass=act.mass,
        office="Port Ashby mail centre",
    )


def _key(party: Party) -> str:
    """A company by its business number, anybody else by the centre's own."""
    return next(iter(keys(party.business)), tables.person(NAME, party))


FEED_OF_NODE: Final = tables.feed(NAME, "declaration", sees, PARCELS, everyday)
