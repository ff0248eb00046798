"""Every page of the console with an address of it, on a console in which something has happened."""

import json

from tests.console.served import KEEPER

from watchfloor.cell.acting import tasks, watch
from watchfloor.cell.acting.acts import write
from watchfloor.cell.acting.orders import load as orders
from watchfloor.cell.acting.units import load as units
from watchfloor.console.endpoint import Raw
from watchfloor.console.registry import ENDPOINTS
from watchfloor.records.kinds import TASK, WATCH_ENTRY

LAW = "Customs Act s. 99"


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
        order = tasks.Order(
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
    return {
        "lead_id": lead["lead_id"],
        "record_id": term["records"][0],
        "subject": lead["subject"],
        "key": lead["subject"],
        "task": task["task"],
        "source": "parcels",
        "position": 1,
        "number": 1,
    }


def address(endpoint, known):
    """The path of an endpoint; None where nothing that it is about is known here."""
    try:
        return endpoint.path.replace(":path}", "}").format(**known)
    except KeyError:
        return None


def shown(response):
    """A body of JSON, to be told in a failure."""
    return json.dumps(response.json(), ensure_ascii=False, indent=1)
