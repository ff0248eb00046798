"""A floor with declared parcels, and one who refers them."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchfloor.casework.referrals.life import Pick
from watchfloor.casework.referrals.repository import Post
from watchfloor.core.kinds import KINDS
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

READER = Reader("anna", purpose="testing")
ACTOR = Actor("anna", "testing", "none")
MAIL = "parcel:s10:RR123456785CA"
OTHER = "parcel:s10:RR473124829CA"
COURIER = "parcel:hawb:H-77"
OUT_MAIL = "parcel:upu:O-1"
PHONE = "phone:phone:16135550113"
GROUNDS = "I suspect a pill press part, because the outline in the x-ray is a die set"


def declared(subject, **columns):
    """A line of a declaration, with the columns that every record needs."""
    row = {"subject": subject, "goods": "ceramic plant pots", "mode": "post", "direction": "inbound"}
    return row | columns


def floor(home, ceiling="PB//TLP:RED"):
    """A floor with three parcels: mail that comes in and that goes out, and one by courier."""
    made = Floor.create(home / "floor", ACTOR, ceiling=ceiling)
    keep(
        made,
        "declaration",
        declared(MAIL, document="RR123456785CA", mass=1.0, consignee_phone="(613) 555-0113"),
        declared(OUT_MAIL, document="O-1", direction="outbound"),
        declared(COURIER, document="H-77", mode="courier", direction="outbound"),
    )
    return made


def keep(floor, kind, *rows, marking="PA//TLP:AMBER"):
    """Write rows of a kind; each is observed now where it says no other moment."""
    schema = KINDS[kind].schema.remove(0)
    with floor.writer(ACTOR) as writer:
        now = writer.moment()
        common = {"source": "test", "origins": [], "observed_at": now, "marking": marking, "locator": "1"}
        whole = [
            {"report_key": f"{kind}-{row.get('document') or row['subject']}-{n}"} | common | row
            for n, row in enumerate(rows)
        ]
        table = pa.Table.from_pylist(whole, schema=schema).drop_columns(["delivery"])
        return writer.append(KINDS[kind], table, source="test")


def do(floor, make, reader=READER, actor=ACTOR):
    """Act on a floor behind its writer."""
    with floor.writer(actor) as writer:
        return make(Post(floor, reader, writer))


def pick(subject=MAIL, means="x-ray", hours=6, **more):
    """An item to be referred, with some hours to do it."""
    return Pick(subject, means, datetime.now(UTC) + timedelta(hours=hours), **more)
