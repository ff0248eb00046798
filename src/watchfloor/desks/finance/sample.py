"""A small world for the shared tests: deposits that add up, what the typologies look for, and corrections."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import ACCOUNT, KINDS, PAYMENT
from watchfloor.desks.base import Refs
from watchfloor.desks.finance import rates
from watchfloor.desks.finance.models.installed import REFERENCE

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS: Final = [f"account:account:99900001000000{n}" for n in range(4)]
OTHERS: Final = [f"account:account:99900002000000{n}" for n in range(9)]
PEOPLE: Final = [f"person:teller:{n}" for n in range(5)]
MEMOS: Final = (
    *(
        "rent",
        "chemical samples",
        "CAS 21409-26-7",
        "芬太尼",
        "casino",
        "bitcoin",
        "pill press",
        "Canada Post",
    ),
    *("research chemicals", "facture 12", "реактивы", None),
)


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_payment(random, number) for number in range(120)]
    rows += [_transfer(random, number) for number in range(200, 310)]
    rows += _schemes(Random(seed))  # noqa: S311 - the same
    accounts = [_account(random, number) for number in range(400, 412)]
    made = {"payment": rows, "account": accounts} | _beside(Random(seed))  # noqa: S311 - the same
    tables = {kind: pa.Table.from_pylist(of_kind, KINDS[kind].schema) for kind, of_kind in made.items()}
    return tables, Refs(bytes(32), {REFERENCE: b"", rates.REFERENCE: b""})


def _common(random: Random, number: int) -> dict[str, Any]:
    return {
        "record_id": number.to_bytes(16, "big"),
        "source": random.choice(["teller", "machine"]),
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": START + timedelta(minutes=random.randrange(12 * 24 * 60)),
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
    }


def _payment(random: Random, number: int) -> dict[str, Any]:
    """Cash, mostly, with little said of it."""
    report = random.randrange(200)  # some come again, and are then another's deposit or another amount
    return (
        dict.fromkeys(PAYMENT.schema.names)
        | _common(random, number)
        | {
            "report_key": f"T-{report}" if report % 10 else None,
            "payee": random.choice([*ACCOUNTS, None]),
            "amount": random.choice(
                [Decimal("9900.00"), Decimal("4200.50"), Decimal("12000.00"), Decimal(0), Decimal(5000)]
            ),
            "currency": random.choice(["CAD", "CAD", "CAD", "USD"]),
            "means": random.choice(["cash", "cash", "cash", "wire"]),
            "conductor": random.choice([*PEOPLE, None]),
            "branch": random.choice(["Ferry Road", "Mallory Bend", "Quay", "Tolland", None]),
            "channel": random.choice(["branch", "machine", None]),
        }
    )


def _transfer(random: Random, number: int) -> dict[str, Any]:
    """Money between accounts, with all that a payment may have."""
    amount = random.choice([Decimal(300), Decimal("950.25"), Decimal(2500), Decimal("7200.00")])
    balance = random.choice([float(amount), 50_000.0])
    return (
        dict.fromkeys(PAYMENT.schema.names)
        | _common(random, number)
        | {
            "report_key": f"W-{random.randrange(900)}",
            "payer": random.choice([*ACCOUNTS, *OTHERS, *OTHERS]),
            "payee": random.choice([*ACCOUNTS, *ACCOUNTS, *OTHERS, None]),
            "amount": amount,
            "currency": "CAD",
            "means": random.choice(["transfer", "transfer", "wire", "cash", "virtual", "cheque"]),
            "payer_seat": "CA",
            "payee_seat": random.choice(["CA", "CA", "US", None]),
            "memo": random.choice(MEMOS),
            "device": random.choice(["d-1", "d-2", None]),
            "ip": random.choice(["192.0.2.7", None, None]),
            "handle": random.choice(["a@example.test", "b@example.test", None, None]),
            "facts": random.choice([None, [{"name": "payer_balance_before", "value": balance}]]),
        }
    )


def _schemes(random: Random) -> list[dict[str, Any]]:
    """A fan of accounts of its own, one that gathers and scatters, and a bipartite, hours apart; one of the
    payments is put right days later."""
    new = [f"account:account:9990000300000{n:02}" for n in range(30)]
    legs = [(new[0], new[1 + k], 48 + 3 * k) for k in range(6)]
    legs += [(new[8 + k], new[7], 96 + 2 * k) for k in range(5)]
    legs += [(new[7], new[13 + k], 120 + 2 * k) for k in range(5)]
    legs += [(new[20 + i], new[24 + j], 150 + 7 * i + 2 * j) for i in range(3) for j in range(3)]
    legs += [(*legs[8][:2], 240)]
    return [
        _transfer(random, 330 + at)
        | {
            "report_key": "S-8" if at == len(legs) - 1 else f"S-{at}",
            "source": "teller",
            "observed_at": START + timedelta(hours=hours, minutes=random.randrange(60)),
            "payer": payer,
            "payee": payee,
            "amount": Decimal(random.randrange(180_000, 230_000)) / 100,
            "means": "transfer",
        }
        for at, (payer, payee, hours) in enumerate(legs)
    ]


def _account(random: Random, number: int) -> dict[str, Any]:
    """Return a random record of an account, as the bank knows it from some day on."""
    return (
        dict.fromkeys(ACCOUNT.schema.names)
        | _common(random, number)
        | {
            "subject": random.choice([*ACCOUNTS, *OTHERS]),
            "holder": random.choice(PEOPLE),
            "holder_type": random.choice(["person", "person", "company", None]),
            "opened": random.choice([date(2025, 12, 20), date(2020, 1, 1), None]),
            "occupation": random.choice(["student", "chemist", "plumber", None]),
            "naics": random.choice(["325999", "713210", None]),
        }
    )


def _beside(random: Random) -> dict[str, list[dict[str, Any]]]:
    """Two entities on a list, one of which leaves it; decisions; declarations to customs."""
    listings = [_listing(random, 500 + at, entity) for at, entity in enumerate(("1", "2", "1"))]
    editions = [_edition(random, 510 + day, day, held) for day, held in ((4, ["1", "2"]), (9, ["2"]))]
    judged = [_judgement(random, 520 + at) for at in range(8)]
    entries = [_declaration(random, 530 + at) for at in range(8)]
    return {"listing": listings, "consolidation": editions, "judgement": judged, "declaration": entries}


def _of_kind(kind: str, random: Random, number: int, **columns: Any) -> dict[str, Any]:
    common = _common(random, number) | {"report_key": f"{kind}-{number}"}
    return dict.fromkeys(KINDS[kind].schema.names) | common | columns


def _listing(random: Random, number: int, entity: str) -> dict[str, Any]:
    wallet = {"system": "Digital Currency Address - XBT", "number": OTHERS[3][16:], "owner": None}
    lei = {"system": "LEI", "number": "not one", "owner": None}
    return _of_kind(
        *("listing", random, number),
        list_id="sample-list",
        entity_id=entity,
        instrument="Sample List",
        schema="Company",
        name=f"Entity {entity}",
        names=[],
        identifiers=[wallet, lei] if entity == "1" else [],
    )


def _edition(random: Random, number: int, day: int, held: list[str]) -> dict[str, Any]:
    at = START + timedelta(days=day)
    return _of_kind("consolidation", random, number, list_id="sample-list", entities=held) | {
        "observed_at": at
    }


def _judgement(random: Random, number: int) -> dict[str, Any]:
    return _of_kind(
        *("judgement", random, number),
        subject=random.choice([OTHERS[5], PEOPLE[2]]),
        about="sample-list:2",
        verdict=random.choice(["same", "same", "withdrawn", "different"]),
        basis="",
        why="sample",
        decided_by="sample",
        expires_at=random.choice([None, START + timedelta(days=7)]),
    )


def _declaration(random: Random, number: int) -> dict[str, Any]:
    return _of_kind(
        *("declaration", random, number),
        subject="parcel:post:1",
        importer=random.choice([*PEOPLE[:3], None]),
        goods="tools",
    )


def _patterns() -> object:
    """Compile what looks for pattern instances."""
    import numpy as np

    from watchfloor.desks.finance.patterns.instances import Patterns

    patterns = Patterns()
    patterns.fold(np.array([0, 1, 2]), np.array([1, 2, 0]), np.arange(3), np.full(3, 10.0))
    return patterns.instances()


KERNELS: Final = (_patterns,)
"""Parts that `watchfloor.run.warm` compiles at the same time."""
