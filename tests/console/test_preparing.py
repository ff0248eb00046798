"""Pages that take seconds the first time say so at once, and go on by themselves, without a script too."""

import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from watchfloor.console import graphs
from watchfloor.console.pages import coverage, scorecard_cards
from watchfloor.console.pictures import picture_cache

SLOW = [
    (picture_cache, "make", "/leads", "queue"),
    (graphs, "make", "/graph?about=phone:phone:16135550123", "graph"),
    (scorecard_cards, "assemble", "/scorecard", "scorecard"),
    (coverage, "coverage_of", "/coverage", "coverage"),
]
slow = pytest.mark.parametrize(("module", "name", "path", "what"), SLOW, ids=[one[3] for one in SLOW])


def browsing(console, client):
    """A client that asks for pages, as a browser does."""
    one = client(console)
    del one.headers["authorization"]
    one.cookies.set("watchfloor", console.token())
    return one


@contextmanager
def held(console, monkeypatch, module, name):
    """Nothing of that name is made before the block sets the event."""
    over, make = threading.Event(), getattr(module, name)
    monkeypatch.setattr(module, name, lambda *args: over.wait(60) and make(*args))
    monkeypatch.setattr(console.services, "silence", 0.0)
    try:
        yield over
    finally:
        over.set()


@slow
def test_a_page_says_what_is_prepared_and_goes_on_without_a_script(
    own, officer, monkeypatch, module, name, path, what
):
    with held(own, monkeypatch, module, name) as over:
        okafor = officer(own, java_script_enabled=False)
        assert okafor.page.goto(f"{own.home}{path}").status == 200
        expect(okafor.page.locator("progress.preparing")).to_be_visible()
        expect(okafor.page.locator("main p[role=status]")).to_contain_text(
            own.services.words.say(f"preparing.{what}", "en")
        )
        okafor.shot(f"preparing-{what}", full=True)
        over.set()
        expect(okafor.page.locator("progress.preparing")).to_have_count(0)
    assert okafor.page.url == f"{own.home}{path}"


def test_the_bar_is_told_in_french_on_a_phone(own, officer, monkeypatch):
    with held(own, monkeypatch, picture_cache, "make"):
        token = own.token(language="fr")
        okafor = officer(own, token=token, viewport={"width": 390, "height": 844}, java_script_enabled=False)
        okafor.page.goto(f"{own.home}/leads")
        expect(okafor.page.locator("main p[role=status]")).to_contain_text("réunis pour la première fois")
        assert not okafor.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        okafor.shot("preparing-390", full=True)


@slow
def test_what_fails_is_told_and_not_prepared_for_ever(own, client, monkeypatch, module, name, path, what):
    def fails(*_):
        raise TimeoutError("the disk is slow")

    monkeypatch.setattr(module, name, fails)
    monkeypatch.setattr(own.services, "silence", 60.0)
    answer = browsing(own, client).get(path)
    assert (answer.status_code, "preparing" in answer.text) == (503, False), what


def test_a_scorecard_that_was_begun_is_shown_where_evidence_never_rests(own, client, monkeypatch):
    with held(own, monkeypatch, scorecard_cards, "assemble") as over:
        monkeypatch.setattr(scorecard_cards, "made", lambda *_: scorecard_cards.CachedScorecard())
        okafor = browsing(own, client)
        assert "refresh" in okafor.get("/scorecard").headers
        assert "refresh" in okafor.get("/scorecard").headers
        over.set()
        own.services.silence = 60.0
        answer = okafor.get("/scorecard")
    assert (answer.status_code, "refresh" in answer.headers) == (200, False)


def test_the_api_waits(own, client, monkeypatch):
    with held(own, monkeypatch, picture_cache, "make") as over:
        threading.Timer(0.3, over.set).start()
        assert client(own).get("/api/v1/leads").status_code == 200


def test_who_may_not_read_prepares_nothing(own, client, monkeypatch):
    okafor = browsing(own, client)
    (own.floor.root / "policy.toml").write_text('[readers.roy]\nrole = "supervisor"\n', "utf-8")
    begun = []
    monkeypatch.setattr(picture_cache, "make", lambda *args: begun.append(args))
    monkeypatch.setattr(own.services, "silence", 0.0)
    assert okafor.get("/leads").status_code == 403
    assert begun == []
