"""Zones from images: the optical reader on specimens that the test renders, and images that are none."""

from importlib.util import find_spec

import pytest
from tests.formats.travel.specimens import ON, TD1, TD3

from watchfloor.core.extras import MissingExtraError
from watchfloor.feeds import zone_images
from watchfloor.feeds.zone_images import joined, lines_of
from watchfloor.formats.base import FormatError
from watchfloor.formats.travel import mrz
from watchfloor.formats.travel.finding import zones

reader = pytest.mark.skipif(
    find_spec("rapidocr") is None or find_spec("onnxruntime") is None,
    reason="the extra travel-images is not installed",
)


def rendered(path, lines, **how):
    """Draw a page of UTOPIA with a zone at its foot, sign by sign as OCR-B is spaced."""
    image = pytest.importorskip("PIL.Image")
    draw = pytest.importorskip("PIL.ImageDraw")
    font = pytest.importorskip("PIL.ImageFont").load_default(size=28)
    page = image.new("L", (1250, 860), 255)
    pen = draw.Draw(page)
    pen.text((300, 80), "UTOPIA   SPECIMEN", font=font, fill=0)
    for row, line in enumerate(lines):
        for column, sign in enumerate(line):
            pen.text((50 + 26 * column, 700 + 50 * row), sign, font=font, fill=0)
    page.save(path, **how)
    return path


@reader
@pytest.mark.parametrize(("name", "lines"), [("a.png", TD3), ("b.jpg", TD1)])
def test_a_specimen_is_read_and_sound(tmp_path, name, lines):
    found = zones(enumerate(lines_of(rendered(tmp_path / name, lines)), 1), by_reader=True)
    verdicts = [mrz.verify(one, ON) for one in found]
    assert [(one.layout, one.sound) for one in verdicts] == [("TD3" if lines is TD3 else "TD1", True)]


@reader
@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"not an image"])
def test_what_is_no_image_is_refused(tmp_path, data):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"a\.png"):
        lines_of(path)


def test_without_the_extra_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(zone_images, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="travel-images"):
        lines_of(tmp_path / "a.png")


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zone_images, "find_spec", lambda _: object())
    monkeypatch.setattr(zone_images, "MAX_BYTES", 3)
    path = tmp_path / "a.png"
    path.write_bytes(b"1234")
    with pytest.raises(FormatError, match=r"a\.png"):
        lines_of(path)


def box(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_pieces_at_one_height_are_one_line():
    pieces = [
        (box(500, 52, 900, 80), "MARIA<<<<"),
        (box(50, 100, 900, 130), "L898902C3"),
        (box(50, 50, 480, 80), "P<UTOERIKSSON<<ANNA<"),
    ]
    assert joined(pieces) == ["P<UTOERIKSSON<<ANNA< MARIA<<<<", "L898902C3"]
    assert joined([]) == []
