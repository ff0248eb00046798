"""The boundary of a case: payments of some accounts that another bank knows as well, and what leads to what.

A payment between two banks has a UETR that both know, and an account abroad has an IBAN that each bank that
pays it knows: these are what banks match (`payment:uetr:…`, `account:iban:…`). Of each, the fields of the
code that can be read off the ledger:

- `links`, `comes_from`: of a payment into an account, the first payment out of it that it can have paid for,
  and the last one before that it can bring back, and the other way round: within `WITHIN`, of at least half
  and at most all of the earlier one, each taken once. By what comes back a ring closes.
- `pass_through`: of the account of this bank that it touches, percent of what came in that has gone out.
- `senders`: how many of the given accounts paid the account abroad.
- `total`: what they paid it, in thousands, where all of it is of one currency.

Each currency is looked at by itself. Numbers are rounded down to the code's steps and kept within its
bounds; what the code does not name is left out. Nobody's name, account of this bank, amount or moment is
among them.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.exchange.bundles.peers import Peer
from watchfloor.exchange.partnership.code import Code
from watchfloor.exchange.partnership.fields import FieldRow
from watchfloor.exchange.partnership.sets import released
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

DESK: Final = "finance"
ACCOUNT: Final = "account:"
UETR: Final = "uetr:"
IBAN: Final = "account:iban:"
WITHIN: Final = timedelta(hours=72)
LEAST_SHARE, MOST_SHARE = 0.5, 1.02
"""Of what came, what goes on: less is another matter, more had other sources."""
COLUMNS: Final = (
    *("report_key", "observed_at", "payer", "payee", "amount", "currency", "source"),
    *("payer_bank", "payee_bank", "payer_seat", "payee_seat"),
)


Purse = tuple[str, str]
"""An account, and a currency."""


class Boundary(NamedTuple):
    """Fields of a case that a bank may match.

    Attributes:
        subjects: keys, in order.
        fields: values by subject; links are subjects.
    """

    subjects: list[str]
    fields: dict[str, dict[str, Any]]


class Payment(NamedTuple):
    """A payment of one of the accounts."""

    subject: str
    at: datetime
    payer: str
    payee: str
    amount: float
    currency: str
    abroad: str


def boundary(
    floor: Floor, reader: Reader, peer: Peer, code: Code, accounts: Iterable[str], today: date
) -> Boundary:
    """The payments of accounts that leave this bank, and the accounts abroad that they pay.

    Args:
        floor: of this bank.
        reader: who looks: nobody matches what he may not see.
        peer: the partner: what its marking keeps from it is left out.
        code: whose identifiers and fields are used.
        accounts: keys of this bank's accounts that the case is about.
        today: UTC.
    """
    mine = frozenset(accounts)
    rows = floor.read("payment", reader, columns=[*COLUMNS, "marking"], latest=True)
    found = list(_payments(rows.filter(released(rows, peer.reader(reader.purpose, today))), mine))
    named = {":".join(one.split(":")[:2]) for one in code.file.identifiers}
    values = _fields(found, mine)
    subjects = [one for one in sorted(values) if ":".join(one.split(":")[:2]) in named]
    kept = frozenset(subjects)
    return Boundary(subjects, {one: _within(values[one], code.file.fields, kept) for one in subjects})


def spoken_of(floor: Floor, reader: Reader) -> list[str]:
    """The accounts of this bank that its own finance desk says something about.

    A signal may be about an account elsewhere, such as a supplier that several customers pay.
    """
    rows = current_signals.signals(floor, reader).select(["desk", "subjects"]).to_pylist()
    said = {one for row in rows if row["desk"] == DESK for one in row["subjects"]}
    return sorted(one for one in said - elsewhere(floor, reader) if one.startswith(ACCOUNT))


def elsewhere(floor: Floor, reader: Reader) -> set[str]:
    """Accounts that pay or are paid from a bank of the floor's own account records, and are at none of these.

    Of a floor without such records none is known.
    """
    own = floor.read("account", reader, columns=["bank"])["bank"].unique().drop_null()
    rows = floor.read("payment", reader, columns=["payer", "payee", "payer_bank", "payee_bank"])
    payer, payee = (pc.is_in(rows[name], own) for name in ("payer_bank", "payee_bank"))
    here = {*rows["payer"].filter(payer).to_pylist(), *rows["payee"].filter(payee).to_pylist()}
    there = {
        *rows["payee"].filter(pc.and_not(payer, payee)).to_pylist(),
        *rows["payer"].filter(pc.and_not(payee, payer)).to_pylist(),
    }
    return there - here - {None}


def _payments(rows: pa.Table, mine: frozenset[str]) -> Iterable[Payment]:
    whose = pa.array(sorted(mine), pa.string())
    touched = pc.or_(pc.is_in(rows["payer"], whose), pc.is_in(rows["payee"], whose))
    for row in rows.filter(touched).to_pylist():
        leaves = row["payer_bank"] != row["payee_bank"]
        foreign = str(row["payee"]).startswith(IBAN) and row["payee"] not in mine
        abroad = row["payee"] if leaves and foreign else ""
        known = leaves and (row["report_key"] or "").startswith(UETR)
        subject = f"payment:{row['report_key']}" if known else ""
        amount, currency = float(row["amount"]), row["currency"]
        yield Payment(subject, row["observed_at"], row["payer"], row["payee"], amount, currency, abroad)


def _fields(found: Iterable[Payment], mine: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Each currency of an account by itself: amounts of two are not compared."""
    into, outof = defaultdict[Purse, list[Payment]](list), defaultdict[Purse, list[Payment]](list)
    for one in sorted(found, key=_when):
        into[one.payee, one.currency].append(one)
        outof[one.payer, one.currency].append(one)
    values: dict[str, dict[str, Any]] = {}
    for purse in sorted(one for one in {*into, *outof} if one[0] in mine):
        came, went = into[purse], outof[purse]
        share = _share(came, went)
        for one in (*came, *went):
            if one.subject:
                values.setdefault(one.subject, {}).setdefault("pass_through", share)
        _linked(values, came, went)
        for one in went:
            if one.abroad:
                _abroad(values.setdefault(one.abroad, {}), one)
    return {name: _counted(of) for name, of in values.items()}


def _share(came: list[Payment], went: list[Payment]) -> float:
    total = sum(one.amount for one in came)
    return 100 * min(1.0, sum(one.amount for one in went) / total) if total else 0.0


def _linked(values: dict[str, dict[str, Any]], came: list[Payment], went: list[Payment]) -> None:
    """Each payment that came leads to one that went on and to one that it brings back, if there are such."""
    onward, back = set[Payment](), set[Payment]()
    times = [one.at for one in went]
    for one in came:
        now = bisect_left(times, one.at)
        after = went[now : bisect_right(times, one.at + WITHIN)]
        before = went[bisect_left(times, one.at - WITHIN) : now]
        onto = next((o for o in after if o not in onward and _alike(one, o)), None)
        from_ = next((o for o in reversed(before) if o not in back and _alike(o, one)), None)
        for other, used in ((onto, onward), (from_, back)):
            if other is not None:
                used.add(other)
                _link(values, one, other)


def _link(values: dict[str, dict[str, Any]], one: Payment, other: Payment) -> None:
    if one.subject and other.subject:
        values[one.subject].setdefault("links", []).append(other.subject)
        values[other.subject].setdefault("comes_from", []).append(one.subject)


def _when(one: Payment) -> tuple[datetime, str]:
    return one.at, one.subject


def _alike(first: Payment, then: Payment) -> bool:
    return LEAST_SHARE <= then.amount / max(first.amount, 0.01) <= MOST_SHARE


def _abroad(values: dict[str, Any], one: Payment) -> None:
    values.setdefault("senders", set()).add(one.payer)
    sums = values.setdefault("total", defaultdict(float))
    sums[one.currency] += one.amount / 1000


def _counted(values: dict[str, Any]) -> dict[str, Any]:
    """Senders as their number, and a total where all of it is of one currency."""
    if "senders" not in values:
        return values
    (total, *others) = values["total"].values()
    counted = values | {"senders": len(values["senders"]), "total": total}
    return counted if not others else {name: one for name, one in counted.items() if name != "total"}


def _within(
    values: Mapping[str, Any], fields: Mapping[str, FieldRow], kept: frozenset[str]
) -> dict[str, Any]:
    """The values that the code names, as it has them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        row = fields.get(name)
        if row is None:
            continue
        if row.of == "links":
            found[name] = [one for one in dict.fromkeys(value) if one in kept][: row.most]
        elif row.of == "number" and isinstance(row.low, int) and isinstance(row.high, int):
            steps = int((min(max(value, row.low), row.high) - row.low) // row.step)
            found[name] = row.low + steps * row.step
    return found
