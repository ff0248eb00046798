"""The records that laws ask for of a year's disclosures and receipts, made from the acts of the log.

Which record a disclosure owes is its gateway's to say (`policy.gateways.toml`), what a record must set out
is the record's own row there, provision by provision. Each item is answered by the act, or named as missing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from watchfloor.core.marking import parse
from watchfloor.core.messages import Language
from watchfloor.exchange import cap
from watchfloor.policy.gateway_rows import Answer, Item, RecordRow
from watchfloor.policy.gateway_table import Table
from watchfloor.policy.gateways import called
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

ACTS: Final = ("disclosed", "received")
RETURN: Final = "scida-return"
"""The gateway through which what is not needed goes back."""

UNKNOWN: Final = "unknown"
"""Stands for the record of a disclosure whose gateway is not in the table."""

DISPOSALS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"destroyed": "destroyed", "returned": "returned", "neither": "neither"},
    "fr": {"destroyed": "détruite", "returned": "retournée", "neither": "ni l’un ni l’autre"},
}


@dataclass(frozen=True, slots=True)
class Answered:
    """An item of a record and what answers it; `due` is False where the item does not apply."""

    item: Item
    value: str
    due: bool = True


@dataclass(frozen=True, slots=True)
class Owed:
    """One record of one disclosure or receipt.

    Attributes:
        record: its id in the table of gateways; `UNKNOWN` where the table does not know the gateway.
        row: what the table says of it.
        position: of the act in the log.
        day: of the act, in UTC.
        gateway: through which it went.
        citation: the law and section that allowed it.
        bundle: what went.
        party: to whom, or from whom.
        answers: the items, in the law's order.
        copy_due: last day for a copy to whom the law names.
        keep_until: first day on which it need no longer be kept.
    """

    record: str
    row: RecordRow | None
    position: int
    day: date
    gateway: str
    citation: str
    bundle: str
    party: str
    answers: tuple[Answered, ...] = ()
    copy_due: date | None = None
    keep_until: date | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Provisions that nothing answers."""
        return tuple(one.item.section for one in self.answers if one.due and not one.value)


def owed(floor: Floor, table: Table, year: int, reader: Reader, language: Language = "en") -> list[Owed]:
    """The records of a calendar year in UTC, in the order of the log, as far as the reader may see them.

    Args:
        floor: whose log is read.
        table: the gateways that the node uses.
        year: of the disclosures and receipts.
        reader: acts whose marking the reader may not see are left out.
        language: of institutions' names.
    """
    floor_acts = floor.acts_of(*ACTS, "erasure")
    seen = _Seen(floor_acts, language)
    return [
        one
        for act in floor_acts
        if act.act in ACTS and act.at.astimezone(UTC).year == year and _counts(act, reader)
        for one in _of_act(act, table, seen)
    ]


class _Seen:
    """Later acts on what came in: erasures, and returns."""

    def __init__(self, acts: Iterable[Act], language: Language) -> None:
        self.language = language
        self.destroyed: dict[str, date] = {}
        self.returned: list[tuple[str, date]] = []
        for act in acts:
            said = act.detail or {}
            if act.act == "erasure":
                for digest in said.get("deliveries", ()):
                    self.destroyed.setdefault(digest, _day(act))
            elif act.act == "disclosed" and said.get("gateway") == RETURN:
                self.returned.append((said.get("basis") or "", _day(act)))


@dataclass(frozen=True, slots=True)
class _Told:
    """An act, its detail, and what the log says elsewhere."""

    act: Act
    said: Mapping[str, Any]
    seen: _Seen

    def key(self, name: str) -> str:
        """A text of the detail; empty where it is not there."""
        return str(self.said.get(name) or "").strip()

    @property
    def destroyed_on(self) -> date | None:
        """The day on which what a delivery brought was erased, in whole or in part."""
        return self.seen.destroyed.get(self.key("digest"))

    @property
    def returned_on(self) -> date | None:
        """The day on which a bundle went back: the disclosure's basis names it."""
        bundle = self.key("bundle")
        return next((day for basis, day in self.seen.returned if bundle and bundle in basis.split()), None)


def _counts(act: Act, reader: Reader) -> bool:
    """Whether an act owes a record: one that repeats a delivery owes none, nor one that is not to be seen.

    An alert to the public owes none either: no statute of the table is about what everybody is told.
    """
    if act.detail is None:
        return True
    if act.detail.get("gateway") == cap.GATEWAY:
        return False
    marking = act.detail.get("marking")
    return not act.detail.get("again") and (not marking or allowed(reader, parse(marking)))


def _of_act(act: Act, table: Table, seen: _Seen) -> list[Owed]:
    said = act.detail or {}
    told = _Told(act, said, seen)
    gateway = table.gateways.get(said.get("gateway", ""))
    party = said.get("recipient") if act.act == "disclosed" else said.get("sender")
    about = {
        "position": act.position,
        "day": _day(act),
        "gateway": said.get("gateway", ""),
        "citation": f"{said.get('law', '')} {said.get('section', '')}".strip(),
        "bundle": said.get("bundle", ""),
        "party": _party(party, seen.language),
    }
    if gateway is None:
        return [Owed(UNKNOWN, None, **about)]
    rows = ((name, table.records[name]) for name in gateway.records)
    return [_owed(name, row, told, about) for name, row in rows if row.act == act.act]


def _owed(name: str, row: RecordRow, told: _Told, about: Mapping[str, Any]) -> Owed:
    day = _day(told.act)
    answers = tuple(Answered(item, ANSWERS[item.from_](told), _applies(item, told)) for item in row.items)
    due = date.fromisoformat(f"{day.year + 1}-{row.due}") if row.due else None
    until = _years_on(day, row.keep_years) if row.keep_years else None
    return Owed(name, row, **about, answers=answers, copy_due=due, keep_until=until)


def _applies(item: Item, told: _Told) -> bool:
    """The day of a destruction is asked for where something was destroyed, that of a return likewise."""
    if item.from_ == "destroyed_on":
        return told.destroyed_on is not None
    return item.from_ != "returned_on" or told.returned_on is not None


def _description(told: _Told) -> str:
    words = told.key("description")
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted((told.said.get("kinds") or {}).items()))
    return "; ".join(filter(None, (words, kinds)))


def _reasons(told: _Told) -> str:
    return "; ".join(filter(None, (told.key("test"), told.key("basis"))))


def _disposal(told: _Told) -> str:
    """Return how a delivery was disposed of; one erased in part counts as destroyed."""
    if not told.said:
        return ""
    word = "destroyed" if told.destroyed_on else "returned" if told.returned_on else "neither"
    return DISPOSALS[told.seen.language][word]


def _party(party: Mapping[str, str] | None, language: Language) -> str:
    if not party:
        return ""
    return f"{party['name']} ({called([party['institution']], language)}, {party['country']})"


def _key(name: str) -> Callable[[_Told], str]:
    return lambda told: told.key(name)


ANSWERS: Final[Mapping[Answer, Callable[[_Told], str]]] = {
    "description": _description,
    "authorized_by": _key("stated_by"),
    "recipient": lambda told: _party(told.said.get("recipient"), told.seen.language),
    "sender": lambda told: _party(told.said.get("sender"), told.seen.language),
    "received_by": lambda told: told.act.actor.name if told.act.actor else "",
    "date": lambda told: _day(told.act).isoformat(),
    "reasons": _reasons,
    "basis": _key("basis"),
    "accuracy": _key("accuracy"),
    "purpose": _key("purpose"),
    "disposal": _disposal,
    "destroyed_on": lambda told: _written(told.destroyed_on),
    "returned_on": lambda told: _written(told.returned_on),
}
"""What of an act answers each item."""


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(act: Act) -> date:
    moment: datetime = act.at.astimezone(UTC)
    return moment.date()


def _years_on(day: date, years: int) -> date:
    """The same day in later years; 1 March for a leap day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
