"""The results of one reading in one cell of a table, as JSON.

    [{"name": "fentanyl", "substance": "substance:cas:437-38-7", "level": "presumptive", "share": 0.04}]

A cell holds several results of eight facts each; JSON says them so that any spreadsheet program keeps them.
"""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Final, Literal

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import RESULT
from watchfloor.core.subjects import parts, subject
from watchfloor.formats.tabular.values import Column, by_distinct

LEVELS: Final = ("identified", "presumptive", "inconclusive", "not-detected")
"""What a laboratory says of a substance that it looked for."""


class Result(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One result, as `core.kinds.RESULT` describes it."""

    name: str
    level: Literal["identified", "presumptive", "inconclusive", "not-detected"]
    substance: str | None = None
    score: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    by: Literal["weight", "signal"] | None = None


def results(texts: pa.Array) -> Column:
    """Lists of results; a cell that holds none of these gets a sentence."""
    return by_distinct(texts, _read, pa.list_(RESULT))


def write_results(rows: Iterable[Mapping[str, Any]]) -> str:
    """Results as `results` reads them back."""
    return msgspec.json.encode([msgspec.convert(dict(row), Result) for row in rows]).decode()


def _read(text: str) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(text, type=list[Result])
    except msgspec.DecodeError as error:
        raise ValueError(f"{text[:80]!r} holds no results of a reading: {error}") from None
    return [_checked(one) for one in found]


def _checked(result: Result) -> dict[str, Any]:
    shares = [one for one in (result.share_low, result.share, result.share_high) if one is not None]
    if any(not 0 <= one <= 1 for one in shares) or shares != sorted(shares):
        raise ValueError(f"{result.name}: shares lie between 0 and 1, the lower end first: {shares}")
    if result.score is not None and not isfinite(result.score):
        raise ValueError(f"{result.name}: its score is no finite number")
    if result.substance is not None:
        kind, system, number = parts(result.substance)
        if kind != "substance":
            raise ValueError(f"{result.substance!r} is a {kind}, not a substance")
        result.substance = subject(kind, system, number)
    return msgspec.structs.asdict(result)
