"""The store: one log, segments under Merkle roots, deliveries by their hash; every reader takes a mask."""

from watchfloor.store.errors import (
    AccountingError,
    Damaged,
    Erased,
    FloorBusy,
    LayoutError,
    NoFloor,
    NoOriginal,
    NoServer,
    ReadOnlyFloor,
    StoreError,
    StoreFull,
    UnknownRecord,
)
from watchfloor.store.floor import Floor
from watchfloor.store.intake import Accepted, Intake
from watchfloor.store.ledger import Account
from watchfloor.store.log import Act, Actor
from watchfloor.store.writer import Writer

__all__ = [
    "Accepted",
    "Account",
    "AccountingError",
    "Act",
    "Actor",
    "Damaged",
    "Erased",
    "Floor",
    "FloorBusy",
    "Intake",
    "LayoutError",
    "NoFloor",
    "NoOriginal",
    "NoServer",
    "ReadOnlyFloor",
    "StoreError",
    "StoreFull",
    "UnknownRecord",
    "Writer",
]
