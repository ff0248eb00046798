"""The graph: a canvas of subjects, what links them, what happened to them; and how two are connected."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.actions import decisions
from watchfloor.casework import canvases
from watchfloor.casework.canvases import Layout, Place
from watchfloor.casework.tasking import deconfliction
from watchfloor.cell import canvas as drawing
from watchfloor.cell.acts import refuse
from watchfloor.cell.finding import subject as checked
from watchfloor.cell.graph import BUDGET, Graph
from watchfloor.cell.wording import titles
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Preparing, Raw, first_graph
from watchfloor.console.endpoints.request_parsing import refuse_missing
from watchfloor.console.pages.graph_links import Link, Node, happened, link, marking, node, shown
from watchfloor.core.messages import declare
from watchfloor.core.subjects import TYPES
from watchfloor.exchange import graph_file
from watchfloor.exchange.graph_file import Form

NEIGHBOURS: Final = 40
"""Neighbours that are told of one subject; of more it says how many."""
SLICES: Final = 100
"""Of the time of a canvas, in which a brush selects."""
HAPPENINGS: Final = 200
"""Rows that are told of what happened; of more it says how many."""
FAR: Final = 9_999
"""Units that a subject stands at most from a corner of the drawing."""

NO_BUDGET: Final = declare("console.no-budget", "most")
NO_TYPE: Final = declare("console.no-subject-type", "text", "types")
NO_PLACE: Final = declare("console.no-place-in-canvas", "text")

_PLACED: Final = re.compile(r"(-?\d{1,5}),(-?\d{1,5})(p?) (.+)", re.DOTALL)
"""A subject and where it stands: `120,-40p phone:phone:14385550189`; p: it is pinned."""


class GraphAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose neighbours, or which canvas.

    Attributes:
        about: a subject whose neighbours are shown; of a hub they are told only with `hubs`.
        open: further subjects whose neighbours are shown: `KEY`, or those of some types: `phone,account@KEY`.
        hide: subjects that are left out.
        chosen: subjects whose course in time is told; nobody: of those that are opened.
        canvas: id of a canvas to open; `then`: as it was when it was saved.
        one, other: two subjects to decide on, for the form.
    """

    about: str = ""
    open: list[str] = []
    hide: list[str] = []
    chosen: list[str] = []
    hubs: bool = False
    canvas: str = ""
    then: bool = False
    one: str = ""
    other: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened: a row that names a chosen subject; `others`: how many more it names."""

    kind: str
    id: str
    at: datetime
    said: str
    subjects: list[str]
    others: int
    marking: str


class Course(msgspec.Struct, frozen=True):
    """The rows of some subjects by the time of what they tell.

    Attributes:
        since, until: the first and the last moment of the canvas.
        counts: rows of each of its slices that name a chosen subject.
        events: the newest of them; `total`: how many there are.
    """

    since: datetime
    until: datetime
    counts: list[int]
    events: list[Event]
    total: int


class Namesakes(msgspec.Struct, frozen=True):
    """Two subjects of one name about which nobody has decided."""

    one: str
    other: str
    name: str


class OpenCanvas(msgspec.Struct, frozen=True):
    """A canvas of one's own that is open.

    Attributes:
        id, name, layout, saved_at: of it.
        then: whether it is shown as it was when it was saved.
        new: links that there are now and were not then.
    """

    id: str
    name: str
    layout: Layout
    saved_at: datetime
    then: bool
    new: int


class Canvas(msgspec.Struct, frozen=True):
    """Subjects, what links them with each other, and what happened to them.

    Attributes:
        about: the subject in the middle; None where nobody is asked for.
        nodes: all others, and `about` the first.
        links: between any two of them; `links_total`: how many there are.
        total: how many neighbours `about` has; `shown`: how many of them are told.
        held: whether they are not told because it is a hub.
        full: whether there was no room for all that were opened.
        course: None where nothing happened.
        namesakes: subjects of one name.
        opened: the canvas of one's own that it is; `canvases`: names of all of them, by id.
        at: when the graph was so; `fresh`: it is the newest.
        marking: of what is shown.
    """

    about: Node | None
    nodes: list[Node]
    links: list[Link]
    links_total: int
    total: int
    shown: int
    held: bool
    full: bool
    course: Course | None
    namesakes: list[Namesakes]
    opened: OpenCanvas | None
    canvases: dict[str, str]
    at: datetime | None
    fresh: bool
    marking: str


class _Base(NamedTuple):
    """The graph that a canvas is made on, and the places that its own subjects have."""

    graph: Graph
    at: datetime
    fresh: bool
    saved: canvases.Canvas | None
    places: dict[str, Place]


class _Shown(NamedTuple):
    """Subjects of a canvas in order, those whose neighbours are shown, and whether some had no room."""

    subjects: list[str]
    opened: list[str]
    total: int
    full: bool


def graph(asker: Asker, ask: GraphAsk) -> Canvas:
    """A subject and whom it is named with, or a canvas: what links the subjects, and what happened when."""
    return _canvas(asker, ask)


def _canvas(asker: Asker, ask: GraphAsk, export: Form | None = None) -> Canvas:
    mine = {one.id: one.name for one in canvases.saved(asker.floor.root, asker.name)}
    if not ask.about and not ask.canvas:
        return Canvas(None, [], [], 0, 0, 0, False, False, None, [], None, mine, None, True, "")
    about = checked(ask.about) if ask.about else ""
    base = _base(asker, ask)
    expansions = [_expansion(one) for one in ask.open]
    held = bool(about) and base.graph.is_hub(about) and not ask.hubs
    these = _shown(base, about, held, ask, expansions)
    among = drawing.among(base.graph, these.subjects)
    course = _course(asker, base, these, among, ask.chosen)
    asked_for = [*filter(None, [about]), *(key for _, key in expansions)]
    asker.log_query(
        "graph",
        about=about or None,
        canvas=ask.canvas or None,
        open=ask.open or None,
        export=export,
        found=len(these.subjects),
        shown=[*shown(among.edges), *(one.id for one in (course[0].events if course else ()))],
    )
    deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, asked_for, "search")
    new = _new(asker, base, these.subjects)
    nodes = [_placed(asker, base, key, these.opened, about) for key in these.subjects]
    counted = [one for each in nodes if each.near for one in base.graph.markings(each.subject)]
    return Canvas(
        nodes[0] if about else None,
        nodes[1:] if about else nodes,
        _links(asker, among, these.opened, course, base, new),
        among.total,
        these.total,
        min(these.total, NEIGHBOURS),
        held,
        these.full,
        course[0] if course else None,
        list(_namesakes(base.graph, these.subjects)),
        _opened(base, ask, new),
        mine,
        base.at,
        base.fresh,
        marking(base.graph, these.subjects, among.edges, [*counted, *(course[1] if course else ())]),
    )


def _first(asker: Asker, ask: GraphAsk) -> Preparing | None:
    """Begin the graph where somebody is asked about; None where there is one to show, or none is needed."""
    asks = ask.about or ask.open or (ask.canvas and not ask.then)
    return first_graph(asker) if asks else None


def _base(asker: Asker, ask: GraphAsk) -> _Base:
    saved = canvases.find(asker.floor.root, asker.name, ask.canvas) if ask.canvas else None
    if saved and ask.then:
        drawn = asker.services.graphs.past(asker.reader, saved.position, saved.saved_at)
        at, fresh = saved.saved_at, True
    else:
        drawn, at, fresh = asker.services.graphs.current(asker.reader, asker.at)
    places = canvases.found(asker.floor.key, saved.places, drawn.subjects) if saved else {}
    return _Base(drawn, at, fresh, saved, places)


def _expansion(text: str) -> tuple[list[str], str]:
    """Return the types and the subject of an expansion; no types: all. Raises `Refusal`."""
    types, at, key = text.partition("@")
    if not at or ":" in types:
        return [], checked(text)
    for type_ in types.split(","):
        if type_ not in TYPES:
            refuse(NO_TYPE, text=type_, types=", ".join(TYPES))
    return types.split(","), checked(key)


def _shown(
    base: _Base, about: str, held: bool, ask: GraphAsk, expansions: Iterable[tuple[list[str], str]]
) -> _Shown:
    """Return the subjects of a canvas: its own, and the neighbours of those that are opened."""
    wanted = [*([([], about)] if about and not held else []), *expansions]
    subjects = dict.fromkeys([*filter(None, [about]), *base.places])
    opened, total = [], 0
    for types, key in wanted:
        if base.graph.is_hub(key) and not ask.hubs:
            continue
        edges, count = base.graph.neighbours(key, NEIGHBOURS, types)
        subjects |= dict.fromkeys([key, *(edge.other for edge in edges)])
        opened.append(key)
        total = count if key == about and not types else total
    left = [key for key in subjects if key not in ask.hide or key == about]
    return _Shown(left[: canvases.MOST_SUBJECTS], opened, total, len(left) > canvases.MOST_SUBJECTS)


def _placed(asker: Asker, base: _Base, key: str, opened: Sequence[str], about: str) -> Node:
    one = node(asker, base.graph, key, near=True)
    place = base.places.get(key)
    return msgspec.structs.replace(
        one,
        opened=key in opened or key == about,
        place=(place.x, place.y) if place else None,
        pinned=place.pinned if place else False,
    )


def _course(
    asker: Asker, base: _Base, these: _Shown, among: drawing.Among, chosen: Sequence[str]
) -> tuple[Course, list[str], drawing.Axis] | None:
    """Return what happened to the chosen, the markings of what is counted, and the axis of time."""
    drawn = base.graph
    whose = [one for one in map(checked, chosen) if one in these.subjects] or these.opened
    whose = whose or [key for key in these.subjects if not drawn.is_hub(key)]
    rows = drawing.rows_of(drawn, whose)
    axis = drawing.axis(drawn, [rows, *among.rows], SLICES)
    if axis is None:
        return None
    events = [
        Event(
            one.kind,
            one.id.hex(),
            one.at,
            happened(asker, one, drawn),
            [key for key, _ in one.subjects],
            one.others,
            one.marking,
        )
        for one in drawing.happenings(drawn, rows[:HAPPENINGS], whose)
    ]
    made = Course(*axis.ends, axis.counts(drawn.moments[rows]), events, len(rows))
    return made, drawn.markings_of(rows), axis


def _links(
    asker: Asker,
    among: drawing.Among,
    opened: Sequence[str],
    course: tuple[Course, list[str], drawing.Axis] | None,
    base: _Base,
    new: set[tuple[str, str]],
) -> list[Link]:
    """Return the links, each from the one of its ends that was opened, those of the first opened first."""
    place = {key: at for at, key in enumerate(opened)}
    axis = course[2] if course else None
    made = []
    for edge, rows in zip(among.edges, among.rows, strict=True):
        turned = place.get(edge.other, len(place)) < place.get(edge.one, len(place))
        slices = axis.counts(base.graph.moments[rows]) if axis else ()
        made.append(link(asker, base.graph, edge, slices, new=(edge.one, edge.other) in new, turned=turned))
    return sorted(made, key=lambda one: place.get(one.one, len(place)))


def _new(asker: Asker, base: _Base, subjects: Sequence[str]) -> set[tuple[str, str]]:
    """Return the pairs of a canvas's own subjects that nothing connected when it was saved."""
    if base.saved is None:
        return set()
    mine = [key for key in subjects if key in base.places]
    now = asker.services.graphs.current(asker.reader, asker.at).graph
    then = asker.services.graphs.past(asker.reader, base.saved.position, base.saved.saved_at)
    return drawing.linked(now, mine) - drawing.linked(then, mine)


def _opened(base: _Base, ask: GraphAsk, new: set[tuple[str, str]]) -> OpenCanvas | None:
    one = base.saved
    return OpenCanvas(one.id, one.name, one.layout, one.saved_at, ask.then, len(new)) if one else None


def _namesakes(drawn: Graph, subjects: Iterable[str]) -> Iterable[Namesakes]:
    """Yield the pairs of people or companies of one name, however its words stand, that nobody decided on."""
    by: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for key in subjects:
        type_, name = key.partition(":")[0], drawn.name(key).text
        if type_ in ("person", "company") and len(words := _folded(name)) > 1:
            by.setdefault((type_, words), []).append(key)
    for keys in by.values():
        for one, other in combinations(sorted(keys), 2):
            edge = drawn.between(one, other)
            if edge is None or all(why.kind != "judgement" for why, _ in edge.kinds):
                yield Namesakes(one, other, titles.plain(drawn.name(one).text))


def _folded(name: str) -> tuple[str, ...]:
    """Return the words of a name in order, without case and accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return tuple(sorted(re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one)))))


class SaveAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A canvas to keep.

    Attributes:
        name: that it gets; one of that name goes.
        node: its subjects, each with its place: `120,-40 KEY`; `120,-40p KEY`: it is pinned there.
        layout: how what is not pinned is arranged.
    """

    name: str = ""
    node: list[str] = []
    layout: Layout = "force"


class SavedCanvas(msgspec.Struct, frozen=True):
    """A canvas that was kept or removed."""

    said: str
    id: str
    marking: str = ""


def save(asker: Asker, ask: SaveAsk) -> SavedCanvas:
    """Keep a canvas under a name, for oneself."""
    if not ask.node:
        refuse_missing("node")
    places = tuple(_place(asker, one) for one in ask.node)
    position, now = asker.floor.position, asker.at
    made = canvases.Canvas("", ask.name, ask.layout, places, position, now)
    made = canvases.save(asker.floor.root, asker.name, made)
    return SavedCanvas(asker.t("graph.saved", name=made.name), made.id)


def _place(asker: Asker, text: str) -> Place:
    fits = _PLACED.fullmatch(text)
    if fits is None:
        refuse(NO_PLACE, text=text[:80])
    x, y = (max(-FAR, min(FAR, int(one))) for one in fits.groups()[:2])
    return Place(canvases.mark(asker.floor.key, checked(fits[4])), x, y, bool(fits[3]))


class CanvasAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which canvas."""

    id: str


def remove(asker: Asker, ask: CanvasAsk) -> SavedCanvas:
    """Remove a canvas of one's own."""
    gone = canvases.remove(asker.floor.root, asker.name, ask.id)
    return SavedCanvas(asker.t("graph.removed", name=gone.name), gone.id)


class ExportAsk(GraphAsk, frozen=True, forbid_unknown_fields=True):
    """A canvas as a file; `form`: graphml or csv."""

    form: Form = "csv"


def export(asker: Asker, ask: ExportAsk) -> Raw:
    """A canvas as a file, GraphML or CSV, with its markings; whoever gets it must be allowed to."""
    found = _canvas(asker, ask, ask.form)
    nodes = [*filter(None, [found.about]), *found.nodes]
    text = graph_file.written(
        ask.form,
        asker.floor.settings.name,
        found.marking,
        [
            graph_file.Node(one.subject, asker.t(f"subject.type_{one.type}"), one.title, one.hub)
            for one in nodes
        ],
        [
            graph_file.Link(one.one, one.other, one.word, one.total, one.first, one.last, one.to)
            for one in found.links
        ],
    )
    return Raw(text.encode(), graph_file.TYPES[ask.form], f"graph.{ask.form}")


class PathAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which two subjects, looking at how many at most, and whether it may go through hubs."""

    one: str = ""
    other: str = ""
    budget: int = BUDGET
    hubs: bool = False


class Path(msgspec.Struct, frozen=True):
    """A shortest way between two subjects.

    Attributes:
        one, other: its ends; None where nobody is asked for.
        found: whether there is one.
        nodes: the subjects on it, in their order.
        links: why each is connected to the next.
        looked: subjects that were looked at; `budget`: at most so many.
        cut: whether the budget ended before all were looked at.
        hubs: hubs that it was not looked through.
        at: when the graph was so; `fresh`: it is the newest.
        marking: of what is shown.
    """

    one: Node | None
    other: Node | None
    found: bool
    nodes: list[Node]
    links: list[Link]
    looked: int
    budget: int
    cut: bool
    hubs: int
    at: datetime | None
    fresh: bool
    marking: str


def path(asker: Asker, ask: PathAsk) -> Path:
    """The shortest way from one subject to another, within a budget."""
    if not 1 <= ask.budget <= BUDGET:
        refuse(NO_BUDGET, most=BUDGET)
    if not ask.one or not ask.other:
        return Path(
            None, None, False, [], [], 0, ask.budget, cut=False, hubs=0, at=None, fresh=True, marking=""
        )
    one, other = checked(ask.one), checked(ask.other)
    drawn = asker.services.graphs.current(asker.reader, asker.at)
    way = drawn.graph.way(one, other, ask.budget, hubs=ask.hubs)
    subjects = list(dict.fromkeys([one, *(step.other for step in way.steps)])) if way.found else []
    asker.log_query("graph", path=[one, other], found=int(way.found), shown=shown(way.steps))
    deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, [one, other], "search")
    return Path(
        node(asker, drawn.graph, one),
        node(asker, drawn.graph, other),
        way.found,
        [node(asker, drawn.graph, each) for each in subjects],
        [link(asker, drawn.graph, step) for step in way.steps],
        way.looked,
        ask.budget,
        way.cut,
        way.hubs,
        drawn.at,
        drawn.fresh,
        marking(drawn.graph, [one, other, *subjects], way.steps),
    )


def _judging() -> Endpoint:
    """Return the form by which two subjects of a canvas are joined or held apart."""
    made = Endpoint.for_action(decisions.merge, "/graph/judge", name="graph.judge", within="graph")

    def call(asker: Asker, ask: Any) -> Done | Any:
        if not ask.verdict:
            refuse_missing("verdict")
        return made.call(asker, msgspec.structs.replace(ask, lead_id=checked(ask.lead_id)))

    return replace(made, call=call, api=False)


ENDPOINTS: Final = (
    Endpoint("graph", "GET", "/graph", GraphAsk, Canvas, graph, "graph.html", prepares=_first),
    Endpoint("graph.path", "GET", "/graph/path", PathAsk, Path, path, "graph-path.html"),
    Endpoint("graph.export", "GET", "/graph/export", ExportAsk, Raw, export),
    Endpoint(
        "graph.save",
        "POST",
        "/graph/save",
        SaveAsk,
        SavedCanvas,
        save,
        within="graph",
        then=lambda _, kept: f"/graph?canvas={kept.id}",
    ),
    Endpoint(
        "graph.remove",
        "POST",
        "/graph/canvases/{id}/remove",
        CanvasAsk,
        SavedCanvas,
        remove,
        within="graph",
        then=lambda _, __: "/graph",
    ),
    _judging(),
)
