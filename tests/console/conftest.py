"""One Chromium and one exercise for each worker; a test that writes gets a copy of the exercise."""

import os
import shutil
from functools import cache
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from tests.browsers import program
from tests.console.served import exercise, served

from watchfloor.console.access import passwords
from watchfloor.store.floor import Floor

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic", "--force-color-profile=srgb"),
)
PATIENCE = 120_000
"""Milliseconds that a page may take: a busy machine is no defect."""
SHOTS = os.environ.get("WATCHFLOOR_SHOTS")
"""A folder for screenshots of every page that a test calls `shot` on; none are kept without it."""


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords():
    """Hash by parameters that cost nothing: each account would cost 0.2 s. The real ones are tested apart."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_DECOY", cheap.hash("nobody has this account"))
        yield


@pytest.fixture(scope="session", autouse=True)
def authorities_are_read_once():
    """Each client would read the authorities of all certificates anew, which takes longer than a request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx._transports.default, "create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    where = program()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def played(made_once):
    """A floor with an exercise, that nobody may write to."""
    return Floor.open(made_once("played", exercise) / "floor")


@pytest.fixture(scope="module")
def console(played, tmp_path_factory):
    """A console that a module's tests share; they look, and write nothing that another would notice."""
    copy = tmp_path_factory.mktemp("console") / "floor"
    shutil.copytree(played.root, copy)
    with served(Floor.open(copy)) as one:
        yield one


@pytest.fixture
def own(played, tmp_path):
    """A console of a test's own, on a copy of the exercise, to write to."""
    shutil.copytree(played.root, tmp_path / "floor")
    with served(Floor.open(tmp_path / "floor")) as one:
        yield one


class Officer:
    """Somebody at a browser. Requests to other hosts and errors of scripts or policies fail the test."""

    def __init__(self, chromium, console, token, **how):
        self.console, self.wrong = console, []
        how = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"} | how
        self.context = chromium.new_context(base_url=console.home, **how)
        if token:
            self.context.add_cookies([{"name": "watchfloor", "value": token, "url": console.home}])
        self.context.on("page", self._mind)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()

    def _mind(self, page):
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("console", lambda said: self._heard(said))
        page.on("request", lambda asked: self._asked(asked.url))

    def _heard(self, said):
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.wrong.append(f"console: {said.text}")

    def _asked(self, url):
        if not url.startswith((self.console.home, self.console.home.replace("http", "ws"), "data:", "blob:")):
            self.wrong.append(f"request to {url}")

    def go(self, path):
        """Open a page."""
        return self.page.goto(path)

    def shot(self, name, full=False):
        """Keep a screenshot to be looked at."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=full)


@pytest.fixture
def officer(chromium):
    """Makes officers: `officer(console)` is one who is signed in; `token=None` is nobody yet."""
    made = []

    def make(console, token="", **how):
        made.append(Officer(chromium, console, console.token() if token == "" else token, **how))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [wrong for one in made for wrong in one.wrong] == []


@pytest.fixture
def client():
    """Makes HTTP clients with a session's bearer token, as a program has: `client(console)`."""
    made = []

    def make(console, token="", **headers):
        token = console.token() if token == "" else token
        auth = {"Authorization": f"Bearer {token}"} if token else {}
        made.append(httpx.Client(base_url=console.home, headers=auth | headers, timeout=60))
        return made[-1]

    yield make
    for one in made:
        one.close()
