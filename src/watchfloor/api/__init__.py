"""The Python face of actions: `floor = watchfloor.open("floor")`, then `floor.tasks.list()`.

Each action of `watchfloor.actions` is a method of its subject. It takes the fields of its request by name
(those that a command takes by their place also by position) and returns its answer. What may not be done
raises `Refusal`, whose sentence says why and what may.
"""

import inspect
import os
import pkgutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from msgspec import structs

from watchfloor import actions
from watchfloor.actions.base import ARGUMENT, PLACE, UNSTATED, Action, Answer, Context, annotation_of
from watchfloor.cell.acts import render
from watchfloor.core.messages import Language, Reason
from watchfloor.policy import callers
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import WrongCall
from watchfloor.store.floor import Floor
from watchfloor.store.lock import PATIENCE
from watchfloor.store.log import Actor
from watchfloor.store.readers import refuse_authority
from watchfloor.store.writer import Writer

SUBJECTS: Final = frozenset(
    module.name for module in pkgutil.iter_modules(actions.__path__) if module.name not in ("base", "text")
)
"""Modules of actions, such as `tasks`."""


def open(  # noqa: A001 - as one opens a file
    folder: str | Path,
    *,
    purpose: str = "",
    authority: str = "",
    user: str = "",
    language: Language = "en",
    as_of: int | datetime | None = None,
) -> "OpenFloor":
    """Open a floor to look at it and to act on it.

    Args:
        folder: the floor's folder.
        purpose, authority: stated for each act and logged with it; without them, WATCHFLOOR_PURPOSE and
            WATCHFLOOR_AUTHORITY. An exercise needs none.
        user: who you are, by default as on the command line.
        language: of sentences.
        as_of: a log position or a moment; what is looked at is shown as it stood then.

    Raises:
        NoFloor: the folder is no floor.
        WrongCall: purpose or authority is not stated.
        TypeError, ValueError: `as_of` is neither a position nor a moment, or the language is another.
        CallerError, NotPermitted: the floor's policy does not let this person act, or not so.

    Example:
        >>> floor = watchfloor.open("floor", purpose="border", authority="Customs Act s. 99")
        >>> [task.instruction for task in floor.tasks.list(unit="border-operations").tasks]
    """
    if language not in ("en", "fr"):
        raise ValueError(f"language={language!r}: the languages are en and fr")
    if isinstance(as_of, datetime) and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=UTC)
    if as_of is not None and (isinstance(as_of, bool) or not isinstance(as_of, int | datetime)):
        raise TypeError(f"as_of={as_of!r}: give a position of the log or a datetime")
    given = {"purpose": purpose, "authority": authority}
    opened = Floor.open(Path(folder))
    stated = {
        name: value or os.environ.get(f"WATCHFLOOR_{name.upper()}", "") for name, value in given.items()
    }
    if opened.settings.exercise:
        stated = {name: value or UNSTATED[name] for name, value in stated.items()}
    if missing := [name for name, value in stated.items() if not value]:
        raise WrongCall(
            f"state the {' and the '.join(missing)}: every query of a floor that is no exercise carries "
            "both, and both are logged"
        )
    name = callers.user(opened.root, user or os.environ.get("WATCHFLOOR_USER"))
    actor = Actor(name, stated["purpose"], stated["authority"])
    refuse_authority(opened.root, actor)
    return OpenFloor(opened, actor, language, as_of)


class OpenFloor:
    """A floor in the hands of one person. Its attributes are the subjects of actions, such as `tasks`.

    Attributes:
        notes: sentences that the last action showed beside its answer, such as warnings.
    """

    def __init__(self, floor: Floor, actor: Actor, language: Language, as_of: int | datetime | None) -> None:
        self._floor, self._actor, self._language, self._as_of = floor, actor, language, as_of
        self.notes: list[str] = []

    def __getattr__(self, name: str) -> "Subject":
        if name not in SUBJECTS:
            raise AttributeError(f"a floor has no {name!r}; it has {', '.join(sorted(SUBJECTS))}")
        return Subject(self, name)

    def __dir__(self) -> Iterable[str]:
        return sorted(("notes", *SUBJECTS))


class PythonContext(Context):
    """One call of an action from Python; the policy is asked anew for each."""

    def __init__(self, opened: OpenFloor) -> None:
        self._opened, self._called = opened, opened._floor.now()

    @property
    def floor(self) -> Floor:
        """Return the floor as the store has it."""
        return self._opened._floor

    @property
    def language(self) -> Language:
        """Return the language of sentences."""
        return self._opened._language

    @property
    def as_of(self) -> int | datetime | None:
        """Return the log position or moment at which the floor is shown; None: as it stands."""
        return self._opened._as_of

    @property
    def now(self) -> datetime:
        """Return the moment of the call, or that which `as_of` speaks of."""
        if self.as_of is None:
            return self._called
        return self.as_of if isinstance(self.as_of, datetime) else self.floor.moment_of(self.as_of)

    @property
    def actor(self) -> Actor:
        """Return the name, purpose and authority that the log will have."""
        return self._opened._actor

    @cached_property
    def reader(self) -> Reader:
        """Return what the floor's policy lets this person see. Raises `NotPermitted`."""
        refuse_authority(self.floor.root, self.actor)
        return self.floor.reader(self.actor.name, self.actor.purpose)

    def log_query(self, what: str, **detail: object) -> None:
        """Log what is about to be returned."""
        past = {} if self.as_of is None else {"as_of": str(self.as_of)}
        self.floor.act(self.actor, "query", {"what": what, **past, **detail})

    def writer(self) -> AbstractContextManager[Writer]:
        """Return the floor's writer, waited for while another act is being written."""
        refuse_authority(self.floor.root, self.actor)
        return self.floor.writer(self.actor, PATIENCE)

    def note(self, note: Reason) -> None:
        """Keep a sentence beside the answer."""
        self._opened.notes.append(render(note, self.language))


class Subject:
    """The actions of one subject, such as `floor.tasks`; some are one themselves, such as `floor.leads()`."""

    def __init__(self, floor: OpenFloor, name: str) -> None:
        module = import_module(f"watchfloor.actions.{name}")
        found = (each for each in vars(module).values() if isinstance(each, Action))
        self._actions = {each.name.split()[-1].replace("-", "_"): each for each in found}
        self._floor, self._name = floor, name

    def __getattr__(self, name: str) -> "Call":
        if name.startswith("_") or name not in self._actions:
            raise AttributeError(f"{self._name} has no {name!r}; it has {', '.join(sorted(self._actions))}")
        return Call(self._floor, self._actions[name])

    def __call__(self, *given: Any, **named: Any) -> Answer:
        """Run the action that has the subject's name; see `Call`."""
        answer: Answer = getattr(self, self._name)(*given, **named)
        return answer

    def __dir__(self) -> Iterable[str]:
        return sorted(self._actions)


class Call:
    """An action on one floor; call it with the fields of its request."""

    def __init__(self, floor: OpenFloor, action: Action[Any, Any]) -> None:
        self._floor, self._action = floor, action
        described = (f"    {field.name}: {_described(field)}" for field in structs.fields(action.request))
        self.__doc__ = "\n".join((action.help, "", "Fields:", *described))
        fields = [*map(_parameter, structs.fields(action.request))]
        self.__signature__ = inspect.Signature(sorted(fields, key=lambda field: field.kind))

    def __call__(self, *given: Any, **named: Any) -> Answer:
        """Run the action.

        Raises:
            TypeError: a field that it does not have, or that has another type.
            Refusal: what was asked cannot be done; a floor of the past is only looked at.
            NotPermitted: the floor's policy does not let this person do it.
        """
        action = self._action
        bound = self.__signature__.bind(*given, **named).arguments
        encoded = {field.name: field.encode_name for field in structs.fields(self._action.request)}
        for name, value in bound.items():
            _refuse_odd(name, value)
        try:
            told = {encoded[name]: _typed(value) for name, value in bound.items()}
            ask = msgspec.convert(told, action.request, dec_hook=_path)
        except msgspec.ValidationError as error:
            raise TypeError(f"{self._action.name}: {error}") from None
        self._floor.notes.clear()
        answer: Answer = action(PythonContext(self._floor), ask)
        return answer


def _path(of: type[Any], value: Any) -> Any:
    """Return a path for its text, and anything else as it is: what is of another type is refused then."""
    return Path(value) if of is Path and isinstance(value, str) else value


def _parameter(field: structs.FieldInfo) -> inspect.Parameter:
    of, meta = annotation_of(field.type)
    placed = meta is not None and (meta.extra or {}).get(PLACE) == ARGUMENT
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if placed else inspect.Parameter.KEYWORD_ONLY
    default = inspect.Parameter.empty if field.required else field.default
    return inspect.Parameter(field.name, kind, annotation=of, default=default)


def _described(field: structs.FieldInfo) -> str:
    _, meta = annotation_of(field.type)
    return meta.description or "" if meta else ""


def _refuse_odd(name: str, value: Any) -> None:
    """Raise TypeError for a text that no record and no terminal can hold."""
    for text in value if isinstance(value, list | tuple) else (value,):
        if isinstance(text, str) and ("\0" in text or _is_half(text)):
            raise TypeError(f"{name}: a text without NUL and without halves of characters belongs here")


def _is_half(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _typed(value: Any) -> Any:
    """Return a moment or a day as it is typed at a terminal."""
    return value.isoformat() if isinstance(value, date) else value


def table(rows: Iterable[Answer]) -> pa.Table:
    """Return rows of an answer, such as `answer.tasks`, as an Arrow table; pandas and polars take that."""
    plain = (datetime, date, bytes)
    return pa.Table.from_pylist([msgspec.to_builtins(row, builtin_types=plain) for row in rows])
