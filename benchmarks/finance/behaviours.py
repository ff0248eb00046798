"""A made-up bank with an ordinary two months, and what the indicators describe planted into it.

Both are ours, so that a rate over them says little: whether an indicator finds what it says when sizes,
amounts and pauses vary about its parameters, and how it bears with an ordinary bank as we imagine one. The
background has wages, rents, shops and their takings, cash of people with tips, transfers among people who
know each other, remittances, imports with and without entries, chemists, gamblers, coins, postage, savings
that wake up. Behaviours are drawn by people's accounts that have their everyday payments as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 60
HOME, ABROAD = {"payer_seat": "CA", "payee_seat": "CA"}, {"payer_seat": "CA", "payee_seat": "XA"}
COMES: Final = {"payer_seat": "XA", "payee_seat": "CA"}
COLUMNS: Final = (
    *("payment_id", "at", "payer", "payee", "amount_float", "currency", "means", "channel", "conductor"),
    *("branch", "device", "ip", "handle", "memo", "payer_seat", "payee_seat", "payer_balance_before"),
)
Row = dict[str, Any]


@dataclass
class Bank:
    """Payments, what is known of accounts, and who is listed or has imported."""

    people: int = 4_000
    firms: int = 300
    seed: int = 1
    rows: list[Row] = field(default_factory=list)
    accounts: dict[str, Row] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(self.seed)
        self.new = 0

    def n(self, low: int, high: int) -> int:
        """A whole number, both ends in."""
        return int(self.draw.integers(low, high + 1))

    def x(self, low: float, high: float) -> float:
        """A number between."""
        return float(self.draw.uniform(low, high))

    def money(self, low: float, high: float) -> float:
        """An amount to the cent."""
        return round(self.x(low, high), 2)

    def one(self, *of: Any) -> Any:
        """One of some."""
        return of[int(self.draw.integers(len(of)))]

    def person(self) -> str:
        """The account of somebody, the busy ones more often."""
        return f"p{int(self.people * self.draw.beta(0.8, 1.6))}"

    def firm(self) -> str:
        """The account of a firm, the large ones more often."""
        return f"c{int(self.firms * self.draw.beta(0.7, 2.5))}"

    def far(self) -> str:
        """An account abroad."""
        return f"x{self.n(0, 399)}"

    def fresh(self, **known: Any) -> str:
        """An account of a person that nothing else is of."""
        self.new += 1
        name = f"n{self.new}"
        self.account(name, known.pop("holder", f"person:{name}"), **known)
        return name

    def account(self, name: str, holder: str, **known: Any) -> None:
        """Let the bank know an account."""
        plain = {"holder_type": "person", "opened": date(2018, 1, 1) + timedelta(days=self.n(0, 2_800))}
        plain |= {
            "occupation": self.one("driver", "nurse", "cook", "teacher", "welder", "student", "retired")
        }
        self.accounts[name] = {"account_id": name, "holder": holder, "naics": None} | plain | known

    def pay(self, hours: float, payer: str | None, payee: str | None, amount: float, **says: Any) -> Row:
        """One payment, `hours` after the start."""
        row = {"at": START + timedelta(hours=hours), "payer": payer, "payee": payee}
        row |= (
            {"amount_float": max(round(amount, 2), 0.01), "currency": "CAD", "means": "transfer"}
            | HOME
            | says
        )
        self.rows.append(row)
        return row

    def cash(self, hours: float, payee: str, amount: float, **says: Any) -> Row:
        """Cash over a counter or into a machine, by the holder unless somebody else is named."""
        plain = {
            "means": "cash",
            "conductor": f"person:{payee}",
            "channel": "branch",
            "branch": self.branch(),
        }
        return self.pay(hours, None, payee, amount, **(plain | says))

    def branch(self) -> str:
        """One of the bank's branches."""
        return f"b{self.n(0, 39)}"

    def table(self) -> pa.Table:
        """The payments as `payment_table.load` gives them."""
        rows = sorted(self.rows, key=lambda row: row["at"])
        made = [
            dict.fromkeys(COLUMNS) | row | {"payment_id": row.get("payment_id", f"q{at}")}
            for at, row in enumerate(rows)
        ]
        table = pa.Table.from_pylist([{name: row[name] for name in COLUMNS} for row in made])
        at = table.column_names.index("at")
        return table.set_column(at, "at", table["at"].cast(pa.timestamp("us", "UTC")))

    def known(self) -> pa.Table:
        """The accounts as `account_table.load_accounts` gives them."""
        return pa.Table.from_pylist(list(self.accounts.values()))


def background(bank: Bank) -> None:
    """Two ordinary months."""
    for k in range(bank.people):
        bank.account(f"p{k}", f"person:p{k}")
    for k in range(bank.firms):
        naics = bank.one("445110", "722511", "531110", "325998", "713210", "518210", "484110")
        bank.account(f"c{k}", f"company:c{k}", holder_type="company", naics=naics, occupation=None)
        if bank.x(0, 1) < 0.9:
            bank.entered.add(f"company:c{k}")
    bank.entered |= {f"person:p{k}" for k in range(0, bank.people, 7)}
    bank.listed.add("x399")
    for _ in range(bank.people):
        _month(bank)
    for _ in range(bank.people // 4):
        _now_and_then(bank)


def _when(bank: Bank) -> float:
    return bank.x(0, DAYS * 24)


def _month(bank: Bank) -> None:
    """What one person and one firm do in two months."""
    me, day = bank.person(), bank.n(0, 13)
    device = f"d{int(me[1:]) // 2}"
    wage = bank.money(900, 3_200)
    for turn in range(4):
        bank.pay((day + 14 * turn) * 24 + 9, bank.firm(), me, wage, memo="wages", channel="online")
    for turn in range(2):
        bank.pay((2 + 30 * turn) * 24 + 12, me, bank.firm(), wage * 0.7, memo="rent", device=device)
    for _ in range(bank.n(2, 8)):
        bank.pay(_when(bank), me, bank.firm(), bank.draw.lognormal(3.8, 1.0), means="card")
    for _ in range(bank.n(0, 3)):
        friend = bank.person()
        bank.pay(
            *(_when(bank), me, friend, float(bank.draw.lognormal(4.2, 0.9))),
            memo=bank.one("dinner", "thanks", "hockey", "rent", "gift", None),
            device=device,
            ip=f"10.{bank.n(0, 255)}.{bank.n(0, 255)}.{bank.n(0, 255)}",
            handle=f"{friend}@example.test",
        )
    if bank.x(0, 1) < 0.25:
        for _ in range(bank.n(1, 5)):
            bank.cash(
                _when(bank), me, float(bank.draw.lognormal(5.2, 0.8)), channel=bank.one("branch", "machine")
            )
    if bank.x(0, 1) < 0.4:
        bank.pay(_when(bank), me, None, 20.0 * bank.n(1, 20), means="cash", channel="machine")


def _now_and_then(bank: Bank) -> None:
    """What some do once, and a firm's takings."""
    me, firm, at = bank.person(), bank.firm(), _when(bank)
    doing = bank.n(0, 11)
    if doing == 0:
        bank.pay(at, me, bank.far(), bank.money(100, 2_500), means="wire", memo="family support", **ABROAD)
    elif doing == 1:
        for _ in range(bank.n(1, 3)):
            bank.pay(
                _when(bank),
                firm,
                bank.far(),
                bank.money(2_000, 40_000),
                means="wire",
                memo="Invoice",
                **ABROAD,
            )
    elif doing == 2:
        bank.pay(at, me, "casino", bank.money(20, 600), memo="casino", means="card")
        if bank.x(0, 1) < 0.4:
            bank.pay(at + bank.x(1, 90), "casino", me, bank.money(20, 900), memo="casino payout")
    elif doing == 3:
        bank.pay(at, me, "coins", bank.money(50, 2_000), means="virtual", memo="bitcoin")
    elif doing == 4:
        for _ in range(bank.n(1, 6)):
            bank.pay(_when(bank), me, "post", bank.money(8, 40), memo="Canada Post")
    elif doing in (5, 6, 7):
        for day in range(0, DAYS, bank.one(1, 3, 7)):
            staff = f"person:{firm}:{bank.n(0, 1)}"
            bank.cash(day * 24 + 18, firm, float(bank.draw.lognormal(7.4, 0.7)), conductor=staff, branch="b1")
    elif doing == 8:
        bank.pay(at, me, bank.person(), bank.money(3_000, 30_000), memo="car", payer_balance_before=31_000.0)
    elif doing == 9:
        bank.pay(at, firm, bank.far(), bank.money(300, 6_000), means="wire", memo="lab reagents", **ABROAD)
    elif doing == 10:
        bank.pay(at, me, bank.firm(), bank.money(500, 9_000), means="cheque")
    else:
        bank.pay(at, bank.far(), me, bank.money(100, 3_000), means="wire", memo="family", **COMES)


Doing = Callable[[Bank, str, float], object]


def _from_several(
    b: Bank, me: str, t: float, low: int, high: int, amounts: tuple[float, float], hours: float, **says: Any
) -> float:
    """Transfers from some senders; gives their sum."""
    paid = [
        b.pay(t + b.x(0, hours), b.person(), me, b.money(*amounts), **says) for _ in range(b.n(low, high))
    ]
    return float(sum(row["amount_float"] for row in paid))


def _deposits(
    b: Bank, me: str, t: float, low: int, high: int, amounts: tuple[float, float], hours: float, **says: Any
) -> float:
    paid = [b.cash(t + b.x(0, hours), me, b.money(*amounts), **says) for _ in range(b.n(low, high))]
    return float(sum(row["amount_float"] for row in paid))


def _out(b: Bank, me: str, t: float, total: float, parts: int, hours: float, **says: Any) -> None:
    """A sum that leaves in parts, each to another account."""
    for share in b.draw.dirichlet(np.full(parts, 6.0)):
        b.pay(t + b.x(0, hours), me, b.fresh(), total * share, **says)


def _many(low: int, high: int, make: Doing) -> Doing:
    return lambda b, me, t: [make(b, me, t) for _ in range(b.n(low, high))]


def _spread(b: Bank, me: str, t: float) -> None:
    for k in range(b.n(3, 6)):
        b.cash(t + 27 * k, me, b.money(3_500, 9_500))


def _by_strangers(amounts: tuple[float, float]) -> Doing:
    return _many(
        *(2, 8),
        lambda b, me, t: b.cash(t + b.x(0, 600), me, b.money(*amounts), conductor=_stranger(b)),
    )


def _abroad(low: int, high: int, amounts: tuple[float, float], *memos: str | None, **says: Any) -> Doing:
    """Payments to accounts abroad, with one of some texts."""
    return _many(
        *(low, high),
        lambda b, me, t: b.pay(
            *(t + b.x(0, 500), me, b.far(), b.money(*amounts)), memo=b.one(*memos), **(ABROAD | says)
        ),
    )


def _into(low: int, high: int, amounts: tuple[float, float], hours: float, *memos: str, **says: Any) -> Doing:
    """Payments of several people to the account."""
    return _many(
        *(low, high),
        lambda b, me, t: b.pay(
            *(t + b.x(0, hours), b.person(), me, b.money(*amounts)), memo=b.one(*memos), **says
        ),
    )


def _sold(b: Bank, me: str, t: float) -> None:
    handle = f"{me}@sold.test"
    for _ in range(b.n(7, 30)):
        b.pay(t + b.x(0, 160), b.person(), me, b.money(30, 400), handle=handle)


def _split(b: Bank, me: str, t: float) -> None:
    for _ in range(b.n(2, 7)):
        b.pay(t + b.x(0, 160), me, "x9", b.money(1_500, 9_500), **ABROAD)


def _one_feeds(b: Bank, me: str, t: float) -> None:
    for one in [*(b.fresh() for _ in range(b.n(1, 6))), me]:
        b.cash(t + b.x(0, 22), one, b.money(300, 4_000), conductor=f"person:{me}")


def _rounds(b: Bank, me: str, t: float) -> None:
    for _ in range(b.n(3, 9)):
        b.cash(t + b.x(0, 150), me, 1_000.0 * b.n(1, 9))


def _stranger(b: Bank) -> str:
    return f"person:s{b.n(0, 10**6)}"


def _circle(b: Bank, me: str, t: float) -> None:
    way, amount = [b.fresh() for _ in range(b.n(2, 5))], b.money(500, 9_000)
    for one, other in zip([me, *way], [*way, me], strict=True):
        b.pay(t, one, other, amount)
        t, amount = t + b.x(1, 40), amount * b.x(0.9, 1.0)


def _gathered(b: Bank, me: str, t: float) -> None:
    source = b.fresh()
    for _ in range(b.n(3, 7)):
        between, amount = b.fresh(), b.money(500, 4_000)
        b.pay(t + b.x(0, 20), source, between, amount)
        b.pay(t + 21 + b.x(0, 60), between, me, amount * b.x(0.6, 1.0))


def _passes(b: Bank, me: str, t: float) -> None:
    for turn in range(b.n(3, 6)):
        amount = b.money(600, 5_000)
        b.pay(t + turn * 24, b.person(), me, amount)
        b.pay(t + turn * 24 + b.x(0.5, 20), me, b.fresh(), amount * b.x(0.8, 1.0))


def _mirrors(b: Bank, me: str, t: float) -> None:
    for _ in range(b.n(3, 6)):
        amount, at = float(100 * b.n(18, 90)), t + b.x(0, 300)
        b.pay(at, b.fresh(), me, amount)
        b.pay(at + b.x(1, 80), me, b.fresh(), amount)


def _wakes(b: Bank, me: str, t: float) -> None:
    b.pay(-24 * b.x(170, 300), me, b.firm(), 40.0)
    got = b.money(1_000, 9_000)
    b.pay(t, b.person(), me, got)
    b.pay(t + b.x(1, 40), me, b.fresh(), got * b.x(0.6, 1.0))


def _two(b: Bank, me: str, t: float) -> None:
    other = b.fresh()
    for _ in range(b.n(2, 5)):
        b.pay(t + b.x(0, 500), me, other, b.money(1_500, 2_500))
        b.pay(t + b.x(0, 500), other, me, b.money(1_500, 2_500))


def _through(
    gets: tuple[int, int, tuple[float, float], float],
    share: tuple[float, float],
    parts: tuple[int, int],
    hours: float,
    got: Row | None = None,
    **says: Any,
) -> Doing:
    """Money from several that goes on in parts."""

    def doing(b: Bank, me: str, t: float) -> None:
        low, high, amounts, within = gets
        total = _from_several(b, me, t, low, high, amounts, within, **(got or {}))
        _out(b, me, t + within, total * b.x(*share), b.n(*parts), hours, **says)

    return doing


def _cashed(
    gets: tuple[int, int, tuple[float, float], float], share: tuple[float, float], hours: float, **says: Any
) -> Doing:
    def doing(b: Bank, me: str, t: float) -> None:
        low, high, amounts, within = gets
        total = _deposits(b, me, t, low, high, amounts, within)
        _out(b, me, t + within, total * b.x(*share), 1, hours, **says)

    return doing


def _gambles(b: Bank, me: str, t: float) -> None:
    staked = _sum(b, me, t, b.n(2, 6))
    for _ in range(b.n(1, 3)):
        b.pay(t + 200 + b.x(0, 300), "casino", me, staked * b.x(0.3, 0.6), memo="casino payout")


def _sum(b: Bank, me: str, t: float, count: int) -> float:
    paid = [
        b.pay(t + b.x(0, 150), me, "casino", b.money(500, 3_000), memo="online casino") for _ in range(count)
    ]
    return float(sum(row["amount_float"] for row in paid))


def _sells(b: Bank, me: str, t: float) -> None:
    for _ in range(b.n(3, 8)):
        b.pay(t + b.x(0, 500), b.person(), me, b.money(40, 300))
    for _ in range(b.n(3, 9)):
        b.pay(t + 500 + b.x(0, 150), me, "post", b.money(10, 30), memo="postage")


def _emptied(b: Bank, me: str, t: float) -> None:
    got, held = b.money(1_000, 9_000), b.money(0, 1_500)
    b.pay(t, b.person(), me, got)
    b.pay(t + b.x(1, 40), me, b.fresh(), (got + held) * b.x(0.93, 1.0), payer_balance_before=got + held)


def _near(b: Bank, me: str, t: float) -> None:
    steps = b.n(1, 3)
    way = ["x399", *(b.fresh() for _ in range(steps - 1)), me]
    for one, other in pairwise(way):
        t += b.x(1, 60)
        b.pay(t, one, other, b.money(100, 5_000))
    b.pay(t + 5, me, b.firm(), 60.0)


def _family(b: Bank, me: str, t: float) -> None:
    holder = b.accounts[me]["holder"]
    mine = [me, *(b.fresh(holder=holder) for _ in range(b.n(1, 5)))]
    for one in mine:
        b.cash(t + b.x(0, 22), one, b.money(500, 6_000))


CHEM: Final = ("chemical samples", "CAS 103-63-9", "pharma intermediate", "reagents", "lab supplies")
EQUIPMENT: Final = ("pill press", "TDP-5 die mold", "压片机", "tablet press parts", "press spare parts")
PRECURSORS: Final = ("fentanyl", "4-ANPP", "1-boc-4-piperidone", "芬太尼", "piperidine")
NUMBERS: Final = ("CAS 103-63-9", "cas no 21409-26-7", "103 63 9")
EUPHEMISMS: Final = ("lab supplies", "raw powder", "医药中间体", "dye")


def _shared(column: str, low: int, high: int, hours: float, into: bool = False) -> Doing:
    """Accounts that have one value of a column in common."""

    def doing(b: Bank, me: str, t: float) -> None:
        value = f"{column}:{b.n(0, 10**6)}"
        for account in [me, *(b.fresh() for _ in range(b.n(low, high)))]:
            sides = (b.person(), account) if into else (account, b.person())
            b.pay(t + b.x(0, hours), *sides, b.money(50, 900), **{column: value})

    return doing


BEHAVIOURS: Final[dict[str, Doing]] = {
    "cash-just-below": lambda b, me, t: _deposits(b, me, t, 2, 6, (8_700, 9_990), 150),
    "cash-spread-over-days": _spread,
    "many-cash-depositors": _by_strangers((200, 2_000)),
    "third-party-cash": _by_strangers((800, 4_000)),
    "several-branches-a-day": lambda b, me, t: _deposits(b, me, t, 3, 6, (300, 4_000), 22),
    "one-depositor-many-accounts": _one_feeds,
    "one-depositor-many-branches": lambda b, me, t: _deposits(b, me, t, 2, 6, (300, 4_000), 22),
    "many-small-senders": lambda b, me, t: _from_several(b, me, t, 6, 18, (40, 600), 160),
    "cash-into-new-account": lambda b, me, t: _deposits(b, me, t, 2, 6, (2_000, 7_000), 400),
    "cash-against-occupation": lambda b, me, t: _deposits(b, me, t, 2, 7, (1_500, 6_000), 500),
    "machine-deposits": lambda b, me, t: _deposits(b, me, t, 3, 9, (100, 1_500), 22, channel="machine"),
    "round-cash": _rounds,
    "pass-through": _passes,
    "in-and-out-a-day": _through((3, 8, (500, 3_000), 12), (0.75, 1.0), (1, 3), 10),
    "transfers-then-cash-out": _through((2, 8, (200, 1_500), 40), (0.4, 1.0), (1, 1), 20, means="cash"),
    "cash-then-wire-abroad": _cashed((1, 6, (400, 4_000), 100), (0.4, 1.0), 40, means="wire", **ABROAD),
    "gambling-loop": _gambles,
    "transfers-to-gambling": _through((2, 8, (200, 1_000), 100), (0.4, 1.0), (1, 4), 50, memo="betting"),
    "into-virtual-currency": _through(
        *((2, 8, (400, 2_500), 40), (0.4, 1.0), (1, 3), 25), means="virtual", memo="bitcoin"
    ),
    "out-of-virtual-currency": _through(
        *((1, 4, (1_000, 5_000), 30), (0.6, 1.0), (1, 3), 35), got={"memo": "BTC sale", "means": "virtual"}
    ),
    "mule-account": _through((1, 6, (500, 4_000), 100), (0.75, 1.0), (1, 4), 60),
    "fan-out": _through((1, 2, (3_000, 9_000), 4), (0.75, 1.0), (4, 14), 40),
    "gather-then-scatter": _through((3, 10, (300, 2_500), 80), (0.75, 1.0), (3, 10), 80),
    "scatter-then-gather": _gathered,
    "circle": _circle,
    "back-and-forth": _two,
    "mirror-transfers": _mirrors,
    "drafts-from-transfers": _through((2, 8, (600, 3_000), 100), (0.4, 1.0), (1, 3), 60, means="cheque"),
    "asleep-then-busy": _wakes,
    "balance-emptied": _emptied,
    "senders-to-one-supplier": _into(2, 8, (200, 3_000), 600, *CHEM, **ABROAD),
    "senders-to-one-abroad": _into(3, 10, (200, 9_000), 160, "gift", **ABROAD),
    "split-to-one-abroad": _split,
    "precursor-in-text": _abroad(1, 3, (100, 2_000), *PRECURSORS),
    "cas-in-text": _abroad(1, 3, (100, 2_000), *NUMBERS),
    "euphemism-in-text": _abroad(1, 5, (100, 2_000), *EUPHEMISMS),
    "tablet-equipment": _abroad(1, 3, (300, 6_000), *EQUIPMENT),
    "occupation-does-not-fit": _abroad(1, 3, (200, 3_000), *CHEM),
    "routed-through": _through((1, 5, (800, 6_000), 30), (0.75, 1.0), (1, 3), 35, got=COMES, **ABROAD),
    "supplier-paid-in-coins": _abroad(1, 4, (100, 2_000), *CHEM, means="virtual"),
    "import-without-entry": _abroad(1, 4, (2_000, 9_000), "Invoice 7"),
    "postage-after-transfers": _sells,
    "near-listed-entity": _near,
    "shared-device": _shared("device", 1, 7, 600),
    "shared-address": _shared("ip", 3, 12, 22),
    "shared-handle": _shared("handle", 0, 4, 600, into=True),
    "many-senders-one-handle": _sold,
    "one-holder-many-accounts": _family,
}
"""What is planted for each indicator: sizes and amounts drawn from below its parameters to well above."""

_KNOWN: Final[dict[str, Row]] = {
    "cash-into-new-account": {"opened": date(2025, 12, 1)},
    "mule-account": {"opened": date(2025, 12, 1)},
    "cash-against-occupation": {"occupation": "student"},
    "occupation-does-not-fit": {"occupation": "plumber"},
    "import-without-entry": {"occupation": "driver"},
}
"""What the bank knows of the account that is planted on."""


def planted(id_: str, instances: int, seed: int) -> Bank:
    """A small bank's background with one behaviour planted; its payments' ids start with their instance."""
    bank = Bank(people=600, firms=60, seed=seed)
    background(bank)
    for k in range(instances):
        me, before = bank.fresh(**_KNOWN.get(id_, {})), len(bank.rows)
        BEHAVIOURS[id_](bank, me, bank.x(24, 24 * 25))
        for at, row in enumerate(bank.rows[before:]):
            row["payment_id"] = f"{k}:{at}"
    return bank


def instances_of(ids: list[str]) -> Iterator[int]:
    """Instances that payments are of; those of the background are of none."""
    for one in ids:
        if not one.startswith("q"):
            yield int(one.partition(":")[0])
