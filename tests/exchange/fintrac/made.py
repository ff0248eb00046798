"""A made-up bank with payments, accounts and clients; no name is anybody's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.exchange.nodes import floor, keep

from watchfloor.core.kinds import ACCOUNT, JUDGEMENT, LISTING, PARTY, PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.exchange.fintrac import codes, drafting, entity, evidence
from watchfloor.exchange.fintrac.drafting import Statement
from watchfloor.exchange.fintrac.evidence import Evidence, Indicator, Piece

HERE = Path(__file__).parent
CODES = HERE / "codes"
SCHEMA = HERE / "watchfloor-structure.schema.json"
DAY = date(2026, 11, 26)
START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ENTITY = entity.Entity(
    1234567,
    4321,
    "bank",
    "Example Trust",
    "HQ-1",
    {"Main Street": "LOC-7"},
    "CAD",
    "America/Toronto",
)
SAID = Statement("A. Oll", "money-laundering", "He could not say where the cash was from.", "Watched.", False)
ENTITY_FILE = """
number = 1234567
contact = 4321
sector = "bank"
name = "Example Trust"
location = "HQ-1"
time_zone = "America/Toronto"
[locations]
"Main Street" = "LOC-7"
"""
OURS, THEIRS = "account:bank:1001", "account:other:2002"
CLIENT, FIRM, RUNNER = "person:bank:17", "company:bank:18", "person:bank:19"


def common(key, kind, at=START, **columns):
    plain = {
        "report_key": key,
        "source": "ledger",
        "origins": [],
        "observed_at": at,
        "marking": "PB//TLP:RED",
        "locator": "line 1",
    }
    return dict.fromkeys(kind.schema.remove(0).names) | plain | columns


def payment(number, **columns):
    plain = {
        "payer": None,
        "payee": OURS,
        "amount": Decimal("9500.00"),
        "currency": "CAD",
        "means": "cash",
        "conductor": RUNNER,
        "branch": "Main Street",
        "channel": "branch",
        "payee_bank": "EXAMPLE",
    }
    return common(f"T-{number}", PAYMENT, START + timedelta(hours=number), **(plain | columns))


def wire(number, **columns):
    plain = {"payer": OURS, "payee": THEIRS, "means": "wire", "conductor": None, "branch": None}
    plain |= {"payer_seat": "CA", "payee_seat": "HK", "channel": "online", "payee_bank": "OTHERHKH"}
    return payment(number, **(plain | columns))


def account(key=OURS, holder=CLIENT, **columns):
    plain = {"subject": key, "bank": "EXAMPLE", "holder": holder, "holder_type": "person"}
    plain |= {"opened": date(2024, 2, 1), "occupation": "student"}
    return common(f"A-{key}", ACCOUNT, **(plain | columns))


def party(key, name, schema="Person", **columns):
    plain = {"subject": key, "role": "client", "name": name, "schema": schema}
    return common(f"C-{key}", PARTY, **(plain | columns))


def clients():
    number = [{"system": "passport", "number": "X1234567", "owner": None}]
    return [
        party(CLIENT, "Tolunay, Zarbek", birth_date="1999-04-02", identifiers=number),
        party(RUNNER, "Oll, Ida"),
        party(FIRM, "Bright Harbour Pigments", "Company"),
    ]


PAYMENTS = (payment(1), payment(2, amount=Decimal("9800.00")), wire(3, amount=Decimal("18000.10")))
INDICATOR = Indicator("ab" * 16, Reason("cell.repeats"))


def piece(row, number):
    return Piece(row | {"record_id": number.to_bytes(16, "big")})


def gathered(payments=PAYMENTS, accounts=None, parties=None, indicators=(INDICATOR,)):
    """Evidence without a floor."""
    accounts = [account()] if accounts is None else accounts
    parties = clients() if parties is None else parties
    return Evidence(
        tuple(piece(row, n) for n, row in enumerate(payments, 1)),
        {row["subject"]: piece(row, n) for n, row in enumerate(accounts, 1000)},
        {row["subject"]: piece(row, n) for n, row in enumerate(parties, 2000)},
        tuple(indicators),
        "PB//TLP:RED",
    )


def lists(on=DAY):
    return codes.load(CODES, on)


def drafted(given=None, said=SAID, of=ENTITY, known=None):
    return drafting.draft(given or gathered(), of, known or lists(), said, "0123456789ab")


def bank(path, name="bank", institution="reporting-entity"):
    """A bank's floor with the same."""
    one = floor(path, name, institution=institution)
    ids = keep_payments(one, PAYMENTS)
    keep(one, [account()], ACCOUNT)
    keep(one, clients(), PARTY)
    (one.root / entity.NAME).write_text(ENTITY_FILE, encoding="utf-8")
    return one, ids


def keep_payments(one, rows):
    """Write payments; gives their ids."""
    return keep(one, list(rows), PAYMENT)


def listing(list_id="SOR/2014-58", entity_id="E-1", name="Zarbek Tolunay", title=None):
    plain = {"list_id": list_id, "entity_id": entity_id, "instrument": list_id, "title": title}
    names = [{"text": name, "role": "primary", "strength": "strong", "lang": "en"}]
    return common(f"{list_id}#{entity_id}", LISTING, schema="Person", name=name, names=names, **plain)


def judgement(about="SOR/2014-58:E-1", verdict="same", at=START, **columns):
    plain = {"subject": CLIENT, "about": about, "verdict": verdict, "basis": "x", "why": "same birth date"}
    return common(f"J-{about}-{at}", JUDGEMENT, at, decided_by="B. Oduya", **(plain | columns))


__all__ = ["evidence"]
