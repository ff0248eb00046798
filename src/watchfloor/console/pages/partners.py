"""Partners who pull: by what right, what went by day; adding, publishing to and removing them."""

from typing import Annotated, Final

import msgspec

from watchfloor.actions import partners as actions
from watchfloor.actions.partners import AddPartner, OnePartner, PartnerShown, PartnerView
from watchfloor.actions.tasks import may_act
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint
from watchfloor.console.jobs import work
from watchfloor.exchange.bundles.peers import me
from watchfloor.exchange.partners import partner
from watchfloor.exchange.partners.partner import Partner
from watchfloor.policy import gateway_table
from watchfloor.policy.gateways import called
from watchfloor.policy.institutions import INSTITUTIONS


class PartnersAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The partner that is looked at, by their name."""

    name: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Way(msgspec.Struct, frozen=True):
    """A gateway that leads from this node today: its id, its citation and purpose, and to whom it leads."""

    id: str
    citation: str
    purpose: str
    to: str


class PartnersPage(msgspec.Struct, frozen=True):
    """Partners of this node.

    Attributes:
        partners: all, those without access too; `shown`: the one that is looked at, with its days.
        ways: gateways that can be named.
        institutions, purposes: words of the table, each with what it is called.
        country: this node's.
        may: whether this person may act.
    """

    partners: list[PartnerView]
    shown: PartnerShown | None
    ways: list[Way]
    institutions: dict[str, str]
    purposes: dict[str, str]
    country: str
    may: bool
    marking: str = ""


def page(asker: Asker, ask: PartnersAsk) -> PartnersPage:
    """List the partners who pull, and show one of them with what was disclosed and pulled, by day."""
    found = partner.known(asker.floor)
    shown = actions.shown(asker, partner.named(found, ask.name)) if ask.name else None
    asker.log_query("partners", shown=[*found], partner=ask.name or None)
    kinds = {one: called([one], asker.language) for one in INSTITUTIONS if one != "foreign-state"}
    purposes = gateway_table.load_table(asker.floor.root / partner.OWN).purposes
    return PartnersPage(
        [actions.view(asker, one) for one in found.values()],
        shown,
        _ways(asker),
        dict(sorted(kinds.items(), key=lambda one: one[1])),
        {name: getattr(title, asker.language) for name, title in purposes.items()},
        me(asker.floor).country,
        may_act(asker),
    )


def _ways(asker: Asker) -> list[Way]:
    table, here = gateway_table.load_table(asker.floor.root / partner.OWN), me(asker.floor)
    today = asker.floor.now().date()
    return [
        Way(
            one.id,
            one.citation,
            getattr(table.purposes[one.purpose], asker.language),
            called(one.to, asker.language),
        )
        for one in table.gateways.values()
        if here.institution in one.from_ and one.stands(today) and partner.offered(one)
    ]


class PartnerMade(msgspec.Struct, frozen=True):
    """A partner who was added; the key is shown this once."""

    said: str
    name: str
    key: str
    marking: str = ""


def add(asker: Asker, ask: AddPartner) -> PartnerMade:
    """Add a partner who pulls what is disclosed; their key is shown this once, and publishing begins."""
    made, key = actions.added(asker, ask)
    _begin(asker, made)
    return PartnerMade(asker.t("partner.added_here", name=made.name, secret=key), made.name, key)


def publish(asker: Asker, ask: OnePartner) -> Done:
    """Begin to disclose to a partner what is new, and to take back what they may not see any more."""
    _begin(asker, partner.partner_of(partner.known(asker.floor), ask.name))
    return Done(asker.t("partner.publishing_begun", name=ask.name))


class RecallFrom(OnePartner, frozen=True, kw_only=True):
    """Which disclosure to a partner is recalled, and why."""

    bundle: Annotated[str, msgspec.Meta(max_length=64)]
    why: Annotated[str, msgspec.Meta(max_length=4000)] = ""


def recall(asker: Asker, ask: RecallFrom) -> Done:
    """Recall a disclosure to a partner: it is off what they may pull at once."""
    made = actions.recalled(asker, ask.name, ask.bundle, ask.why)
    return Done(asker.t("partner.recalled_here", bundle=made.bundle, name=made.to, due=str(made.due)))


def _begin(asker: Asker, one: Partner) -> None:
    name = asker.t("partner.publishing_to", name=one.name)
    marking = str(asker.floor.ceiling)  # how much it is may be known to who sees everything
    told = (work.publish, str(asker.floor.root), one.name, asker.actor)
    asker.services.jobs.start("publish", name, asker.name, marking, *told)


ENDPOINTS: Final = (
    Endpoint("partners", "GET", "/partners", PartnersAsk, PartnersPage, page, "partners.html"),
    Endpoint(
        *("partners.add", "POST", "/partners", AddPartner, PartnerMade, add),
        within="partners",
    ),
    Endpoint(
        *("partners.publish", "POST", "/partners/{name}/publish", OnePartner, Done, publish),
        within="partners",
    ),
    Endpoint(
        *("partners.recall", "POST", "/partners/{name}/recall", RecallFrom, Done, recall),
        within="partners",
    ),
    Endpoint.for_action(actions.remove, "/partners/{name}/remove", name="partners.remove", within="partners"),
)
