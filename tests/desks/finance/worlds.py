"""A made-up world of payments: wages and bills, and money among them that is passed on within the hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

START = datetime(2026, 1, 1, tzinfo=UTC)
BANKS = ("north", "south", "west")


def world(seed=1, days=20, a_day=90, rings_a_day=2):
    """Rows as dictionaries in the order of time, and the ids of those that belong to a ring."""
    random = Random(seed)
    rows, ring = [], set()

    def pay(payer, payee, at, amount):
        name = f"p{len(rows):05}"
        rows.append(
            {
                "payment_id": name,
                "at": at,
                "payer": payer,
                "payee": payee,
                "payer_bank": BANKS[hash_of(payer)],
                "payee_bank": BANKS[hash_of(payee)],
                "amount": Decimal(round(amount * 100)) / 100,
                "currency": "CAD",
            }
        )
        return name

    for day in range(days):
        for _ in range(a_day):
            at = START + timedelta(days=day, seconds=random.randrange(86_400))
            pay(f"a{random.randrange(80)}", f"a{random.randrange(80)}", at, random.lognormvariate(5, 1))
        for _ in range(rings_a_day):
            at = START + timedelta(days=day, seconds=random.randrange(80_000))
            amount = random.uniform(3_000, 9_500)
            way = random.sample(range(80), 4)
            for one, other in pairwise(way):
                ring.add(pay(f"a{one}", f"a{other}", at, amount))
                at, amount = at + timedelta(minutes=random.randrange(5, 50)), amount * 0.97
    rows.sort(key=lambda row: row["at"])
    return rows, ring


def hash_of(account):
    return int(account[1:]) % len(BANKS)


def written(folder, rows, ring):
    """The world as the files that the commands take: payments and labels."""
    payments, labels = folder / "payments.csv", folder / "labels.csv"
    names = list(rows[0])
    cells = ([str(row[name]).replace("+00:00", "Z") for name in names] for row in rows)
    payments.write_text("\n".join([",".join(names), *(",".join(one) for one in cells)]) + "\n")
    told = (f"{row['payment_id']},{int(row['payment_id'] in ring)}" for row in rows)
    labels.write_text("\n".join(["payment_id,label", *told]) + "\n")
    return payments, labels
