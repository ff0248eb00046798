"""What the tests of the acting share: a clock that is told the time, and rows as the log would hold them."""

from datetime import UTC, datetime, timedelta

from watchfloor.casework.tasking import units
from watchfloor.casework.tasking.legs import Order
from watchfloor.casework.watch import orders

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
KEY = b"k" * 32
UNITS = units.load()
WATCH = orders.load()


def at(minutes):
    return START + timedelta(minutes=minutes)


def order(**changes):
    given = {
        "form": "lookout",
        "unit": "border-operations",
        "lead": "abc123",
        "subjects": ("person:feed:1",),
        "instruction": "refer for examination",
        "authority": "Customs Act s. 99",
        "marking": "PB//TLP:AMBER",
        "deadline": at(600),
    }
    return Order(**(given | changes))


class Log:
    """Rows in the order of the log, each with its position and an id."""

    def __init__(self):
        self.rows = []

    def add(self, row):
        position = len(self.rows) + 1
        self.rows.append(row | {"position": position, "record_id": position.to_bytes(16, "big")})
        return self.rows[-1]
