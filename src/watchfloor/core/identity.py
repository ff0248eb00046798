"""Record identities: a keyed hash of what a row says, so that a delivery repeated writes nothing.

The key belongs to the floor. Without it an identity cannot be guessed from a name, and two floors' identities
cannot be joined. A row whose source gives its own id (`report_key`) is one report however often it is
delivered. A row without one is told from an equal row of the same delivery by its occurrence: two equal
deposits are two deposits. The content is hashed even where there is a source id, so that an amended report
under an old id is a new record and not a duplicate lost in silence.
"""

from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.canonical import Encoded, encode_rows, row_bytes
from watchfloor.core.kinds import PROVENANCE, RECORD_ID, Kind

SIZE: Final = 16
MINIMUM_KEY: Final = 16


class Content(NamedTuple):
    """The content of rows, as row bytes: the columns before those of their origin, and the columns after.

    With those of `PROVENANCE` they are the bytes of whole rows, so that nobody encodes a row twice.
    """

    common: Encoded
    own: Encoded


class Identities:
    """Gives record identities to the rows of one delivery, batch by batch.

    Args:
        kind: the rows' kind.
        key: the floor's secret, 16 to 64 bytes.

    Raises:
        ValueError: the key is shorter or longer than BLAKE2b takes.
    """

    def __init__(self, kind: Kind, key: bytes) -> None:
        if not MINIMUM_KEY <= len(key) <= blake2b.MAX_KEY_SIZE:
            raise ValueError(
                f"an identity key has {MINIMUM_KEY} to {blake2b.MAX_KEY_SIZE} bytes, not {len(key)}"
            )
        person = blake2b(kind.name.encode(), digest_size=blake2b.PERSON_SIZE).digest()
        self._hash = blake2b(digest_size=SIZE, key=key, person=person)
        ordinals = {name: at for at, name in enumerate(kind.schema.names)}
        between = ordinals[PROVENANCE[-1]]
        self._parts = [
            {name: at for name, at in ordinals.items() if name not in PROVENANCE and (at < between) is before}
            for before in (True, False)
        ]
        self._once: list[_Digests] = []
        self._often: dict[bytes, int] = {}

    def content(self, rows: pa.Table) -> Content:
        """Encode what `rows` say, which hold all columns of the kind but `record_id`."""
        return Content(*(encode_rows(rows, part) for part in self._parts))

    def record_ids(self, rows: pa.Table, content: Content | None = None) -> pa.Array:
        """Identities of rows in delivery order; `content` is what they say, where it is encoded already."""
        digests = self._digests(content or self.content(rows))
        keyless = np.flatnonzero(rows.column("report_key").is_null().to_numpy())
        if len(keyless):
            self._number(digests, keyless)
        return pa.FixedSizeBinaryArray.from_buffers(
            RECORD_ID, len(digests), [None, pa.py_buffer(b"".join(digests))]
        )

    def _digests(self, content: Content) -> list[bytes]:
        digests, begun = [], self._hash.copy  # a copy is quicker than to take the key in for each row
        for common, own in zip(row_bytes(content.common), row_bytes(content.own), strict=True):
            keyed = begun()
            keyed.update(common)
            keyed.update(own)
            digests.append(keyed.digest())
        return digests

    def _number(self, digests: list[bytes], keyless: npt.NDArray[np.int64]) -> None:
        """Replace each digest that came before with a digest of it and its occurrence, counted from 0."""
        new = _digests_of(b"".join([digests[at] for at in keyless]))
        before = np.zeros(len(keyless), np.bool_)
        for earlier in self._once:
            before |= _among(earlier, new)
        again = before | ~_single(new)
        repeated = [digests[at] for at in keyless[again].tolist()]
        firsts = b"".join({digest for digest in repeated if digest not in self._often})
        for at, digest, came in zip(keyless[again].tolist(), repeated, before[again].tolist(), strict=True):
            digests[at] = self._occurrence(digest, came)
        _add(self._once, new.high[~again], new.low[~again])
        _add(self._once, *_digests_of(firsts))

    def _occurrence(self, digest: bytes, came: bool) -> bytes:
        occurrence = self._often.get(digest, int(came))
        self._often[digest] = occurrence + 1
        if not occurrence:
            return digest
        keyed = self._hash.copy()
        keyed.update(digest + occurrence.to_bytes(8, "little"))
        return keyed.digest()


class _Digests(NamedTuple):
    """Digests as two halves of 64 bits; a tenth of the memory that as many dictionary entries take."""

    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]


def _digests_of(joined: bytes) -> _Digests:
    both = np.frombuffer(joined, np.uint64).reshape(-1, 2)
    return _Digests(both[:, 0].copy(), both[:, 1].copy())


def _single(digests: _Digests) -> npt.NDArray[np.bool_]:
    """Those whose upper half no other of them has."""
    _, which, counts = np.unique(digests.high, return_inverse=True, return_counts=True)
    single: npt.NDArray[np.bool_] = counts[which] == 1
    return single


def _among(ordered: _Digests, digests: _Digests) -> npt.NDArray[np.bool_]:
    """Those that are among digests in the order of their upper halves."""
    at = np.searchsorted(ordered.high, digests.high)
    inside = np.minimum(at, len(ordered.high) - 1)
    same = ordered.high[inside] == digests.high
    found: npt.NDArray[np.bool_] = same & (ordered.low[inside] == digests.low)
    for i in np.flatnonzero(same & ~found):  # equal in 64 bits and not in 128: next to never
        last = np.searchsorted(ordered.high, digests.high[i], "right")
        found[i] = digests.low[i] in ordered.low[at[i] : last]
    return found


def _add(runs: list[_Digests], high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64]) -> None:
    """Keep digests in few ordered runs: one joins its neighbour that is not twice as long."""
    while runs and len(runs[-1].high) < 2 * len(high):
        last = runs.pop()
        high, low = np.concatenate([last.high, high]), np.concatenate([last.low, low])
    order = np.argsort(high, kind="stable")
    if len(order):
        runs.append(_Digests(high[order], low[order]))
