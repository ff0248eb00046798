"""Quality of a reading: doubts that set it aside, or make it count for less.

Judgement, all of it, and on the careful side: what makes it likely that a signal is of another sample or of
the instrument itself sets a reading aside; what leaves that open lowers it by a step.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from watchfloor.formats.lab import reading_quality as flags

Effect = Literal["set aside", "lower", "none"]

EFFECTS: Final[Mapping[str, Effect]] = {
    flags.BLANK_FAILED: "set aside",
    flags.CALIBRANT_FAILED: "set aside",
    flags.BEFORE_CLEAR_DOWN: "set aside",
    flags.CONTROL_LINE_INVALID: "set aside",
    flags.CALIBRATION_AHEAD: "lower",
    flags.CALIBRATION_OVERDUE: "lower",
    flags.TOO_CONCENTRATED: "lower",
    flags.STRIP_EXPIRED: "lower",
    flags.BLANK_MISSING: "lower",
    flags.CALIBRANT_MISSING: "lower",
    flags.DILUTION_UNKNOWN: "lower",
    flags.LIBRARY_BEHIND: "lower",
    flags.NOT_BLIND: "lower",
    flags.OUTSIDE_WINDOW: "none",
    flags.BELOW_THRESHOLD: "none",
    **dict.fromkeys((flags.PEAKS_SATURATED, flags.AREAS_LEFT_OUT, flags.CHECKSUM_WRONG), "none"),
}
"""By flag, the gravest first. An alarm outside its window or below its threshold is inconclusive already, and
a profile names no substance."""


DOING: Final = tuple(flag for flag, effect in EFFECTS.items() if effect != "none")


def doubts(row: Mapping[str, Any]) -> list[str]:
    """The flags of a reading that do something, the gravest first: those stated, and those of its dates.

    Those of a row that holds them already, as `desk` makes it, are not worked out again.
    """
    if (held := row.get("doubts")) is not None:
        return held  # type: ignore[no-any-return]
    stated = [*(row["quality"] or ()), *calibration(row)]
    return [flag for flag in DOING if flag in stated] if stated else []


def calibration(row: Mapping[str, Any]) -> list[str]:
    """Return the doubts from a reading's calibration dates; none without dates."""
    at, until, observed = row["calibrated_at"], row["calibrated_until"], row["observed_at"]
    found = [flags.CALIBRATION_AHEAD] if at is not None and at > observed else []
    if until is not None and (until < observed or (at is not None and until < at)):
        found.append(flags.CALIBRATION_OVERDUE)
    return found


def usable(row: Mapping[str, Any]) -> bool:
    """Whether nothing sets a reading aside."""
    return not any(EFFECTS[flag] == "set aside" for flag in doubts(row))
