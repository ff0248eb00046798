"""The graph: whom a subject is named with and why, and how two subjects are connected."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from watchfloor.casework.tasking import deconfliction
from watchfloor.cell.acts import refuse
from watchfloor.cell.finding import subject as checked
from watchfloor.cell.graph import BUDGET, Edge, Graph, Why
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.core.marking import joined
from watchfloor.core.messages import Reason, declare

NEIGHBOURS: Final = 40
"""Neighbours that are told; of more it says how many."""

NO_BUDGET: Final = declare("console.no-budget", "most")


class Node(msgspec.Struct, frozen=True):
    """A subject in the graph; a hub is named in so much company that it joins nobody."""

    subject: str
    called: str
    hub: bool


class Row(msgspec.Struct, frozen=True):
    """A row that names two subjects: what it is, why in words, and its record where it is one."""

    kind: str
    id: str
    at: datetime
    said: str
    marking: str


class Link(msgspec.Struct, frozen=True):
    """Two subjects and why they are connected: the first rows, the newest first, and how many there are.

    Attributes:
        one, other: the subjects.
        apart: whether somebody judged that they are different.
        why: the rows that are told.
        total: how many there are.
    """

    one: str
    other: str
    apart: bool
    why: list[Row]
    total: int


class GraphAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose neighbours; of a hub they are told only with `hubs`."""

    about: str = ""
    hubs: bool = False


class Neighbours(msgspec.Struct, frozen=True):
    """A subject and whom it is named with.

    Attributes:
        about: the subject; None where nobody is asked for.
        nodes: its neighbours, those that most rows name with it first.
        links: one a neighbour.
        total: how many neighbours there are.
        held: whether they are not told because it is a hub.
        at: when the graph was so; `fresh`: it is the newest.
        marking: of what is shown.
    """

    about: Node | None
    nodes: list[Node]
    links: list[Link]
    total: int
    held: bool
    at: datetime | None
    fresh: bool
    marking: str


def graph(asker: Asker, ask: GraphAsk) -> Neighbours:
    """Whom a subject is named with, and by which rows."""
    if not ask.about:
        return Neighbours(None, [], [], 0, held=False, at=None, fresh=True, marking="")
    about = checked(ask.about)
    drawn = asker.services.graphs.current(asker.reader, asker.at)
    held = drawn.graph.is_hub(about) and not ask.hubs
    edges, total = ([], 0) if held else drawn.graph.neighbours(about, NEIGHBOURS)
    asker.log_query("graph", about=about, found=total, shown=_ids(edges))
    deconfliction.tell(asker.floor, asker.reader, asker.session.authority, [about], "search")
    return Neighbours(
        _node(drawn.graph, about),
        [_node(drawn.graph, edge.other) for edge in edges],
        [_link(asker, edge) for edge in edges],
        total,
        held,
        drawn.at,
        drawn.fresh,
        _marking(drawn.graph, [about], edges),
    )


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
    asker.log_query("graph", path=[one, other], found=int(way.found), shown=_ids(way.steps))
    deconfliction.tell(asker.floor, asker.reader, asker.session.authority, [one, other], "search")
    return Path(
        _node(drawn.graph, one),
        _node(drawn.graph, other),
        way.found,
        [_node(drawn.graph, each) for each in subjects],
        [_link(asker, step) for step in way.steps],
        way.looked,
        ask.budget,
        way.cut,
        way.hubs,
        drawn.at,
        drawn.fresh,
        _marking(drawn.graph, [one, other, *subjects], way.steps),
    )


def _ids(edges: Iterable[Edge]) -> list[str]:
    """Ids of the rows that are shown."""
    return list(dict.fromkeys(why.id.hex() for edge in edges for why in edge.why))


def _marking(drawn: Graph, subjects: Sequence[str], edges: Sequence[Edge]) -> str:
    """Of the rows that are shown and of the records that give the names."""
    named = [drawn.name(key).marking for key in (*subjects, *(edge.other for edge in edges))]
    return joined([one for one in (*named, *(why.marking for edge in edges for why in edge.why)) if one])


def _node(drawn: Graph, subject: str) -> Node:
    return Node(subject, drawn.name(subject).text, drawn.is_hub(subject))


def _link(asker: Asker, edge: Edge) -> Link:
    apart = bool(edge.why) and all(why.verdict == "different" for why in edge.why)
    return Link(edge.one, edge.other, apart, [_row(asker, why) for why in edge.why], edge.total)


def _row(asker: Asker, why: Why) -> Row:
    return Row(why.kind, why.id.hex(), why.at, _said(asker, why), why.marking)


def _said(asker: Asker, why: Why) -> str:
    """Why a row connects two subjects."""
    if why.kind == "signal":
        reason = Reason.load({"message": why.message or "", "params": why.params or "{}"})
        return asker.t("graph.signal", rule=why.source, reason=reason.render(asker.language))
    if why.kind == "judgement":
        return asker.t(
            "graph.judged_same" if why.verdict == "same" else "graph.judged_different", by=why.source
        )
    return asker.t(
        "graph.record",
        kind=asker.t(f"graph.kind.{why.kind}"),
        source=why.source,
        one=_parts(asker, why.one),
        other=_parts(asker, why.other),
    )


def _parts(asker: Asker, parts: Iterable[str]) -> str:
    return ", ".join(asker.t(f"graph.part.{part}") for part in parts)


ENDPOINTS: Final = (
    Endpoint("graph", "GET", "/graph", GraphAsk, Neighbours, graph, "graph.html"),
    Endpoint("graph.path", "GET", "/graph/path", PathAsk, Path, path, "graph-path.html"),
)
