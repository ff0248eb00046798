"""The graph: opened node by node, by keyboard, and the way between two."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from tests.console import named
from tests.console.served import AUTHORITY, PURPOSE, served

from watchfloor.cell import graph as graphs
from watchfloor.messages.catalogue import Catalogue
from watchfloor.store.log import Actor


@pytest.fixture(scope="module")
def harmed(tmp_path_factory):
    with served(named.made(tmp_path_factory.mktemp("graph") / "home")) as one:
        yield one


def whole(console, name="okafor"):
    floor = console.floor
    return graphs.graph(floor, floor.reader(name, PURPOSE), datetime.now(UTC))


def test_an_officer_opens_the_graph_node_by_node_with_the_keyboard_alone(console, officer):
    here = whole(console)
    about = next(key for key in here.subjects if 2 <= here.neighbours(key, 40)[1] <= 6)
    okafor = officer(console)
    page = okafor.page
    okafor.go(f"/graph?about={about}")
    nodes, rows = page.locator("#graph .node"), page.locator("#why tbody tr")
    total = here.neighbours(about, 40)[1]
    expect(nodes).to_have_count(1 + total)
    expect(rows).to_have_count(total)
    okafor.shot("graph")
    first = page.locator("#graph .node:not(.opened)").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#graph .node.opened")).to_have_count(2)
    other = here.neighbours(about, 40)[0][0].other
    more = {edge.other for edge in here.neighbours(other, 40)[0]}
    everybody = {about, *(edge.other for edge in here.neighbours(about, 40)[0]), *more}
    expect(nodes).to_have_count(len(everybody))
    expect(rows).to_have_count(total + len(more))
    expect(page.locator("#graph .node:focus")).to_have_count(1)
    okafor.shot("graph-opened", full=True)
    page.keyboard.press("Escape")
    expect(nodes).to_have_count(1 + total)
    expect(rows).to_have_count(total)


@pytest.mark.thorough
def test_the_drawing_is_the_same_each_time(console, officer):
    here = whole(console)
    about = next(key for key in here.subjects if here.neighbours(key, 40)[1] > 3)
    okafor = officer(console)
    drawn = []
    for _ in range(2):
        okafor.go(f"/graph?about={about}")
        expect(okafor.page.locator("#graph .node").first).to_be_visible()
        drawn.append(okafor.page.locator("#graph svg").inner_html())
    assert drawn[0] == drawn[1]


def test_neighbours_and_the_way_are_those_of_the_readers_own_graph(harmed, client):
    for name in ("okafor", "roy"):
        here, asked = whole(harmed, name), client(harmed, harmed.token(name))
        for key in ("person:parcels:0", "phone:phone:16135550112", "person:parcels:3"):
            said = asked.get("/api/v1/graph", params={"about": key, "hubs": True}).json()
            assert [(one["other"], one["total"]) for one in said["links"]] == [
                (edge.other, edge.total) for edge in here.neighbours(key, 40)[0]
            ]
            assert [[why["id"] for why in one["why"]] for one in said["links"]] == [
                [why.id.hex() for why in edge.why] for edge in here.neighbours(key, 40)[0]
            ]
        way = asked.get(
            "/api/v1/graph/path", params={"one": "person:parcels:2", "other": "person:parcels:0"}
        ).json()
        steps = here.way("person:parcels:2", "person:parcels:0").steps
        assert way["found"] is True
        assert [one["subject"] for one in way["nodes"]] == [
            "person:parcels:2",
            *(step.other for step in steps),
        ]


def test_what_is_hidden_connects_nobody(harmed, client):
    okafor, roy = client(harmed), client(harmed, harmed.token("roy"))
    path = {"one": "person:parcels:0", "other": "person:parcels:3"}
    assert len(okafor.get("/api/v1/graph/path", params=path).json()["links"]) == 2
    hidden = roy.get("/api/v1/graph/path", params=path)
    nowhere = roy.get("/api/v1/graph/path", params=path | {"other": "person:parcels:9"})
    assert hidden.json()["found"] is False
    same = nowhere.text.replace("person:parcels:9", "person:parcels:3")
    assert hidden.json() | {"at": 0} == json.loads(same) | {"at": 0}


def test_every_kind_and_every_part_of_a_row_has_words():
    words = Catalogue()
    for kind, columns in graphs.COLUMNS.items():
        assert f"graph.kind.{kind}" in words
        for column in columns:
            assert f"graph.part.{column.removesuffix('s')}" in words


@pytest.mark.thorough
def test_a_path_that_is_cut_short_says_so_and_bad_input_is_told(harmed, client, officer):
    asked = client(harmed)
    path = {"one": "person:parcels:2", "other": "person:parcels:3"}
    said = asked.get("/api/v1/graph/path", params=path | {"budget": 1}).json()
    assert (said["found"], said["cut"]) == (False, True)
    for wrong in ({"budget": 0}, {"budget": 10**9}, {"one": "x"}):
        answer = asked.get("/api/v1/graph/path", params=path | wrong)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:watchfloor:problem:refused")
    assert asked.get("/api/v1/graph", params={"about": "<b>"}).status_code == 422
    okafor = officer(harmed)
    okafor.go("/graph/path?one=person:parcels:2&other=person:parcels:3&budget=1")
    expect(okafor.page.locator("main")).to_contain_text("Cut short")
    okafor.page.locator("input[name=budget]").fill("5000")
    okafor.page.locator("button.main").last.click()
    expect(okafor.page.locator(".path > li.via")).to_have_count(len(said_steps(harmed)))
    okafor.shot("path", full=True)


def said_steps(console):
    return whole(console).way("person:parcels:2", "person:parcels:3").steps


def test_what_is_hidden_makes_no_graph_old_and_what_is_seen_does(tmp_path):
    with served(named.made(tmp_path / "home")) as one:
        drawn, roy = one.services.graphs.current, one.floor.reader("roy", PURPOSE)
        first = drawn(roy, datetime.now(UTC))
        for n, (marking, moves) in enumerate(
            [(named.HIDDEN, False), ("PB//TLP:RED", False), (named.OPEN, True)]
        ):
            with named.in_(tmp_path / "home", "keeper"):
                text = named.HEAD + named.party(f"x{n}", 4 + n, f"Nobody {n}", f"1613555013{n}")
                (tmp_path / "home" / f"parcels-9{n}.csv").write_text(text, "utf-8")
                named.run("ingest", f"parcels-9{n}.csv", "--marking", marking)
            now = drawn(roy, datetime.now(UTC))
            assert (now.at > first.at, now.fresh) == (moves, True), marking
        with one.floor.writer(Actor("keeper", PURPOSE, AUTHORITY)) as writer:
            writer.erase([one.floor.read("party", roy)["record_id"][0].as_py()], "asked", category="consent")
        assert drawn(roy, datetime.now(UTC)).at > now.at
