"""Public alerts on the watch: those that are in force, and one that a person gives to the public."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import (
    MOST_MINUTES,
    UNSTATED,
    WROTE,
    Answer,
    Context,
    Request,
    action,
    argument,
    new_file,
    note,
    option,
    words,
)
from watchfloor.actions.products import NO_LAW
from watchfloor.casework.tasking.spots import place
from watchfloor.casework.watch.public_alerts import OWN, AlertInForce, in_force, pick_own
from watchfloor.cell.acts import Row, Unusable, common, new_id, nonempty, refuse, render, write_all
from watchfloor.core.kinds import PUBLIC_ALERT
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.exchange import cap
from watchfloor.formats.alerts.cap import around, message_of

NOT_PUBLIC: Final = declare("public_alert.not-public", "lead", "why")
NOTHING_ENDED: Final = declare("public_alert.nothing-ended")
PROFILE: Final = "profile:CAP-CP:0.4"
"""Code of the Canadian profile, whose rules for two languages and times a message follows."""

Category = Literal[
    "geo",
    "met",
    "safety",
    "security",
    "rescue",
    "fire",
    "health",
    "env",
    "transport",
    "infra",
    "cbrne",
    "other",
]
Urgency = Literal["immediate", "expected", "future", "past", "unknown"]
Severity = Literal["extreme", "severe", "moderate", "minor", "unknown"]
Certainty = Literal["observed", "likely", "possible", "unlikely", "unknown"]

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


class Announce(Request, frozen=True, kw_only=True):
    """A public alert, in both languages, and who released it."""

    event: Annotated[str, argument("EVENT", "What it warns of, such as 'Ice jam'.", required=True)] = ""
    event_fr: Annotated[str, option("The same in French.", required=True)] = ""
    headline: Annotated[str, option("In one line.", required=True)] = ""
    headline_fr: Annotated[str, option("The same in French.", required=True)] = ""
    description: Annotated[str, option("What happens.")] = ""
    description_fr: Annotated[str, option("The same in French.")] = ""
    instruction: Annotated[str, option("What people should do.")] = ""
    instruction_fr: Annotated[str, option("The same in French.")] = ""
    area: Annotated[str, option("Where, in words.", required=True)] = ""
    area_fr: Annotated[str, option("The same in French.", required=True)] = ""
    place: Annotated[str, option("Where: latitude,longitude,metres around it.")] = ""
    category: Annotated[Category, option("What sort of event.")] = "safety"
    urgency: Annotated[Urgency, option("How soon it comes.")] = "unknown"
    severity: Annotated[Severity, option("How grave it is.")] = "unknown"
    certainty: Annotated[Certainty, option("How sure it is.")] = "unknown"
    minutes: Annotated[int, option("How long it holds.", minimum=1, maximum=MOST_MINUTES)] = 360
    about: Annotated[str, option("The lead it rests on, which must be marked for everybody.")] = ""
    replaces: Annotated[str, option("An alert of this floor that it updates: its id, or the start.")] = ""
    cancel: Annotated[bool, option("End the alert that it replaces.")] = False
    test: Annotated[bool, option("It is a test; on the floor of an exercise it is one of these anyway.")] = (
        False
    )
    sender: Annotated[str, option("Your id with who distributes alerts, such as alerts@agency.example.")] = ""
    released: Annotated[str, option("Who released it to the public, and on what ground.", required=True)] = ""
    output: Annotated[Path | None, option("Write the CAP message here.", spelling="--out -o")] = None


class Announced(Answer, frozen=True):
    """A public alert that was written.

    Attributes:
        alert: its id. message: as others refer to it. cap: the message, CAP 1.2.
        position: of its record in the log.
    """

    alert: str
    message: str
    status: str
    until: datetime
    cap: str
    position: int | None
    marking: str


@action(
    "watch announce",
    'watch announce "Ice jam" --event-fr "Embâcle" --headline "Stay off the ice" --headline-fr '
    '"Restez loin de la glace" --area Emerson --area-fr Emerson --place 49.0,-97.2,4000 --released '
    '"Insp. Roy: lives on the ice" --purpose "life and safety" --authority "Emergency Measures Act s. 2"',
    writes=True,
    done="public_alert.done",
    document="cap",
)
def announce_public(context: Context, ask: Announce) -> Announced:
    """Write a public alert as a CAP 1.2 message in both languages, which a person states was released.

    It says what you type and nothing of any record. A lead that it rests on must be marked for everybody.
    """
    actor = context.actor
    if actor.purpose == UNSTATED["purpose"] or actor.authority == UNSTATED["authority"]:
        raise Unusable(reason(NO_LAW))
    released = nonempty(ask.released, "why")
    if ask.about:
        lead = context.lead(ask.about)
        if why := cap.why_not_public(lead.marking):
            refuse(NOT_PUBLIC, lead=lead.lead_id, why=render(why, context.language))
    if ask.cancel and not ask.replaces:
        refuse(NOTHING_ENDED)
    with context.writer() as writer:
        now = writer.moment().replace(microsecond=0)
        rows = _rows(context, ask, now, new_id(context.floor.key, "announced", actor.name, now.isoformat()))
        data = cap.alert(rows)
        with _kept(context, ask.output, data):
            position = write_all(writer, PUBLIC_ALERT, rows, data)
            said = cap.disclosed(rows, data, released, actor.name, actor.purpose, actor.authority)
            writer.act("disclosed", said | {"record_at": position})
    first = rows[0]
    return Announced(
        alert=first["identifier"],
        message=first["message"],
        status=first["status"],
        until=first["until"],
        cap=data.decode(),
        position=position,
        marking=cap.MARKING,
    )


@contextmanager
def _kept(context: Context, file: Path | None, data: bytes) -> Iterator[None]:
    if file is None:
        yield
        return
    with new_file(file, data):
        yield
    note(context, WROTE, file=str(file))


def _rows(context: Context, ask: Announce, now: datetime, identifier: str) -> list[Row]:
    """Return the message as records, one a language."""
    floor = context.floor
    earlier = pick_own(floor, context.reader, ask.replaces) if ask.replaces else None
    sender = ask.sender or "-".join(floor.settings.name.split())
    message = message_of(sender, identifier, now)
    status = "exercise" if floor.settings.exercise else "test" if ask.test else "actual"
    where = place(ask.place) if ask.place else None
    circle = [f"{where[0]:.5f},{where[1]:.5f} {where[2] / 1000:.3f}"] if where else []
    both: dict[str, dict[str, Any]] = {
        "en-CA": {"event": ask.event, "headline": ask.headline, "description": ask.description},
        "fr-CA": {"event": ask.event_fr, "headline": ask.headline_fr, "description": ask.description_fr},
    }
    both["en-CA"] |= {"instruction": ask.instruction, "area": ask.area}
    both["fr-CA"] |= {"instruction": ask.instruction_fr, "area": ask.area_fr}
    rows = []
    for number, (language, said) in enumerate(both.items(), 1):
        area = {"description": said.pop("area"), "polygons": [], "circles": circle, "geocodes": []}
        row = dict.fromkeys(field.name for field in PUBLIC_ALERT.columns) | common(
            OWN, f"{message} {number}", cap.MARKING, now
        )
        row |= {
            "message": message,
            "sender": sender,
            "identifier": identifier,
            "status": status,
            "message_type": "cancel" if ask.cancel else "update" if earlier else "alert",
            "scope": "public",
            "replaces": [earlier["message"], *(earlier["replaces"] or ())] if earlier else [],
            "codes": [PROFILE],
            "signed": False,
            "language": language,
            "categories": [ask.category],
            "urgency": ask.urgency,
            "severity": ask.severity,
            "certainty": ask.certainty,
            "effective": now,
            "since": now,
            "until": now + timedelta(minutes=ask.minutes),
            "issuer": floor.settings.name,
            **{name: text or None for name, text in said.items()},
            "areas": [area],
        }
        rows.append(row | dict(zip(("latitude", "longitude", "radius"), around([area]), strict=True)))
    return rows
