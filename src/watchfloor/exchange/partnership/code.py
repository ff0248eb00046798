"""A code of practice as a file that the gateway enforces: who, what for, which fields, how often, until when.

PCMLTFA s. 11.01 lets reporting entities tell each other of persons without their knowledge, in accordance
with the Regulations; these want a code that the Privacy Commissioner has approved (SOR/2002-184, ss. 159 and
163), with participants, information, purposes, manner and safeguards (s. 160), applied for anew every five
years (s. 167). Read in the consolidation of 26 March 2026. That a file says it is approved is its adopter's
word.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.subjects import TYPES
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.fields import FieldRow, telling
from watchfloor.formats.settings import Settings

Tier = Literal["cardinality", "match"]
How = Literal["approved", "deemed"]
Wrong = tuple[tuple[str, ...], str]

TIERS: Final[tuple[Tier, ...]] = ("cardinality", "match")
PAYMENT: Final = "payment"
"""A payment that both banks have, such as `payment:uetr:…`: no subject of its own, and hard to guess."""

YEARS: Final = 5
"""Years after the last approval within which it is applied for anew, s. 167."""


SAMPLE_KEY: Final = "1a2b3c4d"
"""What examples in help and documentation write for a key."""


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: a key that it does not have is an error."""


class Participant(Frozen, frozen=True):
    """A person or entity subject to the code, s. 160(a): its node's name, and the start of its key's hash."""

    name: str
    institution: str = "reporting-entity"
    key: str = ""


class Approval(Frozen, frozen=True):
    """Who approved it, when, under which reference; `deemed` is silence past the time limit, s. 163(2)."""

    by: str
    on: date
    reference: str
    how: How = "approved"


class Caps(Frozen, frozen=True):
    """How much may be asked, against guessing of identifiers that have few values.

    Attributes:
        queries_per_day: sessions of two partners in a day, UTC.
        subjects_per_query: elements that an asker may send.
        subjects_per_day: the same of all sessions of two partners in a day.
        same_subject: times that one subject may be asked about in an epoch, by one partner and tier.
        least_set: fewest elements of either set.
        largest_set: most elements of an answerer's set.
        session_days: days after which an unfinished session ends and its secrets go.
        result_days: days after which the result of a session goes.
    """

    queries_per_day: int
    subjects_per_query: int
    subjects_per_day: int
    same_subject: int
    least_set: int
    largest_set: int = 2_000_000
    session_days: int = 3
    result_days: int = 365


class Counts(Frozen, frozen=True):
    """Terms of noisy counts.

    Attributes:
        epsilon: of one table.
        epsilon_per_period: of all tables about a period.
        contribution: cells that one subject counts in, at most.
        floor: noisy counts below are withheld.
        corridors: cells `XX-YY` by country of payer and payee.
        typologies: cells by id of a typology.
    """

    epsilon: float
    epsilon_per_period: float
    contribution: int
    floor: int
    corridors: tuple[str, ...] = ()
    typologies: tuple[str, ...] = ()


class Keys(Frozen, frozen=True):
    """When keys change: an epoch has so many days."""

    rotation_days: int


class File(Frozen, frozen=True):
    """A code as it is written."""

    id: str
    version: str
    since: date
    expires: date
    participants: tuple[Participant, ...]
    purposes: tuple[str, ...]
    tiers: tuple[Tier, ...]
    identifiers: tuple[str, ...]
    manner: str
    safeguards: str
    caps: Caps
    keys: Keys
    fields: dict[str, FieldRow] = {}
    approval: Approval | None = None
    counts: Counts | None = None


class Code(NamedTuple):
    """A code, and the digest by which two nodes know that they have the same."""

    file: File
    digest: str
    text: str

    @property
    def name(self) -> str:
        """Its id and version."""
        return f"{self.file.id} {self.file.version}"

    def epoch(self, on: date) -> int:
        """The number of the epoch of a day; keys of different epochs share nothing."""
        return (on - self.file.since).days // self.file.keys.rotation_days

    def epoch_ends(self, epoch: int) -> date:
        """The last day of an epoch."""
        return self.file.since + timedelta(days=(epoch + 1) * self.file.keys.rotation_days - 1)


def read(text: str, name: str = "the code") -> Code:
    """A code of practice.

    Args:
        text: of the TOML file.
        name: of the file, for messages.

    Raises:
        SettingsError: a key is missing, unknown or impossible; the message names file, line and key.
    """
    settings = Settings(text, name)
    file = settings.convert(settings.values, File)
    for keys, problem in _wrong(file):
        raise settings.wrong(keys, problem)
    return Code(file, sha256(text.encode()).hexdigest(), text)


def check_in_force(code: Code, on: date, *, approval: bool = True) -> None:
    """Refuse a code on a day before its first, after its last, or, where persons are told of, unapproved."""
    file = code.file
    if on < file.since:
        refuse(say.NOT_YET, code=code.name, since=file.since.isoformat(), on=on.isoformat())
    if on > file.expires:
        refuse(say.EXPIRED, code=code.name, until=file.expires.isoformat(), on=on.isoformat())
    if approval and (file.approval is None or file.approval.on > on):
        refuse(say.UNAPPROVED, code=code.name)


def check_use(code: Code, tier: Tier, purpose: str) -> None:
    """Refuse a tier or a purpose that the code does not name."""
    file = code.file
    if tier not in file.tiers:
        refuse(say.OTHER_TIER, code=code.name, tier=tier, tiers=", ".join(file.tiers))
    if purpose not in file.purposes:
        refuse(say.OTHER_PURPOSE, code=code.name, purpose=purpose, purposes=", ".join(file.purposes))


def check_case(tier: Tier, case: str) -> None:
    """Refuse matching without a case, counting with one, and a case whose name tells of a report."""
    if (tier == "match") != bool(case.strip()):
        refuse(say.NO_CASE)
    if telling(case):
        refuse(say.TELLS, word=case[:80])


def check_party(code: Code, name: str, institution: str, key: str) -> None:
    """Refuse a node that is not subject to the code, or whose key is another than the code names."""
    named = {one.name: one for one in code.file.participants}
    one = named.get(name)
    if one is None or one.institution != institution:
        refuse(say.NO_PARTICIPANT, code=code.name, name=name, participants=", ".join(named))
    if one.key and one.key.lower() != key.lower():
        refuse(say.OTHER_KEY, code=code.name, name=name)


def check_keys(code: Code) -> None:
    """Refuse a key that no node has: one that is not eight hexadecimal digits, or the sample's."""
    for one in code.file.participants:
        plain = one.key.lower()
        if one.key and (plain == SAMPLE_KEY or not re.fullmatch(r"[0-9a-f]{8}", plain)):
            refuse(say.NO_KEY, code=code.name, name=one.name, key=one.key)


def basis(code: Code) -> str:
    """Return the basis that a disclosure under the code names."""
    approval = code.file.approval
    if approval is None:
        return f"code of practice {code.name}"
    how = f"{approval.how} by {approval.by} on {approval.on}, {approval.reference}"
    return f"code of practice {code.name}, {how}"


def _wrong(file: File) -> Iterator[Wrong]:
    """Yield the faults of a code beyond its types, by key."""
    if file.expires < file.since:
        yield ("expires",), f"{file.expires} is before since, {file.since}: it is never in force"
    if file.approval is not None:
        yield from _wrong_approval(file, file.approval)
    for key in _empty(file):
        yield (key,), "is empty; SOR/2002-184 s. 160 wants it described"
    names = [one.name for one in file.participants]
    if len({*names}) < max(len(names), 2):
        yield ("participants",), "names fewer than two, or one twice"
    for key, number in (*_plain(file.caps).items(), *_plain(file.keys).items()):
        if number < 1:
            yield (key,), "must be 1 or more"
    for one in file.identifiers:
        if not sets_of(one):
            yield ("identifiers",), f"{one!r} is no type and system of subjects, such as account:iban"
    for name, row in file.fields.items():
        for problem in row.wrong(name):
            yield ("fields", name), problem
    for key, word in (("id", file.id), *(("purposes", one) for one in file.purposes)):
        if telling(word):
            yield (key,), f"{word!r} tells of a report"
    if file.counts is not None:
        yield from _wrong_counts(file.counts)


def _wrong_approval(file: File, approval: Approval) -> Iterator[Wrong]:
    last = _years_on(approval.on, YEARS)
    if file.expires > last:
        yield ("expires",), f"is later than {last}; approval is applied for anew every five years (s. 167)"
    for word in ("by", "reference"):
        if not getattr(approval, word).strip():
            yield ("approval", word), "is empty: an approval is somebody's, under a reference"


def _wrong_counts(counts: Counts) -> Iterator[Wrong]:
    for key in ("epsilon", "epsilon_per_period"):
        if not 0 < getattr(counts, key) <= 10:
            yield ("counts", key), "must be above 0 and 10 at most: more hides nobody"
    for key in ("contribution", "floor"):
        if getattr(counts, key) < 1:
            yield ("counts", key), "must be 1 or more"
    for cell in counts.corridors:
        if not re.fullmatch(r"[A-Z]{2}-[A-Z]{2}", cell):
            yield ("counts", "corridors"), f"{cell!r} is no pair of countries, such as CA-CN"


def _empty(file: File) -> list[str]:
    words = ("id", "version", "purposes", "tiers", "identifiers", "manner", "safeguards")
    return [key for key in words if not (value := getattr(file, key)) or value == " "]


def sets_of(identifier: str) -> bool:
    """Whether a text is a type and system of what sets may hold: subjects, and payments between banks."""
    type_, _, system = identifier.partition(":")
    return type_ in (*TYPES, PAYMENT) and bool(re.fullmatch(r"[a-z0-9][a-z0-9._-]*", system))


def _plain(row: msgspec.Struct) -> Mapping[str, int]:
    return msgspec.structs.asdict(row)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
