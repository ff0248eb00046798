"""Two nodes that know each other, and signals for one of them to send."""

from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from random import Random

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.exchange.bundles import peers
from watchfloor.policy.gateways import Gateway
from watchfloor.store import Actor, Floor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHO = Actor("officer", "a benchmark", "an Act")
FIELDS = frozenset({"since", "until", "desk", "rule", "subjects", "strength", "score", "message", "params"})
GATEWAY = Gateway(
    id="bench",
    law="Act",
    section="1",
    also=(),
    from_=frozenset({"joint-cell"}),
    to=frozenset({"joint-cell"}),
    purpose="a benchmark",
    test={"en": "It is a benchmark.", "fr": "C’est un banc d’essai."},
    fields={"disclosure": FIELDS},
    forms=frozenset({"signal"}),
    since=date(2020, 1, 1),
)
STRENGTHS = ("exact", "match", "corroborate")
MARKINGS = ("PB//TLP:AMBER", "PB//TLP:AMBER//REL:CAN", "PA//TLP:GREEN")


def signals(count: int, seed: int) -> pa.Table:
    """Hits on names, each resting on two records; about 500 bytes a row as JSON."""
    random = Random(seed)
    rows = [
        {
            "row_id": _id(seed, "row", number),
            "revision": 0,
            "at": NOW - timedelta(seconds=number),
            "since": NOW - timedelta(days=1, seconds=number),
            "retracted": False,
            "desk": "listings",
            "rule": "listed-name",
            "subjects": [f"person:parcels:{number}", f"parcel:feed:{number}"],
            "strength": random.choice(STRENGTHS),
            "score": random.random(),
            "reason": {"message": "exchange.pointer", "params": f'{{"node":"parcel {number}"}}'},
            "evidence": [_id(seed, "one", number), _id(seed, "two", number)],
            "coverage": [],
            "origins": [],
            "marking": random.choice(MARKINGS),
        }
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows, SIGNAL)


def nodes(folder: Path) -> tuple[Floor, Floor]:
    """Two floors with keys exchanged."""
    made = [
        Floor.create(folder / name, WHO, name=name, ceiling="PB//TLP:RED", exercise=True)
        for name in ("bank-a", "cell")
    ]
    for one, other in (made, made[::-1]):
        peers.trust(
            one,
            WHO,
            other.signer.verifier.text,
            name=other.settings.name,
            institution="joint-cell",
            country="CAN",
            ceiling="PB",
            checked="same machine",
        )
    return made[0], made[1]


def _id(seed: int, what: str, number: int) -> bytes:
    return blake2b(f"{seed} {what} {number}".encode(), digest_size=16).digest()
