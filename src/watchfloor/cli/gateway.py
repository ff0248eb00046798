"""`watchfloor gateway`: the lawful ways to disclose, the risk checks, and the records that laws ask for."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from watchfloor.cli import gateway_words as words
from watchfloor.cli.acting import write_new
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
    refuse_no_floor,
    who,
)

if TYPE_CHECKING:
    from watchfloor.release.gateway_table import Table
    from watchfloor.store.floor import Floor

app = typer.Typer(help="The lawful ways to disclose between nodes. No legal advice.", no_args_is_help=True)

OWN: Final = "gateways.toml"
"""A node's own rows, beside its `floor.toml`."""

FromOption = Annotated[
    str | None, typer.Option("--from", help="Only where this kind of institution discloses.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Only where this kind of institution receives.")]
OnOption = Annotated[
    str | None, typer.Option("--on", help="As it stands on this day, YYYY-MM-DD; else today.")
]


@app.command(name="list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    from_: FromOption = None,
    to: ToOption = None,
    on: OnOption = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table of a Markdown page.")] = False,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """List the gateways that stand on a day, and where the node's own gateways.toml narrows or widens them.

    Example: watchfloor gateway list --from border-agency --to foreign-partner
    """
    table = _table(floor)
    found = [
        one
        for one in table.gateways.values()
        if one.stands(_day(on))
        and (from_ is None or _institution(from_) in one.from_)
        and (to is None or _institution(to) in one.to)
    ]
    if markdown:
        typer.echo(words.markdown(table, found, lang))
    elif as_json:
        print_rows(map(words.about, found), "gateways")
    else:
        print_table("", words.HEADS[lang], (words.line(table, one, lang) for one in found), words.NONE[lang])
        _say_changes(floor)


@app.command()
def show(
    gateway: Annotated[str, typer.Argument(metavar="ID", help="As `watchfloor gateway list` has it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Show one gateway: the test to state, what may go, what it rests on, and the records it owes.

    Example: watchfloor gateway show scida-5
    """
    from watchfloor.release.gateway_table import pick

    table = _table(floor)
    one = pick(table.gateways, gateway)
    if as_json:
        print_json(words.about(one))
        return
    print_table(one.id, ("", ""), (pair for pair in words.told_of(table, one, lang) if pair[1]), "")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A gateways.toml.", exists=True, dir_okay=False)],
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a file of gateways before it is used: typing errors, impossible days, what ended, what widens.

    Example: watchfloor gateway check floor/gateways.toml
    """
    from watchfloor.release.gateway_table import changes, problems, texts

    found = problems(*texts(file), on=_day(on))
    fatal = [one for one in found if one.fatal]
    changed = [] if fatal else changes(file)
    if as_json:
        rows = [{"problem": one.text, "fatal": one.fatal} for one in found]
        print_rows([*rows, *(one._asdict() for one in changed)], "problems")
    else:
        for one in found:
            typer.echo(one.text)
        for change in changed:
            typer.echo(f"{change.direction}: {change.gateway}: {change.key}")
        said = counted(len(fatal), "thing is wrong", "things are wrong")
        typer.echo(f"{file}: {said}; it cannot be used" if fatal else f"{file} can be used")
    if fatal:
        raise typer.Exit(PARTLY)


@app.command(name="risk-check")
def risk_check(
    partner: Annotated[str, typer.Option("--partner", help="The node, or the state a letter goes to.")],
    risk: Annotated[
        Literal["no", "yes", "mitigated"],
        typer.Option("--substantial-risk", help="Whether disclosing there risks mistreatment of anybody."),
    ],
    floor: FloorOption = DEFAULT_FLOOR,
    country: Annotated[
        str | None, typer.Option("--country", help="ISO 3166-1 alpha-3; of a known peer it is known.")
    ] = None,
    measures: Annotated[
        str, typer.Option("--measures", help="What mitigates it: assurances, caveats, what is left out.")
    ] = "",
    decided_by: Annotated[
        str | None, typer.Option("--decided-by", help="Who decided, where it is not you.")
    ] = None,
    caveat: Annotated[
        list[str] | None, typer.Option("--caveat", help="A caveat that every row must carry; repeatable.")
    ] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what was decided about the risk that a disclosure to somebody abroad leads to mistreatment.

    It stands for a year, or until the next one. `yes` refuses every disclosure there.

    Example: watchfloor gateway risk-check --partner lisbon --country PRT --substantial-risk no --floor floor
    """
    from watchfloor.exchange.risk import ACT, detail
    from watchfloor.release.gateways import RiskCheck
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    if risk == "mitigated" and not measures.strip():
        fail("say with --measures what mitigates the risk; where nothing does, say --substantial-risk yes")
    made = RiskCheck(
        partner.strip() or fail("name the partner with --partner"),
        _country(opened, partner, country),
        risk,
        measures.strip(),
        (decided_by or who()).strip(),
        datetime.now(UTC).date(),
        frozenset(caveat or ()),
    )
    position = opened.act(acting(purpose, authority), ACT, detail(made))
    if as_json:
        print_json(detail(made) | {"position": position})
        return
    print_table("", words.RISKS[lang], [words.risk_line(made, lang)], "")


@app.command(name="risks")
def risks(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the last check of the risk of mistreatment for each partner, and until when it stands.

    Example: watchfloor gateway risks --floor floor
    """
    from watchfloor.exchange.risk import detail, latest
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = latest(opened).values()
    opened.act(acting(purpose, authority), "query", {"what": "risk checks", "rows": len(found)})
    if as_json:
        print_rows(map(detail, found), "risks")
    else:
        print_table(
            "", words.RISKS[lang], (words.risk_line(one, lang) for one in found), words.NO_RISKS[lang]
        )


@app.command()
def report(
    year: Annotated[int, typer.Option("--year", min=2000, max=9998, help="Calendar year, in UTC.")],
    floor: FloorOption = DEFAULT_FLOOR,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a new CSV file, a row a record.")
    ] = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the records that each law asks for of a year's disclosures and receipts, from the log.

    Each row is complete or names the provisions that nothing answers. Somebody cleared to the node's ceiling
    makes it: what you may not see is left out.

    Example: watchfloor gateway report --year 2026 -o records-2026.csv --floor floor
    """
    from watchfloor.exchange.records_due import owed
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = owed(opened, _table(floor), year, reader(opened, purpose), lang)
    opened.act(
        acting(purpose, authority), "query", {"what": "records owed", "year": year, "rows": len(found)}
    )
    if out:
        write_new(out, words.as_csv(found, lang))
    if as_json:
        print_rows((words.record(one, lang) for one in found), "records")
        return
    print_table(
        "",
        words.OWED[lang],
        (words.owed_line(one, lang) for one in found),
        words.NOTHING[lang].format(year=year),
    )
    for line in words.duties(found, lang):
        err.print(line, highlight=False, markup=False)


def _table(floor: Path) -> "Table":
    from watchfloor.release.gateway_table import load_table

    refuse_no_floor(floor)
    return load_table(floor / OWN)


def _say_changes(floor: Path) -> None:
    from watchfloor.release.gateway_table import changes

    for one in changes(floor / OWN):
        err.print(f"{floor / OWN} {one.direction} {one.gateway}: {one.key}", highlight=False, markup=False)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--on {text!r} is no day; write one such as 2026-11-24")


def _institution(name: str) -> str:
    from watchfloor.release.gateways import nearest
    from watchfloor.release.institutions import INSTITUTIONS

    if name not in INSTITUTIONS:
        near = nearest(name, INSTITUTIONS)
        fail(f"{name!r} is no kind of institution{near}; there are {', '.join(INSTITUTIONS)}")
    return name


def _country(opened: "Floor", partner: str, country: str | None) -> str:
    from watchfloor.records.countries import COUNTRIES, no_country

    if country is None:
        peers = [act.detail for act in opened.acts_of("peer") if act.detail and act.detail["name"] == partner]
        if not peers:
            fail(f"no peer is called {partner!r}; say with --country in which country it is, such as USA")
        country = str(peers[-1]["country"])
    if country not in COUNTRIES:
        fail(f"--country: {no_country(country)}")
    return country
