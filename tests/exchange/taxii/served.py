"""A TAXII server on a real socket, over a floor with partners and a shelf that a test fills itself."""

import base64
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.exchange.nodes import WHO

from watchfloor.exchange.deliveries import Deliveries
from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.partners.door import Door
from watchfloor.exchange.partners.partner import Partner
from watchfloor.exchange.shelf import Item, Shelf, Shelves
from watchfloor.exchange.taxii.routes import SHARED, Taxii
from watchfloor.store.floor import Floor

GATEWAY = "customs-107-5-a"
MEDIA = "application/taxii+json;version=2.1"
MADE = "2026-01-01T00:00:00.000Z"


def made(path: Path, name: str = "cell") -> Floor:
    """A floor of a joint cell."""
    return Floor.create(path / name, WHO, name=name, ceiling="PB//TLP:RED", exercise=True)


def partner(floor: Floor, name: str, **columns: Any) -> tuple[Partner, str]:
    """A police force that pulls, and its key."""
    said = {"institution": "police", "country": "CAN", "gateway": GATEWAY, "test": "for the trial"}
    return partners.add(floor, WHO, name, **(said | columns))


def stix(
    number: int, type_: str = "indicator", version: str = "2026-01-01T00:00:00.000Z", **more: Any
) -> dict:
    """An object of STIX."""
    id_ = f"{type_}--{number:08d}-0000-4000-8000-000000000000"
    whole = {"type": type_, "id": id_, "spec_version": "2.1", "created": "2026-01-01T00:00:00.000Z"}
    return whole | {"modified": version} | more


def envelope_of(objects: Iterable[dict]) -> bytes:
    """Objects in one envelope, or a file of others."""
    return msgspec.json.encode({"objects": list(objects)})


def item(object_: dict, row: str = "", collection: str = SHARED) -> Item:
    """An object as it is put on a shelf."""
    version = object_.get("modified") or object_.get("created", "")
    spec = object_.get("spec_version", "2.0" if version else "2.1")
    body = msgspec.json.encode(object_)
    return Item(collection, object_["id"], object_["type"], body, row or object_["id"], version, spec)


def shelve(floor: Floor, who: Partner, objects: Iterable[dict], disclosure: str = "a") -> None:
    """Put objects on a partner's shelf."""
    with Shelf.open(floor, who.shelf) as shelf:
        shelf.put(disclosure, map(item, objects), floor.now)


def basic(name: str, key: str) -> dict[str, str]:
    """Headers of HTTP Basic, and what a client of TAXII sends."""
    token = base64.b64encode(f"{name}:{key}".encode()).decode()
    return {"Authorization": f"Basic {token}", "Accept": MEDIA}


@dataclass
class Acts:
    """Acts as they are logged, and what was told of mistakes."""

    floor: Floor
    wrong: list[BaseException] = field(default_factory=list)

    def log(self, actor: Any, act: str, detail: Any) -> int:
        """Log an act."""
        return self.floor.act(actor, act, detail)

    def told(self, error: BaseException) -> str:
        """Keep a mistake."""
        self.wrong.append(error)
        return "7"


@contextmanager
def serving(
    floor: Floor, settle: Any = lambda *_: None, submissions: Any = None
) -> Iterator[tuple[str, Taxii]]:
    """Serve a floor; gives the address of the mount. A mistake of ours fails the test."""
    acts = Acts(floor)
    shelves, deliveries = Shelves(floor), Deliveries.open(floor)
    door = Door(floor, acts.log)
    taxii = Taxii(floor, door, shelves, deliveries, settle, submissions, told=acts.told)
    app = Starlette(routes=[Mount("/taxii2", taxii)])
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/taxii2", taxii
    finally:
        server.should_exit = True
        thread.join()
        shelves.close()
        deliveries.close()
    assert acts.wrong == []
