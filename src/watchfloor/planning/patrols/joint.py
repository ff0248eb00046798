"""A joint task: legs of air and marine units, where they meet, and what changes hands.

instruction = "Watch and stop a boat without lights"
authority = "Integrated Cross-border Law Enforcement Operations Act s. 12"
begins = 2026-12-07T20:00:00-06:00
subjects = ["vessel:mmsi:316001234"]   # typed keys of who it is about; else its first place
marking = "PB//TLP:AMBER"          # this where nothing is said

[[leg]]                            # in the order in which each asset makes them; the first unit leads
unit = "rcmp-operations"           # a key of units.toml
asset = "boat-2"                   # a key of assets.toml, of that unit
role = "interdict"                 # lead, watch, interdict, transport or support
place = [49.003, -97.24]
minutes = 40                       # that it stays
meeting = "A"                      # who has the same waits there for the others, at one place
hands_over = "watch"               # to who takes_over the same, at that meeting
lands = true                       # at a [[base]] of patrols.toml; refuels there if it has fuel for it
host = "CAN"                       # of the leg's place; across the line also, see casework/tasking/legs:
officer = "CBMLEO-17"
director = "CAN:Sgt. Roy"
custody = "CAN"
vessel = "Bold Heron"              # where the asset itself is not crewed jointly
ground = "Criminal Code s. 487"    # the law cited where the Act does not reach

Each asset goes straight from its base to its legs and back, at its speed (boats 1.4 times as far), and leaves
at `begins`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.casework.tasking import legs as law
from watchfloor.casework.tasking.assets import MARKING, Asset
from watchfloor.casework.tasking.legs import HOSTS, Order
from watchfloor.casework.tasking.spots import metres
from watchfloor.casework.tasking.units import Units
from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.planning.coverage.axis import Axis
from watchfloor.planning.coverage.schedule import DETOUR, Schedule
from watchfloor.planning.coverage.weather import Weather
from watchfloor.planning.cueing import dark
from watchfloor.planning.patrols.crews import REFUELLING_S
from watchfloor.planning.patrols.operations import AT_BASE, Operations
from watchfloor.planning.readiness import UNKNOWN, Readiness
from watchfloor.reference import border

NO_ASSET = declare("joint.no-asset", "number", "asset", "unit", "assets")
NO_FUEL = declare("joint.no-fuel", "asset")
NO_RANGE = declare("joint.no-range", "asset", "number", "minutes", "most")
NO_LANDING = declare("joint.no-landing", "asset", "number")
WEATHER = declare("joint.weather", "asset", "number", "at")
DARK = declare("joint.dark", "asset", "number", "at")
ICE = declare("joint.ice", "asset", "number")
OFF_DUTY = declare("joint.off-duty", "asset", "at")
ALONE = declare("joint.alone", "meeting")
APART = declare("joint.apart", "meeting", "metres")
NEVER = declare("joint.never", "meetings")
NOBODY_TAKES = declare("joint.nobody-takes", "number", "what", "meeting")
CROSSES = declare("joint.crosses", "asset", "number", "host")
PAST = declare("joint.past", "at")
UNKNOWN_WEATHER = declare("joint.unknown-weather", "names")
UNSTATED = declare("joint.readiness-unstated", "names")

ROLES: Final = ("lead", "watch", "interdict", "transport", "support")
MEDIUM: Final = {"boat": "water", "aircraft": "air", "drone": "air"}
TOGETHER: Final = 500.0
"""Metres within which two places are one meeting."""
NEAR_LINE: Final = 50_000.0
"""Metres from the line within which its weather and ice are taken for those of a place."""
SAMPLE: Final = 500.0
"""Metres between points of a way that are asked for their country."""


class JointLeg(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A leg as the file has it; see the module."""

    unit: str
    asset: str
    role: str
    place: tuple[float, float]
    minutes: float = 0.0
    meeting: str = ""
    hands_over: str = ""
    takes_over: str = ""
    lands: bool = False
    host: str = "CAN"
    officer: str | None = None
    director: str | None = None
    custody: str | None = None
    vessel: str | None = None
    ground: str | None = None


class JointFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A joint task as its file has it."""

    instruction: str
    authority: str
    begins: datetime
    leg: tuple[JointLeg, ...]
    subjects: tuple[str, ...] = ()
    marking: str = MARKING


class Movement(NamedTuple):
    """A leg with its times.

    Attributes:
        number: in the file, 1 first; leg: what is done.
        arrives, leaves: when; waits: seconds until the others are there.
        left: seconds of endurance left when it leaves.
    """

    number: int
    leg: JointLeg
    arrives: datetime
    leaves: datetime
    waits: float
    left: float


class Basis(NamedTuple):
    """The facts that a joint task is checked against, as far as a reader may know them."""

    fleet: Mapping[str, Asset]
    ground: Operations
    ready: Mapping[str, Readiness]
    duty: Schedule
    where: Axis


def read(path: Path) -> JointFile:
    """Read a joint task. Raises `SettingsError`, which names the line."""
    file = Settings(read_text(path), path.name)
    found = file.convert(file.values, JointFile)
    for keys, problem in _problems(found):
        raise file.wrong(keys, problem)
    return found


def _problems(found: JointFile) -> Iterator[tuple[tuple[str, ...], str]]:
    if found.begins.tzinfo is None:
        yield ("begins",), "needs a time zone, such as 2026-12-07T20:00:00-06:00"
    if not found.leg:
        yield ("leg",), "a joint task has legs"
    try:
        parse(found.marking)
    except MarkingError as error:
        yield ("marking",), str(error)
    for one in found.leg:
        if one.role not in ROLES:
            yield ("leg", "role"), f"{one.role!r} is no role{nearest(one.role, ROLES)}"
        if one.host not in HOSTS:
            yield ("leg", "host"), f"{one.host!r} is neither CAN nor USA"
        if not (abs(one.place[0]) <= 90 and abs(one.place[1]) <= 180):
            yield ("leg", "place"), "is a latitude and a longitude, degrees"
        if not 0 <= one.minutes < 24 * 60:
            yield ("leg", "minutes"), "are 0 or more, and less than a day"
        if (one.hands_over or one.takes_over) and not one.meeting:
            yield ("leg", "meeting"), "what changes hands needs a meeting"


def order_of(found: JointFile, fleet: Mapping[str, Asset], instruction: str) -> Order:
    """Return a joint task as an order to the unit of the first leg, which the others support."""
    units = list(dict.fromkeys(one.unit for one in found.leg))
    parts = tuple(
        law.Leg(
            one.host,
            MEDIUM.get(fleet[one.asset].kind, "land"),
            *one.place,
            vessel=one.vessel or (one.asset if fleet[one.asset].kind == "boat" else None),
            officer=one.officer,
            director=one.director,
            custody=one.custody,
            authority=one.ground,
        )
        for one in found.leg
    )
    return Order(
        "task",
        units[0],
        None,
        (),
        instruction,
        found.authority,
        found.marking,
        starts=found.begins,
        legs=parts,
        joins=tuple(units[1:]),
    )


def check(found: JointFile, units: Units, basis: Basis, now: datetime, language: Language) -> list[Movement]:
    """Return the legs with their times, in the order of the file.

    Weather is not asked here, see `see_weather`.

    Raises:
        Refusal: a leg cannot be made, or lacks what the law asks of it.
    """
    if found.begins < now:
        raise Unusable(reason(PAST, at=found.begins.isoformat()))
    _see_assets(found, units, basis.fleet, language)
    _see_meetings(found)
    law.checked(units, basis.fleet, order_of(found, basis.fleet, found.instruction), language)
    moves = _times(found, basis)
    for name in dict.fromkeys(one.asset for one in found.leg):
        mine = [one for one in moves if one.leg.asset == name]
        _see_asset(name, basis, found.begins, mine)
        _see_way(name, basis.fleet[name], mine)
    return sorted(moves)


def _see_assets(found: JointFile, units: Units, fleet: Mapping[str, Asset], language: Language) -> None:
    for number, one in enumerate(found.leg, 1):
        unit = units.unit(one.unit).called(language)
        theirs = [name for name, asset in fleet.items() if asset.unit == one.unit and asset.speed_m_s > 0]
        if one.asset not in theirs:
            named = ", ".join(theirs) or "–"
            raise Unusable(reason(NO_ASSET, number=number, asset=one.asset, unit=unit, assets=named))


def _see_meetings(found: JointFile) -> None:
    """See that two are at each meeting, at one place, and that what is handed over is taken over."""
    for name in dict.fromkeys(one.meeting for one in found.leg if one.meeting):
        here = [(number, one) for number, one in enumerate(found.leg, 1) if one.meeting == name]
        if len({one.asset for _, one in here}) < 2:
            raise Unusable(reason(ALONE, meeting=name))
        apart = max(metres(*first.place, *second.place) for _, first in here for _, second in here)
        if apart > TOGETHER:
            raise Unusable(reason(APART, meeting=name, metres=round(apart)))
        given = {one.hands_over: number for number, one in here if one.hands_over}
        taken = {one.takes_over: number for number, one in here if one.takes_over}
        for what in given.keys() ^ taken.keys():
            number = given.get(what) or taken[what]
            raise Unusable(reason(NOBODY_TAKES, number=number, what=what, meeting=name))


def _takes(asset: Asset, first: Sequence[float], second: Sequence[float]) -> float:
    """Return the seconds from a place to another."""
    detour = 1.0 if asset.kind in ("aircraft", "drone") else DETOUR
    return detour * metres(*first, *second) / asset.speed_m_s


def _times(found: JointFile, basis: Basis) -> list[Movement]:
    """Return when each leg is, waiting at meetings. Raises `Unusable` if meetings wait for each other."""
    ways: dict[str, list[tuple[int, JointLeg]]] = {}
    for number, one in enumerate(found.leg, 1):
        ways.setdefault(one.asset, []).append((number, one))
    done: list[Movement] = []
    state: dict[str, tuple[tuple[float, float], datetime, float]] = {}
    for name in ways:
        asset = basis.fleet[name]
        ready = basis.ready.get(name, UNKNOWN)
        ends = asset.endurance_s
        home = basis.ground.base_of(asset)
        if not np.isfinite(ends):
            raise Unusable(reason(NO_FUEL, asset=name))
        if home is None or asset.kind not in home.fuel:
            ends = min(ends, ready.endurance_s)
        leaves = found.begins + timedelta(seconds=asset.ready_s)
        state[name] = (asset.latitude, asset.longitude), leaves, ends
    while any(ways.values()):
        moved = False
        for name, way in ways.items():
            while way:
                number, one = way[0]
                heads = {other: legs[0][1] for other, legs in ways.items() if legs}
                with_ = [other for other, leg in heads.items() if one.meeting and leg.meeting == one.meeting]
                every = {leg.asset for leg in found.leg if one.meeting and leg.meeting == one.meeting}
                if every - set(with_):
                    break
                together = with_ or [name]
                begins = max(_arrives(basis.fleet[each], state[each], heads[each]) for each in together)
                done += [_move(*ways[other].pop(0), basis, state, begins) for other in together]
                for other in together:
                    last = next(each for each in reversed(done) if each.leg.asset == other)
                    state[other] = last.leg.place, last.leaves, last.left
                moved = True
        if not moved:
            waiting = sorted({way[0][1].meeting for way in ways.values() if way})
            raise Unusable(reason(NEVER, meetings=", ".join(waiting)))
    return done


def _arrives(asset: Asset, state: tuple[tuple[float, float], datetime, float], leg: JointLeg) -> datetime:
    return state[1] + timedelta(seconds=_takes(asset, state[0], leg.place))


def _move(
    number: int,
    leg: JointLeg,
    basis: Basis,
    state: Mapping[str, tuple[tuple[float, float], datetime, float]],
    begins: datetime,
) -> Movement:
    """Return a leg that begins when all are there. Raises `Unusable` for lack of fuel or of a base."""
    name, asset = leg.asset, basis.fleet[leg.asset]
    arrives = _arrives(asset, state[name], leg)
    takes = (arrives - state[name][1]).total_seconds()
    waits, stays = (begins - arrives).total_seconds(), leg.minutes * 60.0
    leaves = begins + timedelta(seconds=stays)
    left = state[name][2] - takes
    if leg.lands:
        near = [
            one
            for one in basis.ground.base
            if metres(one.latitude, one.longitude, *leg.place) <= AT_BASE and one.takes(asset)
        ]
        if not near:
            raise Unusable(reason(NO_LANDING, asset=name, number=number))
        if left >= 0 and any(asset.kind in one.fuel for one in near):
            leaves = max(leaves, arrives + timedelta(seconds=REFUELLING_S))
            return Movement(number, leg, arrives, leaves, waits, asset.endurance_s)
    else:
        left -= waits + stays
    if left < 0:
        raise _too_far(name, number, state[name][2] - left, state[name][2])
    return Movement(number, leg, arrives, leaves, waits, left)


def _too_far(name: str, number: int, seconds: float, most: float) -> Unusable:
    minutes = {"minutes": round(seconds / 60), "most": round(most / 60)}
    return Unusable(reason(NO_RANGE, asset=name, number=number, **minutes))


def _see_asset(name: str, basis: Basis, begins: datetime, mine: Sequence[Movement]) -> None:
    """See that an asset gets home, may land there, is ready, on duty, and neither in the dark nor in ice."""
    asset, last = basis.fleet[name], mine[-1]
    back = _takes(asset, last.leg.place, (asset.latitude, asset.longitude))
    if back > last.left:
        raise _too_far(name, last.number, back, last.left)
    home = basis.ground.base_of(asset)
    if asset.runway_m and not (home and home.takes(asset)):
        raise Unusable(reason(NO_LANDING, asset=name, number=last.number))
    ends = last.leaves + timedelta(seconds=back)
    if why := basis.ready.get(name, UNKNOWN).within(begins, ends):
        raise Unusable(why[0])
    watches = [one for one in basis.duty.watch if one.asset == name]
    hour = begins.replace(minute=0, second=0, microsecond=0)
    since, until = ((one - hour) / timedelta(hours=1) for one in (begins, ends))
    turns = [turn for one in watches for turn in one.turns(hour, int(until) + 1, basis.duty.zoneinfo)]
    if watches and not any(turn[0] <= since and until <= turn[1] for turn in turns):
        raise Unusable(reason(OFF_DUTY, asset=name, at=f"{begins:%Y-%m-%d %H:%M%z}"))
    for one in mine:
        for at in (one.arrives, one.leaves):
            if not (asset.night or asset.thermal) and bool(dark(*one.leg.place, at)):
                raise Unusable(reason(DARK, asset=name, number=one.number, at=f"{at:%Y-%m-%d %H:%M%z}"))
        km = _kilometre(one.leg)
        day = one.arrives.astimezone(basis.duty.zoneinfo).date()
        if asset.kind == "boat" and km is not None and basis.ground.frozen(basis.where, day, 1)[km]:
            raise Unusable(reason(ICE, asset=name, number=one.number))


def _kilometre(leg: JointLeg) -> int | None:
    """Return the kilometre of the line by which a leg is; None of one far from it."""
    near = border.load().nearest(*leg.place)
    return int(near.km[0]) if near.metres[0] <= NEAR_LINE and not near.alaska[0] else None


def _see_way(name: str, asset: Asset, mine: Sequence[Movement]) -> None:
    """See that no way crosses into a country in which this asset has no leg: each has its own law."""
    hosts = {one.leg.host for one in mine}
    here = asset.latitude, asset.longitude
    for one in [*mine, None]:
        there = one.leg.place if one else (asset.latitude, asset.longitude)
        count = 2 + int(metres(*here, *there) / SAMPLE)
        ways = (np.linspace(first, second, count) for first, second in zip(here, there, strict=True))
        for host in np.unique(_sides(*ways)):
            if host and host not in hosts:
                number = one.number if one else mine[-1].number
                raise Unusable(reason(CROSSES, asset=name, number=number, host=str(host)))
        here = there


def _sides(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Return the country of each point; none of those at the line itself."""
    line = border.load()
    found = line.side(latitude, longitude)
    return np.where(line.nearest(latitude, longitude).metres <= law.SLACK, "", found)


def see_weather(moves: Sequence[Movement], basis: Basis, sky: Weather, start: datetime) -> list[str]:
    """See that the weather lets each asset make its legs; return the assets of which none is known.

    Args:
        moves: legs with their times.
        basis: with the fleet and the line.
        sky: weather of the line from `start` on.
        start: its first hour.

    Raises:
        Unusable: it keeps one in.
    """
    unknown = []
    hours = sky.visibility.shape[1]
    middles = [start + timedelta(hours=hour + 0.5) for hour in range(hours)]
    for one in moves:
        name, km = one.leg.asset, _kilometre(one.leg)
        first, last = (int((at - start) / timedelta(hours=1)) for at in (one.arrives, one.leaves))
        if km is None or not np.isfinite([sky.visibility[km], sky.wind_speed[km]])[:, first : last + 1].any():
            unknown.append(name)
            continue
        night = np.array([[bool(dark(*one.leg.place, at)) for at in middles]])
        out = sky.goes_out(basis.fleet[name].kind, np.array([km]), night)[0]
        for hour in range(first, min(last + 1, hours)):
            if not out[hour]:
                at = f"{start + timedelta(hours=hour):%Y-%m-%d %H:%MZ}"
                raise Unusable(reason(WEATHER, asset=name, number=one.number, at=at))
    return list(dict.fromkeys(unknown))
