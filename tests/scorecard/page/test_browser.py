"""The weekly page in a browser: rules of accessibility, no request, and what a printer gets."""

import json
import subprocess
import sys

import pypdf
import pytest
from tests.browsers import program
from tests.scorecard import samples
from tests.thorough import THOROUGH

from watchfloor.scorecard.page.html import html


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a browser says of a page in both languages, and its PDF."""
    home = tmp_path_factory.mktemp("browser")
    (home / "r.html").write_text(html(samples.scorecard(exercise=True), ("en", "fr")), encoding="utf-8")
    words = [sys.executable, "-m", "tests.scorecard.page.browsing", program(), (home / "r.html").as_uri()]
    made = subprocess.run([*words, str(home / "r.pdf")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout), home / "r.pdf"


def test_it_keeps_the_rules_of_accessibility_and_asks_for_nothing(seen):
    ways = {"light 1200", "dark 320", *(["dark 1200", "light 400"] if THOROUGH else [])}
    assert seen[0]["wrong"] == {way: [] for way in ways}


def test_it_fits_320_pixels_in_any_font_with_any_word(seen):
    assert seen[0]["wide"] == []


def test_the_first_stop_of_the_keyboard_skips_to_the_page(seen):
    assert seen[0]["first"] == "skip"


def test_a_printer_gets_every_figure_and_the_marking_on_each_page(seen):
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(seen[1]).pages]
    assert all("EXERCISE · Working edition · U//TLP:AMBER" in page for page in pages)
    whole = " ".join(pages).replace("\u00a0", " ").replace("\u202f", " ")
    assert "82 of 1,116 = 7.35 %" in whole
    assert "82 sur 1 116 = 7,35 %" in whole
