"""Partners, as the acts `partner` and `partner-removed` have them.

A partner pulls what was disclosed to them, under the standing statement of the person who added them: a
gateway, why its test is met, and until when. Access ends by itself when the partner's last day is over, when
the gateway has ended or does not lead there any more, and abroad when no check of the risk of mistreatment
stands.
"""

import os
import re
import secrets
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from watchfloor.cell.acts import nonempty, refuse
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.marking import TLP, Marking, parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange import risk
from watchfloor.exchange.bundles.bundle import EVIDENCE
from watchfloor.exchange.bundles.offers import EVIDENCE_FORM, SIGNAL_FORM
from watchfloor.exchange.bundles.peers import check_party, me, reader_of
from watchfloor.exchange.bundles.withholding import barred
from watchfloor.policy import gateway_table, terms
from watchfloor.policy.gateways import Gateway, Party, Permit, Refusal, Statement, permits
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, Actor
from watchfloor.store.log.notes import signing_name
from watchfloor.store.readers import NotPermitted

OWN: Final = "gateways.toml"
"""A node's own gateways, beside its `floor.toml`."""

KEY_BYTES: Final = 32
"""Of a key: 256 bits, which nobody guesses."""

NAME: Final = re.compile(r"[\w.-]{1,64}")

UNKNOWN: Final = declare("partner.unknown", "name")
REMOVED: Final = declare("partner.removed-already", "name", "day", "why")
TAKEN: Final = declare("partner.taken", "name", "day")
BAD_NAME: Final = declare("partner.bad-name", "name", "like")
OWN_NAME: Final = declare("partner.own-name", "name")
NOBODY: Final = declare("partner.nobody-answers", "name", "by")
PAST_DAY: Final = declare("partner.past-day", "until", "today")
OTHER_PURPOSE: Final = declare("partner.other-purpose", "gateway", "purpose", "stated")
BAD_KIND: Final = declare("partner.bad-kind", "kind", "gateway", "kinds")
NO_CERTIFICATE: Final = declare("partner.no-certificate")
OLD_CERTIFICATE: Final = declare("partner.old-certificate", "since", "until")
NO_KINDS: Final = declare("partner.no-kinds", "gateway", "forms")


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner who pulls, and the standing statement by which they may.

    Attributes:
        name: what they are called here.
        institution: what kind, see `policy.institutions`.
        country: ISO 3166-1 alpha-3.
        ceiling: the highest marking that they may hold.
        gateway: the id of the lawful way.
        statement: the test as the person stated it who added them, with the purpose and the basis.
        kinds: what is offered, `signal` and kinds of records.
        until: their last day; None: while the gateway stands.
        writes: whether they may add what they know.
        since: the day on which they were added.
        by: who added them, with purpose and authority: with whose eyes what is offered is chosen.
        position: of the act that added them; tells one of a name from a later one.
        key: SHA-256 of the key.
        certificate: of their machine (PEM), without which the key opens nothing; empty: the key alone does.
        removed: the day on which they were removed; None while they are a partner.
        why: they were removed.
    """

    name: str
    institution: str
    country: str
    ceiling: Marking
    gateway: str
    statement: Statement
    kinds: tuple[str, ...]
    until: date | None
    writes: bool
    since: date
    by: Actor
    position: int
    key: bytes
    removed: date | None = None
    why: str = ""
    certificate: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of their certificate, in hexadecimal digits; empty where they have none."""
        return fingerprint(self.certificate) if self.certificate else ""

    @property
    def party(self) -> Party:
        """As gateways know them."""
        return Party(self.name, self.institution, self.country)

    @property
    def source(self) -> str:
        """The source of the records that they add."""
        return f"partner:{self.name}"

    @property
    def shelf(self) -> str:
        """The name of their shelf; one who was removed and added anew has another."""
        return f"{self.name}@{self.position}"

    @property
    def submission(self) -> str:
        """In place of a disclosure: under what the objects that they add lie on their shelf."""
        return f"partner {self.position}"

    def reader(self, purpose: str, today: date) -> Reader:
        """Return the partner as a reader, for policy to decide."""
        return replace(reader_of(self.party, self.ceiling, purpose, today), tlp=self.ceiling.tlp)


def known(floor: Floor) -> dict[str, Partner]:
    """Every partner there was, by name, as they stand now; a removed one too."""
    return {one.name: one for one in every(floor)}


def every(floor: Floor) -> list[Partner]:
    """Every partner there was, those too whose name somebody else has since."""
    found: list[Partner] = []
    last: dict[str, int] = {}
    for act in floor.acts_of("partner", "partner-removed"):
        if act.detail is None or act.actor is None:  # its content was erased
            continue
        name = act.detail["name"]
        if act.act == "partner":
            last[name] = len(found)
            found.append(_partner(act, act.detail, act.actor))
        elif name in last:
            found[last[name]] = replace(found[last[name]], removed=act.at.date(), why=act.detail["why"])
    return found


def standing(floor: Floor) -> dict[str, Partner]:
    """The partners whose access stands today, by name."""
    return {name: one for name, one in known(floor).items() if ended(floor, one) is None}


def ended(floor: Floor, partner: Partner) -> Reason | None:
    """Why a partner has no access any more; None while they have."""
    today = floor.now().astimezone(UTC).date()
    if partner.removed is not None:
        return reason(REMOVED, name=partner.name, day=str(partner.removed), why=partner.why)
    if partner.until is not None and today > partner.until:
        return reason(PAST_DAY, until=str(partner.until), today=str(today))
    try:
        permit(floor, partner, today)
        floor.reader(partner.by.name, partner.by.purpose)
    except Refusal as error:
        return error.reason
    except NotPermitted:
        return reason(NOBODY, name=partner.name, by=partner.by.name)
    return None


def permit(floor: Floor, partner: Partner, today: date) -> Permit:
    """Return the permit under which something is disclosed to a partner on a day. Raises as `permits`."""
    check = risk.risk_check(floor, partner.name)
    return permits(
        gateway_of(floor, partner), me(floor), partner.party, partner.statement, today, risk_check=check
    )


def gateway_of(floor: Floor, partner: Partner) -> Gateway:
    """The gateway of a partner, as this node's table has it today."""
    return gateway_table.pick(gateway_table.load(floor.root / OWN), partner.gateway)


def rules(floor: Floor) -> tuple[tuple[int, int], ...]:
    """Size and time of the files by which somebody may get something, and that no act of the log tells of."""
    return tuple(map(stamp, _rule_files(floor.root)))


@lru_cache(maxsize=64)
def _rule_files(root: Path) -> tuple[str, ...]:
    return tuple(str(root / name) for name in (OWN, terms.NAME))


def stamp(path: str) -> tuple[int, int]:
    """Return size and time of the last change of a file; noughts where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - each request asks, and a path is slow
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def partner_of(partners: dict[str, Partner], name: str) -> Partner:
    """The partner of a name. Refused where there is none, or they were removed."""
    partner = named(partners, name)
    if partner.removed is not None:
        refuse(REMOVED, name=partner.name, day=partner.removed.isoformat(), why=partner.why)
    return partner


def named(partners: dict[str, Partner], name: str) -> Partner:
    """The partner of a name, removed or not. Refused where there never was one."""
    if (partner := partners.get(name.strip())) is None:
        refuse(UNKNOWN, name=name.strip())
    return partner


def by_key(floor: Floor, key: str) -> Partner | None:
    """The partner whose key it is, whose access stands; None for any other key.

    Every hash is compared, and each in constant time: how long it takes tells of no key.
    """
    given, found = hash_of(key), None
    for one in known(floor).values():
        if secrets.compare_digest(one.key, given) and one.removed is None:
            found = one
    return found if found is not None and ended(floor, found) is None else None


def fingerprint(certificate: str | bytes) -> str:
    """Return SHA-256 of a certificate, PEM or DER, in hexadecimal digits."""
    der = ssl.PEM_cert_to_DER_cert(certificate) if isinstance(certificate, str) else certificate
    return sha256(der).hexdigest()


def checked(certificate: str, now: datetime) -> str:
    """Return the first certificate of a PEM file alone. Refused where there is none, or not for today."""
    try:
        found = x509.load_pem_x509_certificates(certificate.encode())[0]
    except (ValueError, IndexError):
        refuse(NO_CERTIFICATE)
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        since, until = (f"{at:%Y-%m-%d}" for at in (found.not_valid_before_utc, found.not_valid_after_utc))
        refuse(OLD_CERTIFICATE, since=since, until=until)
    return found.public_bytes(Encoding.PEM).decode()


def hash_of(key: str) -> bytes:
    """SHA-256 of a key, which alone is kept."""
    return sha256(key.strip().encode("utf-8", "surrogatepass")).digest()


def add(
    floor: Floor,
    actor: Actor,
    name: str,
    *,
    institution: str,
    country: str,
    gateway: str,
    test: str,
    ceiling: str = "PB",
    purpose: str = "",
    accuracy: str = "",
    basis: str = "",
    kinds: Iterable[str] = (),
    until: date | None = None,
    writes: bool = False,
    certificate: str | None = None,
) -> tuple[Partner, str]:
    """Add a partner; gives them and their key, which is kept nowhere.

    Args:
        floor: whose partner.
        actor: who states the test, and so authorizes what is disclosed.
        name: letters, digits, dots, dashes.
        institution: its kind.
        country: ISO 3166-1 alpha-3.
        gateway: the id of the lawful way.
        test: why its test is met, in a person's words.
        ceiling: the highest marking that they may hold; a TLP label only bars where one is stated.
        purpose: what they may use it for; the gateway's where nothing is said.
        accuracy: how accurate the information is, and how reliably it was obtained.
        basis: the request, order, arrangement or code that it rests on.
        kinds: what is offered, of `offered`; all of it where none is named.
        until: their last day.
        writes: whether they may add what they know.
        certificate: PEM of the one that their machine shows, without which their key opens nothing; or None.

    Raises:
        watchfloor.cell.acts.Refusal: one of them cannot be, or the name is taken.
        watchfloor.policy.gateways.Refusal: the gateway does not permit it.
    """
    today = floor.now().astimezone(UTC).date()
    name = name.strip()
    if not NAME.fullmatch(name):
        refuse(BAD_NAME, name=name[:80], like=re.sub(r"[^\w.-]+", "-", signing_name(name))[:64])
    if name == me(floor).name:
        refuse(OWN_NAME, name=name)
    limit = check_party(institution, country, ceiling)
    if "TLP:" not in ceiling.upper():  # no bar: they honour the label
        limit = replace(limit, tlp=TLP.index("RED"))
    before = known(floor).get(name)
    if before is not None and before.removed is None:
        refuse(TAKEN, name=name, day=before.since.isoformat())
    way = gateway_table.pick(gateway_table.load(floor.root / OWN), gateway.strip())
    if purpose and purpose != way.purpose:
        refuse(OTHER_PURPOSE, gateway=way.id, purpose=way.purpose, stated=purpose)
    if until is not None and until < today:
        refuse(PAST_DAY, until=until.isoformat(), today=today.isoformat())
    key = secrets.token_urlsafe(KEY_BYTES)
    statement = Statement(test.strip(), actor.name, way.purpose, accuracy.strip(), basis.strip())
    party = Party(name, institution, country)
    permits(way, me(floor), party, statement, today, risk_check=risk.risk_check(floor, name))
    detail = {
        "name": name,
        "institution": institution,
        "country": country,
        "ceiling": str(limit),
        "gateway": way.id,
        "purpose": way.purpose,
        "test": statement.test_met,
        "accuracy": statement.accuracy,
        "basis": statement.basis,
        "kinds": list(_kinds(way, kinds)),
        "until": until.isoformat() if until else None,
        "writes": writes,
        "key": hash_of(key).hex(),
        "certificate": "" if certificate is None else checked(certificate, floor.now()),
    }
    floor.act(actor, "partner", detail)
    return known(floor)[name], key


def remove(floor: Floor, actor: Actor, name: str, why: str) -> Partner:
    """Remove a partner: their key opens nothing any more. Refused where they are none."""
    partner = partner_of(known(floor), name)
    floor.act(actor, "partner-removed", {"name": partner.name, "why": nonempty(why, "why")})
    return known(floor)[partner.name]


def offered(gateway: Gateway) -> tuple[str, ...]:
    """Offers that a gateway carries: `signal`, and kinds of evidence."""
    signals = () if barred(DISCLOSURE.name, SIGNAL_FORM, gateway) else (SIGNAL_FORM,)
    return (*signals, *(kind for kind in EVIDENCE if barred(kind, EVIDENCE_FORM, gateway) is None))


def not_carried(gateway: Gateway) -> tuple[str, ...]:
    """Offers that a gateway does not carry."""
    may = offered(gateway)
    return tuple(one for one in (SIGNAL_FORM, *EVIDENCE) if one not in may)


def _kinds(gateway: Gateway, wanted: Iterable[str]) -> tuple[str, ...]:
    may = offered(gateway)
    if not may:
        refuse(NO_KINDS, gateway=gateway.id, forms=", ".join(sorted(gateway.forms)))
    named = tuple(dict.fromkeys(kind for one in wanted for kind in one.replace(",", " ").split()))
    for kind in named:
        if kind not in may:
            refuse(BAD_KIND, kind=kind, gateway=gateway.id, kinds=", ".join(may))
    return named


def _partner(act: Act, said: Any, by: Actor) -> Partner:
    statement = Statement(said["test"], by.name, said["purpose"], said["accuracy"], said["basis"])
    return Partner(
        said["name"],
        said["institution"],
        said["country"],
        parse(said["ceiling"]),
        said["gateway"],
        statement,
        tuple(said["kinds"]),
        date.fromisoformat(said["until"]) if said["until"] else None,
        said["writes"],
        act.at.date(),
        by,
        act.position,
        bytes.fromhex(said["key"]),
        certificate=said.get("certificate", ""),
    )
