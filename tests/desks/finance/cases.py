"""For each indicator payments that just fire it, payments that just do not, and a column that it needs."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

START = datetime(2026, 1, 1, tzinfo=UTC)


def pay(hours, payer, payee, amount, means="transfer", **columns):
    """One payment."""
    at = START + timedelta(hours=hours)
    return {"at": at, "payer": payer, "payee": payee, "amount_float": float(amount), "means": means} | columns


def cash(hours, payee, amount, **columns):
    """A deposit of cash."""
    return pay(hours, None, payee, amount, "cash", **columns)


def ledger(payments):
    """Payments as `payment_table.load` gives them, with the columns that any of them has."""
    names = list(dict.fromkeys(name for row in payments for name in row))
    rows = sorted(
        ({"currency": "CAD"} | dict.fromkeys(names) | row for row in payments),
        key=lambda row: row["at"],
    )
    rows = [
        row | {"payment_id": f"p{at}", "currency": row["currency"] or "CAD"} for at, row in enumerate(rows)
    ]
    table = pa.Table.from_pylist(rows)
    for name in ("payer", "payee"):
        table = table.set_column(
            table.column_names.index(name), name, table[name].cast(pa.string()).combine_chunks()
        )
    return table.set_column(table.column_names.index("at"), "at", table["at"].cast(pa.timestamp("us", "UTC")))


def accounts(*rows):
    """What is known of accounts, as `account_table.load_accounts` gives it."""
    return pa.Table.from_pylist(list(rows))


def many(count, make, step=1.0):
    """Payments made one after the other."""
    return [make(at * step, at) for at in range(count)]


def into(count, amount, step=1.0, **columns):
    """Transfers from so many senders into the account A."""
    return many(count, lambda hours, at: pay(hours, f"s{at}", "A", amount, **columns), step)


NEW = {"account_id": "A", "opened": START.date() - timedelta(days=10)}
OLD = {"account_id": "A", "opened": START.date() - timedelta(days=900)}
ABROAD = {"payer_seat": "CA", "payee_seat": "US"}
HOME = {"payer_seat": "CA", "payee_seat": "CA"}
IN = {"payer_seat": "US", "payee_seat": "CA"}
CHEM = ABROAD | {"memo": "chemicals"}


class Case:
    """Payments that fire an indicator, payments that do not, and the column that is taken away."""

    def __init__(self, fires, not_, without=None, **known):
        self.fires, self.silent, self.without = fires, not_, without
        self.known = known.get("known")
        self.silent_known = known.get("silent_known", self.known)
        self.listed, self.entries = known.get("listed"), known.get("entries")
        self.silent_entries = known.get("silent_entries", self.entries)


CASES = {
    "cash-just-below": Case(
        [cash(0, "A", 9500), cash(30, "A", 9999)], [cash(0, "A", 9500), cash(30, "A", 10_000)], "means"
    ),
    "cash-spread-over-days": Case(
        many(3, lambda h, _: cash(h, "A", 7000), 30), many(3, lambda h, _: cash(h, "A", 7000), 20), "means"
    ),
    "many-cash-depositors": Case(
        many(3, lambda h, at: cash(h, "A", 500, conductor=f"p{at}")),
        many(3, lambda h, at: cash(h, "A", 500, conductor=f"p{at % 2}")),
        "conductor",
    ),
    "third-party-cash": Case(
        many(3, lambda h, _: cash(h, "A", 2000, conductor="other")),
        many(3, lambda h, _: cash(h, "A", 2000, conductor="holder")),
        "conductor",
        known=accounts({"account_id": "A", "holder": "holder"}),
    ),
    "several-branches-a-day": Case(
        many(3, lambda h, at: cash(h, "A", 500, branch=f"b{at}")),
        many(3, lambda h, at: cash(h, "A", 500, branch=f"b{at}"), 13),
        "branch",
    ),
    "one-depositor-many-accounts": Case(
        many(3, lambda h, at: cash(h, f"A{at}", 500, conductor="p")),
        many(3, lambda h, at: cash(h, f"A{at % 2}", 500, conductor="p")),
        "conductor",
    ),
    "one-depositor-many-branches": Case(
        many(3, lambda h, at: cash(h, "A", 500, conductor="p", branch=f"b{at}")),
        many(3, lambda h, at: cash(h, "A", 500, conductor=f"p{at}", branch=f"b{at}")),
        "branch",
    ),
    "many-small-senders": Case(into(8, 200), into(7, 200), "means"),
    "cash-into-new-account": Case(
        many(3, lambda h, _: cash(h, "A", 4000)),
        many(3, lambda h, _: cash(h, "A", 4000)),
        "accounts",
        known=accounts(NEW),
        silent_known=accounts(OLD),
    ),
    "cash-against-occupation": Case(
        [cash(0, "A", 9000), cash(40, "A", 2000)],
        [cash(0, "A", 9000), cash(40, "A", 2000)],
        "accounts",
        known=accounts({"account_id": "A", "occupation": "Student"}),
        silent_known=accounts({"account_id": "A", "occupation": "Dentist"}),
    ),
    "machine-deposits": Case(
        many(4, lambda h, _: cash(h, "A", 300, channel="machine")),
        many(4, lambda h, _: cash(h, "A", 300, channel="branch")),
        "channel",
    ),
    "round-cash": Case(
        many(4, lambda h, _: cash(h, "A", 3000)), many(4, lambda h, _: cash(h, "A", 3000.5)), "means"
    ),
    "pass-through": Case(
        [pay(at * 10 + d, *way, 2000) for at in range(3) for d, way in ((0, ("s", "A")), (1, ("A", "t")))],
        [
            pay(at * 10 + d, *way, a)
            for at in range(3)
            for d, way, a in ((0, ("s", "A"), 2000), (1, ("A", "t"), 900))
        ],
    ),
    "in-and-out-a-day": Case(
        [*into(3, 1500), pay(4, "A", "t", 4400)], [*into(3, 1500), pay(30, "A", "t", 4400)]
    ),
    "transfers-then-cash-out": Case(
        [*into(3, 500), pay(4, "A", None, 1000, "cash")],
        [*into(3, 500), pay(4, "A", None, 100, "cash")],
        "means",
    ),
    "cash-then-wire-abroad": Case(
        [cash(0, "A", 900), cash(1, "A", 900), pay(2, "A", "t", 1500, "wire", **ABROAD)],
        [cash(0, "A", 900), cash(1, "A", 900), pay(2, "A", "t", 1500, "wire", **HOME)],
        "payer_seat",
    ),
    "gambling-loop": Case(
        [pay(0, "A", "g", 3000, memo="Casino"), pay(9, "g", "A", 2500, memo="casino payout")],
        [pay(0, "A", "g", 3000, memo="Casino"), pay(9, "g", "A", 900, memo="casino payout")],
        "memo",
    ),
    "transfers-to-gambling": Case(
        [*into(3, 500), pay(4, "A", "g", 1000, memo="博彩")],
        [*into(3, 500), pay(4, "A", "g", 1000, memo="rent")],
        "memo",
    ),
    "into-virtual-currency": Case(
        [*into(3, 800), pay(4, "A", "x", 2000, "virtual", memo=None)],
        [*into(3, 800), pay(4, "A", "x", 2000, "wire", memo="rent")],
        "memo",
    ),
    "out-of-virtual-currency": Case(
        [pay(0, "x", "A", 2500, memo="BTC sale"), pay(4, "A", "t", 2400)],
        [pay(0, "x", "A", 2500, memo="car sale"), pay(4, "A", "t", 2400)],
        "memo",
    ),
    "mule-account": Case(
        [*into(2, 1000), pay(4, "A", "t", 1900)],
        [*into(2, 1000), pay(4, "A", "t", 1900)],
        "accounts",
        known=accounts(NEW),
        silent_known=accounts(OLD),
    ),
    "fan-out": Case(
        [pay(0, "s", "A", 3500), *many(6, lambda h, at: pay(1 + h, "A", f"t{at}", 550))],
        [pay(0, "s", "A", 3500), *many(5, lambda h, at: pay(1 + h, "A", f"t{at}", 660))],
    ),
    "gather-then-scatter": Case(
        [*into(4, 600), *many(4, lambda h, at: pay(5 + h, "A", f"t{at}", 600))],
        [*into(3, 800), *many(4, lambda h, at: pay(5 + h, "A", f"t{at}", 600))],
    ),
    "scatter-then-gather": Case(
        [
            *many(3, lambda h, at: pay(h, "u", f"m{at}", 1000)),
            *many(3, lambda h, at: pay(5 + h, f"m{at}", "A", 950)),
        ],
        [
            *many(3, lambda h, at: pay(h, "u", f"m{at}", 1000)),
            *many(3, lambda h, at: pay(5 + h, f"m{at}", "A", 100)),
        ],
    ),
    "circle": Case(
        [pay(0, "b", "c", 1000), pay(1, "c", "A", 980), pay(2, "A", "b", 960)],
        [pay(0, "b", "c", 1000), pay(1, "c", "A", 980), pay(2, "A", "d", 960)],
    ),
    "back-and-forth": Case(
        [pay(h, *way, 2000) for h, way in enumerate([("A", "b"), ("b", "A"), ("b", "A"), ("A", "b")])],
        [pay(h, *way, 2000) for h, way in enumerate([("A", "b"), ("b", "A"), ("b", "A")])],
    ),
    "mirror-transfers": Case(
        [
            *many(3, lambda h, at: pay(h, f"s{at}", "A", 2100 + at)),
            *many(3, lambda h, at: pay(9 + h, "A", f"t{at}", 2100 + at)),
        ],
        [
            *many(3, lambda h, at: pay(h, f"s{at}", "A", 2100 + at)),
            *many(3, lambda h, at: pay(9 + h, "A", f"t{at}", 2200 + at)),
        ],
    ),
    "drafts-from-transfers": Case(
        [*into(3, 1200), pay(4, "A", "t", 3000, "cheque")],
        [*into(2, 1800), pay(4, "A", "t", 3000, "cheque")],
        "means",
    ),
    "asleep-then-busy": Case(
        [pay(0, "A", "t", 50), pay(4800, "s", "A", 3000), pay(4801, "A", "t", 2900)],
        [pay(0, "A", "t", 50), pay(100, "s", "A", 3000), pay(101, "A", "t", 2900)],
    ),
    "balance-emptied": Case(
        [pay(0, "s", "A", 2000), pay(1, "A", "t", 2050, payer_balance_before=2100.0)],
        [pay(0, "s", "A", 2000), pay(1, "A", "t", 2050, payer_balance_before=9000.0)],
        "payer_balance_before",
    ),
    "senders-to-one-supplier": Case(
        many(3, lambda h, at: pay(h, f"s{at}", "A", 500, **CHEM)),
        many(3, lambda h, at: pay(h, f"s{at}", "A", 500, **HOME, memo="chemicals")),
        "payee_seat",
    ),
    "senders-to-one-abroad": Case(
        many(4, lambda h, at: pay(h, f"s{at}", "A", 500, **ABROAD)),
        many(4, lambda h, at: pay(h, f"s{at}", "A", 10_000, **ABROAD)),
        "payer_seat",
    ),
    "split-to-one-abroad": Case(
        many(3, lambda h, _: pay(h, "A", "t", 4000, **ABROAD)),
        many(3, lambda h, at: pay(h, "A", f"t{at}", 4000, **ABROAD)),
        "payer_seat",
    ),
    "precursor-in-text": Case(
        [pay(0, "A", "t", 100, memo="фентанила 5")], [pay(0, "A", "t", 100, memo="infantile")], "memo"
    ),
    "cas-in-text": Case(
        [pay(0, "A", "t", 100, memo="CAS 64-17-5")], [pay(0, "A", "t", 100, memo="CAS 64-17-6")], "memo"
    ),
    "euphemism-in-text": Case(
        many(2, lambda h, _: pay(h, "A", "t", 100, **ABROAD, memo="医药中间体")),
        many(2, lambda h, _: pay(h, "A", "t", 100, **HOME, memo="医药中间体")),
        "memo",
    ),
    "tablet-equipment": Case(
        [pay(0, "A", "t", 100, memo="PILL-PRESS die molds")],
        [pay(0, "A", "t", 100, memo="press pass")],
        "memo",
    ),
    "occupation-does-not-fit": Case(
        [pay(0, "A", "t", 600, **CHEM)],
        [pay(0, "A", "t", 600, **CHEM)],
        "memo",
        known=accounts({"account_id": "A", "occupation": "Plumber"}),
        silent_known=accounts({"account_id": "A", "occupation": "Research chemist"}),
    ),
    "routed-through": Case(
        [*into(2, 1000, **IN), pay(4, "A", "t", 1900, **ABROAD)],
        [*into(2, 1000, **HOME), pay(4, "A", "t", 1900, **ABROAD)],
        "payer_seat",
    ),
    "supplier-paid-in-coins": Case(
        [pay(0, "A", "t", 100, "virtual", memo="reagents")],
        [pay(0, "A", "t", 100, "wire", memo="reagents")],
        "memo",
    ),
    "import-without-entry": Case(
        [pay(0, "A", "t", 6000, **ABROAD, memo="Invoice 7")],
        [pay(0, "A", "t", 6000, **ABROAD, memo="Invoice 7")],
        "memo",
        entries=frozenset({"B"}),
        silent_entries=frozenset({"A"}),
    ),
    "postage-after-transfers": Case(
        [*into(4, 80), *many(4, lambda h, _: pay(9 + h, "A", "post", 15, memo="Canada Post"))],
        [*into(3, 80), *many(4, lambda h, _: pay(9 + h, "A", "post", 15, memo="Canada Post"))],
        "memo",
    ),
    "near-listed-entity": Case(
        [pay(0, "L", "b", 100), pay(1, "b", "A", 100), pay(2, "A", "z", 100)],
        [pay(0, "A", "z", 100), pay(1, "b", "c", 100)],
        listed=frozenset({"L"}),
    ),
    "shared-device": Case(
        many(3, lambda h, at: pay(h, f"s{at}", "t", 100, device="d")),
        many(3, lambda h, at: pay(h, f"s{at}", "t", 100, device=f"d{at}")),
        "device",
    ),
    "shared-address": Case(
        many(5, lambda h, at: pay(h, f"s{at}", "t", 100, ip="192.0.2.1")),
        many(4, lambda h, at: pay(h, f"s{at}", "t", 100, ip="192.0.2.1")),
        "ip",
    ),
    "shared-handle": Case(
        many(2, lambda h, at: pay(h, "s", f"t{at}", 100, handle="a@example.test")),
        many(2, lambda h, at: pay(h, f"s{at}", "t", 100, handle="a@example.test")),
        "handle",
    ),
    "many-senders-one-handle": Case(
        many(10, lambda h, at: pay(h, f"s{at}", "A", 100, handle="a@example.test")),
        many(9, lambda h, at: pay(h, f"s{at}", "A", 100, handle="a@example.test")),
        "handle",
    ),
    "one-holder-many-accounts": Case(
        many(3, lambda h, at: cash(h, f"A{at}", 900)),
        many(3, lambda h, at: cash(h, f"A{at}", 900)),
        "accounts",
        known=accounts(*({"account_id": f"A{at}", "holder": "h"} for at in range(3))),
        silent_known=accounts(*({"account_id": f"A{at}", "holder": f"h{at}"} for at in range(3))),
    ),
}
