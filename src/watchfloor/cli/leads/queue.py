"""`watchfloor leads` and `lead`: the queue, and one lead explained."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from watchfloor.cli.acting import WeightsOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    USAGE,
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
from watchfloor.cli.leads.explain import assessed_row, chance, explain, record_rows
from watchfloor.cli.leads.history import show_closed, show_taken_back, show_told, taken_back_rows, told_rows
from watchfloor.cli.leads.matrix import matrix_rows, show_matrix
from watchfloor.cli.moments import as_of

if TYPE_CHECKING:
    from watchfloor.cell.history import TakenBack
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.cell.weights import Weights
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A log position, a day or a moment: the queue as it was known then."),
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
    """The queue of leads: life at risk from 5 % on, then the likeliest; last what a finding says is false.

    A lead is an invitation to look, not a finding.

    Example: watchfloor leads --floor floor --top 10 --lang fr
    """
    opened, found = asked_for(floor, at, weights, purpose)
    keep_shown(opened, found, purpose, authority, at, top)
    show(found, top, lang, as_json, weights)


def lead(
    lead_id: Annotated[str, typer.Argument(help="The lead's id, or its start.")],
    floor: FloorOption = DEFAULT_FLOOR,
    at: AsOfOption = None,
    lang: LangOption = "en",
    weights: WeightsOption = None,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Also each piece of evidence under each hypothesis, in bits.")
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """One lead: what speaks for and against it, to the record, what would change it, and who did what.

    Example: watchfloor lead 3f2a --floor floor --matrix
    """
    from watchfloor.casework.decisions.about import told
    from watchfloor.casework.tasking import deconfliction
    from watchfloor.casework.watch.sitrep import records_of
    from watchfloor.cell.history import taken_back
    from watchfloor.cell.matrix import of_one_matter
    from watchfloor.cell.queue import every
    from watchfloor.cell.weights import load

    opened, found = asked_for(floor, at, weights, purpose)
    table = load(weights)
    ids = (id_ for one in every(found) for id_ in (one.lead_id, *one.took_up))
    standing = any(id_.startswith(lead_id) for id_ in ids)
    back = taken_back(opened, reader(opened, purpose), table, lead_id, as_of(at)) if lead_id else []
    if back and not standing:
        _closed(opened, back, lang, as_json, purpose, authority, at)
        return
    chosen = pick_or_fail(found, lead_id)
    keep_shown(opened, [chosen], purpose, authority, at)
    deconfliction.tell(
        opened, reader(opened, purpose), authority, chosen.subjects or (chosen.subject,), "lead"
    )
    done = told(records_of(opened, reader(opened, purpose), as_of(at)), of_one_matter(found, chosen))
    if as_json:
        of_it = (chosen.lead_id in {each.lead_id for each in (one, *one.also)} for one in found)
        rank = next(place for place, holds in enumerate(of_it, 1) if holds)
        print_json(
            lead_row(rank, chosen, lang, table)
            | assessed_row(chosen, table.hypotheses[chosen.hypothesis], lang)
            | {"contributions": [_contribution_row(c, lang) for c in chosen.contributions]}
            | {"matrix": list(matrix_rows(found, chosen))}
            | {"records": record_rows(opened, chosen, purpose)}
            | {"taken_back": taken_back_rows(back, lang), "history": told_rows(done, lang)}
        )
    else:
        explain(opened, chosen, table, lang, purpose)
        if matrix:
            show_matrix(found, chosen, table, lang)
        show_taken_back(back, lang)
        show_told(done, lang)


def show(found: "list[Lead]", top: int, lang: "Language", as_json: bool, weights: Path | None = None) -> None:
    """Print a queue."""
    from watchfloor.cell.assessment import stated
    from watchfloor.cell.weights import load

    table = load(weights)
    if as_json:
        print_rows((lead_row(rank, one, lang, table) for rank, one in enumerate(found[:top], 1)), "leads")
        return
    console = Console(emoji=False)
    if not found:
        console.print("No leads. No signal stands: `watchfloor run` runs the desks over what was ingested.")
    for rank, one in enumerate(found[:top], 1):
        said = stated(one, table.hypotheses[one.hypothesis], lang)
        head = f"{rank:>3}  {one.lead_id}  {chance(one)} {said}  {one.subject}"
        console.print(Text(head, style="bold"))
        console.print(Padding(Text(_under(one, table, lang)), (0, 0, 0, 5)))
        console.print(Padding(Text(one.contributions[0].reason.render(lang)), (0, 0, 0, 5)))
    if len(found) > top:
        console.print(f"{len(found) - top} more; --top shows them")


def _under(one: "Lead", table: "Weights", lang: "Language") -> str:
    """The marking, the hypothesis, a finding against it, how many subjects it spans, what else it may be."""
    from watchfloor.cell.leads import found_false, together
    from watchfloor.cell.words import percent

    named = [table.hypotheses[each.hypothesis].called(lang) for each in (one, *one.also)]
    spans = {"en": "{n} subjects", "fr": "{n} sujets"}[lang].format(n=len(one.subjects))
    other = {"en": "also: ", "fr": "aussi : "}[lang]
    also = [f"{title} {chance(each).strip()}" for title, each in zip(named[1:], one.also, strict=True)]
    joined = together(one)
    titles = [table.hypotheses[each.hypothesis].called(lang) for each in joined.leads]
    any_of = {"en": "at least one of {titles}: {chance}", "fr": "au moins une parmi {titles} : {chance}"}[
        lang
    ]
    both = any_of.format(titles=", ".join(titles), chance=percent(joined.probability))
    parts = [
        named[0],
        *([{"en": "found false", "fr": "constatée fausse"}[lang]] if found_false(one) else []),
        *([both] if len(titles) > 1 else []),
        *([spans] if len(one.subjects) > 1 else []),
        *([other + ", ".join(also)] if also else []),
    ]
    return f"[{one.marking}] {' · '.join(parts)}"


def lead_row(rank: int, one: "Lead", lang: "Language", table: "Weights") -> dict[str, Any]:
    """A lead as JSON."""
    from watchfloor.cell.assessment import stated
    from watchfloor.cell.leads import found_false, together

    first, joined = one.contributions[0], together(one)
    return {
        "rank": rank,
        "lead_id": one.lead_id,
        "subject": one.subject,
        "subjects": list(one.subjects),
        "hypothesis": one.hypothesis,
        "probability": round(one.probability, 6),
        "found_false": found_false(one),
        "word": stated(one, table.hypotheses[one.hypothesis], lang),
        "together": {
            "hypotheses": [each.hypothesis for each in joined.leads],
            "probability": round(joined.probability, 6),
        },
        "prior_bits": one.prior,
        "looks_bits": one.looks,
        "bits": one.bits,
        "strength": first.strength,
        "reason": first.reason.render(lang),
        "at": one.at,
        "marking": one.marking,
        "weights": one.weights,
        "also": [
            {
                "lead_id": each.lead_id,
                "hypothesis": each.hypothesis,
                "probability": round(each.probability, 6),
            }
            for each in one.also
        ],
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
    return opened, queue(opened, reader(opened, purpose), load(weights), now, position)


def pick_or_fail(found: "list[Lead]", lead_id: str) -> "Lead":
    """The lead whose id starts so; ends the command where there is none, or several."""
    from watchfloor.cell.queue import NoLead, every, pick

    try:
        one = pick(found, lead_id)
    except NoLead as error:
        several = any(each.lead_id.startswith(lead_id) for each in every(found))
        fail(str(error), USAGE if several else MISSING)
    if not one.lead_id.startswith(lead_id):
        err.print(f"{lead_id} is part of lead {one.lead_id} now, with other subjects", highlight=False)
    return one


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
    from watchfloor.casework.decisions.about import told_of
    from watchfloor.casework.watch.sitrep import records_of

    if len({one.lead_id for one in back}) > 1:
        fail("several closed leads start so; give more of the id")
    keep_shown(opened, [], purpose, authority, at, gone={one.lead_id for one in back})
    acts = records_of(opened, reader(opened, purpose), as_of(at))
    done = told_of(acts, {back[0].lead_id}, {one.subject for one in back})
    if as_json:
        first = {"lead_id": back[0].lead_id, "subject": back[0].subject, "closed": True}
        print_json(first | {"taken_back": taken_back_rows(back, lang), "history": told_rows(done, lang)})
    else:
        show_closed(back, lang)
        show_told(done, lang)


def keep_shown(
    opened: "Floor",
    found: "list[Lead]",
    purpose: str,
    authority: str,
    at: str | None,
    top: int | None = None,
    gone: Iterable[str] = (),
) -> None:
    """Log that this queue was asked for and which leads were shown: the first `top`, and those `gone`."""
    from watchfloor.cell.queue import digest

    opened.act(
        acting(purpose, authority),
        "query",
        {
            "what": "leads",
            "as_of": at,
            "leads": len(found),
            "digest": digest(found).hex(),
            "shown": [*(one.lead_id for one in found[:top]), *gone],
        },
    )
