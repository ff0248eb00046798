"""What the commands of `watchfloor register` share: options, what stands for a line, and how it is told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import minute, refusals, writing
from watchfloor.cli.claims_evidence import ClaimsOption, LinesOption, there, unanswerable
from watchfloor.cli.common import acting, busy, err, print_json, reader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from watchfloor.cell.acting.acts import Post, Row
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.scorecard.agreement.acts import Done
    from watchfloor.scorecard.agreement.digests import Shown
    from watchfloor.scorecard.agreement.rows import Item
    from watchfloor.scorecard.agreement.standing import Standing
    from watchfloor.scorecard.agreement.subjects import Subjects
    from watchfloor.store.floor import Floor

__all__ = ["ClaimsOption", "LinesOption"]

LineArgument = Annotated[
    str, typer.Argument(metavar="LINE", help="Id of a line of the register, such as 14b, or name of a claim.")
]
DepartmentOption = Annotated[
    str | None,
    typer.Option(
        "--department", help="Whose agreement, by its code: CBSA, RCMP, …; else who is accountable for it."
    ),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Who speaks for the department, by first name and name.")
]
FunctionOption = Annotated[
    str | None, typer.Option("--function", help="What that person is there, such as Director General.")
]
DigestOption = Annotated[
    str | None,
    typer.Option(
        "--digest", help="Digest of what was looked at, or its first eight digits, as `register show` has it."
    ),
]
EditionOption = Annotated[
    int | None,
    typer.Option("--edition", min=0, help="The edition you looked at, as `register show` has it."),
]

STATES: Final = (
    *("not-needed", "not-called", "called", "attested", "approved", "lapsed", "embargoed", "withdrawn"),
)
"""How an agreement may stand."""


@dataclass
class Desk:
    """A floor with its reader, every line and claim, and the acts that he may see."""

    floor: "Floor"
    reader: "Reader"
    subjects: "Subjects"
    acts: "list[Row]"
    on: date
    lines: Path | None
    claims: tuple[Path, ...]
    lang: "Language"

    def item(self, id_: str, *, shown: bool = True) -> "Item":
        """A line or claim, with what stands for it. Ends the command for an id that is none."""
        with unanswerable(self.lang):
            item = self.subjects.item(id_)
            return self.subjects.item(id_, self._standing([id_])[id_]) if shown else item

    @cached_property
    def shown(self) -> "dict[str, Shown]":
        """What stands for each line and claim on the day; it takes seconds."""
        return self._standing()

    def _standing(self, only: "Collection[str]" = ()) -> "dict[str, Shown]":
        """The same for some ids, and what they rest on."""
        from watchfloor.scorecard import assemble
        from watchfloor.scorecard.agreement import subjects
        from watchfloor.scorecard.evidence import of_floor

        known = of_floor(self.floor, self.reader)
        sources = assemble.Sources(known, self.floor, self.reader, self.lines, self.claims)
        with busy("computing what stands for it"), unanswerable(self.lang):
            return subjects.shown(assemble.whole(sources, self.on, only), self.on)


def desk(
    floor: Path,
    purpose: str,
    lines: Path | None,
    claims: list[Path] | None,
    lang: "Language",
    on: date | None = None,
) -> Desk:
    """Where a command looks, today unless a day is said. Ends it where a file cannot be read."""
    from watchfloor.scorecard.agreement import rows as agreement_rows
    from watchfloor.scorecard.agreement.subjects import subjects
    from watchfloor.store.floor import Floor

    there("--claims", claims)
    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    with unanswerable(lang):
        every = subjects(lines, claims or ())
    day = on or datetime.now(UTC).date()
    return Desk(opened, mine, every, agreement_rows.acts(opened, mine), day, lines, tuple(claims or ()), lang)


def do(
    where: Desk,
    id_: str,
    authority: str,
    make: "Callable[[Post, Item], Done]",
    as_json: bool,
) -> None:
    """Act on a line behind the floor's writer, and say how agreement stands then."""
    from watchfloor.cell.acting.acts import Post
    from watchfloor.scorecard.agreement.rows import acts

    lang = where.lang
    position, item = where.floor.position, where.item(id_)
    with refusals(lang), writing(where.floor, where.reader.purpose, authority) as writer:
        if where.floor.position != position:  # somebody wrote meanwhile: look again
            item = replace(where, acts=acts(where.floor, where.reader)).item(id_)
        done = make(Post(where.floor, where.reader, writer), item)
    if as_json:
        print_json({"line": id_, **plain(done.standing, lang), "position": done.position})
    else:
        state = word(done.standing.state, lang)
        say(f"{id_}, {done.standing.department}: {state}. {done.standing.sentence[lang]}")


def say(text: str) -> None:
    """A line on standard error."""
    err.print(text, highlight=False, markup=False)


def word(state: str, lang: "Language") -> str:
    """How an agreement stands: in English as `--state` takes it, in French as the page has it."""
    from watchfloor.scorecard.page.words import of

    return of("agreement", state).fr if lang == "fr" else state


def looked(where: Desk, authority: str, what: str, shown: "Iterable[str]") -> None:
    """Log what was shown to whom."""
    detail = {"what": what, "shown": list(shown)}
    where.floor.act(acting(where.reader.purpose, authority), "query", detail)


def plain(one: "Standing", lang: "Language") -> dict[str, Any]:
    """A standing as JSON."""
    return {
        "department": one.department,
        "state": one.state,
        "sentence": one.sentence[lang],
        "until": one.until,
        "by": one.by or None,
        "at": one.at,
        "due": one.due,
        "overdue": one.overdue,
        "edition": one.edition,
        "call": one.call or None,
        "why": one.why or None,
    }


def act_of(row: "Row") -> dict[str, Any]:
    """An act as JSON."""
    names = ("edition", "act", "department", "by", "person", "function", "asked", "due", "until", "digest")
    more = ("form", "signed", "why", "marking")
    return {name: row[name] for name in (*names, *more)} | {
        "at": row["observed_at"],
        "values": row["values"],
        "record": row["record_id"].hex(),
    }


def line_of(row: "Row", lang: "Language") -> tuple[object, ...]:
    """An act as a row of a table."""
    from watchfloor.scorecard.agreement.digests import act_name
    from watchfloor.scorecard.page.words import of

    who = f"{row['person']}, {row['function']}" if row["person"] else ""
    until = {"embargoed": row["until"], "called": row["due"]}.get(row["act"])
    return (
        row["edition"],
        row["department"],
        of("act", act_name(row))[lang],
        minute(row["observed_at"]),
        row["by"],
        who,
        minute(until),
        row["why"] or row["asked"],
        (row["digest"] or row["form"] or "")[:8],
    )
