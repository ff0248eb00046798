"""The queue of leads: life at risk first, then the likeliest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, NamedTuple

import msgspec

from watchfloor.actions.base import Answer, Context, Request, action, option
from watchfloor.casework import triage
from watchfloor.cell.identity.names import called
from watchfloor.cell.leads import Lead, found_false, together
from watchfloor.cell.queue import digest
from watchfloor.cell.weighing.assessment import stated
from watchfloor.cell.wording.estimative_language import percent
from watchfloor.cell.wording.titles import Names, Title, marking, named, title
from watchfloor.core.marking import joined
from watchfloor.exchange.geo.feature import Feature, Form, point


class Together(msgspec.Struct, frozen=True):
    """Hypotheses about one matter that rest on evidence apart, and the probability of at least one."""

    hypotheses: list[str]
    probability: float


class OtherLead(msgspec.Struct, frozen=True):
    """The same matter under another hypothesis."""

    lead_id: str
    hypothesis: str
    probability: float


class LeadView(Answer, frozen=True):
    """A lead as the queue has it.

    Attributes:
        rank: its place in the queue, from 1.
        title: what, where and since when; `called`: the same in the language of who asks.
        subject: its anchor; `subjects`: everything that it names.
        probability: of the hypothesis; `word`: as ICD 203 has it.
        state: new, taken, watching, tasked or closed; `owner`: whose it is.
        found_false: whether somebody looked and found it false, and nothing has come since.
        prior_bits, looks_bits: what is added first; `bits`: the whole sum.
        strength, reason: of its weightiest signal.
        at: when the last of its signals could first be known.
        weights: digest of the table of weights.
        also: the matter under its other hypotheses, likeliest first.
        names: of the hypotheses named here, in words.
    """

    texts: ClassVar = "lead"
    unprinted: ClassVar[tuple[str, ...]] = ("names", "called")

    rank: int
    lead_id: str
    title: Title
    subject: str
    subjects: list[str]
    hypothesis: str
    probability: float
    state: str
    owner: str | None
    found_false: bool
    word: str
    together: Together
    prior_bits: float
    looks_bits: float
    bits: float
    strength: str
    reason: str
    at: datetime
    marking: str
    weights: str
    also: list[OtherLead]
    names: dict[str, str]
    called: str

    @property
    def chance(self) -> str:
        """Return the probability, no surer than the words for it."""
        return f"{percent(self.probability):>6}"

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return what it is about and how likely; below it what else it may be, and the first reason."""
        titles = [self.names[name] for name in self.together.hypotheses]
        any_of = say("queue.together", titles=", ".join(titles), chance=percent(self.together.probability))
        also = ", ".join(f"{self.names[one.hypothesis]} {percent(one.probability)}" for one in self.also)
        parts = [
            say(f"triage.state_{self.state}") + (f" ({self.owner})" if self.owner else ""),
            self.names[self.hypothesis],
            say("queue.found_false") if self.found_false else "",
            any_of if len(titles) > 1 else "",
            say("queue.subjects", n=len(self.subjects)) if len(self.subjects) > 1 else "",
            say("queue.also", called=also) if also else "",
        ]
        head = f"{self.rank:>3}  {self.lead_id}  {self.chance} {self.word}  {self.called}"
        return head, [f"[{self.marking}] {' · '.join(filter(None, parts))}", self.reason]


class LeadList(Answer, frozen=True):
    """The first leads of the queue; `more`: how many come after them."""

    leads: list[LeadView]
    more: int
    marking: str


class ListLeads(Request, frozen=True):
    """How many leads."""

    top: Annotated[int, option("How many to show.", minimum=1)] = 20


@action(
    "leads",
    "leads --floor floor --top 10 --lang fr",
    past=True,
    weighs=True,
    rows="leads",
    empty="queue.empty",
    blocks=True,
    more="queue.more",
)
def list_(context: Context, ask: ListLeads) -> LeadList:
    """The queue of leads: life at risk from 5 % on, then the likeliest; last what a finding says is false.

    A lead is an invitation to look, not a finding.
    """
    log_shown(context, context.queue, [one.lead_id for one in context.queue[: ask.top]])
    return first(context, context.queue, ask.top)


def first(context: Context, found: Sequence[Lead], top: int) -> LeadList:
    """Return the first leads of a queue, unlogged."""
    facts = facts_of(context, found[:top])
    views = [LeadView(**fields(context, rank, one, facts)) for rank, one in enumerate(found[:top], 1)]
    more = len(found) - len(views)
    return LeadList(leads=views, more=more, marking=joined([one.marking for one in views]))


def log_shown(context: Context, found: list[Lead], shown: Iterable[str]) -> None:
    """Log that these leads were asked for, and the ids of those that are shown."""
    context.log_query("leads", leads=len(found), digest=digest(found).hex(), shown=[*shown])


class Facts(NamedTuple):
    """Names of the subjects that titles name, and what was done about leads."""

    names: Names
    done: triage.Records


def facts_of(context: Context, leads: Iterable[Lead]) -> Facts:
    """Return what views of leads need besides the queue."""
    floor, reader, as_of = context.floor, context.reader, context.as_of
    names = called(floor, reader, {key for one in leads for key in named(one)}, as_of)
    return Facts(names, triage.records_of(floor, reader, as_of))


def fields(context: Context, rank: int, one: Lead, facts: Facts) -> dict[str, Any]:
    """Return the fields of a lead's view."""
    names, left = facts.names, triage.standing(one, facts.done, context.now)
    hypotheses, joint = context.weights.hypotheses, together(one)
    signal, titled = one.contributions[0], title(one, names, context.weights)
    supposed = (one.hypothesis, *(each.hypothesis for each in (*one.also, *joint.leads)))
    return {
        "rank": rank,
        "lead_id": one.lead_id,
        "title": titled,
        "subject": one.subject,
        "subjects": list(one.subjects),
        "hypothesis": one.hypothesis,
        "probability": round(one.probability, 6),
        "state": left.state,
        "owner": left.owner,
        "found_false": found_false(one),
        "word": stated(one, hypotheses[one.hypothesis], context.language),
        "together": Together([each.hypothesis for each in joint.leads], round(joint.probability, 6)),
        "prior_bits": one.prior,
        "looks_bits": one.looks,
        "bits": one.bits,
        "strength": signal.strength,
        "reason": signal.reason.render(context.language),
        "at": one.at,
        "marking": joined([one.marking, *filter(None, [marking(one, names)])]),
        "weights": one.weights,
        "also": [OtherLead(each.lead_id, each.hypothesis, round(each.probability, 6)) for each in one.also],
        "names": {name: hypotheses[name].called(context.language) for name in supposed},
        "called": titled.fr if context.language == "fr" else titled.en,
    }


class ExportLeads(Request, frozen=True):
    """As what, and how many."""

    as_: Annotated[Form, option("What the file is: csv, geojson or kml.")] = "csv"
    top: Annotated[int, option("How many leads to write, the first of the queue.", minimum=1)] = 1_000


class LeadFile(Answer, frozen=True):
    """Leads as a file.

    Attributes:
        file: its text; `form`: what it is.
        leads: how many are in it; `placed`: those of them that have a place.
    """

    texts: ClassVar = "queue"

    file: str
    form: Form
    leads: int
    placed: int
    marking: str


@action("export", "export --as geojson -o leads.geojson", past=True, weighs=True, document="file")
def export(context: Context, ask: ExportLeads) -> LeadFile:
    """Write the first leads of the queue as CSV, GeoJSON or KML, each with its marking.

    The file says what you may see; whoever gets it from you must be allowed to. The export is logged.
    """
    from watchfloor.exchange.geo.files import written  # with shapely, which takes 0.3 s

    shown = context.queue[: ask.top]
    log_shown(context, context.queue, [one.lead_id for one in shown])
    facts = facts_of(context, shown)
    views = [LeadView(**fields(context, rank, one, facts)) for rank, one in enumerate(shown, 1)]
    features = [_feature(view, one) for view, one in zip(views, shown, strict=True)]
    marking = joined([view.marking for view in views])
    placed = sum(one.geometry is not None for one in features)
    name = context.floor.settings.name
    return LeadFile(
        file=written(ask.as_, name, marking, features),
        form=ask.as_,
        leads=len(features),
        placed=placed,
        marking=marking,
    )


def _feature(view: LeadView, one: Lead) -> Feature:
    """Return a lead with the place of the weightiest of its signals that has one."""
    place = next((each.place for each in one.contributions if each.place), None)
    more: dict[str, str | float | None] = {
        "rank": view.rank,
        "hypothesis": view.names[view.hypothesis],
        "probability": view.probability,
        "word": view.word,
        "subject": view.subject,
        "radius": place[2] if place else None,
    }
    at = point(place[:2] if place else None)
    return Feature(view.lead_id, view.called, view.reason, at, view.at, view.marking, more)
