"""After-action review: when trainees noticed, tasked and closed what the answer key says there was.

What people did is read from the floor: a look at one lead alone, and acts about it or its subjects. An act is
of a storyline where its lead, or one of its subjects, leads to that storyline as in `exercise.score`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import every
from watchfloor.exercise.key import Key, Storyline
from watchfloor.exercise.score import judged, place
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

Step = Literal["noticed", "tasked", "closed"]
STEPS: Final[Mapping[str, Step]] = {"task": "tasked", "outcome": "closed"}
"""How far an act takes a storyline, by its kind."""


class Done(NamedTuple):
    """Something that a person did: when, who, how far it took the storylines, and whose they are."""

    at: datetime
    by: str
    step: Step
    storylines: frozenset[str]


class Reviewed(NamedTuple):
    """How a storyline or look-alike was handled.

    Attributes:
        storyline: of the key.
        since: its first evidence, or when the floor began if that was later; of one that no sensor sees, when
            the floor began: its evidence was there.
        signal: when something could first be known of it.
        noticed, tasked, closed: the first act that did so; None where none did. Whoever tasks or closes has
            noticed.
    """

    storyline: Storyline
    since: datetime
    signal: datetime | None
    noticed: Done | None
    tasked: Done | None
    closed: Done | None

    def minutes(self, at: datetime | None) -> float | None:
        """Minutes from the first evidence to a moment; None for none."""
        return None if at is None else round((at - self.since).total_seconds() / 60, 1)


def review(
    floor: Floor, reader: Reader, key: Key, found: Sequence[Lead], tracks: Mapping[str, str]
) -> list[Reviewed]:
    """Compare what people did on a floor, as a reader may see it, with the answers.

    Args:
        floor: that took the exercise in, or on which it was played.
        reader: whose view of acts and leads counts.
        key: the answers.
        found: the queue.
        tracks: the storyline of each track, see `exercise.following`.
    """
    leads = list(judged(found, key, tracks))
    named = {one.lead.lead_id: one.met for one in judged(list(every(found)), key, tracks)}
    for one in leads:
        named |= dict.fromkeys(one.lead.took_up, one.met)
    about: dict[str, set[str]] = {track: {name} for track, name in tracks.items()}
    for storyline in key.storylines:
        for subject in storyline.subjects:
            about.setdefault(subject, set()).add(storyline.name)
    acts = sorted(_acts(floor, reader, named, about), key=lambda one: one.at)
    began = datetime.fromisoformat(floor.settings.created)
    return [_reviewed(one, place(one, leads).minutes, acts, began) for one in key.storylines]


def _reviewed(storyline: Storyline, minutes: float | None, acts: Iterable[Done], began: datetime) -> Reviewed:
    mine = [one for one in acts if storyline.name in one.storylines]
    first: dict[Step, Done] = {}
    for one in mine:
        first.setdefault("noticed", one)
        first.setdefault(one.step, one)
    evidence = storyline.first_evidence
    known = None if minutes is None else evidence.timestamp() + minutes * 60
    since = max(evidence, began) if storyline.traces else began
    signal = None if known is None else max(since, datetime.fromtimestamp(known, evidence.tzinfo))
    done = (first.get(step) for step in ("noticed", "tasked", "closed"))
    return Reviewed(storyline, since, signal if storyline.traces or signal is None else since, *done)


def _acts(
    floor: Floor, reader: Reader, named: Mapping[str, frozenset[str]], about: Mapping[str, set[str]]
) -> Iterator[Done]:
    for act in floor.acts_of("query"):
        shown = (act.detail or {}).get("shown", ())
        if act.actor and len(shown) == 1 and (met := named.get(str(shown[0]))):
            yield Done(act.at, act.actor.name, "noticed", met)

    def met_by(lead: str | None, subjects: Iterable[str]) -> frozenset[str]:
        told = (about[one] for one in subjects if one in about)
        return named.get(lead or "", frozenset()).union(*told)

    for kind, step in STEPS.items():
        columns = ["observed_at", "by", "lead", "subjects"]
        for row in floor.read(kind, reader, columns=columns).to_pylist():
            yield Done(row["observed_at"], row["by"], step, met_by(row["lead"], row["subjects"] or ()))
    columns = ["observed_at", "by", "lead", "subjects", "act"]
    for row in floor.read("triage", reader, columns=columns).to_pylist():
        step = "closed" if row["act"] == "close" else "noticed"
        yield Done(row["observed_at"], row["by"], step, met_by(row["lead"], row["subjects"]))
    alerts: dict[str, str | None] = {}
    columns = ["observed_at", "entry", "what", "about", "by"]
    for row in floor.read("watch-entry", reader, columns=columns).to_pylist():
        alerts.setdefault(row["entry"], row["about"])
        if row["what"] == "acknowledged":
            matter = alerts[row["entry"]] or ""
            yield Done(row["observed_at"], row["by"], "noticed", met_by(matter, [matter]))
