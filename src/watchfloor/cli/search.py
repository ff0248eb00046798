"""`watchfloor search`: records, reports and signals by words, subject, box and time."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

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
    busy,
    counted,
    fail,
    print_rows,
    reader,
)
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.records.messages import Language
    from watchfloor.store.search import Asked, Found

T = TypeVar("T")

NOTHING = "Nothing that you may see {}."


def search(
    words: Annotated[
        list[str] | None, typer.Argument(help='Words; "two words" stand together, word* starts one.')
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    about: Annotated[
        str | None, typer.Option(metavar="SUBJECT", help="Naming this subject, such as vessel:imo:9074729.")
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(metavar="W,S,E,N", help="In this box of degrees; W beyond E crosses the date line."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="About this day or moment, or later.")] = None,
    until: Annotated[str | None, typer.Option(help="About this day or moment, or earlier.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Of this kind: report, party, signal… Repeatable.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    at: Annotated[
        str | None, typer.Option("--as-of", help="A log position, a day or a moment: what was known then.")
    ] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Find records, reports and signals that hold all the words, name a subject, lie in a box and time.

    With words the best come first, else the last to arrive; case and accents do not matter. Only what you may
    see is searched, counted and ranked. Each search is logged.

    Examples: watchfloor search ferry "grey van" --floor floor;
    watchfloor search --about vessel:imo:9074729 --since 2026-11-01;
    watchfloor search landing --box=-70,45,-60,50
    """
    from watchfloor.cell.acting import deconfliction
    from watchfloor.cell.current_signals import signals
    from watchfloor.cell.finding import identity
    from watchfloor.desks.registry import declare_messages
    from watchfloor.store.floor import Floor
    from watchfloor.store.search import search

    opened = Floor.open(floor)
    asked = _asked(words or [], about, box, (since, until), kind or [])
    who = reader(opened, purpose)
    try:
        with busy("searching") as say:
            found = search(
                opened,
                who,
                asked,
                top,
                as_of(at),
                told=lambda done, of: say(_reading(done, of)),
                derive=lambda: signals(opened, who, as_of(at)),
            )
    except ValueError as error:
        fail(f"{error}. Write a word of letters or digits, or --about SUBJECT, or --box W,S,E,N")
    sought = {"words": asked.words, "about": about, "box": box, "since": since, "until": until, "kinds": kind}
    detail = {"what": "search", **_given(sought), "as_of": at, "found": found.count}
    detail |= {"shown": [identity(one) for one in found.found]}
    opened.act(acting(purpose, authority), "query", detail)
    subjects = deconfliction.named(" ".join(filter(None, (asked.words, about))))
    deconfliction.tell(opened, who, authority, subjects, "search")
    declare_messages()
    if as_json:
        print_rows((_row(one, lang) for one in found.found), "found")
        return
    console = Console()
    if not found.found:
        console.print(NOTHING.format(_said(asked, box)), highlight=False, markup=False)
    for one in found.found:
        _show(console, one, asked, lang)
    if found.count > len(found.found):
        least = "more than " if found.more else ""
        more = f"{least}{counted(found.count, 'row')} in all; --top shows more of them"
        console.print(more, highlight=False)


def _asked(
    words: list[str],
    about: str | None,
    box: str | None,
    window: tuple[str | None, str | None],
    kinds: list[str],
) -> "Asked":
    from watchfloor.cell import finding
    from watchfloor.store.search import Asked

    for kind in kinds:
        _checked(f"--kind {kind}", finding.kind, kind)
    if about is not None:
        _checked("--about", finding.subject, about)
    since, until = window
    return Asked(
        words=" ".join(f'"{word}"' if " " in word else word for word in words) if words else None,
        about=about,
        box=None if box is None else _checked("--box", finding.box, box),
        since=None if since is None else moment(since, "--since", first=True),
        until=None if until is None else moment(until, "--until"),
        kinds=tuple(kinds),
    )


def _checked(option: str, check: "Callable[[str], T]", text: str) -> "T":
    from watchfloor.cell.acting.acts import Refused

    try:
        return check(text)
    except Refused as error:
        fail(f"{option}: {error}")


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _reading(done: int, of: int) -> str:
    return f"reading what the index lacks: {done:,} of {counted(of, 'segment')}"


def _said(asked: "Asked", box: str | None) -> str:
    """What was asked for, in words."""
    said = [f"holds the words {asked.words}"] if asked.words else []
    said += [f"names {asked.about}"] if asked.about else []
    said += [f"lies in the box {box}"] if asked.box else []
    said += [f"is about {asked.since:%Y-%m-%d %H:%M}Z or later"] if asked.since else []
    said += [f"is about {asked.until:%Y-%m-%d %H:%M}Z or earlier"] if asked.until else []
    said += [f"is a {' or a '.join(asked.kinds)}"] if asked.kinds else []
    return " and ".join(said)


def _show(console: Console, one: "Found", asked: "Asked", lang: "Language") -> None:
    from watchfloor.cell.finding import title, where

    row = one.row
    console.print(Text(f"{title(one, lang)}   [{row['marking']}]", style="bold"))
    for line in (where(one, "en"), *_why(one, asked), one.snippet, _next(one)):
        if line:
            console.print(Padding(Text(line), (0, 0, 0, 5)))


def _why(one: "Found", asked: "Asked") -> Iterator[str]:
    """Why a row is shown, beside its words: where it names the subject, what place it gives."""
    from watchfloor.cell.finding import names

    if asked.about:
        columns = ", ".join(names(one, str(asked.about)))
        yield f"names {asked.about} as {columns}"
    if asked.box:
        row = one.row
        within = f" within {row['radius']:,.0f} m" if row["radius"] else ""
        yield f"at {row['latitude']:.5f}, {row['longitude']:.5f}{within}"


def _next(one: "Found") -> str:
    """The command that shows more."""
    if one.kind == "signal":
        evidence = one.row["evidence"] or one.row["coverage"]
        return (
            f"rests on {counted(len(evidence), 'record')}: watchfloor record {evidence[0].hex()}"
            if evidence
            else ""
        )
    return f"watchfloor record {one.row['record_id'].hex()} --original"


UNSHOWN: Final = frozenset({"portions", "tear_line", "delivery"})
"""Columns that a list leaves out. The digest of a delivery is for who may see all of it: `record` decides."""


def _row(one: "Found", lang: "Language") -> dict[str, Any]:
    from watchfloor.records.messages import Reason

    row = {name: _plain(value) for name, value in one.row.items() if name not in UNSHOWN}
    if one.kind == "signal":
        row["sentence"] = Reason.load(one.row["reason"]).render(lang)
    where = {"portion": one.portion, "page": one.page, "snippet": one.snippet} if one.portion else {}
    original = {} if one.kind == "signal" else {"original": _next(one)}
    return {"kind": one.kind, **row, **where, **original}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.hex() if isinstance(value, bytes) else value
