"""Door for partners' machines: whose key a request brings, at a rate that lets no key be guessed.

A key comes as HTTP Basic (the partner's name and the key), as `Bearer KEY` or as `Token KEY`; that of a
partner who has a certificate comes over a connection that showed it. Whatever is wrong, a name that nobody
has, a key that was revoked, the answer is one, and so is how long it takes.
"""

import base64
import binascii
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, date
from typing import Any, Final, NamedTuple

from watchfloor.core.limits import Rate, network_of
from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.partners.partner import Partner, fingerprint, hash_of, rules, stamp
from watchfloor.store import catalogue
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

KEEPER: Final = Actor("console", "letting partners in", "access policy of the floor")
"""Who logs that a partner was not let in: a name that was sent may be anybody's."""

WRONG: Final = 30
SPAN: Final = 15 * 60
"""Wrong keys from one network in a quarter of an hour, each of them in the log; then it has to wait."""
BURST: Final = 5_000
PER_SECOND: Final = 1_250.0
"""Requests that one partner may send at once, and that come back each second.

More than the console lets one address have, which it holds before refusing: this ends who asks from many."""
LONGEST: Final = 512
"""Characters of a header that is looked at."""
SETTLED: Final = 50_000_000
"""Nanoseconds after which a file that is written again has another time: file systems' clocks tick slowly."""
CERTIFICATE: Final = "watchfloor.certificate"
"""Extension of a request's scope that has the client's certificate (DER)."""
MOST_KNOWN: Final = 256
"""Keys that were right lately and are remembered, by their hash, while nothing changed."""

Log = Callable[[Actor, str, Mapping[str, object]], object]
"""Logs an act on the floor."""


class Shut(Exception):  # noqa: N818 - an answer, no error
    """A request goes no further: 401 without a key that stands, 429 with the seconds to wait."""

    def __init__(self, status: int, wait: int = 0) -> None:
        super().__init__(status)
        self.status, self.wait = status, wait


class State(NamedTuple):
    """State on which access rests: acts of the log, the day, and this node's own gateways and policy."""

    position: int
    day: date
    rules: tuple[tuple[int, int], ...]


class Door:
    """The door of one floor; threads share it.

    Args:
        floor: whose partners.
        log: logs an act on the floor.
    """

    def __init__(self, floor: Floor, log: Log) -> None:
        self._floor, self._log = floor, log
        self._wrong, self._rate = Rate(WRONG, SPAN), Rate(BURST, BURST / PER_SECOND)
        self._known: OrderedDict[bytes, tuple[State, Partner]] = OrderedDict()
        self._guard = threading.Lock()
        self._log_files = [str(floor.root / f"{catalogue.NAME}{end}") for end in ("", "-wal")]
        self._looked: tuple[tuple[tuple[int, int], ...] | None, int] = (None, 0)

    def remembered(self, authorization: str, state: State, certificate: bytes = b"") -> Partner | None:
        """Return the partner whose key was right lately, since when nothing changed; asks and logs nothing.

        Args:
            authorization: the header.
            state: now.
            certificate: that they showed, as `shown` gives it.

        Raises:
            Shut: they ask too often.
        """
        name, key = credentials(authorization)
        with self._guard:
            found = self._known.get(hash_of(key))
        if found is None or found[0] != state or not _is(found[1], name, certificate):
            return None
        return self._paced(found[1])

    def admit(self, authorization: str, address: str, certificate: bytes = b"") -> Partner:
        """Return the partner whose key a header brings; a wrong one is logged.

        Keys are too long to be guessed, so that wrong ones make nobody wait who sends a right one.

        Args:
            authorization: the header.
            address: of the client.
            certificate: that the connection showed (DER), see `shown`.

        Raises:
            Shut: there is none, or they ask too often.
        """
        name, key = credentials(authorization)
        if not key:  # nothing was tried: a client that asks what is wanted first
            raise Shut(401)
        state = self.state()
        partner = partners.by_key(self._floor, key)
        if partner is None or not _is(partner, name, certificate):
            if wait := self._wrong.spend(network_of(address)):
                raise Shut(429, int(wait) + 1)
            self._log(KEEPER, "sign-in-refused", {"account": None, "by": "partner-key"})
            raise Shut(401)
        with self._guard:
            self._known[hash_of(key)] = state, partner
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return self._paced(partner)

    def _paced(self, partner: Partner) -> Partner:
        if wait := self._rate.spend(str(partner.position)):
            raise Shut(429, int(wait) + 1)
        return partner

    def state(self) -> State:
        """Return the state on which access rests now."""
        position = self._position()
        return State(position, self._floor.now().astimezone(UTC).date(), rules(self._floor))

    def _position(self) -> int:
        """The position of the log; read anew where the files of the log may have changed since."""
        stamps = tuple(map(stamp, self._log_files))
        looked, position = self._looked
        if looked != stamps or not stamps[0][0]:
            position = self._floor.position
            # A file that has just been written may be written again before its time moves on.
            quiet = all(time.time_ns() - changed > SETTLED for _, changed in stamps)
            self._looked = (stamps if quiet else None, position)
        return position


def _is(partner: Partner, name: str | None, certificate: bytes) -> bool:
    """Whether who brings their key may be they: by the name, where one came, and by their certificate."""
    mine = partner.fingerprint
    return name in (None, partner.name) and (not mine or mine == fingerprint(certificate))


def shown(scope: Mapping[str, Any]) -> bytes:
    """Return the client's certificate (DER) of a request's connection; empty where it showed none."""
    found: bytes = scope.get("extensions", {}).get(CERTIFICATE, b"")
    return found


def credentials(header: str) -> tuple[str | None, str]:
    """Return the name, None where none is sent, and the key of an `Authorization` header; empty: no key."""
    scheme, _, rest = header[:LONGEST].strip().partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return None, rest.strip()
        case "basic":
            try:
                text = base64.b64decode(rest.strip(), validate=True).decode()
            except (binascii.Error, ValueError):
                return "", rest
            name, _, key = text.partition(":")
            return name, key
    return None, ""
