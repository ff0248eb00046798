"""A canvas of the graph as a file: GraphML (graphml.graphdrawing.org, 1.0) or CSV, a row a link.

Every file says its marking at the head: who opens it alone still sees it.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from lxml import etree

from watchfloor.core.tables import UNPRINTABLE, cell

Form = Literal["graphml", "csv"]
TYPES: Final[Mapping[Form, str]] = {"graphml": "application/graphml+xml", "csv": "text/csv; charset=utf-8"}
"""Media types."""
NAMESPACE: Final = "http://graphml.graphdrawing.org/xmlns"


class Node(NamedTuple):
    """A subject: its key, what it is in a word, what it is called, and whether it is a hub."""

    id: str
    type: str
    label: str
    hub: bool


class Link(NamedTuple):
    """Two subjects, what links them in a word, by how many rows, from when to when, and whom it points at."""

    source: str
    target: str
    label: str
    rows: int
    first: datetime
    last: datetime
    to: str


def written(form: Form, name: str, marking: str, nodes: Sequence[Node], links: Sequence[Link]) -> str:
    """Return the file."""
    return {"csv": _csv, "graphml": _graphml}[form](name, marking, nodes, links)


def _csv(_: str, marking: str, nodes: Sequence[Node], links: Sequence[Link]) -> str:
    file = io.StringIO()
    called = {one.id: one.label for one in nodes}
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(
        ("source", "source_label", "target", "target_label", "link", "rows", "first", "last", "marking")
    )
    for one in links:
        ends = (one.source, called[one.source], one.target, called[one.target])
        line = (*ends, one.label, one.rows, one.first.isoformat(), one.last.isoformat(), marking)
        writer.writerow([cell(value) if isinstance(value, str) else value for value in line])
    if not links:  # the marking stands in each row; a file without rows says it all the same
        writer.writerow([*[""] * 8, cell(marking)])
    return file.getvalue()


def _graphml(name: str, marking: str, nodes: Sequence[Node], links: Sequence[Link]) -> str:
    root = etree.Element(_tag("graphml"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    for of, key, kind in (
        *(("graph", one, "string") for one in ("name", "marking")),
        *(("node", *one) for one in (("label", "string"), ("type", "string"), ("hub", "boolean"))),
        *(("edge", *one) for one in (("link", "string"), ("rows", "int"), ("first", "string"))),
        *(("edge", *one) for one in (("last", "string"), ("to", "string"))),
    ):
        attributes = {"for": of, "id": f"{of}-{key}", "attr.name": key, "attr.type": kind}
        etree.SubElement(root, _tag("key"), attributes)
    graph = etree.SubElement(root, _tag("graph"), edgedefault="undirected")
    _data(graph, "graph", (("name", name), ("marking", marking)))
    for node in nodes:
        made = etree.SubElement(graph, _tag("node"), id=_clean(node.id))
        _data(made, "node", (("label", node.label), ("type", node.type), ("hub", str(node.hub).lower())))
    for link in links:
        made = etree.SubElement(graph, _tag("edge"), source=_clean(link.source), target=_clean(link.target))
        times = (("first", link.first.isoformat()), ("last", link.last.isoformat()))
        _data(made, "edge", (("link", link.label), ("rows", str(link.rows)), *times, ("to", link.to)))
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _data(above: etree._Element, of: str, values: Iterable[tuple[str, str]]) -> None:
    for key, value in values:
        if value:
            etree.SubElement(above, _tag("data"), key=f"{of}-{key}").text = _clean(value)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _clean(text: str) -> str:
    """Return a text without the characters that XML 1.0 does not allow."""
    return UNPRINTABLE.sub("\ufffd", text)
