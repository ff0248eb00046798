"""Rows for the cargo desk's tests, and what it says of them. All persons and places are made up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.desks.cargo.desk import DESK
from watchfloor.run import run

DAY = datetime(2026, 3, 2, tzinfo=UTC)
REFS = Refs(
    bytes(32),
    {"margins": margins.reference(), "goods-norms": goods_norms.reference(), "cargo-model": b""},
)


def row(kind, number, hours, **columns):
    plain = {
        "record_id": f"{kind:8.8}{number:08}".encode(),
        "report_key": f"{kind}-{number}",
        "source": "post",
        "origins": [],
        "observed_at": DAY + timedelta(hours=hours),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{number}",
        "kind": kind,
    }
    return plain | columns


def line(number, hours, **columns):
    """A declared parcel; its parties share nothing with those of another number."""
    mine = {
        "goods": "greeting cards",
        "mass": 0.3,
        "mode": "post",
        "consignee_name": f"Receiver {number}",
        "consignee_address": f"{number} Heron Street, Ottawa ON K1A 0B1",
        "shipper_name": f"Sender {number}",
        "shipper_address": f"{number} Mill Lane, Northtown",
    }
    if isinstance(value := columns.get("value"), int | float):
        columns["value"] = Decimal(str(value)).quantize(Decimal("0.01"))
        columns.setdefault("currency", "CAD")
    return row("declaration", number, hours, **(mine | columns))


def examined(number, hours, result="finding", **columns):
    found = ["controlled-substance"] if result == "finding" else []
    return row(
        "inspection", number, hours, **({"state": "examined", "result": result, "found": found} | columns)
    )


def tables(rows):
    made = {kind: [one for one in rows if one["kind"] == kind] for kind in DESK.reads}
    return {
        kind: pa.Table.from_pylist(
            [{name: one.get(name) for name in KINDS[kind].schema.names} for one in of], KINDS[kind].schema
        )
        for kind, of in made.items()
    }


def history(*rows, refs=REFS):
    return run(DESK, tables(rows), refs)["signal"]


def standing(*rows, rule=None, refs=REFS):
    """Signals that stand, of one rule."""
    found = net(history(*rows, refs=refs)).to_pylist()
    return sorted((one for one in found if rule in (None, one["rule"])), key=lambda one: one["subjects"])


def said(signal, language="en"):
    return Reason.load(signal["reason"]).render(language)
