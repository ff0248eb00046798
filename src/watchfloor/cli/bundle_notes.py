"""`watchfloor bundle`, the notes: recalls and answers, and consent to pass on what another node owns."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import writing
from watchfloor.cli.bundle_words import (
    FileArgument,
    LeadsOption,
    PointersOption,
    RecordsOption,
    SignalsOption,
    SubjectsOption,
    lawfully,
    note_file,
    of_node,
    offered,
    unused,
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
    busy,
    counted,
    err,
    fail,
    print_json,
    reader,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchfloor.exchange.recalls import Taken
    from watchfloor.exchange.signed_notices import Slip
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

app = typer.Typer()

WhyOption = Annotated[str, typer.Option("--why", help="The reason, in your words.")]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="File of the note; else named for you.")]


@app.command()
def recall(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="Its id.")],
    why: WhyOption,
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="The start of a row's name; again. Else the whole.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=0, help="Days within which an answer is due.")] = 7,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take back a bundle that was sent, or rows of it: a note for the recipient, who answers.

    Example: watchfloor bundle recall 5f0c9a1be2d37746 --why "the laboratory mixed up two samples" -o
    recall.note
    """
    from watchfloor.exchange import recalls
    from watchfloor.store.floor import Floor

    unused(out, "-o")
    opened, now = Floor.open(floor), datetime.now(UTC)
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        made = recalls.recall(opened, writer, bundle, rows or [], why, recalls.due_in(days, now), now)
    path = note_file(out or Path(f"{bundle}.recall"), made.slip)
    if as_json:
        print_json({"bundle": bundle, "to": made.to, "rows": made.rows, "due": made.due, "file": path})
        return
    told = f"wrote {path}: {made.to} is to take back {counted(made.rows, 'row')} and answer by {made.due}"
    err.print(told, markup=False, highlight=False)


@app.command("ask-consent")
def ask_consent(
    to: Annotated[str, typer.Option("--to", help="Who would receive it.")],
    why: WhyOption,
    owner: Annotated[
        str | None, typer.Option("--owner", help="Whom to ask, where there are several.")
    ] = None,
    leads: LeadsOption = None,
    subjects: SubjectsOption = None,
    signals: SignalsOption = None,
    records: RecordsOption = None,
    pointers: PointersOption = None,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Ask the owner of rows that came here to let them go on; choose them as for `bundle send`.

    Example: watchfloor bundle ask-consent --to police-b --subjects vessel:imo:9074729 --why "boarding
    tonight"
    """
    from watchfloor.exchange import consents, peers
    from watchfloor.store.floor import Floor

    unused(out, "-o")
    opened, now = Floor.open(floor), datetime.now(UTC)
    with lawfully(lang):
        given = offered(opened, purpose, leads, subjects, signals, records, pointers)
        others = consents.foreign(opened, reader(opened, purpose))
        here, held = peers.me(opened).name, consents.received(opened)
        needed = consents.missing(given, others, held, here, to, now.date())
    owners = sorted({name for name, _ in needed})
    if not owners:
        _say_free(given.count, to, as_json)
        return
    whom = owner or owners[0]
    if whom not in owners or (owner is None and len(owners) > 1):
        fail(f"name whom to ask with --owner: {', '.join(owners)}")
    rows = [row for name, row in needed if name == whom]
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        text = consents.ask(opened, writer, whom, to, rows, why, now)
    path = note_file(out or Path(f"consent-of-{of_node(whom)}.request"), text)
    if as_json:
        print_json({"owner": whom, "to": to, "rows": len(rows), "file": path})
    else:
        told = f"wrote {path}: {whom} is asked to let {counted(len(rows), 'row')} go to {to}"
        err.print(told, markup=False, highlight=False)


@app.command()
def consent(
    file: FileArgument,
    why: WhyOption,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day it holds.")
    ] = None,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Consent, as the owner, to what a request names: these rows, to that recipient, until that day.

    Example: watchfloor bundle consent consent-of-bank-a.request --why "agreed with counsel" --until
    2026-12-31
    """
    from watchfloor.exchange import consents, signed_notices
    from watchfloor.store.floor import Floor

    unused(out, "-o")
    opened, last = Floor.open(floor), until.date() if until else None
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        slip = signed_notices.read(opened, file.read_bytes(), file.name, signed_notices.ASKED)
        text = consents.give(opened, writer, slip, last, why, datetime.now(UTC))
    path = note_file(out or file.with_suffix(".consent"), text)
    rows, to = len(slip.body["rows"]), slip.body["recipient"]
    if as_json:
        print_json({"to": slip.peer.name, "recipient": to, "rows": rows, "until": last, "file": path})
    else:
        told = f"wrote {path}: {slip.peer.name} may pass {counted(rows, 'row')} on to {to}"
        err.print(told, markup=False, highlight=False)


@app.command()
def consented(
    file: FileArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Keep a consent that came back, so that the rows it names may be sent.

    Example: watchfloor bundle consented consent-of-bank-a.consent
    """
    from watchfloor.exchange import signed_notices
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        _consented(
            opened,
            writer,
            signed_notices.read(opened, file.read_bytes(), file.name, signed_notices.CONSENT),
            as_json,
        )


def take(
    opened: "Floor",
    file: Path,
    data: bytes,
    notes: Path,
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> bool:
    """Take a note in, whatever it is; gives whether nothing is left to do about it."""
    from watchfloor.cli.bundle import told_receipt
    from watchfloor.exchange import recalls, receipts, signed_notices

    actor = acting(purpose, authority)
    with lawfully(lang, opened, actor, file.name, data), writing(opened, purpose, authority) as writer:
        slip = signed_notices.read(opened, data, file.name)
        if slip.what == signed_notices.RECEIPT:
            compared = receipts.take(opened, writer, slip)
            told_receipt(compared, as_json)
            return compared.agrees
        if slip.what == signed_notices.RECALL:
            return _recalled(opened, writer, slip, notes, purpose, as_json)
        if slip.what == signed_notices.ANSWER:
            return _answered(recalls.take_answer(opened, writer, slip), as_json)
        if slip.what == signed_notices.CONSENT:
            return _consented(opened, writer, slip, as_json)
    _say_asked(slip, file, as_json)
    return True


def _recalled(
    opened: "Floor",
    writer: "Writer",
    slip: "Slip",
    notes: Path,
    purpose: str,
    as_json: bool,
) -> bool:
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.exchange import recalls

    declare_messages()
    with busy("taking back what was recalled"):
        done = recalls.take(opened, writer, slip, reader(opened, purpose), load(), datetime.now(UTC))
    answer = note_file(notes / f"{done.bundle}.answer", done.answer)
    onward = [note_file(notes / f"{one.bundle}.recall", one.slip) for one in done.onward]
    if as_json:
        print_json(_of(done, answer, onward))
    else:
        for line in _told(done, answer, onward):
            err.print(line, markup=False, highlight=False)
    return not done.left


def _told(done: "Taken", answer: Path, onward: list[Path]) -> list[str]:
    told = [f"{done.peer} recalls the bundle {done.bundle}: {done.why}"]
    if done.before is not None:
        told.append(f"  the same recall was taken before, at position {done.before}")
    told.append(f"  {counted(done.retracted, 'record')} taken back, {done.erased:,} of evidence erased")
    told += [f"  {line} here" for line in _kept(done.left)]
    told += [f"    {why}" for why in done.because]
    if done.gone:
        told.append(f"  {counted(done.gone, 'row')} were not here, or taken back before")
    for what, ids in (
        ("lead", done.touched.leads),
        ("task", done.touched.tasks),
        ("report", done.touched.products),
    ):
        told += [f"  rests on it: {what} {one}" for one in ids]
    told += [
        f"  gone on to {one.to}: send them {path}" for one, path in zip(done.onward, onward, strict=True)
    ]
    late = " (it was due before today)" if done.late else ""
    told.append(f"  answer for {done.peer}: {answer}{late}. Next: watchfloor run")
    return told


def _kept(left: "Mapping[str, int]") -> list[str]:
    """What stays although it was recalled, and why."""
    why = {"hold": "under a legal hold, or came with what is,", "used": "used for a decision not long ago,"}
    return [f"{counted(rows, 'record')} of evidence {why[one]} stay" for one, rows in left.items()]


def _of(done: "Taken", answer: Path, onward: list[Path]) -> dict[str, Any]:
    return {
        "bundle": done.bundle,
        "from": done.peer,
        "why": done.why,
        "retracted": done.retracted,
        "erased": done.erased,
        "left": sum(done.left.values()),
        "because": done.left,
        "kept_by": done.because,
        "gone": done.gone,
        "leads": done.touched.leads,
        "tasks": done.touched.tasks,
        "products": done.touched.products,
        "onward": [{"bundle": one.bundle, "to": one.to, "rows": one.rows} for one in done.onward],
        "onward_files": onward,
        "late": done.late,
        "again": done.before,
        "answer": answer,
    }


def _answered(said: Any, as_json: bool) -> bool:
    if as_json:
        print_json(said)
        return not said["left"]
    count = said["retracted"] + said["erased"]
    told = f"{said['from']} took back {counted(count, 'row')} of {said['bundle']}"
    ends = [f"{line} there" for line in _kept(said["because"])]
    ends += [f"recalled them from {counted(said['onward'], 'further node')}"] if said["onward"] else []
    ends += ["answered after the day it was due"] if said["late"] else []
    err.print("; ".join([told, *ends]), markup=False, highlight=False)
    return not said["left"]


def _consented(opened: "Floor", writer: "Writer", slip: "Slip", as_json: bool) -> bool:
    from watchfloor.exchange import consents

    kept = consents.take(opened, writer, slip)
    if as_json:
        print_json({"owner": kept.owner, "to": kept.to, "rows": len(kept.rows), "until": kept.until})
        return True
    until = f" until {kept.until}" if kept.until else ""
    told = f"{kept.owner} consents to {counted(len(kept.rows), 'row')} going to {kept.to}{until}"
    err.print(told, markup=False, highlight=False)
    return True


def _say_free(count: int, to: str, as_json: bool) -> None:
    if as_json:
        print_json({"rows": 0})
        return
    none = "nothing was chosen" if not count else f"nobody has to consent before these go to {to}"
    err.print(none, markup=False, highlight=False)


def _say_asked(slip: "Slip", file: Path, as_json: bool) -> None:
    rows, to = len(slip.body["rows"]), slip.body["recipient"]
    if as_json:
        print_json({"asked_by": slip.peer.name, "recipient": to, "rows": rows, "why": slip.body["why"]})
        return
    told = f"{slip.peer.name} asks to pass {counted(rows, 'row')} on to {to}: {slip.body['why']}"
    err.print(
        f"{told}. If you agree: watchfloor bundle consent {file} --why …", markup=False, highlight=False
    )
