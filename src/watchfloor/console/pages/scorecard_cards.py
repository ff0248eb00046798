"""Scorecards that were assembled for pages, remembered while nothing that they rest on moves.

A scorecard takes seconds. It is kept for a view of the evidence and a day, and made anew when
something came that the reader may see, a desk ran, an act was logged that a figure counts, an embargo ended
or its day is over.
"""

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import msgspec

from watchfloor.cell.learning.audit import draws
from watchfloor.console.endpoints.endpoint import Asker, Preparing
from watchfloor.console.endpoints.failures import EXPECTED, NotHere
from watchfloor.console.services import Services
from watchfloor.core.messages import Language
from watchfloor.exchange.log.access import access
from watchfloor.scorecard import evidence
from watchfloor.scorecard.agreement.rows import On
from watchfloor.scorecard.agreement.standing import as_of
from watchfloor.scorecard.assemble import Sources, Whole, assemble, two_weeks
from watchfloor.scorecard.evidence import Evidence
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.findings import Finding, Line, Scorecard
from watchfloor.scorecard.page.page_words import word
from watchfloor.scorecard.page.view import View, view
from watchfloor.scorecard.plots import svg

MOST: Final = 12
"""Days of a console whose scorecards are remembered, the last asked for."""
SETTINGS: Final = ("code-adopted", "code-withdrawn", "peer", "peer-removed")
"""Acts that are no evidence, that a figure counts all the same, and that anybody knows of."""
KEPT: Final = (*SETTINGS, "audit-draw", "disclosed", "ingest")
"""And those that who keeps the floor knows of."""

Edition = Literal["working", "public"]


class CardAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which day, and in which edition.

    Attributes:
        on: the day as of which everything is known; none: today, UTC.
        edition: working, for those who are asked; public, with agreed figures alone.
    """

    on: date | None = None
    edition: Edition = "working"


class Worded(msgspec.Struct, frozen=True):
    """The base of a page's answer.

    Attributes:
        marking: the join of what the scorecard rests on.
        language: of its sentences.
        on: the day; `edition`: which.
        query: what a link to another page of this scorecard needs: `?on=…`, or nothing.
    """

    marking: str
    language: Language
    on: date
    edition: Edition
    query: str

    def word(self, key: str, **filled: str | int) -> str:
        """A word of the weekly page, so that the console and the paper call a thing by one name."""
        return word(key, self.language, **filled)


class CachedScorecard:
    """The scorecards of a day, and what was made of them since."""

    def __init__(self) -> None:
        self.lock, self._beginning = threading.Lock(), threading.Lock()
        self._cards: dict[Edition, Scorecard] = {}
        self._weeks: tuple[Whole, Whole] | None = None
        self._evidence: Evidence | None = None
        self._views: dict[tuple[str, Language], View] = {}
        self._drawn: dict[tuple[str, str, str, Language], str] = {}
        self._making: dict[Edition, tuple[threading.Thread, float]] = {}

    def preparing(self, asker: Asker, on: date, edition: Edition, patience: float) -> float | None:
        """Begin the scorecard beside the page, and return for how many seconds it has been made.

        None once it is made; where that failed too, as the page that then makes it tells why.
        """
        with self._beginning:
            if edition in self._cards:
                return None
            if edition not in self._making:
                said = (asker, on, edition)
                making = threading.Thread(target=self._quietly, args=said, name="scorecard", daemon=True)
                self._making[edition] = making, time.monotonic()
                making.start()
        making, began = self._making[edition]
        making.join(patience)
        return time.monotonic() - began if making.is_alive() else None

    def _quietly(self, asker: Asker, on: date, edition: Edition) -> None:
        with suppress(*EXPECTED):
            self.card(asker, on, edition)

    def card(self, asker: Asker, on: date, edition: Edition) -> Scorecard:
        """The scorecard in an edition; what takes time is the same in both."""
        with self.lock:
            if edition not in self._cards:
                sources = Sources(self._of_floor(asker), asker.floor, asker.reader)
                self._weeks = self._weeks or two_weeks(sources, on)
                self._cards[edition] = assemble(sources, on, edition, self._weeks)
            return self._cards[edition]

    def facts(self, asker: Asker, on: date) -> Facts:
        """The published numbers that its claims rest on, as known on the day."""
        with self.lock:
            return self._of_floor(asker).facts.known(on)

    def _of_floor(self, asker: Asker) -> Evidence:
        if self._evidence is None:
            self._evidence = evidence.of_floor(asker.floor, asker.reader)
        return self._evidence

    def view(self, card: Scorecard, language: Language) -> View:
        """It in words."""
        with self.lock:
            key = (card.edition, language)
            if key not in self._views:
                self._views[key] = view(card, language)
            return self._views[key]

    def drawn(self, card: Scorecard, claim: str, name: str, language: Language) -> str:
        """A plot of a claim as SVG. Raises `NotHere` where the card has none of that name."""
        key = (card.edition, claim, name, language)
        with self.lock:
            if key not in self._drawn:
                plot = next((one for one in finding_of(card, claim).plots if one.name == name), None)
                if plot is None:
                    raise NotHere
                self._drawn[key] = svg(plot, language, f"{claim}-{name}")
            return self._drawn[key]


_MADE: Final[WeakKeyDictionary[Services, OrderedDict[tuple[object, ...], CachedScorecard]]] = (
    WeakKeyDictionary()
)
_GUARD: Final = threading.Lock()


def made(asker: Asker, on: date) -> CachedScorecard:
    """Return the scorecards in memory for this reader's view, or a new one to be filled."""
    key = (*_moves(asker), on, _clock(asker, on))
    with _GUARD:
        mine = _MADE.setdefault(asker.services, OrderedDict())
        found = mine.setdefault(key, CachedScorecard())
        mine.move_to_end(key)
        while len(mine) > MOST:
            mine.popitem(last=False)
        return found


def _moves(asker: Asker) -> tuple[object, ...]:
    """Return the state that a scorecard rests on: the view, what came into it, and acts known to the reader.

    What is hidden from him moves nothing: he would notice by how long the page takes.
    """
    floor, reader = asker.floor, asker.reader
    mine = access(floor, asker.name, asker.reader)
    view_of = floor.view(reader, floor.position)
    rests = (floor.restored, view_of, reader.purpose, *floor.stands_on(reader), floor.newest_act(*SETTINGS))
    if mine.keeper:
        return (*rests, floor.newest_act(*KEPT))
    shared = sum(mine.sees(act) for act in floor.acts_of("disclosed"))
    return (*rests, asker.name, shared, len(draws(floor, reader)))


def _clock(asker: Asker, on: date) -> int | None:
    """How many embargoes have ended by now that the reader knows of; None of a day that is over, whose page
    no longer goes by the minute."""
    if not isinstance(as_of(on, asker.at), datetime):
        return None
    acts = On.rows(asker.floor, asker.reader)
    return len([act for act in acts if act["until"] and act["until"] <= asker.at])


def card_of(asker: Asker, ask: CardAsk) -> tuple[CachedScorecard, Scorecard]:
    """The scorecard that is asked for."""
    on = day_of(asker, ask)
    kept = made(asker, on)
    return kept, kept.card(asker, on, ask.edition)


def first_card(asker: Asker, ask: CardAsk) -> Preparing | None:
    """Begin the scorecard of a day; None where there is one to show.

    One that was begun is waited for also where evidence came meanwhile: a floor may never rest.
    """
    on = day_of(asker, ask)
    with _GUARD:
        begun = _BEGUN.setdefault(asker.services, {})
        one = begun.pop((asker.session.key, on, ask.edition), None)
    one = one or made(asker, on)
    seconds = one.preparing(asker, on, ask.edition, asker.services.silence)
    if seconds is None:
        return None
    with _GUARD:
        while len(begun) >= MOST:
            del begun[next(iter(begun))]
        begun[asker.session.key, on, ask.edition] = one
    return Preparing("scorecard", int(seconds), SECONDS)


SECONDS: Final = 7
"""Seconds that a first scorecard takes on the exercise's floor, two cores."""
_BEGUN: Final[WeakKeyDictionary[Services, dict[tuple[bytes, date, Edition], CachedScorecard]]] = (
    WeakKeyDictionary()
)
"""By session, day and edition, a scorecard that somebody waits for."""


def day_of(asker: Asker, ask: CardAsk) -> date:
    """The day that is asked for, or today."""
    return ask.on or asker.at.date()


def query_of(ask: CardAsk) -> str:
    """Return the query that a link keeps."""
    told = {"on": ask.on.isoformat() if ask.on else "", "edition": ask.edition}
    if told["edition"] == "working":
        del told["edition"]
    kept = {name: value for name, value in told.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def heads(asker: Asker, card: Scorecard, ask: CardAsk) -> dict[str, Any]:
    """Return the fields of a `Worded`."""
    return {
        "marking": card.marking,
        "language": asker.language,
        "on": card.on,
        "edition": card.edition,
        "query": query_of(ask),
    }


def finding_of(card: Scorecard, claim: str) -> Finding:
    """A finding by its claim. Raises `NotHere`."""
    found = next((one for one in card.findings if one.claim == claim), None)
    if found is None:
        raise NotHere
    return found


def line_of(card: Scorecard, id_: str) -> Line:
    """A line by its id. Raises `NotHere`."""
    found = next((one for one in card.lines if one.id == id_), None)
    if found is None:
        raise NotHere
    return found
