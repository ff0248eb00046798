"""The weight table: hypotheses, their priors, and (rule, strength) to bits, in one file that can be read."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from math import inf, isfinite
from pathlib import Path
from typing import Any, Final

from watchfloor.core.messages import Language
from watchfloor.core.results import RESULTS
from watchfloor.formats.settings import read_text

PACKAGED: Final = "weights.toml"
REPORTED: Final = "reported"
"""Rule of what persons report; `reported.<hypothesis>` where the author says what it speaks to."""

SHARE: Final = 1 / 3
"""What a signal is worth to a hypothesis behind its own, and a report that names none. Judgement."""

DEFAULT_SD: Final = 1.5
"""Standard deviation of a row in bits, where neither it nor its hypothesis gives one: a factor of three."""

_SETTINGS: Final = {"title", "prior", "prior_sd", "rank", "sd", "behind"}
_RESERVED: Final = {"dependent", "shared", "findings"}
FINDING: Final = "finding"
"""Rule of what came of a lead; its strengths are the results that say something of the hypothesis."""


class WeightError(ValueError):
    """A weight table that cannot be used; the message names the row."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One hypothesis: its prior log-odds and what each (rule, strength) adds, all in bits.

    Attributes:
        name: as commands and records write it.
        prior: log2 odds before any signal.
        bits: of each (rule, strength).
        sd: standard deviation of those bits; rows that are not there have `default_sd`.
        prior_sd: standard deviation of the prior.
        rank: 1 is looked at before 2, whatever the probability.
        title: what it says, by language.
        rules: the rules that speak to it.
    """

    name: str
    prior: float
    bits: Mapping[tuple[str, str], float]
    sd: Mapping[tuple[str, str], float] = field(default_factory=dict)
    default_sd: float = DEFAULT_SD
    prior_sd: float = DEFAULT_SD
    rank: int = 2
    title: Mapping[str, str] = field(default_factory=dict)
    rules: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", frozenset(rule for rule, _ in self.bits))

    def sd_of(self, rule: str, strength: str) -> float:
        """Standard deviation of a row, in bits."""
        return self.sd.get((rule, strength), self.default_sd)

    def called(self, language: Language) -> str:
        """Its title, or its name where it has none."""
        return self.title.get(language, self.name)


@dataclass(frozen=True, slots=True)
class Dependent:
    """Rules whose signals repeat part of one another: each but the strongest counts `1 - correlation`."""

    rules: frozenset[str]
    correlation: float


@dataclass(frozen=True, slots=True)
class Weights:
    """All hypotheses, groups of dependent rules, and bits of findings; a lead names the table's digest."""

    hypotheses: Mapping[str, Hypothesis]
    digest: str
    dependent: Mapping[str, Dependent] = field(default_factory=dict)
    findings: Mapping[str, float] = field(default_factory=dict)


def load(path: Path | None = None) -> Weights:
    """Read a weight table; without a path, the one that comes with the package.

    Raises:
        WeightError: a row is no finite number or a hypothesis has no prior.
        SettingsError: the file is no UTF-8 text.
    """
    return _parse_again(text_of(path), str(path or PACKAGED))


def text_of(path: Path | None = None) -> str:
    """The text of a weight table; without a path, of the packaged one. Raises `SettingsError`: no UTF-8."""
    return read_text(path) if path else (files(__package__) / PACKAGED).read_text("utf-8")


def parse(text: str, name: str) -> Weights:
    """A weight table from the text of the file of that name. Raises `WeightError`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WeightError(f"{name}: {error}") from error
    shared = tables.get("shared", {})
    named = {name: rows for name, rows in tables.items() if name not in _RESERVED}
    plain = {name: _hypothesis(name, rows, shared) for name, rows in named.items()}
    return Weights(
        {name: _behind(plain, each, named[name].get("behind", ()), shared) for name, each in plain.items()},
        sha256(text.encode()).hexdigest(),
        {name: _dependent(name, rows) for name, rows in tables.get("dependent", {}).items()},
        {name: _finding(name, bits) for name, bits in tables.get("findings", {}).items()},
    )


_parse_again = lru_cache(maxsize=8)(parse)
"""Every look at a lead needs the table, and it is the same text each time."""


def _hypothesis(name: str, rows: Mapping[str, Any], shared: Mapping[str, Any]) -> Hypothesis:
    if "prior" not in rows:
        raise WeightError(f"hypothesis {name!r} has no prior")
    reported = {f"{REPORTED}.{name}": shared[REPORTED]} if REPORTED in shared else {}
    rules = reported | {rule: row for rule, row in rows.items() if rule not in _SETTINGS}
    if wrong := [rule for rule, row in rules.items() if not isinstance(row, dict)]:
        raise WeightError(
            f"{name}.{wrong[0]} is no table of strengths; settings are {', '.join(sorted(_SETTINGS))}"
        )
    pairs = {
        (rule, strength): _row(f"{name}.{rule}.{strength}", value)
        for rule, strengths in rules.items()
        for strength, value in strengths.items()
    }
    return Hypothesis(
        name,
        _number(f"{name}.prior", rows["prior"]),
        {at: bits for at, (bits, _) in pairs.items()},
        {at: sd for at, (_, sd) in pairs.items() if sd is not None},
        _spread(f"{name}.sd", rows.get("sd", DEFAULT_SD)),
        _spread(f"{name}.prior_sd", rows.get("prior_sd", DEFAULT_SD)),
        _rank(name, rows.get("rank", 2)),
        rows.get("title", {}),
    )


def _behind(
    plain: Mapping[str, Hypothesis], one: Hypothesis, others: Iterable[str], shared: Mapping[str, Any]
) -> Hypothesis:
    """A hypothesis behind others takes their signals, and reports that name none, at a share."""
    if not others:
        return one
    bits: dict[tuple[str, str], float] = {}
    for other in others:
        if other not in plain:
            raise WeightError(f"{one.name}.behind: {other!r} is no hypothesis of this table")
        for at, value in plain[other].bits.items():
            bits[at] = max(value * SHARE, bits.get(at, -inf))
    for pair, value in shared.get(REPORTED, {}).items():
        bits[REPORTED, pair] = _row(f"shared.{REPORTED}.{pair}", value)[0] * SHARE
    return replace(one, bits=bits | dict(one.bits))


def _dependent(name: str, rows: Mapping[str, Any]) -> Dependent:
    correlation = _number(f"dependent.{name}.correlation", rows.get("correlation"))
    if not 0 <= correlation <= 1:
        raise WeightError(f"dependent.{name}.correlation: {correlation} is not between 0 and 1")
    return Dependent(frozenset(rows.get("rules", ())), correlation)


def _finding(name: str, value: object) -> float:
    if name not in RESULTS:
        raise WeightError(f"findings.{name} is no result; there are {', '.join(RESULTS)}")
    return _number(f"findings.{name}", value)


def _row(where: str, value: object) -> tuple[float, float | None]:
    if isinstance(value, dict):
        sd = value.get("sd")
        return _number(f"{where}.bits", value.get("bits")), None if sd is None else _spread(f"{where}.sd", sd)
    return _number(where, value), None


def _number(where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise WeightError(f"{where}: {value!r} is no finite number of bits")
    return float(value)


def _spread(where: str, value: object) -> float:
    if (sd := _number(where, value)) < 0:
        raise WeightError(f"{where}: a standard deviation is not negative")
    return sd


def _rank(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise WeightError(f"{name}.rank: {value!r} is no rank; 1 comes first")
    return value
