"""`watchfloor roster explain`: which clauses and demands cannot be met together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, print_json, print_table
from watchfloor.cli.roster.rosters import CLAUSE, NOTHING_SHORT, WORDS, heads, print_reasons
from watchfloor.core.messages import declare, reason

if TYPE_CHECKING:
    from watchfloor.core.messages import Reason
    from watchfloor.planning.rosters.conflicts import Answer

CONFLICT: Final = declare("rosters.conflict", "what", "people")
NOBODY: Final = declare("rosters.conflict-nobody", "what")
ENOUGH: Final = declare("rosters.conflict-none", "what")
NO_TIME: Final = declare("rosters.conflict-no-time", "what")
NOT_SMALLEST: Final = declare("rosters.conflict-not-smallest", "what")
ALSO: Final = declare("rosters.conflict-also", "least")
MORE: Final = declare("rosters.conflict-more", "count", "most")


def explain(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder with rules.toml, staff and demand.")
    ],
    roster: Annotated[Path, typer.Argument(metavar="ROSTER", help="Roster that is short.")],
    most: Annotated[int, typer.Option(min=1, help="How many to explain, the dearest first.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds for each.")] = 20.0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Explain what is short: the clauses and other demands that cannot be met together with it.

    None of them can be left out: without any one, the rest can be met. Rules with a price forbid nothing;
    where only they stand against it, it says that a roster without that shortfall is lawful.

    Example: watchfloor roster explain . roster.csv --most 1
    """
    from watchfloor.planning.rosters import conflicts, instances

    with refusals(lang), busy("reading") as say:
        found = instances.read(folder, "own")
        grid = instances.read_roster(found, roster)
        problem = found.problem
        short = conflicts.missing(problem, grid)
        chosen = sorted(short, key=lambda at: (-short[at] * (problem.demand[at].under or 0), at))[:most]
        answers = {}
        for at in chosen:
            say(problem.demand[at].what)
            answers[at] = conflicts.explain(problem, at, short, seconds)
    words = {rule.clause: rule.text for rule in found.folder.agreement.rule} if found.folder else {}
    for at, answer in answers.items():
        conflict = answer.conflict
        clauses = [(name, words.get(name, "")) for name in conflict.clauses] if conflict else []
        others = [problem.demand[number] for number in conflict.demands] if conflict else []
        if as_json:
            print_json(
                {
                    "what": problem.demand[at].what,
                    "by": short[at],
                    "lawful": True if answer.possible else False if conflict else None,
                    "people": conflict.people if conflict else None,
                    "clauses": [{"clause": name, "text": text} for name, text in clauses],
                    "demands": [{"what": one.what, "least": one.least} for one in others],
                    "smallest": bool(conflict and conflict.smallest),
                }
            )
            continue
        print_reasons([_sentence(problem.demand[at].what, answer)], lang)
        if clauses or others:
            rows = [
                *clauses,
                *((one.what, reason(ALSO, least=one.least or 0).render(lang)) for one in others),
            ]
            print_table("", heads(lang, CLAUSE, WORDS), rows, "")
        if conflict and not conflict.smallest:
            print_reasons([reason(NOT_SMALLEST, what=problem.demand[at].what)], lang)
    if not as_json:
        left = [reason(MORE, count=len(short), most=most)] if len(short) > most else []
        print_reasons(left if short else [reason(NOTHING_SHORT)], lang)


def _sentence(what: str, answer: "Answer") -> "Reason":
    if answer.conflict and not answer.conflict.people:
        return reason(NOBODY, what=what)
    if answer.conflict:
        return reason(CONFLICT, what=what, people=answer.conflict.people)
    return reason(ENOUGH if answer.possible else NO_TIME, what=what)
