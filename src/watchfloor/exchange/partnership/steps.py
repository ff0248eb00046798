"""Steps that both sides of a session share: keys, the message that goes back, values with links as tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from watchfloor.exchange.bundles.peers import me
from watchfloor.exchange.partnership import keys
from watchfloor.exchange.partnership.keys import CaseKey, Epoch, Use
from watchfloor.exchange.partnership.sessions import Session
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.partnership.wire import Head, What, pack
from watchfloor.store.floor import Floor

Values = Mapping[str, Mapping[str, Any]]


class Reply(NamedTuple):
    """Reply of a step.

    Attributes:
        session: its id.
        what: the message that goes back; empty where the session is over.
        data: its bytes.
    """

    session: str
    what: str
    data: bytes


class Pair(NamedTuple):
    """The keys of one session."""

    epoch: Epoch
    secret: bytes

    @property
    def hashing(self) -> bytes:
        """With what both hash identifiers."""
        return keys.hashing_key(self.secret)


def pair(vault: Vault, use: Use, theirs: str) -> Pair:
    """The keys of a session with who published that. Raises `ValueError` where it is no key."""
    epoch = Epoch(vault, use.code, use.epoch)
    return Pair(epoch, epoch.pair(use, bytes.fromhex(theirs)))


def head(
    floor: Floor, session: Session, what: What, prev: str, now: datetime, body: bytes, size: int, **more: Any
) -> Head:
    """Return the signed head of a message of this session."""
    use = session.use
    return Head(
        what=what,
        session=session.id,
        from_=me(floor).name,
        to=session.partner,
        at=now.astimezone(UTC).isoformat(),
        tier="match" if use.tier == "match" else "cardinality",
        case=use.case,
        epoch=use.epoch,
        code=use.code,
        purpose=session.purpose,
        prev=prev,
        size=size,
        body=sha256(body).hexdigest(),
        **more,
    )


def reply(floor: Floor, vault: Vault, said: Head, body: bytes) -> Reply:
    """A message of this node, kept sealed so that it can be written again as it was."""
    data = pack(floor, said, body)
    vault.put(f"sessions/{said.session}.out", data)
    return Reply(said.session, said.what, data)


def tokened(values: Mapping[str, Any], key: CaseKey) -> dict[str, Any]:
    """Values as they go: links are tokens of the case."""
    return {
        name: [key.token(one) for one in value] if isinstance(value, list) else value
        for name, value in values.items()
    }


def field_names(rows: Values) -> list[str]:
    """Names of the fields that any row has."""
    return sorted({name for values in rows.values() for name in values})
