"""The map: as an officer uses it, as a program asks for it, and as its stream sends it."""

import json
import re
import shutil
import socket
import struct
import time
import tomllib
from base64 import b64encode
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes

import httpx
import pytest
from playwright.sync_api import expect
from tests.console import placed
from tests.console.served import KEEPER, served
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from watchfloor.console.map import layers, stream
from watchfloor.console.map.layers import LAYERS, Layer, table_of
from watchfloor.console.pages.map import CLOSE
from watchfloor.messages import catalogue as words
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor

HIDDEN = "PB//TLP:RED"
POLICY = """
[readers.keeper]
protected = "PB"
tlp = "RED"
role = "supervisor"
[readers.okafor]
protected = "PA"
[readers.silva]
protected = "PB"
tlp = "RED"
"""


@pytest.fixture(scope="module")
def mapped(played, tmp_path_factory):
    """A console on the exercise and five things with a place."""
    copy = tmp_path_factory.mktemp("mapped") / "floor"
    shutil.copytree(played.root, copy)
    placed.place(Floor.open(copy))
    with served(Floor.open(copy)) as one:
        yield one


MAP_WORDS = Path(words.__file__).with_name("map.toml")


def opened(okafor, path="/map"):
    okafor.go(path)
    okafor.page.locator("#map[data-ready]").wait_for()
    return okafor.page


def ask(okafor, at=""):
    said = okafor.get("/api/v1/map", params={"at": at})
    assert said.status_code == 200, said.text
    return said.json()


def of(said, layer):
    return [one["key"] for one in said["things"] if one["layer"] == layer]


def test_an_officer_finds_a_thing_and_goes_on_to_its_lead_and_its_neighbours(mapped, officer):
    okafor = officer(mapped)
    page = opened(okafor)
    expect(page.locator("#things tbody tr")).to_have_count(5)
    expect(page.locator("#legend")).to_contain_text("assets.toml names none")
    stale = page.locator("#things tbody tr", has_text="person 2 in bank")
    expect(stale).to_contain_text("1 d old stale")
    okafor.shot("map")
    stale.get_by_role("button", name="Show on the map").click()
    expect(page.locator("#chosen")).to_contain_text("Canadian side")
    expect(page.locator("#chosen")).to_contain_text("km 4120")
    expect(page.locator("#chosen")).to_be_focused()
    okafor.shot("map-found")
    page.locator("#here").click()
    page.wait_for_url("**/leads?box=*")
    expect(page.locator("#leads > .lead")).to_have_count(1)
    page.go_back()
    page.locator("#map[data-ready]").wait_for()
    page.locator("#things tbody tr", has_text="person 1 in bank").get_by_role(
        "link", name="Lead", exact=True
    ).click()
    page.wait_for_url("**/leads/*")
    expect(page.locator("h1")).to_contain_text("person 1 in bank")


@pytest.mark.parametrize("layer", [one.name for one in LAYERS])
def test_a_layer_without_anything_says_where_it_would_come_from(layer):
    said = tomllib.loads(MAP_WORDS.read_text("utf-8"))["map"]
    assert all(said[f"no_source_{layer}"])
    assert not any("no desk delivers" in text for text in said[f"no_source_{layer}"])


def test_a_click_tells_what_is_there_or_where_along_the_border_it_is(mapped, officer):
    okafor = officer(mapped)
    page = opened(okafor, "/map?box=-75.5,44.6,-74,45.3")
    where = "place => (({x, y}) => [x, y])(watchfloorMap.map.project(place))"
    x, y = page.evaluate(where, [-74.72, 45.011])
    page.locator("#map canvas").first.click(position={"x": x, "y": y})
    expect(page.locator("#chosen .one")).to_have_count(2)  # a signal and a task at one place
    expect(page.locator("#chosen")).to_contain_text("Look at the landing")
    x, y = page.evaluate(where, [-75.2, 44.75])
    page.locator("#map canvas").first.click(position={"x": x, "y": y})
    expect(page.locator("#chosen")).to_contain_text("American side")
    expect(page.get_by_label("Signals of leads")).to_be_checked()
    page.get_by_label("Signals of leads").uncheck()
    x, y = page.evaluate(where, [-74.72, 45.011])
    page.locator("#map canvas").first.click(position={"x": x, "y": y})
    expect(page.locator("#chosen .one")).to_have_count(1)


@pytest.mark.thorough
def test_an_officer_goes_back_in_time_and_the_same_map_has_the_same_digest(mapped, officer, client):
    okafor, program = officer(mapped), client(mapped)
    page = opened(okafor)
    now = page.locator("#digest").inner_text()
    page.get_by_label("as it was known").check()
    page.get_by_role("button", name="Earlier change").click()
    expect(page.locator("#about")).to_contain_text("as it was known at")
    expect(page.locator("#things tbody tr")).to_have_count(5)
    page.locator("#scrub").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#things tbody tr")).to_have_count(4)
    okafor.shot("map-past")
    at = page.locator("#at").input_value()
    assert page.url.endswith(httpx.QueryParams({"at": at})["at"].replace(":", "%3A").replace("+", "%2B"))
    assert page.locator("#digest").inner_text() == ask(program, at)["digest"] != now
    page.get_by_role("link", name="Back to now").click()
    page.locator("#map[data-ready]").wait_for()
    assert page.locator("#digest").inner_text() == now


def test_the_page_without_a_script_has_everything_in_a_table(mapped, officer):
    okafor = officer(mapped, java_script_enabled=False)
    okafor.go("/map")
    expect(okafor.page.locator("#things tbody tr")).to_have_count(5)
    okafor.page.get_by_label("Moment, in UTC").fill("1999-01-01")
    okafor.page.get_by_role("button", name="Show", exact=True).click()
    expect(okafor.page.locator("#things .empty")).to_contain_text("Nothing that you may see has a place")


@pytest.mark.thorough
def test_the_map_speaks_french(mapped, officer):
    okafor = officer(mapped, mapped.token(language="fr"), viewport={"width": 390, "height": 844})
    page = opened(okafor)
    expect(page.locator("h1")).to_have_text("Carte")
    expect(page.locator("#things")).to_contain_text("ancienne")
    expect(page.locator("#things")).to_contain_text("opérations de la GRC")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    okafor.shot("map-390-fr", full=True)


def test_what_is_live_now_is_the_same_when_it_is_replayed(own, client):
    okafor, shown = client(own), []
    placed.place(own.floor)
    for number in range(4, 8):
        shown.append(ask(okafor))
        with own.floor.writer(KEEPER) as writer:
            if number % 2:
                placed.asked(writer, (number - 3) // 2, placed.CORNWALL, state="done", edition=2)
            else:
                placed.disclosed(writer, number, placed.EMERSON)
                placed.run(own.floor, writer)
        until = time.monotonic() + 20
        while not (now := ask(okafor))["fresh"] or now["digest"] == shown[-1]["digest"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        shown.append(now)
    same = ("things", "leads", "digest", "queue", "total", "placed", "layers", "frame", "marking", "as_of")
    for then in shown:
        again = ask(okafor, then["as_of"])
        assert {name: again[name] for name in same} == {name: then[name] for name in same}
    assert len({one["digest"] for one in shown}) == 5


def test_what_had_happened_is_not_what_was_known_and_its_digest_says_so(mapped, client):
    okafor = client(mapped)
    now = ask(okafor)
    stale, *_ = (one for one in now["things"] if one["layer"] == "signal" and one["age"] > 86_400)
    until = (datetime.fromisoformat(stale["at"]) + timedelta(minutes=1)).isoformat()
    happened = okafor.get("/api/v1/map", params={"happened": until}).json()
    assert of(happened, "signal") == [stale["key"]]  # it came later, and was then
    assert of(happened, "task") == []
    assert of(ask(okafor, until), "signal") == []
    assert (happened["at"], happened["happened"], happened["as_of"][:16]) == ("", until, until[:16])
    assert happened["digest"] == okafor.get("/api/v1/map", params={"happened": until}).json()["digest"]
    moment = now["as_of"]
    both = [okafor.get("/api/v1/map", params={name: moment}).json() for name in ("at", "happened")]
    assert both[0]["digest"] != both[1]["digest"]
    (act,) = [one for one in mapped.floor.acts_of("query") if one.actor.name == "okafor"][-1:]
    assert act.detail["happened"][:16] == moment[:16]
    refused = okafor.get("/api/v1/map", params={"at": until, "happened": until})
    assert refused.status_code == 422
    assert "one moment" in refused.json()["detail"]


def test_the_strip_counts_every_signal_with_a_place_once(mapped, client):
    said = ask(client(mapped))
    strip, signals = said["strip"], [one for one in said["things"] if one["layer"] == "signal"]
    assert sum(strip["counts"]) == len(signals)
    first = datetime.fromisoformat(strip["since"])
    for one in signals:
        at = int((datetime.fromisoformat(one["at"]) - first).total_seconds() // strip["step"])
        assert strip["counts"][at] > 0


def test_an_officer_plays_what_happened_and_brushes_a_time(mapped, officer):
    okafor = officer(mapped)
    page = opened(okafor)
    page.locator("#rate").select_option("1")
    last = int(page.locator("#scrub").get_attribute("max"))
    page.evaluate(f"(document.getElementById('scrub').value = {last - 4}, 0)")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#about")).to_contain_text("What had happened by")
    expect(page.locator("#about")).to_contain_text("Live")  # it has played to the end
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    strip = page.locator("#strip svg").bounding_box()
    y = strip["y"] + strip["height"] / 2
    page.mouse.move(strip["x"] + 1, y)
    page.mouse.down()
    page.mouse.move(strip["x"] + strip["width"] / 4, y)
    page.mouse.up()
    expect(page.locator("#things tbody tr:visible")).to_have_count(1)
    assert page.evaluate("watchfloorMap.things.brush.length") == 2
    page.get_by_role("button", name="Show every time").click()
    expect(page.locator("#things tbody tr:visible")).to_have_count(5)
    page.locator("#strip-ends input").last.focus()  # the same by keyboard
    for _ in range(8):
        page.keyboard.press("PageDown")
    expect(page.locator("#things tbody tr:visible")).to_have_count(1)
    assert page.evaluate("watchfloorMap.brush[0]") == 0
    page.locator("#strip-ends input").first.focus()
    page.keyboard.press("End")
    expect(page.locator("#things tbody tr:visible")).to_have_count(5)


TRAILS = """() => {
  const trails = watchfloorMap.things.trails, moment = 1e12;
  const add = (longitude, after) => {
    const frame = new ArrayBuffer(32 + 36), view = new DataView(frame, 32);
    view.setInt32(4, longitude, true);
    view.setUint8(14, 2);
    view.setUint32(32, 7, true);
    trails.add(frame, moment + after);
  };
  const column = (back) => (trails.head - back + trails.columns) % trails.columns;
  const at = (back) => trails.places[2 * (column(back) * trails.size + trails.slots.get(7))];
  trails.begin([[7, 10, 20, moment - 60_000], [8, 11, 21, moment - 3e6]], moment);
  for (const [longitude, after] of [[100, 0], [200, 10_000], [300, 31_000]]) add(longitude, after);
  const seen = [at(0), at(1), at(2), at(3), trails.slots.has(8)];
  for (let n = 0; n < 300; n++) trails.slot(1000 + n);
  trails.room(2000); // more tracks than there were slots for
  return [...seen, at(0), at(1), at(3), trails.columns];
}"""


def test_a_trail_is_a_ring_of_columns_and_tools_measure_and_select(mapped, officer):
    okafor = officer(mapped)
    page = opened(okafor, "/map?box=-75.5,44.6,-74,45.3")
    nowhere = -(2**31)
    assert page.evaluate(TRAILS) == [300, 200, nowhere, 10, False, 300, 200, 10, 81]
    canvas = page.locator("#map canvas").first
    page.get_by_role("button", name="Measure").click()
    for x in (200, 400):
        canvas.click(position={"x": x, "y": 200})
    page.wait_for_function("() => /^[0-9.]+ km · (89|90|91)°$/.test(watchfloorMap.tools.said)")
    page.get_by_role("button", name="Select an area").click()
    where = "place => (({x, y}) => [x, y])(watchfloorMap.map.project(place))"
    x, y = page.evaluate(where, [-74.72, 45.011])
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + x - 20, box["y"] + y - 20)
    page.mouse.down()
    for dx, dy in ((20, -20), (20, 20), (-20, 20)):
        page.mouse.move(box["x"] + x + dx, box["y"] + y + dy, steps=3)
    page.mouse.up()
    expect(page.locator("#chosen")).to_contain_text("In the area: 2; their leads: 1")
    expect(page.locator("#chosen .one")).to_have_count(2)
    page.get_by_role("button", name="Select an area").click()
    assert page.evaluate("watchfloorMap.map.dragPan.isEnabled()")
    page.get_by_role("button", name="Follow this area").click()
    expect(page.locator(".heard")).to_contain_text(re.compile(r"You follow within [\d.]+ km of 45\.01"))


def test_each_moment_of_the_slider_shows_something_else_than_before_it(mapped, client):
    okafor = client(mapped)
    said = ask(okafor)
    last = said["moments"][-1]
    before = (datetime.fromisoformat(last) - timedelta(microseconds=1)).isoformat()
    assert ask(okafor, last)["digest"] == said["digest"]
    assert ask(okafor, before)["digest"] != said["digest"]


def test_a_lead_or_a_box_says_where_to_begin(mapped, client):
    okafor = client(mapped)
    things = ask(okafor)["things"]
    one = next(one for one in things if one["lead"])
    begun = okafor.get("/api/v1/map", params={"lead": one["lead"]}).json()["box"]
    west, south, east, north = map(float, begun.split(","))
    assert west < one["longitude"] < east
    assert south < one["latitude"] < north
    mine = [each for each in things if each["lead"] == one["lead"]]
    spread = [each["longitude"] for each in mine]
    wide = max(CLOSE, *(each["major"] or 0 for each in mine)) / 35_000  # 2 / (111,320 cos 45°)
    assert (east - west) - (max(spread) - min(spread)) < wide  # close enough to see what is there
    assert okafor.get("/api/v1/map", params={"box": "-75,45,-74,46"}).json()["box"] == "-75,45,-74,46"
    assert okafor.get("/api/v1/map", params={"lead": "nobody"}).json()["box"] == ""


def test_looking_is_logged_with_what_was_shown(mapped, client):
    said = ask(client(mapped))
    (act,) = [one for one in mapped.floor.acts_of("query") if one.actor.name == "okafor"][-1:]
    assert act.detail["what"] == "map"
    assert act.detail["digest"] == said["digest"]
    assert act.detail["shown"] == [one["key"] for one in said["things"]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": "yesterday"}, "there is no such moment"),
        ({"at": "2999-01-01"}, "still to come"),
        ({"box": "1,2,3"}, "WEST,SOUTH,EAST,NORTH"),
        ({"box": "0,50,10,40"}, "south first"),
        ({"where": "here"}, "there is no field 'where' here"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(mapped, client, asked, said):
    answer = client(mapped).get("/api/v1/map", params=asked)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_border_tells_side_kilometre_and_distance(mapped, client):
    okafor = client(mapped)
    said = okafor.get("/api/v1/border", params={"lat": 42.315, "lon": -83.036}).json()
    assert (said["side"], said["said"], said["chain"]) == ("CAN", "Canadian side", "main")
    assert said["post"] == f"km {said['km']:.1f}"
    assert 0 < said["metres"] < 2_000
    assert "OpenStreetMap" in said["attribution"]
    for asked in ({"lat": 91, "lon": 0}, {"lat": 45, "lon": 181}, {"lat": "north", "lon": 0}, {"lat": 45}):
        assert okafor.get("/api/v1/border", params=asked).status_code == 422


@pytest.fixture
def ruled(own):
    """A console whose okafor may not see what is Protected B."""
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    with own.floor.writer(KEEPER) as writer:
        placed.disclosed(writer, 1, placed.CORNWALL)
        placed.asked(writer, 1, placed.CORNWALL)
        placed.run(own.floor, writer)
    return own


def test_what_is_hidden_is_on_no_map_in_no_digest_and_at_no_moment(ruled, client):
    okafor, silva = client(ruled), client(ruled, ruled.token("silva"))
    before = ask(okafor)
    with ruled.floor.writer(KEEPER) as writer:
        placed.disclosed(writer, 2, placed.WINDSOR, marking=HIDDEN)
        placed.asked(writer, 2, placed.WINDSOR, marking=HIDDEN)
        placed.run(ruled.floor, writer)
    after, whole = ask(okafor), ask(silva)
    assert [len(of(whole, one)) for one in ("signal", "task")] == [2, 2]
    assert after["things"] != []
    same = ("digest", "queue", "total", "placed", "leads", "layers", "moments", "marking", "more")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert [one | {"age": 0} for one in after["things"]] == [one | {"age": 0} for one in before["things"]]
    assert whole["digest"] != after["digest"]


# The stream


def ws(console):
    return f"{console.home.replace('http', 'ws')}/map/stream"


def cookie(token):
    return {"Cookie": f"watchfloor={token}"}


def code_of(socket_):
    """Hear a stream out; gives the code with which it is closed."""
    try:
        while True:
            socket_.recv(timeout=20)
    except ConnectionClosed as closed:
        return closed.rcvd.code


@pytest.fixture
def fast(monkeypatch):
    """A stream that looks often."""
    monkeypatch.setattr(stream, "EVERY", 0.05)


def test_the_stream_sends_the_map_and_then_only_that_nothing_changed(mapped, fast):
    with connect(ws(mapped), additional_headers=cookie(mapped.token())) as socket_:
        first, second = socket_.recv(timeout=20), socket_.recv(timeout=20)
    assert struct.unpack_from("<4sI", first) == (b"WFM1", 5)
    assert len(first) == 32 + 36 * 5
    assert struct.unpack_from("<II", second, 24)[1] & 1
    assert len(second) == 32
    assert first[16:24] == second[16:24]


def test_a_session_has_so_many_streams_and_one_that_left_is_not_counted(mapped, fast, monkeypatch):
    monkeypatch.setattr(stream, "MOST", 1)
    mine = cookie(mapped.token())
    with connect(ws(mapped), additional_headers=mine) as first:
        first.recv(timeout=20)
        with connect(ws(mapped), additional_headers=mine) as second:
            assert code_of(second) == stream.LATER
        with connect(ws(mapped), additional_headers=cookie(mapped.token())) as of_another:
            of_another.recv(timeout=20)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connect(ws(mapped), additional_headers=mine) as again, suppress(ConnectionClosed):
            assert again.recv(timeout=20)
            return
    raise AssertionError("a stream that has ended is counted still")


def test_a_floor_that_is_busy_ends_a_stream_for_a_while_and_not_for_good(mapped, fast, monkeypatch):
    def busy(asker):
        raise FloorBusy("somebody writes")

    monkeypatch.setattr(stream, "live", busy)
    with connect(ws(mapped), additional_headers=cookie(mapped.token())) as socket_:
        assert code_of(socket_) == stream.LATER


def test_the_stream_tells_what_came_and_ends_with_the_session(own, fast):
    token = own.token()
    with connect(ws(own), additional_headers=cookie(token)) as socket_:
        assert struct.unpack_from("<I", socket_.recv(timeout=20), 4)[0] == 0
        with own.floor.writer(KEEPER) as writer:
            placed.asked(writer, 1, placed.CORNWALL)
        while not (count := struct.unpack_from("<I", socket_.recv(timeout=20), 4)[0]):
            pass
        assert count == 1
        own.services.sessions.end(own.session(token).key)
        assert code_of(socket_) == stream.OVER
    shown = [act.detail for act in own.floor.acts_of("query") if act.detail.get("stream")]
    assert [one["shown"] for one in shown] == [["task1"]]


def test_nobody_listens_without_a_session_or_from_another_page(mapped, fast):
    for token in ("", "none", mapped.token(purpose="")):
        with connect(ws(mapped), additional_headers=cookie(token)) as socket_:
            assert code_of(socket_) == stream.OVER
    headers = cookie(mapped.token()) | {"Origin": "http://elsewhere.example"}
    with pytest.raises(InvalidStatus), connect(ws(mapped), additional_headers=headers):
        pass


class Crowd:
    """Tracks that move each time they are asked for."""

    def __init__(self, count):
        self.count, self.made = count, 0

    def __call__(self, look):
        self.made += 1
        rows = [
            {
                "key": f"{n:06}",
                "latitude": 45 + self.made / 1e3,
                "longitude": -100 + n / 1e3,
                "at": look.moment,
            }
            | {"marking": placed.OPEN}
            for n in range(self.count)
        ]
        return table_of("track", rows)


def crowded(monkeypatch, count):
    made = Crowd(count)
    monkeypatch.setattr(
        layers,
        "LAYERS",
        tuple(Layer("track", made, moving=True) if one.name == "track" else one for one in layers.LAYERS),
    )
    return made


def test_for_a_client_that_stalls_nothing_piles_up_and_it_is_let_go(mapped, fast, monkeypatch):
    monkeypatch.setattr(stream, "STALLED", 1.0)
    made = crowded(monkeypatch, 20_000)  # 720 kB a frame
    host, port = mapped.home.removeprefix("http://").split(":")
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect((host, int(port)))
        raw.sendall(
            f"GET /map/stream HTTP/1.1\r\nHost: {host}:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {b64encode(token_bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: watchfloor={mapped.token()}\r\n\r\n".encode()
        )
        steady, last = 0, -1
        while steady < 30:  # until no frame has been made for a second and a half
            time.sleep(0.05)
            steady, last = (steady + 1, last) if made.made == last else (0, made.made)
        assert 0 < made.made < 20
        shown = httpx.get(f"{mapped.home}/api/v1/session", headers=cookie(mapped.token()))
        assert shown.status_code == 200


def test_a_tab_that_slept_shows_what_came_meanwhile(own, officer, fast):
    okafor = officer(own)
    page = opened(okafor)
    expect(page.locator("#things tbody tr")).to_have_count(0)
    tools = okafor.context.new_cdp_session(page)
    tools.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in (1, 2, 3):
        with own.floor.writer(KEEPER) as writer:
            placed.asked(writer, number, placed.CORNWALL)
    time.sleep(0.5)
    tools.send("Page.setWebLifecycleState", {"state": "active"})
    expect(page.locator("#things tbody tr")).to_have_count(3, timeout=20_000)


@pytest.mark.thorough
def test_a_lost_connection_is_told_and_mended(mapped, officer, fast, monkeypatch):
    okafor = officer(mapped)
    page = opened(okafor)
    page.evaluate("(watchfloorMap.stream.open = () => {}, watchfloorMap.stream.socket.close())")
    expect(page.locator("#state")).to_contain_text("The connection is lost; what you see is from")
    page.evaluate("(delete watchfloorMap.stream.open, watchfloorMap.stream.renew())")
    expect(page.locator("#state")).to_be_hidden(timeout=20_000)


@pytest.mark.thorough
def test_thousands_of_moving_tracks_are_drawn_and_not_all_listed(mapped, officer, monkeypatch):
    crowded(monkeypatch, 3_000)
    okafor = officer(mapped)
    page = opened(okafor)
    assert page.evaluate("watchfloorMap.things.count") == 3_005
    expect(page.locator("#things")).to_contain_text("and 2,505 more on the map that are not listed")
    okafor.shot("map-crowd")
    first = page.evaluate("new Int32Array(watchfloorMap.frame)[8 + 9 * 19 + 2]")
    until = time.monotonic() + 20
    while page.evaluate("new Int32Array(watchfloorMap.frame)[8 + 9 * 19 + 2]") == first:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_first_page_is_under_a_megabyte_and_asks_nobody_else(mapped, officer):
    okafor, size = officer(mapped), {}
    tools = okafor.context.new_cdp_session(okafor.page)
    tools.send("Network.enable")
    tools.on(
        "Network.loadingFinished", lambda said: size.update({said["requestId"]: said["encodedDataLength"]})
    )
    page = opened(okafor)
    page.wait_for_timeout(200)
    assert 300_000 < sum(size.values()) < 1_000_000


def test_the_base_map_says_whose_it_is(console):
    for name, owner in (("map/base.json", "Natural Earth"), ("map/border.json", "OpenStreetMap")):
        assert owner in json.loads(console.services.assets[name].content)["attribution"]
