"""Findings of a reading: its results, and its own substance where they leave it out."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from watchfloor.formats.lab.reading_quality import CHECKS, CLASS, TARGET, THREAT

Row = Mapping[str, Any]

POSITIVE: Final = ("identified", "presumptive")
LEVELS: Final = (*POSITIVE, "not-detected")
"""Levels that say something; `inconclusive` says nothing."""

DRUGS: Final = f"{TARGET}drugs"
CONTRABAND: Final = (f"{THREAT}contraband", f"{THREAT}anomaly", f"{THREAT}pharmaceutical")
"""Categories of threat objects (DICOS) that drugs are reported under; an explosive or a laptop is another
matter."""


class Finding(NamedTuple):
    """One of them, as `core.kinds.RESULT` describes it."""

    substance: str | None
    name: str
    level: str
    share: float | None = None
    low: float | None = None
    high: float | None = None
    by: str | None = None

    @property
    def positive(self) -> bool:
        """Whether it was found, for certain or at first sight."""
        return self.level in POSITIVE

    @property
    def family(self) -> str | None:
        """The family of which it is an unlisted member: `fentanyl` of `class:fentanyl (amide)`."""
        name = self.name
        words = name[len(CLASS) :].replace("(", " ").split() if name.startswith(CLASS) else []
        return words[0].lower() if words else None

    @property
    def about(self) -> str:
        """Return its subject: a substance, a family, or a sort of thing without the number of the object."""
        return self.substance or (
            f"{CLASS}{self.family}" if self.family else self.name.partition(" object ")[0]
        )


def findings(row: Row) -> list[Finding]:
    """The findings of a reading that say something; none of a reading of the instrument itself.

    Those of a row that holds them already, as `desk` makes it, are not worked out again.
    """
    if (held := row.get("findings")) is not None:
        return held  # type: ignore[no-any-return]
    if row["matrix"] in CHECKS:
        return []
    found = [_finding(one) for one in row["results"] or ()]
    substance = row["substance"]
    stands_alone = not found or (substance and all(one.substance != substance for one in found))
    if row["level"] and stands_alone:
        found.insert(0, Finding(substance, substance or "", row["level"]))
    return [one for one in found if one.level in LEVELS]


def _finding(one: Row) -> Finding:
    shares = one["share"], one["share_low"], one["share_high"], one["by"]
    return Finding(one["substance"], one["name"], one["level"], *shares)
