"""Calibration of the probabilities that were shown, and weights fitted to what came of leads."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, argument, note, option
from watchfloor.cell import acts
from watchfloor.cell.acts import Unusable
from watchfloor.cell.learning import fits as kept
from watchfloor.cell.learning.calibration import CAPACITY, Calibration
from watchfloor.cell.learning.calibration import calibration as calibrated
from watchfloor.cell.learning.refit import Fit, Refitted
from watchfloor.cell.learning.refit import refit as refitted
from watchfloor.cell.weighing.weights import parse
from watchfloor.cell.wording.estimative_language import word
from watchfloor.core.messages import Language, declare, reason
from watchfloor.desks.registry import declare_messages
from watchfloor.formats.settings import nearest
from watchfloor.messages import figures

NO_HYPOTHESIS: Final = declare("learning.no-hypothesis", "hypothesis", "near")
NOTHING_TO_FIT: Final = declare("learning.nothing-to-fit", "file")
KEPT: Final = declare("learning.fit-kept", "file", "position")

BANDS: Final = ("word", "leads", "weight", "shown", "came", "interval")
FITTED: Final = ("rule", "strength", "bits", "new_bits", "true", "false")


class CalibrationView(Answer, frozen=True):
    """How good the probabilities were; null if no lead has an outcome that says true or false."""

    found: Calibration | None
    language: Language

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return the numbers, or that there are no leads."""
        return plain["found"] or {"leads": 0}

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield the reliability table, and a sentence on each score."""
        found = self.found
        if found is None:
            yield Line(say("learning.none"))
            return
        written = partial(figures, language=self.language)
        rows = (
            (
                *(word(band.upto, self.language), band.leads),
                *(written(f"{band.weight:.1%}"), written(f"{band.shown:.3f}")),
                *(written(f"{band.came.value:.3f}"), written(f"{band.came.low:.3f} – {band.came.high:.3f}")),
            )
            for band in found.bands
            if band.leads
        )
        yield Table("", (say(f"learning.{name}") for name in BANDS), rows)
        yield Line(say("learning.brier", **asdict(found.brier)))
        yield Line(say("learning.ece", ece=found.ece))
        yield Line(say("learning.precision", k=round(found.precision.cases), **asdict(found.precision)))
        about = {"audited": found.audited, "leads": found.leads, "rebuilt": found.rebuilt}
        yield Line(say("learning.audited" if found.audited else "learning.chosen", **about))
        if found.rebuilt:
            yield Line(say("learning.rebuilt", **about))


class Calibrate(Request, frozen=True):
    """Of which leads."""

    capacity: Annotated[int, option("Leads that can be looked at: precision is of so many.", minimum=1)] = (
        CAPACITY
    )
    hypothesis: Annotated[str, option("Only of this one.")] = ""


@action("calibration", "calibration --floor floor --capacity 10", weighs=True)
def calibration(context: Context, ask: Calibrate) -> CalibrationView:
    """Compare the probabilities that were shown with what came of the leads."""
    declare_messages()
    known, hypothesis = context.weights.hypotheses, ask.hypothesis or None
    if hypothesis and hypothesis not in known:
        near = nearest(hypothesis, known)
        raise Unusable(reason(NO_HYPOTHESIS, hypothesis=hypothesis, near=near))
    floor, reader = context.floor, context.reader
    with context.busy("learning.comparing"):
        found = calibrated(floor, reader, context.weights, context.now, ask.capacity, hypothesis)
    context.log_query("calibration", leads=found.leads if found else 0)
    return CalibrationView(found=found, language=context.language)


class FitView(Answer, frozen=True):
    """Weights fitted to what came of leads, with what they were made from.

    Attributes:
        base: digest of the table that it starts from.
        notes: what a person should know before using it.
        unwritten: the file that was asked for, if there is nothing to write into it.
    """

    hypotheses: list[Refitted]
    base: str
    marking: str
    records: list[str]
    notes: list[str]
    unwritten: str

    def listed(self, rows: str) -> list[Any]:
        """Return a row for each hypothesis, then one for the fit as a whole."""
        names = ("base", "marking", "records", "notes")
        whole = {name: getattr(self, name) for name in names}
        return [*self.hypotheses, whole] if self.hypotheses else [{rows: 0}, whole]

    def written_out(self, say: Any) -> Iterator[Table]:
        """Yield the old and the new weight of each row of the table."""
        heads = (say(f"learning.{name}") for name in FITTED)
        yield Table("", heads, self._rows(say), say("learning.none"))

    def _rows(self, say: Any) -> Iterator[tuple[object, ...]]:
        for one in self.hypotheses:
            old, new = _bits(say, one.prior, one.prior_sd), _bits(say, one.new_prior, one.new_prior_sd)
            yield one.hypothesis, "prior", old, new, one.true, one.false
            for row in one.rows:
                old, new = _bits(say, row.old, row.old_sd), _bits(say, row.new, row.sd)
                yield f"  {row.rule}", row.strength, old, new, row.true, row.false

    @property
    def refusal(self) -> acts.Refusal | None:
        """Return why no file was written."""
        return Unusable(reason(NOTHING_TO_FIT, file=self.unwritten)) if self.unwritten else None


def _bits(say: Any, value: float, sd: float) -> str:
    return f"{value:+.2f} ± {sd:.2f}".replace(".", say("common.decimal"))


class Refit(Request, frozen=True):
    """Where to."""

    out: Annotated[Path | None, option("Write the new table here.", spelling="-o")] = None


@action(
    "refit",
    "refit --floor floor -o weights-2026-11.toml",
    writes=True,
    weighs=True,
    rows="hypotheses",
)
def refit(context: Context, ask: Refit) -> FitView:
    """Fit the weight table to what came of leads; prints old and new, and changes no table by itself.

    With -o the new table is written and the fit is kept with the records it was made from, so that an erasure
    reaches it. Use the table with `--weights`.
    """
    declare_messages()
    kept.refuse_fitted(context.floor, context.weights)
    with context.busy("learning.fitting"):
        fit = refitted(context.floor, context.reader, context.weights, context.now)
    context.log_query("refit", records=len(fit.records))
    if ask.out and fit.hypotheses:
        _write(context, ask.out, fit)
    for each in fit.notes:
        context.note(each)
    return FitView(
        hypotheses=list(fit.hypotheses),
        base=fit.base,
        marking=fit.marking,
        records=[record.hex() for record in fit.records],
        notes=[each.render(context.language) for each in fit.notes],
        unwritten="" if fit.hypotheses else str(ask.out or ""),
    )


def _write(context: Context, out: Path, fit: Fit) -> None:
    """Keep the fit and write its table; nothing half-written is left."""
    text = kept.written(context.weights_file, context.weights, fit)
    parse(text, str(out))
    part = out.with_name(f"{out.name}.part")
    part.write_text(text, encoding="utf-8")
    with context.writer() as writer:
        position = kept.keep(writer, fit, text)
    part.replace(out)
    note(context, KEPT, file=str(out), position=str(context.known_position(position)))


class KeptFit(Answer, frozen=True):
    """A fit that was kept: digests of its table and of that which it started from, and its records."""

    texts: ClassVar = "learning"

    table: str
    base: str
    records: list[str]
    marking: str
    erased: bool

    @property
    def short(self) -> tuple[str, str]:
        """Return the starts of both digests."""
        return self.table[:12], self.base[:12]


class FitList(Answer, frozen=True):
    """The fits that were kept."""

    fits: list[KeptFit]

    def written_out(self, say: Any) -> Iterator[Table]:
        """Yield each fit, and whether it stands."""
        rows = (
            (*one.short, len(one.records) or "", say("learning.erased" if one.erased else "learning.stands"))
            for one in self.fits
        )
        heads = (say(f"learning.{name}") for name in ("table", "base", "records", "state"))
        yield Table("", heads, rows, say("learning.no_fits"))


class ListFits(Request, frozen=True):
    """Made from which record."""

    record: Annotated[str, argument("[RECORD]", "Only fits made from this record: its id, or its start.")] = (
        ""
    )


@action("fits", "fits 5f0c --floor floor", rows="fits")
def fits(context: Context, ask: ListFits) -> FitList:
    """The fits that were kept, each with the records it was made from.

    Of a fit one of whose records was erased only its table's digest is left: refit anew, and use that table
    no more.
    """
    found = kept.fits(context.floor, context.reader, ask.record)
    context.log_query("fits", record=ask.record, fits=len(found))
    views = []
    for one in found:
        same = {name: getattr(one, name) for name in ("table", "base", "marking")}
        views.append(KeptFit(**same, records=list(one.records), erased=bool(one.erased)))
    return FitList(fits=views)
