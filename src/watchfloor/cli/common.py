"""Parts that all commands share: where the floor is, who acts, how results and errors are printed."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

import typer

from watchfloor.cli import command_log

if TYPE_CHECKING:
    from rich.console import Console

    from watchfloor.policy.policy import Reader
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor

WIDE = 160
"""Columns of a file or pipe that a table is printed into."""

WORD, REST = 24, 10
"""Characters: of the longest word that a table keeps whole, and what columns of more words need."""


OK, PARTLY, USAGE, REFUSED, MISSING, BROKEN = range(6)

EXIT_CODES: Final = {
    OK: "done",
    PARTLY: "done with cautions: something was left aside, withheld or quarantined, or is to be looked at",
    USAGE: "the call is wrong, or a file that it names cannot be used as what it is meant to be",
    REFUSED: "refused: the call was understood, and you may not, or not so, or not now; nothing was done",
    MISSING: "not found: a floor, file, record or part of the program that the call names is not there",
    BROKEN: "broken: a file of a floor or a backup is damaged, a disk full or only read, a server silent",
}
"""What each code means; 130 is that the command was interrupted."""

_USAGE_IDS: Final = frozenset(
    """cell.leg-no-host cell.leg-no-medium cell.leg-unreadable cell.no-box cell.no-form cell.no-kind
    cell.no-place
    cell.no-result cell.no-subject-key cell.task-subject-key exchange.no-subject
    cell.no-such-day cell.no-such-moment cell.no-such-moment-in-field cell.no-such-role cell.several-ids
    cell.unknown-flag cell.unknown-hypothesis crown.bad-ground crown.bad-item custody.bad-secret
    exchange.bad-country exchange.bad-institution exchange.not-evidence exchange.not-https
    fintrac.bad-schema fintrac.bad-xsd learning.no-hypothesis learning.nothing-to-fit
    referrals.no-substance record.original-binary register.bad-secret scorecard.floor-or-files
    scorecard.no-address scorecard.no-period scorecard.trust-without-verify""".split()
)
"""Refusals of a word that is none of those there are, the start of several ids or cannot be read, and of a
file that is none of its kind."""
_MISSING_STARTS: Final = ("no-such-", "unknown-")
_MISSING_IDS: Final = frozenset(
    """actions.watch-about-nothing cell.no-asset cell.no-other-lead cell.no-unit fintrac.goaml-no-list
    fintrac.no-code-list fintrac.no-entity-file fintrac.no-signal partnership.no-pack
    partnership.no-session planning.no-assets planning.no-tracks planning.no-units referrals.no-stream
    referrals.not-offered register.entry-no-folder register.no-line scorecard.no-claim
    scorecard.no-claim-or-line scorecard.no-definition scorecard.no-older-vintage scorecard.no-series
    scorecard.no-vintage scorecard.output-no-folder""".split()
)
"""Refusals of what is not there for this reader, whose ids do not begin so."""


class Errors:
    """Where progress, notes and errors go, so that standard output is only the result.

    Its console is made when something is printed: loading rich takes as long as the rest of a small command.
    """

    @cached_property
    def console(self) -> "Console":
        """A console of rich on standard error."""
        from rich.console import Console

        return Console(stderr=True, soft_wrap=True, emoji=False)

    def print(self, *what: Any, message_id: str = "", **how: Any) -> None:
        """Print as rich's consoles do; the log of commands has the message's id, or where it was worded."""
        command_log.note_message(message_id)
        self.console.print(*what, **how)


err = Errors()

DEFAULT_FLOOR = Path("floor")
DEFAULT_AUTHORITY = "none stated"
DEFAULT_PURPOSE = "evaluation on one machine"
"""What an exercise is looked at for; on every other floor, purpose and authority must be stated."""


def _stated(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    """A purpose or an authority that the floor takes; ends the command where it must be stated and is not."""
    given = context.params.get("floor")  # text: a command's other values are converted when it is called
    floor = None if given is None else Path(given)
    if value in (DEFAULT_PURPOSE, DEFAULT_AUTHORITY) and floor is not None and not _exercise(floor):
        fail(
            f"state the {option.name}: --{option.name} or WATCHFLOOR_{str(option.name).upper()}. Every query "
            f"of a floor that is no exercise carries a purpose and an authority, and both are logged"
            f"{_known(floor, str(option.name))}"
        )
    if floor is not None and option.name == "authority":
        _refuse_authority(floor, value)
    return value


def _refuse_authority(floor: Path, authority: str) -> None:
    """End the command where the floor's policy does not let this user act under an authority."""
    from watchfloor.policy import terms

    policy = terms.load(floor) if (floor / terms.NAME).exists() else None
    if policy is None or not policy.authorities or (name := who()) not in policy.readers:
        return  # who is not named is refused with another sentence
    may = policy.statable("authorities", name)
    if authority not in may:
        fail(
            f"this floor's policy does not let {name} act under {authority!r}. State one of these with "
            f"--authority: {', '.join(may)}",
            REFUSED,
        )


def _exercise(floor: Path) -> bool:
    """Whether a folder is the floor of an exercise, or no floor yet."""
    from watchfloor.store import settings

    try:
        return settings.read(floor).exercise
    except (FileNotFoundError, NotADirectoryError):
        return True


def _known(floor: Path, what: str) -> str:
    """The purposes or authorities that the floor's policy defines, for a message."""
    from watchfloor.policy import terms

    policy = terms.load(floor)
    if policy is None or who() not in policy.readers:
        return ""
    known = policy.statable("purposes" if what == "purpose" else "authorities", who())
    return f". This floor's policy names: {', '.join(known)}" if known else ""


_floor: ContextVar[Path | None] = ContextVar("floor", default=None)
"""The floor that this command is about: its policy says who an account of the machine is."""


def remember_floor(context: typer.Context, value: Path | None) -> Path | None:
    """Note the floor that a command is about; a callback of its option."""
    _floor.set(value)
    command_log.name(_command_name(context), value)
    return value


def _command_name(context: Any) -> str:
    """Return the words of a command without the program's own name, such as `cases task show`."""
    above = context.parent
    if above is None:
        return ""
    return f"{_command_name(above)} {context.info_name}".strip()


FloorOption = Annotated[
    Path,
    typer.Option(
        "--floor",
        envvar="WATCHFLOOR_FLOOR",
        callback=remember_floor,
        help="The floor's folder.",
        show_default=True,
        is_eager=True,  # what must be stated depends on the floor
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON lines; where there is nothing, one line that counts 0.")
]
LangOption = Annotated[Literal["en", "fr"], typer.Option("--lang", help="Language of the reasons.")]
AuthorityOption = Annotated[
    str,
    typer.Option(
        "--authority",
        envvar="WATCHFLOOR_AUTHORITY",
        callback=_stated,
        help="The law or order under which you act.",
    ),
]
EncodingOption = Annotated[
    str | None, typer.Option(help="The encoding of its text, such as cp1251, if it shall not be found out.")
]


def finite(value: float | None) -> float | None:
    """Refuse nan and inf, which are read as numbers: no range excludes the one, few the other."""
    if value is not None and not isfinite(value):
        raise typer.BadParameter(f"{value} is no number to reckon with")
    return value


PurposeOption = Annotated[
    str,
    typer.Option("--purpose", envvar="WATCHFLOOR_PURPOSE", callback=_stated, help="What you do it for."),
]


def who() -> str:
    """Return the user's name, as the log will have it; see `policy.callers.user`."""
    from watchfloor.policy import callers

    try:
        name = callers.user(_floor.get(), os.environ.get("WATCHFLOOR_USER"))
    except callers.CallerError as error:
        fail(str(error), USAGE if error.may_choose else REFUSED)
    command_log.note_user(name)
    return name


def system_account() -> str:
    """Return the account of the machine that gives this command."""
    from watchfloor.policy import callers

    return callers.system_account()


def refuse_no_floor(floor: Path) -> None:
    """End a command that can do without a floor where it names one that is not there."""
    if floor != DEFAULT_FLOOR and not floor.is_dir():
        fail(
            f"{floor} is no floor: there is no such folder. Leave --floor out for what the package has",
            MISSING,
        )


def supervising(opened: "Floor") -> None:
    """End the command where the floor's policy does not make this person a supervisor."""
    from watchfloor.store import readers

    if (has := readers.role(opened.root, who())) not in (None, "supervisor"):
        fail(f"{who()} has the role {has} on this floor; a supervisor can do this", REFUSED)


def reader(opened: "Floor", purpose: str = DEFAULT_PURPOSE) -> "Reader":
    """The person at this terminal, as the floor's policy knows them."""
    return opened.reader(who(), purpose)


def keeper(opened: "Floor", purpose: str = DEFAULT_PURPOSE) -> "Reader":
    """The same person for who erases, holds or accounts for records: past the day of their marking too."""
    from dataclasses import replace

    return replace(reader(opened, purpose), today=None)


def print_json(row: Mapping[str, Any]) -> None:
    """One JSON line on standard output."""
    sys.stdout.write(_encoder().encode(row) + "\n")


@cache
def _encoder() -> json.JSONEncoder:
    """Return what writes JSON; `json.dumps` would make one for each of a million lines."""
    return json.JSONEncoder(ensure_ascii=False, default=_plain)


def print_rows(rows: Iterable[Mapping[str, Any]], what: str) -> None:
    """A JSON line for each row; where there is none, one that counts them, such as `{"leads": 0}`."""
    none = True
    for row in rows:
        print_json(row)
        none = False
    if none:
        print_json({what: 0})


def print_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]], empty: str) -> None:
    """A table on standard output, or a sentence where there is nothing to show."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = [[("" if cell is None else str(cell)) for cell in row] for row in rows]
    fixed = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(emoji=False, width=None if fixed else WIDE)
    if not lines:
        console.print(Text(empty))  # [[section]] is no markup
        return
    table = Table(title=Text(title) if title else None, title_justify="left")
    heads = list(columns)
    words = _words(heads, lines, console.width)
    for at, column in enumerate(heads):
        table.add_column(Text(column), overflow="fold", no_wrap=at in words)
    for line in lines:
        table.add_row(*map(Text, line))  # what was delivered is no markup
    console.print(table)


def _words(heads: list[str], lines: list[list[str]], width: int) -> set[int]:
    """Columns of single words, such as names of feeds, that are not to be broken where all of them fit."""
    cells = [" ".join((head, *(line[at] for line in lines))) for at, head in enumerate(heads)]
    longest = [max(map(len, column.split())) for column in cells]
    single = {at for at in range(len(heads)) if longest[at] <= WORD and not _spaced(at, heads, *lines)}
    others = sum(min(length, REST) for at, length in enumerate(longest) if at not in single)
    return single if sum(longest[at] for at in single) + others + 3 * len(heads) + 1 <= width else set()


def _spaced(at: int, *lines: list[str]) -> bool:
    return any(" " in line[at] for line in lines)


def counted(count: int, word: str, plural: str | None = None) -> str:
    """A number and what it counts: `1 record`, `2,000 records`."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


@contextmanager
def busy(text: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, on a terminal only; gives a function that changes its text.

    What is printed meanwhile goes where it would go without this line: rich alone would send standard
    output to the terminal even when it is redirected to a file.
    """
    if not err.console.is_terminal:
        yield lambda _: None
        return
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    spinner = Spinner("dots", Text(text))
    with Live(spinner, console=err.console, transient=True, redirect_stdout=sys.stdout.isatty()):
        yield lambda said: spinner.update(text=Text(said))


def publish_new(opened: "Floor") -> None:
    """Publish what came to partners who pull, where there are any."""
    if opened.newest_act("partner"):
        from watchfloor.exchange.partners.publisher import publish_all

        with busy("publishing to partners"):
            publish_all(opened, patient=True)


def fail(message: str, code: int = USAGE, message_id: str = "") -> NoReturn:
    """Say what is wrong and what to do next, and end with `code`."""
    from rich.markup import escape

    err.print(f"[bold red]watchfloor:[/] {escape(message)}", message_id=message_id, highlight=False)
    raise typer.Exit(code)


def refuse(sentence: str, message_id: str, code: int = REFUSED) -> NoReturn:
    """End with the sentence of a refusal, and the code that its message has, else `code`."""
    has = of_message(message_id)
    fail(sentence, code if has == REFUSED else has, message_id)


def warn_of_old_pages() -> None:
    """Say that an erasure, though done, has left copies in old pages of the floor's files."""
    err.print(
        "a reader or a full disk keeps old pages of the catalogue or of the search index, with copies of "
        "what was erased. The next command that writes tries again; or when that is over: "
        "watchfloor floor compact",
        style=None,
    )


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def acting(purpose: str, authority: str) -> "Actor":
    """Who the log names for an act at this terminal."""
    from watchfloor.store.log import Actor

    try:
        return Actor(who(), purpose, authority)
    except ValueError as error:
        fail(f"{error}. Say so with --purpose, --authority or WATCHFLOOR_USER")


def of_error(error: BaseException) -> int:
    """Return the exit code of an error that a command ends with."""
    from watchfloor.core.extras import MissingExtraError
    from watchfloor.desks.base import DeskError
    from watchfloor.desks.registry import DeskRefusedError
    from watchfloor.store import errors

    if isinstance(error, errors.StoreError):
        return _of_store(error)
    if isinstance(error, FileNotFoundError | NotADirectoryError | MissingExtraError):
        return MISSING
    if isinstance(error, PermissionError | FileExistsError | DeskRefusedError):
        return REFUSED
    if isinstance(error, IsADirectoryError):
        return USAGE
    return BROKEN if isinstance(error, OSError | DeskError) else USAGE


def of_message(message_id: str) -> int:
    """Return the exit code of a refusal by its message; what a reader may not see is not there."""
    if message_id in _USAGE_IDS:
        return USAGE
    starts = message_id.rpartition(".")[2].startswith(_MISSING_STARTS)
    return MISSING if starts or message_id in _MISSING_IDS else REFUSED


def _of_store(error: BaseException) -> int:
    from watchfloor.store import errors

    if isinstance(error, errors.NotEmpty):
        return REFUSED
    if isinstance(error, errors.NoFloor | errors.UnknownRecord | errors.Erased | errors.NoOriginal):
        return MISSING
    return REFUSED if isinstance(error, errors.WrongCall | errors.FloorBusy) else BROKEN
