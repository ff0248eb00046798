"""Slips: the signed notes that go back and forth around a bundle: receipts, recalls, answers, consents.

A slip is a signed note over JSON with `what` it is, `from`, `to`, `at`, and its own fields. It is read only
when a known peer has signed it and it is for this node.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.exchange.bundles.bundle import ID
from watchfloor.exchange.bundles.peers import Peer, known, me, peer_of
from watchfloor.store.floor import Floor
from watchfloor.store.log import digest_of, encode
from watchfloor.store.log.notes import NoteError, note, opened, signed_json, split

RECEIPT: Final = "receipt"
RECALL: Final = "recall"
ANSWER: Final = "recall-answer"
ASKED: Final = "consent-request"
CONSENT: Final = "consent"

HOLD: Final = "hold"
USED: Final = "used"
"""Why evidence that is recalled stays: a legal hold; a decision it was used for not long enough ago."""

WHATS: Final = (RECEIPT, RECALL, ANSWER, ASKED, CONSENT)
MAX_BYTES: Final = 1 << 26
"""Bytes that a slip may have."""

NODE: Final = re.compile(r"[^\s/\\+\x00-\x1f]{1,80}")
"""The name of a node, as a slip may carry it."""

NO_SLIP: Final = declare("exchange.no-slip", "file", "problem")
NOT_SIGNED: Final = declare("exchange.slip-unsigned", "file", "problem")
FOR_ANOTHER: Final = declare("exchange.for-another", "file", "to", "name")
OTHER_SLIP: Final = declare("exchange.other-slip", "file", "what", "wanted")


class Slip(NamedTuple):
    """A slip whose signature is a peer's and which is for this node."""

    what: str
    peer: Peer
    body: Mapping[str, Any]
    digest: str
    text: str

    @property
    def at(self) -> datetime:
        """When it was written, by the other's clock."""
        return datetime.fromisoformat(self.body["at"])


def write(floor: Floor, what: str, to: str, at: datetime, **fields: Any) -> str:
    """A slip of this node."""
    said = {"what": what, "from": me(floor).name, "to": to, "at": at.astimezone(UTC).isoformat(), **fields}
    return note(msgspec.json.format(encode(said), indent=1).decode() + "\n", floor.signer)


def digest(text: str) -> str:
    """SHA-256 of what is signed of a note, in hexadecimal; a witness's further signature changes nothing."""
    return digest_of(split(text)[0].encode())


def is_slip(data: bytes) -> bool:
    """Whether a file looks like a slip, and not like a bundle."""
    return data[:1] == b"{" and len(data) <= MAX_BYTES


def read(floor: Floor, data: bytes, file: str, wanted: str | None = None) -> Slip:
    """Check a slip. Refused when damaged, signed by no peer, for another node, or not what is wanted."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it has {len(data)} bytes, and the limit is {MAX_BYTES}")
        text = data.decode()
        _, signatures = split(text)
        peers = known(floor)
        signer = next((one.name for one in signatures if one.name in peers), None)
        if signer is None:
            names = ", ".join(one.name for one in signatures) or "nobody"
            refuse(NOT_SIGNED, file=file, problem=f"no peer has signed it; it says it is signed by {names}")
        peer = peer_of(peers, signer)
        body, _ = opened(text, [peer.verifier])
        said = signed_json(body, dict[str, Any])
        _check(said, peer)
    except NoteError as error:
        refuse(NOT_SIGNED, file=file, problem=str(error))
    except (ValueError, KeyError, TypeError) as error:
        refuse(NO_SLIP, file=file, problem=str(error))
    if said["to"] != me(floor).name:
        refuse(FOR_ANOTHER, file=file, to=said["to"], name=me(floor).name)
    if wanted is not None and said["what"] != wanted:
        refuse(OTHER_SLIP, file=file, what=said["what"], wanted=wanted)
    return Slip(said["what"], peer, said, digest(text), text)


def _check(said: Mapping[str, Any], peer: Peer) -> None:
    """Raise `ValueError` where a slip lacks what every slip of its kind has."""
    if said.get("what") not in WHATS:
        raise ValueError(f"it says it is {said.get('what')!r}, which no slip is")
    if said.get("from") != peer.name:
        raise ValueError(f"it says it is from {said.get('from')!r} and is signed by {peer.name}")
    if datetime.fromisoformat(said["at"]).tzinfo is None:
        raise ValueError("its moment has no time zone")
    for field, of in FIELDS[said["what"]].items():
        msgspec.convert(said.get(field), of)
    if not ID.fullmatch(said.get("bundle", "0" * 16)):
        raise ValueError(f"{said['bundle'][:80]!r} is no id of a bundle, which is 16 hexadecimal digits")
    if not NODE.fullmatch(said.get("recipient", "node")):
        raise ValueError(f"{said['recipient'][:80]!r} is no name of a node")
    for day in ("due", "until"):
        date.fromisoformat(said.get(day) or "2000-01-01")
    if not isinstance(said.get("to"), str):
        raise ValueError("it does not say whom it is for")


_Reasons = dict[str, int]
_Kept = dict[Literal["hold", "used"], int]
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    RECEIPT: {
        "bundle": str,
        "rows": int,
        "accepted": int,
        "duplicate": int,
        "withheld": _Reasons,
        "missing": list[str],
        "root": str,
    },
    RECALL: {"bundle": str, "rows": list[str] | None, "why": str, "due": str},
    ANSWER: {
        "bundle": str,
        "recall": str,
        "retracted": int,
        "erased": int,
        "left": int,
        "because": _Kept,
        "onward": int,
    },
    ASKED: {"rows": list[str], "recipient": str, "why": str},
    CONSENT: {"rows": list[str], "recipient": str, "request": str, "until": str | None},
}
"""Fields that each kind of slip has, with their types."""
