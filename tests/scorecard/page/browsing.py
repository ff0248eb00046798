"""Opens a page in headless Chromium and prints what a test wants to know, as JSON.

It is a process of its own: the console's tests have a browser of theirs, and one process has one Playwright.

    python -m tests.scorecard.page.browsing PROGRAM PAGE PDF
"""

import json
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from tests.thorough import THOROUGH

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
CLOSED = ("light", 1200)
"""Where the page is also looked at before its parts are opened: that hides some and adds nothing."""
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
CLIPPED = """[...document.querySelectorAll('body *')].filter(one => one.scrollWidth > one.clientWidth + 1
    && /hidden|clip/.test(getComputedStyle(one).overflowX)).map(one => one.outerHTML.slice(0, 80))"""
LENGTHEN = """document.querySelectorAll(
    'h1, h2, h3, p, li, summary, caption, th, td, dt, dd, code, blockquote, figcaption, a, span'
).forEach(one => one.append(' Anticonstitutionnellement' + '1'.repeat(60)))"""

# What is not installed falls to another font; the last is wider than any of them on every machine, by more
# than WCAG 2.2 (1.4.12) asks of a reader's own spacing.
FONTS = {name: f"* {{ font-family: '{name}' !important }}" for name in ("DejaVu Sans", "DejaVu Serif")}
FONTS |= {name: f"* {{ font-family: '{name}' !important }}" for name in ("Liberation Sans", "Noto Sans")}
FONTS["wide"] = "* { letter-spacing: .2em !important; word-spacing: .3em !important }"
QUICK_FONTS = ("DejaVu Sans", "wide")


def look(browser, page, scheme, width):
    """What is wrong with a page in a colour scheme at a width: rules of axe, requests, errors, too wide."""
    wrong = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    tab = context.new_page()
    tab.on("console", lambda said: wrong.append(f"console: {said.text}"))
    tab.on("request", lambda asked: asked.url == page or wrong.append(f"request: {asked.url}"))
    tab.goto(page)
    wrong += found(tab) if (scheme, width) == CLOSED else []
    tab.evaluate(OPEN)
    wrong += found(tab)
    wrong += [f"wider than {width}"] if tab.evaluate(WIDER) else []
    context.close()
    return wrong


def narrow(browser, page):
    """Where a page is wider than 320 pixels, or hides what is: by font, and with long words everywhere."""
    wide = []
    for font in FONTS if THOROUGH else QUICK_FONTS:
        style = FONTS[font]
        tab = browser.new_page(viewport={"width": 320, "height": 900})
        tab.goto(page)
        tab.add_style_tag(content=style)
        tab.evaluate(OPEN)
        for words in ("own", "long"):
            if words == "long":
                tab.evaluate(LENGTHEN)
            if tab.evaluate(WIDER):
                wide.append(f"{font}, {words} words: wider than 320")
            wide += [f"{font}, {words} words: {one}" for one in tab.evaluate(CLIPPED)]
        tab.close()
    return wide


def found(tab):
    report = Axe().run(
        tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    return [
        f"{one['id']}: {node['html'][:160]}" for one in report.response["violations"] for node in one["nodes"]
    ]


def main(program, page, pdf):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        ways = [("light", 1200), ("dark", 320), *([("dark", 1200), ("light", 400)] if THOROUGH else [])]
        wrong = {f"{scheme} {width}": look(browser, page, scheme, width) for scheme, width in ways}
        wide = narrow(browser, page)
        tab = browser.new_page()
        tab.goto(page)
        tab.keyboard.press("Tab")
        first = tab.evaluate("document.activeElement.className")
        tab.pdf(path=pdf, prefer_css_page_size=True)
        browser.close()
    print(json.dumps({"wrong": wrong, "wide": wide, "first": first, "pdf": Path(pdf).stat().st_size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
