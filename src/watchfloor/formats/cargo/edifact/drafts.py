"""Drafts of a message's head or of one consignment, collected segment by segment."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.syntax import Segment


@dataclass(slots=True)
class Party:
    """A party of a NAD, with what CTA and COM add."""

    role: str
    id: str
    name: str
    address: str
    country: str | None
    phone: str = ""
    page: str = ""


@dataclass(slots=True)
class Goods:
    """A line of goods: a GID and the segments that follow it."""

    at: Segment
    end: int
    texts: list[str] = field(default_factory=list)
    hs: str | None = None
    origin: str | None = None
    gross: float | None = None
    net: float | None = None
    value: Decimal | None = None
    currency: str = ""
    packages: int | None = None
    containers: list[Segment] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """The head of a message, or a consignment.

    Attributes:
        notes: what could not be read, and where it stood: rows are made without it.
        unknown: tags that the profile does not have.
    """

    number: str = ""
    refs: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    last: Party | None = None
    indicators: list[Segment] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    equipment: dict[str, str] = field(default_factory=dict)
    currency: str = ""
    gross: float | None = None
    net: float | None = None
    value: tuple[Decimal, str] | None = None
    origin: str | None = None
    mode: str = ""
    voyage: str = ""
    vessel: str = ""
    carrier: str = ""
    stage: str = ""
    goods: list[Goods] = field(default_factory=list)
    notes: list[tuple[Segment, str]] = field(default_factory=list)
    unknown: list[Segment] = field(default_factory=list)

    def place(self, qualifiers: tuple[str, ...], head: "Draft") -> str | None:
        """The first place of some functions, of the consignment or else of the message."""
        for draft in (self, head):
            for qualifier in qualifiers:
                if draft.places.get(qualifier):
                    return draft.places[qualifier][0]
        return None

    def country(self, qualifiers: tuple[str, ...], head: "Draft") -> str | None:
        """The first country that places of some functions lie in."""
        for draft in (self, head):
            for qualifier in qualifiers:
                for place in draft.places.get(qualifier, ()):
                    if found := manifests.country_of(place):
                        return found
        return None

    @property
    def issuer(self) -> str:
        """The code of the carrier, whose bills these are: as a party before that of the transport."""
        party = self.parties.get("CA")
        return (party and party.id) or self.carrier

    @property
    def packages(self) -> int | None:
        """How many packages it is said to have in all."""
        return next((self.totals[one] for one in codes.PACKAGES if one in self.totals), None)

    def party(self, roles: tuple[str, ...]) -> Party | None:
        """The first party of some roles."""
        return next((self.parties[role] for role in roles if role in self.parties), None)
