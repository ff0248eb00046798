"""Jobs: long work that officers have started, how far it is, and what came of it.

Each sees the jobs that are his, and of the others those whose work he may see: before it is done by its
marking, afterwards by whether anything that it brought is for him. What a file will bring nobody knows before
it is read, so one that is being taken in is its officer's alone. How many rows there are, and in which of
its files it is, is for who started it and for who keeps the floor: others may not see each of them.
"""

from collections.abc import Container
from datetime import datetime
from typing import Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.jobs.deliveries import DESKS, Delivered, Ingested, LeftAside
from watchfloor.console.jobs.jobs import INTERRUPTED, Job
from watchfloor.core.marking import joined, parse
from watchfloor.core.messages import declare
from watchfloor.exchange.log.access import access
from watchfloor.policy.policy import allowed
from watchfloor.store.readers import refuse_writing

OVER: Final = declare("console.job-over")
NOT_INTERRUPTED: Final = declare("console.job-not-interrupted")


class JobAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The job's id."""

    job: str


class JobLine(msgspec.Struct, frozen=True):
    """One job.

    Attributes:
        id: of the job; `what`: its sort; `name`: of what it works on.
        by: who started it; `mine`: whether that is who asks.
        state: waiting, running, done, failed, stopped or interrupted.
        at: when it was started; `ended`: when it was over.
        text: what it does now, or why it failed; empty where that is not for this reader.
        rows: done so far; 0 where that is not for this reader.
        marking: of what it works on.
        again: whether this reader can start it again.
    """

    id: str
    what: str
    name: str
    by: str
    mine: bool
    state: str
    at: datetime
    ended: datetime | None
    text: str
    rows: int
    marking: str
    again: bool = False


class JobList(msgspec.Struct, frozen=True):
    """Jobs that the reader may see, the newest first."""

    marking: str
    jobs: list[JobLine]


class Total(msgspec.Struct, frozen=True):
    """Count of all rows: received = accepted + duplicate + quarantined + withheld."""

    received: int
    accepted: int
    duplicate: int
    quarantined: int
    withheld: int


class JobPage(msgspec.Struct, frozen=True):
    """One job.

    Attributes:
        job: what it is and how far.
        total: what became of all rows; None: it is not done, took nothing in, or is not for this reader.
        taken: deliveries that were committed.
        aside: what was left aside, and why.
        ran: whether the desks ran over what is new.
        left: pieces in quarantine after reading it again; None: that was not done.
        marking: of the page.
    """

    job: JobLine
    total: Total | None
    taken: list[Delivered]
    aside: list[LeftAside]
    ran: bool
    left: int | None
    marking: str


def jobs(asker: Asker, ask: Nothing) -> JobList:
    """Jobs that you may see, the newest first."""
    del ask
    lines = lines_of(asker)
    return JobList(joined([one.marking for one in lines if one.marking]), lines)


def lines_of(asker: Asker) -> list[JobLine]:
    """The jobs that somebody may see, the newest first."""
    every = asker.services.jobs.all()
    others = any(one.by != asker.name and one.result is not None for one in every)
    seen = frozenset(asker.floor.seen(asker.reader)) if others else frozenset()
    return [line(asker, one) for one in every if visible(asker, one, seen)]


def job(asker: Asker, ask: JobAsk) -> JobPage:
    """One job: how far it is, and what came of it."""
    one = find(asker, ask.job)
    mine = one.by == asker.name or access(asker.floor, asker.name).keeper
    came = one.result if mine and isinstance(one.result, Ingested) else Ingested([], [], ran=False)
    sums = [_sum(each) for each in came.taken]
    total = Total(*map(sum, zip(*sums, strict=True))) if sums else None
    return JobPage(
        line(asker, one),
        total,
        [_known(asker, each) for each in came.taken],
        came.aside,
        came.ran,
        came.left,
        one.marking,
    )


def stop(asker: Asker, ask: JobAsk) -> Done:
    """Stop a job that you have started; what it has committed stays."""
    one = find(asker, ask.job)
    if one.by != asker.name:
        raise NotHere
    if one.ended:
        refuse(OVER)
    asker.services.jobs.stop(one.id)
    return Done(asker.t("jobs.stop_done"))


def again(asker: Asker, ask: JobAsk) -> Done:
    """Start a job of yours again that was interrupted when the console ended."""
    one = find(asker, ask.job)
    if one.by != asker.name:
        raise NotHere
    refuse_writing(asker.floor.root, asker.name)
    if not asker.services.jobs.again(one.id):
        refuse(NOT_INTERRUPTED)
    return Done(asker.t("jobs.again_done"))


def find(asker: Asker, name: str) -> Job:
    """A job of that id. Raises `NotHere` where there is none that this person may see."""
    one = asker.services.jobs.get(name)
    if one is None or not visible(asker, one, None):
        raise NotHere
    return one


def visible(asker: Asker, one: Job, seen: Container[int] | None) -> bool:
    """Whether somebody may see a job; `seen`: positions that brought something for him, where known."""
    if one.by == asker.name:
        return True
    if not one.marking or not allowed(asker.reader, parse(one.marking)):
        return False
    if not isinstance(one.result, Ingested):
        return one.what != "ingest" and one.state in ("waiting", "running")
    known = asker.floor.seen(asker.reader) if seen is None else seen
    return any(each.position in known for each in one.result.taken)


def line(asker: Asker, one: Job) -> JobLine:
    """A job in a line."""
    mine = one.by == asker.name
    told = mine or access(asker.floor, asker.name).keeper
    own = {DESKS: "jobs.desks", INTERRUPTED: "jobs.interrupted"}.get(one.text)
    doing = asker.t(own) if own else one.text if told else ""
    return JobLine(
        one.id,
        one.what,
        one.name,
        one.by,
        mine,
        one.state,
        one.at,
        one.ended,
        doing,
        one.rows if told else 0,
        one.marking,
        mine and one.again and one.state == "interrupted",
    )


def _known(asker: Asker, one: Delivered) -> Delivered:
    """A delivery without its place in the log, for who does not keep the floor."""
    keeper = access(asker.floor, asker.name).keeper
    return one if keeper else msgspec.structs.replace(one, position=None)


def _sum(one: Delivered) -> tuple[int, ...]:
    return one.received, one.accepted, one.duplicate, one.quarantined, one.withheld


def to_job(_: object, given: "Started") -> str:
    """Where the browser goes when a job was started."""
    return f"/jobs/{given.job}"


class Started(msgspec.Struct, frozen=True):
    """A job that was started: its id, and what was said of it."""

    job: str
    said: str
    marking: str = ""


ENDPOINTS: Final = (
    Endpoint("feeds.jobs", "GET", "/jobs", Nothing, JobList, jobs, "jobs.html"),
    Endpoint("feeds.job", "GET", "/jobs/{job}", JobAsk, JobPage, job, "job.html"),
    Endpoint("feeds.stop", "POST", "/jobs/{job}/stop", JobAsk, Done, stop, within="feeds.job"),
    Endpoint("feeds.again", "POST", "/jobs/{job}/again", JobAsk, Done, again, within="feeds.job"),
)
