"""Disclosure of a case to the Crown, and the check of one."""

from collections import Counter
from pathlib import Path
from typing import Annotated, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    PATH,
    UNSTATED,
    Answer,
    Context,
    Request,
    action,
    argument,
    note,
    option,
    refuse_existing,
)
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.desks.registry import declare_messages
from watchfloor.exchange.crown import grounds, items, relevance, withholding
from watchfloor.exchange.crown import pack as packing
from watchfloor.exchange.crown.pack import Packed
from watchfloor.exchange.crown.withholding import Case
from watchfloor.exchange.log import handover
from watchfloor.exchange.log.access import access
from watchfloor.store import readers
from watchfloor.store.log.standalone import Failed

BROKEN: Final = declare("crown.broken", "file", "problem")
NO_LAW: Final = declare("crown.no-law")
NO_HOLDER: Final = declare("crown.no-holder")
THIRD_PARTY: Final = declare("crown.third-party", "count", "owner")
READ_FIRST: Final = declare("crown.read-first")


class CrownPack(Answer, frozen=True):
    """A bundle for the Crown; `third_parties`: items that wait for the consent of each owner."""

    texts: ClassVar = "crown"

    file: str | None = None
    case: str | None = None
    items: int = 0
    against: int = 0
    withheld: int = 0
    root: str | None = None
    marking: str | None = None
    third_parties: dict[str, int] = msgspec.field(default_factory=dict)

    def done(self, key: str) -> str:
        """Return the key of the text that says what was packed, or that nothing was."""
        return f"{key}packed" if self.items else f"{key}nothing"


class PackCase(Request, frozen=True, kw_only=True):
    """The case, who gets it, and what is kept back."""

    about: Annotated[
        tuple[str, ...], argument("LEAD|SUBJECT…", "What the case is about.", required=True)
    ] = ()
    output: Annotated[Path, option("A new folder, or a new file that ends with .zip.", spelling="--out -o")]
    prosecutor: Annotated[str, option("To whom it goes: name and office.")]
    grounds: Annotated[Path | None, option("CSV of what is kept back: item,ground,by,note.", exists=FILE)] = (
        None
    )
    privileged: Annotated[Path | None, option("Where the privilege holder's own index goes, a new file.")] = (
        None
    )
    holder: Annotated[str, option("Who holds the privilege; the index is in that name.")] = ""
    consented: Annotated[
        tuple[str, ...], option("An owner who lets the Crown have what it controls; repeatable.")
    ] = ()


@action(
    "crown pack",
    'crown pack 3f2a -o case --prosecutor "A. Roy, PPSC" --authority "R. v. Stinchcombe"',
    writes=True,
    done="crown.said_",
)
def pack(context: Context, ask: PackCase) -> CrownPack:
    """Pack everything about a case that is not clearly irrelevant, whichever way it speaks.

    It holds what you may see; who is cleared for the whole floor must pack what the court relies on.
    """
    floor, reader, actor, now = context.floor, context.reader, context.actor, context.floor.now()
    if actor.authority == UNSTATED["authority"]:
        raise Unusable(reason(NO_LAW))
    refuse_existing(ask.output, ask.privileged)
    declare_messages()
    readers.refuse_writing(floor.root, actor.name)
    with context.busy("crown.gathering"):
        subjects = relevance.subjects_of(floor, reader, context.weights, ask.about)
        mine = access(floor, actor.name, reader)
        gathered = items.gather(floor, reader, mine, context.weights, subjects)
    if not gathered.items:
        return CrownPack()
    thirds = withholding.third_parties(
        floor, reader, gathered.items, ask.prosecutor, now.date(), frozenset(ask.consented)
    )
    ids = (item.id for item in gathered.items)
    stated = grounds.chosen(grounds.read(ask.grounds), ids, ask.grounds.name) if ask.grounds else {}
    case = withholding.sort(floor, gathered, thirds | stated, context.weights, now)
    if case.privileged and not (ask.privileged and ask.holder.strip()):
        raise Unusable(reason(NO_HOLDER))
    text = packing.index(case, ask.holder) if case.privileged else ""
    about = {
        "prepared_by": actor.name,
        "authority": actor.authority,
        "purpose": actor.purpose,
        "prosecutor": ask.prosecutor,
        "packed": now.isoformat(),
    }
    with (
        context.busy("crown.writing"),
        packing.written(floor, case, ask.output, about) as packed,
        packing.secret(ask.privileged, text),
        context.writer() as writer,
    ):
        acts = [("disclosed", _detail(context, packed, case, ask))]
        if text:
            salt, committed = packing.commitment(text)
            acts.append(("privilege-index", {"holder": ask.holder, "salt": salt, "commitment": committed}))
        writer.acts(acts)
    waiting = Counter(one.by for id_, one in thirds.items() if id_ not in stated)
    for owner, count in sorted(waiting.items()):
        note(context, THIRD_PARTY, count=count, owner=owner)
    note(context, READ_FIRST)
    return CrownPack(file=str(ask.output), **packed._asdict(), third_parties=dict(waiting))


class CrownCheck(Answer, frozen=True):
    """A bundle that is whole, and what it turned out to hold, a line each."""

    file: str
    whole: bool
    found: list[str]


class CheckPack(Request, frozen=True):
    """Which bundle, and whose key."""

    file: Annotated[Path, argument("FILE", "A bundle: its folder or .zip.", exists=PATH)]
    key: Annotated[str, option("The node's public key, as it was read out; else the one that is in it.")] = ""


@action(
    "crown check",
    "crown check case --key cell+1a2b3c4d+AQ…",
    files_only=True,
    document="found",
    on_screen=True,
)
def check(_: Context, ask: CheckPack) -> CrownCheck:
    """Check a bundle: the signature, every file and proof. `python verify.py` in it does the same alone."""
    try:
        found = packing.check(ask.file, [ask.key] if ask.key else [])
    except Failed as error:
        raise Unusable(reason(BROKEN, file=str(ask.file), problem=str(error))) from error
    return CrownCheck(file=str(ask.file), whole=True, found=found)


def _detail(context: Context, packed: Packed, case: Case, ask: PackCase) -> dict[str, object]:
    """Return the detail of the act `disclosed`."""
    return {
        "bundle": packed.case,
        "gateway": "crown",
        "law": "common law",
        "section": "R. v. Stinchcombe, [1991] 3 SCR 326",
        "to": ask.prosecutor,
        "recipient": {"name": ask.prosecutor, "institution": "prosecution-service", "country": "CAN"},
        "test": "relevant to a prosecution: not clearly irrelevant",
        "stated_by": context.actor.name,
        "description": f"case {packed.case}: {packed.items} items",
        "accuracy": "",
        "basis": context.actor.authority,
        "subjects": sorted(case.relevant.subjects),
        "leads": sorted(case.relevant.leads),
        "forms": {"case": packed.items},
        "fields": ["whole rows"],
        "rows": packed.items,
        "withheld": [{"number": f"W-{n}", "item": one.item.id} for n, one in enumerate(case.withheld, 1)],
        "root": packed.root,
        "verifier": handover.verifier_digest(),
        "marking": packed.marking,
        "purpose": context.actor.purpose,
        "consented": sorted(set(ask.consented)),
    }
