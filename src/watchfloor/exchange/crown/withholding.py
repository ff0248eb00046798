"""Items kept back from a case, and items that go with it: other editions, what rests on or quotes it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from watchfloor.cell.entity_clusters import Context
from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.queue import context_of, every
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import KINDS
from watchfloor.exchange import handling_constraints
from watchfloor.exchange.crown import relevance
from watchfloor.exchange.crown.grounds import Stated
from watchfloor.exchange.crown.items import Gathered, Item
from watchfloor.exchange.crown.relevance import Relevant
from watchfloor.exchange.log.access import texts
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments import replacing


class WithheldItem(NamedTuple):
    """An item that is kept back.

    Attributes:
        item: what is.
        stated: on whose word, and which ground.
        because: empty where the person named it; `edition`, `rests` or `quotes` where it follows another.
        of: id of the item that the person named.
    """

    item: Item
    stated: Stated
    because: str
    of: str


class Case(NamedTuple):
    """A case, sorted by what may be told of each item.

    Attributes:
        relevant: what it was found in.
        items: that are disclosed.
        withheld: that are listed with their ground.
        privileged: that only the holder's index lists.
        size: acts of the log that the proofs lead to.
    """

    relevant: Relevant
    items: list[Item]
    withheld: list[WithheldItem]
    privileged: list[WithheldItem]
    size: int


def sort(
    floor: Floor,
    gathered: Gathered,
    stated: Mapping[str, Stated],
    weights: Weights,
    now: datetime,
) -> Case:
    """Set aside what is kept back, and all that rests on it or quotes it; leads are made from the rest."""
    relevant, items, size = gathered
    kept = _kept(relevant, items, stated)
    left = [item for item in items if item.id not in kept]
    excluded = frozenset(bytes.fromhex(id_) for id_ in kept if " " not in id_)
    made = list(derived_leads(floor, relevance.without(relevant, excluded), weights, now))
    withheld = [one for one in kept.values() if not one.stated.privileged]
    privileged = [one for one in kept.values() if one.stated.privileged]
    return Case(relevant, [*left, *made], withheld, privileged, size)


def third_parties(
    floor: Floor, reader: Reader, items: Iterable[Item], to: str, day: date, consented: frozenset[str]
) -> dict[str, Stated]:
    """Find what other nodes sent or control and hold, by id of the item: kept back until they do.

    That the Crown may not have it from us yet does not end the duty to disclose it.

    Args:
        floor: where the case is.
        reader: who packs it.
        items: of the case.
        to: the prosecutor, as a recorded consent names a recipient.
        day: for consents that end.
        consented: owners who have let it go on a person's word.
    """
    pieces = [_piece(item) for item in items if item.what != "act"]
    found = handling_constraints.bonds(floor, reader, pieces, to, reader.purpose, day, consented)
    return {id_: _unconsented(id_, ", ".join(bond.owners)) for id_, bond in found.items() if bond.owners}


def _piece(item: Item) -> handling_constraints.Piece:
    """An item with the records that it is and that it cites."""
    named = filter(_ID.fullmatch, {item.id, *item.rests_on})
    return handling_constraints.Piece(item.id, item.marking, frozenset(map(bytes.fromhex, named)))


_ID: Final = re.compile("[0-9a-f]{32}")


def _unconsented(id_: str, owners: str) -> Stated:
    note = f"third party: {owners}'s consent; the duty to disclose it remains"
    return Stated(id_, "originator", owners, note, 0)


def _kept(case: Relevant, items: list[Item], stated: Mapping[str, Stated]) -> dict[str, WithheldItem]:
    """Find what the grounds keep back: the items, their other editions, what rests on or quotes them."""
    kept: dict[str, WithheldItem] = {}
    by_id = {item.id: item for item in items}
    for id_, one in sorted(stated.items(), key=lambda pair: not pair[1].privileged):
        ids = {id_}
        if " " not in id_:
            ids |= {each.hex() for each in relevance.editions(case, frozenset({bytes.fromhex(id_)}))}
        for each in sorted(ids & by_id.keys()):
            kept.setdefault(each, WithheldItem(by_id[each], one, "" if each == id_ else "edition", id_))
    while True:
        more = _following(items, kept)
        if not more:
            return kept
        kept |= more


def _following(items: list[Item], kept: Mapping[str, WithheldItem]) -> dict[str, WithheldItem]:
    left = [item for item in items if item.id not in kept]
    said = _distinctive([one.item for one in kept.values()], left)
    found = {}
    for item in left:
        text = json.dumps(item.content, ensure_ascii=False)
        for id_, one in kept.items():
            if id_ in item.rests_on:
                found[item.id] = WithheldItem(item, one.stated, "rests", id_)
                break
            # a desk says what its evidence says and no more: a signal that rests on none of it quotes none
            if item.what != "signal" and any(phrase in text for phrase in said[id_]):
                found[item.id] = WithheldItem(item, one.stated, "quotes", id_)
                break
    return found


WORDS: Final = 6
"""Words in a row that make a quotation."""
SHORT: Final = 5
"""Characters below which a text is nobody's own."""


def _distinctive(kept: list[Item], left: list[Item]) -> dict[str, list[str]]:
    """Of each item the phrases that stand whole in no disclosed row: what only it says."""
    open_ = {text for item in left if item.what == "record" for text in texts(item.content)}
    return {
        item.id: [
            json.dumps(phrase, ensure_ascii=False)[1:-1]
            for text in _said(item)
            if len(text) >= SHORT and text not in open_
            for phrase in _phrases(text)
        ]
        for item in kept
    }


def _said(item: Item) -> frozenset[str]:
    """Return what an item says of its own: not who reported it, under which marking, or by which ids."""
    if not isinstance(item.content, dict):
        return frozenset()
    return texts({k: v for k, v in item.content.items() if k not in _FRAME})


_FRAME: Final = frozenset(
    "record_id report_key source origins observed_at marking delivery locator row_id revision at since until "
    "retracted desk rule strength score evidence coverage subject subjects kind schema role lead hypothesis "
    "by task actor purpose authority act position state form unit verdict decided_by message node bundle "
    "gateway".split()
)
"""Columns that many rows share: they say whose row it is, and nothing that could be quoted."""


def _phrases(text: str) -> list[str]:
    words = text.split()
    if len(words) <= WORDS:
        return [text]
    return [" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)]


# A case's leads as they follow from what is disclosed of it, and from nothing else.


def derived_leads(floor: Floor, case: Relevant, weights: Weights, now: datetime) -> Iterator[Item]:
    """The case's leads as they follow from what is disclosed, those with little chance too."""
    found = leads(case.signals, weights, now, floor.key, _context(case, now))
    for head in found:
        for lead in every([head]):
            said = _lead_json(lead)
            speaks = "" if lead is head else "alternative"
            yield Item(
                f"lead {lead.lead_id}",
                "lead",
                lead.hypothesis,
                speaks,
                lead.at.isoformat(),
                lead.marking,
                said,
                None,
            )


def _context(case: Relevant, now: datetime) -> Context:
    """Return what joins the signals and what was found, from disclosed rows alone, as the queue has it."""
    parts = {
        kind: case.records.get(kind, KINDS[kind].schema.empty_table())
        for kind in ("judgement", "party", "outcome", "report")
    }
    latest = [replacing.latest(parts[kind]) for kind in ("party", "outcome", "report")]
    return context_of(case.signals, now, parts["judgement"], *latest)


def _lead_json(lead: Lead) -> dict[str, Any]:
    return {
        "lead_id": lead.lead_id,
        "hypothesis": lead.hypothesis,
        "subjects": list(lead.subjects or (lead.subject,)),
        "probability": round(lead.probability, 6),
        "prior_bits": lead.prior,
        "looks_bits": lead.looks,
        "bits": lead.bits,
        "weights": lead.weights,
        "contributions": [
            {
                "signal": one.signal_id.hex(),
                "rule": one.rule,
                "strength": one.strength,
                "bits": one.bits,
                "en": one.reason.render("en"),
                "fr": one.reason.render("fr"),
                "note": one.note.render("en") if one.note else None,
                "evidence": [id_.hex() for id_ in one.evidence],
            }
            for one in lead.contributions
        ],
    }
