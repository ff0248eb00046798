"""`watchfloor controlled`: is a substance controlled on a day, and what changed between two."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from watchfloor.cli.common import (
    OK,
    PARTLY,
    JsonOption,
    LangOption,
    counted,
    err,
    fail,
    print_rows,
    print_table,
)
from watchfloor.cli.moments import day

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.reference.law.items import Change
    from watchfloor.reference.substances.outcome import Answer, Taken

app = typer.Typer(rich_markup_mode=None)

EXAMPLES = """
Examples:

  watchfloor controlled fentanyl "3-methylfentanyl hydrochloride" --on 2026-06-10

  watchfloor controlled "CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1" --lang fr

  watchfloor controlled 41661-47-6 2933.39 --json

  watchfloor controlled --file declared.txt --json

  watchfloor controlled diff 2025-03-03 2026-06-05
"""


@app.command(
    name="controlled",
    epilog=EXAMPLES,
    no_args_is_help=True,
    help="Is it controlled? A name, a CAS number, a SMILES or InChI, an InChIKey, or an HS code, by the "
    "stored schedules of the Controlled Drugs and Substances Act. `controlled diff FROM TO` tells what "
    "changed. "
    "Exit codes: 0 all answered; 1 a line could not be read, the others are answered.",
)
def controlled(
    queries: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY… | - | diff FROM TO", help="What to ask; - reads a query a line."),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked for; today.")] = None,
    taken: Annotated[
        Literal["name", "cas", "smiles", "inchikey", "hs"] | None,
        typer.Option("--as", help="How to read the queries; without it, by what each looks like."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", exists=True, dir_okay=False, help="A file of queries, a line each."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Answer each query; it needs no floor, and is no legal advice.

    Exit codes: 0 all answered; 1 a line could not be read, the others are answered.
    """
    asked = queries or []
    if asked[:1] == ["diff"] and len(asked) > 1:
        if len(asked) != 3 or on or taken or file:
            fail("controlled diff needs two days and nothing else: watchfloor controlled diff FROM TO")
        _diff(day(asked[1], "FROM"), day(asked[2], "TO"), lang, as_json)
        return
    if not asked and file is None:
        fail("ask something: a name, a CAS number, a SMILES, an InChIKey or an HS code; or name a --file")
    many = file is not None or "-" in asked
    answered = _Asking(day(on, "--on"), taken, many)
    answers = answered.answers(_lines(asked, file))
    from watchfloor.reference.substances.queries import plain

    try:
        if as_json:
            print_rows((plain(one, lang) for one in answers), "answers")
        else:
            _tell(answers, lang)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(PARTLY if answered.left else OK)


class _Asking:
    """Asks one query after another; of many, one that cannot be read is reported and left aside."""

    def __init__(self, on: date, taken: "Taken | None", many: bool) -> None:
        self.on, self.taken, self.many, self.left = on, taken, many, 0

    def answers(self, queries: Iterable[str]) -> "Iterator[Answer]":
        from watchfloor.reference.substances.outcome import QueryError
        from watchfloor.reference.substances.queries import answers

        for number, (_, found) in enumerate(answers(queries, self.on, self.taken), 1):
            if not isinstance(found, QueryError):
                yield found
                continue
            if not self.many:
                fail(str(found))
            self.left += 1
            err.print(f"query {number} left aside: {found}", markup=False, highlight=False)


def _lines(asked: Iterable[str], file: Path | None) -> Iterator[str]:
    """Queries in order: those of the call, of standard input where `-` stands, then those of the file."""
    from watchfloor.reference.substances.queries import lines, lines_of

    for query in asked:
        yield from lines(sys.stdin) if query == "-" else [query]
    if file is not None:
        yield from lines_of(file)


def _tell(answers: "Iterable[Answer]", lang: "Language") -> None:
    """Answers for people."""
    none = True
    for answer in answers:
        if not none:
            typer.echo("")
        _tell_one(answer, lang)
        none = False
    if none:
        typer.echo("nothing was asked" if lang == "en" else "rien n'a été demandé")


def _printed(query: str) -> str:
    """A query on one line, without what would steer a terminal."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in query)


def _tell_one(answer: "Answer", lang: "Language") -> None:
    from watchfloor.cli import controlled_words as words

    outcome = words.OUTCOMES[answer.outcome][lang]
    person = f", {words.PERSON[lang]}" if answer.person else ""
    taken = words.TAKEN[answer.taken][lang]
    typer.echo(f"{_printed(answer.query)} [{taken}] {answer.on}: {outcome}{person}")
    for said in answer.reasons:
        typer.echo(f"  {said.render(lang)}")
    for site in answer.sites:
        typer.echo(f"  - {site.said.render(lang)}, {words.ATOMS[lang]} {' '.join(map(str, site.atoms))}")
    for part in answer.parts:
        first = part.reasons[0].render(lang) if part.reasons else ""
        typer.echo(f"  * {part.query}: {words.OUTCOMES[part.outcome][lang]}. {first}")
    for line in words.known(answer, lang):
        typer.echo(f"  {line}")


def _diff(first: date, last: date, lang: "Language", as_json: bool) -> None:
    from watchfloor.cli import controlled_words as words
    from watchfloor.reference.law.items import diff
    from watchfloor.reference.substances.judging import spoken

    if first > last:
        fail(f"{first} is after {last}: watchfloor controlled diff FROM TO")
    changes = [one for one in diff(first, last) if (one.after or one.before).sort != "repealed"]  # type: ignore[union-attr]
    if as_json:
        print_rows((_change(one, lang) for one in changes), "changes")
    else:
        rows = (
            tuple(_change(one, lang)[name] for name in ("day", "what", "item", "name", "how"))
            for one in changes
        )
        print_table(f"{first} → {last}", words.HEADS[lang], rows, words.UNCHANGED[lang])
    for said in dict.fromkeys(said.render(lang) for when in (first, last) for said in spoken(when)):
        err.print(said, markup=False, highlight=False)
    err.print(counted(len(changes), "change"), highlight=False)


def _change(change: "Change", lang: "Language") -> dict[str, Any]:
    from watchfloor.cli import controlled_words as words
    from watchfloor.reference.substances.bilingual import citation_of, name_of

    item = change.after or change.before
    assert item is not None
    return {
        "day": change.day,
        "what": words.CHANGES[change.what][lang],
        "item": change.key,
        "name": name_of(item)._asdict()[lang],
        "how": words.how(change, lang),
        "citation": citation_of(item)._asdict()[lang],
        "until": item.until,
    }
