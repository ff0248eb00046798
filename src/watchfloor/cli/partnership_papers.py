"""`watchfloor partnership pack` and `counts`: what a partnership shares without anything about a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import refusals, writing
from watchfloor.cli.bundle_words import lawfully, unused
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    counted,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
    refuse,
    who,
)

if TYPE_CHECKING:
    from watchfloor.exchange.partnership.counts import Table
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

pack = typer.Typer(help="Signed packs of typologies, without anything about a person.", no_args_is_help=True)
app = typer.Typer()

FolderArgument = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="Definitions, a TOML file each."),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
TestOption = Annotated[str, typer.Option("--test", help="Why the gateway's test is met, in your words.")]


@contextmanager
def taking(
    opened: "Floor", purpose: str, authority: str, file: Path, data: bytes, lang: "Language"
) -> Iterator[None]:
    """End with the sentence of a refusal of what came, which is logged: somebody may ask."""
    from watchfloor.cell.acting.acts import Refused, render
    from watchfloor.exchange.partnership.receiving import log_refusal
    from watchfloor.release import gateways

    try:
        yield
    except (Refused, gateways.Refused) as error:
        log_refusal(opened, acting(purpose, authority), file.name, data, error.reason)
        words = gateways.render if isinstance(error, gateways.Refused) else render
        refuse(words(error.reason, lang), error.reason.message)


@pack.command()
def check(folder: FolderArgument, lang: LangOption = "en", as_json: JsonOption = False) -> None:
    """Check that definitions are typologies with nothing about a person: numbers, names, addresses, reports.

    Example: watchfloor partnership pack check typologies
    """
    from watchfloor.exchange.partnership import packs

    texts, wrong = packs.check(folder)
    if as_json:
        print_rows(({"problem": one} for one in wrong), "problems")
    else:
        for one in wrong:
            typer.echo(one)
        words = {"en": "found in", "fr": "trouvés dans"}[lang]
        err.print(
            f"{counted(len(wrong), 'problem')} {words} {counted(len(texts), 'definition')}", highlight=False
        )
    if wrong:
        raise typer.Exit(PARTLY)


@pack.command()
def sign(
    folder: FolderArgument,
    name: Annotated[str, typer.Option("--name", help="Of the pack, in small letters.")],
    version: Annotated[str, typer.Option("--version", help="Numbers with dots; later ones supersede.")],
    expires: Annotated[str, typer.Option("--expires", help="Last day on which it is used, YYYY-MM-DD.")],
    to: Annotated[list[str], typer.Option("--to", help="A peer; may be given again.")],
    test: TestOption,
    out: Annotated[Path, typer.Option("--out", "-o", help="File.")],
    supersedes: Annotated[
        list[str] | None, typer.Option("--supersedes", help="Another pack that it takes the place of; again.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Sign a pack of typologies for some peers (T0).

    Example: watchfloor partnership pack sign typologies --name fentanyl --version 1.0 --expires 2027-06-30
    --to bank-b --to cell --test "definitions only; read through by A. Roy" -o fentanyl.pack
    """
    from watchfloor.actions.base import new_file
    from watchfloor.exchange import peers
    from watchfloor.exchange.partnership import packs
    from watchfloor.exchange.partnership.lawful import statement
    from watchfloor.store.floor import Floor

    opened, until = Floor.open(floor), _day(expires)
    unused(out, "-o")
    texts, _ = packs.check(folder)
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        found = [peers.peer_of(peers.known(opened), one) for one in to]
        stated = statement("pack", test, who(), "money-laundering")
        now = datetime.now(UTC)
        text = packs.make(opened, writer, found, texts, name, version, until, supersedes or [], stated, now)
        with new_file(out, text.encode()):
            pass
    said = {"pack": name, "version": version, "typologies": len(texts), "to": to, "file": out}
    if as_json:
        print_json(said)
    else:
        err.print(
            f"wrote {out}: {counted(len(texts), 'typology', 'typologies')}", markup=False, highlight=False
        )


@pack.command()
def install(
    file: FileArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Install a pack that a peer signed, in place of its earlier version. It is checked here once more.

    Example: watchfloor partnership pack install fentanyl.pack --floor bank-b
    """
    from watchfloor.exchange.partnership import packs
    from watchfloor.store.floor import Floor

    opened, data = Floor.open(floor), file.read_bytes()
    with taking(opened, purpose, authority, file, data, lang):
        got = packs.install(opened, acting(purpose, authority), data, file.name, datetime.now(UTC))
    said = {"pack": got.name, "version": got.version, "maker": got.maker, "typologies": got.ids()}
    if as_json:
        print_json(said)
    else:
        count = counted(len(got.typologies), "typology", "typologies")
        err.print(f"{got.name} {got.version} of {got.maker}: {count}", markup=False, highlight=False)


@pack.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the packs that were installed: whose, until when, superseded, retired or expired.

    Example: watchfloor partnership pack list
    """
    from watchfloor.exchange.partnership import packs
    from watchfloor.store.floor import Floor

    opened, today = Floor.open(floor), datetime.now(UTC).date()
    found = [packs.about(one, today) for one in packs.installed(opened).values()]
    opened.act(acting(purpose, authority), "query", {"what": "packs", "words": "all"})
    if as_json:
        print_rows(found, "packs")
        return
    heads = ("pack", "version", "maker", "installed", "expires", "state", "why")
    lines = [(*(row[head] for head in heads), len(row["typologies"])) for row in found]
    print_table("Packs", (*heads, "typologies"), lines, "No pack is installed.")


@pack.command()
def retire(
    name: Annotated[str, typer.Argument(metavar="PACK", help="Its name.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Use a pack no more on this node.

    Example: watchfloor partnership pack retire fentanyl --why "its thresholds alarm on payrolls"
    """
    from watchfloor.exchange.partnership import packs
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        gone = packs.retire(opened, acting(purpose, authority), name, why)
    if as_json:
        print_json({"pack": gone.name, "version": gone.version, "why": why})
    else:
        err.print(f"{gone.name} {gone.version} is retired here", markup=False, highlight=False)


@app.command()
def counts(
    to: Annotated[str, typer.Option("--to", help="The peer, a participant of the code.")],
    period: Annotated[str, typer.Option("--period", help="A month, such as 2026-10.")],
    test: TestOption,
    out: Annotated[Path, typer.Option("--out", "-o", help="File.")],
    cells: Annotated[
        Path | None,
        typer.Option(
            "--cells",
            exists=True,
            dir_okay=False,
            help="CSV: subject, cell. Else this floor's payments, signals.",
        ),
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", help="Id of the code, where there are several.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Count subjects by corridor and typology for a peer (T1), with noise, and account for what it costs.

    Example: watchfloor partnership counts --to bank-b --period 2026-10 --test "ε is within
    the code" -o oct.counts
    """
    from watchfloor.actions.base import new_file
    from watchfloor.exchange import peers
    from watchfloor.exchange.partnership import codes
    from watchfloor.exchange.partnership import counts as counting
    from watchfloor.exchange.partnership.lawful import statement
    from watchfloor.formats.settings import read_text
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    unused(out, "-o")
    with lawfully(lang), writing(opened, purpose, authority) as writer:
        peer, terms = peers.peer_of(peers.known(opened), to), codes.standing(opened, code)
        mine = (
            counting.of_file(read_text(cells), terms)
            if cells
            else counting.of_floor(opened, reader(opened, purpose), terms, period)
        )
        stated = statement("counts", test, who(), "money-laundering")
        made = counting.make(opened, writer, peer, terms, period, mine, stated, datetime.now(UTC))
        with new_file(out, made.text.encode()):
            pass
    most = terms.file.counts.epsilon_per_period if terms.file.counts else 0.0
    if as_json:
        print_json(_of(made.table) | {"spent": made.spent, "of": most, "again": made.again, "file": out})
        return
    note = ", as it was drawn before" if made.again else ""
    err.print(
        f"wrote {out}{note}; ε {made.spent:g} of {most:g} spent for {period}", markup=False, highlight=False
    )


@app.command("counts-read")
def counts_read(
    file: FileArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Read a table of noisy counts that a peer made for this node, with how far the noise goes.

    Example: watchfloor partnership counts-read oct.counts --floor bank-b
    """
    from watchfloor.exchange.partnership import counts as counting
    from watchfloor.store.floor import Floor

    opened, data = Floor.open(floor), file.read_bytes()
    with taking(opened, purpose, authority, file, data, lang):
        table, _ = counting.read(opened, data, file.name)
    opened.act(
        acting(purpose, authority), "query", {"what": "counts", "words": f"{table.from_} {table.period}"}
    )
    if as_json:
        print_json(_of(table))
        return
    lines = [(cell, "withheld" if one is None else one) for cell, one in table.cells.items()]
    print_table(f"Subjects of {table.from_} in {table.period}", ("cell", "about"), lines, "No cell.")
    typer.echo(f"in 19 of 20 cells the noise is within ±{table.within:.0f}; ε {table.epsilon:g}")


def _of(table: "Table") -> dict[str, object]:
    from msgspec.structs import asdict

    return {name.rstrip("_"): value for name, value in asdict(table).items()} | {"within": table.within}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no day; write YYYY-MM-DD")
