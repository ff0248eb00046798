"""The table's row: what can be asked of the console, and who asks."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import exp
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from watchfloor.actions.base import NOT_RUN, Action
from watchfloor.cell import acts
from watchfloor.cell.acts import NO_SUCH, NotFound
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import NoLead
from watchfloor.cell.wording.titles import Title
from watchfloor.console.access.actions import ConsoleContext
from watchfloor.console.jobs import work
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.lock import PATIENCE as LOCK_PATIENCE
from watchfloor.store.log import Actor
from watchfloor.store.readers import refuse_authority
from watchfloor.store.writer import Writer

if TYPE_CHECKING:
    from watchfloor.console.access.administering import Administration
    from watchfloor.console.access.sessions import Session
    from watchfloor.console.jobs.uploads import StoredUpload
    from watchfloor.console.pictures.picture import Picture
    from watchfloor.console.services import Services


PATIENCE: Final = 3.0


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request without fields."""


class Done(msgspec.Struct, frozen=True):
    """Answer of an act that has nothing else to tell.

    Attributes:
        said: what was done, as a sentence for who did it.
        position: of the act in the log, for who may know it.
        marking: of what it was about.
    """

    said: str
    position: int | None = None
    marking: str = ""


class Left(msgspec.Struct, frozen=True):
    """Why one of several acts was not done, and whether it may be done all the same once that is read."""

    said: str
    anyway: bool = False


class Several(msgspec.Struct, frozen=True):
    """Results of several acts that were sent in one form; each was done, or not, by itself.

    Attributes:
        said: how many were done and were not, as a sentence.
        done: names of those that were.
        left: those that were not, by name; the form is shown again with what was typed for them.
        marking: of what they were about.
    """

    said: str
    done: list[str]
    left: dict[str, Left]
    marking: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is bytes of their own type, such as a PDF or the original of a record.

    Attributes:
        content: the bytes, or pieces of them as they are read.
        type: media type.
        name: of the file that a browser keeps it as; empty to show it in place.
    """

    content: bytes | Iterator[bytes]
    type: str
    name: str = ""


class Preparing(msgspec.Struct, frozen=True):
    """Work that a page waits for: a word for it, seconds since it began, and how long it usually takes."""

    what: Literal["queue", "graph", "scorecard", "coverage", "plan"]
    seconds: int
    about: int
    marking: str = ""

    @property
    def share(self) -> float:
        """Return how much of it is likely to be done, 0 to 1: a bar that slows down and never says done."""
        return 1.0 - exp(-1.5 * self.seconds / self.about)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked of the console, as a page and in the API.

    Attributes:
        name: dotted; words, forms and tests know it by that.
        method: GET looks, POST acts.
        path: with `{names}` of fields of `asks`; in the API below `/api/v1`.
        asks: struct of what is asked: path, query, and of a POST the form or JSON.
        gives: struct of the answer, with a `marking`; or `Raw`.
        call: what is done. Its docstring is the API's description.
        page: template of the page; empty: it is in the API alone.
        within: of an act, the name of the page that holds its form, shown again where it is refused.
        then: of an act, where the browser goes when it is done.
        public: whether it may be asked without being signed in.
        administrator: whether it is for who administers the console alone.
        opens: query of its page where the address has none; the API has every default of `asks`.
        script: whether its page draws a map, which needs workers.
        action: that it is a face of, if it is one.
        file: of an act whose body is a file, what refuses it before its bytes are read: called with nothing
            before anything is, and with what is asked once that is known. `call` finds it as `Asker.file`.
        prepares: begins what its page takes seconds to make the first time, and tells how far it is; None:
            the page can be made at once. The API waits instead.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    asks: type[msgspec.Struct]
    gives: type[Any]
    call: Callable[["Asker", Any], Any]
    page: str = ""
    within: str = ""
    then: Callable[[Any, Any], str] | None = None
    public: bool = False
    administrator: bool = False
    api: bool = True
    opens: Mapping[str, str] = field(default_factory=dict)
    script: bool = False
    file: Callable[["Asker", Any], None] | None = None
    action: Action[Any, Any] | None = None
    prepares: Callable[["Asker", Any], Preparing | None] | None = None

    @classmethod
    def for_action(cls, action: Action[Any, Any], path: str, **settings: Any) -> "Endpoint":
        """Make the page, or the form of a page, of an action; a form acts at the action's last word."""
        settings.setdefault("name", action.name.replace(" ", "."))
        settings.setdefault("call", action.run)
        settings.setdefault("asks", action.request)
        method: Literal["GET", "POST"] = "POST" if action.writes else "GET"
        return cls(
            method=method,
            path=path,
            gives=action.answer,
            action=action,
            **settings,
        )

    def at(self, params: Mapping[str, Any]) -> str:
        """Its path for some parameters; `{key:path}` takes a slash too, as Starlette has it."""
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda match: str(params[match[1]]), self.path)

    @property
    def summary(self) -> str:
        """Return its summary, a sentence."""
        return (self.call.__doc__ or "").strip().partition("\n")[0]


ASKED: Final = datetime.max.replace(tzinfo=UTC)
"""Stands for the moment at which an `Asker` is made."""


@dataclass
class Asker(ConsoleContext):
    """Who asks by a browser or a program, and the only way from an endpoint to the floor.

    Attributes:
        services: what the console runs on.
        session: of a person who has signed in and stated a purpose.
        at: the moment of asking, by the clock of the floor.
        heard: what is to be said on the next page.
        address: that it came from, for rates; origin: by which the console is reached, for links.
        file: that came with an act which takes one; it is gone when the act is done, unless that took it.
    """

    services: "Services"
    session: "Session"
    at: datetime = ASKED
    heard: list[str] = field(default_factory=list)
    address: str = ""
    origin: str = ""
    file: "StoredUpload | None" = None

    def __post_init__(self) -> None:
        if self.at is ASKED:
            self.at = self.services.floor.now()

    @property
    def floor(self) -> Floor:
        """The floor, open."""
        return self.services.floor

    @property
    def language(self) -> Language:
        """Of the interface and of reasons."""
        return self.session.language

    @property
    def name(self) -> str:
        """As the log and the policy have it."""
        return self.session.account

    @cached_property
    def reader(self) -> Reader:
        """Return this person as the floor's policy has them.

        Raises:
            NotPermitted: it names nobody so, or lets them state this purpose or authority no longer.
        """
        refuse_authority(self.floor.root, self.actor)
        return self.floor.reader(self.session.account, self.session.purpose)

    @property
    def actor(self) -> Actor:
        """As the log will name this person."""
        return self.session.actor()

    @property
    def now(self) -> datetime:
        """Return the moment of asking."""
        return self.at

    @property
    def administration(self) -> "Administration":
        """Return what changes accounts."""
        return self.services.administration

    @property
    def page_size(self) -> int:
        """Return how many rows a page has."""
        return 100

    @property
    def waits(self) -> bool:
        """Return False: the first queue takes its time, and an act that is written is not to seem refused."""
        return False

    @property
    def picture(self) -> "Picture":
        """Return this person's queue as it was last made."""
        return self.services.pictures.current(self.reader, self.at).picture

    @cached_property
    def queue(self) -> list[Lead]:
        """Return this person's queue as it was last made, whole."""
        picture = self.picture
        return [picture.lead(row) for row in range(len(picture))]

    def lead(self, start: str) -> Lead:
        """Return the lead of the queue whose id starts so. Raises `NotFound`, also for several."""
        try:
            return self.picture.find(start)[1]
        except NoLead:
            raise NotFound(reason(NO_SUCH, what_words="lead", start=start, command="leads")) from None

    def title_of(self, lead_id: str) -> tuple[Title, str] | None:
        """Return the title of a lead and its marking; None before the first queue is ready, or without it."""
        picture = self.services.pictures.at_hand(self.reader)
        try:
            return picture.titled(lead_id) if picture else None
        except NoLead:
            return None

    def leads_naming(self, subjects: Collection[str]) -> list[Lead]:
        """Return the leads of the queue that name any of these subjects."""
        picture = self.picture
        return [
            picture.lead(row) for row in sorted({int(n) for key in subjects for n in picture.naming(key)})
        ]

    def run_desks(self, marking: str) -> None:
        """Have the desks run on what was decided; no page waits, and the next queue says what it awaits."""
        services, place = self.services, str(self.floor.root)
        name = self.t("acts.running")
        _, coming = services.jobs.start("rerun", name, self.name, marking, work.rerun, place, self.actor)
        coming.add_done_callback(self._tell_failure)
        services.pictures.expect(coming, marking)
        self.heard.append(self.t("acts.desks_run"))

    def _tell_failure(self, done: "Future[int]") -> None:
        """Tell who decided, on their next page, that the desks could not run on it."""
        if not done.cancelled() and (error := done.exception()):
            key, heard = self.session.key.hex(), self.services.heard
            said = acts.render(reason(NOT_RUN, why=str(error)), self.language)
            heard.put(key, [*(heard.get(key) or []), said])

    def writer(self) -> Writer:
        """Return the floor's writer, waited for while another act is being written."""
        return self.floor.writer(self.actor, LOCK_PATIENCE)

    def note(self, note: Reason) -> None:
        """Show a sentence on the next page."""
        self.heard.append(acts.render(note, self.language))

    def known_position(self, position: int) -> None:
        """Return None: how long the log is tells of acts that this person may not see."""

    @property
    def patience(self) -> float:
        """Seconds to wait for a queue that is being made: after one's own act, so as to see it there."""
        return PATIENCE if self.services.heard.get(self.session.key.hex()) else 0.0

    def log_query(self, what: str, **detail: object) -> None:
        """Log what was looked at; returns when it is durable, so that nothing is shown unlogged."""
        said: Mapping[str, object] = {"what": what, **{k: v for k, v in detail.items() if v is not None}}
        self.services.scribe.log(self.actor, "query", said)

    def t(self, key: str, **params: object) -> str:
        """Words of the interface in this person's language."""
        return self.services.words.say(key, self.language, **params)


def first_queue(asker: Asker, _: object) -> Preparing | None:
    """Begin this person's first queue; None where there is one to show."""
    services = asker.services
    seconds = services.pictures.preparing(asker.reader, asker.at, services.silence)
    return None if seconds is None else Preparing("queue", int(seconds), QUEUE)


def first_graph(asker: Asker, _: object = None) -> Preparing | None:
    """Begin this person's first graph; None where there is one to show."""
    services = asker.services
    seconds = services.graphs.preparing(asker.reader, asker.at, services.silence)
    return None if seconds is None else Preparing("graph", int(seconds), GRAPH)


QUEUE, GRAPH = 15, 10
"""Seconds that the first queue and graph of a new clearance take on the exercise's floor, two cores."""
