"""A stash house: parcels to many names at one door, and its proceeds placed by many deposits.

What joins it: one address and one telephone, on parcels and on accounts. No name in it is listed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from watchfloor.exercise.acts import Act, Shipment, Sighting, Transfer
from watchfloor.exercise.cast import Cast, Party, keys
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import PAIRS, Plot

RECEIVERS, HOLDERS = 5, 6


def make_plots(cast: Cast, _: Sequence[Target]) -> Iterator[Plot]:
    """One plot."""
    tenant = cast.person()
    receivers = [cast.person().living_with(tenant) for _ in range(RECEIVERS)]
    holders = [tenant, *(cast.person().living_with(tenant) for _ in range(HOLDERS - 1))]
    runner = replace(cast.person(), account=None, phone=None, address=None)
    yield Plot(
        "stash-house",
        "a stash house is fed by parcels, and its proceeds are placed by many deposits",
        ("trafficking-by-post", "laundering", "organised-group"),
        (*receivers, *holders, runner),
        (*_parcels(cast, receivers), *_deposits(cast, runner, holders), *_sightings(cast, tenant)),
    )


def _parcels(cast: Cast, receivers: Sequence[Party]) -> Iterator[Act]:
    for receiver in receivers:
        yield Shipment(cast.at(6, 12), cast.parcel(), None, receiver, "car parts")


def _deposits(cast: Cast, runner: Party, holders: Sequence[Party]) -> Iterator[Act]:
    """Two to an account, each below the 10,000 dollars from which cash is reported."""
    for holder in (*holders, *holders):
        yield Transfer(cast.at(10, 17), runner, holder, cast.number(8_200, 9_900), "cash deposit")


def _sightings(cast: Cast, tenant: Party) -> Iterator[Act]:
    yield Sighting(
        cast.at(12, 13),
        "Courier company, security",
        "Five names at one door",
        "Drivers took five parcels for five names to one house this morning. All were signed for by the same"
        " person, who gave the same telephone.",
        cast.one_of(PAIRS),
        keys(tenant.address, tenant.phone),
        "trafficking-by-post",
        ("ICES", f"{cast.number(10**6, 10**7)}"),
        by_mail=True,
    )
    yield Sighting(
        cast.at(14, 16),
        "Port Ashby police, street team",
        "Short visits to a house",
        "Eleven visitors in two hours, none longer than three minutes; two carried envelopes to a bank"
        " machine.",
        cast.one_of(PAIRS),
        keys(tenant.address),
        "trafficking-by-post",
        ("PRIME", f"{cast.number(10**5, 10**6)}"),
    )
    yield Sighting(
        cast.at(17, 19),
        "Port Ashby police, street team",
        "Pill press seen through a window",
        "An officer at the back fence saw a press and sealed bags on a kitchen table.",
        cast.one_of(PAIRS),
        keys(tenant.address),
        "trafficking-by-post",
        ("PRIME", f"{cast.number(10**5, 10**6)}"),
    )
