"""An exercise: the clock that it goes by, and how what trainees did compares with its answer key."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import FILE, Answer, Context, Request, action, argument
from watchfloor.cell.acts import Unusable, refuse
from watchfloor.cell.wording.dates import NO_MOMENT, moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.store import clock as floor_clock
from watchfloor.store.clock import FASTEST

NO_CLOCK: Final = declare("actions.exercise-no-clock")
SET_BACK: Final = declare("actions.exercise-set-back", "to", "last")
NO_RATE: Final = declare("actions.exercise-rate", "fastest")
NO_KEY: Final = declare("console.no-key", "problem")
HOUR: Final = len("06:40")


class ClockView(Answer, frozen=True):
    """The time by the clock of a floor, and how many times as fast as the machine's it runs; 0: it stands."""

    texts: ClassVar = "exercise"
    columns: ClassVar = ("reads", "rate")

    reads: datetime
    rate: float
    marking: str = ""


@action("exercise clock", "exercise clock", settings_only=True)
def clock(context: Context, _: Request) -> ClockView:
    """Show the clock that an exercise goes by, and how fast it runs."""
    return _view(context)


class SetPace(Request, frozen=True):
    """How fast the clock is to run."""

    rate: Annotated[float, argument("RATE", "How many times as fast as a clock on the wall; 0 pauses it.")]


@action("exercise pace", "exercise pace 60", writes=True, done="exercise.said_pace")
def pace(context: Context, ask: SetPace) -> ClockView:
    """Set how fast the clock of an exercise runs, and with it the play; 0 pauses both."""
    _refuse_no_clock(context)
    if not 0 <= ask.rate <= FASTEST:
        refuse(NO_RATE, fastest=f"{FASTEST:g}")
    context.floor.set_clock(context.actor, rate=ask.rate)
    return _view(context)


class SkipTo(Request, frozen=True):
    """To when the clock is to be put."""

    to: Annotated[str, argument("MOMENT", "A moment, or an hour such as 06:40 of the exercise's day; UTC.")]


@action("exercise skip", "exercise skip 06:40", writes=True, done="exercise.said_skip")
def skip(context: Context, ask: SkipTo) -> ClockView:
    """Put the clock of an exercise forward: what is played up to then comes at once. It is never set back."""
    _refuse_no_clock(context)
    floor, text = context.floor, ask.to.strip()
    day = f"{floor.now():%Y-%m-%d}T" if len(text) == HOUR else ""
    to = moment_of_field(f"{day}{text}", "to", first=True) or refuse(NO_MOMENT)
    last = floor.moment_of(floor.position)
    if to < last:
        refuse(SET_BACK, to=f"{to:%Y-%m-%d %H:%M:%SZ}", last=f"{last:%Y-%m-%d %H:%M:%SZ}")
    floor.set_clock(context.actor, reads=to)
    return _view(context)


def _view(context: Context) -> ClockView:
    root = context.floor.root
    return ClockView(reads=floor_clock.now(root), rate=floor_clock.rate(root))


def _refuse_no_clock(context: Context) -> None:
    if floor_clock.exercise_clock(context.floor.root) is None:
        refuse(NO_CLOCK)


class ReviewView(Answer, frozen=True):
    """How a storyline of the key was handled, in minutes from its first evidence; None: not at all.

    `since`: the first evidence, or when the floor began if that was later; `signal`: until something could be
    known.
    """

    texts: ClassVar = "review"
    columns: ClassVar = ("storyline", "to_find", "since", "signal", "noticed", "by", "tasked", "closed")

    storyline: str
    title: str
    to_find: bool
    since: datetime
    signal: float | None
    noticed: float | None
    by: str | None
    tasked: float | None
    closed: float | None
    marking: str = ""

    def nothing(self, column: str) -> str:  # noqa: ARG002 - the same for every column
        """Return the key of the text for what nobody did."""
        return "review.never"


class ReviewList(Answer, frozen=True):
    """Storylines and look-alikes, in the order of the key."""

    storylines: list[ReviewView]
    marking: str


class ReviewExercise(Request, frozen=True):
    """Against which answers."""

    key: Annotated[Path, argument("KEY", "The answer key.", required=True, exists=FILE)]


@action(
    "exercise review",
    "exercise review exercise/key/answer-key.json",
    rows="storylines",
    empty="review.none",
    title="review.title",
)
def review(context: Context, ask: ReviewExercise) -> ReviewList:
    """Compare what trainees did with the answer key: time to notice, to task and to close each storyline."""
    from watchfloor.exercise import key, review  # the answers load every plot's sensors
    from watchfloor.exercise.following import followed_on

    try:
        answers = key.read(ask.key)
    except key.KeyFileError as error:
        raise Unusable(reason(NO_KEY, problem=str(error))) from None
    floor, reader, found = context.floor, context.reader, context.queue
    marking = joined(one.marking for one in found)
    done = review.review(floor, reader, answers, found, followed_on(floor, reader, answers))
    context.log_query("exercise-review", storylines=len(done), leads=len(found))
    views = [
        ReviewView(
            storyline=one.storyline.name,
            title=one.storyline.title,
            to_find=one.storyline.true,
            since=one.since,
            signal=one.minutes(one.signal),
            noticed=one.minutes(one.noticed and one.noticed.at),
            by=one.noticed and one.noticed.by,
            tasked=one.minutes(one.tasked and one.tasked.at),
            closed=one.minutes(one.closed and one.closed.at),
            marking=marking,
        )
        for one in done
    ]
    return ReviewList(storylines=views, marking=marking)
