"""AIS sentences for tests: of any bits, of fields, in any order."""

from random import Random

from watchfloor.formats.sensors.ais.encode import LENGTHS, checksum, lines, payload
from watchfloor.formats.sensors.ais.tables import STATIC_B, STATIC_B_AUXILIARY

PLACES = (1, 2, 3, 4, 5, 9, 11, 18, 19, 21, 24, STATIC_B, STATIC_B_AUXILIARY, 27)
TIME = 1_790_000_000_000_000
"""Microseconds since 1970."""


def random_payload(place: int, draw: Random) -> tuple[str, int]:
    """A message of a type with any bits: each field has any value, also those that no sender should send."""
    size = LENGTHS.get(place, 168) + (8 * draw.randrange(12) if place == 21 else 0)
    bits = draw.getrandbits(size)
    kind = 24 if place >= STATIC_B else place
    fixed = [(0, 6, kind)]
    if kind == 24:
        fixed.append((38, 2, int(place >= STATIC_B)))
        fixed.append(
            (8, 30, (980 if place == STATIC_B_AUXILIARY else 316) * 1_000_000 + draw.randrange(10**6))
        )
    for start, width, value in fixed:
        mask = ((1 << width) - 1) << (size - start - width)
        bits = bits & ~mask | value << (size - start - width)
    fill = -size % 6
    count = (size + fill) // 6
    sextets = [(bits << fill >> 6 * (count - 1 - i)) & 63 for i in range(count)]
    return "".join(chr(one + (48 if one < 40 else 56)) for one in sextets), fill


def random_messages(seed: int, count: int, micros: int | None = TIME) -> list[list[str]]:
    """Messages, each as its sentences."""
    draw = Random(seed)
    return [
        list(lines(*random_payload(draw.choice(PLACES), draw), micros and micros + i, sequence=i % 10))
        for i in range(count)
    ]


def log(messages: list[list[str]]) -> bytes:
    """A file of messages, one behind the other."""
    return "".join(line + "\n" for message in messages for line in message).encode()


def sentence(place: int, time: str = "", **fields: int | str) -> str:
    """A message in one sentence, behind a time."""
    (line,) = lines(*payload(place, {"mmsi": 316001234, **fields}))
    return time + line


def tagged(line: str, tags: str) -> str:
    return f"\\{tags}*{checksum(tags)}\\{line}"
