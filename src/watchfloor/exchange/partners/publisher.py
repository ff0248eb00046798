"""Publisher: keeps shelves up to date outside of any request, and pages from what was taken back since.

A page never waits for a publication: it is of what lies on the shelf. What may not be given out any more is
hidden before, in milliseconds and by the log alone: what was recalled, withdrawn or erased. Where a rule has
changed for this partner, pages are refused until the publication after it, which knows what of it may go.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import INTELLIGENCE_OBJECT, RECORD_ID
from watchfloor.exchange.bundles import sent
from watchfloor.exchange.partners import disclosures, publication, shelving
from watchfloor.exchange.partners.door import State
from watchfloor.exchange.partners.partner import Partner, ended, every, rules, standing
from watchfloor.exchange.partners.publish import ERASED, publish
from watchfloor.exchange.shelf import Shelf, delete, path_of
from watchfloor.store import readers
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor

QUIET: Final = readers.LOOKING | {"shown", "delivered", *disclosures.ACTS}
"""Acts after which there is nothing new to publish."""
AGAIN: Final = 30.0
"""Seconds between two publications to a partner, at least, unless something was erased or a rule changed."""
LOOKS: Final = 0.25
"""Seconds between two looks at whether the floor has moved."""
A_MOMENT: Final = 5.0
"""Seconds that who has taken something in waits for a publication of somebody else's."""
SECONDS: Final = 5
"""After which a partner is to ask again whose rules have changed."""

_Key = tuple[str, int]
_QUIET_TO: Final[dict[_Key, int]] = {}
"""By floor and partner, the position up to which nothing happened since the last whole publication."""


def refresh(floor: Floor, partner: Partner, now: datetime) -> bool:
    """Publish where something has happened that may change what the partner gets; return whether it did."""
    if due(floor, partner, now) is None:
        return False
    made = publish(floor, partner, now)
    return bool(made.rows or made.withdrawn)


def due(floor: Floor, partner: Partner, now: datetime) -> float | None:
    """Return in how many seconds it is time to publish, 0 for now; None where nothing happened."""
    key, end = (str(floor.root), partner.position), floor.position
    note = publication.last(floor, partner)
    if (note.day, note.rules) != (now.astimezone(UTC).date(), rules(floor)):
        return 0.0
    since = max(note.position, _QUIET_TO.get(key, 0))
    acts = {act for _, act, _ in floor.done_by(since + 1, end)} - QUIET
    if not acts:
        _QUIET_TO[key] = end
        return None
    return 0.0 if ERASED in acts else max(0.0, note.began + AGAIN - time.time())


def publish_all(
    floor: Floor, *, patient: bool = False, failed: Callable[[Exception], object] = lambda _: None
) -> float | None:
    """Publish to every partner what is new; return in how many seconds the next is due, None for none.

    One that fails keeps nobody else from theirs: it is noted, and tried again.

    Args:
        floor: whose.
        patient: whether a publication of somebody else's is waited for, for a moment, and `AGAIN` is not.
        failed: told what went wrong.
    """
    waits: list[float] = []
    until = time.monotonic() + A_MOMENT
    for one in standing(floor).values():
        busy = True
        while busy:
            wait = due(floor, one, floor.now())
            if wait is None or (wait and not patient):
                break
            try:
                publish(floor, one, floor.now())
                wait = None
            except FloorBusy:
                busy = patient and time.monotonic() < until
                time.sleep(LOOKS if busy else 0)
                wait = LOOKS
            except Refusal:  # their access ended meanwhile
                wait = AGAIN
            except Exception as error:
                publication.failed(floor, one, error)
                failed(error)
                wait = AGAIN
            if wait != LOOKS:
                break
        if wait is not None:
            waits.append(wait)
    return min(waits, default=None)


def watch(
    floor: Floor, stop: Callable[[float], bool], failed: Callable[[Exception], object] = lambda _: None
) -> None:
    """Publish what is new and take what was erased out of files, until `stop`, which waits, returns True.

    What cannot be done is tried again; `failed` is told why, each time that it is for another reason.
    """
    looked: object = None
    wait: float | None = None
    began, cleansed = 0.0, 0
    before, problems = set[str](), set[str]()

    def report(error: Exception) -> None:
        if (text := repr(error)) not in before:
            failed(error)
        problems.add(text)

    while not stop(LOOKS):
        try:
            state = floor.position, rules(floor), floor.now().astimezone(UTC).date()
            if state == looked and (wait is None or time.monotonic() <= began + wait):
                continue
            before, problems = problems, set()
            looked, wait, began = state, AGAIN, time.monotonic()
            again = publish_all(floor, failed=report)
            if (erasure := floor.newest_act(ERASED)) != cleansed:
                cleanse(floor, floor.now())
                cleansed = erasure
            wait = again
        except FloorBusy:  # somebody else publishes
            wait = LOOKS
        except Exception as error:
            before |= problems
            report(error)


class Behind(Exception):  # noqa: N818 - an answer, no error
    """A rule has changed for the partner since the last publication; `seconds` until they may ask again."""

    seconds = SECONDS


class Settled(NamedTuple):
    """State at which nothing was left to hide for a partner: of the log, and of the files of rules."""

    position: int
    rules: tuple[tuple[int, int], ...]


_SETTLED: Final[dict[_Key, Settled]] = {}
"""By floor and partner, what this process looked at last before a page."""


def seen(floor: Floor, partner: Partner, state: State) -> bool:
    """Whether nothing can have been taken back since this process last looked; asks nothing."""
    return _SETTLED.get((str(floor.root), partner.position)) == (state.position, state.rules)


def settle(floor: Floor, partner: Partner, shelf: Shelf) -> None:
    """Hide what was taken back from a partner since the last publication; to be called before a page.

    Raises:
        Behind: a rule has changed for them since.
    """
    state, key = Settled(floor.position, rules(floor)), (str(floor.root), partner.position)
    before, note = _SETTLED.get(key), publication.last(floor, partner)
    changed = note.rules != state.rules and not (before and before.rules == state.rules)
    if changed and note.terms and note.terms != publication.terms_of(floor, partner):
        raise Behind
    since = before.position if before else 0
    # Even where nothing is named: a publication that looked before an act may still be writing its part.
    if floor.newest_act("recalled", "withdrawn", ERASED) > since:
        taken = _recalled(floor, partner, max(since, shelf.position))
        gone = _erased(floor, partner, max(since, note.position))
        shelf.hide([*taken, *gone, *_own_erased(floor, partner, shelf, max(since, shelf.cleansed))])
    _SETTLED[key] = state


def _recalled(floor: Floor, partner: Partner, since: int) -> Iterator[tuple[str, str]]:
    """Yield disclosure and name of rows that were recalled or withdrawn after a position."""
    for act in disclosures.acts_to(floor, partner):
        if act.position > since and act.act != "disclosed":
            yield from shelving.carriers(disclosures.named(floor, act))


def _erased(floor: Floor, partner: Partner, since: int) -> Iterator[tuple[str, str]]:
    """Yield disclosure and name of rows that rest on what was erased after a position."""
    said = _erasures(floor, since)
    mine = (
        {(act.detail or {}).get("bundle") for act in disclosures.acts_to(floor, partner)} if said else set()
    )
    carried = {bundle for one in said for bundle in one.get("disclosed", ())} & mine
    ids = pa.array(list(floor.erased(since)) if carried else [], RECORD_ID)
    for bundle in sorted(carried):
        if (index := sent.index_of(floor, bundle)) is not None:
            rests = index["rests_on"].combine_chunks()
            hit = pc.is_in(pc.list_flatten(rests), value_set=ids)
            rows = pc.unique(pc.list_parent_indices(rests).filter(hit))
            yield from ((bundle, row) for row in index["row"].take(rows).to_pylist())


def _own_erased(floor: Floor, partner: Partner, shelf: Shelf, since: int) -> Iterator[tuple[str, str]]:
    """Yield what the partner added and was erased after a position."""
    if any(INTELLIGENCE_OBJECT.name in one.get("kinds", {}) for one in _erasures(floor, since)):
        yield from _submissions(floor, partner, shelf)


def _erasures(floor: Floor, since: int) -> list[Mapping[str, Any]]:
    if floor.newest_act(ERASED) <= since:
        return []
    return [act.detail or {} for act in floor.acts_of(ERASED) if act.position > since]


def cleanse(floor: Floor, now: datetime) -> None:
    """Take what was erased off every shelf and out of its file, where that was not done yet.

    Of who was removed, all goes of the disclosures that carried it; a shelf of who has no access now is made
    anew when they have it again. Raises what went wrong last, after the shelves of all others.
    """
    erasure, problem = floor.newest_act(ERASED), None
    for one in every(floor) if erasure else ():
        try:
            _cleanse(floor, one, erasure, now)
        except Exception as error:
            problem = error
    if problem is not None:
        raise problem


def _cleanse(floor: Floor, one: Partner, erasure: int, now: datetime) -> None:
    if not path_of(floor, one.shelf).exists():
        return
    with Shelf.open(floor, one.shelf) as shelf:
        if shelf.cleansed >= erasure:
            return
    gone: list[tuple[str, str]] = []
    if one.removed is not None:
        said = [act.detail or {} for act in floor.acts_of(ERASED)]
        carried = {bundle for each in said for bundle in each.get("disclosed", ())}
        gone += _carriers(floor, carried)
    elif ended(floor, one) is not None:
        delete(floor, one.shelf)
        return
    else:
        publish(floor, one, now)
    with Shelf.open(floor, one.shelf) as shelf:
        shelf.withdraw([*gone, *_submissions(floor, one, shelf)])
        shelf.cleanse(erasure)


def _submissions(floor: Floor, partner: Partner, shelf: Shelf) -> Iterator[tuple[str, str]]:
    """Yield what a partner added and that is on the floor no more; of one who was removed, all they added."""
    rows = shelf.rows_of(partner.submission)
    held: set[str] = set()
    if rows and partner.removed is None:
        reader = floor.reader(partner.by.name, partner.by.purpose)
        found = floor.read(INTELLIGENCE_OBJECT.name, reader, columns=["source", "report_key"])
        held |= set(found.filter(pc.equal(found["source"], partner.source))["report_key"].to_pylist())
    return ((partner.submission, row) for row in rows if row not in held)


def _carriers(floor: Floor, bundles: Iterable[str]) -> Iterator[tuple[str, str]]:
    for bundle in bundles:
        index = sent.index_of(floor, bundle)
        for row in () if index is None else index["row"].to_pylist():
            yield bundle, row
