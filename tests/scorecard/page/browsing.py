"""Opens a page in headless Chromium and prints what a test wants to know, as JSON.

It is a process of its own: the console's tests have a browser of theirs, and one process has one Playwright.

    python -m tests.scorecard.page.browsing PROGRAM PAGE PDF
"""

import json
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def look(browser, page, scheme, width):
    """What is wrong with a page in a colour scheme at a width: rules of axe, requests, errors, too wide."""
    wrong = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    tab = context.new_page()
    tab.on("console", lambda said: wrong.append(f"console: {said.text}"))
    tab.on("request", lambda asked: asked.url == page or wrong.append(f"request: {asked.url}"))
    tab.goto(page)
    wrong += found(tab)
    tab.evaluate(OPEN)
    wrong += found(tab)
    wrong += [f"wider than {width}"] if tab.evaluate(WIDER) else []
    context.close()
    return wrong


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
        ways = [("light", 1200), ("dark", 1200), ("light", 400), ("dark", 320)]
        wrong = {f"{scheme} {width}": look(browser, page, scheme, width) for scheme, width in ways}
        tab = browser.new_page()
        tab.goto(page)
        tab.keyboard.press("Tab")
        first = tab.evaluate("document.activeElement.className")
        tab.pdf(path=pdf, prefer_css_page_size=True)
        browser.close()
    print(json.dumps({"wrong": wrong, "first": first, "pdf": Path(pdf).stat().st_size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
