"""Two scenes of one place compared: a map of changes, and the shapes on it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    PATH,
    WROTE,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    note,
    option,
    refuse_existing,
    words,
)
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.desks.space.change.scanning import Scan
from watchfloor.feeds.scene_process import scan_apart
from watchfloor.formats.imagery.scenes import SceneError
from watchfloor.messages import number

NOT_GEOJSON: Final = declare("pair.not-geojson", "file")
SHOWN: Final = 12
"""Shapes that a terminal shows; JSON has all."""
LARGEST_MASK: Final = 32 << 20


class ComparePair(Request, frozen=True):
    """Two scenes, and the map to write."""

    before: Annotated[
        Path,
        argument(
            "BEFORE",
            "The earlier scene: GeoTIFF or ENVI with all bands, or a folder with item.json and its files.",
            required=True,
            exists=PATH,
        ),
    ]
    after: Annotated[
        Path, argument("AFTER", "The later scene of the same place.", required=True, exists=PATH)
    ]
    output: Annotated[
        Path | None,
        option(
            "GeoTIFF to write: 1 where it changed, 0 where not, 255 where nobody can say.",
            spelling="--out -o",
            metavar="MAP",
        ),
    ] = None
    masked: Annotated[
        Path | None,
        option("GeoJSON of what is not to be looked at.", metavar="FILE", exists=FILE),
    ] = None
    least: Annotated[int, option("Pixels of the smallest shape.", minimum=1)] = 4
    looks: Annotated[
        float, option("Equivalent number of looks of a radar; 0: estimated.", minimum=0, maximum=1_000)
    ] = 0.0


class PairShape(Answer, frozen=True):
    """A shape that changed, in metres; see `scanning.ShapeFound`. `why` says why it is taken for `what`."""

    texts: ClassVar = "pair"

    what: Annotated[str, words("pair.what_")]
    why: str
    latitude: float | None
    longitude: float | None
    radius: float
    area_m2: float
    length_m: float
    width_m: float
    orientation: float
    statistic: float
    false_alarms: float
    clear: float
    pixels: int
    row: int
    column: int
    geometry: dict[str, Any]


class PairMap(Answer, frozen=True):
    """The changes between two scenes.

    Attributes:
        map: the file that was written.
        height, width: of it in pixels; pixel: metres.
        measured: pixels that both scenes show; changed: of these.
        share: of the measured pixels that changed.
        threshold: of the statistic; lowest: that it could have been.
        null_share: share of unchanged pixels above it, by the spread of those below.
        correlations: of the canonical variates where nothing changed.
        shift: columns and rows by which the later scene was off; shift_error: of it; null: nobody can say.
        shapes: strongest first; more: how many others.
        notes: what was found out about the scenes, each a sentence.
    """

    texts: ClassVar = "pair"
    unprinted: ClassVar = ("language",)

    before: str
    after: str
    map: str | None
    method: str
    method_version: str
    bands: list[str]
    height: int
    width: int
    pixel: float
    measured: int
    changed: int
    share: float
    threshold: float
    lowest: float
    null_share: float
    correlations: list[float]
    shift: list[float] | None
    shift_error: float | None
    shapes: list[PairShape]
    more: int
    marking: str
    notes: list[str]
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield how much changed, and the strongest shapes."""
        of = partial(number, language=self.language)
        yield Line(
            say(
                "pair.changed",
                share=of(100 * self.share, digits=2),
                measured=of(self.measured),
                bands=", ".join(self.bands),
            )
        )
        yield Line(
            say(
                "pair.by_threshold",
                threshold=of(self.threshold, digits=2),
                false=of(100 * self.null_share, digits=3),
            )
        )
        yield Table(
            say("pair.strongest", shown=min(SHOWN, len(self.shapes)), all=len(self.shapes) + self.more),
            (say(f"pair.{name}") for name in ("what", "place", "area", "length", "width", "why")),
            (
                (
                    say(f"pair.what_{one.what}"),
                    "" if one.latitude is None else f"{one.latitude:.5f}, {one.longitude:.5f}",
                    of(one.area_m2),
                    of(one.length_m),
                    of(one.width_m),
                    one.why,
                )
                for one in self.shapes[:SHOWN]
            ),
            say("pair.none"),
        )
        if self.marking:
            yield Line(self.marking)


@action("change pair", "change pair before.tif after.tif -o map.tif", files_only=True)
def compare(context: Context, ask: ComparePair) -> PairMap:
    """Compare two scenes of one place: a map of what changed, by a threshold that needs no examples.

    Bands are matched by their names, and whole pixels of shift are put right; what was done is told. Scenes
    of a radar are compared by the statistics of speckle.
    """
    refuse_existing(ask.output)
    masked = _geometries(ask.masked) if ask.masked else []
    try:
        with context.busy("pair.comparing") as say:
            found = scan_apart(
                ask.before,
                ask.after,
                masked=masked,
                out=ask.output,
                least=ask.least,
                looks=ask.looks,
                progress=say,
            )
    except SceneError as error:
        raise Unusable(error.reason) from None
    notes = [Reason.load(one) for one in found.notes]
    for one in notes:
        context.note(one)
    if ask.output:
        note(context, WROTE, file=str(ask.output))
    return _answer(ask, found, notes, context.language)


def _answer(ask: ComparePair, found: Scan, notes: list[Reason], language: Language) -> PairMap:
    same = {name: getattr(found, name) for name in PairMap.__struct_fields__ if hasattr(found, name)}
    shapes = []
    for shape in found.shapes:
        plain = msgspec.structs.asdict(shape)
        why = Reason.load(plain.pop("why_what")).render(language)
        shapes.append(PairShape(**plain, why=why))
    told = {
        "height": found.rows,
        "width": found.columns,
        "before": ask.before.name,
        "after": ask.after.name,
        "map": str(ask.output) if ask.output else None,
        "share": found.changed / max(found.measured, 1),
        "shapes": shapes,
        "notes": [one.render(language) for one in notes],
        "marking": "",
        "language": language,
    }
    return PairMap(**same | told)


def _geometries(path: Path) -> list[dict[str, Any]]:
    """Return the polygons of a GeoJSON file. Raises `Unusable`."""
    wrong = Unusable(reason(NOT_GEOJSON, file=path.name))
    with path.open("rb") as stream:
        content = stream.read(LARGEST_MASK + 1)
    try:
        told = msgspec.json.decode(content)
        features = told.get("features", [told])
        found = [one.get("geometry", one) for one in features]
        import shapely

        for one in found:
            if shapely.geometry.shape(one).geom_type not in ("Polygon", "MultiPolygon"):
                raise wrong
    except (ValueError, AttributeError, TypeError, KeyError, IndexError, RecursionError, UnicodeDecodeError):
        raise wrong from None
    return found
