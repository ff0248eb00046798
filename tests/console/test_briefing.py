"""The paper of a lead: the page that is printed, and the PDF read back."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import msgspec
import pytest
import typst
from playwright.sync_api import expect
from pypdf import PdfReader
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.cell.weighing.assessment import smallest_fall
from watchfloor.cell.wording import typesetting
from watchfloor.console.briefing import paper as papers
from watchfloor.console.briefing import printing
from watchfloor.console.briefing.paper import Paper, Record, Term
from watchfloor.messages.catalogue import Catalogue

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def lead(console):
    """The first lead, as the API tells it."""
    import httpx

    headers = {"Authorization": f"Bearer {console.token()}"}
    with httpx.Client(base_url=console.home, headers=headers, timeout=60) as okafor:
        return okafor.get("/api/v1/leads", params={"size": 1}).json()["leads"][0]


def plain(reader):
    """The text of a PDF with blanks as single spaces: lines break where the page ends."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "A lead is an invitation to look, not a finding."),
        ("fr", "Un signalement est une invitation à regarder"),
    ],
)
def test_the_pdf_says_the_lead_in_each_language_and_is_marked_on_every_page(
    console, client, lead, language, says
):
    answer = client(console).get(
        f"/api/v1/leads/{lead['lead_id']}/briefing.pdf", params={"language": language}
    )
    assert answer.headers["content-type"] == "application/pdf"
    read = PdfReader(BytesIO(answer.content))
    text = plain(read)
    paper = client(console).get(f"/api/v1/leads/{lead['lead_id']}/briefing").json()
    head = f"EXERCI{'C' if language == 'fr' else 'S'}E · {paper['marking']}"
    assert all(page.extract_text().count(head) == 2 for page in read.pages)
    assert says in text
    for said in (lead["subject"], paper["probability"], "okafor", "tests", "an Act, s. 1", paper["digest"]):
        assert said in text
    for one in paper["records"]:
        assert one["record_id"][:12] in text
    assert read.trailer["/Root"]["/Lang"] == f"{language}-CA"
    assert lead["title"][language] in read.metadata.title
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in read.trailer["/Root"]
    assert "pdfuaid:part" in read.trailer["/Root"]["/Metadata"].get_data().decode()
    last = [act for act in console.floor.acts_of("query") if act.detail.get("form") == "pdf"][-1].detail
    assert last["digest"] == sha256(answer.content).hexdigest()
    assert (last["what"], last["lead"], last["language"]) == ("briefing", lead["lead_id"], language)


def test_an_officer_prints_a_lead(console, officer, lead):
    okafor = officer(console)
    okafor.go(f"/leads/{lead['lead_id']}")
    page = okafor.page
    page.locator(".acting .rest > summary").click()
    page.get_by_role("link", name="Print or PDF").click()
    expect(page.locator("h1")).to_have_text(lead["title"]["en"])
    okafor.shot("briefing", full=True)
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".tools")).to_be_hidden()
    okafor.shot("briefing-print", full=True)
    printed = PdfReader(BytesIO(page.pdf(scale=2)))
    assert len(printed.pages) > 1
    assert all(one.extract_text().count(f"EXERCISE · {lead['marking']}") == 2 for one in printed.pages)
    page.emulate_media(media="screen")
    with page.expect_download() as kept:
        page.locator("#pdf-fr").click()
    assert kept.value.suggested_filename == f"{lead['lead_id'][:12]}-fr.pdf"
    assert "Ce qui l’appuie" in plain(PdfReader(kept.value.path()))
    narrow = officer(console, viewport={"width": 390, "height": 844}, color_scheme="light")
    narrow.go(f"/leads/{lead['lead_id']}/briefing")
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
    narrow.shot("briefing-narrow")


def test_the_sum_on_the_paper_adds_up_and_says_what_would_change_it(console, client, lead):
    paper = client(console).get(f"/api/v1/leads/{lead['lead_id']}/briefing").json()
    assert sum(one["bits"] for one in paper["terms"]) == pytest.approx(paper["bits"])
    _, one = console.services.pictures.current(console.floor.reader("okafor", "tests"), NOW).picture.find(
        lead["lead_id"]
    )
    fall = smallest_fall(one)
    assert any(f"Without {fall.rule}, {fall.strength}" in said for said in paper["would"]) is (
        fall is not None
    )
    assert set(paper["speaks_for"]) <= {one["why"] for one in paper["terms"]}


def test_a_lead_that_is_not_there_has_no_paper(console, client):
    for path in ("briefing", "briefing.pdf"):
        assert client(console).get(f"/api/v1/leads/ffffffffffff/{path}").status_code == 404
    refused = client(console).get("/api/v1/leads/ffff/briefing.pdf", params={"language": "de"})
    assert refused.status_code == 422


def test_a_lead_of_ten_thousand_signals_is_cut_and_says_so(console, lead, monkeypatch):
    asker_of = {}
    real = papers.paper

    def caught(asker, one, language):
        asker_of.update(asker=asker, one=one)
        return real(asker, one, language)

    monkeypatch.setattr("watchfloor.console.pages.briefing.paper", caught)
    import httpx

    headers = {"Authorization": f"Bearer {console.token()}"}
    httpx.get(f"{console.home}/api/v1/leads/{lead['lead_id']}/briefing", headers=headers, timeout=60)
    one, first = asker_of["one"], asker_of["one"].lead.contributions[0]
    many = tuple(replace(first, signal_id=n.to_bytes(16, "big"), bits=0.001) for n in range(10_000))
    long = replace(one.lead, contributions=many, bits=one.lead.prior + 10, looks=0.0)
    made = real(asker_of["asker"], one._replace(lead=long), "en")
    assert sum(each.bits for each in made.terms) == pytest.approx(long.bits)
    assert made.cut.terms == 10_000 - papers.TERMS
    read = PdfReader(BytesIO(printing.pdf(made, say("en"), NOW)))
    assert "9,940 further signals, together +9.94 bits, are left out for want of room" in plain(read)
    assert len(read.pages) < 16


def say(language):
    words = Catalogue()
    return lambda key, **params: words.say(f"briefing.{key}", language, **params)


def paper(**what):
    """A paper with nothing on it but what is given."""
    plain = dict.fromkeys(Paper.__struct_fields__, "said") | {
        "marking": "PB//TLP:AMBER",
        "exercise": False,
        "language": "en",
        "terms": [Term("prior", "", -2.0)],
        "bits": -2.0,
        "hidden": 0,
        "cut": papers.Cut(),
    }
    for name in ("caveats", "subjects", "speaks_for", "against", "joins", "hubs", "would", "records", "done"):
        plain[name] = []
    return Paper(**plain | what)


def record(called):
    return Record("00" * 16, "party", called, "parcels", "2026-11-20 05:00Z", "", "", "PB//TLP:AMBER")


def read(**what):
    return PdfReader(BytesIO(printing.pdf(paper(**what), say(what.get("language", "en")), NOW)))


@pytest.mark.parametrize(
    "name", ["Ирина Ковалёва", "Ελένη Παπαδάκη", "Nguyễn Thị Ánh", "François-Œuvré", "שרה לוי"]
)
def test_scripts_that_come_with_the_program_are_drawn(name):
    text = plain(read(records=[record(name)]))
    assert "U+" not in text
    # a PDF may lay right-to-left text down from its left end
    assert all(word in text or word[::-1] in text for word in name.split())


HARD = {
    "arabic": "علي حسن",
    "han": "王伟",
    "hangul": "김철수",
    "private": "x\U000f1234y",
    "control": "a\x1b[31mb\x00",
}


@pytest.mark.parametrize("name", HARD.values(), ids=HARD)
def test_a_character_is_drawn_or_stands_as_its_number_and_the_foot_says_so(name):
    made = read(records=[record(name)], speaks_for=[name])
    text = plain(made)
    drawn = "U+" not in text
    assert drawn or all("No font of this machine draws" in page.extract_text() for page in made.pages)
    if not drawn:
        lacking = [char for char in set(name) if f"[U+{ord(char):04X}]" in text]
        assert lacking
        assert all(char not in text for char in lacking)


def test_a_font_that_lacks_everything_is_told_in_french(monkeypatch):
    monkeypatch.setattr(typesetting, "fonts", lambda: typst.Fonts(include_system_fonts=False))
    text = plain(read(language="fr", records=[record("王伟 Wren")]))
    assert "[U+738B][U+4F1F] Wren" in text
    assert "Aucune police de cette machine ne dessine 2 des caractères employés" in text


def test_nothing_in_a_record_is_markup():
    evil = '#panic("x") = Heading *bold* _it_ $x$ @ref <label> #read("/etc/passwd") \\ // `raw` https://example.org'
    text = plain(read(subject=evil, reason=evil, records=[record(evil)], done=[evil], title=evil))
    assert text.count('#read("/etc/passwd")') >= 4
    assert "root:" not in text


def test_missing_characters_are_read_from_what_typst_says():
    told = 'the text `"{}"` could not be displayed with font "X"'
    said = "error: " + told.format("王") + "\n" + told.format("\\u{600}a")
    assert list(typesetting.undrawn(said)) == ["王", "\u0600"]


def test_another_mistake_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(printing, "_template", lambda: b"#panic()")
    with pytest.raises(Refusal, check=because("console.no-pdf")):
        printing.pdf(paper(), say("en"), NOW)


def test_the_paper_is_the_same_file_for_the_same_data():
    one = msgspec.structs.replace(paper(), by="tran")
    assert printing.pdf(one, say("en"), NOW) == printing.pdf(one, say("en"), NOW)
