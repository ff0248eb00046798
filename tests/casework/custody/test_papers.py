"""Papers: the barcode as it is drawn, what a court is told, the graph of CASE/UCO."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pypdfium2 as pdfium
import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.custody.world import START, Vault

from watchfloor.casework.custody import case_uco, papers

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def vault():
    made = Vault()
    made.seize(seal="A1", mass=10.0, mass_error=0.01, substance="substance:cas:437-38-7")
    made.split("1", [(1.0, 0.01, "B1")], seal="A2")
    made.act("1", "resealed", seal="A3", old_seal="A2", why="torn")
    made.act("1.1", "submitted", analyst="DAS")
    made.act("1.1", "weighed", mass=1.5, mass_error=0.01, why="the vial")
    return made


DOTS = 600
"""Per inch: how finely pages are drawn to be read."""


def drawn(page):
    return page.render(scale=DOTS / 72, grayscale=True).to_numpy()


def corners(found):
    """Left, top, right and bottom of a code on a page."""
    where = found.position
    points = [where.top_left, where.top_right, where.bottom_right, where.bottom_left]
    across, down = [point.x for point in points], [point.y for point in points]
    return min(across), min(down), max(across), max(down)


def test_the_label_s_codes_are_read_from_the_page_and_have_room_around_them(vault):
    """By a decoder of others. ISO/IEC 15417 wants ten modules at both ends, ISO/IEC 18004 four all around."""
    one = vault.one("1.1")
    image = drawn(pdfium.PdfDocument(papers.pdf(papers.labels([one]), NOW))[0])
    found = {code.format.name: code for code in zxingcpp.read_barcodes(image)}
    assert {name: code.text for name, code in found.items()} == {"Code128": one.id, "QRCode": one.id}
    left, top, right, bottom = corners(found["Code128"])
    module = (right - left) / sum(papers.bars(one.id))
    assert module == pytest.approx(0.33 / 25.4 * DOTS, rel=0.02)
    middle, room = (top + bottom) // 2, int(9.8 * module)
    assert image[middle, left - room : left - 1].min() > 128
    assert image[middle, right + 2 : right + room].min() > 128
    left, top, right, bottom = corners(found["QRCode"])
    module = 15 / 25.4 * DOTS / (segno.make_qr(one.id, error="m").symbol_size(border=4)[0])
    assert right - left == pytest.approx(15 / 25.4 * DOTS - 8 * module, rel=0.02)
    room = int(3.8 * module)
    around = image[top - room : bottom + room, left - room : right + room].copy()
    around[room - 2 : -room + 2, room - 2 : -room + 2] = 255
    assert around.min() > 128


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_what_is_written_in_bars_is_read_back(text):
    wide = np.repeat(np.arange(len(papers.bars(text))) % 2 * 255, papers.bars(text)).astype(np.uint8)
    image = np.full((40, 3 * (len(wide) + 20)), 255, np.uint8)
    image[:, 30:-30] = np.repeat(wide, 3)
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128)
    assert found.text == text


def test_a_paper_is_the_same_bytes_each_time_and_markup_is_text(vault):
    one = vault.seize("#panic() *x* \u202e", name="$ #set page(width: 1cm)")
    made = papers.pdf(papers.labels([one]), NOW)
    assert made == papers.pdf(papers.labels([one]), NOW)
    assert "#panic()" in pdfium.PdfDocument(made)[0].get_textpage().get_text_range()


@pytest.mark.parametrize(("language", "says"), [("en", "no transfer to anybody"), ("fr", "aucune remise")])
def test_a_court_is_told_what_is_odd(vault, language, says):
    told = papers.gaps(vault.one("1.1"), language)
    assert says in told[0]
    assert "the vial" in told[1]
    opened, broken = papers.gaps(vault.one("1"), language)
    assert "A1" in opened
    assert "A2" in opened
    assert "torn" in broken
    late = papers.gaps(vault.one("1"), language, lambda _: START + timedelta(days=3))
    assert sum("72" in one or "71" in one for one in late) == 3


@pytest.mark.parametrize(
    ("language", "says"), [("en", "nobody said why"), ("fr", "personne n’a dit pourquoi")]
)
def test_what_a_split_is_for_is_no_reason_of_what_is_missing(vault, language, says):
    vault.split("1", [(1.0, 0.01)], seal="A4", mass=6.0, mass_error=0.01, why="a second sample")
    assert says in papers.gaps(vault.one("1"), language)[-2]


def test_a_mass_is_printed_as_it_was_typed_and_the_day_is_that_of_the_place(vault):
    row = vault.one("1").first | {
        "mass": 51234.567,
        "mass_error": 0.001,
        "day": START.date() - timedelta(days=1),
    }
    told = papers._act(row | {"record_id": b"", "position": 1}, "fr")
    assert "51234,567 g (u = 0,001 g)" in told["said"]
    assert told["at"].endswith("(2026-09-30)")


def test_each_hazard_sheet_is_a_page_of_its_own_and_what_is_gone_says_so(vault):
    pages = pdfium.PdfDocument(papers.pdf(papers.hazard(list(vault.found.values()), {}), NOW))
    assert len(pages) == 2
    end = {"law": "CDSA s. 26", "place": "plant", "why": "burnt", "witness": "ben"}
    assert papers.labels([vault.act("1", "destroyed", **end)])["labels"][0]["mass"] == "destroyed"


def test_the_hazard_sheet_says_why_and_what_an_analyst_found(vault):
    sheet = papers.sheet(vault.one("1.1"))
    assert "fentanyl or one of its kind" in sheet.why[0]
    assert "Nobody has identified it" in sheet.why[1]
    vault.act("1.1", "certified", document="D-1", analyst="A. Roy", why="contains fentanyl")
    assert papers.sheet(vault.one("1.1")).why[1] == "D-1 (A. Roy): contains fentanyl"
    plain = Vault()
    plain.seize()
    assert "no proof of its absence" in papers.sheet(plain.one("1")).why[0]
    assert len(papers.sheet(plain.one("1"), (), "fr").handling) == len(sheet.handling)


def test_the_graph_has_an_action_for_each_act_and_points_at_nothing_that_is_not_there(vault):
    made = case_uco.document(vault.found.values(), "floor-1")
    graph = made["@graph"]
    types = [entry["@type"] for entry in graph]
    assert types.count("case-investigation:InvestigativeAction") == len(vault.rows)
    assert types.count("case-investigation:ProvenanceRecord") == len(vault.found)
    ids = {entry["@id"] for entry in graph}
    assert len(ids) == len(graph)
    assert all(re.fullmatch(r"kb:[a-z-]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in ids)
    assert set(_pointed(graph)) <= ids
    prefixes = {name.split(":")[0] for entry in graph for name in entry if not name.startswith("@")}
    assert prefixes <= made["@context"].keys()
    assert made == case_uco.document(vault.found.values(), "floor-1")
    assert not ids & {entry["@id"] for entry in case_uco.document(vault.found.values(), "floor-2")["@graph"]}


def _pointed(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for name, each in value.items():
            if name != "@id":
                yield from _pointed(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pointed(each)
