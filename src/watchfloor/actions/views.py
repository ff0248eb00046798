"""Saved views: queries of the list of leads, each under a name of one's own."""

from datetime import datetime
from typing import Annotated, ClassVar

from watchfloor.actions.base import Answer, Context, Request, action, argument, option
from watchfloor.casework import saved_views
from watchfloor.casework.saved_views import SavedView

Name = Annotated[str, argument("NAME", "What you call it.", required=True)]


class ViewRow(Answer, frozen=True):
    """A saved view; `query` is as the address of the list has it."""

    texts: ClassVar = "views"
    columns: ClassVar = ("name", "query", "saved_at")

    name: str
    query: str
    saved_at: datetime
    marking: str = ""


class ViewList(Answer, frozen=True):
    """One's saved views, by name."""

    views: list[ViewRow]
    marking: str = ""


class ListViews(Request, frozen=True):
    """Nothing needs to be said."""


@action("views list", "views list", rows="views", empty="views.empty")
def list_(context: Context, ask: ListViews) -> ViewList:  # noqa: ARG001 - every action takes a request
    """List your saved views."""
    found = saved_views.saved(context.floor.root, context.actor.name)
    return ViewList(views=[_row(one) for one in found])


class SaveView(Request, frozen=True):
    """A query, and its name."""

    name: Name = ""
    query: Annotated[
        str, option("The query, as the address of the list has it: state=new&least=1&hypothesis=smuggling.")
    ] = ""


@action(
    "views save",
    'views save "Likely by boat" --query "state=new&band=5&band=6"',
    writes=True,
    done="views.done_save",
)
def save(context: Context, ask: SaveView) -> ViewRow:
    """Save a query of the list of leads under a name; an earlier one of that name goes."""
    return _row(saved_views.save(context.floor.root, context.actor.name, ask.name, ask.query, context.now))


class RemoveView(Request, frozen=True):
    """Which saved view."""

    name: Name = ""


@action("views remove", 'views remove "Likely by boat"', writes=True, done="views.done_remove")
def remove(context: Context, ask: RemoveView) -> ViewRow:
    """Remove a saved view."""
    return _row(saved_views.remove(context.floor.root, context.actor.name, ask.name))


def _row(one: SavedView) -> ViewRow:
    return ViewRow(name=one.name, query=one.query, saved_at=one.saved_at)
