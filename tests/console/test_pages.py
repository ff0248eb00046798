"""What every page keeps: accessible, as wide as the screen, in both languages, no request elsewhere."""

import re
from importlib.resources import files

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from tests.actions.test_actions import answers
from tests.console.walk import address, happened, pages
from tests.thorough import THOROUGH

from watchfloor.messages.catalogue import Catalogue

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
"""All in the dark; in the light only what differs there, quickly on one page of every style sheet."""
HEADED = {
    "now",
    "queue",
    "lead",
    "graph",
    "task.show",
    "feeds",
    "watch",
    "audit",
    "map",
    "accounts",
    "coverage.line",
}
"""A page of every style sheet."""


@pytest.fixture(scope="module")
def there(console):
    console.services.accounts.set_administrator(console.account(), administrator=True)
    bearer = {"Authorization": f"Bearer {console.token()}"}
    with httpx.Client(base_url=console.home, headers=bearer, timeout=60) as okafor:
        return happened(console, okafor)


def findings(page, rules):
    """Return what axe finds on a page that is serious: rule and place. Its 550 kB go into a page once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    told = page.evaluate("rules => axe.run(rules).then(told => told.violations)", rules)
    grave = (each for each in told if each["impact"] in ("serious", "critical"))
    return [f"{each['id']}: {node['html'][:160]}" for each in grave for node in each["nodes"]]


def test_every_page_has_an_address_here_or_says_why_not(there):
    assert {one.name for one in pages() if address(one, there) is None} <= WITHOUT.keys()


@pytest.mark.timeout(600)
def test_every_page_fits_a_telephone_is_accessible_and_has_the_same_header(console, officer, there):
    """Each page is opened once, narrow, and widened for the rules of accessibility.

    A quick run opens one of every style sheet, a thorough one all.
    """
    narrow, wide = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
    okafor, too_wide, found, high = officer(console, viewport=narrow, color_scheme="dark"), [], [], {}
    for one in pages():
        if one.name in WITHOUT or not (THOROUGH or one.name in HEADED):
            continue
        okafor.page.set_viewport_size(narrow)
        assert okafor.go(address(one, there)).status == 200, one.name
        okafor.shot(f"{one.name}-390")
        width = okafor.page.evaluate("document.documentElement.scrollWidth")
        too_wide += [f"{one.name}: {width}"] if width > narrow["width"] else []
        okafor.page.set_viewport_size(wide)
        if one.name in HEADED:
            high[one.name] = okafor.page.locator("header.bar").bounding_box()["height"]
        themes = RULES if THOROUGH or one.name in HEADED else ("dark",)
        for theme in themes:
            okafor.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            okafor.shot(f"{one.name}-{theme}")
            found += [f"{one.name} {theme}: {each}" for each in findings(okafor.page, RULES[theme])]
    assert not too_wide
    assert not found, "\n".join(found)
    assert high.keys() == HEADED
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


DECLARED_BY_NAME = re.compile(r"""\bdeclare\(\s*f["']([a-z][a-z0-9_.-]*)\{""")
DECLARED = re.compile(r"""\bdeclare\(\s*["']([^"']+)["']""")


def test_words_are_there_in_both_languages_and_each_is_used():
    words = Catalogue()
    root = files("watchfloor.console")
    faces = ("actions", "cell", "cli")
    below = (one for face in faces for one in _texts(files(f"watchfloor.{face}")))
    text = "\n".join((*_texts(root), *below))
    messages = {found for one in _texts(files("watchfloor")) for found in DECLARED.findall(one)}
    keys = words.every() - messages  # the parameters of those are tests/core/test_catalogue.py's to hold
    for key in keys:
        english, french = words.both(key)
        assert english.strip(), key
        assert french.strip(), key
        assert _fields(english) == _fields(french), key
    used = set(re.findall(r"""[("'\[]([a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+)["']""", text))
    starts = tuple(re.findall(r"""["']([a-z][a-z0-9_-]*\.[A-Za-z0-9_.-]*)["']\s*(?:\+|~)""", text))
    starts += tuple(re.findall(r"""f["']([a-z][a-z0-9_.-]*\.[a-z0-9_-]*)\{""", text))
    starts += tuple(re.findall(r"""\bwords?\(["']([a-z][a-z0-9_.-]*)["'][,)]""", text))
    starts += tuple(found for one in _texts(files("watchfloor")) for found in DECLARED_BY_NAME.findall(one))
    starts += tuple(re.findall(r"""\bdone="([a-z.]+_)\"""", text))
    starts += (
        "leg.",
        "word.",
        "unit.order.",
    )  # labels of `actions.text`, words of records
    used |= {f"{answer.texts}.{name}" for answer in answers() for name in answer.columns}
    ends = "|".join(["_one", "_command", *re.findall(r"""f"\{key\}(_[a-z_]+)\"""", text)])
    dead = {
        key for key in keys
        if key not in used and re.sub(f"({ends})$", "", key) not in used and not key.startswith(starts)
    }  # fmt: skip
    assert not dead


def _fields(text):
    return set(re.findall(r"\{(\w+)", text))  # a plural may name its number more often in one language


def _texts(folder):
    for one in folder.iterdir():
        if one.is_dir():
            yield from _texts(one)
        elif one.name.endswith((".py", ".html", ".js")):
            yield one.read_text("utf-8")
