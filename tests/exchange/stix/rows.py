"""Rows to share."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
from tests.formats.intelligence import made

from watchfloor.cell.leads import Contribution, Lead
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.exchange.bundles.bundle import schema_of
from watchfloor.exchange.sharing import Shared
from watchfloor.policy.gateways import Party

AT = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
KEY = bytes(range(32))
NODE = Party("lacolle", "joint-cell", "CAN")
SHIP, WHO, MAIL = "vessel:imo:9074729", "person:visa-office:T-0012", "address:email:a.b@example.org"
ACCOUNT, PHONE = "account:iban:FI2112345600000785", "phone:phone:14385550189"
MARKING = "PB//TLP:AMBER"


def table(kind, *rows):
    """Return rows of a kind as they travel; what is not given is null or empty."""
    schema = schema_of(kind)
    plain = {one.name: [] if pa.types.is_list(one.type) else None for one in schema} | {"marking": MARKING}
    if "observed_at" in schema.names:
        plain |= {"report_key": "r-1", "observed_at": AT - timedelta(days=1)}
    return pa.Table.from_pylist([plain | row for row in rows], schema)


def signal(number=1, **more):
    said = {
        "row_id": bytes([number]) * 16,
        "form": "signal",
        "revision": 0,
        "since": AT - timedelta(days=2),
        "retracted": False,
        "desk": "listings",
        "rule": "listed-name",
        "subjects": [SHIP, WHO, MAIL],
        "strength": "strong",
        "score": 0.75,
        "message": "exchange.pointer",
        "params": '{"node":"lacolle"}',
        "latitude": 45.01,
        "longitude": -73.4,
        "radius": 250.0,
        "origins": ["~a"],
    }
    return said | more


def party(number=1, **more):
    said = {"report_key": f"p-{number}", "subject": WHO, "role": "consignee", "name": "Odo Valle"}
    return said | {"schema": "Person", "birth_date": "1971-05", "country": "CA", "context": "parcel 7"} | more


def payment(number=1, **more):
    said = {"report_key": f"pay-{number}", "payer": ACCOUNT, "payee": WHO, "amount": Decimal("12.50")}
    return said | {"currency": "CAD", "means": "wire"} | more


def report(**more):
    text = [
        {"marking": None, "page": 1, "text": "Seen by Ann Roy."},
        {"marking": "U", "page": 1, "text": "Twice."},
    ]
    return {
        "report_key": "rep-1",
        "title": "Boats",
        "portions": text,
        "subjects": [SHIP],
        "text_from": "text",
    } | more


def intelligence(*objects):
    """Return objects of others as rows."""
    rows = [
        {
            "report_key": f"{one['id']}/{one.get('modified', '')}",
            "standard": "stix",
            "object_id": one["id"],
            "object_type": one["type"],
            "revoked": False,
            "body": json.dumps(one, sort_keys=True),
        }
        for one in objects
    ]
    return table("intelligence-object", *rows)


def shared(at=AT, **records):
    """Return rows to share, by default some of each sort."""
    found = {name.replace("_", "-"): rows for name, rows in records.items()}
    marking = MARKING
    return Shared(NODE, KEY, at, marking, found)


def everything():
    """Return rows of each sort."""
    kinds = ("declaration", "reading")
    plain = {kind: table(kind, _any_row(kind)) for kind in kinds}
    found = shared(
        disclosure=table("disclosure", signal(1), signal(2, marking="U//TLP:GREEN"), pointer()),
        party=table("party", party(1), party(2, name="O. Valle", schema="Company")),
        payment=table("payment", payment()),
        report=table("report", report(), report(report_key="rep-2", subjects=[], title=None)),
        intelligence_object=intelligence(made.note(), made.EMAIL),
        **plain,
    )
    return replace(found, leads=(lead(),))


def lead():
    """Return a lead on the first signal."""
    why = Reason("exchange.pointer", {"node": "lacolle"})
    said = Contribution(bytes([1]) * 16, SHIP, "listed-name", "strong", 6.5, 0.75, AT, why, (), ())
    return Lead("L-1", SHIP, "sanctions-evasion", -4.0, 2.5, (said,), MARKING, "w", subjects=(SHIP, WHO))


def pointer():
    nothing = dict.fromkeys(("since", "desk", "rule", "strength", "score", "latitude", "longitude", "radius"))
    return (
        signal(9) | nothing | {"form": "pointer", "subjects": [SHIP], "desk": "", "rule": "", "strength": ""}
    )


def _any_row(kind):
    """Return a row of a kind with a value in each column."""
    values = {"string": SHIP, "double": 0.5, "bool": True}
    row = {}
    for one in KINDS[kind].columns:
        if pa.types.is_list(one.type) or pa.types.is_struct(one.type):
            continue
        if pa.types.is_decimal(one.type):
            row[one.name] = Decimal("1.50")
        elif pa.types.is_timestamp(one.type):
            row[one.name] = AT
        elif pa.types.is_date(one.type):
            row[one.name] = AT.date()
        elif pa.types.is_integer(one.type):
            row[one.name] = 3
        else:
            row[one.name] = values[str(one.type)]
    return row
