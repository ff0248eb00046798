"""The weight table: (hypothesis, rule, strength) to bits, one file that fits a screen."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from math import isfinite
from pathlib import Path


class WeightError(ValueError):
    """A weight table that cannot be used; the message names the row."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One hypothesis: its prior log-odds and what each (rule, strength) adds, all in bits."""

    name: str
    prior: float
    bits: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Weights:
    """All hypotheses, and the digest of the table that a lead names."""

    hypotheses: Mapping[str, Hypothesis]
    digest: str


def load(path: Path | None = None) -> Weights:
    """Read a weight table; without a path, the one that comes with the package.

    Raises:
        WeightError: a row is no finite number or a hypothesis has no prior.
    """
    text = path.read_text("utf-8") if path else (files(__package__) / "weights.toml").read_text("utf-8")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WeightError(f"{path or 'weights.toml'}: {error}") from error
    return Weights({n: _hypothesis(n, rows) for n, rows in tables.items()}, sha256(text.encode()).hexdigest())


def _hypothesis(name: str, rows: Mapping[str, object]) -> Hypothesis:
    if "prior" not in rows:
        raise WeightError(f"hypothesis {name!r} has no prior")
    bits = {
        (rule, strength): _number(f"{name}.{rule}.{strength}", value)
        for rule, strengths in rows.items()
        if isinstance(strengths, dict)
        for strength, value in strengths.items()
    }
    return Hypothesis(name, _number(f"{name}.prior", rows["prior"]), bits)


def _number(where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise WeightError(f"{where}: {value!r} is no finite number of bits")
    return float(value)
