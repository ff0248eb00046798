"""Claims with their verdicts: some or all, from files of publishers or the package's own numbers.

check_claims(["crossings-share"], date(2026, 6, 30)).figures()
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from watchfloor.core.kinds import column
from watchfloor.core.messages import Language, declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard import claims as programs
from watchfloor.scorecard.assemble import Sources, released, whole
from watchfloor.scorecard.evidence import of_files, of_package
from watchfloor.scorecard.findings import Finding, Line
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.register import register

FIGURES: Final = pa.schema(
    [
        column("claim", pa.string(), "its name", nullable=False),
        column("verdict", pa.string(), "over all definitions; see `findings.Verdict`"),
        column("definition", pa.string(), "by which the figure is computed", nullable=False),
        column("value", pa.float64(), "a share or a change as part of one, a total as it is; null: none"),
        column("holds", pa.bool_(), "whether what was claimed holds of it; null: it cannot be said"),
        column("shown", pa.string(), "the arithmetic to the digit, or why there is none"),
        column("series", pa.string(), "that it rests on"),
    ]
)


NO_CLAIM_OR_LINE: Final = declare("scorecard.no-claim-or-line", "name", "near")


class NoSuchClaimError(Unanswerable, LookupError):
    """A name that is neither that of a claim nor the id of a line of the register."""


@dataclass(frozen=True)
class ClaimVerdicts:
    """Claims and lines with their verdicts; what may not be shown is withheld.

    Attributes:
        findings: about claims, in their order.
        lines: of the register, that no claim of the findings stands for.
        unread: a sentence on each piece of the files that could not be read and is in no sum.
    """

    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()

    def figures(self, language: Language = "en") -> pa.Table:
        """Return a row for each figure of a claim, the first of a claim as its words suggest."""
        return pa.Table.from_pylist(
            [
                {
                    "claim": one.claim,
                    "verdict": one.verdict,
                    "definition": figure.name,
                    "value": figure.value,
                    "holds": figure.holds,
                    "shown": figure.shown[language],
                    "series": figure.series,
                }
                for one in self.findings
                for figure in one.figures
            ],
            FIGURES,
        )


def check_claims(
    names: Collection[str] = (),
    on: date | None = None,
    *,
    statistics: Iterable[str | Path] = (),
    claims: Iterable[str | Path] = (),
    lines: str | Path | None = None,
) -> ClaimVerdicts:
    """Compute claims under each admissible definition and give each its verdict, without a floor.

    Args:
        names: of claims, or ids of lines of the register; empty for all of them.
        on: the day by which numbers must have been public; today.
        statistics: files or folders of publishers' tables; without them, the package's own numbers.
        claims: further claims, files or folders.
        lines: an office's own lines of the register.

    Raises:
        NoSuchClaimError: a name is that of nothing.
        WrongQuestion: a file of a claim, of the register or of statistics cannot be read.
    """
    paths = [Path(one) for one in statistics]
    evidence = of_files(paths) if paths else of_package()
    register_at = Path(lines) if lines is not None else None
    sources = Sources(evidence, register=register_at, claims=tuple(Path(one) for one in claims))
    return checked(sources, on or datetime.now(UTC).date(), names)


def checked(sources: Sources, on: date, names: Collection[str] = ()) -> ClaimVerdicts:
    """Return the claims of some names, or all, and the lines: all that have a verdict and are of no claim.

    Raises:
        NoSuchClaimError: a name is that of nothing.
        WrongQuestion: a file of a claim or of the register cannot be read.
    """
    held = [*programs.claims(sources.claims), *(one.id for one in register(sources.register))]
    for name in names:
        if name not in held:
            raise NoSuchClaimError(reason(NO_CLAIM_OR_LINE, name=name, near=nearest(name, held)))
    every = released(whole(sources, on, names), on, "working")
    findings = [one for one in every.findings if not names or one.claim in names]
    lines = [one for one in every.lines if (one.id in names if names else one.verdict and not one.claim)]
    return ClaimVerdicts(tuple(findings), tuple(lines), sources.evidence.told)
