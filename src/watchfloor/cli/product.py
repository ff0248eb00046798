"""`watchfloor product`: intelligence reports, to whom they went, and calling them back."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import (
    AsOfOption,
    WhyOption,
    clock,
    leads_of,
    minute,
    print_blocks,
    refusals,
    write_new,
    writing,
)
from watchfloor.cli.bundle_words import gateways_of, lawfully, written
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
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)
from watchfloor.cli.moments import as_of

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.acting.products import Part, Product, Text
    from watchfloor.cell.acting.units import Units
    from watchfloor.exchange.dissemination import Way
    from watchfloor.records.marking import Marking
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

app = typer.Typer(
    help="Intelligence reports with portion markings and a tear-line: who received what, and recalls.",
    no_args_is_help=True,
)

ProductArgument = Annotated[str, typer.Argument(metavar="REPORT", help="The report's id, or its start.")]
EditionOption = Annotated[
    int | None, typer.Option("--edition", min=1, help="The edition you looked at; else the present one.")
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file", exists=True, dir_okay=False, help="Its text: paragraphs, each with (MARKING) before it."
    ),
]
BelowOption = Annotated[
    list[str] | None,
    typer.Option("--below", help="A paragraph below the tear-line, such as '(U) …'; may be given again."),
]
TEAR: Final = re.compile(r"^-{3,}\s*(?:tear-?\s?line|ligne de détachement).*$", re.IGNORECASE | re.MULTILINE)
LONGEST: Final = 1 << 20
"""Bytes that the text of a report may have."""


@app.command()
def draft(
    lead: Annotated[list[str], typer.Option("--lead", help="A lead it reports; may be given again.")],
    title: Annotated[str, typer.Option("--title", help="Its title.")],
    file: FileOption = None,
    below: BelowOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a report on leads: what each says, marked as it is; then your text, above and below a tear-line.

    In --file, a line '--- tear-line ---' separates the two.

    Example: watchfloor product draft --lead 3f2a --title "Parcels to one address" --below "(U) Parcels with
    this label are worth an examination."
    """
    from watchfloor.cell.acting import products
    from watchfloor.cell.weights import load
    from watchfloor.records.marking import join, parse

    opened = _open(floor)
    found = leads_of(opened, lead, purpose)
    base = parse(join(one.marking for one in found))
    with refusals(lang):
        told = products.from_leads(found, load(), lang)
        above, under = _read(file, below, base)
        text = products.Text(title, tuple(one.lead_id for one in found), (*told, *above), under)
        with writing(opened, purpose, authority) as writer:
            row = products.draft(text, who(), writer.moment(), opened.key)
            position = _write(writer, row)
    _say(opened, row["product"], position, lang, purpose, as_json)


@app.command()
def amend(
    report: ProductArgument,
    edition: EditionOption = None,
    title: Annotated[str | None, typer.Option("--title", help="Its new title.")] = None,
    file: FileOption = None,
    below: BelowOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the next edition. --file replaces the text above the tear-line, and below it where it has one.

    Example: watchfloor product amend 8c01 --below "(U) Look for the blue label." --why "shorter"
    """
    from watchfloor.cell.acting import products
    from watchfloor.records.marking import join, parse

    def make(one: "Product", on: int, by: str, now: datetime) -> "Row":
        base = parse(join(portion.marking for portion in one.text.above))
        above, under = _read(file, below, base)
        text = products.Text(
            title or one.text.title, one.text.leads, above or one.text.above, under or one.text.below
        )
        return products.amend(one, on, text, by, now, why)

    _act(floor, report, edition, make, lang, purpose, authority, as_json)


@app.command()
def disseminate(
    report: ProductArgument,
    to: Annotated[
        list[str], typer.Option("--to", help="A recipient: a unit of `task units`; may be given again.")
    ],
    edition: EditionOption = None,
    gateway: Annotated[
        str | None,
        typer.Option("--gateway", help="The lawful way; abroad there is no other. `gateway list` has all."),
    ] = None,
    test: Annotated[str, typer.Option("--test", help="Why the gateway's test is met, in your words.")] = "",
    accuracy: Annotated[
        str, typer.Option("--accuracy", help="How accurate it is, and how reliably it was obtained.")
    ] = "",
    basis: Annotated[
        str, typer.Option("--basis", help="The request, order, arrangement or code it rests on.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", file_okay=False, help="Write what each receives here.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Send a report: the whole to who may have it, else what is below the tear-line; to all or to none.

    Abroad it goes through a gateway, and after a check of the risk of mistreatment. What another node sent
    goes with its consent alone.

    Example: watchfloor product disseminate 8c01 --to us-border --gateway customs-107-8 --test "both parcels
    fall under it" --basis "arrangement of 2014, art. 3" --purpose "border security" --authority "Customs Act
    s. 107" -o outgoing
    """
    from watchfloor.cell.acting import products
    from watchfloor.cell.acting.product_page import page
    from watchfloor.cell.acting.units import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.exchange import dissemination
    from watchfloor.release.gateway_table import pick
    from watchfloor.release.gateways import Statement

    if authority == DEFAULT_AUTHORITY or purpose == DEFAULT_PURPOSE:
        fail("a dissemination needs --authority and --purpose: the law that lets you disclose, and what for")
    declare_messages()
    opened, units = _open(floor), load(floor)
    through = pick(gateways_of(opened), gateway) if gateway else None
    stated = Statement(test, who(), purpose, accuracy, basis)
    with lawfully(lang):
        seen = _pick(opened, report, purpose)
        with writing(opened, purpose, authority) as writer:
            now = writer.moment()
            ways = {
                name: dissemination.way(opened, name, units.unit(name), through, stated, now.date())
                for name in to
            }
            present = _pick(opened, seen.product, purpose)
            readers = _readers(opened, units, present, ways, purpose, now)
            row, parts = products.disseminate(present, edition or seen.edition, readers, who(), now, lang)
            pages = {
                name: page(present, part, lang, caveats=ways[name].caveats) for name, part in parts.items()
            }
            with _written(out, present, pages):
                position = _write(writer, row)
                writer.acts(
                    (
                        "disclosed",
                        _disclosed(present, parts[name], ways[name], pages[name], authority, position),
                    )
                    for name in parts
                )
    _say(opened, present.product, position, lang, purpose, as_json, parts)


def _readers(
    opened: "Floor", units: "Units", one: "Product", ways: "Mapping[str, Way]", purpose: str, now: datetime
) -> "dict[str, Reader]":
    """The recipients as policy knows them; refused where somebody has not consented to what goes there."""
    from watchfloor.cell.acting.units import reader as receiving
    from watchfloor.cell.weights import load
    from watchfloor.exchange import dissemination

    mine = reader(opened, purpose)
    rests_on = dissemination.pieces(opened, mine, load(), one, now)
    for to in ways.values():
        dissemination.refuse_bound(opened, mine, rests_on, to, now.date())
    consents = dissemination.owners(rests_on)
    return {
        name: replace(receiving(units.unit(name), to.purpose, now.date()), consents=consents)
        for name, to in ways.items()
    }


def _disclosed(
    one: "Product", part: "Part", to: "Way", text: str, authority: str, position: int
) -> dict[str, object]:
    from watchfloor.exchange import dissemination

    return dissemination.disclosed(one, part, to, text, who(), authority) | {"record_at": position}


@contextmanager
def _written(out: Path | None, one: "Product", pages: "Mapping[str, str]") -> Iterator[None]:
    """What each receives: whole beside its name before the block, under its name after."""
    with ExitStack() as files:
        if out:
            out.mkdir(parents=True, exist_ok=True)
            for name, text in pages.items():
                path = out / f"{one.product}-{one.edition}-{name}.md"
                files.enter_context(written(path, text.encode()))
        yield
    for name in pages if out else ():
        err.print(f"wrote {out}/{one.product}-{one.edition}-{name}.md", highlight=False, markup=False)


@app.command()
def recall(
    report: ProductArgument,
    edition: EditionOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Call a report back; names everyone who received any edition, who must be told.

    Example: watchfloor product recall 8c01 --why "the source has withdrawn it"
    """
    from watchfloor.cell.acting import products

    def make(one: "Product", on: int, by: str, now: datetime) -> "Row":
        return products.recall(one, on, by, now, why)

    _act(floor, report, edition, make, lang, purpose, authority, as_json)


@app.command("list")
def list_(
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List reports, the newest act last.

    Example: watchfloor product list
    """
    from watchfloor.cell.acting.acts import words

    opened = _open(floor)
    found = sorted(_all(opened, purpose, as_of(at)).values(), key=lambda one: (one.at, one.product))
    detail = {"what": "reports", "as_of": at, "reports": len(found)}
    shown = [one.product for one in found]
    opened.act(acting(purpose, authority), "query", detail | {"shown": shown})
    if as_json:
        print_rows(map(_about, found), "reports")
        return
    heads = {
        "en": ("report", "edition", "state", "title", "marking", "received by"),
        "fr": ("rapport", "édition", "état", "titre", "cote", "reçu par"),
    }
    lines = (
        (
            one.product,
            one.edition,
            words(one.state, lang),
            one.text.title,
            one.text.marking,
            ", ".join(one.received),
        )
        for one in found
    )
    empty = {"en": "No report that you may see.", "fr": "Aucun rapport que vous puissiez voir."}
    print_table("", heads[lang], lines, empty[lang])


@app.command()
def show(
    report: ProductArgument,
    to: Annotated[
        str | None, typer.Option("--for", help="Only what this recipient may have; sends nothing.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write it to this new file: .md, or .txt for plain text."),
    ] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a report with its markings and, below it, every act: who, when, to whom, under which authority.

    Examples: watchfloor product show 8c01 --for us-border; watchfloor product show 8c01 -o report.md
    """
    from watchfloor.cell.acting.product_page import page
    from watchfloor.cell.acting.products import part_for
    from watchfloor.cell.acting.units import load
    from watchfloor.cell.acting.units import reader as receiving

    if to and out:
        fail("what a recipient may have leaves by `watchfloor product disseminate`, which logs that it went")
    opened = _open(floor)
    position = as_of(at)
    with refusals(lang):
        one = _pick(opened, report, purpose, position)
        part: Part = "whole"
        if to:
            today = clock(opened, position).date()
            part = part_for(one, to, receiving(load(floor).unit(to), purpose, today), lang)
    detail = {"what": "report", "report": one.product, "edition": one.edition, "part": part, "as_of": at}
    opened.act(acting(purpose, authority), "query", detail)
    text = page(one, part, lang, plain=out is not None and out.suffix == ".txt")
    if out:
        write_new(out, text)
    if as_json:
        print_json(_about(one) | {"part": part, "page": text, "history": _history(opened, one)})
        return
    if not out:
        typer.echo(text)
    if not to and not out:
        _print_history(opened, one, lang)


def _print_history(opened: "Floor", one: "Product", lang: "Language") -> None:
    from watchfloor.cell.acting.acts import words

    told = {
        "en": "{}  {}: {}, edition {}; purpose: {}; authority: {}",
        "fr": "{}  {} : {}, édition {}; but : {}; autorisation : {}",
    }[lang]
    blocks = (
        (
            told.format(
                minute(row["at"]),
                row["by"],
                words(row["state"], lang),
                row["edition"],
                row["purpose"],
                row["authority"],
            ),
            [text for text in (", ".join(row["to"]), row["why"]) if text],
        )
        for row in _history(opened, one)
    )
    print_blocks(blocks, "")


def _history(opened: "Floor", one: "Product") -> list[dict[str, Any]]:
    """Every act, with purpose and authority as the log has them."""
    rows = []
    for row in one.history:
        actor = opened.acts(row["position"], row["position"])[0].actor
        rows.append(
            {
                "at": row["observed_at"],
                "by": row["by"],
                "state": row["state"],
                "edition": row["edition"],
                "to": row["recipients"],
                "purpose": actor.purpose if actor else None,
                "authority": actor.authority if actor else None,
                "why": row["why"],
                "record": row["record_id"],
            }
        )
    return rows


def _open(floor: Path) -> "Floor":
    from watchfloor.store.floor import Floor

    return Floor.open(floor)


def _all(opened: "Floor", purpose: str, position: int | datetime | None = None) -> "dict[str, Product]":
    from watchfloor.cell.acting.acts import read
    from watchfloor.cell.acting.products import products
    from watchfloor.records.kinds import PRODUCT

    return products(read(opened, reader(opened, purpose), PRODUCT, position))


def _pick(opened: "Floor", start: str, purpose: str, position: int | datetime | None = None) -> "Product":
    from watchfloor.cell.acting.acts import pick

    return pick(_all(opened, purpose, position), start, "report", "product list")


def _write(writer: "Writer", row: "Row") -> int:
    from watchfloor.cell.acting.acts import write
    from watchfloor.records.kinds import PRODUCT

    return write(writer, PRODUCT, row)


def _read(
    file: Path | None, below: list[str] | None, base: "Marking"
) -> "tuple[tuple[Any, ...], tuple[Any, ...]]":
    """Portions above and below the tear-line, from a file and the command line."""
    from watchfloor.cell.acting.products import portions

    above, under = _parts(file) if file else ("", "")
    under = "\n\n".join([under, *(below or [])])
    return portions(above, base, below=False), portions(under, base, below=True)


def _parts(file: Path) -> tuple[str, str]:
    if file.stat().st_size > LONGEST:
        fail(f"{file} is longer than a report may be ({LONGEST:,} bytes)")
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file} is no UTF-8 text; save it as one")
    above, *below = TEAR.split(text)
    if len(below) > 1:
        fail(f"{file} has {len(below)} tear-lines; a report has one")
    return above, "".join(below)


def _act(
    floor: Path,
    report: str,
    edition: int | None,
    make: "Callable[[Product, int, str, datetime], Row]",
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> None:
    """Act on the edition that the officer looked at, and say how the report stands then."""
    opened = _open(floor)
    with refusals(lang):
        seen = _pick(opened, report, purpose)
        with writing(opened, purpose, authority) as writer:
            present = _pick(opened, seen.product, purpose)
            position = _write(writer, make(present, edition or seen.edition, who(), writer.moment()))
    _say(opened, seen.product, position, lang, purpose, as_json)


def _say(
    opened: "Floor",
    product: str,
    position: int,
    lang: "Language",
    purpose: str,
    as_json: bool,
    parts: "Mapping[str, Part] | None" = None,
) -> None:
    """How a report stands, and who has something else than its last edition."""
    from watchfloor.cell.acting.acts import words

    one = _pick(opened, product, purpose)
    if as_json:
        print_json(_about(one) | {"position": position} | ({"parts": dict(parts)} if parts else {}))
        return
    head = {"en": f"report {one.product} is", "fr": f"rapport {one.product} :"}[lang]
    edition = {"en": "edition", "fr": "édition"}[lang]
    stands = f"{words(one.state, lang)}, {edition} {one.edition}, {one.text.marking}"
    told = f"{head} {stands}, position {position}"
    err.print(told, highlight=False, markup=False)
    for name, part in (parts or {}).items():
        err.print(f"  {name}: {part}", highlight=False, markup=False)
    for name in _to_tell(one):
        err.print(_told(name, one, lang), highlight=False, markup=False)


def _to_tell(one: "Product") -> tuple[str, ...]:
    return tuple(one.received) if one.state == "recalled" else one.outdated


def _told(name: str, one: "Product", lang: "Language") -> str:
    editions = ", ".join(map(str, one.received[name]))
    recalled = {"en": "  tell {}: received edition {}", "fr": "  prévenir {} : a reçu l’édition {}"}
    outdated = {"en": "  {} has edition {} only", "fr": "  {} n’a que l’édition {}"}
    return (recalled if one.state == "recalled" else outdated)[lang].format(name, editions)


def _about(one: "Product") -> dict[str, Any]:
    text: Text = one.text
    return {
        "product": one.product,
        "edition": one.edition,
        "state": one.state,
        "title": text.title,
        "leads": list(text.leads),
        "marking": text.marking,
        "below_marking": text.below_marking if text.below else None,
        "received": {name: list(editions) for name, editions in one.received.items()},
        "outdated": list(_to_tell(one)),
        "by": one.by,
        "at": one.at,
        "why": one.why,
    }
