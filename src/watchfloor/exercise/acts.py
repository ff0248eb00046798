"""What happens in an exercise: acts between parties, whoever may see them.

A plot tells acts; a feed writes down those it can see, in its own words and under its own numbers. So one
storyline crosses feeds without knowing any, and a later feed sees in it what is its own.
"""

from dataclasses import dataclass
from datetime import datetime

from watchfloor.exercise.cast import Party, Vessel


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel from abroad; `parcel` is its UPU S10 number."""

    at: datetime
    parcel: str
    sender: Party | None
    consignee: Party
    goods: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money from one account to another; cash at a counter where `payer` has none. `amount` in dollars."""

    at: datetime
    payer: Party
    payee: Party
    amount: int
    memo: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """A traveller who enters the country."""

    at: datetime
    traveller: Party
    why: str


@dataclass(frozen=True, slots=True)
class Voyage:
    """A vessel under way, as its master reports it."""

    at: datetime
    vessel: Vessel
    waters: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a unit writes of what it saw or was told.

    Attributes:
        pair: Admiralty code of source and information, such as B2.
        subjects: typed keys that the author states.
        speaks_to: the hypothesis that the author names, or None.
        file: system and number of the unit's own file.
        by_mail: it comes as a message, not as a form.
    """

    at: datetime
    unit: str
    title: str
    text: str
    pair: str
    subjects: tuple[str, ...]
    speaks_to: str | None
    file: tuple[str, str]
    by_mail: bool = False


Act = Shipment | Transfer | Crossing | Voyage | Sighting
