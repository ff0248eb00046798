"""Which facts there are: records of a floor that a reader may see, files, or the package's own table.

A series of a floor or of a file replaces that of the package, whole: the package's cells are sums.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyarrow as pa

from watchfloor.core.kinds import STATISTIC
from watchfloor.core.messages import Message, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.reference.statistics.facts import packaged
from watchfloor.scorecard.bilingual import Text, fill, joined, number
from watchfloor.scorecard.facts import COLUMNS, PROVENANCE, Facts, facts
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.titles import title
from watchfloor.store.floor import Floor

NO_STATISTICS: Final = declare("scorecard.no-statistics", "path", "told")
OF_FLOOR: Final = declare("scorecard.evidence-floor", "count", "series")
OF_FILES: Final = declare("scorecard.evidence-files", "count", "series")
OF_PACKAGE: Final = declare("scorecard.evidence-package", "count", "series")


@dataclass(frozen=True)
class Evidence:
    """Facts of every vintage.

    Attributes:
        facts: they.
        parts: names of series by the sentence that says where they come from.
        told: what could not be read of files.
        unread: how many pieces of the files or feeds could not be read, and are in no sum.
    """

    facts: Facts
    parts: tuple[tuple[Message, frozenset[str]], ...] = ()
    told: tuple[str, ...] = ()
    unread: int = 0

    @property
    def sentence(self) -> Text:
        """Return a sentence that counts the series."""
        texts = []
        for message, names in self.parts:
            mine = [self.facts.series[name] for name in sorted(names & self.facts.series.keys())]
            count = number(sum(one.rows.num_rows for one in mine))
            if mine:
                texts.append(fill(message, count=count, series=joined(title(one.name) for one in mine)))
        return joined(texts, "; ")

    @property
    def digest(self) -> str:
        """Of every number with its vintage, SHA-256 in hexadecimal, in whatever order they came.

        Numbers of departments' own series are not in it: who guesses one could see by the digest that he is
        right, before the department agreed to it. A figure that may appear has a digest of its own.
        """
        others = [one for name, one in sorted(self.facts.series.items()) if not self.facts.owner(name)]
        return sha256(b"".join(sorted(each for one in others for each in one.hashes))).hexdigest()

    def of_page(self, on: date, agreed: Collection[str]) -> "Evidence":
        """Return the evidence that a page may tell of: public by its day, so that old pages stay as they are,
        and of departments' own series those of which a figure appears.
        """
        facts = self.facts
        seen = {
            name: one.public(on)
            for name, one in facts.series.items()
            if name in agreed or not facts.owner(name)
        }
        return replace(self, facts=Facts({name: one for name, one in seen.items() if one.rows.num_rows}))


@cache
def of_package() -> Evidence:
    """The package's own table, with what was computed from it in this process."""
    return _evidence(packaged(), OF_PACKAGE)


def of_files(paths: Iterable[Path], say: Callable[[str], None] | None = None) -> Evidence:
    """Facts of files and folders over those of the package. Raises `WrongQuestion` where there are none."""
    from watchfloor.feeds import files  # every format comes with it

    paths = list(paths)
    found = files.read(paths, [STATISTIC.name], say or files.silent, standing=False)
    rows = files.rows_of(found, STATISTIC.name)
    if not rows.num_rows:
        told = "; ".join(found.told) or "–"
        raise WrongQuestion(reason(NO_STATISTICS, path=", ".join(map(str, paths)), told=told))
    made = _over(_evidence(rows, OF_FILES), of_package())
    return replace(made, told=tuple(found.told), unread=found.faults)


def of_floor(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> Evidence:
    """Facts that are records which a reader may see, over those of the package."""
    rows = floor.read(STATISTIC.name, reader, as_of, [*COLUMNS, *PROVENANCE])
    if not rows.num_rows:
        return of_package()
    sources = set(rows["source"].unique().to_pylist())
    waiting = sum(piece.source in sources for piece in floor.quarantine(reader=reader))
    return replace(_over(_evidence(rows, OF_FLOOR), of_package()), unread=waiting)


def _evidence(rows: pa.Table, message: Message) -> Evidence:
    found = facts(rows)
    return Evidence(found, ((message, frozenset(found.series)),))


def _over(ours: Evidence, package: Evidence) -> Evidence:
    left = package.facts.series.keys() - ours.facts.series.keys()
    rest = tuple((message, names & left) for message, names in package.parts)
    return Evidence(ours.facts.over(package.facts), (*ours.parts, *rest))
