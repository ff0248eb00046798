"""What every page keeps: accessible, as wide as the screen, in both languages, no request elsewhere."""

import re
from importlib.resources import files

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.console.walk import address, happened, pages

from watchfloor.console.words import Words

WITHOUT = {
    "feeds.job": "a job is there only while one runs or ran; tests/console/test_feeds*.py look at one",
    "feeds.table": "a table is there only after a drop; tests/console/test_mapping*.py look at one",
    "feeds.piece": "nothing of the exercise is in quarantine; tests/console/test_quarantine*.py look at one",
}
"""Pages that the exercise alone cannot show, and who looks at them."""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RULES = {
    "dark": {"runOnly": {"type": "tag", "values": list(TAGS)}, "resultTypes": ["violations"]},
    "light": {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]},
}
"""All in the dark; in the light only what differs there."""
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def there(console):
    console.services.accounts.set_administrator(console.account(), administrator=True)
    bearer = {"Authorization": f"Bearer {console.token()}"}
    with httpx.Client(base_url=console.home, headers=bearer, timeout=60) as okafor:
        return happened(console, okafor)


def test_every_page_has_an_address_here_or_says_why_not(there):
    assert {one.name for one in pages() if address(one, there) is None} <= WITHOUT.keys()


def test_no_page_has_a_serious_finding_of_axe_in_the_dark_or_in_the_light(console, officer, there):
    okafor, found = officer(console, color_scheme="dark"), []
    for one in pages():
        if one.name in WITHOUT:
            continue
        assert okafor.go(address(one, there)).status == 200, one.name
        for theme, rules in RULES.items():
            okafor.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            okafor.shot(f"{one.name}-{theme}")
            for each in Axe().run(okafor.page, options=rules).response["violations"]:
                if each["impact"] in GRAVE:
                    nodes = [node["html"][:160] for node in each["nodes"]]
                    found += [f"{one.name} {theme}: {each['id']}: {node}" for node in nodes]
    assert not found, "\n".join(found)


def test_no_page_is_wider_than_a_telephone(console, officer, there):
    okafor, wide = officer(console, viewport={"width": 390, "height": 844}), []
    for one in pages():
        if one.name not in WITHOUT:
            okafor.go(address(one, there))
            okafor.shot(f"{one.name}-390")
            width = okafor.page.evaluate("document.documentElement.scrollWidth")
            wide += [f"{one.name}: {width}"] if width > 390 else []
    assert not wide


def test_the_header_is_as_high_on_a_page_of_every_style_sheet(console, officer, there):
    okafor, high = officer(console), {}
    for one in pages():
        if one.name in ("queue", "lead", "graph", "tasks.task", "feeds", "watch", "audit", "map", "accounts"):
            okafor.go(address(one, there))
            high[one.name] = okafor.page.locator("header.bar").bounding_box()["height"]
    assert len(high) == 9
    assert len(set(high.values())) == 1, high


def test_every_page_is_there_in_french(console, client, there):
    okafor = client(
        console, console.token(language="fr"), Cookie=f"watchfloor={console.token(language='fr')}"
    )
    for one in pages():
        if one.name not in WITHOUT:
            said = okafor.get(address(one, there))
            assert said.status_code == 200, one.name
            assert '<html lang="fr"' in said.text


def test_words_are_there_in_both_languages_and_each_is_used():
    words = Words()
    root = files("watchfloor.console")
    text = "\n".join(_texts(root))
    for key in words.every():
        english, french = words.both(key)
        assert english.strip(), key
        assert french.strip(), key
        assert _fields(english) == _fields(french), key
    used = set(re.findall(r"""[("'\[]([a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+)["']""", text))
    starts = tuple(re.findall(r"""["']([a-z][a-z0-9_-]*\.[A-Za-z0-9_.-]*)["']\s*(?:\+|~)""", text))
    starts += tuple(re.findall(r"""f["']([a-z][a-z0-9_.-]*\.[a-z0-9_-]*)\{""", text))
    starts += tuple(re.findall(r"""\bof\("([a-z][a-z0-9_.-]*)",""", text))
    dead = {
        key for key in words.every()
        if key not in used and key.removesuffix("_one") not in used and not key.startswith(starts)
    }  # fmt: skip
    assert not dead


def _fields(text):
    return sorted(re.findall(r"\{(\w+)", text))


def _texts(folder):
    for one in folder.iterdir():
        if one.is_dir():
            yield from _texts(one)
        elif one.name.endswith((".py", ".html", ".js")):
            yield one.read_text("utf-8")
