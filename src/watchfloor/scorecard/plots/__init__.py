"""Pictures of the weekly page: a `Plot` as SVG that a newspaper could print.

Text stays text, a curve is told by its colour, its dash and its name beside it, the axis of what cannot be
negative begins at zero, a month that is not published is a gap and says so. The bytes depend on the plot and
the language alone: nothing of matplotlib outside of this call changes, and no file, clock, locale or font of
the machine takes part. matplotlib is imported when the first picture is made.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from watchfloor.core.extras import optional
from watchfloor.core.messages import Language
from watchfloor.scorecard.findings import Curve, Plot
from watchfloor.scorecard.plots.scale import Scale, index, panels, scale
from watchfloor.scorecard.plots.style import (
    DOTS,
    GAP,
    INK,
    LEFT,
    PANEL,
    RIGHT,
    RULE,
    SANS,
    SOFT,
    WIDTH,
    Style,
    styles,
)
from watchfloor.scorecard.plots.text import Written, above, below, key, marks, months, named, units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOCK: Final = Lock()
"""`rc_context` changes matplotlib's settings for the time of a call: one call at a time."""

_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "path.simplify": False,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "text.parse_math": False,
}


def svg(plot: Plot, language: Language, name: str = "", family: str = SANS) -> str:
    """A plot as an `<svg>` element, with title, description, role and a fixed viewBox.

    Args:
        plot: its curves; values are in the curve's unit, so a curve in `%` has 0.197 for 0.197 %.
        language: of what stands in it.
        name: unique in the document that it stands in; ids begin with it. Without one, the plot's own.
        family: fonts of its text, as CSS lists them.

    Raises `ValueError` for a plot without a month.
    """
    from io import StringIO

    with optional():
        import matplotlib as mpl

    from watchfloor.scorecard.plots.markup import clean

    name = name or plot.name
    with _LOCK, mpl.rc_context(_SETTINGS | {"svg.hashsalt": name}):
        (figure, said), file = _drawn(plot, language), StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    told = (plot.title[language], plot.alt[language])
    return clean(file.getvalue(), name, told, said, family, _size(plot))


def _drawn(plot: Plot, language: Language) -> "tuple[Figure, list[str]]":
    """A plot as a figure of matplotlib, a panel for each unit, all over the same months; and its texts.

    The figure has the number of a text in its place: matplotlib would measure the text with its own font,
    which has not every script, and would take some texts for mathematics.
    """
    from matplotlib.figure import Figure

    parts = panels(plot.curves)
    wide, high = _size(plot)
    figure = Figure(figsize=(wide / 72, high / 72), dpi=72, facecolor="none")
    figure.patch.set_visible(False)
    span, bottom, said = scale(plot, plot.curves), high, list[str]()
    for at, curves in enumerate(parts):
        bottom -= above(curves) + PANEL
        axes = figure.add_axes((LEFT / wide, bottom / high, (wide - LEFT - RIGHT) / wide, PANEL / high))
        axes.set_axis_off()
        on = scale(plot, curves, first=at == 0).over(span)
        _panel(axes, curves, on)
        marked = list(marks(plot, on, language))
        for mark in marked:
            _mark(axes, mark.x, curves, on)
        for written in (
            *units(curves, on, language),
            *months(on, language),
            *named(curves, on, language),
            *key(curves, on, language),
            *(marked if at == 0 else ()),
        ):
            _write(axes, written, str(len(said)))
            said.append(written.text)
        bottom -= below(curves, on)
    return figure, said


def _size(plot: Plot) -> tuple[float, float]:
    """Width and height in units of the picture, which are pixels where it is shown as it is."""
    span = scale(plot, plot.curves)
    heights = (
        above(curves) + PANEL + below(curves, scale(plot, curves).over(span))
        for curves in panels(plot.curves)
    )
    return WIDTH, sum(heights)


def _panel(axes: "Axes", curves: tuple[Curve, ...], on: Scale) -> None:
    """Ground, rules, threshold and curves of a panel."""
    axes.set_xlim(on.first - 0.5, on.last + 0.5)
    axes.set_ylim(on.ticks[0], on.top)
    for month in on.gaps:
        axes.axvspan(month - 0.5, month + 0.5, facecolor=GAP, linewidth=0, zorder=0)
    for tick in on.ticks:
        axes.axhline(tick, color=INK if tick == 0 else RULE, linewidth=0.9 if tick == 0 else 0.6, zorder=1)
    if on.threshold is not None:
        axes.axhline(on.threshold, color=INK, linewidth=1.1, linestyle=DOTS, zorder=2)
    for one, style in zip(curves, styles(curves), strict=True):
        _curve(axes, one, style)


def _curve(axes: "Axes", one: Curve, style: Style) -> None:
    """The line with its gaps, a dot where a month stands alone, and the band of its interval."""
    start = index(one.start)
    at = range(start, start + len(one.values))
    known = _numbers(one.values)
    if one.low and one.high:
        low, high = _numbers(one.low), _numbers(one.high)
        axes.fill_between(at, low, high, color=style.line, alpha=0.16, linewidth=0, zorder=2, clip_on=False)
    line = {"linewidth": style.width, "linestyle": style.dash, "zorder": 4, "clip_on": False}
    axes.plot(at, known, color=style.line, **line)
    lonely = [
        month
        for month, value in zip(at, one.values, strict=True)
        if value is not None and one.values[month - start - 1 : month - start] in ((), (None,))
        if one.values[month - start + 1 : month - start + 2] in ((), (None,))
    ]
    dots = [known[month - start] for month in lonely]
    axes.plot(lonely, dots, style.marker, color=style.line, markersize=5, zorder=4, clip_on=False)


def _mark(axes: "Axes", month: float, curves: tuple[Curve, ...], on: Scale) -> None:
    """A marked month: a line through the panel, a ring on our curve."""
    axes.axvline(month, color=SOFT, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1.5)
    ring: dict[str, Any] = {"markersize": 6.5, "markerfacecolor": "#ffffff", "markeredgewidth": 1.6}
    for one, style in zip(curves, styles(curves), strict=True):
        value = on.value(one, month)
        if one.role == "ours" and value is not None:
            axes.plot([month], [value], "o", markeredgecolor=style.line, zorder=5, clip_on=False, **ring)


def _write(axes: "Axes", one: Written, number: str) -> None:
    """The number of a text, with its baseline where it says: months across, and pixels or values up."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.transforms import ScaledTranslation

    inches = axes.get_figure(root=True).dpi_scale_trans  # type: ignore[union-attr]
    where = {
        "value": axes.transData,
        "foot": axes.get_xaxis_transform(),
        "side": axes.get_yaxis_transform(),
        "corner": axes.transAxes,
    }[one.frame]
    if one.swatch:
        _swatch(axes, one)
    axes.text(
        one.x,
        one.y,
        number,
        transform=where + ScaledTranslation(one.right / 72, one.up / 72, inches),
        color=one.colour,
        fontproperties=FontProperties(fname=_font(), size=one.size, weight="bold" if one.bold else "normal"),
        ha=one.align,
        va="baseline",
        clip_on=False,
    )


def _swatch(axes: "Axes", one: Written) -> None:
    """A small field before a text in the lower left corner, tinted as what it tells of."""
    from matplotlib.patches import Rectangle

    wide, high = axes.bbox.width, axes.bbox.height
    corner = ((one.right - 16) / wide, (one.up - 0.5) / high)
    axes.add_patch(
        Rectangle(
            corner,
            11 / wide,
            9 / high,
            facecolor=one.swatch,
            alpha=one.opacity,
            linewidth=0,
            transform=axes.transAxes,
            clip_on=False,
        )
    )


def _numbers(values: Sequence[float | None]) -> list[float]:
    """A gap is not a number."""
    return [math.nan if value is None else value for value in values]


def _font() -> str:
    """The font that matplotlib brings: nothing of the machine's own is looked for."""
    import matplotlib as mpl

    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
