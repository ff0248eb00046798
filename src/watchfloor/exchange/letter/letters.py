"""Letters to a state that is no partner: written by one person, approved by another, never sent by itself.

No gateway leads to such a state (`policy.gateways`). A letter rests on records that it must not betray, so
it is searched for traces of them (`exchange.letter.traces`), and nobody can approve it while one is left. Its
life is acts of the log: `letter-drafted`, and `letter-approved` with `disclosed`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any, ClassVar, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.cell.acts import Refusal, new_id, nonempty, refuse
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import Language, declare
from watchfloor.exchange import handling_constraints
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.documents import Document
from watchfloor.exchange.letter.tokens import plain
from watchfloor.exchange.letter.traces import Material, Row, Trace, traces
from watchfloor.exchange.risk import risk_check
from watchfloor.policy.gateways import Party, check_risk
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

DRAFTED: Final = "letter-drafted"
APPROVED: Final = "letter-approved"
DISCLOSED: Final = "disclosed"
GATEWAY: Final = "letter"
"""What the act `disclosed` of a letter names in the place of a gateway."""

STATE: Final = "foreign-state"

LONGEST_TELLS: Final = 12
"""Words of one thing that a letter is meant to tell: a name or a number, not the report itself."""

NOTHING: Final = declare("letter.rests-on-nothing")
UNSEEN: Final = declare("letter.unseen", "count")
BARRED: Final = declare("letter.barred", "countries", "country")
LONG: Final = declare("letter.tells-too-much", "count", "most")
AT_HOME: Final = declare("letter.at-home", "country")
APPROVED_ALREADY: Final = declare("letter.approved-already", "letter", "by", "at")
TRACED: Final = declare("letter.traced", "letter", "count")


class Content(NamedTuple):
    """Content of a draft: text, addressee, and the records that it rests on.

    Attributes:
        to: the office it goes to, which the risk check names as partner.
        country: ISO 3166-1 alpha-3.
        subject: of the letter.
        body: its text, Markdown.
        purpose: what it is sent for, as the letter says it.
        signed: the office that signs it.
        place: where it is written.
        marking: of the letter as it goes.
        language: en or fr.
        tells: names, numbers and days that it is meant to tell.
        rests_on: ids of records, in hexadecimal.
    """

    to: str
    country: str
    subject: str
    body: str
    purpose: str
    signed: str
    place: str
    marking: str
    language: Language
    tells: tuple[str, ...]
    rests_on: tuple[str, ...]

    @property
    def party(self) -> Party:
        """As gateways know it."""
        return Party(self.to, STATE, self.country)


class Letter(Document):
    """A letter as its last act left it."""

    __slots__ = ()
    noun: ClassVar = "letter"
    listing: ClassVar = ("letter", "share letter list")
    logged: ClassVar = {DRAFTED: "drafted", APPROVED: "approved"}
    after: ClassVar = {"drafted": ("drafted", "approved"), "approved": ()}
    stale: ClassVar = declare("letter.stale", "letter", "edition", "made_on")
    illegal: ClassVar = APPROVED_ALREADY
    ended: ClassVar = {"approved": APPROVED_ALREADY}
    same: ClassVar = declare("letter.same-person", "by", "letter")

    @property
    def content(self) -> Content:
        """The content of the last edition."""
        written = self.drafts[-1]["content"]
        return Content(**(written | {name: tuple(written[name]) for name in ("tells", "rests_on")}))


def draft(
    floor: Floor,
    writer: Writer,
    content: Content,
    reader: Reader,
    now: datetime,
    amends: Letter | None = None,
) -> str:
    """Keep a draft, or the next edition of one; gives the letter's id.

    Raises:
        Refusal: it says nothing, rests on nothing, or rests on what may not go there, for that, or without
            another's consent.
    """
    for name, text in (("title", content.subject), ("text", content.body), ("to", content.to)):
        nonempty(text, name)
    if content.country == floor.settings.country:
        refuse(AT_HOME, country=content.country)
    if amends is not None:
        amends.check(amends.edition, "drafted", now)
    for one in content.tells:
        if (count := len(plain(one))) > LONGEST_TELLS:
            refuse(LONG, count=count, most=LONGEST_TELLS)
    beneath = _beneath(floor, content, reader)
    _refuse_bound(floor, content, beneath, reader, now)
    by = writer.actor.name
    id_ = amends.id if amends else new_id(floor.key, "letter", content.subject, by, now.isoformat())
    held = join(row["marking"] for row in beneath.rows)
    writer.act(
        DRAFTED,
        {
            "letter": id_,
            "edition": amends.edition + 1 if amends else 1,
            "content": content._asdict(),
            "held_as": held,
            "marking": held,
        },
    )
    return id_


def check(floor: Floor, letter: Letter, reader: Reader, by: str = "") -> list[Trace]:
    """Find the traces of a letter's sources that are left in it.

    Args:
        floor: where the records are.
        letter: the letter.
        reader: who looks; all that it rests on must be visible to them.
        by: who is about to approve it, and is not named in it either.

    Raises:
        Refusal: the reader may not see all that it rests on.
    """
    content = letter.content
    material = Material(
        tuple(_beneath(floor, content, reader).rows),
        frozenset(name for name in floor.accounting() if len(plain(name)) > 1),
        frozenset((*peers.known(floor), peers.me(floor).name, floor.settings.id)),
        frozenset((*letter.drafted_by, by)) - {""},
    )
    text = "\n".join((content.subject, content.body, content.purpose, content.signed, content.place))
    return traces(text, material, parse(content.marking), content.tells)


def approve(
    floor: Floor, writer: Writer, letter: Letter, edition: int, reader: Reader, why: str, now: datetime
) -> int:
    """Approve a letter, which thereby goes; gives the position of the act `disclosed`.

    Args:
        floor: where it is.
        writer: of whoever approves.
        letter: as it stands.
        edition: that the person looked at.
        reader: whoever approves, as a reader; sees all that it rests on.
        why: why it is lawful and proportionate to send it, in the person's words.
        now: when.

    Raises:
        Refusal: it has gone, was changed since, was drafted by the same person, betrays something, or rests
            on what may not go.
        watchfloor.policy.gateways.Refusal: the risk of mistreatment was not checked, or is substantial.
    """
    by = writer.actor.name
    letter.check_approval(edition, by, now)
    why = nonempty(why, "why")
    risk = risk_check(floor, letter.content.to)
    check_risk(letter.content.party, risk, now.date())
    _refuse_bound(floor, letter.content, _beneath(floor, letter.content, reader), reader, now)
    if found := check(floor, letter, reader, by):
        refuse(TRACED, letter=letter.id, count=len(found))
    text = render(floor, letter, now)
    approved = {
        "letter": letter.id,
        "edition": letter.edition,
        "why": why,
        "text": text,
        "marking": letter.held_as,
    }
    caveats = sorted(risk.caveats) if risk else []
    disclosed = _disclosed(letter, why, by, writer.actor.authority, text, caveats)
    return writer.acts([(APPROVED, approved), (DISCLOSED, disclosed)])[-1]


def render(floor: Floor, letter: Letter, now: datetime) -> str:
    """The letter as it went; of a draft, as it would go now."""
    if letter.approved is not None:
        return str(letter.approved["text"])
    content = letter.content
    template = (files(__package__) / f"letter.{content.language}.md").read_text("utf-8")
    words = content._asdict() | {
        "banner": _banner(content.language, exercise=floor.settings.exercise),
        "sender": content.signed,
        "reference": letter.id,
        "day": now.date().isoformat(),
    }
    return Template(template).substitute(words).strip() + "\n"


def _banner(language: Language, *, exercise: bool) -> str:
    word = {"en": "EXERCISE", "fr": "EXERCICE"}[language]
    return " – ".join([word] * 3) if exercise else ""


class _Beneath(NamedTuple):
    """Sources of a letter: records with their kinds, and the signals that rest on one of them."""

    records: list[tuple[str, Row]]
    signals: list[Row]

    @property
    def rows(self) -> list[Row]:
        """All of it."""
        return [*(row for _, row in self.records), *self.signals]


def _beneath(floor: Floor, content: Content, reader: Reader) -> _Beneath:
    """Records and signals that a letter rests on. Raises `Refusal` where one is not to be seen."""
    if not content.rests_on:
        refuse(NOTHING)
    found = [_record(floor, one, reader) for one in dict.fromkeys(content.rests_on)]
    records = [one for one in found if one is not None]
    if len(records) < len(found):
        refuse(UNSEEN, count=len(found) - len(records))
    ids = {row["record_id"] for _, row in records}
    return _Beneath(records, _resting(current_signals.signals(floor, reader), ids))


def _resting(signals: pa.Table, ids: Iterable[bytes]) -> list[Row]:
    """Signals that rest on one of the records."""
    evidence = signals.column("evidence").combine_chunks()
    hits = pc.is_in(pc.list_flatten(evidence), pa.array(list(ids), pa.binary(16)))
    rows: list[Row] = signals.take(pc.unique(pc.list_parent_indices(evidence).filter(hits))).to_pylist()
    return rows


def _record(floor: Floor, id_: str, reader: Reader) -> tuple[str, Row] | None:
    try:
        found = floor.records(id_, reader)
    except UnknownRecord:
        return None
    return found[0] if len(found) == 1 else None


def _refuse_bound(floor: Floor, content: Content, beneath: _Beneath, reader: Reader, now: datetime) -> None:
    """Refuse what may not go to that country, for that purpose, or not without somebody's consent."""
    for row in beneath.rows:
        release = parse(row["marking"]).release
        if release is not None and content.country not in release:
            refuse(BARRED, countries=", ".join(sorted(release)) or "–", country=content.country)
    pieces = [handling_constraints.of_record(floor, reader, kind, row) for kind, row in beneath.records]
    pieces += map(handling_constraints.of_signal, beneath.signals)
    for bond in handling_constraints.bonds(
        floor, reader, pieces, content.to, content.purpose, now.date()
    ).values():
        raise Refusal(bond.why)


def _disclosed(
    letter: Letter, why: str, by: str, authority: str, text: str, caveats: Sequence[str]
) -> dict[str, Any]:
    """The act as every disclosure has it, see docs/design/nodes.md; without a tear-line: it is no bundle."""
    content = letter.content
    party = content.party
    return {
        "bundle": letter.id,
        "gateway": GATEWAY,
        "law": authority,
        "section": "",
        "to": content.to,
        "recipient": {"name": party.name, "institution": party.institution, "country": party.country},
        "purpose": content.purpose,
        "test": why,
        "stated_by": by,
        "drafted_by": list(letter.drafted_by),
        "accuracy": "",
        "basis": "",
        "description": content.subject,
        "forms": {"letter": 1},
        "kinds": {},
        "fields": [],
        "offered": 1,
        "rows": 1,
        "withheld": [],
        "root": sha256(text.encode()).hexdigest(),
        "marking": content.marking,
        "caveats": list(caveats),
    }
