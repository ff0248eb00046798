"""The weekly page on paper: tagged, in the language it says, with the pictures described."""

import io

import msgspec
import pypdf
import pytest
from tests.scorecard import samples

from watchfloor.scorecard.bilingual import same
from watchfloor.scorecard.page.paper import pdf


def read(data):
    return pypdf.PdfReader(io.BytesIO(data))


def plainly(text):
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u200b", "").split())


def elements(reader):
    """Elements of the tree of tags, each once."""
    seen, left = set(), [reader.trailer["/Root"]["/StructTreeRoot"]]
    while left:
        one = left.pop().get_object()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict) and id(one) not in seen:
            seen.add(id(one))
            if "/S" in one:
                yield one
            if "/K" in one:
                left.append(one["/K"])


@pytest.fixture(scope="module")
def both():
    return pdf(samples.scorecard(exercise=True), ("en", "fr"))


def test_it_is_tagged_and_titled(both):
    root = read(both).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-CA"
    assert read(both).metadata.title == "The border scorecard, 2025-03-07"
    assert b"pdfuaid" in both
    kinds = {one["/S"] for one in elements(read(both))}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure", "/L"} <= kinds


def test_each_picture_has_its_description_in_each_language(both):
    found = [
        plainly(str(one["/Alt"])) for one in elements(read(both)) if one["/S"] == "/Figure" and "/Alt" in one
    ]
    plots = [plot for one in samples.scorecard().findings for plot in one.plots]
    for language in ("en", "fr"):
        for plot in plots:
            assert plainly(f"{plot.title[language]}. {plot.alt[language]}") in found


def test_it_says_what_the_page_says(both):
    text = plainly(" ".join(page.extract_text() for page in read(both).pages))
    for finding in samples.scorecard().findings:
        for language in ("en", "fr"):
            assert plainly(finding.words[language]) in text
        for figure in finding.figures:
            assert plainly(figure.shown.en) in text
    assert "Fifteen surveillance towers." in text
    assert "Quinze tours de surveillance." in text


def test_each_page_is_marked(both):
    marked = ("EXERCISE · Working edition · U//TLP:AMBER", "EXERCICE · Édition de travail · U//TLP:AMBER")
    said = [[one for one in marked if one in plainly(page.extract_text())] for page in read(both).pages]
    english = said.index([marked[1]])
    assert said == [[marked[0]]] * english + [[marked[1]]] * (len(said) - english)
    assert 1 < english < len(said)


def test_the_verdicts_are_on_the_first_page_and_the_depth_begins_by_the_fifth(both):
    pages = [plainly(page.extract_text()) for page in read(both).pages]
    assert "What was said, and whether it holds" in pages[0]
    assert samples.fentanyl().title.en in pages[0]
    assert next(n for n, page in enumerate(pages) if "Each claim in full" in page) <= 4


def test_it_is_dated_by_the_day_of_the_evidence_and_the_same_again(both):
    assert read(both).metadata.creation_date.date() == samples.ON
    assert pdf(samples.scorecard(exercise=True), ("en", "fr")) == both


def test_empty_and_public_ones_are_made_too():
    for card in (samples.empty(), samples.public()):
        assert len(read(pdf(card, ("fr",))).pages) >= 1


def test_nothing_in_a_scorecard_is_markup():
    finding = msgspec.structs.replace(samples.fentanyl(), title=same('#panic("no") *b* $x$ @a'))
    text = plainly(
        " ".join(page.extract_text() for page in read(pdf(samples.scorecard(findings=(finding,)))).pages)
    )
    assert '#panic("no") *b* $x$ @a' in text


def test_a_character_that_no_font_draws_stands_as_its_number():
    finding = msgspec.structs.replace(samples.fentanyl(), title=same("Titre \U00012000"))
    text = plainly(
        " ".join(
            page.extract_text() for page in read(pdf(samples.scorecard(findings=(finding,)), ("fr",))).pages
        )
    )
    assert "[U+12000]" in text
    assert "numéro Unicode" in text
