"""Signed papers of the partnership with nothing secret: packs and tables of counts, as notes over JSON."""

from typing import Any, Final, TypeVar

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.exchange.bundles.peers import Peer, known, me, peer_of
from watchfloor.exchange.partnership import refusals as say
from watchfloor.store.floor import Floor
from watchfloor.store.log import encode
from watchfloor.store.log.notes import NoteError, note, opened, signed_json, split

MOST: Final = 1 << 20
"""Bytes that a paper may have."""

T = TypeVar("T", bound=msgspec.Struct)


def write(floor: Floor, paper: Any) -> str:
    """A paper of this node."""
    return note(msgspec.json.format(encode(paper), indent=1).decode() + "\n", floor.signer)


def read(floor: Floor, data: bytes, file: str, of: type[T], *, own: bool = False) -> tuple[T, Peer | None]:
    """A paper, and the peer who signed it; None for this node itself.

    Args:
        floor: of who reads.
        data: of the file.
        file: its name, for messages.
        of: its type.
        own: whether one that this node has signed is taken as well.

    Raises:
        Refusal: oversized, cut, forged, or no paper of that type.
    """
    if len(data) > MOST:
        refuse(say.OVERSIZED, file=file, size=len(data), most=MOST)
    try:
        text = data.decode()
        _, signatures = split(text)
        peers = known(floor)
        signer = next((one.name for one in signatures if one.name in peers), None)
        if signer is None and not (own and any(one.name == me(floor).name for one in signatures)):
            names = ", ".join(one.name for one in signatures) or "nobody"
            refuse(
                say.FORGED, file=file, problem=f"it says it is signed by {names[:80]}, no peer of this node"
            )
        peer = peer_of(peers, signer) if signer is not None else None
        said, _ = opened(text, [peer.verifier if peer else floor.signer.verifier])
    except NoteError as error:
        refuse(say.FORGED, file=file, problem=str(error)[:200])
    except UnicodeDecodeError:
        refuse(say.DAMAGED, file=file, problem="it is no text")
    try:
        return signed_json(said, of), peer
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        refuse(say.DAMAGED, file=file, problem=str(error)[:200])
