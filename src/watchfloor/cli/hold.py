"""`watchfloor hold`: legal holds, placed, lifted and listed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    fail,
    keeper,
    print_json,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead
    from watchfloor.store.floor import Floor
    from watchfloor.store.holds import Hold

app = typer.Typer(
    help="Keep records from being erased while a court or a request needs them.", no_args_is_help=True
)

HEADS = ("hold", "placed", "over", "why", "ordered by", "authority", "state")


@app.command()
def place(
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT…", help="Record ids or their starts, typed keys, or lead ids."),
    ],
    why: Annotated[str, typer.Option("--why", help="The reason, such as the file of a litigation.")],
    ordered_by: Annotated[str, typer.Option("--ordered-by", help="Who ordered it.")],
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    as_json: JsonOption = False,
) -> None:
    """Place a hold. On a subject it is over what comes later too; on a lead over its subjects and records.

    Example: watchfloor hold place person:visa:T-0012 --why "T-1234-26" --ordered-by "Justice, A. Roy"
    --authority "Federal Courts Rules, r. 222"
    """
    from watchfloor.records.marking import join
    from watchfloor.store import Floor
    from watchfloor.store.holds import PLACED, Hold, detail

    opened = Floor.open(floor)
    records, subjects, leads, markings = _resolved(opened, what, purpose)
    marking = join(markings) if markings else str(opened.ceiling)
    hold = Hold(0, None, why, ordered_by, marking, tuple(records), tuple(subjects), tuple(leads))
    try:
        said = detail(hold)
    except ValueError as error:
        fail(str(error))
    position = opened.act(acting(purpose, authority), PLACED, said)
    if as_json:
        print_json({"position": position} | said)
        return
    typer.echo(
        f"hold {position} stands over {_over(hold)}. Lift it with: watchfloor hold lift {position} --why …"
    )


@app.command()
def lift(
    hold: Annotated[int, typer.Argument(help="Its number, as `hold list` has it.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Lift a hold; what it was over may be erased again.

    Example: watchfloor hold lift 812 --why "proceeding discontinued, T-1234-26"
    """
    from watchfloor.store import Floor
    from watchfloor.store.holds import LIFTED, find, on

    opened = Floor.open(floor)
    if not why.strip():
        fail("--why needs a reason: who ordered the hold will ask")
    one = find(visible(opened, on(opened), purpose), hold)
    position = opened.act(acting(purpose, authority), LIFTED, {"hold": one.position, "why": why})
    if as_json:
        print_json({"position": position, "hold": one.position})
    else:
        typer.echo(f"hold {one.position} is lifted; {_over(one)} may be erased again")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also holds that were lifted.")] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The holds that you may see, oldest first.

    Example: watchfloor hold list --all
    """
    from watchfloor.store import Floor
    from watchfloor.store.holds import on

    opened = Floor.open(floor)
    found = [one for one in visible(opened, on(opened), purpose) if everything or one.lifted is None]
    opened.act(acting(purpose, authority), "query", {"what": "holds", "holds": len(found)})
    if as_json:
        print_rows(map(_row, found), "holds")
        return
    print_table("Legal holds", HEADS, map(_cells, found), "No hold that you may see stands.")


def visible(opened: "Floor", found: "Iterable[Hold]", purpose: str) -> "list[Hold]":
    """The holds that this reader may see."""
    from watchfloor.records.marking import parse
    from watchfloor.release.policy import allowed

    me = keeper(opened, purpose)
    return [one for one in found if allowed(me, parse(one.marking))]


def _resolved(
    opened: "Floor", what: Iterable[str], purpose: str
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Records, subjects and leads that the words name, and the markings of what was looked at."""
    records: list[str] = []
    subjects: list[str] = []
    leads: list[str] = []
    markings: list[str] = []
    for text in what:
        named, marked = _subject(opened, text, purpose) if ":" in text else ([], [])
        if named:
            subjects += named
        elif found := _record(opened, text, purpose):
            records.append(found["record_id"].hex())
            marked = [found["marking"]]
        else:
            lead = _lead(opened, text, purpose)
            leads.append(lead.lead_id)
            subjects += lead.subjects
            records += [id_.hex() for one in lead.contributions for id_ in one.evidence]
            marked = [lead.marking]
        markings += marked
    return list(dict.fromkeys(records)), list(dict.fromkeys(subjects)), list(dict.fromkeys(leads)), markings


def _subject(opened: "Floor", text: str, purpose: str) -> tuple[list[str], list[str]]:
    """A typed key, and the markings of what this reader may see about it."""
    from watchfloor.records.marking import parse
    from watchfloor.records.subjects import SubjectError, parts
    from watchfloor.release.policy import allowed
    from watchfloor.store.scope import on

    try:
        parts(text)
    except SubjectError as error:
        fail(str(error))
    found, me = on(opened, [text]), keeper(opened, purpose)
    seen = (one.marking for one in (*found.about, *found.shared))
    return [text], [marking for marking in dict.fromkeys(seen) if allowed(me, parse(marking))]


def _record(opened: "Floor", text: str, purpose: str) -> dict[str, Any] | None:
    """The one record that the reader may see and whose id starts so; None where there is none or several."""
    from watchfloor.store.errors import UnknownRecord

    try:
        found = opened.records(text, keeper(opened, purpose))
    except UnknownRecord:
        return None
    return found[0][1] if len(found) == 1 else None


def _lead(opened: "Floor", text: str, purpose: str) -> "Lead":
    from watchfloor.cli.acting import lead_of

    return lead_of(opened, text, purpose)


def _over(hold: "Hold") -> str:
    records = [f"record {one[:12]}" for one in hold.records]
    named = [*hold.subjects, *(f"lead {one}" for one in hold.leads)]
    shown = [*named, *records]
    return ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")


def _cells(one: "Hold") -> tuple[object, ...]:
    state = "stands" if one.lifted is None else f"lifted at {one.lifted}"
    when = f"{one.at:%Y-%m-%d %H:%M}Z" if one.at else ""
    return one.position, when, _over(one), one.why, one.ordered_by, one.authority, state


def _row(one: "Hold") -> dict[str, Any]:
    return {
        "hold": one.position,
        "at": one.at,
        "records": one.records,
        "subjects": one.subjects,
        "leads": one.leads,
        "why": one.why,
        "ordered_by": one.ordered_by,
        "authority": one.authority,
        "marking": one.marking,
        "lifted": one.lifted,
    }
