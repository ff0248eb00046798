"""An exercise of ten nodes: what happens in one day, and what each institution alone has of it.

Six banks, a laboratory, a targeting centre, the Centre (the financial intelligence unit) and the cell each
get a folder of their own feeds. No file of one lies in another's folder. The storylines are told once and
seen in parts; the answer key lies apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from watchfloor.exercise import key as keys
from watchfloor.exercise.acts import Act
from watchfloor.exercise.banks import BANKS
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import reports
from watchfloor.exercise.feeds.base import Feed, Row, numbered
from watchfloor.exercise.feeds.nodes import (
    accounts,
    bench,
    consignees,
    customers,
    declarations,
    designated,
    ledger,
    orders,
    scales,
)
from watchfloor.exercise.key import Key
from watchfloor.exercise.plots import hidden_load, node_look_alikes, proceeds_ring
from watchfloor.exercise.plots.base import Plot
from watchfloor.exercise.volumes import refuse

CELL: Final = "cell"
CENTRE: Final = "centre"
"""The financial intelligence unit, which PCMLTFA s. 41 calls the Centre."""


@dataclass(frozen=True, slots=True)
class Node:
    """One institution of the exercise: its name as it signs, its kind, and the feeds that it alone has."""

    name: str
    institution: str
    feeds: tuple[Feed, ...]


NODES: Final = (
    *(
        Node(
            bank,
            "reporting-entity",
            (ledger.feed_of(bank), customers.feed_of(bank), accounts.feed_of(bank)),
        )
        for bank in BANKS
    ),
    Node("laboratory", "laboratory", (bench.FEED_OF_NODE,)),
    Node(
        "targeting",
        "targeting-centre",
        (declarations.FEED_OF_NODE, scales.FEED_OF_NODE, consignees.FEED_OF_NODE),
    ),
    Node(
        CENTRE,
        "financial-intelligence-unit",
        (designated.PAYMENTS_OF_NODE, designated.PARTIES_OF_NODE),
    ),
    Node(CELL, "joint-cell", (reports.FEED, orders.FEED_OF_NODE)),
)
"""All of them, the cell last."""


@dataclass(frozen=True, slots=True)
class NodeExerciseFiles:
    """Where an exercise of nodes lies and what it holds.

    Attributes:
        root: its folder; in it one a node, with `feeds/` and `feeds.toml`.
        rows: of each node, by feed.
        key: the answer key's file.
        answers: what it says.
    """

    root: Path
    rows: Mapping[str, Mapping[str, tuple[Row, ...]]]
    key: Path
    answers: Key

    def feeds(self, node: str) -> Path:
        """The folder that a node ingests."""
        return self.root / node / "feeds"

    def settings(self, node: str) -> Path:
        """Its `feeds.toml`."""
        return self.root / node / "feeds.toml"


def make(out: Path, *, seed: int = 1, scale: float = 1.0) -> NodeExerciseFiles:
    """Write an exercise: a folder a node, and apart from them `key/answer-key.json`.

    Args:
        out: a new or empty folder.
        seed: the same seed gives the same bytes.
        scale: 1 is a thousandth of a day at each institution, see `watchfloor.exercise.volumes`.

    Raises:
        FileExistsError: `out` holds something already.
        ValueError: the scale is not positive, or more than a whole day.
    """
    refuse(out, scale)
    cast = Cast(seed)
    told = [
        *hidden_load.make_plots(cast),
        *proceeds_ring.make_plots(cast),
        *node_look_alikes.make_plots(cast),
    ]
    happened = [*(act for plot in told for act in plot.acts), *_everyday(cast, scale)]
    rows = {node.name: _seen(node, happened) for node in NODES}
    for node in NODES:
        _write(out / node.name, node, rows[node.name])
    answers = _answers(told, rows, seed, scale)
    return NodeExerciseFiles(out, rows, keys.write(out / "key" / "answer-key.json", answers), answers)


def _everyday(cast: Cast, scale: float) -> Iterator[Act]:
    feeds = chain.from_iterable(node.feeds for node in NODES)
    return chain.from_iterable(feed.everyday(cast, feed.volume.at(scale)) for feed in feeds)


def _seen(node: Node, happened: list[Act]) -> dict[str, tuple[Row, ...]]:
    return {
        feed.name: tuple(numbered(feed.name, [seen for act in happened for seen in feed.sees(act)]))
        for feed in node.feeds
    }


def _write(folder: Path, node: Node, rows: Mapping[str, tuple[Row, ...]]) -> None:
    (folder / "feeds").mkdir(parents=True)
    for feed in node.feeds:
        feed.write(folder / "feeds", rows[feed.name])
    settings = "\n".join(feed.settings for feed in node.feeds)
    (folder / "feeds.toml").write_text(settings, encoding="utf-8", newline="\n")


def _answers(
    told: list[Plot], rows: Mapping[str, Mapping[str, tuple[Row, ...]]], seed: int, scale: float
) -> Key:
    """Subjects of all nodes; row numbers are unique over them, since they begin with the feed's name."""
    every = {feed: of for node in rows.values() for feed, of in node.items()}
    named = set().union(*map(keys.named, every.values()))
    return keys.answers(told, every, named, seed, scale)
