"""`watchfloor partnership`: typology packs, noisy counts, and matching without names between banks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import partnership_boundary, partnership_papers
from watchfloor.cli.acting import refusals, writing
from watchfloor.cli.bundle_words import lawfully, unused
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
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.exchange.partnership.code import Code, Tier
    from watchfloor.exchange.partnership.receiving import Taken
    from watchfloor.exchange.partnership.sessions import Session
    from watchfloor.exchange.partnership.steps import Reply
    from watchfloor.exchange.peers import Peer
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="What banks of a partnership may learn from each other, tier by tier. No legal advice.",
    no_args_is_help=True,
)

app.registered_commands += partnership_papers.app.registered_commands
app.registered_commands += partnership_boundary.app.registered_commands
app.add_typer(partnership_papers.pack, name="pack")

MONEY: Final = "money-laundering"
"""What the gateways of the partnership are for."""

ToOption = Annotated[str, typer.Option("--to", help="The peer, a participant of the code.")]
TestOption = Annotated[str, typer.Option("--test", help="Why the gateway's test is met, in your words.")]
CodeOption = Annotated[
    str | None, typer.Option("--code", help="Id of the code of practice, where several were adopted.")
]
ForOption = Annotated[str, typer.Option("--for", help="The purpose, a word of the gateways and of the code.")]
CaseOption = Annotated[str, typer.Option("--case", help="The case, which both banks call so.")]
SubjectsOption = Annotated[
    Path | None,
    typer.Option("--subjects", exists=True, dir_okay=False, help="Subject keys, one a line."),
]
KindOption = Annotated[
    str | None,
    typer.Option("--kind", help="Or the subjects of this floor's records of a kind: account, party."),
]
FieldsOption = Annotated[
    Path | None,
    typer.Option(
        "--fields", exists=True, dir_okay=False, help="CSV: subject, and a column for each field of the code."
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="File of the message; else named so.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="Its id, or its start.")]


@app.command()
def adopt(
    file: FileArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Adopt a code of practice: participants, purposes, fields, caps, approval and expiry, as a TOML file.

    Each participant adopts the same file. It is enforced from then on, and a later version replaces it.

    Example: watchfloor partnership adopt code.toml --floor bank-a
    """
    from watchfloor.exchange.partnership import codes
    from watchfloor.formats.settings import read_text
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        code = codes.adopt(opened, acting(purpose, authority), read_text(file), file.name)
    if uncompared := codes.uncompared(opened, code):
        err.print(
            f"not introduced here, so its key is not compared: {', '.join(uncompared)}. Next: watchfloor node"
            " trust",
            highlight=False,
            markup=False,
        )
    said = _about(code) | {"uncompared": uncompared}
    _said(f"{code.name} is adopted; its digest is {code.digest[:16]}", said, as_json)


@app.command()
def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its id.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a code of practice here: nothing goes under it any more, and nothing is taken.

    Example: watchfloor partnership withdraw partners --why "the approval was suspended on 3 March"
    """
    from watchfloor.exchange.partnership import codes
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        gone = codes.withdraw(opened, acting(purpose, authority), code, why)
    _said(f"{gone.name} is withdrawn", _about(gone), as_json)


@app.command(name="codes")
def codes_(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the codes of practice that were adopted here: approved by whom, until when, and how they stand.

    Example: watchfloor partnership codes
    """
    from watchfloor.exchange.partnership import codes
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = list(codes.adopted(opened).values())
    opened.act(acting(purpose, authority), "query", {"what": "codes of practice", "words": "all"})
    rows = [_about(one.code) | {"withdrawn": one.withdrawn, "why": one.why or None} for one in found]
    if as_json:
        print_rows(rows, "codes")
        return
    heads = (
        "code",
        "version",
        "approved_by",
        "reference",
        "since",
        "expires",
        "tiers",
        "digest",
        "withdrawn",
    )
    print_table(
        "Codes of practice",
        heads,
        [tuple(_cell(row[head]) for head in heads) for row in rows],
        "No code of practice was adopted; counsel gives one: watchfloor partnership adopt CODE.toml",
    )


@app.command()
def offer(
    to: ToOption,
    tier: Annotated[str, typer.Option("--tier", help="cardinality or match.")],
    test: TestOption,
    subjects: SubjectsOption = None,
    kind: KindOption = None,
    fields: FieldsOption = None,
    case: CaseOption = "",
    code: CodeOption = None,
    for_: ForOption = MONEY,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Let a partner match against a set of this node until the epoch ends, within the caps of the code.

    Example: watchfloor partnership offer --to bank-a --tier cardinality --subjects mules.txt --test "both
    banks see the same ring of deposits"
    """
    from watchfloor.exchange.partnership import offering
    from watchfloor.store.floor import Floor

    opened, now = Floor.open(floor), datetime.now(UTC)
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        peer, terms = _terms(opened, to, code)
        chosen, values = _chosen(opened, peer, terms, purpose, subjects, kind, fields)
        stated = _stated(tier, test, for_, terms)
        made = offering.offer(opened, writer, peer, terms, _tier(tier), case, chosen, values, stated, now)
    said = {"to": peer.name, "tier": tier, "case": case or None, "subjects": made.size, "offer": made.id}
    _said(f"{counted(made.size, 'subject')} offered to {peer.name} for {tier}", said, as_json)


@app.command()
def cardinality(
    to: ToOption,
    test: TestOption,
    subjects: SubjectsOption = None,
    kind: KindOption = None,
    code: CodeOption = None,
    for_: ForOption = MONEY,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Ask how many of these subjects a partner has as well (T2): the number, and not which.

    Writes the first message of a session; `watchfloor partnership receive` takes what comes back.

    Example: watchfloor partnership cardinality --to bank-b --subjects mules.txt --test "the ring uses both
    banks" -o open.wfp
    """
    _ask(
        "cardinality",
        "",
        to,
        test,
        subjects,
        kind,
        None,
        code,
        for_,
        out,
        floor,
        lang,
        purpose,
        authority,
        as_json,
    )


@app.command()
def match(
    to: ToOption,
    case: CaseOption,
    test: TestOption,
    subjects: SubjectsOption = None,
    kind: KindOption = None,
    fields: FieldsOption = None,
    code: CodeOption = None,
    for_: ForOption = MONEY,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Ask which of these subjects a partner has as well (T3), with the fields that the code names.

    Example: watchfloor partnership match --to bank-b --case C-17 --subjects edges.txt --fields edges.csv
    --test "the ring uses both banks" -o open.wfp
    """
    _ask(
        "match",
        case,
        to,
        test,
        subjects,
        kind,
        fields,
        code,
        for_,
        out,
        floor,
        lang,
        purpose,
        authority,
        as_json,
    )


@app.command()
def receive(
    file: FileArgument,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a partner's message of a session, and write what goes back; at the end, the report of leakage.

    Example: watchfloor partnership receive open.wfp -o accept.wfp --floor bank-b
    """
    from watchfloor.exchange.partnership import receiving
    from watchfloor.store.floor import Floor

    opened, data = Floor.open(floor), file.read_bytes()
    unused(out, "-o")
    now = datetime.now(UTC)
    with (
        partnership_papers.taking(opened, purpose, authority, file, data, lang),
        busy(f"checking {file.name}"),
        writing(opened, purpose, authority) as writer,
    ):
        taken = receiving.take(opened, writer, data, file.name, now)
    _told(taken, _written(taken.reply, out), as_json)


@app.command()
def resume(
    session: SessionArgument,
    out: OutOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Write this node's last message of a session again, byte for byte: where it was lost on the way.

    Example: watchfloor partnership resume 3f2a -o again.wfp
    """
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import receiving, sessions
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    unused(out, "-o")
    with refusals(lang):
        one = sessions.pick(opened, session, datetime.now(UTC).date(), access(opened, who()))
        data = receiving.again(opened, one)
    path = out or Path(f"{one.id[:12]}.again.wfp")
    unused(path, "-o")
    opened.act(acting(purpose, authority), "query", {"what": "session", "words": one.id})
    path.write_bytes(data)
    _said(f"wrote {path}; the session waits for {one.state}", _of(one) | {"file": path}, as_json)


@app.command(name="sessions")
def sessions_(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the sessions with partners: who asked whom, how they stand, and what each waits for.

    Example: watchfloor partnership sessions
    """
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import sessions
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = access(opened, who())
    found = [one for one in sessions.sessions(opened).values() if one.shown(mine)]
    opened.act(acting(purpose, authority), "query", {"what": "sessions", "words": "all", "rows": len(found)})
    if as_json:
        print_rows(map(_of, found), "sessions")
        return
    print_table(
        "Sessions",
        ("session", "as", "with", "tier", "case", "opened", "asked", "held", "found", "stands"),
        [_line(one) for one in found],
        "No session was opened: watchfloor partnership cardinality, or match.",
    )


@app.command()
def result(
    session: SessionArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show what a session came to: the number, or each common subject with its token and what was told of it.

    Example: watchfloor partnership result 3f2a
    """
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import receiving, sessions
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        one = sessions.pick(opened, session, datetime.now(UTC).date(), access(opened, who()))
        found = receiving.result(opened, one)
    tokens, fields = found.get("tokens", {}), found.get("fields", {})
    shown = sorted(tokens.values())
    opened.act(acting(purpose, authority), "query", {"what": "session", "words": one.id, "shown": shown})
    rows = [{"token": t, "subject": s, "fields": fields.get(t, {})} for t, s in sorted(tokens.items())]
    if as_json:
        print_json({"session": one.id, "tier": one.tier, "found": found["found"], "subjects": rows})
        return
    typer.echo(f"{found['found']:,} of {one.size:,} that were asked about are common, of {one.rows:,} held")
    if one.tier == "match":
        lines = [(row["token"], row["subject"], _cell(row["fields"])) for row in rows]
        print_table("Common subjects", ("token", "subject", "told"), lines, "None is common.")


@app.command()
def leakage(
    session: SessionArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Report what each side of a session learned, a bound in bits, and what remains of the day's caps.

    Example: watchfloor partnership leakage 3f2a
    """
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import codes, sessions
    from watchfloor.exchange.partnership import leakage as leaked
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        one = sessions.pick(opened, session, datetime.now(UTC).date(), access(opened, who()))
    found = leaked.report(codes.ever(opened)[one.use.code], one, sessions.sessions(opened).values())
    opened.act(acting(purpose, authority), "query", {"what": "session", "words": one.id})
    if as_json:
        print_json(found)
        return
    _print_leakage(found)


@app.command()
def rings(
    case: Annotated[str, typer.Argument(metavar="CASE", help="As both banks call it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show ways of money over two banks or more that lead back to their start, by the tokens of a case.

    Each bank tells of a payment that was matched to which others it leads within it (the field `links`), and
    from which it came (`comes_from`). This bank's own are named, others stay tokens.

    Example: watchfloor partnership rings C-17
    """
    from watchfloor.exchange.access import access
    from watchfloor.exchange.partnership import closing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = access(opened, who())
    steps = closing.hops(opened, case, mine)
    found = list(closing.rings(steps, closing.names(opened, case, mine)))
    shown = sorted({name for one in found for name in one.names.values()})
    opened.act(acting(purpose, authority), "query", {"what": "rings", "words": case, "shown": shown})
    if as_json:
        print_rows((one._asdict() for one in found), "rings")
        return
    lines = [
        (number, one.names.get(token, token), bank)
        for number, one in enumerate(found, 1)
        for token, bank in zip(one.tokens, one.banks, strict=True)
    ]
    empty = f"No ring: {counted(len(steps), 'step')} of the case are known here."
    print_table("Rings", ("ring", "payment", "leads on, says"), lines, empty)
    if len(found) == closing.MOST:
        err.print(f"there are more than these {closing.MOST}", highlight=False)


@app.command()
def expire(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """End unfinished sessions, and destroy keys and sets of epochs that are over and results past their time.

    Example: watchfloor partnership expire
    """
    from watchfloor.exchange.partnership import receiving
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        ended = receiving.expire(opened, writer, datetime.now(UTC))
    said = {"sessions": list(ended.sessions), "epochs": ended.epochs, "results": ended.results}
    text = (
        f"{counted(len(ended.sessions), 'session')} ended, keys of {counted(ended.epochs, 'epoch')} destroyed"
    )
    _said(text, said, as_json)


def _ask(
    tier: "Tier",
    case: str,
    to: str,
    test: str,
    subjects: Path | None,
    kind: str | None,
    fields: Path | None,
    code: str | None,
    for_: str,
    out: Path | None,
    floor: Path,
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> None:
    """Open a session and write its first message."""
    from watchfloor.exchange.partnership import asking, receiving
    from watchfloor.store.floor import Floor

    opened, now = Floor.open(floor), datetime.now(UTC)
    unused(out, "-o")
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        peer, terms = _terms(opened, to, code)
        chosen, values = _chosen(opened, peer, terms, purpose, subjects, kind, fields)
        stated = _stated(tier, test, for_, terms)
        reply = asking.ask(opened, writer, peer, terms, tier, case, chosen, values, stated, now)
    taken = receiving.told(opened, reply.session, reply, now.date())
    _told(taken, _written(reply, out), as_json)


def _terms(opened: "Floor", to: str, code: str | None) -> "tuple[Peer, Code]":
    from watchfloor.exchange import peers
    from watchfloor.exchange.partnership import codes

    return peers.peer_of(peers.known(opened), to), codes.standing(opened, code)


def _chosen(
    opened: "Floor",
    peer: "Peer",
    code: "Code",
    purpose: str,
    subjects: Path | None,
    kind: str | None,
    fields: Path | None,
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """The subjects of a file or of the floor, and the fields of a file."""
    from watchfloor.exchange.partnership import fields as valued
    from watchfloor.exchange.partnership import sets
    from watchfloor.formats.settings import read_text

    if (subjects is None) == (kind is None):
        fail("say which subjects: --subjects FILE, or --kind for those of this floor")
    today = datetime.now(UTC).date()
    if subjects is not None:
        chosen = sets.read(read_text(subjects), code)
    else:
        chosen = sets.of_floor(opened, reader(opened, purpose), peer, code, kind or "", today)
    values = valued.load(read_text(fields), code.file.fields, code.name) if fields else {}
    return chosen, {one: values[one] for one in chosen if one in values}


def _stated(tier: str, test: str, for_: str, code: "Code") -> Any:
    from watchfloor.exchange.partnership.lawful import statement

    return statement(tier, test, who(), for_, code)


def _tier(word: str) -> "Tier":
    from watchfloor.exchange.partnership.code import TIERS

    found = next((one for one in TIERS if one == word), None)
    if found is None:
        fail(f"{word!r} is no tier that a set is offered for; there are {', '.join(TIERS)}")
    return found


def _written(reply: "Reply", out: Path | None) -> Path | None:
    """The file of what goes back; None where nothing does."""
    if not reply.data:
        return None
    path = out or Path(f"{reply.session[:12]}.{reply.what}.wfp")
    unused(path, "-o")
    path.write_bytes(reply.data)
    return path


def _told(taken: "Taken", path: Path | None, as_json: bool) -> None:
    one = taken.session
    if as_json:
        print_json(_of(one) | {"file": path, "leakage": taken.report})
        return
    if path is not None:
        err.print(
            f"wrote {path} for {one.partner}; session {one.id[:12]} "
            + (f"waits for {one.state}" if one.open else "is done here"),
            markup=False,
            highlight=False,
        )
    if one.found is not None:
        typer.echo(f"{one.found:,} of {one.size:,} that were asked about are common, of {one.rows:,} held")
    if not one.open:
        _print_leakage(taken.report)


def _print_leakage(found: dict[str, Any]) -> None:
    rows = [(one["who"], found[one["who"]], one["what"], f"{one['bits']:.1f}") for one in found["learned"]]
    print_table("What each side learned", ("as", "node", "at most", "bits"), rows, "Nothing yet.")
    left = found["left_today"]
    typer.echo(
        f"expected false matches {found['false_positives']:.1e}; left today: {left['queries']} queries, "
        f"{left['subjects']} subjects"
    )


def _of(one: "Session") -> dict[str, Any]:
    return {
        "session": one.id,
        "role": one.role,
        "partner": one.partner,
        "tier": one.tier,
        "case": one.use.case or None,
        "epoch": one.use.epoch,
        "opened": one.opened,
        "until": one.until,
        "asked": one.size,
        "held": one.rows,
        "found": one.found,
        "fields": list(one.told),
        "state": one.state,
    }


def _line(one: "Session") -> tuple[object, ...]:
    stands = f"waits for {one.state}" if one.open else one.state
    opened = f"{one.opened:%Y-%m-%d}"
    id_, use = one.id[:12], one.use
    return id_, one.role, one.partner, one.tier, use.case, opened, one.size, one.rows, one.found, stands


def _about(code: "Code") -> dict[str, Any]:
    file = code.file
    return {
        "code": file.id,
        "version": file.version,
        "digest": code.digest,
        "approved_by": file.approval.by if file.approval else None,
        "reference": file.approval.reference if file.approval else None,
        "since": file.since,
        "expires": file.expires,
        "tiers": list(file.tiers),
        "participants": [one.name for one in file.participants],
    }


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name} {_cell(one)}" for name, one in value.items())
    return str(value)[:16] if isinstance(value, str) and len(value) == 64 else value


def _said(text: str, said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(said)
    else:
        err.print(text, markup=False, highlight=False)
