"""Peers: the nodes this one exchanges bundles with, as the acts `peer` and `peer-removed` have them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol

from watchfloor.cell.acts import nonempty, refuse
from watchfloor.core.countries import COUNTRIES, nearest_country
from watchfloor.core.marking import TLP, Marking, MarkingError, parse
from watchfloor.core.messages import declare
from watchfloor.policy.gateways import Party, nearest
from watchfloor.policy.institutions import INSTITUTIONS
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, Actor
from watchfloor.store.log.notes import NoteError, Verifier, signing_name

UNKNOWN: Final = declare("exchange.unknown-peer", "name")
REMOVED: Final = declare("exchange.removed-peer", "name", "day", "why")
BAD_KEY: Final = declare("exchange.bad-key", "problem")
UNCHECKED: Final = declare("exchange.unchecked", "name")
OTHER_NAME: Final = declare("exchange.key-of-another", "signer", "name")
OWN_NAME: Final = declare("exchange.own-name", "name")
OTHER_KEY: Final = declare("exchange.other-key", "name", "hash")
BAD_INSTITUTION: Final = declare("exchange.bad-institution", "name", "nearest", "kinds")
BAD_COUNTRY: Final = declare("exchange.bad-country", "country", "near")
BAD_CEILING: Final = declare("exchange.bad-ceiling", "problem")


class Recipient(Protocol):
    """Whom something is disclosed to: a node that takes bundles, or a partner who pulls."""

    @property
    def name(self) -> str:
        """The name that it signs with, or is known by here."""

    @property
    def party(self) -> Party:
        """As gateways know it."""

    def reader(self, purpose: str, today: date) -> Reader:
        """Return it as a reader, for policy to decide."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A node that a person here has checked.

    Attributes:
        name: that it signs with.
        institution: what kind, see `policy.institutions`.
        country: ISO 3166-1 alpha-3.
        ceiling: the highest marking that it may hold.
        verifier: its public key.
        checked: how the key was checked, and with whom.
        since: the day.
        removed: the day it was removed; None while it is a peer.
        why: it was removed.
    """

    name: str
    institution: str
    country: str
    ceiling: Marking
    verifier: Verifier
    checked: str
    since: date
    removed: date | None = None
    why: str = ""

    @property
    def party(self) -> Party:
        """As gateways know it."""
        return Party(self.name, self.institution, self.country)

    def reader(self, purpose: str, today: date) -> Reader:
        """Return the peer as a reader, for policy to decide."""
        return reader_of(self.party, self.ceiling, purpose, today)


def reader_of(party: Party, ceiling: Marking, purpose: str, today: date) -> Reader:
    """Return a recipient as a reader. A TLP label is honoured there, and no bar."""
    return Reader(
        party.name,
        party.country,
        party.name,
        ceiling.protected,
        ceiling.classified,
        TLP.index("RED"),
        ceiling.compartments,
        purpose,
        today,
    )


def me(floor: Floor) -> Party:
    """This node as gateways know it."""
    return Party(signing_name(floor.settings.name), floor.settings.institution, floor.settings.country)


def known(floor: Floor) -> dict[str, Peer]:
    """Every peer there was, by name, as it stands now; a removed one too."""
    found: dict[str, Peer] = {}
    for act in floor.acts_of("peer", "peer-removed"):
        if act.detail is None:  # its content was erased
            continue
        before = found.get(act.detail["name"])
        if act.act == "peer":
            found[act.detail["name"]] = _peer(act)
        elif before is not None:
            found[before.name] = _removed(before, act)
    return found


def standing(floor: Floor) -> dict[str, Peer]:
    """The peers now, by name."""
    return {name: peer for name, peer in known(floor).items() if peer.removed is None}


def peer_of(peers: dict[str, Peer], name: str) -> Peer:
    """The peer of a name. Refused where there is none, or it was removed."""
    peer = peers.get(signing_name(name))
    if peer is None:
        refuse(UNKNOWN, name=name)
    if peer.removed is not None:
        refuse(REMOVED, name=peer.name, day=peer.removed.isoformat(), why=peer.why)
    return peer


def trust(
    floor: Floor,
    actor: Actor,
    key: str,
    *,
    name: str,
    institution: str,
    country: str,
    ceiling: str,
    checked: str,
) -> Peer:
    """Take a node among the peers.

    Args:
        floor: whose peers.
        actor: who vouches for it.
        key: its public key, as its `share node show` prints it.
        name: what it is called; must be the name in the key.
        institution: its kind.
        country: its country.
        ceiling: the highest marking it may hold.
        checked: how the key was compared, and with whom.

    Raises:
        Refusal: one of them cannot be, or the name is taken.
    """
    verifier = _verifier(key)
    _check(verifier, checked, name, institution, country, ceiling)
    if verifier.name == me(floor).name:
        refuse(OWN_NAME, name=verifier.name)
    before = standing(floor).get(verifier.name)
    if before is not None and before.verifier != verifier:
        refuse(OTHER_KEY, name=verifier.name, hash=before.verifier.hash.hex())
    detail = {
        "name": verifier.name,
        "institution": institution,
        "country": country,
        "ceiling": str(parse(ceiling)),
        "key": verifier.text,
        "checked": checked.strip(),
    }
    floor.act(actor, "peer", detail)
    return known(floor)[verifier.name]


def distrust(floor: Floor, actor: Actor, name: str, why: str) -> Peer:
    """Remove a peer. What came from it stays, and is recalled by nobody else. Refused where it is none."""
    peer = peer_of(known(floor), name)
    floor.act(actor, "peer-removed", {"name": peer.name, "why": nonempty(why, "why")})
    return known(floor)[peer.name]


def verifiers(peers: Iterable[Peer]) -> list[Verifier]:
    """The keys of peers."""
    return [peer.verifier for peer in peers]


def _verifier(key: str) -> Verifier:
    try:
        return Verifier.parse(key)
    except NoteError as error:
        refuse(BAD_KEY, problem=str(error))


def _check(verifier: Verifier, checked: str, name: str, institution: str, country: str, ceiling: str) -> None:
    if not checked.strip():
        refuse(UNCHECKED, name=verifier.name)
    if signing_name(name) != verifier.name:
        refuse(OTHER_NAME, signer=verifier.name, name=name)
    check_party(institution, country, ceiling)


def check_party(institution: str, country: str, ceiling: str) -> Marking:
    """Return the ceiling of a recipient. Refused where that, its institution or its country is none."""
    if institution not in INSTITUTIONS:
        near = nearest(institution, INSTITUTIONS)
        refuse(BAD_INSTITUTION, name=institution, nearest=near, kinds=", ".join(INSTITUTIONS))
    if country not in COUNTRIES:
        refuse(BAD_COUNTRY, country=country, near=nearest_country(country))
    try:
        return parse(ceiling)
    except MarkingError as error:
        refuse(BAD_CEILING, problem=str(error))


def _peer(act: Act) -> Peer:
    said = act.detail or {}
    return Peer(
        said["name"],
        said["institution"],
        said["country"],
        parse(said.get("ceiling", "PB")),
        Verifier.parse(said["key"]),
        said.get("checked", ""),
        act.at.date(),
    )


def _removed(peer: Peer, act: Act) -> Peer:
    return replace(peer, removed=act.at.date(), why=(act.detail or {}).get("why", ""))
