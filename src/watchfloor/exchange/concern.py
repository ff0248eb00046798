"""Exporters of concern between nodes: the assertions that stand, signed for one peer, and their way in there.

A list is no evidence and goes in no bundle: it is a note over JSON, signed as bundles and packs are, made for
a named peer through a gateway of the law whose test a person states. What it says of an exporter is what the
gateway lets a party's record say, so a gateway that lets no party through lets no assertion through. What
another node asserted is that node's to pass on. Ids carry the maker's name, so that two nodes' do not meet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

import msgspec
import pyarrow as pa

from watchfloor.casework.releasing import why_not
from watchfloor.cell.acts import refuse
from watchfloor.core.concern import LIST
from watchfloor.core.kinds import LISTING
from watchfloor.core.marking import Marking, MarkingError, join, parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange.bundles.origins import node_of, source_of
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.bundles.withholding import Withheld
from watchfloor.exchange.partnership import lawful, papers
from watchfloor.feeds.config import load
from watchfloor.feeds.corrections import Earlier
from watchfloor.feeds.intake import CommittedDelivery, Orders, ingest
from watchfloor.feeds.walk import Aside, in_memory
from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.lists.concern_csv import FORMAT as CSV
from watchfloor.formats.lists.concern_csv import read as read_csv
from watchfloor.formats.lists.concern_csv import write as write_csv
from watchfloor.policy.gateways import Gateway, RiskCheck, Statement, admits, permits
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import digest_of
from watchfloor.store.writer import Writer

WHAT: Final = "exporters-of-concern"
FORMAT: Final = 1
FORM: Final = "assertion"
"""How the log counts them."""

NOT_THROUGH = declare("concern.gateway", "gateway")
NONE = declare("concern.none", "on", "name", "withheld")
OTHERS = declare("concern.of-another", "node")
TOO_LONG = declare("concern.too-long", "rows", "most")
NO_LIST = declare("concern.no-list", "file", "problem")
FOR_ANOTHER = declare("concern.for-another", "file", "to", "name")
EXERCISE = declare("concern.exercise", "file", "sender")


OLDER = declare("concern.older", "file", "made", "sender", "last")


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a signed assertion of concern.

    Attributes:
        what: `WHAT`.
        format: `FORMAT`.
        maker: name of the node that signs.
        to: name of the peer it is for.
        made: the day.
        gateway: through which.
        law: the statute.
        section: of it.
        purpose: what it may be used for.
        test: the test that the law asks for, as it was stated to be met.
        stated_by: who stated it.
        marking: under which the assertions are kept, with the law's caveats.
        exercise: whether the maker holds nothing but an exercise.
        rows: how many assertions.
        assertions: the table, CSV as `formats.lists.concern_csv` has it.
    """

    what: str
    format: int
    maker: str
    to: str
    made: date
    gateway: str
    law: str
    section: str
    purpose: str
    test: str
    stated_by: str
    marking: str
    exercise: bool
    rows: int
    assertions: str


@dataclass(frozen=True, slots=True)
class SignedList:
    """A signed list, how many assertions are in it, and what stays."""

    text: str
    rows: int
    withheld: tuple[Withheld, ...]


def standing(floor: Floor, reader: Reader, on: date) -> list[dict[str, Any]]:
    """The assertions that stand on a day, the last word of each source on each, by id."""
    return [row for row in every(floor, reader) if row["listed_on"] <= on < row["ceased"]]


def every(floor: Floor, reader: Reader) -> list[dict[str, Any]]:
    """The last word of each source on each exporter, expired ones too, by id."""
    rows = (row for row in floor.read("listing", reader).to_pylist() if row["list_id"] == LIST)
    last = {(row["entity_id"], row["source"]): row for row in rows}
    return [last[key] for key in sorted(last)]


def withdrawn(floor: Floor, reader: Reader, on: date) -> list[dict[str, Any]]:
    """The assertions that an earlier word of the same source would still let stand on a day, by id."""
    would = {
        (row["entity_id"], row["source"])
        for row in floor.read("listing", reader).to_pylist()
        if row["list_id"] == LIST and row["listed_on"] <= on < row["ceased"]
    }
    return [
        row
        for row in every(floor, reader)
        if row["ceased"] <= on and (row["entity_id"], row["source"]) in would
    ]


def make(
    floor: Floor,
    writer: Writer,
    reader: Reader,
    peer: Peer,
    gateway: Gateway,
    stated: Statement,
    now: datetime,
    risk_check: RiskCheck | None = None,
) -> SignedList:
    """Sign what stands and may go to a peer, with what was withdrawn, so that it ends there too; log it.

    Raises:
        watchfloor.policy.gateways.Refusal: the gateway does not permit it.
        watchfloor.cell.acts.Refusal: it lets no party through, or nothing is left to send.
    """
    today = now.astimezone(UTC).date()
    permit = permits(gateway, me(floor), peer.party, stated, today, risk_check=risk_check)
    if "evidence" not in gateway.forms or "name" not in gateway.columns("party"):
        refuse(NOT_THROUGH, gateway=gateway.id)
    said = [*standing(floor, reader, today), *withdrawn(floor, reader, today)]
    goes, stays = _sifted(said, peer.reader(stated.purpose, today))
    if not goes:
        why = "; ".join(f"{one.rows}, {one.reason.render()}" for one in stays) or "0"
        refuse(NONE, on=today.isoformat(), name=peer.name, withheld=why)
    if "identifiers" not in gateway.columns("party"):
        goes = [row | {"identifiers": []} for row in goes]
    paper = Paper(
        what=WHAT,
        format=FORMAT,
        maker=me(floor).name,
        to=peer.name,
        made=today,
        gateway=gateway.id,
        law=gateway.law,
        section=gateway.section,
        purpose=stated.purpose,
        test=stated.test_met,
        stated_by=stated.by,
        marking=str(parse(join(row["marking"] for row in goes)) | Marking(caveats=permit.caveats)),
        exercise=floor.settings.exercise,
        rows=len(goes),
        assertions=_written([row | {"entity_id": _named(me(floor).name, row)} for row in goes]),
    )
    text = papers.write(floor, paper)
    if len(text.encode()) > papers.MOST:
        refuse(TOO_LONG, rows=len(goes), most=papers.MOST)
    told = lawful.disclosed(permit, FORM, len(goes), f"{len(goes)} assertions about exporters of concern")
    stayed = [one.stored() for one in stays]
    offered = len(goes) + sum(one.rows for one in stays)
    about = {"list": digest_of(text.encode()), "withheld": stayed, "offered": offered}
    writer.act("disclosed", told | about)
    return SignedList(text, len(goes), stays)


def check(
    floor: Floor, data: bytes, file: str, gateways: Mapping[str, Gateway], now: datetime
) -> tuple[Paper, Peer]:
    """A list that a peer signed for this node, and the peer. Nothing is written.

    Raises:
        watchfloor.cell.acts.Refusal: forged, damaged, for another node, or no list at all.
        watchfloor.policy.gateways.Refusal: its gateway does not let it come from there.
    """
    paper, peer = papers.read(floor, data, file, Paper)
    if peer is None or paper.maker != peer.name or (paper.what, paper.format) != (WHAT, FORMAT):
        refuse(NO_LIST, file=file, problem=f"it says it is {paper.what[:40]} of {paper.maker[:40]}")
    here = me(floor)
    if paper.to != here.name:
        refuse(FOR_ANOTHER, file=file, to=paper.to[:80], name=here.name)
    if paper.exercise != floor.settings.exercise:
        refuse(EXERCISE, file=file, sender=peer.name)
    gateway = gateways.get(paper.gateway)
    if gateway is None:
        refuse(NO_LIST, file=file, problem=f"this node has no gateway {paper.gateway[:60]}")
    stated = Statement(paper.test, paper.stated_by, paper.purpose, "", f"list signed by {peer.name}")
    today = now.astimezone(UTC).date()
    admits(gateway, peer.party, here, stated, today)
    _check_day(floor, paper, file, today)
    _check_rows(paper, file)
    return paper, peer


def rows_of(paper: Paper) -> list[dict[str, Any]]:
    """The assertions of a list that was checked."""
    found = read_csv(BytesIO(paper.assertions.encode()), WHAT)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.rows.to_pylist()]


def receive(floor: Floor, writer: Writer, paper: Paper, data: bytes, file: str) -> CommittedDelivery:
    """Keep the assertions of a list that was checked, under its maker’s name, and log whence they came."""
    orders = Orders(source_of(paper.maker), CSV.name, None, parse(paper.marking))
    item = in_memory(file, f"{WHAT}.csv", paper.assertions.encode())
    taken = ingest(writer, item, load(floor.root), orders, Earlier(writer))
    if isinstance(taken, Aside):
        refuse(NO_LIST, file=file, problem=taken.reason)
    about = {"what": WHAT, "from": paper.maker, "gateway": paper.gateway, "rows": paper.rows}
    about["made"] = paper.made.isoformat()
    writer.act("list-received", about | {"note": digest_of(data), "position": taken.position})
    return taken


def _check_day(floor: Floor, paper: Paper, file: str, today: date) -> None:
    """An older list, delivered late or again, would bring back what its maker has withdrawn since."""
    if paper.made > today:
        refuse(NO_LIST, file=file, problem=f"it says it was made on {paper.made}, and today is {today}")
    taken = (act.detail for act in floor.acts_of("list-received") if act.detail)
    days = [one["made"] for one in taken if (one["what"], one["from"]) == (WHAT, paper.maker)]
    if days and paper.made < date.fromisoformat(max(days)):
        refuse(OLDER, file=file, made=paper.made.isoformat(), sender=paper.maker, last=max(days))


def _check_rows(paper: Paper, file: str) -> None:
    try:
        parse(paper.marking)
    except MarkingError as error:
        refuse(NO_LIST, file=file, problem=str(error)[:300])
    try:
        pieces = list(read_csv(BytesIO(paper.assertions.encode()), file))
    except FormatError as error:
        refuse(NO_LIST, file=file, problem=str(error)[:300])
    if wrong := next((piece for piece in pieces if isinstance(piece, Fault)), None):
        refuse(NO_LIST, file=file, problem=f"{wrong.locator}: {wrong.reason}"[:300])
    count = sum(piece.rows.num_rows for piece in pieces if isinstance(piece, Batch))
    ids = (key for piece in pieces if isinstance(piece, Batch) for key in piece.rows["entity_id"].to_pylist())
    if other := next((key for key in ids if not key.startswith(f"{paper.maker}:")), None):
        refuse(
            NO_LIST, file=file, problem=f"{other[:80]} is no id of {paper.maker}, which has its name first"
        )
    if count != paper.rows:
        refuse(NO_LIST, file=file, problem=f"it says it has {paper.rows} assertions and has {count}")


def _sifted(
    rows: Iterable[dict[str, Any]], recipient: Reader
) -> tuple[list[dict[str, Any]], tuple[Withheld, ...]]:
    """Return the rows that may go, and those that stay by reason."""
    goes: list[dict[str, Any]] = []
    stays: Counter[tuple[str, str]] = Counter()
    for row in rows:
        why = _why(row, recipient)
        if why is None:
            goes.append(row)
        else:
            stored = why.stored()
            stays[stored["message"], stored["params"]] += 1
    told = [
        Withheld(count, Reason.load({"message": message, "params": params}))
        for (message, params), count in sorted(stays.items())
    ]
    return goes, tuple(told)


def _why(row: dict[str, Any], recipient: Reader) -> Reason | None:
    node = node_of(row["source"])
    return reason(OTHERS, node=node) if node else why_not(recipient, parse(row["marking"]))


def _named(maker: str, row: dict[str, Any]) -> str:
    return f"{maker}:{row['entity_id']}"


def _written(rows: list[dict[str, Any]]) -> str:
    out = BytesIO()
    body = [{name: row[name] for name in LISTING.body.names} for row in rows]
    write_csv([Batch(LISTING, pa.Table.from_pylist(body, LISTING.body))], out)
    return out.getvalue().decode()
