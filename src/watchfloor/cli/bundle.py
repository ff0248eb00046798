"""`watchfloor bundle`: what goes to another node, what comes from there, receipts, recalls, consents."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli import bundle_notes
from watchfloor.cli.acting import writing
from watchfloor.cli.bundle_words import (
    FileArgument,
    LeadsOption,
    NotesOption,
    PointersOption,
    RecordsOption,
    SignalsOption,
    SubjectsOption,
    gateways_of,
    lawfully,
    note_file,
    offered,
    reasons,
    unused,
)
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    OK,
    PARTLY,
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
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.exchange.receipts import Compared
    from watchfloor.exchange.receiving import Received
    from watchfloor.exchange.sending import Packed
    from watchfloor.exchange.states import State
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Signed bundles between nodes, each through a gateway of the law.", no_args_is_help=True
)
app.registered_commands += bundle_notes.app.registered_commands


@app.command()
def send(
    to: Annotated[str, typer.Option("--to", help="The peer.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Its id; `watchfloor gateway list` has all.")],
    test: Annotated[str, typer.Option("--test", help="Why the gateway's test is met, in your words.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File; else named after the bundle.")
    ] = None,
    leads: LeadsOption = None,
    subjects: SubjectsOption = None,
    signals: SignalsOption = None,
    records: RecordsOption = None,
    pointers: PointersOption = None,
    tear_line: Annotated[
        str | None,
        typer.Option(
            "--tear-line", help="Signals marked so, or lower, may be passed on, such as PA//TLP:GREEN."
        ),
    ] = None,
    accuracy: Annotated[
        str, typer.Option("--accuracy", help="How accurate it is, and how reliably it was obtained.")
    ] = "",
    basis: Annotated[
        str, typer.Option("--basis", help="The request, order, arrangement or code it rests on.")
    ] = "",
    description: Annotated[str, typer.Option("--description", help="Of the information, in words.")] = "",
    post: Annotated[
        str | None, typer.Option("--post", help="Deliver it to this https:// address of the peer's node.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", exists=True, dir_okay=False, help="Our certificate, PEM.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", exists=True, dir_okay=False, help="Its private key, PEM.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", exists=True, dir_okay=False, help="Authority of the peer's.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a signed bundle of what may go to a peer; what may not is withheld, counted by reason.

    Example: watchfloor bundle send --to cell --gateway customs-107-5-a --test "the parcel is under
    examination" --subjects parcel:s10:RR123456785CA -o parcel.bundle
    """
    from watchfloor.actions.base import new_file
    from watchfloor.exchange import peers, posting, sending
    from watchfloor.exchange.risk import risk_check
    from watchfloor.records.marking import parse
    from watchfloor.release.gateway_table import pick
    from watchfloor.release.gateways import Statement
    from watchfloor.store.floor import Floor

    if post and not (tls_cert and tls_key and ca):
        fail("--post needs --tls-cert, --tls-key and --ca: both nodes prove who they are")
    opened = Floor.open(floor)
    one, line = pick(gateways_of(opened), gateway), parse(tear_line) if tear_line else None
    unused(out, "-o")
    with lawfully(lang), busy("packing"), writing(opened, purpose, authority) as writer:
        peer = peers.peer_of(peers.known(opened), to)
        packed = sending.make(
            opened,
            reader(opened, purpose),
            peer,
            one,
            Statement(test, who(), one.purpose, accuracy, basis),
            offered(opened, purpose, leads, subjects, signals, records, pointers),
            datetime.now(UTC),
            tear_line=line,
            description=description,
            risk_check=risk_check(opened, peer.name),
        )
        path = out or Path(f"{packed.manifest.bundle}.bundle")
        with new_file(path, packed.data):
            position = sending.log(writer, packed, peer)
    _told_sent(packed, path, position, lang, as_json)
    if post and tls_cert and tls_key and ca:
        with lawfully(lang), busy(f"posting to {post}"):
            answer = posting.post(post, packed.data, tls_cert, tls_key, ca)
        _compare(opened, answer, post, lang, purpose, authority, as_json)


@app.command()
def receive(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help="Bundles or notes.")
    ],
    receipt: Annotated[
        Path | None, typer.Option("--receipt", help="File for the receipt, where there is one bundle.")
    ] = None,
    notes: NotesOption = Path(),
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take in what another node sent: bundles, and notes (receipts, recalls, answers, consents).

    A bundle is checked whole before anything of it is written. Its receipt goes back to the sender.

    Example: watchfloor bundle receive parcel.bundle --receipt parcel.receipt
    """
    from watchfloor.store.floor import Floor

    if receipt and len(files) > 1:
        fail("--receipt is for one bundle; without it each receipt is named after its bundle")
    unused(receipt, "--receipt")
    opened, worst = Floor.open(floor), OK
    for file in files:
        try:
            whole = _take(opened, file, receipt, notes, lang, purpose, authority, as_json)
            worst = max(worst, OK if whole else PARTLY)
        except typer.Exit as refused:  # told; the other files are still to be taken in
            worst = max(worst, refused.exit_code)
    if worst:
        raise typer.Exit(worst)


@app.command()
def receipt(
    file: FileArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Hold a receipt that came back against what was sent: it agrees, or so many rows are lost.

    Example: watchfloor bundle receipt parcel.receipt
    """
    from watchfloor.store.floor import Floor

    _compare(Floor.open(floor), file.read_bytes(), file.name, lang, purpose, authority, as_json)


@app.command("list")
def list_(
    sent: Annotated[bool, typer.Option("--sent", help="Only those sent.")] = False,
    received: Annotated[bool, typer.Option("--received", help="Only those received.")] = False,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only where something is still to be done.")
    ] = False,
    days: Annotated[
        int, typer.Option("--days", min=0, help="Days after which a missing receipt is spoken of.")
    ] = 3,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List bundles: received as sent, without a receipt, with rows lost, recalled and not answered.

    Example: watchfloor bundle list --sent --open
    """
    from watchfloor.exchange.states import states
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    wanted = {"sent": sent or not received, "received": received or not sent}
    found = [
        one
        for one in states(opened, reader(opened, purpose), datetime.now(UTC).date(), days)
        if wanted[one.direction] and (one.open or not only_open)
    ]
    opened.act(acting(purpose, authority), "query", {"what": "bundles", "rows": len(found)})
    if as_json:
        print_rows((_about(one, lang) for one in found), "bundles")
        return
    print_table(
        "Bundles",
        ("bundle", "", "node", "gateway", "on", "rows", "withheld", "how it stands"),
        [_line(one, lang) for one in found],
        "No bundle is open." if only_open else "No bundle was sent or received yet.",
    )


@app.command()
def show(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="Its id, or its start.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show one bundle: by what right it went, how it stands, and the names of its rows.

    Example: watchfloor bundle show 5f0c9a1b
    """
    from watchfloor.exchange import states
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with lawfully(lang):
        one, act, rows = states.pick(opened, reader(opened, purpose), bundle, datetime.now(UTC).date())
    opened.act(acting(purpose, authority), "query", {"what": "bundle", "bundle": one.bundle})
    if as_json:
        print_json(_about(one, lang) | {"act": act, "names": rows})
        return
    told = [f"{name}: {act[name]}" for name in ("law", "section", "purpose", "test", "stated_by", "marking")]
    told += [why.render(lang) for why in one.told]
    for line in told:
        typer.echo(line)
    print_table(f"Rows of {one.bundle}", ("kind", "row"), rows, "No row of it is here.")


def _take(
    opened: "Floor",
    file: Path,
    receipt: Path | None,
    notes: Path,
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> bool:
    """Take one file in; gives whether all of it was, and nothing is left to do about it."""
    from watchfloor.exchange import signed_notices

    data = file.read_bytes()
    if signed_notices.is_slip(data):
        return bundle_notes.take(opened, file, data, notes, lang, purpose, authority, as_json)
    with lawfully(lang, opened, acting(purpose, authority), file.name, data):
        got, slip = _received(opened, file, data, purpose, authority)
    path = note_file(receipt or notes / f"{got.manifest.bundle}.receipt", slip)
    _told_received(got, path, as_json)
    return not got.withheld


def _received(
    opened: "Floor", file: Path, data: bytes, purpose: str, authority: str
) -> "tuple[Received, str]":
    """A bundle taken in, and its receipt."""
    from watchfloor.exchange import receipts, receiving

    with busy(f"checking {file.name}"), writing(opened, purpose, authority) as writer:
        now = datetime.now(UTC)
        got = receiving.receive(opened, writer, data, file.name, gateways_of(opened), now)
        return got, receipts.give(opened, writer, got, now)


def _compare(
    opened: "Floor", data: bytes, file: str, lang: "Language", purpose: str, authority: str, as_json: bool
) -> None:
    """Hold a receipt against what was sent, and say what came of it."""
    from watchfloor.exchange import receipts, signed_notices

    with lawfully(lang), writing(opened, purpose, authority) as writer:
        compared = receipts.take(
            opened, writer, signed_notices.read(opened, data, file, signed_notices.RECEIPT)
        )
    told_receipt(compared, as_json)
    if not compared.agrees:
        raise typer.Exit(PARTLY)


def told_receipt(compared: "Compared", as_json: bool) -> None:
    """What came of a receipt."""
    if as_json:
        print_json(_of(compared) | {"agrees": compared.agrees})
        return
    withheld = ", ".join(f"{rows} {why}" for why, rows in compared.withheld.items())
    if compared.agrees:
        end = f"; withheld at the door there: {withheld}" if withheld else ""
        text = f"it agrees: {compared.peer} has stored {compared.stored:,} of {compared.rows:,} rows{end}"
    elif compared.lost:
        names = ", ".join(compared.missing[:3])
        text = f"{counted(compared.lost, 'row')} lost on the way to {compared.peer}, such as {names}"
    else:
        text = f"what {compared.peer} has stored is not what was sent"
    err.print(f"bundle {compared.bundle}: {text}", markup=False, highlight=False)


def _told_sent(packed: "Packed", path: Path, position: int, lang: "Language", as_json: bool) -> None:
    manifest = packed.manifest
    if as_json:
        print_json(
            {
                "bundle": manifest.bundle,
                "to": manifest.to,
                "gateway": manifest.terms.gateway,
                "offered": packed.offered,
                "rows": manifest.rows,
                "withheld": reasons(packed.withheld, lang),
                "tear_line": manifest.tear_line,
                "root": manifest.root,
                "file": path,
                "position": position,
            }
        )
        return
    told = [f"wrote {path}: bundle {manifest.bundle} for {manifest.to}, {counted(manifest.rows, 'row')} of "]
    told = [f"{told[0]}{packed.offered:,} offered, through {manifest.terms.gateway}"]
    told += [f"  withheld {rows:,}: {why}" for why, rows in reasons(packed.withheld, lang).items()]
    for line in told:
        err.print(line, markup=False, highlight=False)


def _told_received(got: "Received", receipt: Path, as_json: bool) -> None:
    manifest = got.manifest
    if as_json:
        print_json(
            {
                "bundle": manifest.bundle,
                "from": manifest.sender.name,
                "gateway": manifest.terms.gateway,
                "rows": got.rows,
                "accepted": got.accepted,
                "duplicate": got.duplicate,
                "withheld": dict(got.withheld),
                "echoes": got.echoes,
                "again": got.before,
                "receipt": receipt,
                "position": got.position,
            }
        )
        return
    rows = f"{counted(got.rows, 'row')}: {got.accepted:,} new, {got.duplicate:,} here before"
    told = [f"bundle {manifest.bundle} from {manifest.sender.name}, {rows}"]
    if got.before is not None:
        told.append(f"  it came before, at position {got.before}; nothing in it is new")
    told += [f"  withheld {count:,}: {why}" for why, count in got.withheld.items()]
    if got.echoes:
        told.append(f"  {got.echoes:,} of {got.rows:,} rows repeat what this node reported itself")
    if got.shared:
        told.append(f"  {got.shared:,} rows rest in part on what this node reported, and count once with it")
    told.append(f"  receipt for {manifest.sender.name}: {receipt}. Next: watchfloor run")
    for line in told:
        err.print(line, markup=False, highlight=False)


def _line(one: "State", lang: "Language") -> tuple[object, ...]:
    told = "; ".join(why.render(lang) for why in one.told)
    arrow = {"sent": "to", "received": "from"}[one.direction]
    return one.bundle, arrow, one.peer, one.gateway, f"{one.at:%Y-%m-%d}", one.rows, one.withheld or "", told


def _about(one: "State", lang: "Language") -> dict[str, Any]:
    return _of(one) | {"told": [why.render(lang) for why in one.told]}


def _of(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}
