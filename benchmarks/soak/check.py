"""What must hold on a floor after a kill, and what came of the act that was cut off."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.soak.acts import ACTS, READER, ROWS, mark
from watchfloor.core.kinds import KINDS
from watchfloor.store import Actor, Floor, NoFloor, StoreError, catalogue, files

ACTOR = Actor("checker", "checking", "none needed")


class Step(NamedTuple):
    """An act that was begun: its name and number, and the words that were typed."""

    name: str
    number: int
    words: tuple[str, ...]


@dataclass
class Book:
    """What the watcher knows of a floor.

    Attributes:
        folder: where it lies.
        done: acts that were acknowledged, with what they said.
        cut: acts that were not.
        leaves: of the log when it was last looked at.
    """

    folder: Path
    done: dict[Step, list[dict[str, Any]]] = field(default_factory=dict)
    cut: set[Step] = field(default_factory=set)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def floor(self) -> Path:
        """The floor's folder."""
        return self.folder / "floor"


def losses(book: Book) -> Iterator[str]:
    """Whatever is not as it must be; nothing where all is well."""
    try:
        floor = Floor.open(book.floor)
        yield from _log(floor, book)
        yield from _records(floor, book)
        yield from _sums(floor)
        yield from (f"verify: {found}" for found in floor.verify())
        yield from _swept(floor)
    except StoreError as error:
        yield f"the floor does not open: {error}"
    for step in book.done.keys() | book.cut:
        if step.name == "init":
            yield from _made(step, acknowledged=step in book.done)


def _log(floor: Floor, book: Book) -> Iterator[str]:
    """The log only grows, and holds every position that was told."""
    acts = floor.acts()
    leaves = [act.leaf for act in acts]
    if leaves[: len(book.leaves)] != book.leaves:
        yield "acts that were there are gone, or are others"
    book.leaves = leaves
    for step, said in book.done.items():
        for row in said:
            if (row.get("position") or 0) > len(acts):
                yield f"{step.name} {step.number}: position {row['position']} was told, and is not there"


def _records(floor: Floor, book: Book) -> Iterator[str]:
    """What was acknowledged is there; a delivery that was not is whole or absent; what was erased is gone."""
    there = {kind: marks(floor, kind) for kind in {act.kind for act in ACTS.values()} - {""}}
    sure, perhaps = (_erased(steps) for steps in (book.done, book.cut))
    parties = floor.read("party", READER, columns=["record_id"])["record_id"].to_pylist()
    for record_id in sure & {one.hex() for one in parties}:
        yield f"record {record_id} was erased, and is there"
    if len(parties) != len(set(parties)):
        yield "a record is there twice"
    missing = 0
    for step in [*book.done, *book.cut]:
        act = ACTS[step.name]
        found = there.get(act.kind, Counter())[mark(step.number)]
        if step.name == "ingest" and found:
            missing += ROWS - found
        elif act.kind and step in book.done and found < act.count:
            yield f"{step.name} {step.number} was acknowledged; {found} of its {act.count} records are there"
    if not len(sure) <= missing <= len(sure | perhaps):
        yield f"{missing} rows of deliveries are missing, {len(sure)} to {len(sure | perhaps)} were erased"


def marks(floor: Floor, kind: str) -> Counter[str]:
    """How many records of a kind bear each mark."""
    columns = {act.column for act in ACTS.values() if act.kind == kind}
    rows = floor.read(kind, READER, columns=sorted(columns))
    return Counter(value for column in columns for value in rows[column].to_pylist() if value)


def _erased(steps: Any) -> set[str]:
    return {step.words[1] for step in steps if step.name == "erase"}


def _sums(floor: Floor) -> Iterator[str]:
    """received = accepted + duplicate + quarantined + withheld, and accepted = rows + erased."""
    for feed, account in floor.accounting().items():
        if account.received != sum(account[1:]):
            yield f"the sum of feed {feed} does not come out: {account}"
    accepted = sum(one.account.accepted for one in floor.deliveries())
    rows = sum(floor.read(kind, READER, columns=["record_id"]).num_rows for kind in KINDS)
    gone = sum(len(act.detail["rows"]) for act in floor.acts() if act.act == "erasure" and act.detail)
    if accepted != rows + gone:
        yield f"{accepted} rows were accepted; {rows} are there and {gone} were erased"


def _swept(floor: Floor) -> Iterator[str]:
    """Once a writer was there, every file is named by the catalogue."""
    with floor.writer(ACTOR), catalogue.snapshot(floor.root) as database:
        named = {path for (path,) in database.execute("SELECT path FROM files")}
    if loose := sorted(set(files.present(floor.root)) - named):
        yield f"{len(loose)} files that nobody names were left lying, such as {loose[0]}"


def _made(step: Step, *, acknowledged: bool) -> Iterator[str]:
    """A floor that was being made is whole, or can be begun anew."""
    try:
        floor = Floor.open(step.words[2])
    except NoFloor:
        if acknowledged:
            yield f"the floor {step.words[2]} was made, and is none"
        return
    if [act.act for act in floor.acts(1, 1)] != ["created"] or list(floor.verify()):
        yield f"the floor {step.words[2]} opens, and is not whole"


def is_there(book: Book, step: Step) -> int:
    """How often the act has left what it leaves; 0 also for acts that leave nothing to look for."""
    if step.name == "init":
        return int((Path(step.words[2]) / "floor.toml").exists())
    if step.name == "backup":
        return int(Path(step.words[2]).exists())
    floor = Floor.open(book.floor)
    if step.name == "erase":
        return int(not floor.records(step.words[1], READER))
    act = ACTS[step.name]
    return marks(floor, act.kind)[mark(step.number)] if act.kind else 0
