"""Who is in an exercise: invented people, companies and vessels with telephones, addresses and accounts.

Towns do not exist, telephone numbers are those kept free for fiction (555-0100 to 555-0199 of each area), and
no institution has the accounts' number. Numbers with a check digit have the right one.
"""

from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Final, TypeVar

from stdnum import iban, imo, luhn

from watchfloor.core.subjects import key_of
from watchfloor.exercise import names

T = TypeVar("T")

DAY: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The generated day."""

AREAS: Final = (
    *(204, 226, 236, 249, 250, 263, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428, 431),
    *(437, 438, 450, 468, 474, 506, 514, 519, 548, 579, 581, 584, 587, 604, 613, 639, 647, 672, 683),
    *(705, 709, 742, 753, 778, 780, 782, 807, 819, 825, 867, 873, 879, 902, 905),
)
"""Canadian area codes."""

STREETS: Final = (
    *("Millrace Road", "Quarry Lane", "Heron Street", "Orchard Way", "Ferry Road", "Tamarack Crescent"),
    *("Station Street", "Old Portage Road", "rue du Moulin", "chemin des Érables", "rue de l’Anse"),
    *("Lighthouse Road", "Granary Street", "Birchbark Avenue", "rang du Ruisseau", "Copper Street"),
)
TOWNS: Final = (
    *("Port Ashby ON", "Stonelanding ON", "Verrier-sur-Lac QC", "Mallory Bend ON", "Saint-Odon QC"),
    *("Redwater Narrows BC", "Cape Tolland NS", "Prairie Gate MB", "Lower Kestrel NB", "Fort Amity AB"),
)
"""Towns that no map has."""

BOATS: Final = (
    "Sea Harrow",
    "Marie-Lune",
    "Grey Plover",
    "Second Wind",
    "Anse Bleue",
    "North Candle",
    "Tern",
)

Identifier = tuple[str, str]
"""System and number, as records write them."""


def keys(*identifiers: Identifier | None) -> tuple[str, ...]:
    """The typed keys that the cell makes of identifiers."""
    made = (key_of(*one, None) for one in identifiers if one)
    return tuple(key for key in made if key)


@dataclass(frozen=True, slots=True)
class Party:
    """A person or company, and what feeds may know beside the name."""

    name: str
    schema: str
    born: str | None = None
    phone: Identifier | None = None
    address: Identifier | None = None
    account: Identifier | None = None
    business: Identifier | None = None

    def living_with(self, other: "Party") -> "Party":
        """The same, under another's address and telephone."""
        return replace(self, phone=other.phone, address=other.address)


@dataclass(frozen=True, slots=True)
class Vessel:
    """A boat or ship: any may have a radio with an MMSI, a large one has an IMO number."""

    name: str
    master: Party
    owner: Party
    mmsi: Identifier
    imo: Identifier | None = None


class Cast:
    """Draws who and what an exercise needs; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.random = self.aside("")
        phones = [f"+1 {area} 555 0{line}" for area, line in product(AREAS, range(100, 200))]
        self.random.shuffle(phones)
        self._phones = deque(phones)
        self._next_phone = self._phones.pop

    def aside(self, what: str) -> Random:
        """Random numbers for one thing: whatever it draws changes nothing else of the exercise."""
        return Random(f"{self._seed}/{what}" if what else self._seed)  # noqa: S311 - meant to be repeated

    def beside(self, what: str) -> "Cast":
        """A cast of its own: what it draws changes nothing else, and no telephone is drawn twice.

        It takes telephones from the other end of the same row.
        """
        other = copy(self)
        other.random = self.aside(what)
        other._next_phone = self._phones.popleft
        return other

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def one_of(self, choices: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(choices)

    def at(self, first: float = 0, last: float = 24) -> datetime:
        """A moment of the day, between two hours."""
        return DAY + timedelta(seconds=self.number(int(first * 3600), int(last * 3600) - 1))

    def person(self, name: str | None = None, born: str | None = None) -> Party:
        """Somebody with a birth date, telephone, address and account."""
        born = born or f"{self.number(1945, 2007)}-{self.number(1, 12):02}-{self.number(1, 28):02}"
        return self._settled(Party(name or names.person(self.random), "Person", born))

    def company(self, name: str | None = None, schema: str = "Company") -> Party:
        """A company, or another body, with an office and an account."""
        return self._settled(Party(name or names.company(self.random), schema))

    def importer(self, name: str | None = None) -> Party:
        """A company with a business number. It starts with 0, as that of no company does."""
        eight = f"0{self.number(0, 9999999):07}"
        return replace(self.company(name), business=("bn", eight + luhn.calc_check_digit(eight)))

    def anybody(self) -> Party:
        """A person, or less often a company."""
        return self.person() if self.random.random() < 0.7 else self.company()

    def abroad(self, party: Party) -> Party:
        """The same with an account abroad, and without telephone and address here."""
        return replace(party, phone=None, address=None, account=self.foreign_account())

    def phone(self) -> Identifier | None:
        """A number that nobody else has; None when the numbers kept free for fiction are used up."""
        return ("phone", self._next_phone()) if self._phones else None

    def address(self) -> Identifier:
        """A door in a town that does not exist."""
        return ("address", f"{self.number(1, 4999)} {self.one_of(STREETS)}, {self.one_of(TOWNS)}")

    def account(self) -> Identifier:
        """An account in Canada, of an institution number that none has."""
        return ("account", f"999-{self.number(0, 99999):05}-{self.number(0, 9999999):07}")

    def foreign_account(self) -> Identifier:
        """An IBAN of a bank code that no bank has."""
        country, bank, digits = self.one_of((("AE", "999", 16), ("DE", "99999999", 10)))
        number = f"{country}00{bank}{self.number(0, 10**digits - 1):0{digits}}"
        return ("iban", number[:2] + iban.calc_check_digits(number) + number[4:])

    def parcel(self, country: str = "CN") -> str:
        """An UPU S10 number."""
        serial = f"{self.one_of(('CP', 'LX', 'RB'))}{self.number(0, 99999999):08}"
        return next(n for check in range(10) if keys(("s10", n := f"{serial}{check}{country}")))

    def vessel(self, owner: Party, *, large: bool = False) -> Vessel:
        """A vessel of Canada, with a master of its own."""
        six = f"{self.number(100000, 999999)}"
        return Vessel(
            f"{self.one_of(BOATS)} {self.number(2, 99)}",
            self.person(),
            owner,
            ("mmsi", f"316{self.number(0, 999999):06}"),
            ("imo", six + imo.calc_check_digit(six)) if large else None,
        )

    def _settled(self, party: Party) -> Party:
        return replace(party, phone=self.phone(), address=self.address(), account=self.account())
