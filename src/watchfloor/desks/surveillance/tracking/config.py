"""What an installation may set of the tracker: names with units, defaults that work on unknown recordings."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class ConfigError(ValueError):
    """A setting that the tracker does not know or cannot use; the message names it."""


class Knobs(NamedTuple):
    """The settings as the kernels take them: numbers and small arrays, one per motion model."""

    noise: np.ndarray
    decay: np.ndarray
    share: np.ndarray
    change: float
    speed: float
    gate: float
    birth: float
    confirm: float
    show: float
    drop: float
    life: float
    silence: float
    detects: float
    position_var: float
    least_var: float
    horizon: float
    rewind: float
    soft: int
    identity: float
    tentative: int
    most: int
    longest: float


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a `Tracker`.

    What a recording can teach (detection probability, clutter, missing errors, whether a sensor scans) is
    learned; the settings are where learning starts and what it cannot know.

    Attributes:
        axes: `earth` (places are metres from the Earth's centre), `plane`, or `auto`: the first report
            decides, by whether its third coordinate is zero.
        motion_noise: of each motion model, spectral density of the white acceleration, m²/s³.
        motion_memory_seconds: of each, how long a velocity lasts; 0 is for ever (constant velocity).
        motion_share: of each, the share of time that objects spend in it.
        motion_change_seconds: mean time between changes of model.
        speed_start: standard deviation of an unknown velocity, m/s per axis.
        gate: squared Mahalanobis distance beyond which a report cannot be of a track.
        exists_birth: probability that an unexplained report is a new object, before a sensor has taught it.
        exists_confirm: probability of existence from which a track is confirmed.
        exists_show: below it a confirmed track is not told as such until it is seen again.
        exists_drop: below it a track is ended.
        life_seconds: mean life of an object in view of a scanning sensor.
        silence_seconds: after so long without a report a track is ended.
        detection_start: detection probability of a sensor that has taught none.
        position_error_start: standard deviation of reports that state none, metres, before it is learned.
        position_error_least: no stated error is believed below it, metres.
        horizon_seconds: a report farther ahead of the clock is refused until others bear it out.
        rewind_seconds: a report older than the clock by more is refused as too late.
        soft: whether a track with no rival is updated by the average over its reports.
        identity_weight: how much likelier a report of the same claimed identity is; 1 hides identities.
        tell_tentative: whether rows of tracks not yet confirmed are told when a report touches them.
        tracks_most: no more tracks than these are kept.
        scan_longest_seconds: a scan is cut when it takes longer.
    """

    axes: str = "auto"
    motion_noise: tuple[float, ...] = (0.05, 3.0)
    motion_memory_seconds: tuple[float, ...] = (0.0, 60.0)
    motion_share: tuple[float, ...] = (0.77, 0.23)
    motion_change_seconds: float = 9.0
    speed_start: float = 10.0
    gate: float = 20.0
    exists_birth: float = 0.06
    exists_confirm: float = 0.95
    exists_show: float = 0.5
    exists_drop: float = 0.01
    life_seconds: float = 900.0
    silence_seconds: float = 3_600.0
    detection_start: float = 0.8
    position_error_start: float = 15.0
    position_error_least: float = 0.1
    horizon_seconds: float = 900.0
    rewind_seconds: float = 30.0
    soft: bool = True
    identity_weight: float = 1e3
    tell_tentative: bool = False
    tracks_most: int = 200_000
    scan_longest_seconds: float = 15.0

    def __post_init__(self) -> None:
        lengths = {len(self.motion_noise), len(self.motion_memory_seconds), len(self.motion_share)}
        if lengths not in ({2}, {3}):
            raise ConfigError(
                "motion_noise, motion_memory_seconds and motion_share need 2 or 3 numbers each."
            )
        if self.axes not in ("auto", "earth", "plane"):
            raise ConfigError(f"axes is {self.axes!r}; it must be auto, earth or plane.")

    @classmethod
    def load(cls, path: Path) -> "Config":
        """The settings in a TOML file. Raises `ConfigError` for a name that is not a setting."""
        with path.open("rb") as file:
            return cls.of(tomllib.load(file))

    @classmethod
    def of(cls, settings: dict[str, Any]) -> "Config":
        """The settings given by name, defaults for the others."""
        known = {field.name for field in fields(cls)}
        for name in settings:
            if name not in known:
                raise ConfigError(
                    f"{name} is not a setting of the tracker. Settings: {', '.join(sorted(known))}."
                )
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
        return cls(**values)

    def knobs(self) -> Knobs:
        """The same for the kernels."""
        memory = np.array(self.motion_memory_seconds, float)
        share = np.array(self.motion_share, float)
        return Knobs(
            noise=np.array(self.motion_noise, float),
            decay=np.where(memory > 0, 1 / np.where(memory > 0, memory, 1.0), 0.0),
            share=share / share.sum(),
            change=1 / self.motion_change_seconds,
            speed=self.speed_start,
            gate=self.gate,
            birth=self.exists_birth,
            confirm=self.exists_confirm,
            show=self.exists_show,
            drop=self.exists_drop,
            life=self.life_seconds,
            silence=self.silence_seconds,
            detects=self.detection_start,
            position_var=self.position_error_start**2,
            least_var=self.position_error_least**2,
            horizon=self.horizon_seconds,
            rewind=self.rewind_seconds,
            soft=int(self.soft),
            identity=np.log(self.identity_weight),
            tentative=int(self.tell_tentative),
            most=self.tracks_most,
            longest=self.scan_longest_seconds,
        )
