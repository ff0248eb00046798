"""Pictures: the same bytes, text as text, told apart without colour, gaps as gaps."""

import re
import subprocess
import sys

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.scorecard import samples
from tests.thorough import draws

from watchfloor.scorecard.bilingual import Text, same
from watchfloor.scorecard.findings import Curve, Plot
from watchfloor.scorecard.plots import svg
from watchfloor.scorecard.plots.scale import index, panels, rules, scale
from watchfloor.scorecard.plots.style import MORE, SOFT, STYLES, styles
from watchfloor.scorecard.plots.text import spread

SVG = "{http://www.w3.org/2000/svg}"
PLOTS = (samples.share_plot, samples.change_plot, samples.count_plot)
VALUES = st.one_of(st.none(), st.floats(-1e7, 1e7).map(lambda value: round(value, 3)))
NAMES = ("", "ours", "a name of several words that needs more than one line", "తెలుగు", "漢字 $x$", "x" * 60)
CURVES = st.builds(
    lambda role, unit, start, values, label: Curve(
        same(label), role, same(unit), f"{start // 12}-{start % 12 + 1:02d}", tuple(values)
    ),
    st.sampled_from(["ours", "control", "expected", "other"]),
    st.sampled_from(["%", "lb", "events"]),
    st.integers(24000, 24040),
    st.lists(VALUES, min_size=1, max_size=100),
    st.sampled_from(NAMES),
)


def read(text):
    return etree.fromstring(text.encode())


def texts(root):
    return [one.text for one in root.iter(f"{SVG}text")]


def paths(root, colour):
    return [
        one for one in root.iter(f"{SVG}path") if one.get("stroke") == colour and one.get("fill") == "none"
    ]


@pytest.mark.parametrize("make", PLOTS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_picture_is_named_described_and_the_same_again(make, language):
    plot = make()
    text = svg(plot, language, "one")
    assert text == svg(plot, language, "one")
    root = read(text)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert root.findtext(f"{SVG}title") == plot.title[language]
    assert root.findtext(f"{SVG}desc") == plot.alt[language]
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert "metadata" not in text
    assert not re.search(r"20\d\d-\d\d-\d\dT", text)
    assert not root.xpath("//@style")
    assert all(one.startswith("one-") for one in root.xpath("//@id"))


def test_nothing_global_changes_and_no_window_is_asked_for():
    before = dict(mpl.rcParams)
    svg(samples.share_plot(), "en")
    assert dict(mpl.rcParams) == before
    code = (
        "import sys; from tests.scorecard import samples; from watchfloor.scorecard import plots;"
        "assert 'matplotlib' not in sys.modules; plots.svg(samples.share_plot(), 'en');"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_a_bold_name_does_not_make_the_next_picture_bold():
    first = svg(samples.count_plot(), "en", "a")
    svg(samples.share_plot(), "en", "b")
    assert svg(samples.count_plot(), "en", "a") == first


def test_numbers_and_months_are_written_as_each_language_has_them():
    english, french = (texts(read(svg(samples.count_plot(), one))) for one in ("en", "fr"))
    assert "8,000" in english
    assert "8\u00a0000" in french
    assert "Jan" in english
    assert "janv." in french
    assert "measures begin, October 2024" in english
    assert "début des mesures, octobre 2024" in french


def test_the_threshold_is_told_with_its_unit():
    assert "threshold, 1\u00a0%" in texts(read(svg(samples.share_plot(), "en")))
    assert "seuil\u00a0: 1\u00a0%" in texts(read(svg(samples.share_plot(), "fr")))


def test_a_month_is_named_once():
    plot = Plot("p", same("t"), same("a"), samples.change_plot().curves, {"2025-02": same("February 2025")})
    assert "February 2025" in texts(read(svg(plot, "en")))


def test_a_month_that_is_not_published_is_a_gap_and_is_told():
    root = read(svg(samples.share_plot(), "en"))
    (line,) = [one for one in paths(root, STYLES["ours"].line) if one.get("d").count("L") > 5]
    assert line.get("d").count("M") == 2
    assert "month not held here" in texts(root)
    whole = read(svg(samples.change_plot(), "en"))
    assert "month not held here" not in texts(whole)


def test_a_month_between_gaps_is_a_dot():
    values = (1.0, None, 2.0, None, 3.0)
    root = read(
        svg(Plot("p", same("t"), same("a"), (Curve(same("c"), "ours", same("lb"), "2024-01", values),)), "en")
    )
    dots = [one for one in root.iter(f"{SVG}use") if one.get("fill") == STYLES["ours"].line]
    assert len(dots) == 3


def test_curves_are_told_apart_without_colour():
    every = [*STYLES.values(), *MORE]
    assert len({str(one.dash) for one in every}) == len(every)
    assert len({one.line for one in every}) == len(every)
    plot = samples.change_plot()
    assert {one.label.en.split(" (")[0] for one in plot.curves} <= {
        " ".join(texts(read(svg(plot, "en"))))[at : at + len(one.label.en.split(" (")[0])]
        for one in plot.curves
        for at in [" ".join(texts(read(svg(plot, "en")))).find(one.label.en.split(" (")[0])]
    }


def test_curves_of_one_role_differ():
    curves = [Curve(same(str(n)), "control", same("lb"), "2024-01", (1.0,)) for n in range(4)]
    assert len({one.line for one in styles(curves)}) == 4


@pytest.mark.parametrize("colour", [SOFT, *(one.text for one in (*STYLES.values(), *MORE))])
def test_text_has_contrast_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_control_character_is_shown_as_what_cannot_be_shown():
    curve = Curve(same("a\x00b"), "ours", same("lb\ufffe"), "2024-01", (1.0, 2.0))
    root = read(svg(Plot("p", same("t\x1b"), same("\ud800"), (curve,)), "en"))
    assert "a\ufffdb" in texts(root)
    assert root.findtext(f"{SVG}title") == "t\ufffd"


def test_two_units_are_two_panels():
    curves = (
        Curve(same("a"), "ours", Text("lb", "lb"), "2024-01", (1.0, 2.0)),
        Curve(same("b"), "ours", Text("events", "saisies"), "2024-03", (5.0, 6.0)),
    )
    assert [len(one) for one in panels(curves)] == [1, 1]
    root = read(svg(Plot("p", same("t"), same("a"), curves), "fr"))
    assert {"lb", "saisies"} <= set(texts(root))


def test_a_plot_without_a_month_is_refused():
    with pytest.raises(ValueError, match="no month"):
        svg(Plot("p", same("t"), same("a"), (Curve(same("c"), "ours", same("%"), "2024-01", ()),)), "en")


def test_nothing_in_a_plot_is_markup_or_mathematics():
    name = "a $x$ <b>&amp;"
    curve = Curve(same(name), "ours", same("$"), "2024-01", (1.0, 2.0))
    root = read(svg(Plot("p", same("<script>"), same("&"), (curve,), {"2024-01": same("$y$")}), "en"))
    assert root.findtext(f"{SVG}title") == "<script>"
    assert name in texts(root)
    assert "$y$, January 2024" in texts(root)


@settings(max_examples=draws(25), deadline=None)
@given(st.lists(CURVES, min_size=1, max_size=5))
def test_any_curves_are_drawn_within_the_picture(curves):
    root = read(svg(Plot("p", same("t"), same("a"), tuple(curves)), "fr"))
    wide, high = float(root.get("width")), float(root.get("height"))
    for path in root.iter(f"{SVG}path"):
        if path.getparent().tag not in (f"{SVG}defs", f"{SVG}clipPath"):
            numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path.get("d"))]
            assert all(-8 <= x <= wide + 8 for x in numbers[::2])
            assert all(-8 <= y <= high + 8 for y in numbers[1::2])
    for one in root.iter(f"{SVG}text"):
        assert 0 <= float(one.get("y")) <= high


@given(st.floats(-1e9, 0), st.floats(1e-6, 1e9))
def test_rules_are_few_round_and_reach_the_lowest(low, high):
    found = rules(low, high)
    step = found[1] - found[0]
    assert found[0] <= low + 1e-6 * step
    assert found[-1] >= high - step * (1 + 1e-6)
    assert 2 <= len(found) <= 8


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(1, 60)), min_size=1, max_size=8))
def test_names_do_not_touch_and_keep_their_order(blocks):
    blocks.sort(reverse=True)
    wanted, heights = zip(*blocks, strict=True)
    found = spread(wanted, heights)
    for at in range(1, len(found)):
        assert found[at - 1] - heights[at - 1] / 2 >= found[at] + heights[at] / 2 - 1e-6


def test_a_name_with_room_stands_where_its_curve_ends():
    assert spread([200.0, 50.0], [20, 20]) == [200.0, 50.0]


def test_an_axis_of_what_cannot_be_negative_begins_at_zero():
    plot = samples.change_plot()
    assert scale(plot, plot.curves).ticks[0] == 0
    assert scale(plot, plot.curves).first == index("2023-10")
