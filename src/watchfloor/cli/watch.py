"""`watchfloor watch`: the log of the watch, its alerts, its handovers and its situation report."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import (
    AsOfOption,
    FlagOption,
    MarkingOption,
    clock,
    lead_of,
    minute,
    print_blocks,
    refusals,
    write_new,
    writing,
)
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.acting.orders import Watch
    from watchfloor.cell.acting.sitrep import Records
    from watchfloor.cell.acting.watch import Due
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

app = typer.Typer(
    help="Keep the watch: log, alerts and who must answer them, handovers, the situation report.",
    no_args_is_help=True,
)

TextArgument = Annotated[str, typer.Argument(metavar="TEXT", help="In your words.")]
AlertArgument = Annotated[str, typer.Argument(metavar="ALERT", help="The alert's id, or its start.")]
AboutOption = Annotated[
    str | None, typer.Option("--about", help="The lead or task it is about: its id, or the start of it.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="From this day or moment on, such as 2026-11-24T18:00Z.")
]
SHIFT: Final = timedelta(hours=12)


@app.command()
def note(
    text: TextArgument,
    about: AboutOption = None,
    flag: FlagOption = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Write a line into the log of the watch. Flags on a lead go to every later task on it.

    Example: watchfloor watch note "Lacolle reports the truck has not arrived" --about 3f2a
    """
    from watchfloor.cell.acting import watch

    opened = _open(floor)
    with refusals(lang):
        named, marked = _about(opened, about, marking, purpose)
        with writing(opened, purpose, authority) as writer:
            row = watch.note(text, who(), writer.moment(), opened.key, marked, named, flag or [])
            position = _write(writer, row)
    _say(row, position, lang, as_json)


@app.command()
def alert(
    text: TextArgument,
    to: Annotated[
        str | None, typer.Option("--to", help="Who must acknowledge it; else who is on call first.")
    ] = None,
    about: AboutOption = None,
    flag: FlagOption = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Raise an alert that somebody must acknowledge in time; the standing orders that fit are shown.

    Example: watchfloor watch alert "Small boat, taking water, two on board" --flag life-at-risk
    """
    from watchfloor.cell.acting import watch

    opened, keeping = _open(floor), _keeping(floor)
    with refusals(lang):
        named, marked = _about(opened, about, marking, purpose)
        with writing(opened, purpose, authority) as writer:
            now, entries = writer.moment(), _entries(opened, purpose)
            row = watch.alert(keeping, entries, text, who(), now, opened.key, marked, named, flag or [], to)
            position = _write(writer, row)
    _say(row, position, lang, as_json, _orders(keeping, row, lang))


@app.command()
def ack(
    alert: AlertArgument,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What you do about it.")] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Acknowledge an alert: you have it. The second who tries is told who has.

    Example: watchfloor watch ack 9d41 "rescue coordination centre called, 03:14"
    """
    from watchfloor.cell.acting import watch

    opened, keeping = _open(floor), _keeping(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        found = _pick_alert(keeping, _entries(opened, purpose), alert)
        row = watch.acknowledge(found, who(), writer.moment(), text)
        position = _write(writer, row)
    _say(row, position, lang, as_json, _orders(keeping, found.rows[0], lang))


@app.command()
def escalate(
    alert: AlertArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Send an alert up the chain now. One that is late goes up without it: see `watch due`.

    Example: watchfloor watch escalate 9d41 --why "no answer by telephone"
    """
    from watchfloor.cell.acting import watch

    opened, keeping = _open(floor), _keeping(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        entries = _entries(opened, purpose)
        found = _pick_alert(keeping, entries, alert)
        row = watch.escalate(keeping, entries, found, who(), writer.moment(), why)
        position = _write(writer, row)
    _say(row, position, lang, as_json, _orders(keeping, found.rows[0], lang))


@app.command()
def handover(
    to: Annotated[str, typer.Option("--to", help="Who takes over: the name that will sign.")],
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What the next officer should know.")] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Offer the watch to the next officer, with all that is open; complete when that officer has signed.

    Example: watchfloor watch handover --to tremblay "Quiet night; the parcel waits for the laboratory"
    """
    from watchfloor.cell.acting import watch

    opened, keeping = _open(floor), _keeping(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        now = writer.moment()
        listed, marked = _listed(opened, keeping, now, lang, purpose)
        row = watch.offer("\n".join([*([text] if text else []), *listed]), to, who(), now, opened.key, marked)
        position = _write(writer, row)
    _say(row, position, lang, as_json)
    if not as_json:
        typer.echo(row["text"])


@app.command()
def sign(
    entry: Annotated[str, typer.Argument(metavar="HANDOVER", help="The handover's id, or its start.")],
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What you want on record.")] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take the watch that was offered to you; what is open now is listed and kept with your signature.

    Example: watchfloor watch sign 77ab
    """
    from watchfloor.cell.acting import watch
    from watchfloor.cell.acting.acts import pick

    opened, keeping = _open(floor), _keeping(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        now = writer.moment()
        found = pick(watch.handovers(_entries(opened, purpose)), entry, "handover-offered", "watch log --all")
        listed, marked = _listed(opened, keeping, now, lang, purpose)
        said = "\n".join([*([text] if text else []), *listed])
        row = watch.sign(found, said, who(), now, marked)
        position = _write(writer, row)
    _say(row, position, lang, as_json)
    if not as_json:
        typer.echo(row["text"])


@app.command("on-call")
def on_call(
    role: Annotated[
        str | None, typer.Argument(help="A role of the chain; without one, who is on call.")
    ] = None,
    person: Annotated[str | None, typer.Argument(help="Who takes it.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Until when: a day or a moment.")] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say who is on call in a role of the chain, or show who is.

    Example: watchfloor watch on-call "duty inspector" "insp. Okafor" --until 2026-11-25T07:00Z
    """
    from watchfloor.cell.acting import watch
    from watchfloor.feeds.config import PERSONAL

    opened, keeping = _open(floor), _keeping(floor)
    if role is None:
        position = as_of(at)
        now = clock(opened, position)
        on = watch.roster(keeping, _entries(opened, purpose, position), now)
        opened.act(acting(purpose, authority), "query", {"what": "on call", "as_of": at})
        rows = [{"role": one, "person": name} for one, name in on.items()]
        if as_json:
            print_rows(rows, "roles")
        else:
            heads = {"en": ("role", "on call"), "fr": ("rôle", "de garde")}
            print_table("", heads[lang], ((r["role"], r["person"] or "–") for r in rows), "")
        return
    with refusals(lang), writing(opened, purpose, authority) as writer:
        end = moment(until, "--until") if until else None
        row = watch.on_call(keeping, role, person or "", end, who(), writer.moment(), opened.key, PERSONAL)
        written = _write(writer, row)
    _say(row, written, lang, as_json)


@app.command()
def log(
    since: SinceOption = None,
    all_: Annotated[
        bool, typer.Option("--all", help="From the first line; else the last twelve hours.")
    ] = False,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show the log of the watch, oldest first.

    Example: watchfloor watch log --since 2026-11-24T18:00Z
    """
    opened = _open(floor)
    position = as_of(at)
    start = _since(since, clock(opened, position))
    entries = [
        row
        for row in _entries(opened, purpose, position)
        if (all_ and not since) or row["observed_at"] >= start
    ]
    detail = {"what": "watch log", "as_of": at, "lines": len(entries)}
    shown = [row["entry"] for row in entries]
    opened.act(acting(purpose, authority), "query", detail | {"shown": shown})
    if as_json:
        print_rows(map(_entry_row, entries), "lines")
        return
    empty = {
        "en": "Nothing in the log of the watch that you may see since then; --all shows it from the start.",
        "fr": "Rien dans le journal que vous puissiez voir depuis; --all le montre depuis le début.",
    }
    print_blocks((_block(row, lang) for row in entries), empty[lang])


@app.command()
def due(
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List alerts that nobody has acknowledged, life at risk first: with whom they are, and who is next.

    Example: watchfloor watch due
    """
    from watchfloor.cell.acting import watch

    opened, keeping = _open(floor), _keeping(floor)
    position = as_of(at)
    now = clock(opened, position)
    found = watch.due(keeping, _entries(opened, purpose, position), now)
    detail = {"what": "alerts", "as_of": at, "alerts": len(found)}
    shown = [one.alert.entry for one in found]
    opened.act(acting(purpose, authority), "query", detail | {"shown": shown})
    if as_json:
        print_rows((_due_row(keeping, one, lang) for one in found), "alerts")
        return
    empty = {
        "en": "Every alert that you may see is acknowledged.",
        "fr": "Chaque alerte que vous pouvez voir a reçu un accusé de réception.",
    }
    print_blocks((_due_block(keeping, one, lang) for one in found), empty[lang])


@app.command()
def sitrep(
    since: SinceOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it to this new file, Markdown.")
    ] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a situation report from the log: what is open, life first, and what happened since.

    Every sentence ends with the start of its record's id, which `watchfloor record` takes.

    Example: watchfloor watch sitrep --since 2026-11-24T18:00Z -o sitrep.md
    """
    from hashlib import sha256

    from watchfloor.cell.acting.sitrep import sitrep as draft

    opened, keeping = _open(floor), _keeping(floor)
    position = as_of(at)
    now = clock(opened, position)
    report = draft(keeping, _records(opened, purpose, position), _since(since, now), now)
    text = report.markdown(lang)
    digest = sha256(text.encode()).hexdigest()
    opened.act(acting(purpose, authority), "query", {"what": "sitrep", "as_of": at, "digest": digest})
    if out:
        write_new(out, text)
    if as_json:
        print_json(
            {
                "marking": report.marking,
                "since": _since(since, now),
                "until": now,
                "sentences": [
                    {"section": one.section, "text": one.text(lang), "record": one.record_id.hex()}
                    | {"marking": one.marking}
                    for one in report.sentences
                ],
            }
        )
    elif not out:
        typer.echo(text)


def _open(floor: Path) -> "Floor":
    from watchfloor.store.floor import Floor

    return Floor.open(floor)


def _keeping(floor: Path) -> "Watch":
    from watchfloor.cell.acting.orders import load

    return load(floor)


def _entries(opened: "Floor", purpose: str, position: int | datetime | None = None) -> "list[Row]":
    from watchfloor.cell.acting.acts import read
    from watchfloor.records.kinds import WATCH_ENTRY

    return read(opened, reader(opened, purpose), WATCH_ENTRY, position)


def _records(opened: "Floor", purpose: str, position: int | datetime | None = None) -> "Records":
    from watchfloor.cell.acting.sitrep import records_of

    return records_of(opened, reader(opened, purpose), position)


def _write(writer: "Writer", row: "Row") -> int:
    from watchfloor.cell.acting.acts import write
    from watchfloor.records.kinds import WATCH_ENTRY

    return write(writer, WATCH_ENTRY, row)


def _about(opened: "Floor", about: str | None, marking: str | None, purpose: str) -> tuple[str | None, str]:
    """What a line is about, and its marking: never below that of what it is about."""
    from watchfloor.cell.acting.acts import read
    from watchfloor.cell.acting.tasks import tasks
    from watchfloor.feeds.config import PERSONAL
    from watchfloor.records.kinds import TASK
    from watchfloor.records.marking import join

    if about is None:
        return None, join([marking or PERSONAL])
    mine = [
        one
        for id_, one in tasks(read(opened, reader(opened, purpose), TASK)).items()
        if id_.startswith(about)
    ]
    if len(mine) == 1:
        return mine[0].task, join([mine[0].order.marking, *([marking] if marking else [])])
    lead = lead_of(opened, about, purpose)
    return lead.lead_id, join([lead.marking, *([marking] if marking else [])])


def _pick_alert(keeping: "Watch", entries: "list[Row]", start: str) -> Any:
    from watchfloor.cell.acting.acts import pick
    from watchfloor.cell.acting.watch import alerts

    return pick(alerts(keeping, entries), start, "alert", "watch log --all")


def _listed(
    opened: "Floor", keeping: "Watch", now: datetime, lang: "Language", purpose: str
) -> tuple[list[str], str]:
    """What a handover lists, and its marking: open alerts and tasks, life first, and the standing orders."""
    from watchfloor.cell.acting.sitrep import HEADINGS, still_open
    from watchfloor.feeds.config import PERSONAL
    from watchfloor.records.marking import join

    found = still_open(keeping, _records(opened, purpose), now)
    lines = [f"{HEADINGS[one.section][lang]}: {one.text(lang)} [{one.record_id.hex()[:12]}]" for one in found]
    nothing = {"en": "No open alert and no open task.", "fr": "Aucune alerte ni tâche ouverte."}
    orders = [f"{order.name}: {order.text(lang)}" for order in keeping.order]
    return [*(lines or [nothing[lang]]), *orders], join([PERSONAL, *(one.marking for one in found)])


def _orders(keeping: "Watch", row: "Row", lang: "Language") -> list[str]:
    return [f"{one.name}: {one.text(lang)}" for one in keeping.orders(row["flags"], row["text"])]


def _since(since: str | None, now: datetime) -> datetime:
    return moment(since, "--since") if since else now - SHIFT


def _told(row: "Row", lang: "Language") -> str:
    """What an entry is, to whom and by when, on one line."""
    from watchfloor.cell.acting.acts import words

    to = {"en": f" for {row['to']}", "fr": f" pour {row['to']}"}[lang] if row["to"] else ""
    due = {"en": f", due {minute(row['due'])}", "fr": f", échéance {minute(row['due'])}"}[lang]
    flags = f" [{words(', '.join(row['flags']), lang)}]" if row["flags"] else ""
    return f"{words(row['what'], lang)} {row['entry']}{to}{due if row['due'] else ''}{flags}"


def _block(row: "Row", lang: "Language") -> tuple[str, list[str]]:
    return f"{minute(row['observed_at'])}  {row['by']}: {_told(row, lang)}", row["text"].splitlines()


def _due_block(keeping: "Watch", one: "Due", lang: "Language") -> tuple[str, list[str]]:
    """An open alert: its flags, with whom it is, who is next, its text and the standing orders."""
    from watchfloor.cell.acting.acts import words

    late = {"en": "LATE, ", "fr": "EN RETARD, "}[lang] if one.late else ""
    until = minute(one.by)
    beyond = {
        "en": f"then {one.next}" if one.next else "nobody above",
        "fr": f"puis {one.next}" if one.next else "personne au-dessus",
    }
    upto = {"en": "with {} until {}, {}", "fr": "chez {} jusqu’à {}, {}"}[lang]
    flags = f" [{words(', '.join(one.alert.flags), lang)}]" if one.alert.flags else ""
    head = f"{one.alert.entry}{flags}  {late}{upto.format(one.to, until, beyond[lang])}"
    return head, [one.alert.text, *_orders(keeping, one.alert.rows[0], lang)]


def _say(row: "Row", position: int, lang: "Language", as_json: bool, orders: Iterable[str] = ()) -> None:
    if as_json:
        print_json(_entry_row(row) | {"position": position, "standing_orders": list(orders)})
        return
    err.print(f"{_told(row, lang)}; position {position}", highlight=False, markup=False)
    for order in orders:
        typer.echo(order)


def _entry_row(row: "Row") -> dict[str, Any]:
    said = {name: row[name] for name in ("entry", "what", "text", "about", "flags", "due", "to", "by")}
    known = {"record": row["record_id"]} if "record_id" in row else {}
    return {"at": row["observed_at"], **said, "marking": row["marking"], **known}


def _due_row(keeping: "Watch", one: "Due", lang: "Language") -> dict[str, Any]:
    return {
        "alert": one.alert.entry,
        "text": one.alert.text,
        "flags": list(one.alert.flags),
        "raised_by": one.alert.rows[0]["by"],
        "to": one.to,
        "due": one.by,
        "late": one.late,
        "next": one.next,
        "standing_orders": _orders(keeping, one.alert.rows[0], lang),
        "record": one.alert.rows[0]["record_id"],
    }
