"""A small world for the shared tests: presumptions that are confirmed, cleared, put right, and nothing.

Devices are checked by chromatography and become strong or weak, readings carry doubts and several results, a
substance is controlled on some days only, dogs alert and an unlisted member of a family turns up.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import READING
from watchfloor.desks.base import Refs
from watchfloor.formats.lab.reading_quality import QUALITY

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CONTROLS: Final = pa.table(
    {
        "substance": ["substance:cas:437-38-7", "substance:cas:299-42-3", "substance:cas:50-36-2"],
        "name": ["fentanyl", "ephedrine", "cocaine / cocaïne"],
        "schedule": ["I", "VI", "I"],
        "item": ["16(5)", "4", "2(2)"],
        "since": pa.array([None, date(2025, 1, 1), date(2026, 1, 1)], pa.date32()),
        "until": pa.array([None, None, date(2026, 1, 1)], pa.date32()),
        "inchikey": ["PJMPHNIQZUBGLI-UHFFFAOYSA-N", None, None],
        "part": [None, "1", None],
    }
)
SUBSTANCES: Final = (
    *CONTROLS["substance"].to_pylist(),
    "substance:inchikey:PJMPHNIQZUBGLI-UHFFFAOYSA-N",
    "substance:cas:58-08-2",
    None,
)
LEVELS: Final = ("identified", "presumptive", "presumptive", "inconclusive", "not-detected", None)
METHODS: Final = ("gc-ms", "gc-ms", "raman", "immunoassay", "ims", "dog", "x-ray")
NAMES: Final = (
    "target:drugs",
    "target:currency",
    "threat:contraband object 1",
    "class:fentanyl (amide)",
    "caffeine",
)


def sample(seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Tables by kind, and references; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a sample is meant to be repeated
    rows = [_reading(random, number) for number in range(240)]
    rows += [_profile(random, number) for number in range(240, 300)]
    return {"reading": pa.Table.from_pylist(rows, READING.schema)}, Refs(bytes(32), {"controls": CONTROLS})


def _reading(random: Random, number: int) -> dict[str, Any]:
    report = random.randrange(200)
    at = START + timedelta(minutes=random.randrange(2 * 24 * 60))
    method = random.choice(METHODS)
    return dict.fromkeys(READING.schema.names) | {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"A-{report}" if report % 10 else None,
        "source": "bench",
        "origins": random.choice([[], ["first-report"]]),
        "observed_at": at,
        "marking": random.choice(["PB//TLP:AMBER", "PB//TLP:RED"]),
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": f"parcel:post:{random.randrange(24)}",
        "instrument": method,
        "method": method,
        "serial": random.choice([None, "1", "1", "2"]),
        "substance": random.choice(SUBSTANCES),
        "level": random.choice(LEVELS),
        "matrix": random.choice([None, "powder", "parcel", "swab", "blank"]),
        "mass": random.choice([None, 12.5]),
        "mass_error": random.choice([None, 0.05]),
        "calibrated_at": random.choice([None, at - timedelta(days=1), at + timedelta(days=1)]),
        "calibrated_until": random.choice([None, None, at + timedelta(days=2)]),
        "quality": random.choice([[], [], [], [random.choice(QUALITY)], ["a remark"]]),
        "results": random.choice([None, None, [_result(random)], [_result(random), _result(random)]]),
        "peaks": [105.0, 146.0],
        "intensity": [1.0, 0.4],
    }


def _profile(random: Random, number: int) -> dict[str, Any]:
    """A profile of one of four batches, of which two are kept under another marking."""
    item = random.randrange(12)
    areas = [(one * 7919 + item % 4 * 104_729) % 97 + random.randrange(4) for one in range(8)]
    results = [
        _result(random) | {"substance": None, "name": f"peak:{name}", "share": area / sum(areas)}
        for name, area in zip(("A", "B", "C", "D", "E", "F", "2.500 min", "3.100 min"), areas, strict=True)
    ]
    return _reading(random, number) | {
        "report_key": f"P-{random.randrange(200, 250)}",
        "subject": f"parcel:post:{item}",
        "method": "gc",
        "substance": None,
        "level": None,
        "matrix": random.choice([None, "powder", "powder", "blank"]),
        "exhibit": random.choice([None, None, "1"]),
        "procedure": random.choice([None, "GC-7; FID1", "GC-7; FID1", "GC-7; FID1", "GC-8"]),
        "results": [one | {"level": "inconclusive"} for one in results],
    }


def _result(random: Random) -> dict[str, Any]:
    substance = random.choice(SUBSTANCES)
    return {
        "substance": substance,
        "name": random.choice(NAMES) if substance is None else "as the library says",
        "level": random.choice([one for one in LEVELS if one]),
        "share": random.choice([None, 0.04]),
        "share_low": random.choice([None, 0.02]),
        "share_high": random.choice([None, 0.07]),
        "by": random.choice([None, "weight", "signal"]),
    }


def compile_spectra() -> None:
    """Read a stepped and a listed table of JCAMP-DX."""
    from watchfloor.formats.lab.spectra import jcamp

    tables = "##XYDATA=(X++(Y..Y))\n1A0JT%\n##END=\n", "##PEAK TABLE=(XY..XY)\n1,2 3,4\n##END=\n"
    list(jcamp.read(BytesIO("".join(f"##TITLE= x\n{one}" for one in tables).encode()), "sample"))


def compile_search() -> None:
    """Look for a spectrum in a library of two."""
    import numpy as np

    from watchfloor.desks.lab.search.find import hits
    from watchfloor.desks.lab.search.kernels import greedy
    from watchfloor.desks.lab.search.library import build
    from watchfloor.formats.lab.spectra.base import Spectrum

    x, y = np.array([50.0, 60.0]), np.array([1.0, 2.0])
    two = build(Spectrum(name, "ms", x, y, "m/z", "intensity", True, "line 1") for name in "ab")
    hits(two, x, y, 1)
    greedy(x, y, x, y, 0.01)


KERNELS: Final = (compile_spectra, compile_search)
"""Parts that compile at the same time."""
