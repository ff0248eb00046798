"""Every page of the console with an address of it, on a console in which something has happened."""

import json
from datetime import timedelta

import pyarrow as pa
from tests.cli.removers import removed
from tests.console.served import KEEPER, PURPOSE

from watchfloor.casework.referrals import life, repository
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.legs import Order
from watchfloor.casework.tasking.units import load as units
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.orders import load as orders
from watchfloor.cell.acts import write
from watchfloor.console.endpoints.endpoint import Raw
from watchfloor.console.registry import ENDPOINTS
from watchfloor.core.kinds import DECLARATION, TASK, WATCH_ENTRY

LAW = "Customs Act s. 99"
PHONE = "6135550147"


def looking():
    """The endpoints that a signed-in person looks at: pages, and what is in the API alone."""
    return [one for one in ENDPOINTS if one.method == "GET" and not one.public]


def pages():
    """Those that have a page."""
    return [one for one in looking() if one.page and one.gives is not Raw]


def happened(console, okafor):
    """Let something of everything be there; gives what addresses are made of, by the name in a path."""
    floor = console.floor
    lead = okafor.get("/api/v1/leads").json()["leads"][0]
    term = okafor.get(f"/api/v1/leads/{lead['lead_id']}").json()["terms"][0]
    with floor.writer(KEEPER) as writer:
        order = Order(
            "task", "border-operations", lead["lead_id"], (lead["subject"],), "look at it", LAW,
            lead["marking"], place=(45.02, -74.7, 500.0),
        )  # fmt: skip
        task = tasks.issue(units(), order, "okafor", writer.moment(), floor.key)
        write(writer, TASK, task)
        alert = watch.alert(
            orders(), [], "small boat, two on board", "okafor", writer.moment(), floor.key,
            "PB//TLP:AMBER", None, ["life-at-risk"],
        )  # fmt: skip
        write(writer, WATCH_ENTRY, alert)
        referral = _referred(repository.Post(floor, floor.reader("okafor", PURPOSE), writer))
    removed(floor.root)
    return {
        "order": "order:test:2",
        "lead_id": lead["lead_id"],
        "record_id": term["records"][0],
        "subject": lead["subject"],
        "key": lead["subject"],
        "task": task["task"],
        "referral": referral,
        "source": "parcels",
        "position": 1,
        "number": 1,
        "claim": "fentanyl-north",
        "figure": "weight-fy2024",
        "plot": "share",
        "line": "14a",
    }


def _referred(post):
    """A parcel that is to be examined, and a lookout for another's telephone; gives the referral's id."""
    now = post.writer.moment()
    phones = (None, PHONE)
    rows = [
        {"subject": f"parcel:upu:{n}", "document": f"D-{n}", "consignee_phone": phone}
        for n, phone in enumerate(phones)
    ]
    common = {"source": "post", "origins": [], "marking": "PA//TLP:AMBER", "locator": "1", "observed_at": now}
    more = {"goods": "tablet press parts", "mode": "post", "direction": "inbound", "mass": 1.2}
    whole = [common | more | row | {"report_key": row["document"]} for row in rows]
    soon = now + timedelta(days=1)
    asked = life.Pick("parcel:upu:0", "x-ray", soon, "random", 0.01, "s", unit="Port Ashby mail centre")
    about, level = (f"phone:phone:1{PHONE}",), "PA//TLP:AMBER"
    order = Order("lookout", "border-operations", None, about, "x-ray it", LAW, level, soon)
    write(post.writer, TASK, tasks.issue(units(), order, "okafor", now, post.floor.key))
    schema = DECLARATION.schema.remove(0)
    declared = pa.Table.from_pylist(whole, schema=schema).drop_columns(["delivery"])
    post.writer.append(DECLARATION, declared, source="post")
    return repository.refer_one(post, asked).item.id


def address(endpoint, known):
    """The path of an endpoint; None where nothing that it is about is known here."""
    try:
        return endpoint.path.replace(":path}", "}").format(**known)
    except KeyError:
        return None


def shown(response):
    """A body of JSON, to be told in a failure."""
    return json.dumps(response.json(), ensure_ascii=False, indent=1)
