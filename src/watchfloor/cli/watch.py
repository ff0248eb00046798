"""`watchfloor watch`: the log of the watch, its alerts, its handovers and its situation report."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
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
)
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.acting.keeping import About, Post, Written
    from watchfloor.cell.acting.orders import Watch
    from watchfloor.cell.acting.sitrep import Records
    from watchfloor.cell.acting.watch import Due
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

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
    from watchfloor.cell.acting import keeping

    opened = _open(floor)
    with refusals(lang):
        named = _about(opened, about, marking, purpose)
        with _post(opened, purpose, authority) as post:
            written = keeping.note(post, text, named, flag or [])
    _say(written, lang, as_json)


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
    from watchfloor.cell.acting import keeping

    opened, chain = _open(floor), _chain(floor)
    with refusals(lang):
        named = _about(opened, about, marking, purpose)
        with _post(opened, purpose, authority) as post:
            written = keeping.alert(post, text, named, flag or [], to)
    _say(written, lang, as_json, chain)


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
    from watchfloor.cell.acting import keeping

    opened, chain = _open(floor), _chain(floor)
    with refusals(lang), _post(opened, purpose, authority) as post:
        written = keeping.acknowledge(post, alert, text)
    _say(written, lang, as_json, chain)


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
    from watchfloor.cell.acting import keeping

    opened, chain = _open(floor), _chain(floor)
    with refusals(lang), _post(opened, purpose, authority) as post:
        written = keeping.escalate(post, alert, why)
    _say(written, lang, as_json, chain)


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
    from watchfloor.cell.acting import keeping

    opened = _open(floor)
    with refusals(lang), _post(opened, purpose, authority) as post:
        written = keeping.hand_over(post, to, text, lang)
    _say(written, lang, as_json)
    if not as_json:
        typer.echo(written.row["text"])


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
    from watchfloor.cell.acting import keeping

    opened = _open(floor)
    with refusals(lang), _post(opened, purpose, authority) as post:
        written = keeping.sign(post, entry, text, lang)
    _say(written, lang, as_json)
    if not as_json:
        typer.echo(written.row["text"])


UNSEEN: Final = {
    "en": "somebody whom you may not see",
    "fr": "quelqu’un que vous ne pouvez pas voir",
}


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
    from watchfloor.cell.acting import keeping, watch

    opened = _open(floor)
    if role is None:
        position = as_of(at)
        now = clock(opened, position)
        entries = keeping.entries(opened, reader(opened, purpose), position)
        on, unseen = watch.roster(_chain(floor), entries, now), watch.held_unseen(entries, now)
        opened.act(acting(purpose, authority), "query", {"what": "on call", "as_of": at})
        rows = [
            {"role": one, "person": None if one in unseen else name, "unseen": one in unseen}
            for one, name in on.items()
        ]
        if as_json:
            print_rows(rows, "roles")
        else:
            heads = {"en": ("role", "on call"), "fr": ("rôle", "de garde")}
            told = UNSEEN[lang]
            cells = ((r["role"], told if r["unseen"] else r["person"] or "–") for r in rows)
            print_table("", heads[lang], cells, "")
        return
    with refusals(lang), _post(opened, purpose, authority) as post:
        end = moment(until, "--until") if until else None
        written = keeping.on_call(post, role, person or "", end)
    _say(written, lang, as_json)


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

    opened, chain = _open(floor), _chain(floor)
    position = as_of(at)
    now = clock(opened, position)
    found = watch.due(chain, _entries(opened, purpose, position), now)
    detail = {"what": "alerts", "as_of": at, "alerts": len(found)}
    shown = [one.alert.entry for one in found]
    opened.act(acting(purpose, authority), "query", detail | {"shown": shown})
    if as_json:
        print_rows((_due_row(chain, one, lang) for one in found), "alerts")
        return
    empty = {
        "en": "Every alert that you may see is acknowledged.",
        "fr": "Chaque alerte que vous pouvez voir a reçu un accusé de réception.",
    }
    print_blocks((_due_block(chain, one, lang) for one in found), empty[lang])


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

    opened, chain = _open(floor), _chain(floor)
    position = as_of(at)
    now = clock(opened, position)
    report = draft(chain, _records(opened, purpose, position), _since(since, now), now)
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


def _chain(floor: Path) -> "Watch":
    from watchfloor.cell.acting.orders import load

    return load(floor)


def _entries(opened: "Floor", purpose: str, position: int | datetime | None = None) -> "list[Row]":
    from watchfloor.cell.acting import keeping, watch

    return watch.lines(keeping.entries(opened, reader(opened, purpose), position))


@contextmanager
def _post(opened: "Floor", purpose: str, authority: str) -> "Iterator[Post]":
    """Where an act is written from."""
    from watchfloor.cell.acting.keeping import Post

    with writing(opened, purpose, authority) as writer:
        yield Post(opened, reader(opened, purpose), writer)


def _records(opened: "Floor", purpose: str, position: int | datetime | None = None) -> "Records":
    from watchfloor.cell.acting.sitrep import records_of

    return records_of(opened, reader(opened, purpose), position)


def _about(opened: "Floor", about: str | None, marking: str | None, purpose: str) -> "About":
    from watchfloor.cell.acting import keeping

    return keeping.about(
        opened, reader(opened, purpose), about, marking, lambda start: lead_of(opened, start, purpose)
    )


def _since(since: str | None, now: datetime) -> datetime:
    from watchfloor.cell.acting.keeping import SHIFT

    return moment(since, "--since") if since else now - SHIFT


def _block(row: "Row", lang: "Language") -> tuple[str, list[str]]:
    from watchfloor.cell.acting.keeping import told

    return f"{minute(row['observed_at'])}  {row['by']}: {told(row, lang)}", row["text"].splitlines()


def _due_block(chain: "Watch", one: "Due", lang: "Language") -> tuple[str, list[str]]:
    """An open alert: its flags, with whom it is, who is next, its text and the standing orders."""
    from watchfloor.cell.acting.acts import words
    from watchfloor.cell.acting.keeping import orders

    late = {"en": "LATE, ", "fr": "EN RETARD, "}[lang] if one.late else ""
    until = minute(one.by)
    beyond = {
        "en": f"then {one.next}" if one.next else "nobody above",
        "fr": f"puis {one.next}" if one.next else "personne au-dessus",
    }
    upto = {"en": "with {} until {}, {}", "fr": "chez {} jusqu’à {}, {}"}[lang]
    flags = f" [{words(', '.join(one.alert.flags), lang)}]" if one.alert.flags else ""
    head = f"{one.alert.entry}{flags}  {late}{upto.format(one.to, until, beyond[lang])}"
    return head, [one.alert.text, *orders(chain, one.alert.rows[0], lang)]


def _say(written: "Written", lang: "Language", as_json: bool, chain: "Watch | None" = None) -> None:
    """What was written, with the standing orders where it concerns an alert."""
    from watchfloor.cell.acting.keeping import orders, told

    row, position, first = written
    beside = orders(chain, first, lang) if chain else []
    if as_json:
        print_json(_entry_row(row) | {"position": position, "standing_orders": beside})
        return
    err.print(f"{told(row, lang)}; position {position}", highlight=False, markup=False)
    for order in beside:
        typer.echo(order)


def _entry_row(row: "Row") -> dict[str, Any]:
    said = {name: row[name] for name in ("entry", "what", "text", "about", "flags", "due", "to", "by")}
    known = {"record": row["record_id"]} if "record_id" in row else {}
    return {"at": row["observed_at"], **said, "marking": row["marking"], **known}


def _due_row(chain: "Watch", one: "Due", lang: "Language") -> dict[str, Any]:
    from watchfloor.cell.acting.keeping import orders

    return {
        "alert": one.alert.entry,
        "text": one.alert.text,
        "flags": list(one.alert.flags),
        "raised_by": one.alert.rows[0]["by"],
        "to": one.to,
        "due": one.by,
        "late": one.late,
        "next": one.next,
        "standing_orders": orders(chain, one.alert.rows[0], lang),
        "record": one.alert.rows[0]["record_id"],
    }
