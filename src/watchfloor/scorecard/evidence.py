"""Which facts there are: records of a floor that a reader may see, files, or the package's own table.

A series of a floor or of a file replaces that of the package, whole: the package's cells are sums.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyarrow as pa

from watchfloor.planning.inspections import files
from watchfloor.records.kinds import STATISTIC
from watchfloor.records.messages import Message, declare, reason
from watchfloor.reference.statistics.facts import packaged
from watchfloor.release.policy import Reader
from watchfloor.scorecard.facts import COLUMNS, PROVENANCE, Facts, Series, facts
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.said import Said, joined, number, said
from watchfloor.scorecard.titles import title
from watchfloor.store.floor import Floor

NO_STATISTICS: Final = declare(
    "scorecard.no-statistics",
    en="no statistics were read from {path}: {told}",
    fr="aucune statistique n’a été lue de {path} : {told}",
)
OF_FLOOR: Final = declare(
    "scorecard.evidence-floor",
    en="{count} numbers that are records of this floor ({series})",
    fr="{count} chiffres qui sont des enregistrements de ce plateau ({series})",
)
OF_FILES: Final = declare(
    "scorecard.evidence-files",
    en="{count} numbers of files ({series})",
    fr="{count} chiffres de fichiers ({series})",
)
OF_PACKAGE: Final = declare(
    "scorecard.evidence-package",
    en="{count} numbers of the package’s own table ({series})",
    fr="{count} chiffres du tableau du logiciel ({series})",
)


@dataclass(frozen=True)
class Evidence:
    """Facts of every vintage, what they are in a sentence, and what could not be read of files."""

    facts: Facts
    said: Said
    told: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Of every number with its vintage, SHA-256 in hexadecimal, in whatever order they came."""
        hashes = [one for name in sorted(self.facts.series) for one in _hashes(self.facts.series[name])]
        return sha256(b"".join(sorted(hashes))).hexdigest()


def of_package() -> Evidence:
    """The package's own table."""
    return _evidence(packaged(), OF_PACKAGE)


def of_files(paths: Iterable[Path], say: Callable[[str], None] = files.silent) -> Evidence:
    """Facts of files and folders over those of the package. Raises `WrongQuestion` where there are none."""
    paths = list(paths)
    found = files.read(paths, [STATISTIC.name], say, standing=False)
    rows = files.rows_of(found, STATISTIC.name)
    if not rows.num_rows:
        told = "; ".join(found.told) or "–"
        raise WrongQuestion(reason(NO_STATISTICS, path=", ".join(map(str, paths)), told=told))
    made = _over(_evidence(rows, OF_FILES), of_package())
    return Evidence(made.facts, made.said, tuple(found.told))


def of_floor(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> Evidence:
    """Facts that are records which a reader may see, over those of the package."""
    rows = floor.read(STATISTIC.name, reader, as_of, [*COLUMNS, *PROVENANCE])
    return _over(_evidence(rows, OF_FLOOR), of_package()) if rows.num_rows else of_package()


def _evidence(rows: pa.Table, message: Message) -> Evidence:
    found = facts(rows)
    return Evidence(found, said(message, count=number(rows.num_rows), series=joined(map(title, sorted(found.series)))))


def _over(ours: Evidence, package: Evidence) -> Evidence:
    left = {name: one for name, one in package.facts.series.items() if name not in ours.facts.series}
    if not left:
        return ours
    rest = _evidence(pa.concat_tables([one.rows for one in left.values()]), OF_PACKAGE)
    return Evidence(ours.facts.over(Facts(left)), joined([ours.said, rest.said], "; "))


def _hashes(one: Series) -> list[bytes]:
    columns = (
        one.start.tolist(),
        one.end.tolist(),
        one.vintage.tolist(),
        one.measures.tolist(),
        one.rows["cell"].to_pylist(),
        one.value.tolist(),
    )
    rows = zip(*columns, strict=True)
    return [sha256(repr((one.name, *row)).encode()).digest() for row in rows]
