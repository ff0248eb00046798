"""A floor of a border agency with a partner who pulls, and what lies on their shelf."""

import json

from tests.exchange.nodes import WHO, floor, party

from watchfloor.exchange.partners import partner, publish
from watchfloor.exchange.shelf import Shelf
from watchfloor.exchange.shelf_query import ALL

TERMS = {
    "institution": "police",
    "country": "CAN",
    "gateway": "customs-107-5-a",
    "test": "file 2026-118 is before the court",
}


def agency(path, name="agency", **columns):
    return floor(path, name, institution="border-agency", **columns)


def add(one, name="rcmp", **columns):
    """Add a partner; gives them and their key."""
    return partner.add(one, WHO, name, **(TERMS | columns))


def give(one, to):
    return publish.publish(one, to, one.now())


def place(number, marking="PB//TLP:AMBER"):
    """A feature of a map as a row."""
    x, y = -74 + number / 100, 45.0
    geometry = json.dumps({"type": "Point", "coordinates": [x, y]})
    said = {"layer": "camps", "feature": str(number), "name": f"camp {number % 3}", "properties": "{}"}
    where = {"geometry": geometry, "longitude": x, "latitude": y, "report_key": f"camps/{number}"}
    return party(number) | said | where | {"marking": marking, "source": "maps"}


def on_shelf(one, to, collection="shared"):
    """Objects on the shelf of a partner: their bytes by id."""
    with Shelf.open(one, to.shelf) as shelf:
        return {entry.id: entry.body for entry in shelf.page(collection, limit=1_000_000, match=ALL).entries}
