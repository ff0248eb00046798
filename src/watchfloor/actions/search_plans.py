"""The search for one object: where it may be by now, who looks where for how long, and what is left."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import numpy as np
from msgspec.structs import replace

from watchfloor.actions import base
from watchfloor.actions.base import (
    FILE,
    WROTE,
    Answer,
    Context,
    Line,
    Request,
    action,
    new_file,
    note,
    option,
    refuse_existing,
)
from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.spots import place
from watchfloor.cell.acts import NotFound, Unusable
from watchfloor.cell.wording.dates import moment
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.messages import number
from watchfloor.planning import current_targets
from watchfloor.planning.patrols import operations, search_areas, search_files, searching
from watchfloor.planning.patrols.search_areas import WITHIN_95, Areas, Datum, Searcher
from watchfloor.planning.readiness import UNKNOWN
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ONE_START: Final = declare("patrols.search-one-start")
NO_TRACK: Final = declare("patrols.search-no-track", "track")
NO_DRIFT: Final = declare("patrols.search-drift", "text")
NO_ASSET: Final = declare("patrols.search-no-asset", "asset", "assets")
NOBODY: Final = declare("patrols.search-nobody")
TOO_FAR: Final = declare("patrols.search-too-far", "names")
NO_PLACE_ERROR: Final = declare("patrols.search-no-error")
NOTHING_SWEPT: Final = declare("patrols.search-nothing-swept", "file")
BEFORE: Final = declare("patrols.search-before")
SHOWN: Final = 12
"""Areas that a terminal shows; JSON has all that are searched."""


class PlanSearch(Request, frozen=True):
    """Where the object was known to be, how it drifts, and who searches."""

    at: Annotated[
        str, option("Where it was last known, and the radius that holds 95 %.", metavar="LAT,LON,METRES")
    ] = ""
    track: Annotated[str, option("Or the track that it had, with its error and speed.", metavar="TRACK")] = ""
    map: Annotated[
        Path | None,
        option("Or a map of areas with `poa`: GeoJSON, or shapes for TAK.", metavar="FILE", exists=FILE),
    ] = None
    searched: Annotated[bool, option("The plan in that map was carried out, and nothing was found.")] = False
    since: Annotated[str, option("When it was last known; else now.", metavar="MOMENT")] = ""
    begins: Annotated[str, option("When the search begins; else now.", metavar="MOMENT")] = ""
    drift: Annotated[
        str, option("Where it drifts to, degrees from north, and metres a second.", metavar="DEGREES,SPEED")
    ] = ""
    spread: Annotated[
        float, option("Standard deviation of that velocity, metres a second.", minimum=0, maximum=50)
    ] = 0.2
    asset: Annotated[tuple[str, ...], option("Who searches; else all that can. Repeatable.")] = ()
    hours: Annotated[float, option("Hours that each searches there at most.", minimum=0, maximum=48)] = 2.0
    cell: Annotated[float, option("Metres of a cell; else 60 across.", minimum=0, maximum=50_000)] = 0.0
    output: Annotated[
        Path | None,
        option("Folder for GeoJSON and shapes for TAK.", spelling="--out -o", metavar="FOLDER"),
    ] = None


class SearchArea(Answer, frozen=True):
    """An area that is searched.

    Attributes:
        poa: probability that the object is there; pod: that it is found, if it is.
        hours: of all that search there; assets: who.
    """

    texts: ClassVar = "search_plan"

    number: int
    latitude: float
    longitude: float
    poa: float
    pod: float
    hours: float
    assets: list[str]


class SearchAsset(Answer, frozen=True):
    """An asset that searches: metres that it sweeps, minutes until it is there, hours that it searches."""

    texts: ClassVar = "search_plan"

    asset: str
    width: float
    minutes: float
    hours: float
    areas: int


class SearchPlan(Answer, frozen=True):
    """A search.

    Attributes:
        at: when the map holds.
        cells: areas of the map; cell: metres of each, 0 if somebody drew them.
        outside: probability that the object is in none of them.
        success: that this search finds it.
        areas: that are searched, those that find most first.
        assets: who searches.
        remarks: what is not in it.
    """

    texts: ClassVar = "search_plan"
    unprinted: ClassVar = ("language",)

    at: datetime
    cells: int
    cell: float
    outside: float
    success: float
    areas: list[SearchArea]
    assets: list[SearchAsset]
    marking: str
    remarks: list[str]
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | base.Table]:
        """Yield who searches, where first, and how likely it succeeds."""
        of = partial(number, language=self.language)
        yield base.Table(
            "",
            (say(f"search_plan.{name}") for name in ("asset", "width", "minutes", "hours", "areas")),
            (
                (one.asset, of(one.width), of(one.minutes), of(one.hours, digits=2), of(one.areas))
                for one in self.assets
            ),
        )
        yield base.Table(
            say("search_plan.first"),
            (
                say(f"search_plan.{name}")
                for name in ("number", "place", "poa", "pod", "minutes_there", "assets")
            ),
            (
                (
                    str(one.number),
                    f"{one.latitude:.5f}, {one.longitude:.5f}",
                    of(100 * one.poa, digits=2),
                    of(100 * one.pod, digits=1),
                    of(60 * one.hours, digits=2),
                    ", ".join(one.assets),
                )
                for one in self.areas[:SHOWN]
            ),
            say("search_plan.none"),
        )
        shares = {"success": of(100 * self.success, digits=1), "outside": of(100 * self.outside, digits=1)}
        yield Line(say("search_plan.finds", **shares))
        yield Line(self.marking)


@action("plan search", "plan search --at 45.01,-73.45,800 --since 2026-12-01T03:00Z --drift 90,0.4 -o search")
def plan(context: Context, ask: PlanSearch) -> SearchPlan:
    """Plan the search for one object that drifts: probability of each area, and who looks where how long.

    Effort is shared so that no other sharing finds the object more probably (Koopman 1957). After a search
    that found nothing, give the map that it wrote with --searched: the next map is Bayes' of that. Maps go
    out and come in as GeoJSON and as shapes for TAK.
    """
    floor, reader = context.floor, context.reader
    refuse_existing(ask.output)
    now = floor.now()
    begins = moment(ask.begins) if ask.begins else now
    areas, markings = _areas(floor, reader, ask, now, begins)
    by, remarks, of_fleet = _searchers(floor, reader, ask, areas, begins)
    swept = search_areas.allocation(areas, by)
    hours = swept / np.array([[max(one.width * one.speed, 1e-9) * 3600.0] for one in by])
    total = swept.sum(0)
    rates = 1.0 / areas.area
    marking = joined((markings | of_fleet) - {""})
    answer = SearchPlan(
        at=areas.at,
        cells=len(areas.polygons),
        cell=areas.grid.cell if areas.grid else 0.0,
        outside=areas.chances.outside,
        success=searching.success(areas.chances, rates, total),
        areas=_searched(areas, swept, hours, by),
        assets=[
            SearchAsset(
                asset=one.name,
                width=round(one.width, 1),
                minutes=round(one.transit / 60, 1),
                hours=round(one.seconds / 3600, 3),
                areas=int(np.count_nonzero(swept[at])),
            )
            for at, one in enumerate(by)
        ],
        marking=marking,
        remarks=[one.render(context.language) for one in remarks],
        language=context.language,
    )
    context.log_query("plan search", cells=answer.cells, assets=[one.name for one in by])
    for remark in remarks:
        context.note(remark)
    if ask.output:
        names = [one.name for one in by]
        ask.output.mkdir(parents=True)
        files = {"search.geojson": search_files.geojson, "search.cot.xml": search_files.shapes}
        for name, written in files.items():
            with new_file(ask.output / name, written(areas, swept, names, hours, marking)):
                pass
        note(context, WROTE, file=str(ask.output))
    return answer


def _areas(
    floor: Floor, reader: Reader, ask: PlanSearch, now: datetime, begins: datetime
) -> tuple[Areas, set[str]]:
    """Return the map at the begin of the search, and the markings of what it rests on."""
    if sum(map(bool, (ask.at, ask.track, ask.map))) != 1 or (ask.searched and not ask.map):
        raise Unusable(reason(ONE_START))
    velocity = _velocity(ask.drift)
    if ask.map:
        areas = search_files.read(ask.map, begins)
        if begins < areas.at:
            raise Unusable(reason(BEFORE))
        if ask.searched:
            if not areas.swept.any():
                raise Unusable(reason(NOTHING_SWEPT, file=ask.map.name))
            areas = search_areas.found_nothing(areas)
        moves = velocity is not None
        north, east = velocity or (0.0, 0.0)
        drifted = search_areas.drifted(areas, begins, north, east, ask.spread if moves else 0.0)
        return drifted, {areas.marking}
    if ask.track:
        datum, marking = _track(floor, reader, ask.track, now)
    else:
        latitude, longitude, metres = place(ask.at)
        if not metres:
            raise Unusable(reason(NO_PLACE_ERROR))
        variance = (metres / WITHIN_95) ** 2
        since = moment(ask.since) if ask.since else now
        datum, marking = Datum(latitude, longitude, variance, variance, 0.0, 0.0, 0.0, since), ""
    if velocity is not None:
        datum = datum._replace(v_north=velocity[0], v_east=velocity[1])
    if begins < datum.at:
        raise Unusable(reason(BEFORE))
    return search_areas.around(datum, begins, ask.spread, ask.cell), {marking}


def _velocity(text: str) -> tuple[float, float] | None:
    """Return metres a second north and east of a text such as `90,0.4`; None of none. Raises `Unusable`."""
    if not text:
        return None
    try:
        degrees, speed = map(float, text.split(","))
    except ValueError:
        degrees = speed = np.nan
    if not (abs(degrees) <= 360 and 0 <= speed <= 100):
        raise Unusable(reason(NO_DRIFT, text=text))
    towards = np.radians(degrees)
    return speed * float(np.cos(towards)), speed * float(np.sin(towards))


def _track(floor: Floor, reader: Reader, key: str, now: datetime) -> tuple[Datum, str]:
    """Return where a track was last, how it went on, and its marking. Raises `NotFound`."""
    rows = current_targets.read(floor, reader, now)
    names = [] if rows is None else current_targets.keys(rows).to_pylist()
    if rows is None or key not in names:
        raise NotFound(reason(NO_TRACK, track=key))
    row = rows.slice(names.index(key), 1).to_pylist()[0]
    north, east, v_north, v_east = (
        float(row[one] or 0.0) for one in ("var_north", "var_east", "v_north", "v_east")
    )
    return (
        Datum(row["latitude"], row["longitude"], north, east, 0.0, v_north, v_east, row["until"]),
        row["marking"],
    )


def _searchers(
    floor: Floor, reader: Reader, ask: PlanSearch, areas: Areas, begins: datetime
) -> tuple[list[Searcher], list[Reason], set[str]]:
    """Return who searches, who does not and why, and the markings of those who do."""
    fleet = {name: one for name, one in assets.visible(floor.root, reader).items() if one.speed_m_s > 0}
    if missing := [name for name in ask.asset if name not in fleet]:
        raise Unusable(reason(NO_ASSET, asset=missing[0], assets=", ".join(fleet) or "–"))
    ground = operations.load(floor.root).visible(reader)
    state = ground.ready(floor.now())
    remarks: list[Reason] = []
    ready = {}
    for name, one in fleet.items():
        if ask.asset and name not in ask.asset:
            continue
        mine = state.get(name, UNKNOWN)
        if why := mine.within(begins, begins):
            remarks += why
            continue
        ready[name] = replace(one, endurance_s=min(one.endurance_s, mine.endurance_s))
    weights = areas.chances.inside / areas.chances.inside.sum()
    middle = np.array([(one.centroid.y, one.centroid.x) for one in areas.polygons])
    centre = weights @ middle
    by, far = search_areas.searchers(ready, (float(centre[0]), float(centre[1])), ask.hours)
    if far:
        remarks.append(reason(TOO_FAR, names=", ".join(far)))
    if not by:
        raise Unusable(remarks[0] if remarks else reason(NOBODY))
    return by, remarks, {fleet[one.name].marking for one in by}


def _searched(
    areas: Areas, swept: search_areas.Floats, hours: search_areas.Floats, by: list[Searcher]
) -> list[SearchArea]:
    """Return the areas that are searched, those that find most first."""
    total = swept.sum(0)
    pod = -np.expm1(-total / areas.area)
    some = np.flatnonzero(total > 0)
    found = areas.chances.inside * pod
    answer = []
    for at in some[np.argsort(-found[some], kind="stable")].tolist():
        middle = areas.polygons[at].centroid
        answer.append(
            SearchArea(
                number=at,
                latitude=round(middle.y, 6),
                longitude=round(middle.x, 6),
                poa=float(f"{areas.chances.inside[at]:.6g}"),
                pod=float(f"{pod[at]:.6g}"),
                hours=float(f"{hours[:, at].sum():.6g}"),
                assets=[one.name for number, one in enumerate(by) if swept[number, at] > 0],
            )
        )
    return answer
