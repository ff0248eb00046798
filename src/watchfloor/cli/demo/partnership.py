"""Partnership of the six banks of `watchfloor demo --nodes`: a pack, and what they have in common.

A bank's case is of the accounts that its own finance desk has said something about. Of their payments it
matches those that leave the bank, and the accounts abroad that they pay; no name and no row goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import typer

from watchfloor.cli.common import acting, busy, counted, print_json, print_table, reader, who
from watchfloor.cli.demo.exercise_floor import PURPOSE

if TYPE_CHECKING:
    from watchfloor.exchange.partnership.boundary import Boundary
    from watchfloor.exchange.partnership.closing import Ring
    from watchfloor.exchange.partnership.code import Code
    from watchfloor.exchange.partnership.packs import Pack
    from watchfloor.store.floor import Floor

CASE: Final = "R-1"
PACK: Final = "proceeds"
TEST: Final = "exercise: both banks see a part of one scheme, and neither can see the whole"

CODE: Final = """\
# A code of practice of the exercise. Nobody approved it: no bank may use it.
id = "exercise"
version = "1.0"
since = {since}
expires = {expires}
purposes = ["money-laundering"]
tiers = ["match"]
identifiers = ["payment:uetr", "account:iban"]
manner = "Masked identifiers, in sessions between two nodes."
safeguards = "Sealed at rest; each query in the log of both."
participants = [{participants}]

[approval]
by = "nobody: an exercise"
on = {since}
reference = "exercise"

[caps]
queries_per_day = 20
subjects_per_query = 500
subjects_per_day = 5000
same_subject = 20
least_set = 5

[keys]
rotation_days = 30

[fields.links]
of = "links"
most = 4

[fields.comes_from]
of = "links"
most = 4

[fields.pass_through]
of = "number"
low = 0
high = 100
step = 10

[fields.senders]
of = "number"
low = 0
high = 20

[fields.total]
of = "number"
low = 0
high = 100
step = 5
"""


@dataclass(frozen=True, slots=True)
class Alone:
    """Results of a bank by itself.

    Attributes:
        signals: of its finance desk.
        rules: that they say.
        accounts: that they are about.
        told: of its accounts in the storyline, how many a signal is about, and how many there are.
    """

    signals: int
    rules: tuple[str, ...]
    accounts: tuple[str, ...]
    told: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Session:
    """Payments that two banks have in common, as the asker sees them."""

    asker: str
    answerer: str
    asked: int
    held: int
    found: int
    bits: float


@dataclass(frozen=True, slots=True)
class Together:
    """Result of the partnership.

    Attributes:
        pack: that every bank and the cell installed.
        alone: by bank.
        sessions: of each two banks.
        rings: that each bank can close, by bank.
        shared: of each account abroad the number of banks whose accounts pay it, as every bank knows.
        code: that they did it under.
    """

    pack: "Pack"
    alone: Mapping[str, Alone]
    sessions: tuple[Session, ...]
    rings: "Mapping[str, tuple[Ring, ...]]"
    shared: Mapping[str, int]
    code: "Code"


def pack(floors: "Mapping[str, Floor]", banks: tuple[str, ...], to: tuple[str, ...], now: datetime) -> "Pack":
    """The first bank signs a pack of the desk's typologies, which the others and the cell install (T0)."""
    from watchfloor.desks.finance.typologies.definitions import of_catalogue
    from watchfloor.exchange.bundles import peers
    from watchfloor.exchange.partnership import packs
    from watchfloor.exchange.partnership.lawful import statement

    first, others = floors[banks[0]], (*banks[1:], *to)
    known = peers.standing(first)
    stated = statement("pack", "exercise: definitions only, read through", who(), "money-laundering")
    until = now.date() + timedelta(days=365)
    with first.writer(acting(PURPOSE, PURPOSE)) as writer:
        text = packs.make(
            first, writer, [known[one] for one in others], of_catalogue(), PACK, "1.0", until, (), stated, now
        )
    for name in others:
        got = packs.install(floors[name], acting(PURPOSE, PURPOSE), text.encode(), f"{PACK}.pack", now)
    return got


def play(
    floors: "Mapping[str, Floor]", banks: tuple[str, ...], story: frozenset[str], made: "Pack", now: datetime
) -> Together:
    """Every two banks match what leaves the accounts that their own desks speak of (T3).

    Args:
        floors: by node.
        banks: in order; each asks those after it.
        story: keys of the storyline's accounts.
        made: the pack that was installed.
        now: UTC.
    """
    from watchfloor.exchange.partnership import closing

    alone = {bank: _alone(floors[bank], bank, story) for bank in banks}
    code = _adopted(floors, banks, now)
    sessions = []
    for one, other in combinations(banks, 2):
        with busy(f"{one} and {other}: matching payments"):
            sessions.append(_matched(floors[one], floors[other], alone[one], alone[other], code, now))
    rings = {
        bank: tuple(closing.rings(closing.hops(floors[bank], CASE), closing.names(floors[bank], CASE)))
        for bank in banks
    }
    known = [_shared(floors[bank]) for bank in banks]
    shared = {one: min(of.get(one, 1) for of in known) for one in known[0]}
    return Together(made, alone, tuple(sessions), rings, shared, code)


def _alone(floor: "Floor", bank: str, story: frozenset[str]) -> Alone:
    from watchfloor.cell import current_signals
    from watchfloor.exchange.partnership.boundary import DESK, spoken_of
    from watchfloor.exercise.banks import bank_of_key

    me = reader(floor, PURPOSE)
    held = current_signals.signals(floor, me).select(["desk", "rule"]).to_pylist()
    rules = [row["rule"] for row in held if row["desk"] == DESK]
    about = spoken_of(floor, me)
    mine = {one for one in story if bank_of_key(one) == bank}
    told = len(mine.intersection(about)), len(mine)
    return Alone(len(rules), tuple(sorted(set(rules))), tuple(about), told)


def _adopted(floors: "Mapping[str, Floor]", banks: tuple[str, ...], now: datetime) -> "Code":
    from watchfloor.exchange.partnership import codes

    since, expires = now.date() - timedelta(days=1), now.date() + timedelta(days=30)
    participants = ", ".join(f'{{name = "{bank}"}}' for bank in banks)
    text = CODE.format(since=since, expires=expires, participants=participants)
    for bank in banks:
        code = codes.adopt(floors[bank], acting(PURPOSE, PURPOSE), text, "code.toml")
    return code


def _matched(
    here: "Floor", there: "Floor", mine: Alone, theirs: Alone, code: "Code", now: datetime
) -> Session:
    from watchfloor.exchange.bundles import peers
    from watchfloor.exchange.partnership import asking, offering
    from watchfloor.exchange.partnership.carrying import carry
    from watchfloor.exchange.partnership.lawful import statement

    stated = statement("match", TEST, who(), "money-laundering", code)
    actor, (name, other) = acting(PURPOSE, PURPOSE), (here.settings.name, there.settings.name)
    given = _boundary(there, name, theirs, code, now)
    with there.writer(actor) as writer:
        peer = peers.standing(there)[name]
        offering.offer(there, writer, peer, code, "match", CASE, given.subjects, given.fields, stated, now)
    asked = _boundary(here, other, mine, code, now)
    with here.writer(actor) as writer:
        peer = peers.standing(here)[other]
        first = asking.ask(here, writer, peer, code, "match", CASE, asked.subjects, asked.fields, stated, now)
    taken = carry(first, here, there, actor, now)[name]
    session = taken.session
    return Session(name, other, session.size, session.rows, session.found or 0, _bits(taken.report))


def _boundary(floor: "Floor", partner: str, of: Alone, code: "Code", now: datetime) -> "Boundary":
    from watchfloor.exchange.bundles import peers
    from watchfloor.exchange.partnership.boundary import boundary

    peer = peers.standing(floor)[partner]
    return boundary(floor, reader(floor, PURPOSE), peer, code, of.accounts, now.date())


def _bits(report: Mapping[str, Any]) -> float:
    """Return the most bits that both sides together have learned."""
    return sum(float(one["bits"]) for one in report["learned"])


def _shared(floor: "Floor") -> dict[str, int]:
    """Accounts abroad that partners of a bank pay too, with the number of banks, its own included."""
    from watchfloor.exchange.partnership import sessions
    from watchfloor.exchange.partnership.vault import Vault

    found: dict[str, set[str]] = {}
    for one in sessions.sessions(floor).values():
        result: dict[str, Any] = Vault(floor).get_json(f"results/{one.id}") or {}
        for subject in result.get("tokens", {}).values() if one.use.case == CASE else ():
            if subject.startswith("account:"):
                found.setdefault(subject, set()).add(one.partner)
    return {subject: len(partners) + 1 for subject, partners in found.items()}


def show(together: Together, as_json: bool) -> None:
    """Print the results of each bank alone, those of each two, and the rings that close across them."""
    rows = [
        {
            "bank": bank,
            "signals": one.signals,
            "accounts": len(one.accounts),
            "of_the_ring": one.told[0],
            "of_all_its_accounts_in_it": one.told[1],
            "rings_closed": len(together.rings[bank]),
            "rules": list(one.rules),
        }
        for bank, one in together.alone.items()
    ]
    if as_json:
        for row in rows:
            print_json(row)
        for session in together.sessions:
            print_json({name: getattr(session, name) for name in Session.__slots__})
        print_json({"pack": together.pack.name, "typologies": len(together.pack.typologies)})
        print_json({"abroad": together.shared})
        return
    heads = ("bank", "signals", "accounts", "of the ring", "rings closed with others", "its desk says")
    lines = [
        (
            row["bank"],
            row["signals"],
            row["accounts"],
            f"{row['of_the_ring']} of {row['of_all_its_accounts_in_it']}",
            row["rings_closed"],
            ", ".join(one.rules),
        )
        for row, one in zip(rows, together.alone.values(), strict=True)
    ]
    print_table("Each bank alone, and what closes with the others", heads, lines, "No bank.")
    common = [
        (one.asker, one.answerer, one.asked, one.held, one.found, one.asked + one.held - 2 * one.found)
        for one in together.sessions
    ]
    titles = ("asks", "answers", "asked", "held", "in common", "not in common, not told")
    print_table(f"Matched without names, case {CASE} (T3)", titles, common, "No session.")
    for subject, count in together.shared.items():
        typer.echo(f"{subject}: paid from accounts of {counted(count, 'bank')}, as each of them knows now")
    for line in _account(together):
        typer.echo(line)


def _account(together: Together) -> Iterator[str]:
    """Yield answers for a compliance officer: by what law, what of a customer was told, where it stands."""
    file = together.code.file
    approved = file.approval.by if file.approval else "nobody"
    told = sum(one.found for one in together.sessions)
    yield f"law: PCMLTFA s. 11.01, code of practice {together.code.name}, approved by {approved}"
    fields = ", ".join(file.fields)
    yield f"told: {fields}, of the {told:,} in common alone, by each bank to the other; else how many"
    yield "not told: a name, a row of a ledger, and whether a report was made or filed: always refused"
    sessions = counted(len(together.sessions), "session")
    yield f"recorded: {sessions}, in both banks' logs; in bits: watchfloor share partnership leakage SESSION"
