"""Pages: templates filled with what an endpoint gave, in the words of the reader's language."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from watchfloor.casework.notices.subscriptions import subscriptions
from watchfloor.casework.notices.targets import Kind
from watchfloor.cell.acts import minute
from watchfloor.cell.wording.estimative_language import percent as whole_percent
from watchfloor.cell.wording.estimative_language import word
from watchfloor.cell.wording.titles import Title
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.endpoint import Endpoint, Left
from watchfloor.console.live.events import Head
from watchfloor.console.map.region import RegionView
from watchfloor.console.services import Services
from watchfloor.core.marking import MarkingError, joined, parse
from watchfloor.core.messages import Language
from watchfloor.core.templates import environment
from watchfloor.messages import figures, number, signed, typeset
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy import terms
from watchfloor.store import clock

CSRF: Final = "csrf"
ONCE: Final = "once"
BACK: Final = "back"
SHOWN_ON: Final = "shown-on"
"""Fields that every form has beside its own: whose it is, that it is sent once, the page's query and path."""
OWN_FIELDS: Final = (CSRF, ONCE, BACK, SHOWN_ON)

Fields = Mapping[str, Sequence[str]]
"""What was posted: the values of each field in their order."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was refused, or whose session was over: what was typed is in it again.

    Attributes:
        name: of the endpoint it posts to.
        path: that it posted to, which tells several forms of a page apart.
        fields: as they were posted.
        said: why it was not done; empty where it was not tried.
        anyway: whether it may be done all the same, once that is read.
        left: of a form of several acts, those that were not done and why.
    """

    name: str = ""
    path: str = ""
    fields: Fields = field(default_factory=dict)
    said: str = ""
    anyway: bool = False
    left: Mapping[str, Left] = field(default_factory=dict)

    def at(self, path: str) -> "Form":
        """This form where it belongs to the path; else an empty one."""
        return self if self.path == path else Form()

    def get(self, name: str, default: object = "") -> str:
        """The last value of a field, or what stands there at first."""
        found = self.fields.get(name)
        return found[-1] if found else ("" if default is None else str(default))

    def has(self, name: str, value: str) -> bool:
        """Whether a field has a value among its own, such as a box that was ticked."""
        return value in self.fields.get(name, ())


class Say:
    """The words of the interface in one language, as templates call them: `t("queue.title")`."""

    def __init__(self, words: Catalogue, language: Language) -> None:
        self._words, self._language = words, language

    def __call__(self, key: str, **params: object) -> str:
        """Return the text of a key."""
        return self._words.say(key, self._language, **params)

    def word(self, start: str, word: str) -> str:
        """Return the text of a word of the records; the word itself if it has none."""
        return self._words.word(start, word, self._language)

    def term(self, key: str, text: str) -> Markup:
        """Return a text as a word of the glossary, whose meaning shows beside it."""
        means = self._words.word("glossary.means.", key, self._language)
        return Markup('<dfn title="{}">{}</dfn>').format(means, text)

    def words(self, start: str, words: str) -> str:
        """Return the texts of words with commas between them, such as a strength of two parts."""
        return self._words.words(start, words, self._language)

    def bits(self, value: float) -> str:
        """Return bits with their sign as the language writes them: `+5.00`, `−2,80`."""
        return figures(f"{value:+.2f}", self._language).replace("-", "−")

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as the language writes it: `6,437`, `6 437`."""
        return number(value, self._language, digits)

    def signed(self, value: float, digits: int = 1) -> str:
        """Return a difference with its sign and so many decimals: `+1.5`, `−1,5`."""
        return signed(value, self._language, digits)

    def figures(self, text: str) -> str:
        """Return a text that holds figures as the language writes them: `0.25` is `0,25` in French."""
        return figures(text, self._language)

    @property
    def colon(self) -> str:
        """The colon after a label, with the space that French has before it."""
        return typeset(" :") if self._language == "fr" else ":"


class Pages:
    """The templates of a console."""

    def __init__(
        self, services: Services, places: Mapping[str, Sequence[Endpoint]], own: Sequence[Endpoint]
    ) -> None:
        self._services, self._places, self._own = services, places, own
        filters: dict[str, Callable[..., Any]] = {
            "percent": percent,
            "moment": moment,
            "iso": lambda at: at.astimezone(UTC).isoformat(timespec="seconds"),
            "size": size,
            "spoken": spoken,
            "clock": clocks,
            "telephone": lambda number: "".join(one for one in number if one in "+0123456789"),
        }
        self._templates = environment("watchfloor.console", filters)
        self._templates.globals |= {"asset": services.assets.url, "now": services.floor.now}
        self._templates.globals["rate"] = lambda: clock.rate(services.floor.root)

    def render(
        self,
        template: str,
        language: Language,
        session: Session | None = None,
        *,
        it: Any = None,
        ask: Any = None,
        form: Form | None = None,
        heard: Sequence[str] = (),
        path: str = "/",
        query: str = "",
        endpoint: Endpoint | None = None,
        live: Head | None = None,
        bell: int = 0,
        region: RegionView | None = None,
    ) -> str:
        """A page as HTML.

        Args:
            template: its file.
            language: of its words.
            session: of who looks; None before anybody has signed in.
            it: what the endpoint gave.
            ask: what was asked.
            form: one that was refused.
            heard: sentences to say once.
            path: of the page.
            query: of its address.
            endpoint: whose page it is.
            live: where the stream stood before anything on the page was read; None: the page does not listen.
            bell: how many notices of theirs were not read.
            region: the regional base map, of a page that draws maps.
        """
        marking = getattr(it, "marking", "") or ""
        if region and region.marking:
            marking = joined(filter(None, (marking, region.marking)))
        words = self._services.words
        places = {name: shown(pages, session) for name, pages in self._places.items()}
        return self._templates.get_template(template).render(
            it=it,
            ask=ask,
            form=form or Form(),
            heard=heard,
            session=session,
            lang=language,
            path=path,
            query=query,
            here=endpoint.name if endpoint else "",
            marking=marking,
            caveats=self._caveats(marking, language),
            floor=self._services.floor.settings,
            clock=clock.exercise_clock(self._services.floor.root),
            live=live,
            bell=bell,
            region=region,
            follows=lambda kind, target: self._follows(session, kind, target),
            under=lambda prefix: words.under(prefix, language),
            t=Say(words, language),
            word=lambda probability: word(probability, language),
            hidden=lambda: hidden(session, query, path),
            in_minutes=lambda minutes: self._services.floor.now() + timedelta(minutes=minutes),
            ago=lambda at: ago(at, self._services.floor.now(), language),
            places=places,
            place=place_of(path, places),
            own=lambda: shown(self._own, session),
        )

    def _follows(self, session: Session | None, kind: Kind, target: str) -> str:
        """Return the id of somebody's subscription to something; empty without one."""
        mine = subscriptions(self._services.floor.root, session.account) if session else ()
        same = (one for one in mine if (one.kind, one.target) == (kind, target))
        return next((one.id for one in same if session and one.purpose == session.purpose), "")

    def _caveats(self, marking: str, language: Language) -> list[str]:
        policy = terms.load(self._services.floor.root) if marking else None
        if policy is None:
            return []
        try:
            return policy.caveat_texts(parse(marking), language)
        except MarkingError:
            return []


def shown(pages: Iterable[Endpoint], session: Session | None) -> list[Endpoint]:
    """Return the pages of a menu that somebody may open."""
    keeper = session is not None and session.administrator
    return [one for one in pages if keeper or not one.administrator]


def place_of(path: str, places: Mapping[str, Iterable[Endpoint]]) -> str:
    """Return the place that a page belongs to: that of the page whose path begins its own; empty for none."""
    fits = {
        page.path: name
        for name, pages in places.items()
        for page in pages
        if f"{path}/".startswith(f"{page.path}/")
    }
    return fits[max(fits, key=len)] if fits else ""


def hidden(session: Session | None, query: str, path: str) -> Markup:
    """The fields that every form has beside its own."""
    values = (
        (CSRF, session.csrf if session else ""),
        (ONCE, secrets.token_urlsafe(12)),
        (BACK, query),
        (SHOWN_ON, path),
    )
    inputs = (f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values)
    return Markup("".join(inputs))  # noqa: S704 - each value was escaped


@pass_context
def spoken(context: Context, title: Title) -> str:
    """Return a title in the language of the page."""
    return title.fr if context["lang"] == "fr" else title.en


def percent(probability: float) -> str:
    """A probability as a whole percentage, no surer than the words for it: `93 %`."""
    return whole_percent(probability).replace("%", " %")


def moment(at: datetime | None) -> str:
    """A moment as a person reads it, in UTC; nothing for none."""
    return minute(at) if at else ""


def clocks(at: datetime, zone: str) -> str:
    """A moment by a local clock and by that of UTC: `03:37 EST · 08:37Z`."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M %Z} · {at.astimezone(UTC):%H:%MZ}"


@pass_context
def size(context: Context, count: int) -> str:
    """A number of bytes as the language of the page writes it: `4.2 MB`, `4,2 Mo`."""
    power = 0
    while count >= 1000 ** (power + 1) and power < 3:
        power += 1
    language: Language = context["lang"]
    unit = ("", "k", "M", "G")[power] + ("o" if language == "fr" else "B")
    return f"{number(count / 1000**power, language, 1 if power else 0)} {unit}"


def ago(at: datetime, now: datetime, language: Language) -> str:
    """How long since a moment, in the largest unit: `5 min ago`."""
    seconds = max(0, round((now - at) / timedelta(seconds=1)))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            count = seconds // length
            shown = {"d": "j"}.get(unit, unit) if language == "fr" else unit
            return f"il y a {count} {shown}" if language == "fr" else f"{count} {shown} ago"
    return "à l’instant" if language == "fr" else "just now"
