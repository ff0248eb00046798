"""Sharing with others: exporters of concern, and the partnership of banks."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from watchfloor.exchange import concern
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.log.access import access
from watchfloor.exchange.partnership import codes
from watchfloor.exchange.partnership.codes import Adopted
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.bilingual import Text, day, fill, joined, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.result import TOLD, Computed, ids, marked, record
from watchfloor.scorecard.findings import Evidence
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act
from watchfloor.store.readers import NotPermitted

ANNOUNCED: Final = 6
"""Banks of the partnership, as the report of 4 March 2025 has it."""
REPORTING: Final = "reporting-entity"


def exporters_of_concern(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """How many assertions about exporters stand on a day, since when, and with whom a list was shared."""
    if floor is None or reader is None:
        return Computed(None, fill(messages.EXPORTERS_NO_FLOOR))
    rows = concern.standing(floor, reader, on)
    shared = _shared(floor, reader, on)
    if not rows:
        return Computed(None, fill(messages.EXPORTERS_NONE, day=day(on), shared=shared))
    since = min(row["listed_on"] for row in rows)
    found = fill(messages.EXPORTERS, day=day(on), count=len(rows), since=day(since), shared=shared)
    evidence = tuple(
        record(
            row,
            fill(
                messages.ASSERTION,
                source=same(row["title"] or row["source"]),
                until=day(row["ceased"] - timedelta(days=1)),
            ),
            row["listed_on"],
        )
        for row in rows[:TOLD]
    )
    return Computed(float(len(rows)), found, evidence, ids(rows), marking=marked(rows))


def _shared(floor: Floor, reader: Reader, on: date) -> Text:
    """With whom, by the acts that this reader may read."""
    try:
        mine = access(floor, reader.name, reader)
    except NotPermitted:
        return fill(messages.SHARED_UNKNOWN)
    acts = [act for act in floor.acts_of("disclosed") if act.at.date() <= on and _is_list(act)]
    seen = [act for act in acts if mine.keeper or mine.sees(act)]
    if not mine.keeper and not mine.everything and not seen:
        return fill(messages.SHARED_UNKNOWN)
    told = [
        fill(messages.TO, to=same(str(act.detail["to"])), day=day(act.at.date()))
        for act in seen
        if act.detail
    ]
    return fill(messages.SHARED, with_whom=joined(told)) if told else fill(messages.SHARED_NONE)


def _is_list(act: Act) -> bool:
    return act.detail is not None and concern.FORM in (act.detail.get("forms") or {})


def banks(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """Members of the codes of practice that stand here on a day, beside the banks announced.

    Codes and peers are settings of the node, not records: they have no marking, and any reader knows them.
    """
    if floor is None or reader is None:
        return Computed(None, fill(messages.BANKS_NO_FLOOR, announced=ANNOUNCED))
    stand = _standing(codes.adopted(floor).values(), on)
    count = sum(
        one.institution == REPORTING and one.since <= on and not (one.removed and one.removed <= on)
        for one in peers.known(floor).values()
    )
    if not stand:
        return Computed(None, fill(messages.BANKS_NONE, day=day(on), announced=ANNOUNCED, peers=count))
    members = sorted({member.name for one in stand for member in one.code.file.participants})
    found = fill(
        messages.BANKS,
        day=day(on),
        count=len(members),
        announced=ANNOUNCED,
        codes=joined(map(_code, stand)),
        peers=count,
    )
    evidence = tuple(
        Evidence(
            _code(one), f"code-adopted {one.code.digest[:16]}", one.since, len(one.code.file.participants)
        )
        for one in stand
    )
    return Computed(float(len(members)), found, evidence, not_comparable=fill(messages.BANKS_NOT_COMPARABLE))


def _standing(found: Iterable[Adopted], on: date) -> list[Adopted]:
    return [
        one
        for one in found
        if one.since <= on
        and one.code.file.since <= on <= one.code.file.expires
        and not (one.withdrawn and one.withdrawn <= on)
    ]


def _code(one: Adopted) -> Text:
    approval = one.code.file.approval
    if approval is None:
        return fill(messages.UNAPPROVED, code=same(one.code.name))
    return fill(messages.APPROVED, code=same(one.code.name), day=day(approval.on))
