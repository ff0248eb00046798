"""Our store, as the benchmark asks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pyarrow as pa

from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.index.places import box
from watchfloor.store.index.search import SearchQuery, records, search, standing

ACTOR = Actor("benchmark", "measuring", "none")
READER = Reader("reader", tlp=2)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where the rows go: a new floor."""
    yield str(Floor.create(folder / "floor", ACTOR, exercise=True).root)


class Writing:
    """Takes deliveries in."""

    def __init__(self, address: str) -> None:
        self.writer = Floor.open(address).writer(ACTOR)

    def deliver(self, number: int, rows: dict[str, pa.Table]) -> None:
        with self.writer.delivery("bench", f"{number}", BytesIO(f"delivery {number}".encode())) as intake:
            for kind, table in rows.items():
                intake.accept(kind, table)

    def close(self) -> None:
        self.writer.close()


class Reading:
    """Asks, each time as a command would: what was open is not kept open."""

    def __init__(self, address: str) -> None:
        self.floor = Floor.open(address)

    def as_of(self, subject: str, back: float) -> int:
        asked = SearchQuery(about=subject)
        return search(self.floor, READER, asked, 100, int(self.floor.position * back)).count

    def record(self, prefix: str) -> int:
        return len(records(self.floor, prefix, READER))

    def report(self, kind: str, key: str, back: float) -> int:
        return len(standing(self.floor, kind, "bench", key, READER, int(self.floor.position * back)))

    def text(self, words: str) -> int:
        return search(self.floor, READER, SearchQuery(words=words), 20).count

    def box(self, sides: tuple) -> int:
        west, south, east, north, since, until = sides
        return search(
            self.floor, READER, SearchQuery(box=box(west, south, east, north), since=since, until=until), 20
        ).count

    def close(self) -> None:
        pass
