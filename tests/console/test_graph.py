"""The graph: opened node by node, by keyboard, and the way between two."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree
from playwright.sync_api import expect
from tests.console import named
from tests.console.served import AUTHORITY, PURPOSE, served

from watchfloor.cell import graph as graphs
from watchfloor.exchange import graph_file
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
    nodes, rows = page.locator("#graph .node"), page.locator(f'#why tbody tr[data-one="{about}"]')
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
    expect(rows).to_have_count(total)
    mine = page.locator(f'#why tbody tr[data-one="{other}"], #why tbody tr[data-other="{other}"]')
    expect(mine).to_have_count(len(more))
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
            mine = [one for one in said["links"] if one["one"] == key]
            edges = here.neighbours(key, 40)[0]
            assert {one["other"]: one["total"] for one in mine} == {edge.other: edge.total for edge in edges}
            assert {one["other"]: [why["id"] for why in one["why"]] for one in mine} == {
                edge.other: [why.id.hex() for why in edge.why] for edge in edges
            }
            assert [one["subject"] for one in said["nodes"]] == [edge.other for edge in edges]
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
    same = nowhere.text.replace("person:parcels:9", "person:parcels:3").replace("person 9", "person 3")
    assert hidden.json() | {"at": 0} == json.loads(same) | {"at": 0}


def test_every_kind_and_every_part_of_a_row_has_words():
    words = Catalogue()
    for kind, columns in graphs.COLUMNS.items():
        assert f"graph.kind.{kind}" in words
        # What a link of these kinds is called comes from the part it has in a row.
        assert kind in ("party", "account", "declaration") or f"graph.word.{kind}" in words
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
    okafor.page.locator("main button.main").click()
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


def shown(asked, **params):
    said = asked.get("/api/v1/graph", params=params)
    assert said.status_code == 200, said.text
    return said.json()


def test_a_canvas_counts_by_type_and_opens_one_type_alone(harmed, client):
    here, okafor = whole(harmed), client(harmed)
    phone = "phone:phone:16135550112"
    said = shown(okafor, about=phone)
    counts = {one["subject"]: one["near"] for one in [said["about"], *said["nodes"]]}
    for key, near in counts.items():
        others = [edge.other for edge in here.neighbours(key, 400)[0]]
        assert near == {
            type_: sum(one.startswith(f"{type_}:") for one in others)
            for type_ in dict.fromkeys(one.partition(":")[0] for one in others)
        }
    opened = shown(okafor, about=phone, open="person@person:parcels:0")
    more = {one["subject"] for one in opened["nodes"]} - {one["subject"] for one in said["nodes"]}
    assert more
    assert all(key.startswith("person:") for key in more)
    left = shown(okafor, about=phone, open="person@person:parcels:0", hide=sorted(more))
    assert [one["subject"] for one in left["nodes"]] == [one["subject"] for one in said["nodes"]]
    for wrong in ("dragon@person:parcels:0", "person@x", "x"):
        answer = okafor.get("/api/v1/graph", params={"about": phone, "open": wrong})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:watchfloor:problem:refused")


def test_a_link_says_what_links_and_when_as_its_rows_do(harmed, client):
    said = shown(client(harmed), about="person:parcels:0")
    french = shown(client(harmed, harmed.token(language="fr")), about="person:parcels:0")
    for told, word in ((said, "telephone"), (french, "téléphone")):
        words = {(one["one"], one["other"]): one["word"] for one in told["links"]}
        assert words["person:parcels:0", "phone:phone:16135550112"].startswith(word)
    slices = [sum(one["slices"].values()) for one in said["links"]]
    assert slices == [one["total"] for one in said["links"]]
    assert said["course"]["total"] == sum(said["course"]["counts"])


def test_a_hidden_row_changes_no_count_no_word_and_no_time(tmp_path, client):
    """What roy is told of a world with hidden rows is what he is told of one without them."""
    worlds = []
    for hidden in (True, False):
        home = tmp_path / str(hidden)
        floor = named.made(home)
        with named.in_(home, "keeper"):
            text = named.HEAD + named.party("z1", 0, "Known Name", "16135550199")
            (home / "parcels-8.csv").write_text(text, "utf-8")
            named.run("ingest", "parcels-8.csv", "--marking", named.OPEN)
            if hidden:
                text = named.HEAD + named.party("z2", 0, "Other Name", "16135550199").replace("2T05", "9T07")
                (home / "parcels-9.csv").write_text(text, "utf-8")
                named.run("ingest", "parcels-9.csv", "--marking", named.HIDDEN)
        with served(floor) as one:
            roy = client(one, one.token("roy"))
            said = shown(roy, about="person:parcels:0", open="phone:phone:16135550199")
            worlds.append(json.dumps(said | {"at": 0}).encode())
    told = [json.loads(world) for world in worlds]
    for one in told:  # ids are keyed by each floor's secret, and order rows of one moment
        for link in one["links"]:
            link["why"] = sorted((why["said"], why["at"], why["marking"]) for why in link["why"])
        events = one["course"].pop("events")
        one["course"]["events"] = sorted((each["said"], each["at"], each["marking"]) for each in events)
    assert told[0] == told[1]


def test_a_canvas_is_kept_opened_as_then_or_now_and_tells_of_new_links(tmp_path, client):
    with served(named.made(tmp_path / "home")) as one:
        okafor, roy = client(one), client(one, one.token("roy"))
        keys = ["person:parcels:0", "person:parcels:1", "phone:phone:16135550112", "phone:phone:16135550113"]
        nodes = [f"{n * 10},{-n}{'p' if n else ''} {key}" for n, key in enumerate(keys)]
        kept = okafor.post("/api/v1/graph/save", json={"name": " Wharf ", "node": nodes, "layout": "circle"})
        id_ = kept.json()["id"]
        again = okafor.post("/api/v1/graph/save", json={"name": "Wharf", "node": nodes}).json()["id"]
        assert again == id_
        said = shown(okafor, canvas=id_)
        assert {one["subject"]: (one["place"], one["pinned"]) for one in said["nodes"]} == {
            key: ([n * 10, -n], bool(n)) for n, key in enumerate(keys)
        }
        assert (said["opened"]["name"], said["opened"]["new"]) == ("Wharf", 0)
        assert said["canvases"] == {id_: "Wharf"}
        before = {(one["one"], one["other"]) for one in said["links"]}
        with named.in_(tmp_path / "home", "keeper"):
            text = named.HEAD + named.party("q", 0, "Known Name", "16135550113")
            Path("parcels-9.csv").write_text(text, "utf-8")
            named.run("ingest", "parcels-9.csv", "--marking", named.OPEN)
        now, then = shown(okafor, canvas=id_), shown(okafor, canvas=id_, then=True)
        new = {(one["one"], one["other"]) for one in now["links"] if one["new"]}
        assert now["opened"]["new"] == len(new) == 1
        assert {(one["one"], one["other"]) for one in now["links"]} == before | new
        assert {(one["one"], one["other"]) for one in then["links"]} == before
        assert roy.get("/api/v1/graph", params={"canvas": id_}).status_code == 404
        assert shown(roy)["canvases"] == {}
        file = (tmp_path / "home" / "floor" / "personal.sqlite").read_bytes()
        assert not [key for key in keys if key.encode() in file]
        assert okafor.post(f"/api/v1/graph/canvases/{id_}/remove", json={}).status_code == 200
        assert okafor.get("/api/v1/graph", params={"canvas": id_}).status_code == 404


def test_a_canvas_that_was_saved_keeps_what_was_erased_out(tmp_path, client):
    with served(named.made(tmp_path / "home")) as one:
        okafor, floor = client(one), one.floor
        nodes = ["0,0 person:parcels:3", "9,9 person:parcels:0"]
        id_ = okafor.post("/api/v1/graph/save", json={"name": "x", "node": nodes}).json()["id"]
        assert len(shown(okafor, canvas=id_, then=True)["nodes"]) == 2
        parties = floor.read("party", floor.reader("keeper", PURPOSE)).to_pylist()
        gone = [row["record_id"] for row in parties if row["subject"] == "person:parcels:3"]
        with floor.writer(Actor("keeper", PURPOSE, AUTHORITY)) as writer:
            writer.erase(gone, "asked", category="consent")
        for then in (False, True):
            left = shown(okafor, canvas=id_, then=then)
            assert "person:parcels:3" not in [each["subject"] for each in left["nodes"]]
            assert left["opened"]["new"] == 0


@pytest.mark.parametrize(
    ("node", "name"), [("nowhere person:parcels:0", "x"), ("1,1 dragon", "x"), ("1,1 person:parcels:0", " ")]
)
def test_a_canvas_that_cannot_be_used_is_refused(harmed, client, node, name):
    said = client(harmed).post("/api/v1/graph/save", json={"name": name, "node": [node]})
    assert (said.status_code, said.json()["type"]) == (422, "urn:watchfloor:problem:refused")


def test_a_file_of_a_canvas_has_its_links_its_marking_and_no_formula(harmed, client):
    okafor = client(harmed)
    said = shown(okafor, about="person:parcels:0")
    xml = okafor.get("/api/v1/graph/export", params={"about": "person:parcels:0", "form": "graphml"})
    root, space = etree.fromstring(xml.content), {"g": graph_file.NAMESPACE}
    assert root.xpath("string(//g:graph/g:data[@key='graph-marking'])", namespaces=space) == said["marking"]
    assert root.xpath("//g:node/@id", namespaces=space) == [
        one["subject"] for one in [said["about"], *said["nodes"]]
    ]
    for end, name in (("source", "one"), ("target", "other")):
        ends = root.xpath(f"//g:edge/@{end}", namespaces=space)
        assert ends == [one[name] for one in said["links"]]
    lines = okafor.get("/api/v1/graph/export", params={"about": "person:parcels:0"}).text.splitlines()
    assert len(lines) == 1 + len(said["links"])
    assert all(line.endswith(said["marking"]) for line in lines[1:])
    log = [act.detail for act in harmed.floor.acts() if act.act == "query" and act.detail.get("export")]
    assert [one["export"] for one in log[-2:]] == ["graphml", "csv"]


def namesake(console, client):
    """A subject from which two of one name are seen, and the two."""
    here = whole(console)
    for key in here.subjects:
        if not here.is_hub(key) and here.neighbours(key, 40)[1] < 20:
            same = shown(client(console), about=key)["namesakes"]
            if same:
                return key, same[0]
    pytest.fail("nobody in the exercise has a namesake")


def test_an_analyst_builds_a_picture_and_finds_it_again(own, client, officer):
    about, same = namesake(own, client)
    okafor = officer(own)
    page = okafor.page
    okafor.go(f"/graph?about={quote(about)}")
    nodes, lines = page.locator("#graph .node"), page.locator("#graph .edge")
    first, links = nodes.count(), lines.count()
    assert page.locator("#graph .edge-word:not(.quiet)").count() > 0
    # expand by kind, from the table, then take it back and do it again
    row = page.locator("#nodes tr:not([data-opened]):not([data-hub])").filter(has=page.locator("a.expand"))
    more = next(
        one for one in row.locator("a.expand").all()
        if int(one.text_content().split()[-1].replace("all", "0") or 0) > 1
    )  # fmt: skip
    more.click()
    expect(page).to_have_url(re.compile(r"open="))
    expect(page.locator("#undo")).to_be_enabled()
    grown = nodes.count()
    page.locator("#undo").click()
    expect(nodes).to_have_count(first)
    expect(lines).to_have_count(links)
    page.locator("#redo").click()
    expect(nodes).to_have_count(grown)
    # by keyboard: move a subject, which pins it; another arrangement leaves it there
    key = nodes.first.get_attribute("data-key")
    mine = page.locator(f'#graph .node[data-key="{key}"]')
    mine.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(mine.locator(".pinned")).to_have_count(1)
    where = mine.get_attribute("transform")
    for layout in ("types", "time", "circle"):
        page.locator("#layout").select_option(layout)
        assert mine.get_attribute("transform") == where
    # the brush of time leaves fewer links in the drawing and in the table
    page.locator("#strip input").first.focus()
    for _ in range(99):
        page.keyboard.press("ArrowRight")
    outside = page.locator("#graph .edge.outside").count()
    assert outside == page.locator("#why tbody tr[hidden]").count() > 0
    page.locator("#strip button").click()
    expect(page.locator("#graph .edge.outside")).to_have_count(0)
    okafor.shot("graph-built")
    # saved under a name, and found again with everything where it was
    page.locator("#saving summary").click()
    page.locator("#saving input[name=name]").fill("Wharf")
    page.locator("#saving button.main").click()
    expect(page.locator("h1")).to_have_text("Wharf")
    expect(nodes).to_have_count(grown)
    assert mine.get_attribute("transform") == where
    expect(page.locator(".stale").first).to_contain_text("No new link since")
    # a picture for a briefing, with its marking
    page.locator("#exports summary").click()
    with page.expect_download() as made:
        page.locator("#as-svg").click()
    picture = made.value.path().read_text("utf-8")
    assert page.locator("#canvas").get_attribute("data-marking") in picture
    with page.expect_download() as made:
        page.locator("#as-png").click()
    assert made.value.path().read_bytes()[:4] == b"\x89PNG"
    # two of one name: decided from here
    okafor.go(f"/graph?about={quote(about)}")
    pair = page.locator(f'.namesakes a[data-one="{same["one"]}"][data-other="{same["other"]}"]')
    pair.click()
    form = page.locator("#judge form")
    expect(form.locator("input[name=lead_id]")).to_have_value(same["one"])
    form.locator("input[value=apart]").check()
    form.locator("textarea").fill("father and son")
    form.locator("button.main").click()
    expect(page.locator(".heard").first).to_be_visible()
    expect(pair).to_have_count(0)
