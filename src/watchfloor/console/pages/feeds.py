"""Feeds: the health of each, its deliveries, and files that are dropped to be taken in."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec

from watchfloor.cell.acts import ABOVE, refuse, refuse_undefined
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Nothing
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.jobs.deliveries import FileStatement, ingest, orders_of
from watchfloor.console.pages.jobs import JobLine, Started, lines_of, to_job
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import declare
from watchfloor.exchange.log.access import access
from watchfloor.feeds import config, health
from watchfloor.feeds.config import PERSONAL
from watchfloor.feeds.deliverers import Deliverer, deliverer
from watchfloor.feeds.live import status
from watchfloor.feeds.quarantine import numbered
from watchfloor.formats.registry import FORMATS
from watchfloor.formats.settings import nearest
from watchfloor.policy import terms
from watchfloor.store.ceiling import holds
from watchfloor.store.readers import refuse_writing, role

SIZE: Final = 50
RECORDS: Final = 20
JOBS: Final = 5

Text = Annotated[str, msgspec.Meta(max_length=500)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Skip = Annotated[int, msgspec.Meta(ge=0)]

NO_FORMAT: Final = declare("console.no-format", "name", "near")
WRONG_ORDER: Final = declare("console.wrong-order", "problem")


class Withheld(msgspec.Struct, frozen=True):
    """A reason for which rows are not kept, and how many."""

    reason: str
    rows: int


class FeedLine(msgspec.Struct, frozen=True):
    """One feed.

    Attributes:
        source: its name; empty for all feeds together of which this reader may see nothing.
        received, accepted, duplicate, quarantined, withheld: its sum; None where that is for keepers alone.
        deliveries: how many; `last`: when it last delivered; None: never.
        newest: the latest moment that its records speak of; `lag`: seconds since then.
        error: why a piece of it is in quarantine, the newest; `error_at`: since when; `piece`: its number.
        reasons: why rows were withheld.
        described: whether `feeds.toml` has it, with `format`, `mapping`, `stated` marking and `retain_days`.
        screened: why its names are screened; empty: they are not.
        live: how its source stands, of a feed that delivers by itself: connected, listening, idle, waiting to
            try again, refused, failed or stopped; empty: it does not.
        lost: messages that its source could not take in, since it runs; None for anybody but keepers.
    """

    source: str
    received: int
    accepted: int
    duplicate: int | None
    quarantined: int
    withheld: int | None
    deliveries: int
    last: datetime | None
    newest: datetime | None
    lag: int | None
    error: str
    error_at: datetime | None
    piece: int | None
    reasons: list[Withheld]
    described: bool
    format: str
    mapping: str
    stated: str
    retain_days: int | None
    screened: str
    live: str
    lost: int | None


class FeedsPage(msgspec.Struct, frozen=True):
    """The health of every feed.

    Attributes:
        marking: the join of what is counted.
        keeper: whether the sums are the floor's; if not, they are of what the reader may see.
        feeds: by name.
        writes: whether the reader may deliver.
        most: bytes of a file that may be dropped.
        formats: names of formats.
        jobs: the newest that the reader may see.
        at: when it was so.
    """

    marking: str
    keeper: bool
    feeds: list[FeedLine]
    writes: bool
    most: int
    formats: list[str]
    jobs: list[JobLine]
    at: datetime


class FeedAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A feed's name, and where its lists begin; without, at the newest.

    Attributes:
        source: its name.
        upto: only deliveries that came up to this moment; `skip`: without so many of the newest of them.
        rows_upto, rows_skip: the same for its records.
    """

    source: str
    upto: Moment | None = None
    skip: Skip = 0
    rows_upto: Moment | None = None
    rows_skip: Skip = 0


class DeliveryLine(msgspec.Struct, frozen=True):
    """One delivery of a feed.

    Attributes:
        at: when it was committed.
        name: as its feed calls it; empty: nothing of it is for this reader.
        received, accepted, duplicate, quarantined, withheld: its sum; None where that is for keepers alone.
        again: whether it read again what lay in quarantine.
        reasons: why rows were withheld.
        position: of its act in the log; `size`: of its bytes; both for keepers alone.
        erased: whether its bytes are gone; for keepers.
    """

    at: datetime
    name: str
    received: int
    accepted: int
    duplicate: int | None
    quarantined: int
    withheld: int | None
    again: bool
    reasons: list[Withheld]
    position: int | None
    size: int | None
    erased: bool


class RecordLine(msgspec.Struct, frozen=True):
    """One record of a feed."""

    record_id: str
    kind: str
    observed_at: datetime
    locator: str
    marking: str


class FeedPage(msgspec.Struct, frozen=True):
    """One feed.

    Attributes:
        marking: the join of what is shown.
        keeper: whether the sums are the floor's.
        feed: its health.
        deliveries: the newest first, `SIZE` at most.
        next: where they go on; None at the end.
        records: the newest first, `RECORDS` at most.
        records_next: where they go on; None at the end.
        onward: whether one of the lists begins elsewhere than at the newest.
    """

    marking: str
    keeper: bool
    feed: FeedLine
    deliveries: list[DeliveryLine]
    next: health.Cursor | None
    records: list[RecordLine]
    records_next: health.Cursor | None
    onward: bool


class UploadAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file, and what is known of it; empty: it is found out.

    Attributes:
        name: of the file.
        feed: that it comes from.
        format: its format.
        marking: of its records.
        whole: the lists in it are whole, though more than half of one would leave.
    """

    name: Text = ""
    feed: Text = ""
    format: Text = ""
    marking: Text = ""
    whole: bool = False


def feeds(asker: Asker, ask: Nothing) -> FeedsPage:
    """The health of every feed: received = accepted + duplicate + quarantined + withheld, lag, last error."""
    del ask
    keeper = access(asker.floor, asker.name).keeper
    found = health.health(asker.floor, asker.reader, config.load(asker.floor.root), keeper=keeper)
    numbers = _numbers(asker)
    asker.log_query("feeds", shown=[one.source for one in found if one.source])
    return FeedsPage(
        joined(sorted({text for one in found for text in one.markings})),
        keeper,
        [_line(asker, one, numbers, keeper=keeper) for one in found],
        writes(asker),
        asker.services.uploads.most,
        sorted(FORMATS),
        lines_of(asker)[:JOBS],
        asker.at,
    )


def feed(asker: Asker, ask: FeedAsk) -> FeedPage:
    """One feed: its sums, its deliveries, the newest of its records."""
    keeper = access(asker.floor, asker.name).keeper
    every = health.health(asker.floor, asker.reader, config.load(asker.floor.root), keeper=keeper)
    one = next((each for each in every if each.source and each.source == ask.source), None)
    if one is None:
        raise NotHere
    asker.log_query("feeds", feed=one.source)
    start = health.Cursor(ask.upto, ask.skip) if ask.upto else None
    deliveries, onward = health.came(
        asker.floor, asker.reader, one.source, keeper=keeper, start=start, most=SIZE
    )
    rows = health.Cursor(ask.rows_upto, ask.rows_skip) if ask.rows_upto else None
    found, records_onward = health.newest(
        asker.floor, asker.reader, one.source, _COLUMNS, start=rows, most=RECORDS
    )
    records = [_record(row) for row in found]
    return FeedPage(
        joined(sorted(one.markings | {each.marking for each in records})),
        keeper,
        _line(asker, one, _numbers(asker), keeper=keeper),
        [_delivery(each) for each in deliveries],
        onward,
        records,
        records_onward,
        bool(ask.upto or ask.rows_upto),
    )


def upload(asker: Asker, ask: UploadAsk) -> Started:
    """Take a file in, and run the desks over what is new; a job does it, whose id you get."""
    assert asker.file is not None
    said = FileStatement(ask.feed, ask.format, "", ask.marking, ask.whole)
    path, root = asker.file.claim(), str(asker.floor.root)
    marking = marking_of(asker, ask.feed, ask.marking)
    name = asker.file.name
    started, _ = asker.services.jobs.start(
        "ingest",
        name,
        asker.name,
        marking,
        ingest,
        root,
        str(path),
        name,
        said,
        asker.actor,
        upload=path,
    )
    return Started(started.id, asker.t("feeds.upload_done", name=asker.file.name), marking)


def may_deliver(asker: Asker, ask: Any) -> None:
    """Refuse who may not write, and what is wrong with what was said of the file."""
    _ = asker.reader  # the policy names this person
    refuse_writing(asker.floor.root, asker.name)
    if ask is not None:
        check_order(asker, FileStatement(ask.feed, ask.format, "", ask.marking, ask.whole))


def check_order(asker: Asker, said: FileStatement) -> None:
    """Refuse what is wrong with what was said of a file."""
    if said.format and said.format not in FORMATS:
        refuse(NO_FORMAT, name=said.format, near=nearest(said.format, FORMATS))
    try:
        orders = orders_of(said)
    except ValueError as error:
        refuse(WRONG_ORDER, problem=str(error))
    if orders.whole:
        deliverer_of(asker).refuse_whole()
    if orders.marking:
        refuse_undefined(terms.load(asker.floor.root), orders.marking)
        if not holds(asker.floor.ceiling, orders.marking):
            refuse(ABOVE, marking=str(orders.marking), ceiling=str(asker.floor.ceiling))


def deliverer_of(asker: Asker) -> Deliverer:
    """Return the person who asks, as one who delivers."""
    return deliverer(asker.floor.root, asker.actor, config.load(asker.floor.root))


def marking_of(asker: Asker, feed: str, stated: str) -> str:
    """Return the marking of what comes from a feed, as far as the reader may know it before it is read."""
    configured = known_feeds(asker).by_name.get(feed)
    return str(parse(stated or (configured and configured.marking) or PERSONAL))


def known_feeds(asker: Asker) -> config.Feeds:
    """Return the feeds that are configured, as far as the reader may know of them."""
    return config.load(asker.floor.root).seen(asker.reader)


def writes(asker: Asker) -> bool:
    """Whether somebody may deliver."""
    return role(asker.floor.root, asker.name) not in terms.READS_ONLY


def _numbers(asker: Asker) -> dict[int, int]:
    """The number of each piece in quarantine, as this reader knows it."""
    return {piece.id: number for number, piece in numbered(asker.floor, asker.reader).items()}


def _line(asker: Asker, one: health.Health, numbers: dict[int, int], *, keeper: bool) -> FeedLine:
    settings = one.settings or config.Feed()
    live, lost = _live(asker, one.source) if settings.live else ("", None)
    return FeedLine(
        one.source,
        *one.sum,
        deliveries=one.deliveries,
        last=one.last,
        newest=one.newest,
        lag=int((asker.at - one.newest) / timedelta(seconds=1)) if one.newest else None,
        error=one.error.reason if one.error else "",
        error_at=one.error_at,
        piece=numbers.get(one.error.id) if one.error else None,
        reasons=[Withheld(reason, rows) for reason, rows in one.reasons.items()],
        described=one.settings is not None,
        format=settings.format or "",
        mapping=settings.mapping or "",
        stated=settings.marking or "",
        retain_days=settings.retain_days,
        screened=f"{settings.screen.necessity} ({settings.screen.authority})" if settings.screen else "",
        live=live,
        lost=lost if keeper else None,
    )


def _live(asker: Asker, source: str) -> tuple[str, int | None]:
    """How a source that delivers by itself stands, and what it has lost."""
    standing = status.read(asker.floor.root).sources
    found = next((one for one in standing.sources if one.name == source), None) if standing else None
    return (found.state, found.lost) if found else ("stopped", None)


def _delivery(one: health.Came) -> DeliveryLine:
    reasons = [Withheld(reason, rows) for reason, rows in one.reasons.items()]
    return DeliveryLine(
        one.at,
        one.name,
        *one.sum,
        again=one.again,
        reasons=reasons,
        position=one.position,
        size=one.size,
        erased=one.erased,
    )


_COLUMNS: Final = ("record_id", "observed_at", "locator", "marking")


def _record(row: dict[str, Any]) -> RecordLine:
    return RecordLine(row["record_id"].hex(), row["kind"], row["observed_at"], row["locator"], row["marking"])


ENDPOINTS: Final = (
    Endpoint("feeds", "GET", "/feeds", Nothing, FeedsPage, feeds, "feeds.html"),
    Endpoint("feeds.feed", "GET", "/feeds/{source}", FeedAsk, FeedPage, feed, "feed.html"),
    Endpoint(
        "feeds.upload",
        "POST",
        "/uploads",
        UploadAsk,
        Started,
        upload,
        within="feeds",
        then=to_job,
        file=may_deliver,
    ),
)
