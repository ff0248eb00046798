"""Help in place: words with what they mean, beside headings and on a page, and a tour of the page Now."""

import re

import pytest
from playwright.sync_api import expect

from watchfloor.messages.catalogue import texts

GLOSSARY = texts("glossary")
MEANS = "glossary.means."
KEYS = [key.removeprefix(MEANS) for key in GLOSSARY if key.startswith(MEANS)]


def test_every_term_means_something_in_few_words():
    assert len(KEYS) >= 60
    assert {f"glossary.term.{key}" for key in KEYS} == {key for key in GLOSSARY if ".term." in key}
    for key in KEYS:
        for text in GLOSSARY[f"{MEANS}{key}"]:
            assert len(re.findall(r"[^\s:;]+", text)) <= 25, key


def test_no_term_stands_twice():
    for number in (0, 1):
        terms = [GLOSSARY[f"glossary.term.{key}"][number] for key in KEYS]
        assert len(set(terms)) == len(terms)


@pytest.mark.parametrize(("language", "first", "means"), [("en", "Words", 0), ("fr", "Termes", 1)])
def test_the_page_of_words_and_a_heading_say_the_same(console, client, language, first, means):
    okafor = client(console, Cookie=f"watchfloor={console.token(language=language)}")
    said = okafor.get("/help").text
    assert f"<h1>{first}</h1>" in said
    lead = GLOSSARY[f"{MEANS}lead"][means].replace("’", "’")
    assert lead in said
    assert f'<dfn title="{lead}">' in okafor.get("/leads").text


def test_a_tour_of_six_steps_is_ended_once_by_keys(console, officer):
    page = officer(console).page
    page.goto(f"{console.home}/now")
    tour = page.locator("#tour")
    expect(tour).to_be_visible()
    expect(page.locator("#needs")).to_have_class(re.compile("toured"))
    page.get_by_role("button", name="Next").focus()
    for _ in range(5):
        page.keyboard.press("Enter")
    expect(tour.locator("li:visible")).to_contain_text("6 of 6")
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()
    expect(page.locator(".toured")).to_have_count(0)
    page.reload()
    expect(tour).to_be_hidden()
    page.goto(f"{console.home}/help")
    page.locator("#tour-again").click()
    expect(tour).to_be_visible()
