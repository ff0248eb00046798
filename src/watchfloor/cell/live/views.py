"""One fold a view: who may see the same of what comes live share one; what they may not see is not in it.

A view is the set of markings that its readers may see, of those that have come. When a marking comes that
some of them may see and others not, the fold is copied as it stands, and the two go on apart.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import parse
from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.policy.policy import Reader, allowed
from watchfloor.run.arrival import ArrivalRun
from watchfloor.store.views import visible

Desks = Mapping[str, Desk[Any]]


class Frozen(msgspec.Struct, frozen=True):
    """A fold of one view on paper: the markings it has seen, and the run of each desk."""

    sees: list[str]
    runs: dict[str, bytes]


class Fold:
    """The desks over what one view may see.

    Attributes:
        sees: markings that its readers may see, of those that have come.
        readers: who has this view.
        runs: by desk.
    """

    def __init__(self, sees: frozenset[str], readers: list[Reader], runs: dict[str, ArrivalRun]) -> None:
        self.sees, self.readers, self.runs = sees, readers, runs

    def step(
        self, inputs: Mapping[str, pa.Table], markings: Mapping[str, frozenset[str]], watermark: datetime
    ) -> dict[tuple[str, str], pa.Table]:
        """Fold what this view may see; gives what is new, by desk and derived kind.

        Args:
            inputs: rows by kind.
            markings: that these have, by kind.
            watermark: see `ArrivalRun.step`.
        """
        mine = {kind: self._seen(rows, markings[kind]) for kind, rows in inputs.items()}
        return {
            (name, kind): rows
            for name, run in self.runs.items()
            for kind, rows in run.step(mine, watermark).items()
        }

    def _seen(self, rows: pa.Table, markings: frozenset[str]) -> pa.Table:
        """The rows that this view may see; to copy all of fifty columns takes longer than to fold them."""
        if markings <= self.sees:
            return rows
        return rows.filter(pc.is_in(rows["marking"], pa.array(sorted(self.sees), pa.string())))

    def freeze(self) -> Callable[[], Frozen]:
        """Take what the fold knows now; what is returned writes it down, while the fold may go on."""
        sees, runs = sorted(self.sees), {name: run.freeze() for name, run in self.runs.items()}
        return lambda: Frozen(sees, {name: write() for name, write in runs.items()})


class Folds:
    """The folds of all views.

    Args:
        desks: that are run, by name.
        refs: what they use.
        markings: that have come so far.
        frozen: folds to go on from.
        readers: whose views are folded.

    Attributes:
        markings: that have come.
        folds: one a view.
        problem: why a fold that was saved could not be gone on from; empty: all could.
    """

    def __init__(
        self,
        desks: Desks,
        refs: Refs,
        readers: Iterable[Reader],
        markings: Iterable[str] = (),
        frozen: Iterable[Frozen] = (),
    ) -> None:
        self._desks, self._refs = desks, refs
        self.markings = frozenset(markings)
        self.problem = ""
        self._saved = {frozenset(one.sees): one.runs for one in frozen}
        self.folds: list[Fold] = []
        self.admit(readers)
        self._saved = {}

    def admit(self, readers: Iterable[Reader], today: date | None = None) -> None:
        """Whose views are folded from now on: whom the policy names may have changed, and so may the day.

        A view that nobody had is folded from what comes now. Markings that have ended by today are forgotten:
        what rests on them stays in the folds, and is shown to nobody.
        """
        ended = frozenset(text for text in self.markings if _over(text, today))
        self.markings -= ended
        for fold in self.folds:
            fold.sees -= ended
        of: dict[frozenset[str], list[Reader]] = {}
        for reader in readers:
            of.setdefault(visible(self.markings, reader), []).append(reader)
        there = {fold.sees: fold for fold in self.folds}
        self.folds = []
        for sees, some in of.items():
            fold = there.get(sees) or Fold(sees, some, self._runs(self._saved.get(sees, {})))
            fold.readers = some
            self.folds.append(fold)

    def step(
        self, inputs: Mapping[str, pa.Table], watermark: datetime
    ) -> list[tuple[Fold, dict[tuple[str, str], pa.Table]]]:
        """Fold rows by kind in every view; gives what is new in each."""
        told = {kind: pc.unique(rows["marking"]).to_pylist() for kind, rows in inputs.items()}
        for text in chain.from_iterable(told.values()):
            if text not in self.markings:
                self._meet(text)
        markings = {kind: frozenset(some) for kind, some in told.items()}
        return [(fold, fold.step(inputs, markings, watermark)) for fold in self.folds]

    def freeze(self) -> Callable[[], list[Frozen]]:
        """All folds on paper."""
        frozen = [fold.freeze() for fold in self.folds]
        return lambda: [write() for write in frozen]

    def _meet(self, text: str) -> None:
        """A marking that has not come before: a view of which only some may see it becomes two."""
        marking = parse(text)
        self.markings |= {text}
        for fold in list(self.folds):
            may = [reader for reader in fold.readers if allowed(reader, marking)]
            others = [reader for reader in fold.readers if not allowed(reader, marking)]
            if may and others:
                copies = self._runs({name: run.save() for name, run in fold.runs.items()})
                self.folds.append(Fold(fold.sees, others, copies))
            if may:
                fold.sees, fold.readers = fold.sees | {text}, may

    def _runs(self, saved: Mapping[str, bytes]) -> dict[str, ArrivalRun]:
        return {name: self._run(desk, saved.get(name)) for name, desk in self._desks.items()}

    def _run(self, desk: Desk[Any], saved: bytes | None) -> ArrivalRun:
        """A desk's run from where it was; from nothing where that is of another version."""
        try:
            return ArrivalRun(desk, self._refs, saved)
        except DeskError as error:
            if saved is None:
                raise
            self.problem = f"begun anew: {error}"
            return ArrivalRun(desk, self._refs)


def _over(text: str, today: date | None) -> bool:
    until = parse(text).retain_until
    return until is not None and today is not None and until < today
