"""`watchfloor leads`, `lead` and `decide`: the queue, one lead explained, and what a person decides of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_rows,
    reader,
)
from watchfloor.cli.explain import chance, explain
from watchfloor.cli.history import show_closed, show_taken_back, taken_back_rows
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.cell.history import TakenBack
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A log position, a day or a moment: the queue as it was known then."),
]
WeightsOption = Annotated[
    Path | None, typer.Option("--weights", exists=True, dir_okay=False, help="Another weight table (TOML).")
]


def leads(
    floor: FloorOption = DEFAULT_FLOOR,
    top: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    at: AsOfOption = None,
    lang: LangOption = "en",
    weights: WeightsOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The queue of leads, likeliest first. A lead is an invitation to look, not a finding.

    Example: watchfloor leads --floor floor --top 10 --lang fr
    """
    opened, found = asked_for(floor, at, weights, purpose)
    keep_shown(opened, found, purpose, authority, at)
    show(found, top, lang, as_json)


def lead(
    lead_id: Annotated[str, typer.Argument(help="The lead's id, or its start.")],
    floor: FloorOption = DEFAULT_FLOOR,
    at: AsOfOption = None,
    lang: LangOption = "en",
    weights: WeightsOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """One lead: what speaks for it and against it, to the record.

    Example: watchfloor lead 3f2a --floor floor
    """
    from watchfloor.cell.history import taken_back
    from watchfloor.cell.weights import load

    opened, found = asked_for(floor, at, weights, purpose)
    standing = any(one.lead_id.startswith(lead_id) for one in found)
    back = taken_back(opened, reader(purpose), load(weights), lead_id, as_of(at)) if lead_id else []
    if back and not standing:
        _closed(opened, back, lang, as_json, purpose, authority, at)
        return
    chosen = _pick(found, lead_id)
    keep_shown(opened, [chosen], purpose, authority, at)
    if as_json:
        print_json(
            lead_row(1, chosen, lang)
            | {"contributions": [_contribution_row(c, lang) for c in chosen.contributions]}
            | {"taken_back": taken_back_rows(back, lang)}
        )
    else:
        explain(opened, chosen, lang, purpose)
        show_taken_back(back, lang)


def decide(
    lead_id: Annotated[str, typer.Argument(help="The lead's id, or its start.")],
    verdict: Annotated[
        Literal["different", "same", "undo"],
        typer.Argument(help="The subject is another than the listed entity; is the same; or take it back."),
    ],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Only about this listed entity; else all behind the lead.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", help="The day it must be looked at again; a year from now if not given."),
    ] = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what you decided about a lead. It holds until it expires or the list item says something else.

    Example: watchfloor decide 3f2a different --why "born 1990, the listed person 1971; passport seen"
    """
    from watchfloor.cell.judgements import Judgement, judge, listed_behind
    from watchfloor.cli.run import rerun

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened, found = asked_for(floor, None, None, purpose)
    chosen = _pick(found, lead_id)
    items = [i for i in listed_behind(opened, reader(purpose), chosen) if entity in (None, i["entity_id"])]
    if not items:
        fail(f"lead {chosen.lead_id} rests on no listed entity {entity or ''}".rstrip())
    now = datetime.now(UTC)
    expires = moment(until, "--until") if until else now + timedelta(days=365)
    if expires <= now:
        fail(f"--until {until} is past; a decision must hold for some time")
    word: Any = "withdrawn" if verdict == "undo" else verdict
    actor = acting(purpose, authority)
    with opened.writer(actor) as writer:
        position = judge(writer, chosen, items, Judgement(word, why, actor.name, now, expires))
        rerun(opened, writer, purpose)
    if as_json:
        about = [f"{item['list_id']}:{item['entity_id']}" for item in items]
        print_json({"position": position, "subject": chosen.subject, "verdict": word, "about": about})
        return
    named = ", ".join(item["name"] for item in items)
    err.print(f"recorded at position {position}: {chosen.subject} {word} ({named})", highlight=False)


def show(found: "list[Lead]", top: int, lang: "Language", as_json: bool) -> None:
    """Print a queue."""
    from watchfloor.cell.words import word

    if as_json:
        print_rows((lead_row(rank, one, lang) for rank, one in enumerate(found[:top], 1)), "leads")
        return
    console = Console()
    if not found:
        console.print("No leads. Nothing that was ingested and may be screened resembles a listed entity.")
    for rank, one in enumerate(found[:top], 1):
        head = f"{rank:>3}  {one.lead_id}  {chance(one)} {word(one.probability, lang)}  {one.subject}"
        console.print(Text(head, style="bold"))
        console.print(Padding(Text(one.contributions[0].reason.render(lang)), (0, 0, 0, 5)))
    if len(found) > top:
        console.print(f"{len(found) - top} more; --top shows them")


def lead_row(rank: int, one: "Lead", lang: "Language") -> dict[str, Any]:
    """A lead as JSON."""
    from watchfloor.cell.words import word

    first = one.contributions[0]
    return {
        "rank": rank,
        "lead_id": one.lead_id,
        "subject": one.subject,
        "hypothesis": one.hypothesis,
        "probability": round(one.probability, 6),
        "word": word(one.probability, lang),
        "prior_bits": one.prior,
        "bits": one.bits,
        "strength": first.strength,
        "reason": first.reason.render(lang),
        "at": one.at,
        "marking": one.marking,
        "weights": one.weights,
    }


def _contribution_row(one: "Contribution", lang: "Language") -> dict[str, Any]:
    return {
        "signal_id": one.signal_id,
        "rule": one.rule,
        "strength": one.strength,
        "bits": one.bits,
        "score": one.score,
        "at": one.at,
        "reason": one.reason.render(lang),
        "note": one.note.render(lang) if one.note else None,
        "evidence": [record_id.hex() for record_id in one.evidence],
        "origins": list(one.origins),
    }


def asked_for(floor: Path, at: str | None, weights: Path | None, purpose: str) -> "tuple[Floor, list[Lead]]":
    """The floor and its queue, as the reader at this terminal may see it."""
    from watchfloor.cell.queue import queue
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.store.floor import Floor

    declare_messages()
    opened = Floor.open(floor)
    position = as_of(at)
    now = position if isinstance(position, datetime) else datetime.now(UTC)
    return opened, queue(opened, reader(purpose), load(weights), now, position)


def _pick(found: "list[Lead]", lead_id: str) -> "Lead":
    from watchfloor.cell.queue import NoLead, pick

    try:
        return pick(found, lead_id)
    except NoLead as error:
        fail(str(error))


def _closed(
    opened: "Floor",
    back: "list[TakenBack]",
    lang: "Language",
    as_json: bool,
    purpose: str,
    authority: str,
    at: str | None,
) -> None:
    """Show a lead that nothing speaks for any more, or say that several start so."""
    if len({one.lead_id for one in back}) > 1:
        fail("several closed leads start so; give more of the id")
    keep_shown(opened, [], purpose, authority, at)
    if as_json:
        first = {"lead_id": back[0].lead_id, "subject": back[0].subject, "closed": True}
        print_json(first | {"taken_back": taken_back_rows(back, lang)})
    else:
        show_closed(back, lang)


def keep_shown(opened: "Floor", found: "list[Lead]", purpose: str, authority: str, at: str | None) -> None:
    """Log that this queue was asked for and what was shown."""
    from watchfloor.cell.queue import digest

    opened.act(
        acting(purpose, authority),
        "query",
        {"what": "leads", "as_of": at, "leads": len(found), "digest": digest(found).hex()},
    )
