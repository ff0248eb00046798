"""The schedule of a floor, `schedule.toml` in its folder, and what its log says of the tasks in it.

    account = "operator"       # who acts; empty: the account that serves
    purpose = "upkeep"
    authority = "the floor's owner"

    [expire]                   # erase what its marking lets be kept no longer
    at = "02:00"               # UTC; or several: ["02:00", "14:00"]
    [run]                      # run the desks over what is new
    at = "02:30"
    [refit]                    # fit the weight table to what came of leads; changes no table by itself
    at = "03:00"
    days = ["sun"]
    to = "/srv/fits"           # folder
    [backup]
    at = "03:30"
    to = "/srv/backups"
    recipients = ["age1…"]     # who can restore it, see `watchfloor floor backup-key`
    keep = 14                  # files; older ones go
    drill = true               # restore each into a folder of its own and compare it with the floor

Times are UTC, so that no hour comes twice or never. A moment that was missed is made up once, however many
there were: a task is due when its newest moment is later than the one it last began for.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal

import msgspec

from watchfloor.formats.settings import Settings
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

NAME: Final = "schedule.toml"
ACT: Final = "scheduled"
"""The act of the log by which a task begins, and that by which it ends."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TASKS: Final = ("expire", "run", "refit", "backup")
"""In their order where several are due: a backup has what the others did."""
ATTEMPTS: Final = 2
"""How often a task begins for one moment: one that ends its process must not do so for ever."""

State = Literal["waiting", "done", "failed", "interrupted"]


class TaskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a task is due.

    Attributes:
        at: times of the day, UTC, as HH:MM.
        days: of the week; none: every day.
        to: folder that it writes to.
    """

    at: str | tuple[str, ...]
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    to: str = ""

    def __post_init__(self) -> None:
        if not self.times:
            raise ValueError("at names no time")

    @property
    def times(self) -> tuple[time, ...]:
        """Times of the day, the earliest first. Raises ValueError for what is no time."""
        named = (self.at,) if isinstance(self.at, str) else self.at
        return tuple(sorted(datetime.strptime(one, "%H:%M").time() for one in named))  # noqa: DTZ007

    def moments(self, start: datetime, days: range) -> Iterator[datetime]:
        """Moments of some days from that of `start` on."""
        for day in days:
            date = start.date() + timedelta(days=day)
            if not self.days or DAYS[date.weekday()] in self.days:
                yield from (datetime.combine(date, one, UTC) for one in self.times)

    def last(self, now: datetime) -> datetime:
        """The newest moment that has come."""
        return max(one for one in self.moments(now, range(-7, 1)) if one <= now)

    def next(self, now: datetime) -> datetime:
        """The first moment that comes."""
        return min(one for one in self.moments(now, range(8)) if one > now)


class RefitSettings(TaskSettings, frozen=True, forbid_unknown_fields=True):
    """A refit; `to` is needed."""

    def __post_init__(self) -> None:
        TaskSettings.__post_init__(self)
        if not self.to:
            raise ValueError("say with `to` into which folder its files go")


class BackupSettings(RefitSettings, frozen=True, forbid_unknown_fields=True):
    """A backup.

    Attributes:
        recipients: who can restore it.
        unencrypted: whether whoever reads the file may read the floor.
        keep: files that stay.
        drill: whether each is restored and compared.
    """

    recipients: tuple[str, ...] = ()
    unencrypted: bool = False
    keep: int = 14
    drill: bool = True

    def __post_init__(self) -> None:
        RefitSettings.__post_init__(self)
        if bool(self.recipients) == self.unencrypted:
            raise ValueError(
                "say with recipients who can restore it, or with unencrypted = true that anybody may"
            )
        if self.keep < 1:
            raise ValueError("keep is at least 1")


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as a whole."""

    account: str = ""
    purpose: str = "upkeep"
    authority: str = "the floor's owner"
    expire: TaskSettings | None = None
    run: TaskSettings | None = None
    refit: RefitSettings | None = None
    backup: BackupSettings | None = None

    @property
    def tasks(self) -> dict[str, TaskSettings]:
        """The tasks that are scheduled, in their order."""
        return {name: one for name in TASKS if (one := getattr(self, name)) is not None}


def load(floor: Floor) -> Schedule:
    """The schedule of a floor; without the file nothing is due.

    Raises:
        SettingsError: it is not a schedule.
        NotPermitted: the floor's supervisors have not confirmed it as it is.
    """
    if (text := floor.approved_settings(NAME)) is None:
        return Schedule()
    file = Settings(text, str(floor.root / NAME))
    return file.convert(file.values, Schedule)


class TaskStatus(msgspec.Struct, frozen=True):
    """How a task stands.

    Attributes:
        task: its name.
        next: when it is due next.
        due: moment that it last began for; None: never.
        at: when it last began or ended.
        state: waiting: it has not begun yet; interrupted: its process ended meanwhile, or it still runs.
        attempts: how often it began for that moment.
        succeeded: when it last ended well.
        drilled: when a backup was last restored and found equal.
        detail: what came of it.
    """

    task: str
    next: datetime | None
    due: datetime | None = None
    at: datetime | None = None
    state: State = "waiting"
    attempts: int = 0
    succeeded: datetime | None = None
    drilled: datetime | None = None
    detail: Mapping[str, Any] = {}


def statuses(floor: Floor, schedule: Schedule, now: datetime) -> list[TaskStatus]:
    """How each scheduled task stands by the floor's log."""
    acts = floor.acts_of(ACT)
    return [_status(name, one.next(now), acts) for name, one in schedule.tasks.items()]


def _status(task: str, next_: datetime, acts: list[Act]) -> TaskStatus:
    found = TaskStatus(task, next_)
    for act in acts:
        said = act.detail or {}
        if said.get("task") != task:
            continue
        due, state = datetime.fromisoformat(said["due"]), said["state"]
        attempts = (found.attempts if found.due == due else 0) + (state == "begun")
        changed: dict[str, Any] = {"due": due, "at": act.at, "attempts": attempts}
        if state == "begun":
            changed["state"] = "interrupted"
        else:
            changed |= {"state": state, "detail": said.get("result") or {}}
            if state == "done":
                changed["succeeded"] = act.at
                if "drill" in changed["detail"]:
                    changed["drilled"] = act.at
        found = msgspec.structs.replace(found, **changed)
    return found


def due(status: TaskStatus, settings: TaskSettings, now: datetime, since: datetime) -> datetime | None:
    """The moment that a task is due for; None where it is not due.

    Args:
        status: how it stands.
        settings: when it is due.
        now: the time.
        since: when somebody began to look, or saw the clock set back: what a wrong clock has done in the
            future is of no account.
    """
    moment = settings.last(now)
    before = status.due if status.due is not None and status.due <= now else since
    if status.due == moment and status.state == "interrupted" and status.attempts < ATTEMPTS:
        return moment
    return moment if moment > before else None
