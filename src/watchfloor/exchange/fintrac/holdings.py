"""A listed person or entity property report (PCMLTFA s. 7.1), drafted once a person has confirmed a match.

No name resembles enough: without a judgement `same` of a person about this subject and this listed entity,
which nobody undid since, nothing is drafted. What is held here is what the floor's own records say: accounts
of the subject, and payments to and from them. The unit publishes no interface for machines for this report:
the structure is ours, and a person copies it onto the form.
"""

from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.cell.judgements import stands
from watchfloor.core.messages import declare
from watchfloor.desks.listings.desk import key_of
from watchfloor.exchange.fintrac import clock
from watchfloor.exchange.fintrac.clock import Duty
from watchfloor.exchange.fintrac.drafting import Drafted
from watchfloor.exchange.fintrac.entity import NAME, Entity, stated
from watchfloor.exchange.fintrac.evidence import Evidence, Piece, Row, of_holder
from watchfloor.exchange.fintrac.missing import Gaps
from watchfloor.exchange.fintrac.traced import NONE, Traced, Traces, rule
from watchfloor.exchange.fintrac.transactions import exact
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

LPEPR: Final = "lpepr"

UNCONFIRMED: Final = declare("fintrac.no-match-confirmed", "subject")
SEVERAL: Final = declare("fintrac.several-matches", "subject", "count", "entities")
GONE: Final = declare("fintrac.listing-gone", "about")


class Match:
    """A confirmed match: the judgement, the listing, and the duty that it carries."""

    def __init__(self, judgement: Row, listing: Row) -> None:
        self.judgement, self.listing = Piece(judgement), Piece(listing)
        self.duty: Duty = clock.duty(listing["list_id"], listing["instrument"], listing["title"])


def confirmed(floor: Floor, reader: Reader, subject: str, about: str | None, now: datetime) -> Match:
    """The match that a person has confirmed.

    Args:
        floor: where it is.
        reader: who drafts.
        subject: key of who is held to be listed.
        about: the listed entity as `list:entity`, where several were decided.
        now: when.

    Raises:
        watchfloor.cell.acts.Refusal: there is none, several, the listing is gone, or it carries no
            known duty.
    """
    last: dict[str, Row] = {}
    for row in floor.read("judgement", reader).sort_by("observed_at").to_pylist():
        if row["subject"] == subject:
            last[row["about"]] = row
    same = {key: row for key, row in last.items() if row["verdict"] == "same" and stands(row, now)}
    listings = {key: _listing(floor, reader, key) for key in same}
    listed = {key: row for key, row in listings.items() if row is not None}
    chosen = {key: row for key, row in same.items() if about in (None, key)}
    if not chosen:
        refuse(UNCONFIRMED, subject=subject)
    chosen_listed = [key for key in chosen if key in listed]
    if len(chosen_listed) > 1:
        refuse(SEVERAL, subject=subject, count=len(chosen_listed), entities=", ".join(chosen_listed))
    if not chosen_listed:
        refuse(GONE, about=next(iter(chosen)))
    (key,) = chosen_listed
    return Match(chosen[key], listed[key])


def _listing(floor: Floor, reader: Reader, key: str) -> Row | None:
    """The last record of a listed entity; None for what is none, such as another subject."""
    table = floor.read("listing", reader)
    lists = pc.unique(table["list_id"]).to_pylist()
    of = next((one for one in lists if key.startswith(f"{one}:")), None)
    if of is None:
        return None
    mine = table.filter(pc.is_in(table["list_id"], value_set=pa.array([of], pa.string())))
    rows: list[Row] = [row for row in mine.sort_by("observed_at").to_pylist() if key_of(row) == key]
    return rows[-1] if rows else None


def evidence(floor: Floor, reader: Reader, match: Match) -> Evidence:
    """Property of the subject that this floor knows of."""
    other = [match.judgement.row, match.listing.row]
    return of_holder(floor, reader, match.judgement["subject"], other)


def draft(match: Match, held: Evidence, entity: Entity, action: str, by: str, reference: str) -> Drafted:
    """Draft the report.

    Args:
        match: the confirmed match.
        held: what the floor knows of property.
        entity: the reporting entity.
        action: what was done, as a person says it; may be empty.
        by: that person.
        reference: the entity's own number of the report.
    """
    traces: Traces = {}
    gaps = Gaps()
    whole = Traced({}, traces)
    _report(whole.part("reportDetails"), entity, gaps, reference)
    _ground(whole.part("ground"), match)
    _listed(whole.part("listedPersonOrEntity"), match, held)
    _property(whole, match, held, gaps)
    _transactions(whole, held)
    action_taken = whole.part("actionTaken")
    action_taken.put("description", action or None, f"stated:{by}")
    if not action:
        gaps.add(action_taken, "description", "action")
        del whole.value["actionTaken"]
    return Drafted(LPEPR, whole.value, {}, traces | {"beside:": (NONE,)}, gaps)


def _report(made: Traced, entity: Entity, gaps: Gaps, reference: str) -> None:
    made.put("reportType", LPEPR, rule("report"))
    for name, value, key in (
        ("reportingEntityNumber", entity.number, "number"),
        ("reportingEntityContactId", entity.contact, "contact"),
    ):
        if value is None:
            gaps.add(made, name, key, file=NAME)
        made.put(name, value, stated(key))
    made.put("reportingEntityReportReference", reference, rule("report"))


def _ground(made: Traced, match: Match) -> None:
    found, judgement = match.duty, match.judgement
    cited = match.listing.cite("instrument"), rule("law")
    made.put("provision", f"PCMLTFA s. {found.paragraph}", *cited)
    made.put("law", found.law, *cited)
    made.put("says", found.says or None, *cited)
    made.put("checked", found.checked, rule("law"))
    made.put("since", judgement["observed_at"].isoformat(), judgement.cite("observed_at"), rule("clock"))
    made.put("due", "immediately", rule("clock"))
    made.put("decidedBy", judgement["decided_by"], judgement.cite("decided_by"))
    made.put("why", judgement["why"], judgement.cite("why"))


def _listed(made: Traced, match: Match, held: Evidence) -> None:
    listing, subject = match.listing, match.judgement
    for name, column in (
        ("list", "list_id"),
        ("entity", "entity_id"),
        ("instrument", "instrument"),
        ("item", "item"),
        ("listedName", "name"),
        ("schema", "schema"),
    ):
        made.put(name, listing[column], listing.cite(column))
    if listing["ceased"]:
        made.put("leftTheList", listing["ceased"].isoformat(), listing.cite("ceased"))
    made.put("subject", subject["subject"], subject.cite("subject"))
    party = held.parties.get(subject["subject"])
    if party:
        made.put("nameAsHeld", party["name"], party.cite("name"))
        made.put("dateOfBirth", party["birth_date"], party.cite("birth_date"))


def _property(whole: Traced, match: Match, held: Evidence, gaps: Gaps) -> None:
    into = whole.many("property")
    key = match.judgement["subject"]
    mine = [one for one in held.accounts.values() if one["holder"] == key]
    for account in mine:
        made = into.add()
        made.put("typeWord", "account", account.cite("subject"))
        made.put("accountNumber", account["subject"].split(":", 2)[2], account.cite("subject"))
        made.put("financialInstitution", account["bank"], account.cite("bank"))
        made.put("holder", account["holder"], account.cite("holder"))
        if account["opened"]:
            made.put("dateOpened", account["opened"].isoformat(), account.cite("opened"))
        gaps.add(made, "value", "property")
    if not mine:
        gaps.add(whole, "property", "held", key=key)


def _transactions(whole: Traced, held: Evidence) -> None:
    into = whole.many("transactions")
    for payment in held.payments:
        made = into.add()
        made.put("at", payment["observed_at"].isoformat(), payment.cite("observed_at"))
        column = "amount" if payment["amount_fine"] is None else "amount_fine"
        made.put("amount", exact(payment[column]), payment.cite(column))
        for name in ("currency", "means", "payer", "payee"):
            made.put(name, payment[name], payment.cite(name))
