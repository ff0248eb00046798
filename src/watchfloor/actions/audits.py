"""A random sample of the leads that nobody acted on, which keeps a fit of the weights honest."""

from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Request, action, argument, note, option
from watchfloor.cell.learning.acted import kept
from watchfloor.cell.learning.audit import chances, draws
from watchfloor.cell.learning.audit import draw as draw_leads
from watchfloor.cell.learning.outcomes import standing
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.desks.registry import declare_messages

FEWER: Final = declare("audits.fewer", "count")


class DrawnLead(Answer, frozen=True):
    """A lead of the sample; `chance` is that of having been drawn by now."""

    texts: ClassVar = "audits"
    columns: ClassVar[tuple[str, ...]] = ("lead_id", "hypothesis", "subject", "rounded")

    lead_id: str
    hypothesis: str
    subject: str
    chance: float

    @property
    def rounded(self) -> str:
        """Return the chance as a table has it."""
        return f"{self.chance:.4g}"


class NewDraw(DrawnLead, frozen=True):
    """A lead that was drawn just now; by the same seed the same are drawn again."""

    seed: str
    marking: str


class DrawnBefore(DrawnLead, frozen=True):
    """A lead of the sample, and what came of it; null while nobody reported."""

    columns: ClassVar = (*DrawnLead.columns, "outcome")

    outcome: str | None


class NewDraws(Answer, frozen=True):
    """The leads that were drawn."""

    drawn: list[NewDraw]
    marking: str


class DrawList(Answer, frozen=True):
    """The audit sample."""

    drawn: list[DrawnBefore]


class DrawLeads(Request, frozen=True):
    """How many, and by which seed."""

    count: Annotated[int, argument("N", "How many leads to draw.", minimum=1)]
    seed: Annotated[str, option("Draws the same leads of the same floor again; else its log position.")] = ""


@action(
    "audit draw",
    "audit draw 50 --floor floor",
    writes=True,
    weighs=True,
    rows="drawn",
    empty="audits.none",
)
def draw(context: Context, ask: DrawLeads) -> NewDraws:
    """Draw leads that nobody acted on, for somebody to look at; each one's chance goes into the log.

    Their probabilities are not shown, so that who looks is not led. Report what came of each with
    `watchfloor leads outcome`.
    """
    declare_messages()
    with context.writer() as writer, context.busy("audits.drawing"):
        seed, reader = ask.seed or str(context.floor.position), context.reader
        now = context.floor.now()
        found = draw_leads(context.floor, writer, reader, context.weights, ask.count, seed, now)
    if 0 < len(found) < ask.count:
        note(context, FEWER, count=len(found))
    views = [
        NewDraw(
            lead_id=one.lead.lead_id,
            hypothesis=one.lead.hypothesis,
            subject=one.lead.subject,
            chance=one.chance,
            seed=seed,
            marking=one.lead.marking,
        )
        for one in found
    ]
    return NewDraws(drawn=views, marking=joined([one.marking for one in views]))


class ListDraws(Request, frozen=True):
    """Nothing needs to be said."""


@action("audit list", "audit list --floor floor", rows="drawn", empty="audits.none_yet")
def list_(context: Context, _: ListDraws) -> DrawList:
    """The audit sample: each lead with the chance of having been drawn by now, and what came of it."""
    floor, reader = context.floor, context.reader
    seen = kept(floor, reader)
    results = {row["lead"]: row["result"] for row in standing(floor, reader)}
    mine = {lead: chance for lead, chance in chances(draws(floor, reader)).items() if lead in seen}
    context.log_query("audit", leads=len(mine), shown=list(mine))
    views = []
    for lead, chance in mine.items():
        one = seen[lead][0][1]
        views.append(
            DrawnBefore(
                lead_id=lead,
                hypothesis=one.hypothesis,
                subject=one.subject or one.subjects[0],
                chance=chance,
                outcome=results.get(lead),
            )
        )
    return DrawList(drawn=views)
