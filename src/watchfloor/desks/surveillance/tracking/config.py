"""Settings of the tracker: names with units, defaults that work on unknown recordings."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np


class ConfigError(ValueError):
    """A setting that the tracker does not know or cannot use; the message names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a `Tracker`.

    What a recording can teach (detection probability, clutter, missing errors, whether a sensor scans) is
    learned; the settings are where learning starts and what it cannot know.

    Attributes:
        axes: `earth` (places are metres from the Earth's centre), `plane`, or `auto`: the first report
            decides, by whether its third coordinate is zero.
        motion_noise: of each motion model, spectral density of the white acceleration, m²/s³.
        motion_swerve: of each, what is added to it for each (m/s)² of speed, 1/s: the faster, the wider.
        motion_turn: of each, the rate of turn, rad/s anticlockwise.
        motion_memory_seconds: of each, how long a velocity lasts; 0 is for ever. Not of one that turns.
        motion_share: of each, the share of time that objects spend in it.
        motion_change_seconds: of each, the mean time until it is left.
        speed_start: standard deviation of an unknown velocity, m/s per axis.
        gate: squared Mahalanobis distance beyond which a report cannot be of a track.
        exists_birth: probability that an unexplained report is a new object, before a sensor has taught it.
        exists_lone: the same of a sensor that does not scan, as of a receiver of self-reports.
        exists_confirm: probability of existence from which a track is confirmed.
        exists_show: below it a confirmed track is not told as such until it is seen again.
        exists_drop: below it a track is ended.
        life_seconds: mean life of an object in view of a scanning sensor.
        hidden_seconds: how long an object that a sensor cannot see usually stays hidden from it.
        look_seconds: looks of one sensor that follow sooner are not independent, and count for less.
        aim_seconds: the same of bearings, whose errors change slowly.
        silence_seconds: after so long without a report a track is ended.
        detection_start: detection probability of a sensor that has taught none.
        position_error_start: standard deviation of reports that state none, metres, before it is learned.
        position_error_least: no stated error is believed below it, metres.
        horizon_seconds: a report farther ahead of the clock is refused until others bear it out.
        rewind_seconds: a report older than the clock by more is refused as too late.
        rewind_updates: updates of tracks that are kept for late reports, a power of two.
        soft: whether a track with no rival is updated by the average over its reports.
        hide_still: whether a track that has not gone anywhere in ten seconds is not shown.
        echoes: whether what a scanning sensor that says where it is reports behind a track may be its echo.
        extents: whether objects may be longer than what a sensor errs.
        mapped: whether places from which a scanning sensor gets returns again and again are learned.
        manoeuvres: whether a new track within reach of a silent one may be that one, turned or stopped.
        identity_weight: how much likelier a report of the same claimed identity is; 1 hides identities.
        identity_change: the same of a report that claims another; few objects change their name on the way.
        tell_tentative: whether rows of tracks not yet confirmed are told when a report touches them.
        tracks_most: no more tracks than these are kept.
        scan_longest_seconds: a scan is cut when it takes longer.
    """

    axes: str = "auto"
    motion_noise: tuple[float, ...] = (0.004, 0.005, 0.02, 0.02, 1.0)
    motion_swerve: tuple[float, ...] = (0.0, 5e-5, 1e-3, 1e-3, 0.02)
    motion_turn: tuple[float, ...] = (0.0, 0.0, 0.09, -0.09, 0.0)
    motion_memory_seconds: tuple[float, ...] = (5.0, 0.0, 0.0, 0.0, 60.0)
    motion_share: tuple[float, ...] = (0.05, 0.5, 0.2, 0.2, 0.05)
    motion_change_seconds: tuple[float, ...] = (7200.0, 200.0, 60.0, 60.0, 60.0)
    speed_start: float = 10.0
    gate: float = 20.0
    exists_birth: float = 0.06
    exists_lone: float = 0.5
    exists_confirm: float = 0.99
    exists_show: float = 0.6
    exists_drop: float = 0.003
    life_seconds: float = 300.0
    hidden_seconds: float = 10.0
    look_seconds: float = 1.0
    aim_seconds: float = 30.0
    silence_seconds: float = 3_600.0
    detection_start: float = 0.8
    position_error_start: float = 15.0
    position_error_least: float = 0.1
    horizon_seconds: float = 900.0
    rewind_seconds: float = 30.0
    rewind_updates: int = 16_384
    soft: bool = True
    hide_still: bool = True
    echoes: bool = True
    extents: bool = True
    mapped: bool = True
    manoeuvres: bool = True
    identity_weight: float = 1e3
    identity_change: float = 1e-9
    tell_tentative: bool = False
    tracks_most: int = 200_000
    scan_longest_seconds: float = 15.0

    def __post_init__(self) -> None:
        models = [getattr(self, name) for name in _MODELS]
        if len({len(values) for values in models}) != 1 or not models[0]:
            raise ConfigError(f"{', '.join(_MODELS)} need one number for each motion model.")
        if self.axes not in ("auto", "earth", "plane"):
            raise ConfigError(f"axes is {self.axes!r}; it must be auto, earth or plane.")

    @classmethod
    def load(cls, path: Path) -> "Config":
        """The settings in a TOML file. Raises `ConfigError` for a name that is not a setting."""
        with path.open("rb") as file:
            return cls.from_settings(tomllib.load(file))

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> "Config":
        """The settings given by name, defaults for the others."""
        known = sorted(field.name for field in fields(cls))
        for name in settings:
            if name not in known:
                raise ConfigError(f"{name} is not a setting of the tracker. Settings: {', '.join(known)}.")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
        return cls(**values)

    @property
    def models(self) -> int:
        """How many motion models there are."""
        return len(self.motion_noise)

    def knobs(self) -> np.ndarray:
        """The same for the kernels: an array of one record, times as rates, errors as variances."""
        memory, share = np.array(self.motion_memory_seconds, float), np.array(self.motion_share, float)
        values: dict[str, Any] = {
            "noise": self.motion_noise,
            "swerve": self.motion_swerve,
            "turn": self.motion_turn,
            "decay": np.divide(1, memory, out=np.zeros_like(memory), where=memory > 0),
            "share": share / share.sum(),
            "change": 1 / np.array(self.motion_change_seconds, float),
            "speed": self.speed_start,
            "gate": self.gate,
            "birth": self.exists_birth,
            "lone": self.exists_lone,
            "confirm": self.exists_confirm,
            "show": self.exists_show,
            "drop": self.exists_drop,
            "life": self.life_seconds,
            "hidden": self.hidden_seconds,
            "look": self.look_seconds,
            "aim": self.aim_seconds,
            "silence": self.silence_seconds,
            "detects": self.detection_start,
            "position_var": self.position_error_start**2,
            "least_var": self.position_error_least**2,
            "horizon": self.horizon_seconds,
            "rewind": self.rewind_seconds,
            "soft": self.soft,
            "still": self.hide_still,
            "echoes": self.echoes,
            "extents": self.extents,
            "mapped": self.mapped,
            "manoeuvres": self.manoeuvres,
            "identity": self.identity_weight,
            "other": self.identity_change,
            "tentative": self.tell_tentative,
            "most": self.tracks_most,
            "longest": self.scan_longest_seconds,
        }
        per_model = ("noise", "swerve", "turn", "decay", "share", "change")
        kinds = [(name, float, (self.models,) if name in per_model else ()) for name in values]
        found = np.zeros(1, np.dtype(kinds))
        for name, value in values.items():
            found[name] = value
        return found


_MODELS = (
    "motion_noise",
    "motion_swerve",
    "motion_turn",
    "motion_memory_seconds",
    "motion_share",
    "motion_change_seconds",
)
