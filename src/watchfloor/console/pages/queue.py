"""The queue: leads ranked, filtered, and what changed since the officer last marked them as seen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from watchfloor.actions.base import NO_CURSOR
from watchfloor.actions.leads import ExportLeads
from watchfloor.actions.leads import export as exported
from watchfloor.actions.views import ListViews, ViewRow
from watchfloor.actions.views import list_ as list_views
from watchfloor.casework import triage
from watchfloor.casework.saved_views import Query, Tab
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.casework.triage import Progress
from watchfloor.cell.acts import refuse
from watchfloor.cell.weighing.weights import Weights, load
from watchfloor.cell.wording.estimative_language import WORDS, words
from watchfloor.cell.wording.titles import Title
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Raw, first_queue
from watchfloor.console.pictures.changes import Change, changed_ids, changes
from watchfloor.console.pictures.fitting import fitting, states_of, tasked, under
from watchfloor.console.pictures.picture import FOUND_FALSE, Picture, Rows
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, Reason, declare
from watchfloor.exchange.geo.feature import TYPES
from watchfloor.store import log
from watchfloor.store.index.bodies import micros

SIZE: Final = 50
MOST: Final = 500
"""Leads of a page."""
CHANGES: Final = 20
"""Changed leads that are told with their reasons."""
TABS: Final[tuple[Tab, ...]] = ("new", "mine", "watching", "tasked", "closed", "")
LIFE: Final = 1
"""The rank of hypotheses that are looked at first, whatever the probability."""


class QueueAsk(Query, frozen=True, forbid_unknown_fields=True):
    """Which leads, and which page of them.

    Attributes:
        after: cursor of the page before.
        size: how many.
    """

    after: str = ""
    size: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = SIZE


class Also(msgspec.Struct, frozen=True):
    """Another hypothesis of a case."""

    hypothesis: str
    title: str
    probability: float


class Line(msgspec.Struct, frozen=True):
    """One lead of the queue.

    Attributes:
        lead_id: its id.
        subject: its anchor; `subjects`: how many it spans.
        title: what, where and since when.
        called: the anchor's name, where a record gives one; `called_marking`: of the names in all of it.
        hypothesis: its name; `hypothesis_title`: in words.
        probability: of the hypothesis; `word`: as ICD 203 has it.
        reason: the sentence of its weightiest signal.
        at: when the last of its signals could first be known.
        marking: who may see it.
        changed: how it changed since it was last seen; empty: it did not.
        units: that have an open task on it.
        state: new, taken, watching, tasked or closed; `owner`: whose it is; `mine`: whether it is who asks.
        ground: why it was closed; `news`: how many signals opened it again.
        named: whether a comment names who asks.
        life: whether a life may be at risk.
        found_false: whether somebody looked and found it false, and nothing has come since: it stands last.
    """

    lead_id: str
    subject: str
    subjects: int
    hypothesis: str
    hypothesis_title: str
    probability: float
    word: str
    band: int
    reason: str
    at: datetime
    marking: str
    title: Title
    also: list[Also] = []
    changed: str = ""
    units: list[str] = []
    called: str = ""
    called_marking: str = ""
    found_false: bool = False
    state: str = "new"
    owner: str | None = None
    mine: bool = False
    ground: str = ""
    news: int = 0
    named: bool = False
    life: bool = False


class Count(msgspec.Struct, frozen=True):
    """One choice of a filter and how many leads it has."""

    value: str
    called: str
    count: int


class Since(msgspec.Struct, frozen=True):
    """Changes since the officer last marked the queue as seen.

    Attributes:
        at: when that queue was; None: never.
        count: leads that are not what they were.
        told: the first of them, with the reasons.
    """

    at: datetime | None
    count: int = 0
    told: list[Change] = []


class Queue(msgspec.Struct, frozen=True):
    """A page of the queue.

    Attributes:
        marking: the join of what is shown.
        total: leads in the queue; `count`: those that are asked for.
        leads: this page.
        next: cursor of the next page; empty at the end.
        hypotheses, bands: choices with their counts; `tabs`: states with theirs.
        hidden: how many more there are below `least`.
        units: choices.
        as_of: when the queue was as it is shown.
        fresh: whether it is the newest; if not, one is being made.
        number: of the view's picture; it grows with each change.
        digest: of the whole queue.
        since: what changed since it was last seen.
        saved: views of who asks; `shown`: the query that is shown, as they are written.
    """

    marking: str
    total: int
    count: int
    leads: list[Line]
    next: str
    tabs: list[Count]
    hidden: int
    hypotheses: list[Count]
    bands: list[Count]
    units: list[Count]
    as_of: datetime
    fresh: bool
    number: int
    digest: str
    since: Since
    saved: list[ViewRow] = []
    shown: str = ""


def queue(asker: Asker, ask: QueueAsk) -> Queue:
    """The queue of leads, likeliest first. A lead is an invitation to look, not a finding."""
    seen = asker.services.pictures.current(asker.reader, asker.at, asker.patience)
    picture, weights = seen.picture, load()
    given, states = tasked(asker), states_of(asker, picture)
    rows, hidden = fitting(picture, ask, given, states, asker.at, asker.name)
    try:
        mine, after = picture.page(rows, ask.after or None, ask.size)
    except ValueError:
        refuse(NO_CURSOR)
    since, moved = _since(asker, picture)
    lines = [
        line_of(said, weights, asker, moved, given, states.get(row, triage.NEW))
        for row, said in zip(mine.tolist(), picture.listed(mine), strict=True)
    ]
    ids = [line.lead_id for line in lines]
    asker.log_query("leads", leads=len(picture), digest=picture.about.digest, shown=ids, asked=_said(ask))
    return Queue(
        joined([*_markings(lines), *(change.marking for change in since.told)]),
        len(picture),
        len(rows),
        lines,
        after or "",
        _tabs(picture, states, asker, ask),
        hidden,
        _hypotheses(picture, rows, weights, asker.language),
        _bands(picture, rows, asker.language),
        _choices(asker, given),
        seen.at,
        seen.fresh,
        seen.number,
        picture.about.digest,
        since,
        list_views.run(asker, ListViews()).views,
        ask.written(),
    )


def _tabs(picture: Picture, states: Mapping[int, Progress], asker: Asker, ask: QueueAsk) -> list[Count]:
    """Return the tabs with their counts; new ones are counted from `least` on."""
    rows = np.arange(len(picture))
    shown = rows[picture.table["band"].to_numpy() >= ask.least]
    of = {tab: shown if tab == "new" else rows for tab in TABS}
    counts = {tab: np.count_nonzero(under(tab, of[tab], states, asker.name)) for tab in TABS}
    return [Count(tab, asker.t(f"queue.tab_{tab or 'all'}"), int(counts[tab])) for tab in TABS]


def _markings(lines: list[Line]) -> list[str]:
    """Of the leads, and of the records that give their names."""
    return [one for line in lines for one in (line.marking, line.called_marking) if one]


def _choices(asker: Asker, given: Mapping[str, frozenset[str]]) -> list[Count]:
    units = load_units(asker.floor.root).units
    return [
        Count(key, units[key].called(asker.language) if key in units else key, len(given[key]))
        for key in sorted(given)
    ]


def _hypotheses(picture: Picture, rows: Rows, weights: Weights, language: Language) -> list[Count]:
    counts = picture.counts("hypothesis", rows)
    return [
        Count(name, one.called(language), counts.get(name, 0)) for name, one in weights.hypotheses.items()
    ]


def _bands(picture: Picture, rows: Rows, language: Language) -> list[Count]:
    counts = picture.counts("band", rows)
    called = [french if language == "fr" else english for _, english, french in WORDS]
    return [Count(str(n), called[n], counts.get(n, 0)) for n in reversed(range(len(WORDS)))]


def line_of(
    said: Mapping[str, Any],
    weights: Weights,
    asker: Asker,
    moved: Mapping[str, str],
    given: Mapping[str, frozenset[str]],
    left: Progress,
) -> Line:
    """Return a lead of a picture as a line of the queue."""
    lead_id, language = said["lead_id"], asker.language
    also = zip(said["also"], said["also_probability"], strict=True)
    return Line(
        lead_id,
        said["subject"],
        len(said["subjects"]),
        said["hypothesis"],
        weights.hypotheses[said["hypothesis"]].called(language),
        said["probability"],
        words(said["low"], said["high"], language),
        said["band"],
        Reason.load(said["reason"]).render(language),
        said["at"],
        said["marking"],
        said["title"],
        [Also(name, weights.hypotheses[name].called(language), chance) for name, chance in also],
        moved.get(lead_id, ""),
        [unit for unit, leads in given.items() if lead_id in leads],
        said["called"],
        said["called_marking"],
        said["tier"] >= FOUND_FALSE,
        left.state,
        left.owner,
        left.owner == asker.name,
        left.ground,
        len(left.news),
        any(asker.name in row["mentions"] for row in left.comments),
        weights.hypotheses[said["hypothesis"]].rank == LIFE,
    )


def _since(asker: Asker, picture: Picture) -> tuple[Since, Mapping[str, str]]:
    """Return the changes since the officer marked the queue as seen, and the way of each lead."""
    known = asker.services.accounts.seen(asker.name)
    if known is None:
        return Since(None), {}
    position, at = known[0], log.moment(known[1])
    before = asker.services.pictures.at(asker.reader, min(position, asker.floor.position), at)
    ids = changed_ids(before, picture)
    told = list(changes(before, picture, asker.language, CHANGES))
    ways = {one: "new" if before.row_of(one) is None else "changed" for one in ids}
    return Since(at, len(ids), told), ways | {one.lead_id: one.way for one in told}


def _said(ask: QueueAsk) -> dict[str, object] | None:
    """Return the filters, for the log."""
    given = msgspec.structs.asdict(ask)
    found = {name: value for name, value in given.items() if value and name not in ("after", "size")}
    return found or None


class SeenAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number of the picture that was seen, as the page had it."""

    number: int


def seen(asker: Asker, ask: SeenAsk) -> Done:
    """Mark the queue as seen: changes are told from here on."""
    now = asker.services.pictures.current(asker.reader, asker.at)
    if now.number != ask.number:
        refuse(MOVED_ON)
    about = now.picture.about
    asker.services.accounts.mark_seen(asker.name, about.position, micros(asker.at))
    asker.log_query("queue seen", digest=about.digest)
    return Done(asker.t("queue.seen_done"))


MOVED_ON: Final = declare("console.queue-moved-on")


def export(asker: Asker, ask: ExportLeads) -> Raw:
    """Write the first leads of the queue as CSV, GeoJSON or KML, each with its marking."""
    made = exported(asker, ask)
    return Raw(made.file.encode(), TYPES[made.form], f"leads-{asker.at:%Y-%m-%dT%H%MZ}.{made.form}")


OPENS: Final = {"state": "new", "least": "1"}
"""What the page begins with: what nobody has, without what has almost no chance, which is a click away."""

ENDPOINTS: Final = (
    Endpoint(
        "queue", "GET", "/leads", QueueAsk, Queue, queue, page="queue.html", opens=OPENS, prepares=first_queue
    ),
    Endpoint("queue.export", "GET", "/leads/export", ExportLeads, Raw, export),
    Endpoint("queue.seen", "POST", "/leads/seen", SeenAsk, Done, seen, within="queue"),
)
