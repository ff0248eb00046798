"""Acts of an exercise between parties, whoever may see them.

A plot tells acts; a feed writes down those it can see, in its own words and under its own numbers. So one
storyline crosses feeds without knowing any, and a later feed sees in it what is its own.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from watchfloor.exercise.cast import Identifier, Party, Vessel


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
    amount: int | Decimal
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
    """A unit's report of what it saw or was told.

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


@dataclass(frozen=True, slots=True)
class Application:
    """An application for a study permit, with its letter of acceptance.

    Attributes:
        adviser: whom it declares, with a business number.
        payer: the account that paid its fee.
        template: fingerprint of the letter's form.
        confirmed: what the college answered: yes or no; None: nobody asked.
        note: what the officer wrote.
    """

    at: datetime
    number: str
    office: str
    officer: str
    college: str
    adviser: Party | None
    payer: Identifier
    device: str
    email: str
    template: str
    confirmed: str | None
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """Cash into an account at a counter; `amount` in dollars and cents."""

    at: datetime
    holder: Party
    by: Party
    amount: Decimal
    branch: str
    memo: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A parcel as declared to customs: `value` in dollars and cents, `mass` in kilograms."""

    at: datetime
    parcel: str
    importer: Party
    consignee: Party
    goods: str
    hs: str
    value: Decimal
    mass: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A parcel posted abroad, as its sender declares it.

    Attributes:
        value: in dollars and cents.
        mass: in kilograms.
        office: the counter that took it.
        destination: country, ISO 3166-1 alpha-2.
        page: of the shop that sold it.
    """

    at: datetime
    parcel: str
    sender: Party
    consignee: Party
    goods: str
    hs: str
    value: Decimal
    mass: float
    office: str
    destination: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    """A parcel that was examined, as words of the kind `inspection`; `substance` is a CAS number."""

    at: datetime
    parcel: str
    means: str
    result: str
    found: tuple[str, ...]
    substance: str | None
    chosen_by: str
    chance: float | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A parcel on a scale; `mass` in grams."""

    at: datetime
    parcel: str
    mass: float


@dataclass(frozen=True, slots=True)
class Analysed:
    """A sample of a parcel under an instrument; `substance` is a CAS number, or None where none is named."""

    at: datetime
    parcel: str
    sample: str
    method: str
    substance: str | None
    level: str
    peaks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order by a court that names a company and its account; `number` is the court's."""

    at: datetime
    company: Party
    number: str


@dataclass(frozen=True, slots=True)
class Designated:
    """A deposit or transfer that a reporting entity told the financial intelligence unit of."""

    at: datetime
    of: Deposit | Transfer


@dataclass(frozen=True, slots=True)
class Produced:
    """A transfer that a bank produced under an order; `number` is the court's."""

    at: datetime
    of: Transfer
    number: str


class Fix(NamedTuple):
    """Where something was: seconds since the day began, degrees on WGS84, metres above the ellipsoid."""

    seconds: float
    latitude: float
    longitude: float
    height: float = 0.0


class Radio(NamedTuple):
    """A stretch of time in which something tells who it is and where.

    Attributes:
        first, last: seconds since the day began.
        claimed: the number that it gives, of system `mmsi` or `icao24`; it can be another's.
        name: that it gives with it.
        every: seconds between two reports.
        grade: `A` or `B` of a vessel's transponder, `S` of an aircraft's.
    """

    first: float
    last: float
    claimed: Identifier
    name: str
    every: float
    grade: str


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Something moves where sensors look: where it truly went, and what it tells of itself.

    Attributes:
        at: when it begins.
        what: a class of the kind `detection`: person, group, vehicle, boat, aircraft, drone, animal.
        path: its turning points in the order of time; between two of them it goes straight.
        radio: when it reports itself; empty for most.
        size: metres, which decide from how far it is seen.
        called: what it is, in a few words.
        carries: name of the sensor on board; empty for most.
    """

    at: datetime
    what: str
    path: tuple[Fix, ...]
    radio: tuple[Radio, ...] = ()
    size: float = 1.0
    called: str = ""
    carries: str = ""


Act = (
    Shipment
    | Transfer
    | Crossing
    | Voyage
    | Sighting
    | Application
    | Deposit
    | Declared
    | Posted
    | Inspected
    | Weighed
    | Analysed
    | Ordered
    | Designated
    | Produced
    | Passage
)
