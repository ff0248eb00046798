"""Gateways: the lawful ways for information to move between nodes, and whether one may be used on a day.

A gateway names the section of law, who discloses and who receives, the purpose, the test that a person
states, what may go, and the records that the law asks for. `policy.gateway_table` reads them. `permits`
decides and is pure: who asks gives the gateway, the parties, what a person stated and the recorded check of
the risk of mistreatment. Each refusal says what would make it lawful. Our gateways are a reading of the law
and no legal advice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final, Literal, NoReturn

from watchfloor.core.kinds import COMMON
from watchfloor.core.messages import Language, Message, Reason, declare, reason
from watchfloor.policy.institutions import INSTITUTIONS

Risk = Literal["no", "yes", "mitigated"]

RISK_STANDS: Final = timedelta(days=365)
"""How long a check of the risk of mistreatment stands. Our rule, not the law's."""

CARRIED: Final = frozenset(column.name for column in COMMON) | {
    *("bundle", "node", "gateway", "form", "row_id", "revision", "retracted", "echo", "onward")
}
"""Columns that go with every row, or that the receiving node writes itself; no gateway lists them."""


NOT_YET = declare("gateway.not-yet", "gateway", "citation", "since", "on")
ENDED = declare("gateway.ended", "gateway", "citation", "expires", "on")
UNKNOWN = declare("gateway.unknown-institution", "name", "institution", "nearest")
SENDER = declare(
    "gateway.sender", "gateway", "citation", "allowed_institutions", "name", "own_institutions", "institution"
)
RECIPIENT = declare(
    "gateway.recipient",
    "gateway",
    "citation",
    "allowed_institutions",
    "name",
    "own_institutions",
    "institution",
)
NO_PARTNER = declare("gateway.foreign-state", "name")
OTHER_LAW = declare("gateway.other-law", "gateway", "citation", "law_country", "name", "country")
ABROAD = declare("gateway.abroad", "name", "country", "gateway", "citation")
AT_HOME = declare("gateway.at-home", "name", "own_institutions", "country")
NO_TEST = declare("gateway.no-test", "gateway", "citation")
COPIED = declare("gateway.copied-test", "gateway", "citation")
NOBODY = declare("gateway.nobody", "gateway", "citation")
PURPOSE = declare("gateway.purpose", "gateway", "citation", "purpose", "stated")
ACCURACY = declare("gateway.accuracy", "gateway", "citation")
BASIS = declare("gateway.basis", "gateway", "citation")
NO_CHECK = declare("gateway.no-risk-check", "name")
OTHER_CHECK = declare("gateway.other-risk-check", "partner", "partner_country", "name", "country")
OLD_CHECK = declare("gateway.old-risk-check", "name", "day", "until", "on")
SUBSTANTIAL = declare("gateway.substantial-risk", "by", "day", "name")
NO_MEASURES = declare("gateway.no-measures", "name")


@dataclass(frozen=True, slots=True)
class Gateway:
    """One lawful way to disclose.

    Attributes:
        id: as commands and acts write it.
        law: the Act's short name.
        section: the provision that allows it.
        rests_on: the law's own words at that section, in English, with ` … ` for what is left out between.
        unquoted: why there are none, by language.
        also: further provisions that it rests on; of another law with its short name before it.
        from_: kinds of institution that may disclose.
        to: kinds of institution that may receive.
        purpose: what for, a word of the table.
        test: what the person who discloses must be satisfied of, by language.
        fields: columns that may go, by kind; `disclosure` is what signals and pointers travel as.
        forms: which of signal, pointer and evidence may go, or which tier of a partnership.
        needs: what must be stated besides the test: `accuracy` (how accurate the information is and how
            reliable the way it was obtained), `basis` (the request, order, arrangement or code).
        basis: what the basis is, by language.
        records: ids of the records that the law asks for.
        since: first day on which it may be used.
        expires: last day; None while nobody has ended it.
        foreign: whether it leads abroad; it then wants a check of the risk of mistreatment.
        checked: whether somebody has read the provision.
        caveats: handling caveats that go with every row.
        abroad: further caveats for a recipient in a country, by ISO 3166-1 alpha-3.
        note: what else counsel says of it, by language.
        country: whose law it is.
    """

    id: str
    law: str
    section: str
    also: tuple[str, ...]
    from_: frozenset[str]
    to: frozenset[str]
    purpose: str
    test: Mapping[str, str]
    fields: Mapping[str, frozenset[str]]
    forms: frozenset[str]
    needs: frozenset[str] = frozenset()
    basis: Mapping[str, str] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    since: date = date.min
    expires: date | None = None
    foreign: bool = False
    checked: bool = False
    caveats: frozenset[str] = frozenset()
    note: Mapping[str, str] = field(default_factory=dict)
    country: str = "CAN"
    abroad: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rests_on: str = ""
    unquoted: Mapping[str, str] = field(default_factory=dict)

    @property
    def citation(self) -> str:
        """Law and section, such as `PCMLTFA 55(3)(a)`."""
        return f"{self.law} {self.section}"

    def quoted(self, text: str) -> bool:
        """Whether the law's own words that it rests on are in a text, its parts in their order."""
        at = 0
        for part in self.rests_on.split(" … "):
            at = text.find(part, at) + len(part)
            if at < len(part):
                return False
        return True

    def stands(self, on: date) -> bool:
        """Whether it may be used on a day; its first and its last day are included."""
        return self.since <= on and (self.expires is None or on <= self.expires)

    def columns(self, kind: str) -> frozenset[str]:
        """Columns of a kind that may go, with those that always do; none where the kind may not go."""
        return self.fields[kind] | CARRIED if kind in self.fields else frozenset()


@dataclass(frozen=True, slots=True)
class Party:
    """A node that sends or receives.

    Attributes:
        name: of the node.
        institution: its kind, of `policy.institutions`.
        country: ISO 3166-1 alpha-3.
    """

    name: str
    institution: str
    country: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's statement on a disclosure.

    Attributes:
        test_met: why the gateway's test is met, in the person's words.
        by: who states it, and so authorizes the disclosure.
        purpose: what it goes for, the gateway's word.
        accuracy: how accurate the information is and how reliable the manner in which it was obtained.
        basis: the request, order, arrangement or code that it rests on.
    """

    test_met: str
    by: str
    purpose: str
    accuracy: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class RiskCheck:
    """A decision on the risk that a disclosure to a partner leads to mistreatment.

    Attributes:
        partner: name of the node or the state.
        country: ISO 3166-1 alpha-3.
        risk: whether it is substantial: no, yes, or mitigated by measures.
        measures: what mitigates it: assurances, caveats, what is left out.
        by: who decided.
        on: the day.
        caveats: handling caveats that are to go with every row.
    """

    partner: str
    country: str
    risk: Risk
    measures: str
    by: str
    on: date
    caveats: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Permit:
    """A disclosure that the law allows: through what, between whom, on whose statement and on which day.

    Attributes:
        gateway: it.
        sender: who discloses.
        recipient: who receives.
        statement: what a person stated.
        on: the day it is for.
        caveats: handling caveats that every row must carry.
        risk_check: the check it rests on, abroad.
    """

    gateway: Gateway
    sender: Party
    recipient: Party
    statement: Statement
    on: date
    caveats: frozenset[str] = frozenset()
    risk_check: RiskCheck | None = None


class Refusal(Exception):  # noqa: N818 - named for what the officer meets
    """A disclosure that no law allows as it stands; the reason says what would make it lawful."""

    def __init__(self, why: Reason) -> None:
        super().__init__(render(why))
        self.reason = why


def permits(
    gateway: Gateway,
    sender: Party,
    recipient: Party,
    statement: Statement,
    on: date,
    *,
    risk_check: RiskCheck | None = None,
) -> Permit:
    """The permit to disclose through a gateway on a day.

    Args:
        gateway: of the table.
        sender: who discloses.
        recipient: who receives.
        statement: what a person states of the test, the purpose and the basis.
        on: the day on which it goes; the gateway's first and last day are included.
        risk_check: the last recorded check of the recipient, for a recipient abroad.

    Raises:
        Refusal: with the first reason that stands against it.
    """
    admits(gateway, sender, recipient, statement, on)
    if recipient.country != sender.country:
        check_risk(recipient, risk_check, on)
    caveats = gateway.caveats | gateway.abroad.get(recipient.country, frozenset())
    if risk_check is not None and gateway.foreign:
        caveats |= risk_check.caveats
    return Permit(gateway, sender, recipient, statement, on, caveats, risk_check)


def admits(gateway: Gateway, sender: Party, recipient: Party, statement: Statement, on: date) -> None:
    """Check all that `permits` checks but the risk, which is the sender's to hold: for who receives.

    Raises:
        Refusal: with the first reason that stands against it.
    """
    _dated(gateway, on)
    _parties(gateway, sender, recipient)
    _stated(gateway, statement)


def check_risk(recipient: Party, check: RiskCheck | None, on: date) -> None:
    """Refuse a recipient abroad unless a check no older than a year found no risk that is not mitigated.

    Raises:
        Refusal: there is none, it is another's or too old, or it found a substantial risk.
    """
    if check is None:
        _refuse(NO_CHECK, name=recipient.name)
    if (check.partner, check.country) != (recipient.name, recipient.country):
        other = {"partner": check.partner, "partner_country": check.country}
        _refuse(OTHER_CHECK, name=recipient.name, country=recipient.country, **other)
    until = check.on + RISK_STANDS
    if not check.on <= on <= until:
        _refuse(OLD_CHECK, name=recipient.name, day=str(check.on), until=str(until), on=str(on))
    if check.risk == "yes":
        _refuse(SUBSTANTIAL, name=recipient.name, by=check.by, day=str(check.on))
    if check.risk == "mitigated" and not check.measures.strip():
        _refuse(NO_MEASURES, name=recipient.name)


def render(why: Reason, language: Language = "en") -> str:
    """The sentence; parameters named `…institutions` hold kinds of institution, which are put in words."""
    params = {
        name: called(value.split(), language)
        if name.endswith("_institutions") and isinstance(value, str)
        else value
        for name, value in why.params.items()
    }
    return Reason(why.message, params).render(language)


def called(institutions: Iterable[str], language: Language = "en") -> str:
    """Kinds of institution as people call them."""
    names = sorted(INSTITUTIONS[one].fr if language == "fr" else INSTITUTIONS[one].en for one in institutions)
    return ", ".join(names)


def nearest(word: str, known: Iterable[str]) -> str:
    """Words that say which known one is nearest; empty where none is near."""
    close = get_close_matches(word, list(known), 1, 0.5)
    return f", the nearest is {close[0]!r}" if close else ""


def _dated(gateway: Gateway, on: date) -> None:
    if on < gateway.since:
        _refuse(NOT_YET, **_parameters(gateway), since=str(gateway.since), on=str(on))
    if not gateway.stands(on):
        _refuse(ENDED, **_parameters(gateway), expires=str(gateway.expires), on=str(on))


def _parties(gateway: Gateway, sender: Party, recipient: Party) -> None:
    for party in (sender, recipient):
        if party.institution not in INSTITUTIONS:
            near = nearest(party.institution, INSTITUTIONS)
            _refuse(UNKNOWN, name=party.name, institution=party.institution, nearest=near)
    if recipient.institution == "foreign-state":
        _refuse(NO_PARTNER, name=recipient.name)
    if sender.country != gateway.country:
        told = {"law_country": gateway.country, "country": sender.country}
        _refuse(OTHER_LAW, **_parameters(gateway), name=sender.name, **told)
    if sender.institution not in gateway.from_:
        _refuse(SENDER, **_parameters(gateway), **_who(sender, gateway.from_))
    if recipient.country != sender.country and not gateway.foreign:
        _refuse(ABROAD, **_parameters(gateway), name=recipient.name, country=recipient.country)
    if recipient.institution not in gateway.to:
        _refuse(RECIPIENT, **_parameters(gateway), **_who(recipient, gateway.to))
    if INSTITUTIONS[recipient.institution].abroad and recipient.country == sender.country:
        _refuse(
            AT_HOME, name=recipient.name, own_institutions=recipient.institution, country=recipient.country
        )


def _stated(gateway: Gateway, statement: Statement) -> None:
    said = _folded(statement.test_met)
    if not any(letter.isalpha() for letter in said):
        _refuse(NO_TEST, **_parameters(gateway))
    if said in map(_folded, gateway.test.values()):
        _refuse(COPIED, **_parameters(gateway))
    if not statement.by.strip():
        _refuse(NOBODY, **_parameters(gateway))
    if statement.purpose != gateway.purpose:
        _refuse(PURPOSE, **_parameters(gateway), purpose=gateway.purpose, stated=statement.purpose or "–")
    if "accuracy" in gateway.needs and not statement.accuracy.strip():
        _refuse(ACCURACY, **_parameters(gateway))
    if "basis" in gateway.needs and not statement.basis.strip():
        _refuse(BASIS, **_parameters(gateway))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".")


def _parameters(gateway: Gateway) -> dict[str, str]:
    return {"gateway": gateway.id, "citation": gateway.citation}


def _who(party: Party, allowed: frozenset[str]) -> dict[str, str]:
    names = " ".join(sorted(allowed))
    own = {"own_institutions": party.institution, "institution": party.institution}
    return {"name": party.name, "allowed_institutions": names, **own}


def _refuse(message: Message, **params: str) -> NoReturn:
    raise Refusal(reason(message, **params))
