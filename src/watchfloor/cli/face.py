"""The command line's face of actions: a command for each, and its answer as a table or as JSON."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final, Literal, Optional, get_args, get_origin

import msgspec
import typer
from msgspec import structs

from watchfloor.actions import base
from watchfloor.actions.base import Action, Answer, Context, annotation_of
from watchfloor.actions.text import AnswerText
from watchfloor.cell import acts
from watchfloor.cli import common
from watchfloor.cli.acting import AsOfOption, WeightsOption, clock, refusals, writing
from watchfloor.cli.common import (
    BROKEN,
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    err,
    finite,
    print_json,
    print_rows,
    print_table,
    refuse_no_floor,
)
from watchfloor.cli.moments import as_of
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.messages import figures
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.writer import Writer


class Terminal(Context):
    """Who types a command, and what its options say."""

    def __init__(
        self,
        folder: Path | None,
        purpose: str,
        authority: str,
        language: Language,
        past: str | None = None,
        weights: Path | None = None,
        out: Path | None = None,
    ) -> None:
        self._folder, self._purpose, self._authority = folder, purpose, authority
        self._language, self._past, self._weights, self._out = language, past, weights, out

    @property
    def language(self) -> Language:
        """Return the language of sentences."""
        return self._language

    @cached_property
    def floor(self) -> Floor:
        """Return the floor, open. Raises `NoFloor`."""
        return Floor.open(self._folder or DEFAULT_FLOOR)

    @property
    def has_floor(self) -> bool:
        """Return whether a floor was named, or there is no doing without one."""
        return self._folder is not None

    @property
    def out(self) -> Path | None:
        """Return the file that the answer's document is kept as."""
        return self._out

    @property
    def folder(self) -> Path:
        """Return the floor's folder; it need not be there if none was named."""
        folder = self._folder or DEFAULT_FLOOR
        refuse_no_floor(folder)
        return folder

    @cached_property
    def as_of(self) -> int | datetime | None:
        """Return the log position or moment at which the floor is shown; None: as it stands."""
        return as_of(self._past)

    @cached_property
    def now(self) -> datetime:
        """Return the moment of the command, or that which `--as-of` speaks of."""
        from watchfloor.store.clock import now

        if self._past:
            return clock(self.floor, self.as_of)
        return now(self._folder or DEFAULT_FLOOR).astimezone()

    @cached_property
    def actor(self) -> Actor:
        """Return the name, purpose and authority that the log will have."""
        return acting(self._purpose, self._authority)

    @cached_property
    def reader(self) -> Reader:
        """Return what the floor's policy lets this person see."""
        return common.reader(self.floor, self._purpose)

    @property
    def weights_file(self) -> Path | None:
        """Return the table of weights that was named, if one was."""
        return self._weights

    def run_desks(self, marking: str) -> None:
        """Run the desks on what was decided; end the command if they fail."""
        try:
            super().run_desks(marking)
        except StoreError as error:
            raise typer.Exit(BROKEN) from error

    def log_query(self, what: str, **detail: object) -> None:
        """Log what is about to be shown."""
        past = {"as_of": self._past} if self._past else {}
        self.floor.act(self.actor, "query", {"what": what, **past, **detail})

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Return the floor's writer; a terminal shows that it waits for another act."""
        with writing(self.floor, self._purpose, self._authority) as writer:
            yield writer

    @contextmanager
    def busy(self, key: str) -> Iterator[Callable[[float], None]]:
        """Show a text while something takes seconds, and the share that is done where that is told."""
        text = AnswerText(self.language).say(key)
        with busy(text) as show:
            yield lambda share: show(f"{text} {figures(f'{share:.0%}', self.language)}")

    def note(self, note: Reason) -> None:
        """Print a sentence beside the answer."""
        err.print(acts.render(note, self.language), message_id=note.message, highlight=False, markup=False)


def group(noun: str, within: str, help_text: str, module_name: str) -> typer.Typer:
    """Make the group of commands of the actions of a module that are a noun and one more word."""
    module = _rows(module_name)
    made = typer.Typer(help=help_text, no_args_is_help=True)
    for found in vars(module).values():
        if isinstance(found, Action) and found.name.rpartition(" ")[0] == noun:
            made.command(found.name.split()[-1], help=_help(found, within))(_command(found))
    return made


def _rows(module_name: str) -> ModuleType:
    """Import a module of actions, or of another room by its dotted name."""
    return import_module(f"watchfloor.{'' if '.' in module_name else 'actions.'}{module_name}")


def single(parent: typer.Typer, name: str, within: str, module_name: str, function: str) -> None:
    """Add the command of one action of a module."""
    action = getattr(_rows(module_name), function)
    parent.command(name, help=_help(action, within))(_command(action))


def _help(action: Action[Any, Any], within: str) -> str:
    """Return the help of an action's command, with its example; `within` is the group of its noun, if any."""
    group = "" if action.example.startswith(f"{within} ") else within
    words = f"watchfloor {group}".strip()
    return f"{inspect.cleandoc(action.help)}\n\nExample: {words} {action.example}"


def _command(action: Action[Any, Any]) -> Any:
    """Make the function that Typer calls: a parameter for each field and each option of the context."""

    def run(**values: Any) -> None:
        chosen = {name: values.pop(name) for name in list(values) if name in options}
        floor = chosen.get("floor", None if action.floor_optional else DEFAULT_FLOOR)
        language: Language = "fr" if (chosen | values).get("lang") == "fr" else "en"
        purpose = chosen.get("purpose", DEFAULT_PURPOSE)
        authority = chosen.get("authority", DEFAULT_AUTHORITY)
        named = chosen.get("as_of"), chosen.get("weights"), chosen.get("out")
        context = Terminal(floor, purpose, authority, language, *named)
        given = {encoded[name]: value for name, value in values.items() if value is not None}
        called = action
        if action.listing and given.keys() & placed <= {*action.listing.request.__struct_fields__}:
            called = action.listing
            given = {name: given[name] for name in called.request.__struct_fields__ if name in given}
        with refusals(language):
            answer = called(context, msgspec.convert(given, called.request))
            if answer.copy_bytes_to(sys.stdout.buffer, context, terminal=sys.stdout.isatty()):
                return
        if out := chosen.get("out"):
            with refusals(language):
                if not (document := getattr(answer, action.document, None)):
                    raise acts.Unusable(reason(base.NO_DOCUMENT, file=str(out)))
                with base.new_file(out, document.encode()):
                    pass
            base.note(context, base.WROTE, file=str(out))
            answer = answer.in_file(str(out))
        if not out:
            give(called, answer, language, chosen["as_json"])
        elif chosen["as_json"]:
            print_answer(called, answer)
        elif action.written:
            err.print(AnswerText(language).say(action.written, file=str(out)), highlight=False, markup=False)
        if answer.refusal:
            with refusals(language):
                raise answer.refusal
        if answer.cautions:
            raise typer.Exit(PARTLY)

    encoded = {field.name: field.encode_name for field in structs.fields(action.request)}
    placed = {field.encode_name for field in structs.fields(action.request) if _place(field) == base.ARGUMENT}
    has: dict[str, Any] = {"as_of": action.past, "weights": action.weighs}
    has["out"] = action.document and not action.writes and not action.on_screen
    has["lang"] = "lang" not in encoded  # of some, the language is more than that of sentences
    options = {name: option for name, option in _CONTEXT.items() if has.get(name, True)}
    if action.floor_optional:
        options["floor"] = OptionalFloorOption, None
    if action.settings_only:
        options = {name: options[name] for name in ("floor", "lang", "as_json")}
    if action.files_only:
        options = {name: options[name] for name in ("out", "lang", "as_json") if name in options}
    parameters = [
        _parameter(field) for field in structs.fields(action.request) if _place(field) != base.SCREEN
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=of, default=default)
        for name, (of, default) in options.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = action.help
    return run


OutOption = Annotated[Path | None, typer.Option("--out", "--output", "-o", help="Write it to this new file.")]
OptionalFloorOption = Annotated[
    Path | None,
    typer.Option(
        "--floor",
        envvar="WATCHFLOOR_FLOOR",
        callback=common.remember_floor,
        help="Compute from the records of this floor; without it from files, or what the package has.",
        is_eager=True,
    ),
]
_CONTEXT: Final[Mapping[str, tuple[Any, Any]]] = {
    "out": (OutOption, None),
    "as_of": (AsOfOption, None),
    "floor": (FloorOption, DEFAULT_FLOOR),
    "lang": (LangOption, "en"),
    "weights": (WeightsOption, None),
    "purpose": (PurposeOption, DEFAULT_PURPOSE),
    "authority": (AuthorityOption, DEFAULT_AUTHORITY),
    "as_json": (JsonOption, False),
}
"""What every command has, by the name of its parameter: its option and its default."""


def _place(field: structs.FieldInfo) -> Any:
    _, meta = annotation_of(field.type)
    return ((meta and meta.extra) or {}).get(base.PLACE)


def _parameter(field: structs.FieldInfo) -> inspect.Parameter:
    """Make a parameter of a field: what is not typed stays None, and the request has its default."""
    of, meta = annotation_of(field.type)
    said = (meta.extra or {}) if meta else {}
    how: dict[str, Any] = {"help": meta.description if meta else ""}
    if metavar := said.get(base.METAVAR):
        how["metavar"] = metavar
    if (minimum := said.get(base.MINIMUM)) is not None:
        how["min"] = minimum
    if (maximum := said.get(base.MAXIMUM)) is not None:
        how["max"] = maximum
    if kind := said.get(base.EXISTS):
        how |= {"exists": True, "dir_okay": kind != base.FILE, "file_okay": kind != base.FOLDER}
    if float in (of, *get_args(of)):
        how["callback"] = finite
    if said.get(base.PLACE) == base.ARGUMENT:
        parameter: Any = typer.Argument(**how)
    else:
        name, spelling = "--" + field.name.rstrip("_").replace("_", "-"), said.get(base.SPELLING, "")
        names = [spelling] if "/" in spelling else [name, *spelling.split()]
        parameter = typer.Option(*names, **how)
    required = field.required or said.get(base.REQUIRED, False)
    typed = _typed(of)
    shown = field.default if isinstance(field.default, str | float | int | Path) and field.default else None
    default = inspect.Parameter.empty if required else shown
    annotation = Optional[typed] if default is None else typed  # noqa: UP045 - the type is a value here
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[annotation, parameter],
        default=default,
    )


def _typed(of: Any) -> Any:
    """Return the type that Typer reads: a list for several, choices without the empty one, no None."""
    if get_origin(of) is tuple:
        return list[get_args(of)[0]]  # type: ignore[misc]
    arguments = get_args(of)
    if get_origin(of) is Literal:
        return Literal[tuple(one for one in arguments if one)]
    if type(None) in arguments:
        return next(one for one in arguments if one is not type(None))
    return of


def give(action: Action[Any, Any], answer: Answer, language: Language, as_json: bool) -> None:
    """Print an answer as JSON or for a person."""
    if as_json:
        print_answer(action, answer)
    else:
        show(action, answer, language)


def print_answer(action: Action[Any, Any], answer: Answer) -> None:
    """Print an answer as a line of JSON; of a list, a line for each row."""
    if action.rows:
        print_rows(map(builtins, answer.listed(action.rows)), action.rows)
    else:
        print_json(builtins(answer))


def builtins(answer: Any) -> dict[str, Any]:
    """Return an answer as JSON values; moments, bytes and decimals are written by `print_json`."""
    plain: dict[str, Any] = msgspec.to_builtins(
        answer, builtin_types=(datetime, date, bytes, Decimal), str_keys=True
    )
    return answer.as_json(plain) if isinstance(answer, Answer) else plain


def show(action: Action[Any, Any], answer: Answer, language: Language) -> None:
    """Print an answer for a person: a sentence, rows as a table, or facts or a text with tables below."""
    text = AnswerText(language)
    if action.done:
        position = getattr(answer, "position", None)
        said = [text.sentence(action.done, answer), "" if position is None else text.position(position)]
        err.print(" ".join(filter(None, said)), highlight=False, markup=False)
    document = getattr(answer, action.document) if action.document else None
    if document is not None:
        for part in [document] if isinstance(document, str) else document:
            typer.echo(part, nl=not part.endswith("\n"))
    if action.done or (action.rows and document is not None):
        return
    if (parts := answer.written_out(text.say)) is not None:
        _print_parts(parts)
    elif action.blocks:
        _print_blocks(
            [row.block(text.say) for row in getattr(answer, action.rows)], text.empty(action.empty, answer)
        )
    elif action.rows:
        title = text.sentence(action.title, answer) if action.title else ""
        _print_list(
            text, getattr(answer, action.rows), text.empty(action.empty, answer), answer.columns, title
        )
    else:
        cells = text.cells(answer)
        pairs = [(label, cell) for name, label, cell in cells if cell and not text.is_list(answer, name)]
        if document is None:
            print_table("", ("", getattr(answer, "marking", "")), pairs, "")
        for name, _, _ in cells:
            if text.is_list(answer, name):
                _print_list(text, getattr(answer, name), "")
    if getattr(answer, "more", 0) and action.more:
        typer.echo(text.sentence(action.more, answer))


def _print_parts(parts: Iterable[base.Line | base.Table]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, emoji=False)
    for part in parts:
        if isinstance(part, base.Table):
            print_table(*part)
        else:
            console.print(Text(part.text, style=part.style))


def _print_blocks(blocks: Sequence[tuple[str, list[str]]], empty: str) -> None:
    """Print each head with its lines set in below it, or a sentence if there is none."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(emoji=False)
    for head, lines in blocks:
        console.print(Text(head, style="bold"), Padding(Text("\n".join(lines)), (0, 0, 0, 5)))
    if not blocks:
        console.print(Text(empty))


def _print_list(
    text: AnswerText, rows: Sequence[Any], empty: str, columns: Sequence[str] = (), title: str = ""
) -> None:
    lines = [text.cells(row, columns) for row in rows]
    heads = [label for _, label, _ in lines[0]] if lines else []
    print_table(title, heads, ([cell for _, _, cell in line] for line in lines), empty)
