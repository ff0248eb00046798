"""Saved views: queries of the list of leads that a person has given a name."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, get_args
from urllib.parse import parse_qsl, urlencode

import msgspec

from watchfloor.casework.personal import personal
from watchfloor.casework.triage import State
from watchfloor.cell.acts import NO_SUCH, NotFound, nonempty, refuse
from watchfloor.cell.wording.estimative_language import WORDS
from watchfloor.core.messages import declare, reason
from watchfloor.store import log
from watchfloor.store.index.bodies import micros
from watchfloor.store.index.places import Box
from watchfloor.store.index.places import parse as parse_box

Tab = Literal["", "new", "mine", "watching", "tasked", "closed"]
assert {*get_args(State), "mine"} == {*get_args(Tab), "taken"} - {""}

FRESH: Final = {
    "1h": timedelta(hours=1),
    "8h": timedelta(hours=8),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
LONGEST_NAME: Final = 60
MOST: Final = 100
"""Views of one person."""

NO_BAND: Final = declare("console.no-band", "band", "last")
NO_BOX: Final = declare("console.no-box", "problem")
NO_FRESH: Final = declare("console.no-freshness", "fresh", "spans")
NO_QUERY: Final = declare("cell.view-no-query", "query", "fields")
LONG_NAME: Final = declare("cell.view-long-name", "most")
TOO_MANY: Final = declare("cell.view-too-many", "most")


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which leads.

    Attributes:
        state: new, mine, watching, tasked or closed; empty: all.
        least: the lowest band that is shown where `band` names none; 0: all.
        hypothesis: name of one, of the head of a matter or of what else it may be.
        band: numbers of bands of probability, 0 the least likely.
        fresh: 1h, 8h, 24h or 7d: known since no longer than that.
        unit: with an open task of this unit.
        text: part of a subject's key, or the start of a lead's id.
        box: west,south,east,north in degrees.
    """

    state: Tab = ""
    least: Annotated[int, msgspec.Meta(ge=0, lt=len(WORDS))] = 0
    hypothesis: str = ""
    band: list[int] = []
    fresh: str = ""
    unit: str = ""
    text: str = ""
    box: str = ""

    @property
    def rectangle(self) -> Box | None:
        """Return the box; None without one. Refused where it is none."""
        try:
            return parse_box(self.box) if self.box else None
        except ValueError as error:
            refuse(NO_BOX, problem=str(error))

    def check(self) -> None:
        """Refuse a band, a span or a box that there is not."""
        if wrong := next((n for n in self.band if not 0 <= n < len(WORDS)), None):
            refuse(NO_BAND, band=wrong, last=len(WORDS) - 1)
        if self.fresh and self.fresh not in FRESH:
            refuse(NO_FRESH, fresh=self.fresh, spans=", ".join(FRESH))
        _ = self.rectangle

    def written(self) -> str:
        """Return it as the list's address has it, without what asks for nothing."""
        given = {name: getattr(self, name) for name in Query.__struct_fields__}
        return urlencode({name: value for name, value in given.items() if value}, doseq=True)


def parse(query: str) -> Query:
    """Return the query of an address such as `state=new&least=1`. Refused where it is none."""
    given: dict[str, object] = {}
    for name, value in parse_qsl(query.strip().removeprefix("?")):
        given[name] = [*given.get("band", ()), value] if name == "band" else value  # type: ignore[misc]
    try:
        found = msgspec.convert(given, Query, strict=False)
    except msgspec.ValidationError:
        refuse(NO_QUERY, query=query, fields=", ".join(Query.__struct_fields__))
    found.check()
    return found


class SavedView(NamedTuple):
    """A query with its name."""

    name: str
    query: str
    saved_at: datetime


def save(root: Path, person: str, name: str, query: str, now: datetime) -> SavedView:
    """Keep a query under a name; an earlier one of that name goes. Refused where either cannot be used."""
    name, query = nonempty(name, "name"), parse(query).written()
    if len(name) > LONGEST_NAME:
        refuse(LONG_NAME, most=LONGEST_NAME)
    with personal(root) as file:
        others = file.execute(
            "SELECT count(*) FROM saved_views WHERE person = ? AND name != ?", (person, name)
        ).fetchone()[0]
        if others >= MOST:
            refuse(TOO_MANY, most=MOST)
        file.execute(
            "INSERT OR REPLACE INTO saved_views VALUES (?, ?, ?, ?)", (person, name, query, micros(now))
        )
    return SavedView(name, query, now)


def saved(root: Path, person: str) -> list[SavedView]:
    """Return the views of a person by name."""
    with personal(root) as file:
        rows = file.execute(
            "SELECT name, query, saved_at FROM saved_views WHERE person = ? ORDER BY name COLLATE NOCASE",
            (person,),
        ).fetchall()
    return [SavedView(name, query, log.moment(at)) for name, query, at in rows]


def find(root: Path, person: str, name: str) -> SavedView:
    """Return the view of that name. Raises `NotFound`."""
    found = next((one for one in saved(root, person) if one.name == name.strip()), None)
    if found is None:
        raise NotFound(reason(NO_SUCH, what_words="view", start=name, command="views list"))
    return found


def remove(root: Path, person: str, name: str) -> SavedView:
    """Remove a view. Raises `NotFound`."""
    found = find(root, person, name)
    with personal(root) as file:
        file.execute("DELETE FROM saved_views WHERE person = ? AND name = ?", (person, found.name))
    return found
