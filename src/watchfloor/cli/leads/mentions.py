"""`leads mentions` and `confirm`: subjects that reports seem to name, and a person's word on them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from watchfloor.cli.acting import writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.cell.mentions import Mention

ReportArgument = Annotated[
    str | None, typer.Argument(metavar="[REPORT]", help="A report's number, or the start of its record's id.")
]


def mentions(
    report: ReportArgument = None,
    floor: FloorOption = DEFAULT_FLOOR,
    all_: Annotated[bool, typer.Option("--all", help="Also what is confirmed, refused or stated.")] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the subjects that reports seem to name; of one report all, else those that wait for a person.

    Example: watchfloor leads mentions MU4-2026-17 --floor floor
    """
    from watchfloor.cell.mentions import PROPOSED, mentions
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = mentions(opened, reader(opened, purpose), report)
    shown = found if report or all_ else [one for one in found if one.state == PROPOSED]
    detail: dict[str, Any] = {"what": "mentions", "report": report, "mentions": len(shown)}
    detail |= {"shown": list(dict.fromkeys(one.report["record_id"].hex() for one in shown))}
    opened.act(acting(purpose, authority), "query", detail)
    if as_json:
        print_rows(map(_row, shown), "mentions")
        return
    rows = (
        (_name(one), one.number, one.text or "(stated)", one.subject, _where(one), one.state) for one in shown
    )
    heads = ("report", "no.", "as written", "subject", "where", "state")
    left = f"no mention waits for a person; `leads mentions --all` shows {len(found)} that are settled"
    print_table("", heads, rows, left if found else "no report that you may see names anybody")
    if shown:
        err.print('next: watchfloor leads confirm REPORT NO --why "…"', highlight=False)


def confirm(
    report: Annotated[str, typer.Argument(help="The report's number, or the start of its record's id.")],
    mention: Annotated[str, typer.Argument(help="The mention's number, or its subject.")],
    verdict: Annotated[
        Literal["same", "different", "undo"],
        typer.Argument(help="It is meant; it is not; or take back what was said."),
    ] = "same",
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say that a report means the subject it seems to name, or that it does not; the desks run again.

    It holds until you take it back, or until the report comes again and says something else there.

    Example: watchfloor leads confirm MU4-2026-17 2 --why "the plate on the photograph is hers"
    """
    from watchfloor.cell.judgements import Judgement
    from watchfloor.cell.mentions import judge_mention, mentions, pick
    from watchfloor.cell.rerun import rerun
    from watchfloor.store.floor import Floor

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened = Floor.open(floor)
    chosen = pick(mentions(opened, reader(opened, purpose), report), mention)
    word: Any = "withdrawn" if verdict == "undo" else verdict
    with writing(opened, purpose, authority) as writer, busy("running the desks"):
        said = Judgement(word, why, who(), datetime.now(UTC))
        position = judge_mention(writer, chosen, said)
        rerun(opened, writer, reader(opened, purpose))
    if as_json:
        about = {"subject": chosen.subject, "verdict": word, "report": _name(chosen)}
        print_json({"position": position, **about})
        return
    err.print(f"recorded at position {position}: {chosen.subject} {word} ({_name(chosen)})", highlight=False)


def _name(one: "Mention") -> str:
    return str(one.report["report_key"] or one.report["record_id"].hex())


def _where(one: "Mention") -> str:
    page = f"page {one.page}, " if one.page else ""
    return f"{page}portion {one.portion}" if one.portion else ""


def _row(one: "Mention") -> dict[str, Any]:
    return {
        "record_id": one.report["record_id"],
        "report": _name(one),
        "title": one.report["title"],
        "number": one.number,
        "subject": one.subject,
        "text": one.text,
        "page": one.page,
        "portion": one.portion,
        "how": one.how,
        "state": one.state,
        "marking": one.report["marking"],
    }
