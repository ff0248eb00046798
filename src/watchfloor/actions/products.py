"""Intelligence reports with portion markings and a tear-line: who received what, and recalls."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    UNSTATED,
    WROTE,
    Answer,
    Context,
    Request,
    action,
    argument,
    lawful,
    new_file,
    note,
    option,
    refuse_existing,
    text_of,
    words,
)
from watchfloor.casework.life_cycle import Make, act
from watchfloor.casework.reports import products
from watchfloor.casework.reports.product_page import page
from watchfloor.casework.reports.products import Part, Portion, Product, Text, portions
from watchfloor.casework.tasking import units
from watchfloor.cell.acts import Post, Row, Unusable, write
from watchfloor.core.kinds import PRODUCT
from watchfloor.core.marking import Marking, join, parse
from watchfloor.core.messages import declare, reason
from watchfloor.exchange import dissemination
from watchfloor.exchange.dissemination import Way
from watchfloor.policy import gateway_table
from watchfloor.policy.gateways import Statement
from watchfloor.policy.policy import Reader
from watchfloor.store.log import Actor

TEAR: Final = re.compile(r"^-{3,}\s*(?:tear-?\s?line|ligne de détachement).*$", re.IGNORECASE | re.MULTILINE)

TORN: Final = declare("actions.product-torn", "file", "count")
NO_LAW: Final = declare("actions.product-no-law")
NOT_SENT: Final = declare("actions.product-not-sent")
TELL: Final = declare("actions.product-tell", "name", "editions")
OUTDATED: Final = declare("actions.product-outdated", "name", "editions")

StateWord = Annotated[str, words("products.state_")]


class ProductView(Answer, frozen=True):
    """A report as it stands.

    Attributes:
        received: everyone who received it, with the editions.
        outdated: who has an earlier edition only; of one that was recalled, who must be told.
    """

    texts: ClassVar = "products"
    columns: ClassVar[tuple[str, ...]] = ("product", "edition", "state", "title", "marking", "received")

    product: str
    edition: int
    state: StateWord
    title: str
    leads: tuple[str, ...]
    marking: str
    below_marking: str | None
    received: dict[str, list[int]]
    outdated: list[str]
    by: str
    at: datetime
    why: str | None


class ProductChange(ProductView, frozen=True, omit_defaults=True):
    """A report as an act left it; `parts`: what each recipient got, if it was sent."""

    position: int | None
    parts: dict[str, Part] = msgspec.field(default_factory=dict)


class ProductAct(Answer, frozen=True):
    """An act on a report, with purpose and authority as the log has them."""

    texts: ClassVar = "products"
    columns: ClassVar = ("at", "by", "state", "edition", "to", "purpose", "authority", "why")

    at: datetime
    by: str
    state: StateWord
    edition: int
    to: list[str]
    purpose: str | None
    authority: str | None
    why: str | None
    record: str


class ProductPage(ProductView, frozen=True):
    """A report or a part of it as a page, with every act on it."""

    columns: ClassVar[tuple[str, ...]] = ()

    part: Part
    page: str
    history: list[ProductAct]


class WholeProduct(ProductPage, frozen=True):
    """A report as who wrote it sees it."""

    columns: ClassVar = ("history",)


class ProductList(Answer, frozen=True):
    """Reports, the newest act last."""

    reports: list[ProductView]


ProductField = Annotated[str, argument("REPORT", "The report's id, or its start.")]
EditionField = Annotated[int | None, option("The edition you looked at; else the present one.", minimum=1)]
WhyField = Annotated[str, option("The reason, in your words.")]
FileField = Annotated[
    Path | None, option("Its text: paragraphs, each with (MARKING) before it.", exists=FILE)
]
BelowField = Annotated[
    tuple[str, ...], option("A paragraph below the tear-line, such as '(U) …'; may be given again.")
]


class DraftProduct(Request, frozen=True, kw_only=True):
    """A report on leads."""

    lead: Annotated[tuple[str, ...], option("A lead it reports; may be given again.")]
    title: Annotated[str, option("Its title.")]
    file: FileField = None
    below: BelowField = ()


@action(
    "product draft",
    'product draft --lead 3f2a --title "Parcels to one address" --below "(U) Parcels with this label are '
    'worth an examination."',
    writes=True,
    done="products.done",
)
def draft(context: Context, ask: DraftProduct) -> ProductChange:
    """Draft a report on leads: what each says, marked as it is; then your text, above and below a tear-line.

    In --file, a line '--- tear-line ---' separates the two.
    """
    found = [context.lead(start) for start in ask.lead]
    above, below = _portions(ask, parse(join(one.marking for one in found)))
    above = (*products.from_leads(found, context.weights, context.language), *above)
    text = Text(ask.title, tuple(one.lead_id for one in found), above, below)
    with context.writer() as writer:
        row = products.draft(text, context.actor.name, writer.moment(), context.floor.key)
        position = write(writer, PRODUCT, row)
    return _change(context, row["product"], position)


class ActOnProduct(Request, frozen=True):
    """Which report, in which edition, and why."""

    report: ProductField
    edition: EditionField = None
    why: WhyField = ""


class AmendProduct(ActOnProduct, frozen=True):
    """A report's next edition; nothing said keeps what stands."""

    title: Annotated[str, option("Its new title.")] = ""
    file: FileField = None
    below: BelowField = ()


@action(
    "product amend",
    'product amend 8c01 --below "(U) Look for the blue label." --why "shorter"',
    writes=True,
    done="products.done",
)
def amend(context: Context, ask: AmendProduct) -> ProductChange:
    """Make the next edition. --file replaces the text above the tear-line, and below it where it has one."""

    def make(one: Product, edition: int, by: str, now: datetime) -> Row:
        old = one.text
        above, below = _portions(ask, parse(join(portion.marking for portion in old.above)))
        text = Text(ask.title or old.title, old.leads, above or old.above, below or old.below)
        return products.amend(one, edition, text, by, now, ask.why)

    return _act(context, ask, make)


@action(
    "product recall",
    'product recall 8c01 --why "the source has withdrawn it"',
    writes=True,
    done="products.done",
)
def recall(context: Context, ask: ActOnProduct) -> ProductChange:
    """Call a report back; names everyone who received any edition, who must be told."""
    return _act(context, ask, lambda one, on, by, now: products.recall(one, on, by, now, ask.why))


def _act(context: Context, ask: ActOnProduct, make: Make[Product]) -> ProductChange:
    """Act on the edition that was looked at. Raises `Conflict` where it is no longer the last."""
    with context.writer() as writer:
        done = act(Post(context.floor, context.reader, writer), Product, ask.report, ask.edition, make)
    return _change(context, done.item.id, done.position)


class SendProduct(Request, frozen=True, kw_only=True):
    """To whom a report goes, and by what right."""

    report: ProductField
    to: Annotated[tuple[str, ...], option("A recipient: a unit of `cases task units`; may be given again.")]
    edition: EditionField = None
    gateway: Annotated[str, option("The lawful way; abroad there is no other. `gateway list` has all.")] = ""
    test: Annotated[str, option("Why the gateway's test is met, in your words.")] = ""
    accuracy: Annotated[str, option("How accurate it is, and how reliably it was obtained.")] = ""
    basis: Annotated[str, option("The request, order, arrangement or code it rests on.")] = ""
    output: Annotated[Path | None, option("Write what each receives here.", spelling="--out -o")] = None


@action(
    "product disseminate",
    'product disseminate 8c01 --to us-border --gateway customs-107-8 --test "both parcels fall under it" '
    '--basis "arrangement of 2014, art. 3" --purpose "border security" --authority "Customs Act s. 107" '
    "-o outgoing",
    writes=True,
    done="products.done",
)
def disseminate(context: Context, ask: SendProduct) -> ProductChange:
    """Send a report: the whole to who may have it, else what is below the tear-line; to all or to none.

    Abroad it goes through a gateway, and after a check of the risk of mistreatment. What another node sent
    goes with its consent alone.
    """
    from watchfloor.desks.registry import declare_messages

    floor, language, actor = context.floor, context.language, context.actor
    if actor.purpose == UNSTATED["purpose"] or actor.authority == UNSTATED["authority"]:
        raise Unusable(reason(NO_LAW))
    refuse_existing(ask.output if ask.output and ask.output.is_file() else None)
    declare_messages()
    gateways = gateway_table.load(floor.root / "gateways.toml")
    through = gateway_table.pick(gateways, ask.gateway) if ask.gateway else None
    stated = Statement(ask.test, actor.name, actor.purpose, ask.accuracy, ask.basis)
    table, seen = units.load(floor.root), _product(context, ask.report)
    with lawful(), context.writer() as writer:
        now = writer.moment()
        ways = {
            name: dissemination.way(floor, name, table.unit(name), through, stated, now.date())
            for name in ask.to
        }
        one = _product(context, seen.id)
        readers = _readers(context, table, one, ways, now)
        row, parts = products.disseminate(
            one, ask.edition or seen.edition, readers, actor.name, now, language
        )
        pages = {name: page(one, part, language, caveats=ways[name].caveats) for name, part in parts.items()}
        with _written(context, ask.output, one, pages):
            position = write(writer, PRODUCT, row)
            writer.acts(
                ("disclosed", _disclosed(one, part, ways[name], pages[name], actor, position))
                for name, part in parts.items()
            )
    return _change(context, one.id, position, parts)


def _readers(
    context: Context, table: units.Units, one: Product, ways: Mapping[str, Way], now: datetime
) -> dict[str, Reader]:
    """Return the recipients as policy knows them; refuse if somebody has not consented to what goes there."""
    floor, mine, today = context.floor, context.reader, now.date()
    rests_on = dissemination.pieces(floor, mine, context.weights, one, now)
    for to in ways.values():
        dissemination.refuse_bound(floor, mine, rests_on, to, today)
    consents = dissemination.owners(rests_on)
    return {
        name: replace(units.reader(table.unit(name), to.purpose, today), consents=consents)
        for name, to in ways.items()
    }


def _disclosed(one: Product, part: Part, to: Way, text: str, actor: Actor, position: int) -> dict[str, Any]:
    gone = dissemination.disclosed(one, part, to, text, actor.name, actor.authority)
    return gone | {"record_at": position}


@contextmanager
def _written(context: Context, folder: Path | None, one: Product, pages: Mapping[str, str]) -> Iterator[None]:
    """Write what each receives: whole beside its name before the block, under its name after."""
    paths = {name: folder / f"{one.id}-{one.edition}-{name}.md" for name in pages} if folder else {}
    with ExitStack() as files:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        for name, path in paths.items():
            files.enter_context(new_file(path, pages[name].encode()))
        yield
    for path in paths.values():
        note(context, WROTE, file=str(path))


@action("product list", "product list", past=True, rows="reports", empty="products.none")
def list_products(context: Context, _: Request) -> ProductList:
    """List reports, the newest act last."""
    found = list(Product.read(context.floor, context.reader, context.as_of).values())
    found.sort(key=lambda one: (one.at, one.id))
    context.log_query("reports", reports=len(found), shown=[one.id for one in found])
    return ProductList(reports=[ProductView(**_fields(one)) for one in found])


class ShowProduct(Request, frozen=True):
    """Which report, as whom."""

    report: ProductField
    for_: Annotated[str, option("Only what this recipient may have; sends nothing.")] = ""


@action("product show", "product show 8c01 --for us-border", past=True, document="page")
def show(context: Context, ask: ShowProduct) -> ProductPage:
    """Show a report with its markings and, below it, every act: who, when, to whom, under which authority.

    A file that ends in .txt has it as plain text, another as Markdown.
    """
    if ask.for_ and context.out:
        raise Unusable(reason(NOT_SENT))
    one, today = _product(context, ask.report), context.now.astimezone(UTC).date()
    part: Part = "whole"
    if ask.for_:
        unit = units.load(context.floor.root).unit(ask.for_)
        receiving = units.reader(unit, context.actor.purpose, today)
        part = products.part_for(one, ask.for_, receiving, context.language)
    context.log_query("report", report=one.id, edition=one.edition, part=part)
    plain = context.out is not None and context.out.suffix == ".txt"
    made = ProductPage if ask.for_ else WholeProduct
    return made(
        **_fields(one),
        part=part,
        page=page(one, part, context.language, plain=plain),
        history=[_past_act(context, row) for row in one.history],
    )


def _past_act(context: Context, row: Row) -> ProductAct:
    actor = context.floor.acts(row["position"], row["position"])[0].actor
    return ProductAct(
        **{name: row[name] for name in ("by", "state", "edition", "why")},
        at=row["observed_at"],
        to=row["recipients"],
        purpose=actor.purpose if actor else None,
        authority=actor.authority if actor else None,
        record=row["record_id"].hex(),
    )


def _product(context: Context, start: str) -> Product:
    return Product.find(context.floor, context.reader, start, context.as_of)


def _portions(
    ask: DraftProduct | AmendProduct, base: Marking
) -> tuple[tuple[Portion, ...], tuple[Portion, ...]]:
    """Return the portions above and below the tear-line. Raises `Unusable`."""
    above, *under = TEAR.split(text_of(ask.file))
    if len(under) > 1:
        raise Unusable(reason(TORN, file=str(ask.file), count=len(under)))
    below = "\n\n".join(["".join(under), *ask.below])
    return portions(above, base, below=False), portions(below, base, below=True)


def _change(
    context: Context, id_: str, position: int, parts: Mapping[str, Part] | None = None
) -> ProductChange:
    """Return how a report stands, and say who has something else than its last edition."""
    one = _product(context, id_)
    for name in _to_tell(one):
        message = TELL if one.state == "recalled" else OUTDATED
        note(context, message, name=name, editions=", ".join(map(str, one.received[name])))
    known = context.known_position(position)
    return ProductChange(**_fields(one), position=known, parts=dict(parts or {}))


def _to_tell(one: Product) -> list[str]:
    return list(one.received if one.state == "recalled" else one.outdated)


def _fields(one: Product) -> dict[str, Any]:
    """Return the fields of a `ProductView`."""
    text = one.text
    return {
        "product": one.id,
        **{name: getattr(one, name) for name in ("edition", "state", "by", "at", "why")},
        **{name: getattr(text, name) for name in ("title", "leads", "marking")},
        "below_marking": text.below_marking if text.below else None,
        "received": {name: list(editions) for name, editions in one.received.items()},
        "outdated": _to_tell(one),
    }
