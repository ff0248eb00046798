"""Exercise: the queue held against an answer key that an officer brings; the key is kept nowhere.

It lies apart from the floor on purpose, so that nothing that reads the floor can read it. What is remembered
for the session is the score.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.cell.learning.calibration import CAPACITY
from watchfloor.cell.learning.calibration import Share as Measured
from watchfloor.cell.weighing.weights import load
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing, first_queue
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.exercise import key as keys
from watchfloor.exercise.following import followed_on
from watchfloor.exercise.score import MINUTES, Place, Score, records_on, score

NO_EXERCISE: Final = declare("console.no-exercise")
NO_KEY: Final = declare("console.no-key", "problem")
NONE_HERE: Final = declare("console.key-elsewhere", "wanted")
NO_MINUTES: Final = declare("console.exercise-minutes", "least")
LEAST: Final = 0.1


class Share(msgspec.Struct, frozen=True):
    """A measure with its 95 % interval over so many cases; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    cases: float


class Precision(msgspec.Struct, frozen=True):
    """The share of the first leads that lead to something."""

    first: int
    share: Share


class Storyline(msgspec.Struct, frozen=True):
    """Where a storyline stands in the queue.

    Attributes:
        name, title: of the storyline; `to_find`: whether it is to be found; a look-alike is not.
        rank: of its best lead, with `lead_id`, `hypothesis`, `called` in words, and `probability`.
        minutes: from its first evidence to the first signal that speaks for one of its leads.
        leads: how many lead to it.
    """

    name: str
    title: str
    to_find: bool
    rank: int | None
    lead_id: str | None
    hypothesis: str | None
    called: str
    probability: float | None
    minutes: float | None
    leads: int


class Scored(msgspec.Struct, frozen=True):
    """A queue held against a key, as `watchfloor admin exercise score` prints it.

    Attributes:
        at: when.
        leads: in the queue.
        missing: records that the key names and that are not on this floor, of `wanted`.
        precision: of the first so many leads; `capacity`: as many as a watch can look at.
        recall: share of the storylines among the first `capacity`.
        brier, ece: Brier score and expected calibration error; `…_here` at the exercise's base rates.
        minutes_to_lead: median.
        false_per_hour: leads to nothing in an hour of one officer; `minutes_per_lead` that was assumed.
        storylines: in the key's order.
        marking: of the leads that it speaks of.
    """

    at: datetime
    leads: int
    missing: int
    wanted: int
    precision: list[Precision]
    capacity: int
    recall: Share
    brier: Share
    ece: Share
    brier_here: Share
    ece_here: Share
    minutes_to_lead: Share
    false_per_hour: Share
    minutes_per_lead: float
    storylines: list[Storyline]
    marking: str


class ExercisePage(msgspec.Struct, frozen=True):
    """Whether this floor is one of an exercise, and its score of this session.

    Attributes:
        marking: of the score.
        exercise: whether the floor was made for one.
        minutes: that looking at a lead takes, as it is assumed at first.
        score: None before a key was held against the queue.
    """

    marking: str
    exercise: bool
    minutes: float
    score: Scored | None


class ScoreAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of an answer key, and the minutes that looking at a lead takes an officer."""

    key: str = ""
    minutes: float = MINUTES


def exercise(asker: Asker, ask: Nothing) -> ExercisePage:
    """The score of an exercise that you have asked for in this session."""
    del ask
    known = asker.services.scores.get(_mine(asker))
    found = known if isinstance(known, Scored) else None
    return ExercisePage(found.marking if found else "", asker.floor.settings.exercise, MINUTES, found)


def hold(asker: Asker, ask: ScoreAsk) -> Done:
    """Hold the queue against an answer key: what was found, how far down, how sure, how soon."""
    if not asker.floor.settings.exercise:
        refuse(NO_EXERCISE)
    if not ask.minutes >= LEAST:
        refuse(NO_MINUTES, least=LEAST)
    try:
        answers = keys.parse(ask.key.encode(), asker.t("exercise.key"))
    except keys.KeyFileError as error:
        refuse(NO_KEY, problem=str(error))
    there, wanted = records_on(asker.floor, asker.reader, answers)
    if not there:
        refuse(NONE_HERE, wanted=wanted)
    picture = asker.services.pictures.current(asker.reader, asker.at, asker.patience).picture
    found = [picture.lead(row) for row in range(len(picture))]
    tracks = followed_on(asker.floor, asker.reader, answers)
    result = score(found, answers, ask.minutes, tracks)
    shown = [one.lead_id for one in found]
    asker.log_query("leads", leads=len(found), digest=picture.about.digest, shown=shown)
    marking = joined([one.marking for one in found])
    asker.services.scores.put(_mine(asker), _scored(asker, result, wanted - there, wanted, marking))
    return Done(asker.t("exercise.done", n=len(answers.true)), marking=marking)


def _mine(asker: Asker) -> str:
    """Whose score it is: another purpose may see other leads."""
    return f"{asker.session.key.hex()} {asker.session.purpose}"


def _scored(asker: Asker, result: Score, missing: int, wanted: int, marking: str) -> Scored:
    return Scored(
        asker.at,
        result.leads,
        missing,
        wanted,
        [Precision(first, _share(one)) for first, one in result.precision.items()],
        CAPACITY,
        _share(result.recall),
        _share(result.brier),
        _share(result.ece),
        _share(result.brier_here),
        _share(result.ece_here),
        _share(result.minutes_to_lead),
        _share(result.false_per_hour),
        result.minutes_per_lead,
        [_storyline(asker, one) for one in result.places],
        marking,
    )


def _share(one: Measured) -> Share:
    return Share(**asdict(one))


def _storyline(asker: Asker, one: Place) -> Storyline:
    called = load().hypotheses[one.hypothesis].called(asker.language) if one.hypothesis else ""
    return Storyline(
        one.storyline.name,
        one.storyline.title,
        one.storyline.true,
        one.rank,
        one.lead_id,
        one.hypothesis,
        called,
        one.probability,
        one.minutes,
        one.leads,
    )


ENDPOINTS: Final = (
    Endpoint(
        "exercise", "GET", "/exercise", Nothing, ExercisePage, exercise, "exercise.html", prepares=first_queue
    ),
    Endpoint("exercise.score", "POST", "/exercise", ScoreAsk, Done, hold, within="exercise"),
)
