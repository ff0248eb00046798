"""An action, its request and answer, and the context in which a person calls it."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    BinaryIO,
    ClassVar,
    Final,
    Generic,
    NamedTuple,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from watchfloor.cell import acts
from watchfloor.core.marking import parse
from watchfloor.core.messages import Language, Message, Reason, declare, reason
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.writer import Writer

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead
    from watchfloor.cell.weighing.weights import Weights
    from watchfloor.cell.wording.titles import Title

NO_CURSOR: Final = declare("actions.no-cursor")
NO_PAST: Final = declare("actions.no-past", "action")
UNSTATED: Final = {"purpose": "evaluation on one machine", "authority": "none stated"}
"""What an exercise is looked at for; on every other floor, purpose and authority must be stated."""

LARGEST_TEXT: Final = 1 << 20
"""Bytes of a text that a person hands in as a file."""

BAD_TEXT: Final = declare("actions.bad-text", "file", "largest")
FILE_THERE: Final = declare("actions.file-there", "file")
NO_DOCUMENT: Final = declare("actions.no-document", "file")
WROTE: Final = declare("actions.wrote", "file")
NOT_RUN: Final = declare("actions.not-run", "why")
PART_OF: Final = declare("actions.part-of-lead", "start", "lead")


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The question of an action. Every field but those that must be given has a default."""


class Line(NamedTuple):
    """A line of an answer that is written out part by part; `style` is bold, italic or none."""

    text: str
    style: str = ""


class Table(NamedTuple):
    """A table of an answer that is written out part by part; `empty` stands there if it has no row."""

    title: str
    heads: Iterable[str]
    rows: Iterable[Iterable[object]]
    empty: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of an action; it carries the marking of what it shows.

    A face labels a field by the text `<texts>.<field>` of the catalogue, and shows the columns in this order.
    A column may be a property, which JSON does not have. `unprinted` are fields that `--json` leaves out.
    """

    texts: ClassVar = ""
    columns: ClassVar[tuple[str, ...]] = ()
    unprinted: ClassVar[tuple[str, ...]] = ()

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done, or that a list is empty.

        The action names `key`, or how it begins.
        """
        return key

    def nothing(self, column: str) -> str:  # noqa: ARG002 - who overrides it reads the name
        """Return the key of the text that stands for a column without a value; none: it stays empty."""
        return ""

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return what a command prints as JSON, of the fields as JSON values."""
        return {name: value for name, value in plain.items() if name not in self.unprinted}

    def listed(self, rows: str) -> Sequence[Any]:
        """Return what is listed; `rows` is the name of the field that holds it."""
        listed: Sequence[Any] = getattr(self, rows)
        return listed

    def written_out(self, say: Callable[..., str]) -> Iterable[Line | Table] | None:  # noqa: ARG002
        """Return the lines and tables that a terminal shows instead of the columns; None: the columns."""
        return None

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return the head of a row and the lines below it; `say` returns a text by its key."""
        raise NotImplementedError

    @property
    def cautions(self) -> bool:
        """Return whether something is to be looked at; a command says so by its exit code."""
        return False

    @property
    def refusal(self) -> acts.Refusal | None:
        """Return why a part of it was refused; a command ends with that after showing the rest."""
        return None

    def copy_bytes_to(self, stream: BinaryIO, context: "Context", *, terminal: bool) -> bool:  # noqa: ARG002
        """Write what was asked for as bytes alone; return whether it was. A terminal gets text only."""
        return False

    def in_file(self, file: str) -> "Answer":  # noqa: ARG002 - who overrides it reads the name
        """Return the answer as JSON has it where its document was written into a file."""
        return self


R = TypeVar("R", bound=Request)
A = TypeVar("A", bound=Answer)


class Context(ABC):
    """Who calls an action, for what, and the only way from it to the floor."""

    @property
    @abstractmethod
    def language(self) -> Language:
        """Return the language of sentences."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """Return the moment of the call, or that which `as_of` speaks of."""

    @property
    def as_of(self) -> int | datetime | None:
        """Return the log position or moment at which the floor is shown; None: as it stands."""
        return None

    @property
    def page_size(self) -> int | None:
        """Return the most rows of a list, if nobody says how many; None: all."""
        return None

    @property
    @abstractmethod
    def floor(self) -> Floor:
        """Return the floor, open."""

    @property
    def has_floor(self) -> bool:
        """Return whether there is a floor; an action that can do without one looks at it only then."""
        return True

    @property
    def out(self) -> Path | None:
        """Return the file that a command keeps the answer's document as, if it does."""
        return None

    @property
    def folder(self) -> Path:
        """Return the folder whose settings apply; an action that needs no floor looks only here."""
        return self.floor.root

    @property
    @abstractmethod
    def actor(self) -> Actor:
        """Return the name, purpose and authority that the log will have."""

    @property
    @abstractmethod
    def reader(self) -> Reader:
        """Return what the floor's policy lets this person see. Raises `NotPermitted`."""

    @property
    def waits(self) -> bool:
        """Return whether this person waits for a queue after what they did is written; no page does."""
        return True

    @property
    def weights_file(self) -> Path | None:
        """Return the table of weights that was named, if one was."""
        return None

    @cached_property
    def weights(self) -> "Weights":
        """Return the table by which leads are weighed."""
        from watchfloor.cell.weighing.weights import load

        return load(self.weights_file)

    @cached_property
    def queue(self) -> "list[Lead]":
        """Return this reader's queue."""
        from watchfloor.cell.queue import queue  # no list of tasks waits for it, nor for every desk
        from watchfloor.desks.registry import declare_messages

        declare_messages()
        return queue(self.floor, self.reader, self.weights, self.now, self.as_of)

    def lead(self, start: str) -> "Lead":
        """Return the lead of the queue whose id starts so. Raises `NotFound`, or `Refusal` for several."""
        from watchfloor.cell.queue import NoLead, every, pick

        try:
            found = pick(self.queue, start)
        except NoLead:
            return acts.pick({lead.lead_id: lead for lead in every(self.queue)}, start, "lead", "leads")
        if not found.lead_id.startswith(start):
            note(self, PART_OF, start=start, lead=found.lead_id)
        return found

    def title_of(self, lead_id: str) -> "tuple[Title, str] | None":  # noqa: ARG002 - a face without one
        """Return the title of a lead and its marking, where this face has a queue at hand; else None."""
        return None

    def leads_naming(self, subjects: Collection[str]) -> "list[Lead]":
        """Return the leads of the queue that name any of these subjects."""
        return [lead for lead in self.queue if not {lead.subject, *lead.subjects}.isdisjoint(subjects)]

    def run_desks(self, marking: str) -> None:  # noqa: ARG002 - a face that does not wait says who may know
        """Run the desks on what was decided, which is kept also if they fail. Raises `StoreError`."""
        from watchfloor.cell.rerun import rerun

        try:
            with self.writer() as writer:
                rerun(self.floor, writer, self.reader)
        except StoreError as error:
            # What to do about it is said here, and is not to decide again.
            note(self, NOT_RUN, why=str(error).partition(";")[0])
            raise

    @abstractmethod
    def log_query(self, what: str, **detail: object) -> None:
        """Log what is about to be shown; when this returns, the act is durable."""

    @abstractmethod
    def writer(self) -> AbstractContextManager[Writer]:
        """Return the floor's writer, waited for while another act is being written."""

    @abstractmethod
    def note(self, note: Reason) -> None:
        """Show a sentence beside the answer, such as a warning."""

    def busy(self, key: str) -> AbstractContextManager[Callable[[float], None]]:  # noqa: ARG002 - for a terminal
        """Say by a text of the catalogue what takes seconds, while it does and where a face can.

        It gives what may be told the share that is done.
        """
        return nullcontext(lambda _: None)

    def known_position(self, position: int) -> int | None:
        """Return a position of the log if this person may know how long the log is, else None."""
        return position


@dataclass(frozen=True)
class Action(Generic[R, A]):
    """One thing a person can do.

    Attributes:
        name: as it is typed, such as `cases task accept`.
        run: what is done; its docstring is the help of every face.
        request, answer: structs.
        example: a command line without the program's name.
        writes: whether it adds to the floor.
        settings_only: whether it shows settings and no record, so that no purpose is asked.
        files_only: whether it reads or makes the files that it is given, and no floor.
        floor_optional: whether it can do without a floor, such as with files or what the package has.
        past: whether it can show the floor as it stood at a position or a moment.
        weighs: whether another table of weights may be named.
        rows: the field of the answer that holds what is listed; a command prints a line of JSON for each.
        empty: key of the text that says that there is none; where `…_command` is there, a terminal says it.
        blocks: whether a terminal shows each row as a head with lines below it, and not in a table.
        more: key of the text below a list that says how many more there are, if `Answer.more` is not 0.
        title: key of the text above what is listed; all texts have the answer's fields as their parameters.
        done: key of the text that says what was done, with the answer's fields as its parameters; or, where
            `Answer.done` has the rest, how the keys begin.
        document: the field of the answer that is a text, or several, to be printed as it is; of an action
            that does not write, a command can keep it as a file.
        on_screen: whether the document is only shown, so that no command keeps it as a file.
        written: key of the text that says what to do with the `{file}` that a command kept it as.
        listing: what a command does instead if no more is named by its place than that asks for.
    """

    name: str
    run: Callable[[Context, R], A]
    request: type[R]
    answer: type[A]
    example: str
    writes: bool = False
    settings_only: bool = False
    files_only: bool = False
    floor_optional: bool = False
    past: bool = False
    weighs: bool = False
    rows: str = ""
    empty: str = ""
    blocks: bool = False
    more: str = ""
    title: str = ""
    done: str = ""
    document: str = ""
    on_screen: bool = False
    written: str = ""
    listing: "Action[Any, Any] | None" = None

    def __call__(self, context: Context, request: R) -> A:
        """Run the action. Raises `Refusal` if the past is asked for and this acts, or has no past."""
        if context.as_of is not None and (self.writes or not (self.past or self.settings_only)):
            acts.refuse(NO_PAST, action=self.name)
        return self.run(context, request)

    @cached_property
    def help(self) -> str:
        """Return what it does, as its docstring says it."""
        return (self.run.__doc__ or "").strip()


def action(
    name: str,
    example: str,
    **settings: Any,
) -> Callable[[Callable[[Any, R], A]], Action[R, A]]:
    """Make an action of a function from a context and a request to an answer; see `Action`."""

    def make(run: Callable[[Any, R], A]) -> Action[R, A]:
        hints = get_type_hints(run)
        answer = hints.pop("return")
        *_, request = hints.values()
        return Action(name, run, request, answer, example, **settings)

    return make


# What a face needs to know of a field stands in msgspec's annotation; the API has the description from there.

PLACE: Final = "place"
ARGUMENT, OPTION, SCREEN = "argument", "option", "screen"
"""Where a command takes a field: by its place, by its name, or not at all, since only a page knows it."""
WORDS: Final = "words"
METAVAR: Final = "metavar"
REQUIRED: Final = "required"
MINIMUM: Final = "minimum"
MAXIMUM: Final = "maximum"
SPELLING: Final = "spelling"
EXISTS: Final = "exists"
MOST_MINUTES: Final = 366 * 24 * 60
"""Minutes that may be given instead of a date, a year at most."""
FILE, FOLDER, PATH = "file", "folder", "path"
"""Kinds of thing that a field of the type `Path` may name if it must be there already."""


def argument(
    metavar: str, description: str, *, required: bool = False, exists: str = "", minimum: int | None = None
) -> msgspec.Meta:
    """Annotate a field that a command takes without its name, and may insist on."""
    extra = {PLACE: ARGUMENT, METAVAR: metavar, REQUIRED: required, EXISTS: exists}
    return _bounded(description, extra, {MINIMUM: minimum})


def option(
    description: str,
    *,
    metavar: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    required: bool = False,
    exists: str = "",
    spelling: str = "",
) -> msgspec.Meta:
    """Annotate a field that a command takes as an option of the same name, and may insist on.

    `spelling` is how else it is typed: `--out -o` beside that name, or `--yes/--no` in its place.
    """
    extra = {PLACE: OPTION, METAVAR: metavar, REQUIRED: required, EXISTS: exists, SPELLING: spelling}
    return _bounded(description, extra, {MINIMUM: minimum, MAXIMUM: maximum})


def _bounded(description: str, extra: dict[str, Any], bounds: Mapping[str, float | None]) -> msgspec.Meta:
    """Annotate a field whose bounds every face keeps, and the API's document says."""
    said = {name: bound for name, bound in bounds.items() if bound is not None}
    return msgspec.Meta(description=description, extra=extra | said, extra_json_schema=said or None)


def screen(description: str) -> msgspec.Meta:
    """Annotate a field that a page sends by itself, such as what it showed; no command has it."""
    return msgspec.Meta(description=description, extra={PLACE: SCREEN})


def words(prefix: str) -> msgspec.Meta:
    """Annotate a text of an answer that is one of a few words; the catalogue has them below this prefix."""
    return msgspec.Meta(extra={WORDS: prefix})


def annotation_of(of: Any) -> tuple[Any, msgspec.Meta | None]:
    """Part an annotated type from what is said of it."""
    if get_origin(of) is not Annotated:
        return of, None
    bare, *more = get_args(of)
    return bare, next((each for each in more if isinstance(each, msgspec.Meta)), None)


def note(context: Context, message: Message, **params: str | float | None) -> None:
    """Show a sentence of the catalogue beside the answer."""
    context.note(reason(message, **params))


def start_after(ids: Sequence[str], after: str) -> int:
    """Return where a list goes on behind the last id that a page showed. Raises `Refusal` if it is gone."""
    if after and after not in ids:
        acts.refuse(NO_CURSOR)
    return ids.index(after) + 1 if after else 0


def refuse_existing(*paths: Path | None) -> None:
    """Refuse, before anything is done, to write files that are there already."""
    for path in paths:
        if path and os.path.lexists(path):
            acts.refuse(FILE_THERE, file=str(path))


@contextmanager
def new_file(path: Path, data: bytes) -> Iterator[None]:
    """Write a file that is whole beside its name before the block, and under it after.

    So what is logged in the block is there. Raises `Refusal` if the file is there already.
    """
    with new_stream(path) as stream:
        stream.write(data)
        stream.flush()
        yield


@contextmanager
def new_stream(path: Path) -> Iterator[BinaryIO]:
    """Write a file in the block beside its name; it is under it after, if nothing was raised.

    Raises `Refusal` if the file is there already.
    """
    beside = path.with_name(f"{path.name}.part")
    refuse_existing(path, beside)
    beside.touch(exist_ok=False)  # a link that somebody put there meanwhile is not followed
    try:
        with beside.open("r+b") as stream:
            yield stream
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    beside.rename(path)


def text_of(file: Path | None) -> str:
    """Return the text of a file; empty for none. Raises `Unusable`."""
    if file is None:
        return ""
    try:
        if file.stat().st_size <= LARGEST_TEXT:
            return file.read_text("utf-8-sig").strip()
    except UnicodeDecodeError:
        pass
    raise acts.Unusable(reason(BAD_TEXT, file=str(file), largest=LARGEST_TEXT))


def caveats(context: Context, marking: str) -> list[str]:
    """Return what the caveats of a written marking say, as the floor's policy words them."""
    policy = terms.load(context.floor.root)
    return policy.caveat_texts(parse(marking), context.language) if policy else []


def record_of(context: Context, start: str, kind: str = "") -> bytes:
    """Return the id of the record, of a kind or any, whose id starts so. Raises `Refusal`."""
    rows = [row for of, row in context.floor.records(start, context.reader) if kind in ("", of)]
    found: dict[str, bytes] = {row["record_id"].hex(): row["record_id"] for row in rows}
    return acts.pick(found, start, kind or "record", "search")


@contextmanager
def lawful() -> Iterator[None]:
    """Refuse an act that a gateway refuses."""
    from watchfloor.policy.gateways import Refusal

    try:
        yield
    except Refusal as error:
        raise acts.Refusal(error.reason) from error
