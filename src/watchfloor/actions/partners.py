"""Partners who pull what is disclosed to them: added, listed, published to, removed."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    lawful,
    note,
    option,
    text_of,
)
from watchfloor.cell.acts import refuse
from watchfloor.cell.wording.dates import day
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason, declare
from watchfloor.exchange import deliveries
from watchfloor.exchange.bundles import recalls
from watchfloor.exchange.bundles.recalls import Recall
from watchfloor.exchange.partners import disclosures, partner, publication, publish, shelving
from watchfloor.exchange.partners.partner import Partner
from watchfloor.policy.gateways import Refusal as Unlawful
from watchfloor.policy.policy import allowed, clearance
from watchfloor.store.errors import StoreError

BUNDLES: Final = 20
"""Disclosures that a person is told of; `--json` has all."""
DAYS: Final = 7
"""Within which an answer to a recall is due."""

NOT_YET: Final = declare("partner.not-published", "why", "name")
STAYS: Final = declare("partner.stays", "rows", "why")


class PartnerView(Answer, frozen=True, kw_only=True):
    """A partner: who they are, by what right they get something, and whether they still do.

    Attributes:
        kinds: what is offered; empty: all that the gateway carries.
        stands: whether their key opens anything today; `ended`: why it does not.
        rows: that lie ready for them, where all of these are for the reader.
        certificate: SHA-256 of the one without which their key opens nothing; empty: it does alone.
    """

    texts: ClassVar = "partner.view"
    columns: ClassVar[tuple[str, ...]] = (
        *("name", "institution", "country", "gateway", "use", "rows", "until", "ended"),
    )

    name: str
    institution: str
    country: str
    ceiling: str
    gateway: str
    use: str
    test: str
    stated_by: str
    kinds: tuple[str, ...]
    until: date | None
    writes: bool
    since: date
    stands: bool
    ended: str
    removed: date | None
    rows: int | None
    certificate: str


class PartnerList(Answer, frozen=True):
    """Partners, those without access too."""

    partners: list[PartnerView]


class PartnerAdded(PartnerView, frozen=True, kw_only=True):
    """A partner who was added; `key` is shown this once."""

    key: str

    def done(self, key: str) -> str:
        """Return the key of the text that says how to pull, or that nothing was published yet."""
        return key if self.rows is not None else f"{key}_unpublished"


class DayView(Answer, frozen=True):
    """A day: rows that were disclosed to a partner and withdrawn, and objects that they pulled."""

    texts: ClassVar = "partner.day"
    columns: ClassVar = ("day", "disclosed", "withdrawn", "delivered")

    day: date
    disclosed: int
    withdrawn: int
    delivered: int


class BundleView(Answer, frozen=True):
    """A disclosure to a partner: its bundle, when, how many rows, and how many of them still stand."""

    texts: ClassVar = "partner.bundle"
    columns: ClassVar = ("bundle", "at", "rows", "standing")

    bundle: str
    at: datetime
    rows: int
    standing: int


class PartnerShown(PartnerView, frozen=True, kw_only=True):
    """A partner with what was disclosed and delivered by day, as far as the reader may see it.

    Attributes:
        published: when the last whole publication to them ended, for who may see all that is published.
        publishing: percent of the one that is at work, for the same; None for none.
        problem: why the latest one failed, for the same; empty: it did not.
        withheld: rows that stayed in the last whole publication, by reason, for the same.
        not_carried: kinds that the gateway does not carry.
        bundles: disclosures that the reader may see, the newest first.
    """

    days: list[DayView]
    bundles: list[BundleView]
    not_carried: tuple[str, ...]
    withheld: dict[str, int]
    published: datetime | None
    publishing: int | None
    problem: str

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield what there is to know of them, and the table of days."""
        for name in ("name", "institution", "country", "ceiling", "gateway", "use", "test", "stated_by"):
            yield Line(say("partner.fact", label=say(f"partner.view.{name}"), text=getattr(self, name)))
        kinds = ", ".join(self.kinds) or say("partner.all_kinds")
        missing = ", ".join(self.not_carried) or "-"
        until = say("partner.while_gateway") if self.until is None else str(self.until)
        for name, text in (
            ("kinds", kinds),
            ("since", str(self.since)),
            ("until", until),
            ("not_carried", missing),
            ("certificate", self.certificate or "-"),
        ):
            yield Line(say("partner.fact", label=say(f"partner.view.{name}"), text=text))
        if self.published is not None:
            at = f"{self.published:%Y-%m-%d %H:%M:%SZ}"
            yield Line(say("partner.fact", label=say("partner.published_at"), text=at))
        if self.publishing is not None:
            yield Line(say("partner.at_work", share=self.publishing), "bold")
        if self.problem:
            yield Line(say("partner.publication_failed", why=self.problem), "bold")
        for why, count in self.withheld.items():
            yield Line(say("partner.stays", rows=count, why=why))
        if self.ended:
            yield Line(self.ended, "bold")
        heads = [say(f"partner.day.{name}") for name in DayView.columns]
        rows = [tuple(getattr(one, name) for name in DayView.columns) for one in self.days]
        yield Table(say("partner.days"), heads, rows, say("partner.no_days"))
        if self.bundles:
            heads = [say(f"partner.bundle.{name}") for name in BundleView.columns]
            some = [
                (one.bundle, f"{one.at:%Y-%m-%d %H:%M:%SZ}", one.rows, one.standing)
                for one in self.bundles[:BUNDLES]
            ]
            yield Table(say("partner.bundles"), heads, some, "")
            if len(self.bundles) > BUNDLES:
                yield Line(say("partner.more_bundles", count=len(self.bundles) - BUNDLES))


class PublishedView(Answer, frozen=True):
    """A publication; counts are for who may see all that it is made from.

    Attributes:
        withheld: rows that stay, by reason.
        not_carried: kinds that the gateway does not carry.
    """

    name: str
    offered: int | None
    rows: int | None
    withdrawn: int | None
    standing: int | None
    withheld: dict[str, int]
    not_carried: tuple[str, ...]

    def done(self, key: str) -> str:
        """Return the key of the text with counts, or without."""
        return f"{key}_uncounted" if self.rows is None else key


class PartnerRemoved(Answer, frozen=True):
    """A partner who was removed."""

    name: str
    removed: date | None


NameArgument = Annotated[str, argument("NAME", "What the partner is called.")]


class AddPartner(Request, frozen=True, kw_only=True):
    """A partner, and by what right they get what is shared."""

    name: Annotated[str, argument("NAME", "What to call them: letters, digits, dots, dashes.")]
    institution: Annotated[str, option("What kind of institution they are of.")]
    gateway: Annotated[str, option("The lawful way; `watchfloor gateway list` has all.")]
    test: Annotated[str, option("Why the gateway's test is met, in your words.")]
    country: Annotated[str, option("ISO 3166-1 alpha-3; else this node's.")] = ""
    ceiling: Annotated[str, option("The highest marking that they may hold.")] = "PB"
    use: Annotated[str, option("What they may use it for; else what the gateway is for.")] = ""
    accuracy: Annotated[str, option("How accurate it is, and how reliably it was obtained.")] = ""
    basis: Annotated[str, option("The request, order, arrangement or code it rests on.")] = ""
    kinds: Annotated[
        tuple[str, ...], option("What is offered: signal or a kind of record; repeatable. Else all.")
    ] = ()
    until: Annotated[str, option("Their last day, YYYY-MM-DD; else while the gateway stands.")] = ""
    writes: Annotated[bool, option("They may also add what they know.")] = False


class AddPartnerHere(AddPartner, frozen=True, kw_only=True):
    """The same, with a file of this machine."""

    certificate: Annotated[
        Path | None,
        option(
            "Certificate (PEM) of their machine: their key opens nothing without it.",
            metavar="FILE",
            exists=FILE,
        ),
    ] = None


@action(
    "partner add",
    'partner add rcmp --institution police --gateway customs-107-5-a --test "file 2026-118 is in court"',
    writes=True,
    done="partner.added",
    document="key",
)
def add(context: Context, ask: AddPartnerHere) -> PartnerAdded:
    """Add a partner who pulls what is disclosed: prints their key once, and publishes at once.

    Show the key to them alone; nobody can be shown it again. Who loses it is removed and added anew.
    """
    made, key = added(context, ask, None if ask.certificate is None else text_of(ask.certificate))
    rows = None
    try:
        rows = _published(context, made).standing
    except StoreError as error:  # the key is shown all the same: nobody could be shown it again
        note(context, NOT_YET, why=str(error), name=made.name)
    return PartnerAdded(**_fields(context, made) | {"rows": rows}, key=key)


def added(context: Context, ask: AddPartner, certificate: str | None = None) -> tuple[Partner, str]:
    """Add a partner, with a certificate (PEM) or without; return them with their key. Raises `Refusal`."""
    floor = context.floor
    with lawful():
        return partner.add(
            floor,
            context.actor,
            ask.name,
            institution=ask.institution,
            country=ask.country or floor.settings.country,
            gateway=ask.gateway,
            test=ask.test,
            ceiling=ask.ceiling,
            purpose=ask.use,
            accuracy=ask.accuracy,
            basis=ask.basis,
            kinds=ask.kinds,
            until=day(ask.until) if ask.until else None,
            writes=ask.writes,
            certificate=certificate,
        )


class ListPartners(Request, frozen=True):
    """Nothing needs to be said."""


@action("partner list", "partner list --json", rows="partners", empty="partner.none")
def list_(context: Context, _: ListPartners) -> PartnerList:
    """List the partners: by what gateway they get something, until when, and whether they still do."""
    found = [view(context, one) for one in partner.known(context.floor).values()]
    context.log_query("partners", shown=[one.name for one in found])
    return PartnerList(partners=found)


class OnePartner(Request, frozen=True):
    """Which partner."""

    name: NameArgument


@action("partner show", "partner show rcmp")
def show(context: Context, ask: OnePartner) -> PartnerShown:
    """Show one partner: who stated what, and what was disclosed, withdrawn and pulled, by day."""
    one = partner.named(partner.known(context.floor), ask.name)
    context.log_query("partner", shown=[one.name])
    return shown(context, one)


@action("partner publish", "partner publish rcmp", writes=True, done="partner.published")
def publish_(context: Context, ask: OnePartner) -> PublishedView:
    """Disclose to a partner what is new, and take back what they may not see any more, as `serve` does."""
    one = partner.partner_of(partner.known(context.floor), ask.name)
    with lawful():
        made = _published(context, one)
    counted = _sees_all(context, one)
    withheld = {why.reason.render(context.language): why.rows for why in made.withheld}
    if counted:
        for sentence, rows in withheld.items():
            note(context, STAYS, rows=rows, why=sentence)
    return PublishedView(
        name=one.name,
        offered=made.offered if counted else None,
        rows=made.rows if counted else None,
        withdrawn=made.withdrawn if counted else None,
        standing=made.standing if counted else None,
        withheld=withheld if counted else {},
        not_carried=_not_carried(context, one),
    )


class RemovePartner(OnePartner, frozen=True, kw_only=True):
    """Which partner, and why."""

    why: Annotated[str, option("The reason, in your words.")]


@action(
    "partner remove",
    'partner remove rcmp --why "the case is closed"',
    writes=True,
    done="partner.removed",
)
def remove(context: Context, ask: RemovePartner) -> PartnerRemoved:
    """Remove a partner: their key opens nothing any more, at once. What they pulled before is theirs."""
    gone = partner.remove(context.floor, context.actor, ask.name, ask.why)
    return PartnerRemoved(name=gone.name, removed=gone.removed)


def _published(context: Context, one: Partner) -> publish.Published:
    with context.busy("partner.publishing") as progress:
        return publish.publish(context.floor, one, context.floor.now(), progress, context.actor)


def _sees_all(context: Context, one: Partner) -> bool:
    """Whether the reader sees what who added the partner sees, and so may know how much it is."""
    try:
        author = context.floor.reader(one.by.name, one.by.purpose)
    except StoreError:  # they may not look any more
        return False
    return clearance(author) == clearance(context.reader)


def view(context: Context, one: Partner) -> PartnerView:
    """Return a partner as a reader may know of them."""
    return PartnerView(**_fields(context, one))


def shown(context: Context, one: Partner) -> PartnerShown:
    """Return a partner with what went by day."""
    note, publishing = publication.Note(), None
    if _sees_all(context, one):
        note = publication.last(context.floor, one)
        if publication.at_work(context.floor, one):
            publishing = int(100 * (note.share or 0))
    said = (({"message": id_, "params": params}, rows) for id_, params, rows in note.withheld)
    return PartnerShown(
        **_fields(context, one),
        days=_days(context, one),
        bundles=_bundles(context, one),
        not_carried=_not_carried(context, one),
        published=note.ended,
        publishing=publishing,
        problem=note.problem,
        withheld={Reason.load(why).render(context.language): rows for why, rows in said},
    )


def recalled(context: Context, name: str, bundle: str, why: str) -> Recall:
    """Recall a disclosure to a partner, whole: it goes from their shelf at once. Raises `Refusal`."""
    one = partner.named(partner.known(context.floor), name)
    if bundle not in {each.bundle for each in _bundles(context, one)}:
        refuse(recalls.NOT_SENT, bundle=bundle)
    now = context.floor.now()
    with context.writer() as writer:
        due = recalls.due_in(DAYS, now)
        return recalls.recall(context.floor, writer, bundle, (), why, due, now)


def _not_carried(context: Context, one: Partner) -> tuple[str, ...]:
    """Kinds that the gateway of a partner does not carry; of one that is gone, none is named."""
    try:
        return partner.not_carried(partner.gateway_of(context.floor, one))
    except Unlawful:
        return ()


def _bundles(context: Context, one: Partner) -> list[BundleView]:
    """Disclosures to a partner of which the reader may see all."""
    stand = Counter(shelving.stand(context.floor, one).rows["bundle"].to_pylist())
    return [
        BundleView(
            bundle=act.detail["bundle"],
            at=act.at,
            rows=act.detail["rows"],
            standing=stand[act.detail["bundle"]],
        )
        for act in reversed([*_marked(disclosures.acts_to(context.floor, one))])
        if act.act == "disclosed" and allowed(context.reader, parse(act.detail["marking"]))
    ]


def _fields(context: Context, one: Partner) -> dict[str, Any]:
    """Return the fields of a `PartnerView`."""
    why = partner.ended(context.floor, one)
    return {
        "name": one.name,
        "institution": one.institution,
        "country": one.country,
        "ceiling": str(one.ceiling),
        "gateway": one.gateway,
        "use": one.statement.purpose,
        "test": one.statement.test_met,
        "stated_by": one.statement.by,
        "kinds": one.kinds,
        "until": one.until,
        "writes": one.writes,
        "since": one.since,
        "stands": why is None,
        "ended": why.render(context.language) if why else "",
        "removed": one.removed,
        "certificate": one.fingerprint,
        "rows": _lying(context, one, why) if _sees_rows(context, one) else None,
    }


def _lying(context: Context, one: Partner, why: Reason | None) -> int:
    """How many rows lie ready for a partner; none for one without access."""
    return 0 if why else shelving.stand(context.floor, one).rows.num_rows


def _sees_rows(context: Context, one: Partner) -> bool:
    """Whether all that a partner ever got is for the reader, who so may know how much it is."""
    acts = _marked(disclosures.acts_to(context.floor, one))
    return all(allowed(context.reader, parse((act.detail or {})["marking"])) for act in acts)


def _delivered(context: Context, one: Partner) -> Counter[date]:
    """Objects that a partner pulled, by day: of days that are over as the log has them."""
    found: Counter[date] = Counter()
    for act in context.floor.acts_of(deliveries.ACT):
        said = act.detail or {}
        if said.get("to") == one.name and act.position > one.position:
            found[date.fromisoformat(said["day"])] += said["objects"]
    with deliveries.Deliveries.open(context.floor) as journal:
        for each in journal.days(date.max):
            if each.shelf == one.shelf:
                found[each.day] += each.objects
    return found


def _marked(acts: list[Any]) -> Iterator[Any]:
    return (act for act in acts if "marking" in (act.detail or {}))


def _days(context: Context, one: Partner) -> list[DayView]:
    """Rows and objects that went by day, of the acts that the reader may see."""
    found: dict[str, Counter[date]] = {act: Counter() for act in ("disclosed", "withdrawn", "delivered")}
    for act in _marked(disclosures.acts_to(context.floor, one)):
        what = "disclosed" if act.act == "disclosed" else "withdrawn"
        if allowed(context.reader, parse(act.detail["marking"])):
            found[what][act.at.astimezone(UTC).date()] += act.detail["rows"]
    if _sees_rows(context, one):
        found["delivered"] = _delivered(context, one)
    every = sorted({at for counted in found.values() for at in counted}, reverse=True)
    return [DayView(day=at, **{name: counted[at] for name, counted in found.items()}) for at in every]
