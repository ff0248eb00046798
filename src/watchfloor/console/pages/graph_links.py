"""Subjects and links of a graph as its pages show them, in the words of the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from watchfloor.cell.canvas import Happening
from watchfloor.cell.graph import Edge, Graph, Why
from watchfloor.cell.wording import titles
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.core.marking import joined
from watchfloor.core.messages import Reason
from watchfloor.core.subjects import CRAFT, parts


class Node(msgspec.Struct, frozen=True):
    """A subject in the graph.

    Attributes:
        subject: its key; `type`: of what it is.
        called: its name; empty where nobody gives one.
        title: its name, or else its number as people write it.
        hub: whether it is named in so much company that it joins nobody.
        near: how many neighbours of each type it has; none are counted of a hub.
        opened: whether its neighbours are shown.
        place: where it stands in the drawing; None: nobody has put it anywhere.
        pinned: whether it stays there.
    """

    subject: str
    type: str
    called: str
    title: str
    hub: bool
    near: Mapping[str, int] = {}
    opened: bool = False
    place: tuple[int, int] | None = None
    pinned: bool = False


class Row(msgspec.Struct, frozen=True):
    """A row that names two subjects: what it is, why in words, and its record where it is one."""

    kind: str
    id: str
    at: datetime
    said: str
    marking: str


class Link(msgspec.Struct, frozen=True):
    """Two subjects and why they are connected.

    Attributes:
        one, other: the subjects; `one_title`, `other_title`: what they are called, or their numbers.
        word: what links them, in a word or two; `to`: at which of the two it points, empty for neither.
        apart: whether somebody judged that they are different, and nothing else connects them.
        weak: whether only records of a third name both, such as its telephone and its address.
        why: the rows that are told, the newest first; `total`: how many there are.
        first, last: moments of the oldest and the newest row.
        slices: rows of each slice of the canvas's time, by its number.
        new: whether nothing connected them when the canvas was saved.
    """

    one: str
    other: str
    one_title: str
    other_title: str
    word: str
    to: str
    apart: bool
    weak: bool
    why: list[Row]
    total: int
    first: datetime
    last: datetime
    slices: Mapping[int, int] = {}
    new: bool = False


def node(asker: Asker, drawn: Graph, subject: str, *, near: bool = False) -> Node:
    """Return a subject; `near`: with the counts of its neighbours."""
    hub = drawn.is_hub(subject)
    called = drawn.name(subject).text
    title = titles.subject(subject, drawn.names, asker.language)
    return Node(
        subject, parts(subject)[0], called, title, hub, drawn.types(subject) if near and not hub else {}
    )


def link(
    asker: Asker,
    drawn: Graph,
    edge: Edge,
    slices: Sequence[int] = (),
    *,
    new: bool = False,
    turned: bool = False,
) -> Link:
    """Return the link of an edge; `turned`: from its other end."""
    one, other = (edge.other, edge.one) if turned else (edge.one, edge.other)
    apart = bool(edge.kinds) and all(why.verdict == "different" for why, _ in edge.kinds)
    return Link(
        one,
        other,
        titles.subject(one, drawn.names, asker.language),
        titles.subject(other, drawn.names, asker.language),
        _words(asker, edge),
        _points_to(edge),
        apart,
        all(why.kind == "party" and len(_numbers(edge, why)) > 1 for why, _ in edge.kinds),
        [_row(asker, why, turned=turned) for why in edge.why],
        edge.total,
        edge.first,
        edge.last,
        {at: count for at, count in enumerate(slices) if count},
        new,
    )


def shown(edges: Iterable[Edge]) -> list[str]:
    """Return the ids of the rows that are told."""
    return list(dict.fromkeys(why.id.hex() for edge in edges for why in _told(edge)))


def marking(drawn: Graph, subjects: Iterable[str], edges: Iterable[Edge], more: Iterable[str] = ()) -> str:
    """Return the marking of the rows that are told, of the records that give the names, and of more."""
    names = (drawn.name(key).marking for key in subjects)
    rows = (why.marking for edge in edges for why in _told(edge))
    return joined(list(dict.fromkeys(filter(None, (*names, *rows, *more)))))


def _told(edge: Edge) -> list[Why]:
    return [*edge.why, *(why for why, _ in edge.kinds)]


def _words(asker: Asker, edge: Edge) -> str:
    """Return what links two subjects: the commonest kinds of rows, each in a word and how many."""
    words: dict[str, int] = {}
    for why, count in edge.kinds:
        word = _word(asker, why, edge)
        words[word] = words.get(word, 0) + count
    said = [word if count == 1 else f"{word} ×{count}" for word, count in list(words.items())[:2]]
    return ", ".join(said) + ("…" if len(words) > 2 else "")


def _word(asker: Asker, why: Why, edge: Edge) -> str:
    if why.kind == "signal":
        return asker.services.words.word("rule.", why.source, asker.language)
    if why.kind == "judgement":
        return asker.t("graph.word.same" if why.verdict == "same" else "graph.word.different")
    if why.kind == "party":
        return _word_of_party(asker, why, edge)
    if why.kind in ("account", "declaration"):
        part = next((each for each in (*why.one, *why.other) if each != "subject"), "subject")
        return asker.t(f"graph.word.{part}")
    if why.kind == "payment" and "conductor" in (*why.one, *why.other):
        return asker.t("graph.word.conductor")
    return asker.t(f"graph.word.{why.kind}")


def _word_of_party(asker: Asker, why: Why, edge: Edge) -> str:
    """Return what an identifier is to whom it identifies: a telephone, or of a boat its owner."""
    numbers = _numbers(edge, why)
    if len(numbers) != 1:
        return asker.t("graph.word.together")
    type_ = parts(numbers[0])[0]
    if type_ in CRAFT and why.role:
        return asker.services.words.word("graph.role.", why.role, asker.language)
    return asker.t("graph.word.document") if type_ == "person" else asker.t(f"subject.type_{type_}")


def _numbers(edge: Edge, why: Why) -> list[str]:
    """Return those of two subjects that a party's record has as identifiers."""
    return [key for key, named in ((edge.one, why.one), (edge.other, why.other)) if "identifier" in named]


def _points_to(edge: Edge) -> str:
    """Return who is paid, where all payments that are told go one way; else neither."""
    paid = {
        edge.other if "payee" in why.other else edge.one
        for why in _told(edge)
        if why.kind == "payment" and {"payer", "payee"} <= {*why.one, *why.other}
    }
    return paid.pop() if len(paid) == 1 else ""


def _row(asker: Asker, why: Why, *, turned: bool) -> Row:
    return Row(why.kind, why.id.hex(), why.at, _said(asker, why, turned=turned), why.marking)


def _said(asker: Asker, why: Why, *, turned: bool) -> str:
    """Return why a row connects two subjects."""
    one, other = (why.other, why.one) if turned else (why.one, why.other)
    return _stated(asker, why) or asker.t(
        "graph.record",
        kind=asker.t(f"graph.kind.{why.kind}"),
        source=why.source,
        one=_parts(asker, one),
        other=_parts(asker, other),
    )


def happened(asker: Asker, one: Happening, drawn: Graph) -> str:
    """Return what a row says happened to the subjects that it names."""
    if said := _stated(asker, one):
        return said
    named = ", ".join(
        asker.t(
            "graph.named_as",
            name=titles.subject(key, drawn.names, asker.language),
            parts=_parts(asker, parts_),
        )
        for key, parts_ in one.subjects
    )
    return asker.t("graph.happened", kind=asker.t(f"graph.kind.{one.kind}"), source=one.source, named=named)


def _stated(asker: Asker, row: Why | Happening) -> str:
    """Return what a signal or a judgement says; empty for a record."""
    if row.kind == "signal":
        reason = Reason.load({"message": row.message or "", "params": row.params or "{}"})
        return asker.t("graph.signal", rule=row.source, reason=reason.render(asker.language))
    if row.kind == "judgement":
        return asker.t(
            "graph.judged_same" if row.verdict == "same" else "graph.judged_different", by=row.source
        )
    return ""


def _parts(asker: Asker, named: Iterable[str]) -> str:
    return ", ".join(asker.t(f"graph.part.{part}") for part in named)
