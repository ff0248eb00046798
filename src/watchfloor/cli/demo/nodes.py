"""`watchfloor demo --nodes`: ten institutions, one day, and what each may lawfully tell another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import combinations
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from watchfloor.actions import leads
from watchfloor.cli.common import (
    BROKEN,
    acting,
    busy,
    counted,
    err,
    fail,
    print_json,
    print_table,
    reader,
)
from watchfloor.cli.demo import partnership
from watchfloor.cli.demo.exercise_floor import PURPOSE
from watchfloor.cli.face import Terminal, builtins, show
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.cli.demo.partnership import Together
    from watchfloor.core.messages import Language
    from watchfloor.exchange.bundles.offers import Offer
    from watchfloor.exchange.bundles.receipts import Compared
    from watchfloor.exchange.bundles.sending import Packed
    from watchfloor.exercise.leaks import Search
    from watchfloor.exercise.nodes import Node, NodeExerciseFiles
    from watchfloor.policy.gateways import Statement
    from watchfloor.store.floor import Floor

CHECKED: Final = "exercise: same machine"
"""How the keys were compared."""

ORDER: Final = "exercise-order"
"""The gateway of the exercise's production order, which only banks and the cell have."""

CUSTOMS: Final = "customs-107-4-c"
DISCLOSURE: Final = "pcmltfa-55-3-a"
"""The Centre tells the police, and the cell as what its officers are, what it suspects."""
ANSWER: Final = "pcmltfa-54-1-a"
"""A voluntary information record: what the cell knows goes to the Centre."""

SHOWN: Final = 0.01
"""Least probability of a lead that is printed; of the others how many there are."""

ORDER_ROW: Final = """\
# A production order of the exercise: one day's row of its own, narrower than the Code's, since it orders a
# document to be prepared about named accounts and no copy of their transactions. It ends with the order.
[gateway.{id}]
law = "CC"
section = "487.014(1)"
from = ["reporting-entity"]
to = ["police"]
purpose = "prosecution"
test.en = "A judge ordered a document prepared on the accounts that the order names, and nothing else goes."
test.fr = "Un juge a ordonné un document sur les comptes que vise l’ordonnance, et rien d’autre ne part."
forms = ["signal"]
fields = ["signals"]
needs = ["basis"]
basis.en = "the order: its number, the court and the day"
basis.fr = "l’ordonnance : son numéro, le tribunal et la date"
since = {since}
expires = {expires}
checked = true
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A bundle from a node to another, and what its receipt says."""

    node: str
    to: str
    packed: "Packed"
    compared: "Compared"


@dataclass(frozen=True, slots=True)
class Played:
    """Result of the exchange.

    Attributes:
        floors: by node.
        together: what the banks have told each other.
        sent: the bundles, in the order in which they went; the last is the cell's answer to the Centre.
        leads: the cell's queue.
    """

    floors: "Mapping[str, Floor]"
    together: "Together"
    sent: tuple[Sent, ...]
    leads: "list[Lead]"

    def nodes_of(self, lead: "Lead") -> dict[bytes, str]:
        """For each record that a lead rests on, the node that it came from."""
        cell = self.floors["cell"]
        rows = cell.read("disclosure", reader(cell, PURPOSE), columns=["record_id", "node"]).to_pylist()
        from_ = {row["record_id"]: row["node"] for row in rows}
        return {record: from_.get(record, "cell") for c in lead.contributions for record in c.evidence}


def run(made: "NodeExerciseFiles", folder: Path, top: int, lang: "Language", as_json: bool) -> None:
    """Play an exercise and show what came of it; what is printed on the way goes to standard error."""
    from watchfloor.exercise.leaks import needles, search
    from watchfloor.exercise.nodes import CELL, NODES

    played = play(made, folder)
    with busy("searching every byte of the cell's folder"):
        wanted = {node.name: needles(made, node.name) for node in NODES if node.name != CELL}
        here = search(folder / CELL, reduce(or_, wanted.values()))
        there = {node: search(folder / node, each) for node, each in wanted.items()}
    partnership.show(played.together, as_json)
    _show_sent(played, as_json)
    payments, whole = _payments(played, as_json), True
    for node, each in wanted.items():
        at_home, leaked = len(there[node].hits), each.among(here.hits)
        _show_found(node, each.count, at_home, leaked, here, as_json)
        whole = whole and not leaked and at_home == each.count
    _show_queue(played, top, lang, as_json)
    _say("Next:")
    for line in (*_next(played), f"watchfloor admin exercise score {folder / CELL} --key {made.key}"):
        _say(f"  {line}")
    if not whole:
        where = ", ".join(sorted(set(here.hits.values()))) or "none of the cell's files"
        fail(f"a private value lies in the cell, or the search missed one where it belongs: {where}", BROKEN)
    if payments:
        fail(f"{counted(payments, 'payment')} of other institutions lie in the cell's store", BROKEN)


def _payments(played: Played, as_json: bool) -> int:
    """How many rows of payments the cell's store holds, whoever may see them: none, whatever came."""
    from watchfloor.exercise.nodes import CELL

    count: int = played.floors[CELL].whole("payment", ["record_id"]).num_rows
    if as_json:
        print_json({"payments_in_the_cell": count})
    else:
        typer.echo(f"payments in the cell's store: {count:,}")
    return count


def play(made: "NodeExerciseFiles", folder: Path) -> Played:
    """Floors that have each taken in their own feeds, told each other what they may, and the cell's queue."""
    from watchfloor.cell.rerun import rerun
    from watchfloor.exercise.banks import BANKS
    from watchfloor.exercise.nodes import CELL, CENTRE, NODES
    from watchfloor.exercise.plots.proceeds_ring import NAME

    now = datetime.now(UTC)
    floors = {node.name: _floor(folder / node.name, node, made, now) for node in NODES}
    _introduce(floors, BANKS)
    pack = partnership.pack(floors, BANKS, (CELL,), now)
    for name, floor in floors.items():
        _work(name, floor, made)
    story = frozenset(
        one for line in made.answers.true if line.name == NAME for one in line.subjects if "account:" in one
    )
    together = partnership.play(floors, BANKS, story, pack, now)
    cell, bundles = floors[CELL], folder / "bundles"
    bundles.mkdir(exist_ok=True)
    sent = [
        _exchange(floors[name], cell, bundles, _given(floors[name], made), now)
        for name in ("bank-a", "laboratory", "targeting", CENTRE)
    ]
    with cell.writer(acting(PURPOSE, PURPOSE)) as writer, busy("running the cell's desks"):
        rerun(cell, writer, reader(cell, PURPOSE))
    sent.append(_exchange(cell, floors[CENTRE], bundles, _answer(cell), now))
    context = Terminal(cell.root, PURPOSE, PURPOSE, "en")
    leads.log_shown(context, context.queue, [one.lead_id for one in context.queue])
    return Played(floors, together, tuple(sent), context.queue)


def _floor(path: Path, node: "Node", made: "NodeExerciseFiles", now: datetime) -> "Floor":
    from watchfloor.feeds import config
    from watchfloor.store.floor import Floor

    opened = Floor.create(
        path,
        acting(PURPOSE, PURPOSE),
        name=node.name,
        ceiling="PB//TLP:RED",
        institution=node.institution,
        exercise=True,
    )
    config.install(path, made.settings(node.name))
    if node.institution in ("reporting-entity", "joint-cell"):
        days = {"since": now.date() - timedelta(days=1), "expires": now.date() + timedelta(days=30)}
        row = ORDER_ROW.format(id=ORDER, **days)
        (path / "gateways.toml").write_text(row, encoding="utf-8", newline="\n")
    return opened


def _introduce(floors: "Mapping[str, Floor]", banks: tuple[str, ...]) -> None:
    """Exchange keys: each node with the cell, and the banks with each other."""
    from watchfloor.exchange.bundles import peers
    from watchfloor.exercise.nodes import CELL

    def trust(one: "Floor", other: "Floor") -> None:
        said = other.settings
        peers.trust(
            one,
            acting(PURPOSE, PURPOSE),
            other.signer.verifier.text,
            name=said.name,
            institution=said.institution,
            country=said.country,
            ceiling=said.ceiling,
            checked=CHECKED,
        )

    pairs = [(name, CELL) for name in floors if name != CELL]
    for one, other in (*pairs, *combinations(banks, 2)):
        trust(floors[one], floors[other])
        trust(floors[other], floors[one])


def _work(name: str, floor: "Floor", made: "NodeExerciseFiles") -> None:
    """A node takes its own feeds in and runs its desks."""
    from watchfloor.cell.rerun import rerun
    from watchfloor.cli.ingest import reported
    from watchfloor.feeds.config import load
    from watchfloor.feeds.intake import Orders, ingest_all, tally

    with floor.writer(acting(PURPOSE, PURPOSE)) as writer:
        with busy(f"{name}: ingesting"):
            taken = ingest_all(writer, [made.feeds(name)], load(floor.root), Orders())
            sums = tally(reported(one, as_json=False) for one in taken)
        with busy(f"{name}: running the desks"):
            done = rerun(floor, writer, reader(floor, PURPOSE))
    signals = {one.desk: one.standing.get("signal", 0) for one in done}
    speaking = ", ".join(f"{desk} {count}" for desk, count in signals.items() if count) or "none"
    feeds = ", ".join(f"{feed} {account.accepted}" for feed, account in sums.feeds().items())
    _say(f"{name} ({floor.settings.institution}): records {feeds}; signals of desks {speaking}")


class NodeOffer(NamedTuple):
    """Offer of a node, its gateway, and the statement to that end."""

    gateway: str
    stated: "Statement"
    offer: "Offer"


def _exchange(sender: "Floor", to: "Floor", folder: Path, given: NodeOffer, now: datetime) -> Sent:
    """One bundle, and its receipt back."""
    from watchfloor.exchange.bundles import peers, receipts, receiving, sending, signed_notices
    from watchfloor.policy import gateway_table

    name, me = sender.settings.name, reader(sender, PURPOSE)
    gateway = gateway_table.load(sender.root / "gateways.toml")[given.gateway]
    peer = peers.standing(sender)[to.settings.name]
    packed = sending.make(sender, me, peer, gateway, given.stated, given.offer, now)
    bundle, receipt = (folder / f"{name}-to-{peer.name}.{end}" for end in ("bundle", "receipt"))
    with sender.writer(acting(PURPOSE, PURPOSE)) as writer:
        sending.log(writer, packed, peer)
        bundle.write_bytes(packed.data)
    theirs = gateway_table.load(to.root / "gateways.toml")
    with to.writer(acting(PURPOSE, PURPOSE)) as writer:
        got = receiving.receive(to, writer, bundle.read_bytes(), bundle.name, theirs, now)
        receipt.write_text(receipts.give(to, writer, got, now), encoding="utf-8", newline="\n")
    with sender.writer(acting(PURPOSE, PURPOSE)) as writer:
        slip = signed_notices.read(sender, receipt.read_bytes(), receipt.name, signed_notices.RECEIPT)
        return Sent(name, peer.name, packed, receipts.receive(sender, writer, slip))


def _given(sender: "Floor", made: "NodeExerciseFiles") -> NodeOffer:
    """Return a node's offer to the cell: a bank's by order, the Centre's of suspects, others' signals."""
    from watchfloor.exchange.bundles import offers

    me, kind = reader(sender, PURPOSE), sender.settings.institution
    if kind == "reporting-entity":
        signals = offers.signals_of(sender, me, (), _accounts(made))
        return NodeOffer(ORDER, _ordered(made), offers.offer(sender, me, signals=signals))
    signals = offers.signals_of(sender, me, ("all",), ())
    if kind == "financial-intelligence-unit":
        named = offers.records_of(sender, me, ("party",))
        stated = _stated("money-laundering", "the payments show placing, a circle and one supplier abroad")
        return NodeOffer(DISCLOSURE, stated, offers.offer(sender, me, signals=signals, records=named))
    why = "officers of the agency in the cell administer the Customs Act for these parcels"
    stated = _stated("customs-enforcement", why, accuracy="exercise: as measured, nothing was estimated")
    return NodeOffer(CUSTOMS, stated, offers.offer(sender, me, signals=signals))


def _answer(cell: "Floor") -> NodeOffer:
    """Return the cell's own signals on the accounts that the Centre told it of, as an offer."""
    from watchfloor.exchange.bundles import offers
    from watchfloor.exercise.nodes import CENTRE

    me = reader(cell, PURPOSE)
    told = cell.read("disclosure", me, columns=["record_id", "node", "subjects"]).to_pylist()
    accounts = {one for row in told if row["node"] == CENTRE for one in row["subjects"]}
    foreign = {row["record_id"] for row in told}
    chosen = offers.signals_of(cell, me, (), sorted(accounts))
    own = chosen.filter([foreign.isdisjoint(evidence) for evidence in chosen["evidence"].to_pylist()])
    stated = _stated("money-laundering", "a report of the police is about an account of the disclosure")
    return NodeOffer(ANSWER, stated, offers.offer(cell, me, signals=own))


def _stated(purpose: str, why: str, **more: str) -> "Statement":
    from watchfloor.cli.common import who
    from watchfloor.policy.gateways import Statement

    return Statement(f"exercise: {why}", who(), purpose, **more)


def _accounts(made: "NodeExerciseFiles") -> tuple[str, ...]:
    """The accounts that orders name, as the cell's own file of orders has them."""
    from watchfloor.exercise.cast import keys

    found = (key for row in made.rows["cell"]["orders"] for key in keys(*row.seen.identifiers))
    return tuple(sorted(key for key in found if key.startswith("account:")))


def _ordered(made: "NodeExerciseFiles") -> "Statement":
    numbers = ", ".join(row.seen.says["context"] for row in made.rows["cell"]["orders"])
    why = f"{numbers} name these accounts, and nothing of another account goes"
    return _stated("prosecution", why, basis=f"exercise: {numbers}, an invented court")


def _show_sent(played: Played, as_json: bool) -> None:
    rows = [
        {
            "from": one.node,
            "to": one.to,
            "bundle": one.packed.manifest.bundle,
            "gateway": one.packed.manifest.terms.gateway,
            "law": f"{one.packed.manifest.terms.law} {one.packed.manifest.terms.section}",
            "offered": one.packed.offered,
            "sent": one.packed.manifest.rows,
            "withheld": one.packed.offered - one.packed.manifest.rows,
            "stored": one.compared.stored,
            "receipt": "agrees" if one.compared.agrees else f"{one.compared.lost} lost",
        }
        for one in played.sent
    ]
    if as_json:
        for row in rows:
            print_json(row)
    else:
        heads = [head for head in rows[0] if head != "bundle"]
        print_table("Bundles", heads, [[row[h] for h in heads] for row in rows], "No bundle.")


def _show_found(node: str, wanted: int, there: int, here: int, cell: "Search", as_json: bool) -> None:
    """How many of a node's private values lie in its own folder, and how many in the cell's."""
    if as_json:
        row = {"looked_for": node, "values": wanted, "in_its_own_folder": there, "in_the_cell": here}
        print_json(row | {"files": cell.files, "bytes": cell.size})
        return
    Console(emoji=False, soft_wrap=True).print(
        f"{node}: {counted(wanted, 'private value')}; {there:,} found in its own folder, {here:,} in the"
        f" cell's ({counted(cell.files, 'file')}, {cell.size:,} bytes unpacked)",
        highlight=False,
        markup=False,
    )


def _show_queue(played: Played, top: int, lang: "Language", as_json: bool) -> None:
    context = Terminal(played.floors["cell"].root, PURPOSE, PURPOSE, lang)
    if as_json:
        views = leads.first(context, played.leads, top).leads
        for view, one in zip(views, played.leads, strict=False):
            print_json(builtins(view) | {"nodes": sorted(set(played.nodes_of(one).values()))})
        return
    likely = [one for one in played.leads if one.probability >= SHOWN]
    show(leads.list_, leads.first(context, likely, top), lang)
    if rest := len(played.leads) - len(likely):
        below = {
            "en": f"{counted(rest, 'lead')} below 1%",
            "fr": f"{counted(rest, 'signalement')} sous 1\u00a0%",
        }[lang]
        typer.echo(f"{below}: watchfloor leads --floor {played.floors['cell'].root}")
    if played.leads:
        console = Console(emoji=False, soft_wrap=True)
        console.print()
        for line in _aloud(played, played.leads[0], lang):
            console.print(Text(line))


def _aloud(played: Played, lead: "Lead", lang: "Language") -> Iterator[str]:
    """A lead signal by signal, each with the node that it came from and its bits."""
    nodes = played.nodes_of(lead)
    yield {"en": f"The first lead, {lead.lead_id}:", "fr": f"Le premier signalement, {lead.lead_id}\u00a0:"}[
        lang
    ]
    for one in lead.contributions:
        yield f"  {_bits(one, lang)}  {nodes[one.evidence[0]]}: {one.reason.render(lang)}"


def _bits(one: "Contribution", lang: "Language") -> str:
    return f"{number(f'{one.bits:+.1f}', lang):>5} bits"


def _next(played: Played) -> Iterator[str]:
    """Commands to go on with, each on the floor where it has something to show."""
    places = {name: floor.root for name, floor in played.floors.items()}
    if played.leads:
        yield f"watchfloor lead {played.leads[0].lead_id} --floor {places['cell']}"
    yield f"watchfloor leads --floor {places['bank-b']}"
    yield f"watchfloor share bundle list --floor {places['cell']}"
    yield f"watchfloor share node list --floor {places['cell']}"
    yield f"watchfloor gateway report --year {datetime.now(UTC).year} --floor {places['laboratory']}"
    yield f"watchfloor share partnership sessions --floor {places['bank-b']}"
    yield f"watchfloor share partnership rings {partnership.CASE} --floor {places['bank-b']}"
    yield f"watchfloor share partnership pack list --floor {places['cell']}"
    yield f"watchfloor floor log show --floor {places['bank-a']}"


def _say(text: str) -> None:
    err.print(text, highlight=False, markup=False)
