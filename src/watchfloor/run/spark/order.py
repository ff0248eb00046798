"""The order of a run: what executors are to read, for whom, and fold; sealed and signed by the floor.

An order lies on the share. What travels through Spark is a ticket: where the order lies, the key of this run,
and by whom it must be signed. The key is in no file, so what a run leaves on the share dies with it.
"""

import pickle
import platform
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.messages import declare
from watchfloor.desks.base import Desk, Refs
from watchfloor.policy.policy import Reader
from watchfloor.run.spark.share import ClusterError, Share, opened, sealed, unsealed
from watchfloor.store.log.notes import Signer, Verifier
from watchfloor.store.segments.replacing import NOTHING, Lowered

OTHER_PACKAGE: Final = declare("cluster.other-package", "theirs", "ours")
NOT_SIGNED: Final = declare("cluster.not-signed", "url")

COMPUTES: Final = ("numpy", "pyarrow", "numba", "scipy", "rapidfuzz", "pyicu-wheels", "shapely", "lightgbm")
"""Packages of whose versions an answer may depend."""

_SIGNATURE: Final = 64

NO_JOINS: Final = (np.empty(0, np.uint32), np.empty(0, np.uint32))


class Piece(NamedTuple):
    """An object of rows on the share.

    Attributes:
        name: of the object.
        key: it is sealed with.
        kind: of its rows; empty: rows of the desk, in the order of its fold.
        rows: how many, at most.
        segments: which of the segments in it count; None: rows that were derived, all of them.
        start: place of its first row among those of its kind, where `segments` is None.
    """

    name: str
    key: bytes
    kind: str
    rows: int
    segments: tuple[int, ...] | None = None
    start: int = 0


class Order(NamedTuple):
    """An order to run a desk over some rows.

    Attributes:
        desk: who folds.
        refs: its references.
        schemas: columns of each kind it reads.
        pieces: of its rows.
        parts: into how many parts they are cut.
        until: up to which moment; None: the last of any row.
        reader: whose mask is applied to evidence; None: the rows were read for somebody already.
        policy: digest of the policy under which the reader reads.
        lowered: what records were downgraded to.
        package: digest of the code that computes, see `package_digest`.
        joins: numbers of values that a report joins with others, in order, and that of the least for each.
    """

    desk: Desk[Any]
    refs: Refs
    schemas: Mapping[str, pa.Schema]
    pieces: tuple[Piece, ...]
    parts: int
    until: datetime | None = None
    reader: Reader | None = None
    policy: str = ""
    lowered: Lowered = NOTHING
    package: str = ""
    joins: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]] = NO_JOINS


class Ticket(NamedTuple):
    """The ticket by which a worker finds an order, opens it, and knows who signed it.

    Attributes:
        url: of the share.
        folder: of the run on it.
        name: of the order.
        key: of the run.
        signer: public key of who signs.
        package: digest of the driver's code, so that a worker that cannot read the order still knows why.
        described: the driver's versions in words.
    """

    url: str
    folder: str
    name: str
    key: bytes
    signer: bytes
    package: str
    described: str

    @property
    def path(self) -> str:
        """Name of the order on the share."""
        return f"{self.folder}/{self.name}"


def place(share: Share, ticket: Ticket, order: Order, signer: Signer, dumps: Callable[[Any], bytes]) -> str:
    """Sign an order and put it on the share; give its digest. `dumps` pickles foreign desks by value."""
    body = dumps(order)
    share.put(ticket.path, sealed(ticket.key, ticket.path, signer.sign(_named(ticket, body)) + body))
    return sha256(body).hexdigest()


@lru_cache(maxsize=2)
def ordered(ticket: Ticket) -> tuple[Order, str]:
    """Return the order of a ticket, checked, and its digest.

    Raises:
        ClusterError: this worker has another package, the order is gone, or the floor has not signed it.
    """
    refuse_other_package(ticket)
    share = opened(ticket.url)
    signed = unsealed(share, ticket.key, ticket.path)
    signature, body = signed[:_SIGNATURE], signed[_SIGNATURE:]
    if not Verifier("floor", ticket.signer).verifies(_named(ticket, body), signature):
        raise ClusterError(NOT_SIGNED, url=share.url)
    order: Order = pickle.loads(body)  # noqa: S301 - the floor has signed it
    return order, sha256(body).hexdigest()


def refuse_other_package(ticket: Ticket) -> None:
    """Raise `ClusterError` where what computes here is not what the driver has."""
    if ticket.package != package_digest():
        raise ClusterError(OTHER_PACKAGE, theirs=described(), ours=ticket.described)


@lru_cache(maxsize=1)
def package_digest() -> str:
    """Digest of all that an answer depends on but evidence and references: code, tables, versions."""
    root = Path(__file__).parents[2]
    made = sha256(repr(_versions()).encode())
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"} and "static" not in path.parts:
            made.update(
                f"{path.relative_to(root).as_posix()}\0".encode() + sha256(path.read_bytes()).digest()
            )
    return made.hexdigest()


def described() -> str:
    """Return the version of the package, a piece of its digest, and of Python."""
    return f"{version('watchfloor')}, {package_digest()[:12]}, Python {platform.python_version()}"


def _versions() -> list[tuple[str, str]]:
    minor = ".".join(platform.python_version_tuple()[:2])
    return [("python", minor), *((name, _version(name)) for name in COMPUTES)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _named(ticket: Ticket, body: bytes) -> bytes:
    """The signed bytes: an order under its name alone, so that none can be put in the place of another."""
    return b"watchfloor order\n" + ticket.path.encode() + b"\n" + sha256(body).digest()
