"""`watchfloor outcome`: what came of leads, as officers report it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import refusals, writing
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
    print_table,
    reader,
    who,
)
from watchfloor.cli.leads import WeightsOption
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.cell.learning.outcome_entry import Outcome
    from watchfloor.cell.learning.outcomes import Row
    from watchfloor.cell.weights import Weights
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

HEADS: Final = {
    "en": ("lead", "result", "says", "why", "by", "on", "record"),
    "fr": ("piste", "résultat", "dit", "pourquoi", "par", "le", "enregistrement"),
}
NONE: Final = {
    "en": "No outcome that you may see: watchfloor outcome LEAD RESULT --why …",
    "fr": "Aucun résultat que vous puissiez voir : watchfloor outcome PISTE RÉSULTAT --why …",
}


def outcome(
    lead_id: Annotated[
        str | None, typer.Argument(metavar="LEAD", help="The lead's id, or its start; without it, all.")
    ] = None,
    result: Annotated[
        str | None,
        typer.Argument(
            help="seized, arrested, charged, cleared, unfounded, examined, not-examined or not-acted-on; "
            "without it, what was reported is listed."
        ),
    ] = None,
    why: Annotated[str | None, typer.Option("--why", help="What was found, in your words.")] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    at: Annotated[
        str | None, typer.Option("--at", help="When it was so: a day or a moment; now if not given.")
    ] = None,
    task: Annotated[str | None, typer.Option("--task", help="Id of the task it came of.")] = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", help="The report it corrects, as --json lists it; else your own of this lead."
        ),
    ] = None,
    lang: LangOption = "en",
    weights: WeightsOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Report what came of a lead, or list what was reported.

    Your later report of the same lead replaces your earlier one; another officer's stands beside it.

    Example: watchfloor outcome 3f2a seized --why "1.2 kg in the parcel, lab file 881"
    """
    from watchfloor.cell.weights import load
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    if lead_id is None or result is None:
        _list(opened, lead_id or "", lang, purpose, authority, as_json)
        return
    said = _said(result, why, at, task, report)
    position = _enter(opened, lead_id, said, load(weights), lang, purpose, authority, as_json)
    if not as_json:
        err.print(f"recorded at position {position}", highlight=False)


def _said(result: str, why: str | None, at: str | None, task: str | None, report: str | None) -> "Outcome":
    from watchfloor.cell.learning.outcome_entry import reported
    from watchfloor.records.results import RESULTS

    when = moment(at, "--at") if at else None
    if result in RESULTS and not (why or "").strip():
        fail("--why needs what was found, or why nobody looked: it is what the next officer reads")
    with refusals("en"):
        return reported(result, why or "", who(), datetime.now(UTC), when, task, report)


def _enter(
    opened: "Floor",
    lead_id: str,
    said: "Outcome",
    weights: "Weights",
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> int:
    from watchfloor.cell.acting.acts import pick
    from watchfloor.cell.learning.outcome_entry import enter
    from watchfloor.cell.learning.outcomes import known
    from watchfloor.desks.registry import declare_messages
    from watchfloor.records.results import RESULTS

    declare_messages()
    with refusals(lang), writing(opened, purpose, authority) as writer:
        found = known(opened, reader(opened, purpose), weights, datetime.now(UTC))
        about = pick(found, lead_id, "lead", "leads")
        position = enter(opened, writer, about, said, weights)
    result = RESULTS[said.result]
    if as_json:
        print_json(
            {"position": position, "lead": about.lead_id, "hypothesis": about.hypothesis}
            | {"result": result.name, "true": result.true, "says": _says(result.name, lang)}
        )
    else:
        err.print(f"{about.lead_id} {result.name}. {_says(result.name, lang)}", highlight=False)
    return position


def _says(result: str, lang: "Language") -> str:
    from watchfloor.records.messages import reason
    from watchfloor.records.results import RESULTS

    return reason(RESULTS[result].why).render(lang)


def _list(
    opened: "Floor", lead_id: str, lang: "Language", purpose: str, authority: str, as_json: bool
) -> None:
    from watchfloor.cell.learning.outcomes import standing

    rows = [row for row in standing(opened, reader(opened, purpose)) if row["lead"].startswith(lead_id)]
    detail = {"what": "outcomes", "lead": lead_id, "rows": len(rows)}
    ids = [row["record_id"].hex() for row in rows]
    opened.act(acting(purpose, authority), "query", detail | {"shown": ids})
    if as_json:
        print_rows((_row(row, lang) for row in rows), "outcomes")
        return
    shown = (
        (
            row["lead"],
            row["result"],
            _says(row["result"], lang).split(":")[0].strip(),
            row["why"],
            row["by"],
            row["observed_at"].date(),
            row["record_id"].hex(),
        )
        for row in rows
    )
    print_table("", HEADS[lang], shown, NONE[lang])


def _row(row: "Row", lang: "Language") -> dict[str, Any]:
    wanted = (
        "lead",
        "hypothesis",
        "subjects",
        "result",
        "true",
        "why",
        "by",
        "task",
        "chance",
        "observed_at",
    )
    return (
        {name: row[name] for name in wanted}
        | {"says": _says(row["result"], lang), "report": row["report_key"], "source": row["source"]}
        | {"record": row["record_id"], "marking": row["marking"]}
    )
