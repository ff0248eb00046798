"""Tasks of a schedule: each is done under the floor's lease, between two acts of the log.

The lease is a lock that the system, or the floor's server, frees when its holder ends. Who has it looks at
the log once more: what another server has begun for this moment is not begun again.
"""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from watchfloor.console.jobs.job_file import forget
from watchfloor.console.jobs.work import rerun
from watchfloor.console.upkeep import schedule as schedules
from watchfloor.console.upkeep.schedule import (
    ACT,
    ATTEMPTS,
    BackupSettings,
    RefitSettings,
    Schedule,
    TaskStatus,
)
from watchfloor.desks.registry import declare_messages
from watchfloor.store import backup, catalogue, encryption, files
from watchfloor.store.errors import Damaged, FloorBusy, StoreError, WrongCall, explained
from watchfloor.store.floor import Floor
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor
from watchfloor.store.server.place import server

PATIENCE: Final = 600.0
"""Seconds that a task waits for another writer."""


@contextmanager
def lease(root: Path) -> Iterator[None]:
    """Be the one who keeps this floor up. Raises `FloorBusy` where another is."""
    if server(root) is not None:
        from watchfloor.store.server.postgres import Connection

        with closing(catalogue.for_writing(root)) as database:
            assert isinstance(database, Connection)
            database.keep_apart()
            key = database.server.number ^ 1  # beside that of the writers' turn
            if not database.execute("SELECT pg_try_advisory_lock(?)", (key,)).fetchone()[0]:
                raise FloorBusy(f"{root} is being kept up by another server")
            yield
        return
    with explained(root):
        (root / files.UPKEEP).mkdir(mode=0o700, exist_ok=True)
    with WriterLock(root / files.UPKEEP):
        yield


def perform(
    floor: Floor, task: str, actor: Actor, due: datetime, *, asked: bool = False
) -> TaskStatus | None:
    """Do a task for a moment, unless that was done; gives how it stands then, None where nothing was done.

    Args:
        floor: to keep up.
        task: its name.
        actor: who acts.
        due: the moment.
        asked: whether somebody asked for it now; then it is done whatever the log says of the moment.

    Raises:
        FloorBusy: another is at it.
        NotPermitted: the floor's policy lets this person not write.
    """
    declare_messages()
    with lease(floor.root):
        known = schedules.load(floor)
        if task not in known.tasks:
            raise WrongCall(f"{floor.root / schedules.NAME} has no task {task!r}")
        (before,) = (one for one in schedules.statuses(floor, known, due) if one.task == task)
        again = before.state == "interrupted" and before.attempts < ATTEMPTS
        if not asked and before.due is not None and before.due >= due and not (before.due == due and again):
            return None
        said = {"task": task, "due": due.isoformat(timespec="seconds")}
        floor.act(actor, ACT, said | {"state": "begun"})
        began = time.monotonic()
        try:
            result, state = _TASKS[task](floor, actor, known), "done"
        except (StoreError, OSError) as error:
            result, state = {"why": str(error)}, "failed"
        result["seconds"] = round(time.monotonic() - began, 1)
        floor.act(actor, ACT, said | {"state": state, "result": result})
        (after,) = (one for one in schedules.statuses(floor, known, due) if one.task == task)
        return after


def _expire(floor: Floor, actor: Actor, _: Schedule) -> dict[str, Any]:
    from watchfloor.exchange.partners.publisher import cleanse

    with floor.writer(actor, PATIENCE) as writer:
        gone, kept = writer.expire(datetime.now(UTC).date())
    forget(floor.root, floor.newest_act("erasure"))
    with suppress(FloorBusy):  # whoever publishes now does it when they are done
        cleanse(floor, floor.now())
    return {"erased": gone is not None, "kept": len(kept)}


def _run(floor: Floor, actor: Actor, _: Schedule) -> dict[str, Any]:
    return {"runs": rerun(str(floor.root), actor, lambda *_: None)}


def _refit(floor: Floor, actor: Actor, known: Schedule) -> dict[str, Any]:
    """Fit the weights, and keep a table that differs; nobody weighs by it until somebody chooses it."""
    from watchfloor.cell.learning import fits
    from watchfloor.cell.learning.refit import refit
    from watchfloor.cell.weighing.weights import load, parse

    assert known.refit is not None
    weights = load(None)
    fit = refit(floor, floor.reader(actor.name, actor.purpose), weights, floor.now())
    if not fit.hypotheses:
        return {"outcomes": 0}
    text = fits.written(None, weights, fit)
    parse(text, "refit")
    place = _folder(known.refit) / f"weights-{datetime.now(UTC):%Y-%m-%d}.toml"
    place.unlink(missing_ok=True)
    with open(place, "x", encoding="utf-8", opener=files.private) as file:
        file.write(text)
    with floor.writer(actor, PATIENCE) as writer:
        position = fits.keep(writer, fit, text)
    return {"file": place.name, "outcomes": len(fit.records), "fit": position}


def _backup(floor: Floor, actor: Actor, known: Schedule) -> dict[str, Any]:
    """Back up, restore what was written with a key that ends with this function, and take old files away."""
    assert known.backup is not None
    mine, folder = known.backup, _folder(known.backup)
    to = [each for one in mine.recipients for each in encryption.recipients(one)]
    stem = f"{floor.settings.id[:8]}-"
    for left in folder.glob(f".{stem}*"):  # of a task that was cut off
        left.unlink(missing_ok=True)
    target = folder / f"{stem}{datetime.now(UTC):%Y%m%dT%H%M%S}.{'age' if to else 'tar'}"
    with tempfile.TemporaryDirectory() as temporary:
        key = Path(temporary) / "key" if to and mine.drill else None
        drilled = [encryption.make_key(key)] if key else []
        kept = backup.backup(floor, target, actor, to=[*to, *drilled])
        result: dict[str, Any] = {"file": target.name, "size": kept.size, "position": kept.position}
        if mine.drill:
            result["drill"] = drill(floor, target, actor, key)
    for old in sorted(folder.glob(f"{stem}*"))[: -mine.keep]:
        old.unlink()
    return result


def drill(floor: Floor, source: Path, actor: Actor, key: Path | None = None) -> dict[str, Any]:
    """Restore a backup beside it, compare it with its floor, and take it away again; gives what was compared.

    Raises:
        Damaged: it cannot be restored, or is not as its floor is.
    """
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".drill-") as temporary:
        made = Path(temporary) / "floor"
        restored = backup.restore(source, made, actor, key=key, signer=floor.signer.verifier)
        copy, position = Floor.open(made), restored.position
        compared = {
            "head of the log": (copy.log_root(position), floor.log_root(position)),
            "acts": (_acts(copy, position), _acts(floor, position)),
            "rows by feed": (_sums(copy, position), _sums(floor, position)),
        }
        for what, (theirs, ours) in compared.items():
            if theirs != ours:
                raise Damaged(f"{source} was restored, and differs from {floor.root} in the {what}")
        rows = sum(one[1] for one in _sums(copy, position).values())
        shutil.rmtree(made)
    return {"acts": position, "rows": rows, "root": floor.log_root(position).hex()}


def _acts(floor: Floor, upto: int) -> Counter[str]:
    return Counter(act for _, act, _ in floor.done_by(1, upto))


def _sums(floor: Floor, upto: int) -> dict[int, tuple[Any, ...]]:
    """Received, accepted, duplicate, quarantined and withheld of each delivery."""
    return {one.position: tuple(one.account) for one in floor.deliveries() if one.position <= upto}


def _folder(settings: RefitSettings | BackupSettings) -> Path:
    folder = Path(settings.to)
    if not folder.is_dir():
        raise WrongCall(f"{folder} is no folder: make it, or mount its disk")
    return folder


_TASKS: Final[dict[str, Callable[[Floor, Actor, Schedule], dict[str, Any]]]] = {
    "expire": _expire,
    "run": _run,
    "refit": _refit,
    "backup": _backup,
}
