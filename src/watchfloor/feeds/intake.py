"""Taking deliveries in: a file is recognised, read, marked and committed, all of it or nothing.

For each delivery received = accepted + duplicate + quarantined + withheld. A file that turns out not to be
what it claims is one quarantined piece, and can be read again when the reader or the mapping is better.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from io import BytesIO
from pathlib import Path, PurePosixPath
from re import sub
from typing import BinaryIO, Final, NamedTuple, Self, TypeVar, cast

import pyarrow as pa

from watchfloor.core.kinds import PARTY
from watchfloor.core.marking import Marking, parse
from watchfloor.feeds import isolation, marking_definitions, privacy
from watchfloor.feeds.complete import OWN, Completion
from watchfloor.feeds.config import PERSONAL, PUBLIC, Feeds
from watchfloor.feeds.corrections import Corrections, Earlier
from watchfloor.feeds.deliverers import Deliverer, deliverer
from watchfloor.feeds.editions import Editions
from watchfloor.feeds.isolation import Spool, pieces
from watchfloor.feeds.reader_process import WORKBOOK, Recipe
from watchfloor.feeds.streams import Unreadable, WholeLines
from watchfloor.feeds.walk import Aside, Item, walk
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, Head
from watchfloor.formats.encoding.charset import Statement, stated
from watchfloor.formats.lists import concern_csv
from watchfloor.formats.reader_options import NOTHING as NO_WORD
from watchfloor.formats.registry import FORMATS, GUESS, recognise
from watchfloor.formats.sensors import capture
from watchfloor.formats.tabular import json_lines, spreadsheet
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.delimited import header_of
from watchfloor.formats.tabular.mapping import Mapping
from watchfloor.formats.tabular.trial import other
from watchfloor.store import Account, Intake, Writer
from watchfloor.store.ceiling import above, holds

Check = Callable[[Batch], Iterator[Batch | Fault]]
"""Holds a batch against what the floor knows: the rows that pass, completed, and a fault for each other."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of the person who delivers, on the files; None: it is found out."""

    source: str | None = None
    format: str | None = None
    mapping: Mapping | None = None
    marking: Marking | None = None
    whole: bool = False
    """Its editions of lists are whole, however much they take away."""
    encoding: str | None = None
    """Of their text, where no mapping states one."""
    checks: dict[str, Check] = field(default_factory=dict)
    """By kind, what its rows must pass."""
    own: bool = False
    """They are captures that this floor has written itself, of what it has read already."""
    repeated: int = 0
    """Pieces that were left out of it, since they repeat others in it."""
    withheld: int = 0
    """Persons in privacy zones that were left out of it."""
    by: Deliverer | None = None
    """Who delivers; None: a source that the floor itself has checked."""


@dataclass(frozen=True, slots=True)
class CommittedDelivery:
    """A delivery that was committed; `withheld` counts its rows that are not kept, by reason."""

    name: str
    source: str
    format: str
    position: int
    account: Account
    notes: tuple[str, ...] = field(default=())
    withheld: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """Result of a call: deliveries that were committed, and what was left aside."""

    taken: list[CommittedDelivery] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)

    def feeds(self) -> dict[str, Account]:
        """The sum of each feed."""
        sums: dict[str, Account] = {}
        for one in self.taken:
            sums[one.source] = added(sums.get(one.source, NOTHING), one.account)
        return dict(sorted(sums.items()))

    @property
    def total(self) -> Account:
        """The sum of all."""
        return reduce(added, (one.account for one in self.taken), NOTHING)

    @property
    def withheld(self) -> dict[str, int]:
        """Rows withheld by reason, the most common first."""
        return dict(sum((Counter(one.withheld) for one in self.taken), Counter[str]()).most_common())

    @property
    def whole(self) -> bool:
        """Whether all was taken in: nothing quarantined, withheld, or left aside that might be a delivery."""
        total = self.total
        return not (total.quarantined or total.withheld or any(not one.harmless for one in self.aside))


NOTHING: Final = Account(0, 0, 0, 0, 0)


def added(one: Account, other: Account) -> Account:
    """The sum of two accounts."""
    return Account(*map(sum, zip(one, other, strict=True)))


Progress = Callable[[str, int], None]
"""Called with a delivery's name and its rows so far: first those read ahead, if any, then those stored."""


def silent(_name: str, _rows: int) -> None:
    """No progress is shown."""


Take = Callable[[], AbstractContextManager[Writer]]
"""Gives a floor's writer."""


class Turns:
    """The writer of a floor, held while deliveries are stored and let go while one is read elsewhere.

    Args:
        take: gives the writer, for as long as a block lasts; it waits for others as long as it likes.
        first: a writer to begin with, which is closed when it is let go.
    """

    def __init__(self, take: Take, first: Writer | None = None) -> None:
        self._take: Take | None = take
        self._stack = ExitStack()
        self._held = (self._stack.enter_context(first), Earlier(first)) if first else None

    @classmethod
    def always(cls, writer: Writer, earlier: Earlier | None = None) -> Self:
        """A writer that somebody else holds, and lets go."""
        made = cls(lambda: nullcontext(writer))
        made._take, made._held = None, (writer, earlier or Earlier(writer))
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()

    @property
    def held(self) -> tuple[Writer, Earlier]:
        """The writer and what it knows of earlier reports; it is taken where it was let go."""
        if self._held is None:
            assert self._take is not None
            writer = self._stack.enter_context(self._take())
            self._held = writer, Earlier(writer)
        return self._held

    def rest(self) -> None:
        """Let others write."""
        if self._take is not None:
            self._held = None
            self._stack.close()


def ingest_all(
    writer: Writer | Turns,
    paths: Iterable[Path],
    feeds: Feeds,
    orders: Orders | None = None,
    progress: Progress = silent,
) -> Iterator[CommittedDelivery | Aside]:
    """Take in all that is under some paths, one delivery at a time. `Tally` sums up."""
    yield from ingest_each(writer, walk(paths), feeds, orders, progress)


def ingest_each(
    writer: Writer | Turns,
    items: Iterable[Item | Aside],
    feeds: Feeds,
    orders: Orders | None = None,
    progress: Progress = silent,
) -> Iterator[CommittedDelivery | Aside]:
    """Take in what a person brings, one delivery at a time. Raises `NotPermitted`, see `feeds.deliverers`.

    In `Turns`, no other writer waits for a file that is read in the process of readers. Small ones that
    follow each other are read before the first of them is stored, for a turn of their own would cost more
    than they do.
    """
    turns = writer if isinstance(writer, Turns) else Turns.always(writer)
    first, _ = turns.held
    by = deliverer(first.root, first.actor, feeds)
    orders = replace(orders or Orders(), by=by)
    if orders.whole:
        by.refuse_whole()
    known = by.known
    with _Ahead(turns, known, orders, progress) as ahead:
        for item in items:
            ahead.add(item)
            if ahead.full:
                yield from ahead.stored()
        yield from ahead.stored()


def tally(found: Iterable[CommittedDelivery | Aside]) -> Tally:
    """Sum up the deliveries and what was left aside."""
    sums = Tally()
    for one in found:
        if isinstance(one, Aside):
            sums.aside.append(one)
        else:
            sums.taken.append(one)
    return sums


def ingest(
    writer: Writer | Turns,
    item: Item,
    feeds: Feeds,
    orders: Orders,
    earlier: Earlier | None = None,
    progress: Progress = silent,
) -> CommittedDelivery | Aside:
    """Take one item in. Raises `StoreError` where the floor cannot; a bad file raises nothing."""
    turns = writer if isinstance(writer, Turns) else Turns.always(writer, earlier)
    with _Ahead(turns, feeds, orders, progress) as ahead:
        ahead.add(item)
        (found,) = ahead.stored()
    return found


@dataclass(slots=True)
class _Ahead:
    """Deliveries that follow each other: looked at, or read in the process of readers, and not stored yet."""

    turns: Turns
    feeds: Feeds
    orders: Orders
    progress: Progress
    size: int = 0
    """Bytes of them, and of what was read of them."""
    found: list[Aside | Callable[[], "Aside | _Stored"]] = field(default_factory=list)
    """What each is, or what stores it, in their order."""
    spools: list[Spool] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _clear(self) -> None:
        for spool in self.spools:
            spool.close()
        self.found, self.spools, self.size = [], [], 0

    @property
    def full(self) -> bool:
        """Whether they are to be stored."""
        return len(self.found) >= AHEAD or self.size >= AHEAD_BYTES

    def add(self, item: Item | Aside) -> None:
        """Look at one more, and read it where that is done in the process of readers."""
        self.found.append(
            item if isinstance(item, Aside) else _or_aside(item.name, partial(self._read, item))
        )

    def _read(self, item: Item) -> "Aside | Callable[[], Aside | _Stored]":
        with stated(self.orders.encoding) as statement:
            with item.open() as stream:
                head = Head(item.file, stream.read(HEAD_BYTES))
            found = _plan(item, head, self.feeds, self.orders, statement)
            if found is None:
                return unknown(item.name, head)
            source, recipe = found
            spool = None
            if isolation.apart(recipe, head) and not self.orders.own:
                self.turns.rest()
                spool = _read_ahead(item, recipe, statement.encoding, self.progress)
                self.spools.append(spool)
                item = replace(item, open=spool.open)
            self.size += spool.size if spool else AHEAD_BYTES  # the next file must not be asked for before
        return partial(self._store, item, source, recipe, spool, statement.encoding)

    def stored(self) -> Iterator[CommittedDelivery | Aside]:
        """Store them, with one commit for those that are small; yield what became of each."""
        done: list[Aside | _Stored] = []
        failed: BaseException | None = None
        with self._together():
            for one in self.found:
                try:
                    done.append(one if isinstance(one, Aside) else one())
                except BaseException as error:  # what came before it is kept, and told first
                    failed = error
                    break
        self._clear()
        for each in done:
            yield each if isinstance(each, Aside) else each.committed
        if failed is not None:
            raise failed

    def _together(self) -> AbstractContextManager[None]:
        if all(isinstance(one, Aside) for one in self.found):
            return nullcontext()
        return self.turns.held[0].together()

    def _store(
        self, item: Item, source: str, recipe: Recipe, spool: Spool | None, encoding: str | None
    ) -> "Aside | _Stored":
        form = format_of(recipe, self.orders, spool)
        writer, earlier = self.turns.held
        if spool is None or self.orders.checks.keys() & {*form.kinds}:
            writer.commit()  # it takes long, or is held against what the floor has
        store = partial(_stored, writer, earlier, item, source, form, self.feeds, self.orders, self.progress)
        with stated(encoding) as statement:
            taken = _or_aside(item.name, store)
        return taken if isinstance(taken, Aside) else taken.noting(after=statement.notes)


class _Stored(NamedTuple):
    """A delivery that was stored, and has its position once it is committed."""

    delivery: CommittedDelivery
    intake: Intake

    @property
    def committed(self) -> CommittedDelivery:
        """The delivery with its position."""
        return replace(self.delivery, position=self.intake.position)

    def noting(self, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> "_Stored":
        """Return it with more notes."""
        notes = (*before, *self.delivery.notes, *after)
        return self._replace(delivery=replace(self.delivery, notes=notes))


AHEAD: Final = 256
AHEAD_BYTES: Final = 4 << 20
"""Files, and bytes of them, that are read before the first of them is stored."""


_Found = TypeVar("_Found")


def _or_aside(name: str, work: Callable[[], _Found]) -> _Found | Aside:
    """Return what some work gives, or why the file cannot be read."""
    try:
        return work()
    except Unreadable as error:
        return Aside(name, str(error))
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        return Aside(name, f"cannot be read: {error.strerror or error}")


def _plan(
    item: Item, head: Head, feeds: Feeds, orders: Orders, statement: Statement
) -> tuple[str, Recipe] | None:
    """The feed of an item and how it is read, in the encoding that is stated then; None: nobody takes it."""
    named = orders.source or feeds.feed_of(item.name)
    statement.encoding = orders.encoding or (feeds.feed(named).encoding if named else None)
    recipe = recipe_of(head, feeds, orders, named)
    if recipe is None:
        return None
    source = named or source_of(item, recipe.form())
    statement.encoding = orders.encoding or feeds.feed(source).encoding
    if feeds.feed(source).known != NO_WORD:  # of a feed that is known by the file's name alone, too
        recipe = recipe_of(head, feeds, orders, source) or recipe
    return source, recipe


def _read_ahead(item: Item, recipe: Recipe, encoding: str | None, progress: Progress) -> Spool:
    with item.open() as stream:
        told = partial(progress, item.name)
        ahead = isolation.spool(recipe, cast("BinaryIO", stream), item.file, encoding, told)
        try:
            stream.check()
        except Unreadable:
            ahead.close()
            raise
        return ahead


def _stored(
    writer: Writer,
    earlier: Earlier,
    item: Item,
    feed: str,
    form: Format,
    feeds: Feeds,
    orders: Orders,
    progress: Progress,
) -> _Stored:
    source = orders.by.source(feed) if orders.by else feed
    completion = completion_of(feeds, feed, form, orders, writer.key, source)
    if not holds(writer.ceiling, completion.marking):
        return _withheld(writer, item, source, form, completion.marking, orders)
    item, form, gone = privacy.kept(item, form, privacy.load(writer.root))
    orders = replace(orders, withheld=orders.withheld + gone)
    with seldom_collected():
        try:
            corrections = Corrections(earlier, source)
            form = marking_definitions.resolving(form, writer, source)
            taken = _taken(writer, item, source, form, completion, orders, corrections, progress)
            return taken if feed == source else taken.noting(before=(_apart(feed, source),))
        except _Above as error:
            return _withheld(writer, item, source, form, error.marking, orders, told=True)


def format_of(recipe: Recipe, orders: Orders, ahead: Spool | None = None) -> Format:
    """The format of a recipe, with the checks that were ordered; what was read ahead is not read again."""
    form = recipe.form()
    return checked(replace(form, read=ahead.pieces) if ahead else form, orders.checks)


def checked(form: Format, checks: dict[str, Check]) -> Format:
    """A format whose rows pass the checks of their kind as they are read."""

    def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
        for piece in form.read(stream, name):
            check = checks.get(piece.kind.name) if isinstance(piece, Batch) else None
            yield from check(piece) if check and isinstance(piece, Batch) else (piece,)

    return replace(form, read=read) if checks.keys() & {*form.kinds} else form


def recipe_of(head: Head, feeds: Feeds, orders: Orders, source: str | None) -> Recipe | None:
    """How a file is read: as ordered, else as its feed says, else as it looks; None: no format takes it."""
    known = feeds.feed(source).known if source else NO_WORD
    if head.data.startswith(capture.MAGIC):  # whatever its feed delivers, this is how we keep it
        return Recipe(capture.FORMAT.name, known)
    mapping = orders.mapping or (None if orders.format or not source else feeds.mappings.get(source))
    if mapping:
        return Recipe(WORKBOOK, known, mapping)
    if name := orders.format or (feeds.feed(source).format if source else None):
        return Recipe(name, known)
    found = recognise(head, above=GUESS)
    return Recipe(found.name, known) if found else None


def marking_of(feeds: Feeds, source: str, form: Format) -> Marking:
    """The marking of a feed's records."""
    stated = feeds.feed(source).marking
    official = form.name == "cap" or ("listing" in form.kinds and form.name != concern_csv.FORMAT.name)
    return parse(stated or (PUBLIC if official else PERSONAL))


def _apart(feed: str, source: str) -> str:
    """A note of what is not kept as its feed's."""
    return f"kept as {source}, since you do not deliver to {feed}: its records replace none of {feed}"


def completion_of(
    feeds: Feeds, source: str, form: Format, orders: Orders, key: bytes, kept: str | None = None
) -> Completion:
    """Return the completion of a feed's rows, and of its unreadable pieces; `kept` is its name on them.

    Where nobody states a marking, a piece has that of names of persons, even in an official list: what could
    not be read may be anything.
    """
    feed = feeds.feed(source)
    marking = orders.marking or marking_of(feeds, source, form)
    stated = bool(orders.marking or feed.marking)
    apart = marking if stated else parse(PERSONAL)
    return Completion(kept or source, marking, feed.retain_days, key, apart=apart, stated=stated)


def source_of(item: Item, form: Format) -> str:
    """A name for a feed that nobody configured: an official list's format, or the file's without numbers.

    Public alerts are of one feed, whatever their files are called, so that a cancellation finds its alert.
    """
    if form.name == "cap" or ("listing" in form.kinds and form.name in FORMATS):
        return form.name
    stem = PurePosixPath(item.file).name.split(".")[0].lower()
    return sub(r"[^a-z]+", "-", stem).strip("-") or "unnamed"


def unknown(name: str, head: Head) -> Aside:
    """A file that no format takes: why, and what to do."""
    if not head.data.strip():
        return Aside(name, "is empty")
    describe = "describe it once: watchfloor feeds map FILE"
    if recognise(head):
        why = "is a list if you say so"
        return Aside(name, f"{why} (--format listing-csv); else {describe}", why=f"{why}, or a table to map")
    if (found := other(head)) is not None:
        why = f"is {found.name} of no format known here, and no table"
        return Aside(name, f"{why}; --format names one", why=why)
    is_table = spreadsheet.is_workbook(head.data[:8]) or json_lines.is_records(head.data)
    if is_table or len(header_of(head.data)) > 1:
        why = "is a table of columns that no format knows"
        return Aside(name, f"{why}; {describe}", why=why)
    why = "is of no format known here"
    return Aside(name, f"{why}; --format names one", why=why)


def _taken(
    writer: Writer,
    item: Item,
    source: str,
    form: Format,
    completion: Completion,
    orders: Orders,
    corrections: Corrections,
    progress: Progress,
) -> _Stored:
    with item.open() as stream, writer.delivery(source, item.name, cast("BinaryIO", stream)) as intake:
        stream.check()
        if not intake.size:
            raise Unreadable("is empty")
        intake.stated = completion.marking if completion.stated else None
        damaged = bool(stream.damage)
        may = orders.by.may if orders.by and orders.by.role else None
        editions = Editions(writer, completion, whole=orders.whole, silent=damaged, may=may)
        with reading(intake, damaged=damaged) as delivered:
            for piece in editions.sift(pieces(form, delivered, item.file)):
                _put(intake, piece, completion, writer.ceiling, corrections)
                progress(item.name, intake.account.received)
        intake.repeat(orders.repeated)
        intake.withhold(orders.withheld, privacy.REASON)
        if stream.damage:
            tail = getattr(delivered, "tail", b"")
            broken = Fault(f"{BREAK} {intake.size}", stream.damage, tail[:MAX_RAW], rest=True)
            intake.quarantine([broken], completion.apart)
        account, corrected = intake.account, corrections.notes(intake)
    notes = (*completion.notes, *corrected, *_repeated(intake), *editions.notes(intake.earlier))
    if item.name.endswith(privacy.AFTER):
        notes = (privacy.NOTE, *notes)
    return _Stored(
        CommittedDelivery(item.name, source, form.name, 0, account, notes, intake.withheld), intake
    )


def _repeated(intake: Intake) -> tuple[str, ...]:
    """A note of what is not put into quarantine again."""
    if not intake.repeated:
        return ()
    count = "1 piece" if intake.repeated == 1 else f"{intake.repeated:,} pieces"
    return (f"{count} in quarantine since these bytes came before, and not put there again",)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """With the cycle collector mostly at rest: rows are many objects and few cycles (a third of the time).

    And with the system's allocator, which gives the memory of one batch to the next: that of Arrow gives it
    back in between, and to have huge pages cleared anew was a third of the time, too.
    """
    usual, pool = gc.get_threshold(), pa.default_memory_pool()
    gc.set_threshold(max(usual[0], SELDOM), *usual[1:])
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
        gc.set_threshold(*usual)


@contextmanager
def reading(intake: Intake, *, damaged: bool) -> Iterator[BinaryIO]:
    """The delivered bytes; of damaged ones only whole lines, since half a line may look like a whole one."""
    with intake.open() as stream:
        yield cast("BinaryIO", WholeLines(stream)) if damaged else stream


def _put(
    intake: Intake, piece: Batch | Fault, completion: Completion, ceiling: Marking, corrections: Corrections
) -> None:
    if isinstance(piece, Fault):
        intake.quarantine([piece], completion.apart)
        return
    rows, expired = completion.complete(piece)
    if OWN in piece.rows.column_names:
        for marking in map(parse, set(rows.column("marking").to_pylist())):
            if not holds(ceiling, marking):
                raise _Above(marking)
    intake.withhold(expired, EXPIRED)
    if piece.kind is PARTY:
        corrections.see(rows)
    intake.accept(piece.kind, rows)


class _Above(Exception):  # noqa: N818 - no error: it leaves the delivery uncommitted, so that no byte is kept
    """A row marked by itself above the floor's ceiling."""

    def __init__(self, marking: Marking) -> None:
        self.marking = marking


def _withheld(
    writer: Writer,
    item: Item,
    source: str,
    form: Format,
    marking: Marking,
    orders: Orders,
    *,
    told: bool = False,
) -> _Stored:
    """Count what may not be kept, and keep neither rows nor bytes.

    Where a delivery is above the ceiling by its own marking, `told` says so, with what was wrong in it.
    """
    reason = above(writer.ceiling, marking)
    notes = [f"it is {reason}; nothing of it is kept"] if told else []
    count = 0
    with item.open() as stream:
        for piece in pieces(form, cast("BinaryIO", stream), item.file):
            count += _size(piece)
            if told and isinstance(piece, Fault) and len(notes) < NOTED:
                notes.append(piece.reason)
        stream.check()
    with writer.delivery(source, item.name, BytesIO()) as intake:
        intake.withhold(count, reason)
        intake.withhold(orders.withheld, privacy.REASON)
        account = intake.account
    delivery = CommittedDelivery(item.name, source, form.name, 0, account, tuple(notes), intake.withheld)
    return _Stored(delivery, intake)


def _size(piece: Batch | Fault) -> int:
    return 1 if isinstance(piece, Fault) else piece.rows.num_rows


BREAK: Final = "byte"
"""How the locator of a fault starts that is about the packing of a delivery, and not about what is in it."""

NOTED: Final = 5
"""Notes on a delivery that is not kept."""

SELDOM: Final = 1_000_000
"""Objects made between two rounds of the cycle collector."""

EXPIRED: Final = "older than the feed's retention allows"
