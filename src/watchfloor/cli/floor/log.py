"""`watchfloor floor log`: checkpoints, witnesses, proofs, and who saw what."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    REFUSED,
    USAGE,
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
    refuse,
    who,
)
from watchfloor.cli.floor.log_show import duties, show

if TYPE_CHECKING:
    from watchfloor.exchange.log.security_events import Form
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor
    from watchfloor.store.log.notes import Verifier

app = typer.Typer(
    help="The log: what happened, proofs of it, and partners who witness that it only grows.",
    no_args_is_help=True,
)

OutOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="The file to write; without it, standard output.")
]


def _kept(floor: Path) -> "Floor":
    """The floor, for who keeps it and may know how long its log is; others are refused."""
    from watchfloor.exchange.log.access import keeping
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    keeping(opened, who())
    return opened


@app.command()
def checkpoint(
    floor: FloorOption = DEFAULT_FLOOR,
    out: OutOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Sign what the log is now: a note for a partner to witness, or to keep outside this machine.

    Example: watchfloor floor log checkpoint -o today.checkpoint --floor floor
    """
    from watchfloor.store.log import checkpoints

    opened = _kept(floor)
    size = opened.position
    root = opened.log_root(size)
    note = checkpoints.signed(opened.signer, size, root)
    _new(out, note)
    opened.act(acting(purpose, authority), "checkpoint", {"size": size, "root": root.hex()})
    if as_json:
        print_json({"size": size, "root": root, "file": out, "checkpoint": note})
    elif out is None:
        typer.echo(note, nl=False)


@app.command()
def consistency(
    old: Annotated[int, typer.Argument(min=1, metavar="OLD", help="Acts that were witnessed before.")],
    new: Annotated[
        int | None, typer.Argument(metavar="NEW", help="Acts to prove; all when left out.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    out: OutOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Prove that the log only grew since it had OLD acts: a checkpoint with its proof, for a witness.

    Example: watchfloor floor log consistency 120 -o growth --floor floor
    """
    from watchfloor.store.log import checkpoints

    opened = _kept(floor)
    size = opened.position if new is None else new
    if not 0 < old <= size <= opened.position:
        fail(
            f"the log has {counted(opened.position, 'act')}: give OLD, from 1, and a NEW that is not below it"
        )
    proof = opened.consistency(old, size)
    note = checkpoints.signed(opened.signer, size, opened.log_root(size))
    text = checkpoints.growth_text(checkpoints.Growth(old, proof, note))
    _new(out, text)
    opened.act(
        acting(purpose, authority),
        "checkpoint",
        {"size": size, "root": opened.log_root(size).hex(), "since": old},
    )
    if as_json:
        print_json(
            {"old": old, "size": size, "proof": [one.hex() for one in proof], "file": out, "text": text}
        )
    elif out is None:
        typer.echo(text, nl=False)


@app.command()
def inclusion(
    position: Annotated[int, typer.Argument(min=1, metavar="POSITION", help="The act's position, from 1.")],
    floor: FloorOption = DEFAULT_FLOOR,
    out: OutOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Prove that an act is in the log: its content, its proof and a checkpoint in one file.

    Of an act that is not yours, was erased, or is about a report under PCMLTFA s. 7 or 7.1, the file has the
    leaf alone.

    Example: watchfloor floor log inclusion 12 -o act-12.tlog-proof --floor floor
    """
    from watchfloor.exchange.fintrac.acts import tells
    from watchfloor.exchange.log.access import access
    from watchfloor.store import log
    from watchfloor.store.log import checkpoints

    opened = _kept(floor)
    one = log.entry(opened.root, position)
    size = opened.position
    (act,) = opened.acts(position, position)
    shown = (
        one.body is not None and access(opened, who(), reader(opened, purpose)).sees(act) and not tells(act)
    )
    extra = (one.salt or b"") + (one.body or b"") if shown else one.leaf
    proof = opened.inclusion(position, size)
    note = checkpoints.signed(opened.signer, size, opened.log_root(size))
    text = checkpoints.proof_text(position, proof, extra, note)
    _new(out, text)
    opened.act(
        acting(purpose, authority), "query", {"what": "inclusion", "position": position, "content": shown}
    )
    if as_json:
        print_json({"position": position, "size": size, "content": shown, "file": out, "text": text})
    elif out is None:
        typer.echo(text, nl=False)


@app.command()
def proof(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id, or the start of it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    out: OutOption = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Prove that a record is in the log: its bytes, the way to the log's root, and a checkpoint in one file.

    The file also holds the act that brought the record, whoever did it, and how many rows came with it.

    Example: watchfloor floor log proof 5f0c9a12 -o record.proof --floor floor
    """
    import json

    from watchfloor.cli.acting import refusals
    from watchfloor.exchange.log.access import proof as proved
    from watchfloor.store.log import checkpoints
    from watchfloor.store.segments import proofs

    opened = _kept(floor)
    mine = reader(opened, purpose)
    found = opened.records(record, mine)
    if len(found) != 1:
        several = (
            f"{len(found)} records that you may see have ids that start with {record!r}; give more of it"
        )
        fail(
            several if found else f"no record that you may see has an id that starts with {record!r}",
            USAGE if found else MISSING,
        )
    ((_, row),) = found
    with refusals("en"):
        made = proved(opened, mine, row["record_id"])
    plain = proofs.as_json(made)
    plain["checkpoint"] = checkpoints.signed(opened.signer, made.size, opened.log_root(made.size))
    text = json.dumps(plain, indent=1) + "\n"
    _new(out, text)
    opened.act(acting(purpose, authority), "query", {"what": "proof", "record": row["record_id"].hex()})
    if as_json:
        print_json({"record": row["record_id"], "size": made.size, "file": out, "proof": plain})
    elif out is None:
        typer.echo(text, nl=False)


@app.command()
def witness(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="CHECKPOINT",
            help="A partner's checkpoint, or its growth file.",
        ),
    ],
    beside: Annotated[
        Path | None,
        typer.Option(
            "--proof", exists=True, dir_okay=False, help="What its `watchfloor floor log consistency` wrote."
        ),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    out: OutOption = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Cosign a partner's checkpoint, where it continues the last that this node has seen of that log.

    Example: watchfloor floor log witness bank.checkpoint --proof growth -o bank.cosigned --floor floor
    """
    from watchfloor.cli.acting import writing
    from watchfloor.store.log import checkpoints, witnesses

    opened = _kept(floor)
    if out is not None and out.exists():  # before it is kept that this was cosigned
        fail(f"{out} is there already; name a new file", REFUSED)
    note, growth = _handed(file, beside)
    new, owner = checkpoints.opened(note, _keys(opened))
    with writing(opened, purpose, authority) as writer:
        before = witnesses.seen(opened.acts_of(witnesses.COSIGNED), owner)
        said = {"log": owner.text, "size": new.size, "root": new.root.hex()}
        try:
            witnesses.judge(new, before, growth)
        except witnesses.Refusal as error:
            if error.evidence:
                writer.act(witnesses.REFUSED, said | {"note": note, "why": error.reason.stored()})
            refuse(error.reason.render(lang), error.reason.message)
        at = datetime.now(UTC)
        made = witnesses.cosigned(note, opened.signer, at)
        writer.act(witnesses.COSIGNED, said | {"since": before.checkpoint.size if before else None})
    _new(out, made)
    if as_json:
        print_json(
            {
                "log": owner.name,
                "size": new.size,
                "root": new.root,
                "first": before is None,
                "file": out,
                "note": made,
            }
        )
        return
    if out is None:
        typer.echo(made, nl=False)
    since = (
        f"continues the {before.checkpoint.size} witnessed before" if before else "is the first seen of it"
    )
    err.print(
        f"cosigned: {counted(new.size, 'act')} of {owner.name}; this {since}", highlight=False, markup=False
    )


def _keys(opened: "Floor") -> "list[Verifier]":
    """The keys of the nodes that a person here has checked."""
    from watchfloor.exchange.bundles import peers

    return [one.verifier for one in peers.standing(opened).values()]


def _handed(file: Path, proof: Path | None) -> tuple[str, list[bytes] | None]:
    """The checkpoint, and the proof that came with it or beside it."""
    from watchfloor.store.log import checkpoints
    from watchfloor.store.log.notes import NoteError

    text = _text(file)
    if checkpoints.is_growth(text):
        growth = checkpoints.growth_of(text)
        return growth.note, growth.proof
    if proof is None:
        return text, None
    beside = checkpoints.growth_of(_text(proof))
    if beside.note.partition("\n\n")[0] != text.partition("\n\n")[0]:
        raise NoteError(f"{proof} is the proof of another checkpoint than {file}; hand in {proof} alone")
    return text, beside.proof


@app.command()
def cosigned(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="What a witness wrote.")
    ],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Check a cosignature that came back, and keep it with the log.

    Example: watchfloor floor log cosigned bank.cosigned --floor floor
    """
    from watchfloor.store.log import checkpoints, witnesses
    from watchfloor.store.log.notes import NoteError

    opened = _kept(floor)
    note = _text(file)
    own, _ = checkpoints.opened(note, [opened.signer.verifier])
    if own.size > opened.position or opened.log_root(own.size) != own.root:
        raise NoteError(
            f"this floor's log is not the one that was cosigned: at {counted(own.size, 'act')} its root is "
            "another. It was restored from an older backup, or rewritten: watchfloor floor verify"
        )
    found = witnesses.cosignatures(note, _keys(opened), datetime.now(UTC))
    if not found:
        raise NoteError(
            f"no peer that this node knows has cosigned {file}: `watchfloor share node list` lists them"
        )
    actor = acting(purpose, authority)
    for one in found:
        detail = {
            "witness": one.witness.text,
            "size": own.size,
            "root": own.root.hex(),
            "time": one.at.isoformat(),
        }
        opened.act(actor, witnesses.RECEIVED, detail | {"note": note})
        if as_json:
            print_json({"witness": one.witness.name, "size": own.size, "root": own.root, "time": one.at})
        else:
            when = f"{one.at:%Y-%m-%d %H:%M} UTC"
            typer.echo(f"{one.witness.name} has witnessed the first {counted(own.size, 'act')} on {when}")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder; with --as a new file.")],
    as_: Annotated[
        Literal["syslog", "cef"] | None,
        typer.Option("--as", help="Lines for a security centre, without any content."),
    ] = None,
    since: Annotated[
        int, typer.Option("--since", min=0, help="With --as: only acts behind this position.")
    ] = 0,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Write the log, its checkpoint, its cosignatures and a program that checks them without Watchfloor.

    With --as it writes a line for each act that you may see: when, which, who, what for, by what right.

    Examples: watchfloor floor log export november --floor floor; python november/verify.py november;
    watchfloor floor log export acts.log --as syslog --since 120
    """
    from watchfloor.exchange.log import handover
    from watchfloor.exchange.log.access import access
    from watchfloor.store.errors import StoreError

    opened = _kept(floor)
    if as_ is not None:
        _export_lines(opened, folder, as_, since, acting(purpose, authority), purpose, as_json=as_json)
        return
    with busy("writing the log"):
        made = handover.export(opened, folder, access(opened, who(), reader(opened, purpose)))
    said = {**made._asdict(), "verifier": handover.verifier_digest()}
    told = {"what": "log", "file": folder.name, **said, "root": made.root.hex()}
    try:
        opened.act(acting(purpose, authority), "exported", told)
    except StoreError:  # nothing is handed over that the log does not tell of
        rmtree(folder)
        raise
    if as_json:
        print_json({"folder": folder, **said})
        return
    typer.echo(
        f"{counted(made.size, 'act')}: {made.content:,} with content, {made.erased:,} erased, "
        f"{made.kept_back:,} not for you (their leaves are there), {counted(made.cosigned, 'cosignature')}. "
        f"Check it anywhere: python {folder}/verify.py {folder}. SHA-256: "
        + ", ".join(f"{name} {digest}" for name, digest in said["verifier"].items())
    )


def _export_lines(
    opened: "Floor", file: Path, form: "Form", since: int, actor: "Actor", purpose: str, *, as_json: bool
) -> None:
    """Write acts as lines for a security centre into a new file."""
    from watchfloor.exchange.log import security_events
    from watchfloor.exchange.log.access import access

    size = opened.position
    made = list(security_events.lines(opened, access(opened, who(), reader(opened, purpose)), form, since))
    said = {"what": "log", "file": file.name, "form": form, "since": since, "size": size, "acts": len(made)}
    opened.act(actor, "exported", said)
    _new(file, "".join(f"{line}\n" for line in made))
    if as_json:
        print_json({**said, "file": file})
    else:
        typer.echo(f"{counted(len(made), 'act')} in {file}; the next time: --since {size}")


def _text(path: Path) -> str:
    from watchfloor.store.log.notes import NoteError

    if path.stat().st_size > MOST:
        raise NoteError(f"{path} has {path.stat().st_size:,} bytes: no checkpoint or proof is as large")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NoteError(f"{path} is no text: give the file that was written") from None


MOST = 1 << 20
"""Bytes of a checkpoint or a proof that are read."""


def _new(out: Path | None, text: str) -> None:
    from watchfloor.cli.acting import write_new

    if out is not None:
        write_new(out, text)


app.command()(show)
app.command()(duties)
