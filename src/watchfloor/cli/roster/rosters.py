"""`watchfloor roster solve`, `make`, `check` and `template`: rosters, and what they breach."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, print_json, print_table
from watchfloor.core.messages import Message, declare, reason
from watchfloor.messages import Language, number

if TYPE_CHECKING:
    from watchfloor.core.messages import Reason
    from watchfloor.planning.rosters.check import Breach, Verdict
    from watchfloor.planning.rosters.instances import Instance
    from watchfloor.planning.rosters.own import Own
    from watchfloor.planning.rosters.solve import Roster

BOUND: Final = declare("rosters.bound", "cost", "bound")
BROKEN: Final = declare("rosters.broken")
UNTRIED: Final = declare("rosters.untried", "n")
BROKEN_BOUND: Final = declare("rosters.broken-bound", "n")
AROUND: Final = declare("rosters.around", "n")
NOT_OWN: Final = declare("rosters.not-own", "option")
NO_TEMPLATE: Final = declare("rosters.no-template", "name", "names")
BEGIN: Final = declare("rosters.begin", "folder")
CLAUSE: Final = declare("rosters.head-clause")
WORDS: Final = declare("rosters.head-words")
KEPT: Final = declare("rosters.head-kept")
COST: Final = declare("rosters.head-cost")
WHO: Final = declare("rosters.head-who")
DAYS: Final = declare("rosters.head-days")
BY: Final = declare("rosters.head-by")
SHORT: Final = declare("rosters.head-short")
MUST: Final = declare("rosters.must")
NO_BREACH: Final = declare("rosters.no-breach")
NOTHING_SHORT: Final = declare("rosters.nothing-short")
YES: Final = declare("rosters.yes")
TIMES: Final = declare("rosters.times", "count")

InstanceArgument = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="Folder with rules.toml, a text of T. Curtois' benchmark, or of INRC-II FOLDER/H_0-WD_1-2-3.",
    ),
]
FormatOption = Annotated[
    Literal["curtois", "inrc2", "own"] | None,
    typer.Option("--format", help="Format, where the path does not tell."),
]


SecondsOption = Annotated[float, typer.Option(min=1, help="Seconds after which it ends with what it has.")]
ThreadsOption = Annotated[int, typer.Option(min=1, max=64, help="Threads of the search.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Decides the order of the search.")]


def solve(
    instance: InstanceArgument,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="ROSTER", help="Table or .xml; of INRC-II a new folder of weeks."
        ),
    ],
    which: FormatOption = None,
    seconds: SecondsOption = 600.0,
    threads: ThreadsOption = 2,
    seed: SeedOption = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a roster, and say how much less any other could cost: no lawful roster costs less than `bound`.

    Example: watchfloor roster solve Instance7.txt --seconds 60 -o roster.txt --json
    """
    from watchfloor.actions import base
    from watchfloor.planning.rosters import instances, pools

    with refusals(lang), busy("reading") as say:
        found = instances.read(instance, which or "")
        refuse_output(output)
        made = pools.solve(found.problem, seconds, threads, seed, say)
        files = found.files(made.grid, output, made.verdict.cost)
        if list(files) == [output.name]:
            with base.new_file(output, files[output.name]):
                pass
        else:
            output.mkdir(parents=True)
            for name, data in files.items():
                with base.new_file(output / name, data):
                    pass
    verdict = made.verdict
    notes = _notes(found, made)
    if as_json:
        print_reasons(notes[len(found.notes) :], lang)
        print_json(
            {
                "feasible": verdict.feasible,
                "cost": verdict.cost,
                "bound": made.bound,
                "parts": verdict.parts,
                "seconds": round(made.seconds, 3),
            }
        )
        return
    rows = ((name, number(cost, lang)) for name, cost in verdict.parts.items())
    print_table("", heads(lang, CLAUSE, COST), rows, "")
    told = [*notes, reason(base.WROTE, file=str(output))]
    told.append(reason(BOUND, cost=number(verdict.cost, lang), bound=number(made.bound, lang)))
    told += [] if verdict.feasible else [reason(BROKEN)]
    print_reasons(told, lang)


def make(
    rules: Annotated[Path, typer.Argument(metavar="RULES", help="rules.toml of the agreement.")],
    staff: Annotated[
        Path,
        typer.Argument(
            metavar="STAFF", help="Table of people; leave, wishes and past are read where they lie beside it."
        ),
    ],
    demand: Annotated[
        Path, typer.Argument(metavar="DEMAND", help="Table of how many are needed when, by shift or hour.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="ROSTER", help="Table to write, CSV or .xlsx.")
    ],
    seconds: SecondsOption = 60.0,
    threads: ThreadsOption = 2,
    seed: SeedOption = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a roster by an agreement: which clauses it keeps, what is short, and how good another may be.

    Tables may be CSV or spreadsheets. It ends with 1 if a rule that must be kept is not.

    Example: watchfloor roster make rules.toml staff.csv demand.csv -o roster.csv
    """
    from watchfloor.actions import base
    from watchfloor.planning.rosters import instances, own, pools

    with refusals(lang), busy("reading") as say:
        refuse_output(output)
        for path in (rules, staff, demand):
            instances.refuse_absent(path)
        found = own.read_files(rules, staff, demand)
        made = pools.solve(found.problem, seconds, threads, seed, say)
        with base.new_file(output, own.roster_file(found, made.grid, output.suffix)):
            pass
    verdict = made.verdict
    clauses, short = _clauses(found, verdict), _short(verdict)
    if as_json:
        gap = (verdict.cost - made.bound) / verdict.cost if verdict.cost else 0.0
        print_json(
            {
                "feasible": verdict.feasible,
                "cost": verdict.cost,
                "bound": made.bound,
                "gap": round(gap, 4),
                "parts": verdict.parts,
                "seconds": round(made.seconds, 3),
                "clauses": [
                    {"clause": name, "text": text, "breaches": count, "cost": verdict.parts.get(name, 0)}
                    for name, text, count in clauses
                ],
                "short": [{"what": one.what, "by": one.amount, "cost": one.cost} for one in short],
                "notes": [one.render(lang) for one in _notes(found, made)],
            }
        )
    else:
        kept = reason(YES).render(lang)
        rows = (
            (
                name,
                text,
                reason(TIMES, count=count).render(lang) if count else kept,
                number(verdict.parts.get(name, 0), lang),
            )
            for name, text, count in clauses
        )
        print_table("", heads(lang, CLAUSE, WORDS, KEPT, COST), rows, "")
        missing = ((one.what, number(one.amount, lang), _price(one, lang)) for one in short)
        nothing = reason(NOTHING_SHORT).render(lang)
        print_table("", heads(lang, SHORT, BY, COST), missing, nothing)
        told = [*_notes(found, made), reason(base.WROTE, file=str(output))]
        told.append(reason(BOUND, cost=number(verdict.cost, lang), bound=number(made.bound, lang)))
        print_reasons(told + ([] if verdict.feasible else [reason(BROKEN)]), lang)
    raise typer.Exit(0 if verdict.feasible else 1)


def template(
    name: Annotated[str, typer.Argument(metavar="NAME", help="cbsa-fb, rcmp or ontario-police.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="New folder to write.")],
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Write rules of a kind of employer, from public texts, with made-up people to try.

    Each clause says where it was read; one without a source was not held against any text.

    Example: watchfloor roster template cbsa-fb -o emerson
    """
    from watchfloor.actions import base
    from watchfloor.cell.acts import Unusable
    from watchfloor.reference import rosters

    with refusals(lang):
        if name not in rosters.TEMPLATES:
            raise Unusable(reason(NO_TEMPLATE, name=name, names=", ".join(rosters.TEMPLATES)))
        base.refuse_existing(output)
        output.mkdir(parents=True)
        for file, data in rosters.template(name).items():
            with base.new_file(output / file, data):
                pass
    if as_json:
        print_json({"folder": str(output), "files": sorted(rosters.template(name))})
    else:
        print_reasons([reason(BEGIN, folder=str(output))], lang)


def refuse_output(output: Path) -> None:
    """Refuse, before the search, an output that is there already or has no folder to be in."""
    from watchfloor.actions import base
    from watchfloor.actions.scorecard import NO_FOLDER
    from watchfloor.cell.acts import refuse

    base.refuse_existing(output)
    if not output.parent.is_dir():
        refuse(NO_FOLDER, folder=str(output.parent))


def _notes(found: "Instance | Own", made: "Roster") -> list["Reason"]:
    """Return what should be known of an instance, and of a roster or bound that is not whole."""
    linked = len({one.person for one in found.problem.links})
    told = (UNTRIED, made.untried), (BROKEN_BOUND, made.broken), (AROUND, linked)
    return [*found.notes, *(reason(message, n=count) for message, count in told if count)]


def _clauses(found: "Own", verdict: "Verdict") -> list[tuple[str, str, int]]:
    """Return each clause with its words and how often it is breached."""
    counts: dict[str, int] = {}
    for one in verdict.breaches:
        counts[one.clause] = counts.get(one.clause, 0) + 1
    words = {rule.clause: rule.text for rule in found.agreement.rule}
    names = dict.fromkeys([*words, found.agreement.leave.clause, *verdict.parts, *counts])
    return [(name, words.get(name, ""), counts.get(name, 0)) for name in names]


def _short(verdict: "Verdict") -> list["Breach"]:
    """Return the demands that are not met."""
    return [one for one in verdict.breaches if not one.person]


def heads(lang: Language, *messages: Message) -> list[str]:
    """Return heads of a table."""
    return [reason(head).render(lang) for head in messages]


def print_reasons(told: list["Reason"], lang: Language) -> None:
    """Print what a person should know beside a table."""
    for one in told:
        err.print(one.render(lang), highlight=False, markup=False)


def check(
    instance: InstanceArgument,
    roster: Annotated[
        Path,
        typer.Argument(
            metavar="ROSTER", help="As `roster solve` writes it, or as the benchmark publishes it."
        ),
    ],
    which: FormatOption = None,
    published: Annotated[
        Path | None,
        typer.Option(metavar="ROSTER", help="Roster that people have; changes of it need notice. With --at."),
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When the roster, or the change, is published: in time?")
    ] = "",
    asked: Annotated[
        Path | None,
        typer.Option(metavar="LOG", help="Who was asked, as `roster repair` writes it: was it in order?"),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Check a roster against every rule: what it costs, and each breach with its clause.

    Ends with 1 if a rule that must be kept is not. With --json the first line is what it costs, then comes a
    line a breach; days count from 0, of an agreement there are dates and the words of the clause too, and a
    breach without `cost` is of a rule that must be kept. With --at, a roster that is posted too late is a
    breach too; with --published, each change that is told too late. With --asked, so is each shift of
    overtime, or with --published of new work, for which others had to be asked before.

    Example: watchfloor roster check Instance7.txt roster.txt --json
    """
    from msgspec import to_builtins
    from msgspec.structs import replace

    from watchfloor.cell.acts import Unusable
    from watchfloor.cli.moments import moment
    from watchfloor.planning.rosters import asking, calls, instances, notice
    from watchfloor.planning.rosters import check as checking

    with refusals(lang), busy("reading"):
        found = instances.read(instance, which or "")
        grid = instances.read_roster(found, roster)
        verdict = checking.check(found.problem, grid)
        if published or at or asked:
            option = "--published" if published else "--at" if at else "--asked"
            if found.folder is None or (published and not at):
                raise Unusable(reason(NOT_OWN, option=option))
            before = instances.read_roster(found, published) if published else None
            late: list[Breach] = []
            if at and before is not None:
                late += notice.breaches(found.folder, before, grid, moment(at, "--at"))
            elif at:
                late += notice.posted_late(found.folder, moment(at, "--at"))
            if asked:
                instances.refuse_absent(asked)
                late += asking.passed_over(found.folder, grid, calls.read_log(asked), before)
            verdict = replace(
                verdict, feasible=verdict.feasible and not late, breaches=[*late, *verdict.breaches]
            )
    if as_json:
        whole = to_builtins(verdict)
        breaches = whole.pop("breaches")
        print_json(whole)
        for line, one in zip(breaches, verdict.breaches, strict=True):
            print_json(line | (_in_words(found.folder, one, lang) if found.folder else {}))
    else:
        rows = (_row(found.folder, one, lang) for one in verdict.breaches)
        print_table("", heads(lang, WHO, DAYS, CLAUSE, WORDS, BY, COST), rows, reason(NO_BREACH).render(lang))
        print_reasons(list(found.notes), lang)
    raise typer.Exit(0 if verdict.feasible else 1)


def _in_words(found: "Own", one: "Breach", lang: Language) -> dict[str, str]:
    """Return the dates of a breach, and the words of its clause, or else of its kind."""
    from watchfloor.messages.catalogue import Catalogue

    first, last = map(str, found.dates(one.first, one.last))
    kind, text = found.rule(one.clause)
    words = text or Catalogue().word("rosters.kind_", kind, lang)
    return {"from": first, "to": last, "text": words, "unit": found.unit(one.clause)}


def _row(found: "Own | None", one: "Breach", lang: Language) -> tuple[str, ...]:
    """Return a breach by its dates; of an instance, which has none, by its days."""
    from watchfloor.messages.catalogue import Catalogue

    words = {"from": str(one.first), "to": str(one.last), "text": "", "unit": ""}
    if found:
        words = _in_words(found, one, lang)
    unit = Catalogue().word("rosters.unit_", words["unit"], lang) if words["unit"] else ""
    by = f"{number(one.amount, lang)} {unit}".rstrip()
    days = words["from"] if one.first == one.last else f"{words['from']} – {words['to']}"
    what = ", ".join(filter(None, (one.person, one.what.removeprefix(f"{words['from']} "))))
    return what, days, one.clause, words["text"], by, _price(one, lang)


def _price(one: "Breach", lang: Language) -> str:
    return reason(MUST).render(lang) if one.cost is None else number(one.cost, lang)
