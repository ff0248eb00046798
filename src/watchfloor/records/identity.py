"""Record identities: a keyed hash of what a row says, so that a delivery repeated writes nothing.

The key belongs to the floor. Without it an identity cannot be guessed from a name, and two floors' identities
cannot be joined. A row whose source gives its own id (`report_key`) is one report however often it is
delivered. A row without one is told from an equal row of the same delivery by its occurrence: two equal
deposits are two deposits. The content is hashed even where there is a source id, so that an amended report
under an old id is a new record and not a duplicate lost in silence.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import pyarrow as pa

from watchfloor.records.canonical import encode_rows, row_bytes
from watchfloor.records.kinds import PROVENANCE, RECORD_ID, Kind

SIZE: Final = 16
MINIMUM_KEY: Final = 16


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
        self._key = key
        self._person = blake2b(kind.name.encode(), digest_size=blake2b.PERSON_SIZE).digest()
        self._ordinals = {
            field.name: i for i, field in enumerate(kind.schema) if field.name not in PROVENANCE
        }
        self._seen: Counter[bytes] = Counter()

    def of(self, rows: pa.Table) -> pa.Array:
        """Identities of `rows`, which hold all columns of the kind but `record_id`, in delivery order."""
        keyless = rows.column("report_key").is_null().to_pylist()
        digests = self._digests(row_bytes(encode_rows(rows, self._ordinals)))
        numbered = [self._number(d) if free else d for d, free in zip(digests, keyless, strict=True)]
        return pa.array(numbered, RECORD_ID)

    def _digests(self, rows: Iterable[bytes]) -> list[bytes]:
        key, person = self._key, self._person
        return [blake2b(row, digest_size=SIZE, key=key, person=person).digest() for row in rows]

    def _number(self, digest: bytes) -> bytes:
        """The digest itself the first time, and a digest of it and its occurrence after that."""
        occurrence = self._seen[digest]
        self._seen[digest] = occurrence + 1
        if not occurrence:
            return digest
        return blake2b(
            digest + occurrence.to_bytes(8, "little"), digest_size=SIZE, key=self._key, person=self._person
        ).digest()
