"""Checks that take a while, as jobs: is the floor whole, and does its log say what laws ask?"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing
from watchfloor.console.jobs.jobs import INTERRUPTED, Job, Say
from watchfloor.exchange.log import requirements as log_requirements
from watchfloor.exchange.log.access import Access, keeping
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act
from watchfloor.store.verify import verify

DAMAGE: Final = "verify"
DUTIES: Final = "duties"
MOST: Final = 500
"""Findings that are kept of one check."""
BLOCK: Final = 20_000
"""Acts that are read at once."""
SHOWN: Final = 8
"""Acts that lack something, of each duty, that are linked."""


class DutyRow(msgspec.Struct, frozen=True):
    """A thing that a law asks for: where it stands, of how many acts, and which lack it."""

    law: str
    asks: str
    where: list[str]
    part: str
    acts: int
    lacking: int
    first: list[int]
    erased: int


class Check(msgspec.Struct, frozen=True):
    """One check, done or under way.

    Attributes:
        id: of the job.
        what: verify or duties.
        by, at, ended: who began it, when, and when it ended.
        state: waiting, running, done, failed.
        doing: what is looked at now, or why it failed.
        rows: findings, or acts read, so far.
        findings: what is not as it was written; `count` of them, of which the first are here.
        duties: how the log stands to each duty.
    """

    id: str
    what: str
    by: str
    at: datetime
    ended: datetime | None
    state: str
    doing: str
    rows: int
    findings: list[str] = []
    count: int = 0
    duties: list[DutyRow] = []


class Checks(msgspec.Struct, frozen=True):
    """The last checks, the newest first; `running`: one is not done."""

    marking: str
    checks: list[Check]
    running: bool


def checks(asker: Asker, ask: Nothing) -> Checks:
    """The last checks: of damage, and of what laws ask the log to hold."""
    del ask
    keeping(asker.floor, asker.name)
    found = [_check(asker, job) for job in asker.services.jobs.all() if _is_mine(asker, job)]
    return Checks("", found, any(one.ended is None for one in found))


def _is_mine(asker: Asker, job: Job) -> bool:
    """Whether the floor is whole is for all who keep it; what acts lack is told of those one may read."""
    return job.what == DAMAGE or (job.what == DUTIES and job.by == asker.name)


def _check(asker: Asker, job: Job) -> Check:
    doing = asker.t("jobs.interrupted") if job.text == INTERRUPTED else job.text
    told = str(job.id), job.what, job.by, job.at, job.ended, job.state, doing, job.rows
    if job.state != "done":
        return Check(*told)
    if job.what == DAMAGE:
        findings, count = job.result
        return Check(*told, findings=findings, count=count)
    return Check(*told, duties=[msgspec.convert(one, DutyRow) for one in job.result])


def start_damage(asker: Asker, ask: Nothing) -> Done:
    """Check every file, row, delivery and act against what the floor committed to."""
    return _start(asker, ask, DAMAGE, find_damage, str(asker.floor.root))


def start_duties(asker: Asker, ask: Nothing) -> Done:
    """Check what laws ask a log to hold against the acts that the reader may read."""
    mine = keeping(asker.floor, asker.name, asker.reader)
    return _start(asker, ask, DUTIES, find_lacking, str(asker.floor.root), mine)


def _start(asker: Asker, ask: Nothing, what: str, work: object, *args: object) -> Done:
    del ask
    keeping(asker.floor, asker.name)
    asker.log_query(what)
    asker.services.jobs.start(what, asker.floor.settings.name, asker.name, "", work, *args)  # type: ignore[arg-type]
    return Done(asker.t(f"audit.started_{what}"))


def find_damage(root: str, say: Say) -> tuple[list[str], int]:
    """Return the first faults of a floor, in sentences, and how many there are."""
    found = [str(one) for one in verify(Path(root), hears=lambda what: say(what, 0))]
    return found[:MOST], len(found)


def find_lacking(root: str, mine: Access, say: Say) -> list[dict[str, object]]:
    """How the acts that a person may read stand to each duty."""
    acts = (act for act in _read(Floor.open(Path(root)), say) if mine.sees(act))
    return [_row(one) for one in log_requirements.standing(acts)]


def _read(floor: Floor, say: Say) -> Iterator[Act]:
    size = floor.position
    for start in range(1, size + 1, BLOCK):
        say("log", start - 1)
        yield from floor.acts(start, min(start + BLOCK - 1, size))


def _row(one: log_requirements.DutyStatus) -> dict[str, object]:
    duty = one.duty
    return {
        "law": duty.law,
        "asks": duty.asks,
        "where": list(duty.where),
        "part": duty.part,
        "acts": one.acts,
        "lacking": len(one.lacking),
        "first": list(one.lacking[:SHOWN]),
        "erased": one.erased,
    }


ENDPOINTS: Final = (
    Endpoint("audit.checks", "GET", "/audit/checks", Nothing, Checks, checks, "audit-checks.html"),
    Endpoint("audit.verify", "POST", "/audit/verify", Nothing, Done, start_damage, within="audit.checks"),
    Endpoint("audit.duties", "POST", "/audit/duties", Nothing, Done, start_duties, within="audit.checks"),
)
