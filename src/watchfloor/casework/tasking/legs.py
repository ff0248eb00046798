"""Orders, and their legs: the parts across the line, each in one country, and what the law asks of them.

The law is the Integrated Cross-border Law Enforcement Operations Act (S.C. 2012, c. 19, s. 368), "the Act"
in what is said here. It covers one thing: a vessel that designated officers of both countries crew, in
undisputed waters along the line (s. 2), directed by an officer of the country it is in (s. 4(b)(iii)), with
aircraft in support (s. 7(1)(c)). What else crosses the line needs an authority that a person cites; whether
that holds is not for a program to say. Rescue is no law enforcement: a task under a power of rescue needs no
legs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from math import ceil
from typing import Any, Final

from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.spots import place
from watchfloor.casework.tasking.units import POLICE, Unit, Units, cited, covering
from watchfloor.cell.acts import refuse
from watchfloor.core.messages import Language, declare
from watchfloor.reference import border, disputed

HOSTS: Final = ("CAN", "USA")
MEDIA: Final = ("water", "air", "land")
ACT: Final = "cross-border"
"""The Act's key in `units.toml`."""
ABROAD: Final = (*POLICE, "foreign-partner")
"""Of those from the United States, s. 8(1): coast guard, police, other law enforcement."""

SLACK: Final = 50.0
"""Metres about which a place beside the line may be wrong: what a chart's plotting loses."""

UNREADABLE: Final = declare("cell.leg-unreadable", "piece")
TWICE: Final = declare("cell.leg-twice", "text", "key")
NO_HOST: Final = declare("cell.leg-no-host", "host")
NO_MEDIUM: Final = declare("cell.leg-no-medium", "medium")
REACHES: Final = declare("cell.legs-reaches", "host", "metres")
BEYOND: Final = declare("cell.legs-beyond", "host")
NO_PARTY: Final = declare("cell.legs-no-party", "unit", "organisation")
NO_OFFICER: Final = declare("cell.legs-no-officer", "number", "host", "medium_words")
NO_DIRECTOR: Final = declare("cell.legs-no-director", "number", "host", "medium_words")
NOT_OF_HOST: Final = declare("cell.legs-not-of-host", "number", "host", "director")
NO_CUSTODY: Final = declare("cell.legs-no-custody", "number", "host", "medium_words")
OTHER_LAW: Final = declare("cell.legs-other-law", "number", "host", "custody")
NO_AUTHORITY: Final = declare("cell.legs-no-authority", "number", "host")
AIR_ALONE: Final = declare("cell.legs-air-alone", "number", "host")
NO_WATERS: Final = declare("cell.legs-no-waters", "number", "host")
DISPUTED: Final = declare("cell.legs-disputed", "number", "areas")
NO_VESSEL: Final = declare("cell.legs-no-vessel", "number", "host")
NOT_JOINT: Final = declare("cell.legs-not-joint", "number", "host", "vessel")
WRONG_SIDE: Final = declare("cell.legs-wrong-side", "number", "side", "host")
NO_LOOKOUT: Final = declare("cell.legs-no-task", "form_words")
JOINS_ITSELF: Final = declare("cell.joins-itself", "unit")
NO_ASSET: Final = declare("cell.no-asset", "asset", "units", "assets")


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a task, in one country. What is not said is None.

    Attributes:
        host: the country, ISO 3166-1 alpha-3.
        medium: water, air or land.
        latitude, longitude: degrees.
        vessel: that officers of both countries crew: an asset of the floor, or another that a person names.
        officer: appointed officer, by name or number of the certificate (s. 10).
        director: who directs there, a designated officer of the host: `USA:Lt. Doe` (s. 4(b)(iii)).
        custody: country whose law holds persons and things (ss. 13-15).
        authority: the law that a person cites for it, which a leg over land needs.
    """

    host: str
    medium: str
    latitude: float | None = None
    longitude: float | None = None
    vessel: str | None = None
    officer: str | None = None
    director: str | None = None
    custody: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order to a unit.

    Attributes:
        form: task, lookout or target.
        unit: the unit's key.
        lead: id of the lead, or None.
        subjects: typed keys.
        instruction: what is asked, in words.
        authority: statute and section.
        marking: of the task and of every act on it.
        deadline: by when, or None.
        flags: dangers that go with it.
        place: latitude and longitude in degrees and radius in metres, or None.
        starts: from when, or None.
        legs: its parts by country, where it lies across the line.
        joins: keys of further units, which support it.
        asset: name of what is to be sent or pointed, or None.
    """

    form: str
    unit: str
    lead: str | None
    subjects: tuple[str, ...]
    instruction: str
    authority: str
    marking: str
    deadline: datetime | None = None
    flags: tuple[str, ...] = ()
    place: tuple[float, float, float] | None = None
    starts: datetime | None = None
    legs: tuple[Leg, ...] = ()
    joins: tuple[str, ...] = ()
    asset: str | None = None


NAMES: Final = tuple(field.name for field in fields(Leg))
_KEYS: Final = ("host", "medium", "place", "vessel", "officer", "director", "custody", "authority")


def leg(text: str) -> Leg:
    """A leg of a text such as `host=USA,medium=water,officer=12,director=USA:Lt. Doe,custody=USA`.

    Raises:
        Refusal: it is none.
    """
    said = dict(_pieces(text))
    host, medium = said.get("host", "").upper(), said.get("medium", "").lower()
    if host not in HOSTS:
        refuse(NO_HOST, host=host)
    if medium not in MEDIA:
        refuse(NO_MEDIUM, medium=medium)
    latitude, longitude, _ = place(said["place"]) if "place" in said else (None, None, None)
    named = {key: said.get(key) for key in ("vessel", "officer", "director", "authority")}
    custody = said["custody"].upper() if "custody" in said else None
    return Leg(host, medium, latitude, longitude, custody=custody, **named)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values of a leg, empty ones left out. A comma that no `key=` follows belongs to a value."""
    seen: set[str] = set()
    for piece in re.split(r",(?=\s*[a-z]+\s*=)", text.strip()):
        key, equals, value = (part.strip() for part in piece.partition("="))
        if not equals or key not in _KEYS:
            refuse(UNREADABLE, piece=piece.strip())
        if key in seen:
            refuse(TWICE, text=text, key=key)
        seen.add(key)
        if value:
            yield key, value


def checked(units: Units, fleet: Mapping[str, Asset], order: Order, language: Language = "en") -> None:
    """See that an order may be given as far as the line is concerned.

    Args:
        units: the table of units.
        fleet: what the floor has to send, by name.
        order: what is asked; its unit and authority are checked already.
        language: of what a refusal names.

    Raises:
        Refusal: who supports it is not covered, the asset is none of theirs, a leg's place is not in the
            country that it says, or the task lies across the line and lacks what the law asks of that.
    """
    _see_joined(units, order, language)
    _see_asset(units, fleet, order, language)
    if order.form != "task":
        if order.legs:
            refuse(NO_LOOKOUT, form_words=order.form)
        return
    for number, one in enumerate(order.legs, 1):  # first: `lies_in` takes each leg's word for its country
        _see_side(one, {"number": number, "host": one.host})
    unit = units.unit(order.unit)
    hosts = lies_in(order)
    if not hosts - {unit.country}:
        return
    if covering(units, order.unit, order.form, order.authority, language).rescue:
        return
    _see_covered(order, unit.country)
    for party in (unit, *map(units.unit, order.joins)):
        _see_party(party, language)
    for number, one in enumerate(order.legs, 1):
        _see(units, fleet, order, one, number)


def lies_in(order: Order) -> frozenset[str]:
    """Countries that a task lies in, by its legs and by its place; none where no side is asserted."""
    placed = sides(*order.place) if order.place and order.form == "task" else frozenset()
    return placed.union(one.host for one in order.legs)


def sides(latitude: float, longitude: float, radius: float = 0.0) -> frozenset[str]:
    """Countries within so many metres of a place; none in disputed waters, and where it is too far to say."""
    if disputed.WATERS.intersection(disputed.touched(latitude, longitude, radius)):
        return frozenset()
    line = border.load()
    (here,) = line.side(latitude, longitude).tolist()
    if not here:
        return frozenset()
    return frozenset(HOSTS) if _metres(latitude, longitude) <= radius else frozenset({here})


def _metres(latitude: float, longitude: float) -> float:
    """To the line."""
    return float(border.load().nearest(latitude, longitude).metres[0])


def _see_joined(units: Units, order: Order, language: Language) -> None:
    for number, name in enumerate(order.joins):
        covering(units, name, order.form, order.authority, language)
        if name in (order.unit, *order.joins[:number]):
            refuse(JOINS_ITSELF, unit=units.unit(name).called(language))


def _see_asset(units: Units, fleet: Mapping[str, Asset], order: Order, language: Language) -> None:
    theirs = (order.unit, *order.joins)
    mine = [name for name, one in fleet.items() if one.unit in theirs]
    if order.asset is not None and order.asset not in mine:
        named = ", ".join(units.unit(one).called(language) for one in theirs)
        refuse(NO_ASSET, asset=order.asset, units=named, assets=", ".join(mine) or "-")


def _see_party(unit: Unit, language: Language) -> None:
    may = unit.institution in (ABROAD if unit.country == "USA" else POLICE)
    if unit.country not in HOSTS or not may:
        refuse(NO_PARTY, unit=unit.called(language), organisation=unit.organisation)


def _see_covered(order: Order, home: str) -> None:
    """Every country that its place lies in has a leg."""
    if order.place is None:
        return
    latitude, longitude, radius = order.place
    found = sides(latitude, longitude, radius)
    for host in sorted(found.difference(one.host for one in order.legs)):
        if len(found) == 1 or order.legs or home not in sides(latitude, longitude):
            refuse(BEYOND, host=host)
        (other,) = found - {home}
        refuse(REACHES, host=other, metres=max(ceil(_metres(latitude, longitude)) - 1, 0))


def _see(units: Units, fleet: Mapping[str, Asset], order: Order, one: Leg, number: int) -> None:
    """One leg has what is asked of it."""
    told: dict[str, Any] = {"number": number, "host": one.host}
    _see_said(one, told)
    if _is_outside(units, one) and one.medium == "land":
        refuse(NO_AUTHORITY, **told)
    if one.medium == "water":
        _see_waters(fleet, order, one, units.unit(order.unit).country, told)
    supported = any(other.medium == "water" for other in order.legs)
    if one.medium == "air" and not supported and _is_outside(units, one):
        refuse(AIR_ALONE, **told)


def _see_said(one: Leg, told: dict[str, Any]) -> None:
    medium = {"medium_words": one.medium}
    if not one.officer:
        refuse(NO_OFFICER, **told, **medium)
    if not one.director:
        refuse(NO_DIRECTOR, **told, **medium)
    country, _, name = (part.strip() for part in one.director.partition(":"))
    if country.upper() != one.host or not name:
        refuse(NOT_OF_HOST, **told, director=one.director)
    if not one.custody:
        refuse(NO_CUSTODY, **told, **medium)
    if one.custody != one.host:
        refuse(OTHER_LAW, **told, custody=one.custody)


def _is_outside(units: Units, one: Leg) -> bool:
    """Whether no law is cited for a leg that the Act does not cover: the Act itself is none."""
    if not one.authority:
        return True
    law = cited(units, one.authority)
    return law is not None and law.statute == ACT


def _see_side(one: Leg, told: dict[str, Any]) -> None:
    """A leg's place is in its country; where the line is marked and not asserted, nobody says otherwise."""
    if one.latitude is None or one.longitude is None or disputed.touched(one.latitude, one.longitude):
        return
    found = sides(one.latitude, one.longitude, SLACK)
    if found and one.host not in found:
        refuse(WRONG_SIDE, **told, side=", ".join(found))


def _see_waters(fleet: Mapping[str, Asset], order: Order, one: Leg, home: str, told: dict[str, Any]) -> None:
    """They are undisputed, and those of the other country see a vessel that both crew."""
    own = None if one.latitude is None or one.longitude is None else (one.latitude, one.longitude, 0.0)
    where = own or order.place
    if where is None:
        refuse(NO_WATERS, **told)
    if areas := sorted(disputed.WATERS.intersection(disputed.touched(*where))):
        refuse(DISPUTED, number=told["number"], areas=", ".join(areas))
    if one.host == home:
        return
    vessel = one.vessel or order.asset
    if not vessel:
        refuse(NO_VESSEL, **told)
    if vessel in fleet and not (fleet[vessel].kind == "boat" and fleet[vessel].joint):
        refuse(NOT_JOINT, **told, vessel=vessel)


def of_row(rows: list[dict[str, Any]] | None) -> tuple[Leg, ...]:
    """Legs of a record."""
    return tuple(Leg(**{name: row[name] for name in NAMES}) for row in rows or ())


def described(one: Leg, say: Callable[[str], str]) -> Iterator[str]:
    """Yield the texts of a leg, piece by piece; `say` gives the words of a language."""
    yield f"{one.host}, {say(one.medium)}"
    if one.latitude is not None and one.longitude is not None:
        yield f"{one.latitude:.5f}, {one.longitude:.5f}"
    for name in ("vessel", "officer", "director", "custody", "authority"):
        if value := getattr(one, name):
            yield f"{say(name)}: {value}"
