"""Public alerts on the watch: those that are in force, and one that a person gives to the public."""

from datetime import datetime
from typing import Annotated, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Request, action, words
from watchfloor.casework.watch.public_alerts import AlertInForce, in_force
from watchfloor.core.marking import joined

MOST: Final = 50
"""Alerts that are shown; the rest is counted, and `search` finds it."""


class PublicAlertView(Answer, frozen=True):
    """A public alert in force.

    Attributes:
        life: whether lives are at risk by its own words.
        since: when what it warns of begins; `until`: when it ends; null: it does not say so.
        areas: where, in words; `place`: latitude, longitude and metres of a circle around them.
        issuer: who speaks; `source`: the feed that brought it.
        signed: it carries a signature, which nobody has verified.
    """

    texts: ClassVar = "public_alert"
    columns: ClassVar = ("life", "headline", "severity", "urgency", "certainty", "since", "until", "areas")

    record: str
    life: bool
    headline: str
    event: str | None
    severity: Annotated[str, words("public_alert.severity_")]
    urgency: Annotated[str, words("public_alert.urgency_")]
    certainty: Annotated[str, words("public_alert.certainty_")]
    since: datetime
    until: datetime | None
    areas: list[str]
    place: tuple[float, float, float] | None
    description: str | None
    instruction: str | None
    issuer: str
    source: str
    signed: bool
    marking: str


class PublicAlertList(Answer, frozen=True):
    """Public alerts in force at a moment, life at risk first.

    Attributes:
        more: how many there are beyond those that are listed.
    """

    alerts: list[PublicAlertView]
    more: int
    now: datetime
    marking: str


def standing(context: Context, now: datetime, as_of: int | datetime | None) -> PublicAlertList:
    """Return what is in force at a moment; who shows it logs it."""
    found = in_force(context.floor, context.reader, now, context.language, as_of)
    alerts = [_view(one) for one in found[:MOST]]
    return PublicAlertList(
        alerts=alerts,
        more=len(found) - len(alerts),
        now=now,
        marking=joined(one.marking for one in alerts),
    )


@action("watch public", "watch public", past=True, rows="alerts", empty="public_alert.none")
def list_public(context: Context, _: Request) -> PublicAlertList:
    """List the public alerts that are in force, life at risk first. Nobody has verified their signatures."""
    found = standing(context, context.now, context.as_of)
    context.log_query("public alerts", alerts=len(found.alerts), shown=[one.record for one in found.alerts])
    return found


def _view(one: AlertInForce) -> PublicAlertView:
    row = one.row
    place = (row["latitude"], row["longitude"], row["radius"])
    return PublicAlertView(
        record=row["record_id"].hex(),
        life=one.life,
        headline=row["headline"] or row["event"] or row["message"],
        event=row["event"],
        severity=row["severity"] or "unknown",
        urgency=row["urgency"] or "unknown",
        certainty=row["certainty"] or "unknown",
        since=row["since"],
        until=row["until"],
        areas=[area["description"] for area in row["areas"] or () if area["description"]],
        place=None if row["latitude"] is None else place,
        description=row["description"],
        instruction=row["instruction"],
        issuer=row["issuer"] or row["sender"],
        source=row["source"],
        signed=bool(row["signed"]),
        marking=row["marking"],
    )
