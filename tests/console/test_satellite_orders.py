"""The page of satellite orders: what there is, one with its hours on the line, cancelling, who sees what."""

import shutil
from datetime import timedelta

import pytest
from lxml import html
from msgspec.structs import replace
from playwright.sync_api import expect
from tests.console.served import served
from tests.planning.satellites.test_orders import CONFLICT, ORDER

from watchfloor.cell.acts import Post
from watchfloor.planning.satellites import adoption
from watchfloor.planning.satellites.order_files import OrderBook
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor


@pytest.fixture(scope="module")
def ordered(played, tmp_path_factory):
    """A console on a floor with two orders, one of which its officer may not know of."""
    root = tmp_path_factory.mktemp("ordered") / "floor"
    shutil.copytree(played.root, root)
    (root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\ntlp = "AMBER"\n[readers.roy]\nprotected = "PB"\ntlp = "RED"\n',
        "utf-8",
    )
    floor = Floor.open(root)
    start = floor.now() + timedelta(hours=5)
    roy = terms.load(root).reader(Reader("roy", "CAN", "", purpose="tests"))
    with floor.writer(Actor("roy", "tests", "an Act")) as writer:
        for name, marking in (("RCM-1", "PB//TLP:AMBER"), ("RCM-2", "PB//TLP:RED")):
            one = replace(
                ORDER,
                satellite=name,
                order=name,
                start=start,
                end=start + timedelta(seconds=40),
                marking=marking,
            )
            conflict = replace(CONFLICT, satellite=name, marking=marking)
            book = OrderBook((one,), (conflict,))
            adoption.place(Post(floor, roy, writer), book, marking, "agreed")
    with served(floor) as one:
        yield one


def page(console, client, name="okafor", query=""):
    token = console.token(name)
    one = client(console, token, Cookie=f"watchfloor={token}")
    answer = one.get(f"/planning/satellites{query}")
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text), one


def rows(tree, table):
    return [" ".join(one.text_content().split()) for one in tree.xpath(f"//table[@id='{table}']/tbody/tr")]


def test_orders_are_listed_with_their_hours_and_nobody_learns_of_others(ordered, client):
    tree, _ = page(ordered, client)
    (listed,), (order,) = rows(tree, "placed"), rows(tree, "orders")
    assert "RCM-1" in listed
    assert "vehicles on ice" in order
    (conflict,) = rows(tree, "conflicts")
    assert "cut trails" in conflict
    assert "RCM-1" in conflict
    (hour,) = tree.xpath("//table[@id='orders']//a/@href")
    assert hour.startswith("/coverage?since=")
    assert "RCM-2" not in tree.text_content()
    assert len(rows(page(ordered, client, "roy")[0], "placed")) == 2


def test_what_is_not_there_is_refused_as_what_may_not_be_seen(ordered, client):
    tree, _ = page(ordered, client, "roy")
    (hidden,) = [
        one for one in tree.xpath("//table[@id='placed']//th/a/text()") if one not in seen(ordered, client)
    ]
    said = [
        page(ordered, client, query=f"?plan={one}")[0].xpath("//p[@role='alert']/text()")[0].replace(one, "")
        for one in (hidden, "0" * len(hidden))
    ]
    assert said[0] == said[1]


def seen(console, client):
    return page(console, client)[0].xpath("//table[@id='placed']//th/a/text()")


def test_orders_are_cancelled_in_a_browser(ordered, officer):
    for language, width in (("en", 1440), ("fr", 390)):
        one = officer(ordered, ordered.token(language=language), viewport={"width": width, "height": 900})
        one.go("/planning/satellites")
        one.shot(f"satellites-{language}-{width}", full=True)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    form = one.page.locator("#placed details")
    form.locator("summary").click()
    form.locator("textarea").fill("satellite in safe mode")
    form.locator("button").click()
    expect(one.page.locator("#placed details")).to_have_count(0)
    expect(one.page.locator("#orders a")).to_have_count(0)
