"""`watchfloor roster repair`: who takes the place of somebody who is ill, and who is asked first."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, print_json, print_table
from watchfloor.cli.roster.rosters import BY, NOTHING_SHORT, SHORT, WHO, heads, print_reasons, refuse_output
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.messages import Language
    from watchfloor.planning.rosters.own import Own
    from watchfloor.planning.rosters.repair import Change, Repair, Terms

NO_NOTICE: Final = declare("rosters.no-notice")
NO_CALL: Final = declare("rosters.no-call")
NOT_FEWEST: Final = declare("rosters.not-fewest")
NOBODY_MOVES: Final = declare("rosters.nobody-moves")
WILLING: Final = declare("rosters.if-willing", "clause")
CHOICE: Final = declare("rosters.head-choice")
DATE: Final = declare("rosters.head-date")
BEFORE: Final = declare("rosters.head-before")
AFTER: Final = declare("rosters.head-after")
NOTICE: Final = declare("rosters.head-notice")
OFF_WORD: Final = declare("rosters.off-word")


def repair(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder with rules.toml, staff and demand.")
    ],
    roster: Annotated[Path, typer.Argument(metavar="ROSTER", help="The roster that people have.")],
    sick: Annotated[
        list[str] | None,
        typer.Option(metavar="OFFICER=DAY[..DAY]", help="Who is away, and on which days; may be repeated."),
    ] = None,
    need: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY[..DAY]=SHIFT/POST=N",
            help="So many more are needed than are there; hours such as 22-02 for a shift.",
        ),
    ] = None,
    declined: Annotated[
        list[str] | None, typer.Option(metavar="OFFICER[=DAY]", help="Who was asked and said no.")
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When it is: what has begun, or is within notice.")
    ] = "",
    asked: Annotated[
        Path | None,
        typer.Option(
            metavar="LOG",
            help="Table of who was asked: a no is not asked again; answers of now are added.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="NEW", help="Write the roster of the first repair, as agreed to."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which it ends with what it has.")
    ] = 1.0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Repair a roster with the fewest changes: a sick call, a late aircraft, a storm.

    At most four others are moved, and every rule stays kept. Who is asked first follows `[asking]` of the
    rules. Within the notice only volunteers and people on standby are asked. It ends with 1 if somebody is
    still missing.

    Example: watchfloor roster repair . roster.csv --sick FB-07=2026-11-12 --at 2026-11-12T04:00 --json
    """
    from watchfloor.actions import base
    from watchfloor.cell.acts import Unusable
    from watchfloor.cli.moments import moment
    from watchfloor.planning.rosters import calls, instances, notice, own, repair

    with refusals(lang), busy("reading"):
        if not sick and not need:
            raise Unusable(reason(NO_CALL))
        if output:
            refuse_output(output)
        if asked and not asked.exists():
            refuse_output(asked)
        found = instances.read(folder, "own").folder
        assert found is not None
        grid = instances.read_roster(instances.of_own(found), roster)
        problem, call = calls.read(found, grid, sick or (), need or ())
        when = moment(at, "--at") if at else None
        terms = notice.terms(found, grid, when, calls.first_day(problem, call))
        log = calls.read_log(asked) if asked else []
        said_no = [*(declined or ()), *(f"{one.officer}={one.date}" for one in log if not one.agreed)]
        cells = calls.cells_of(found, said_no)
        made = repair.repairs(problem, grid, call, terms, cells, seconds)
        first = made[0]
        if output:
            new = repair.changed(grid, call, first)
            with base.new_file(output, own.roster_file(found, new, output.suffix)):
                pass
        if asked:
            agreed = first.changes if output else ()
            calls.add_to_log(asked, calls.questions(found, declined or (), agreed, at))
    repairs = [
        {
            "changes": [_change(found, terms, one) for one in each.changes],
            "short": [{"what": problem.demand[at].what, "by": by} for at, by in each.short.items()],
            "fewest": each.fewest,
        }
        for each in made
    ]
    if as_json:
        print_json({"repairs": repairs})
    else:
        _print(found, terms, made, lang)
        missing = ((problem.demand[at].what, number(by, lang)) for at, by in first.short.items())
        print_table("", heads(lang, SHORT, BY), missing, reason(NOTHING_SHORT).render(lang))
        told = [] if when else [reason(NO_NOTICE)]
        told += [] if first.fewest else [reason(NOT_FEWEST)]
        told += [reason(base.WROTE, file=str(one)) for one in (output, asked) if one]
        print_reasons(told, lang)
    raise typer.Exit(1 if first.short else 0)


def _change(found: "Own", terms: "Terms", one: "Change") -> dict[str, str]:
    """Return a change with the words of its posts, and the clause of notice where it needs consent."""
    from watchfloor.planning.rosters import calls

    before, after = calls.posts_of(found, one)
    return {
        "officer": found.staff[one.person].name,
        "date": str(found.begins + timedelta(one.day)),
        "before": before,
        "after": after,
        "consent": calls.consent(found, terms, one),
    }


def _print(found: "Own", terms: "Terms", made: list["Repair"], lang: "Language") -> None:
    rows = []
    for place, each in enumerate(made, 1):
        for one in each.changes:
            change = _change(found, terms, one)
            off = reason(OFF_WORD).render(lang)
            clause = change["consent"]
            rows.append(
                (
                    str(place),
                    change["officer"],
                    change["date"],
                    change["before"] or off,
                    change["after"] or off,
                    reason(WILLING, clause=clause).render(lang) if clause else "",
                )
            )
    heads_of = heads(lang, CHOICE, WHO, DATE, BEFORE, AFTER, NOTICE)
    print_table("", heads_of, rows, reason(NOBODY_MOVES).render(lang))
