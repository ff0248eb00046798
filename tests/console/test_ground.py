"""Ground that changed on the pages of its lead, the map and its record: pictures, masks, audit."""

import json

import httpx
import pytest
from tests.casework.ground import DAY, HIDDEN, KEEPER, PNG, add_scene, line
from tests.console.served import served

import watchfloor
from watchfloor.exercise.surveillance.scenes import png
from watchfloor.store import Floor

POLICY = """[readers.keeper]
protected = "PB"
[readers.okafor]
protected = "{protected}"
"""


def picture(shade):
    import base64

    import numpy as np

    return base64.b64encode(png(np.full((8, 8, 3), shade, np.uint8))).decode()


def made(folder, protected="PB", marking=HIDDEN):
    """A floor on which a scan found one trail, of scenes that are marked so."""
    floor = Floor.create(folder / "floor", KEEPER, ceiling="PB")
    (floor.root / "policy.toml").write_text(POLICY.format(protected=protected), "utf-8")
    for day in (0, 10):
        add_scene(floor, day, marking=marking, cloud=0.1 * (day > 0))
    shapes = folder / "scan.jsonl"
    shapes.write_text(json.dumps(line(before_png=picture(40), after_png=picture(200))), "utf-8")
    opened = watchfloor.open(floor.root, purpose="watch", authority=KEEPER.authority, user="keeper")
    opened.changes.scan(
        km="1495-1505", since=f"{DAY:%Y-%m-%d}", until="2026-07-01", retain=9999, shapes=shapes
    )
    return floor


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    with served(made(tmp_path_factory.mktemp("ground"))) as one:
        yield one


def asked(console):
    headers = {"Authorization": f"Bearer {console.token()}"}
    return httpx.Client(base_url=f"{console.home}/api/v1", headers=headers, timeout=60)


def test_a_lead_has_the_pictures_of_its_ground_and_each_look_at_one_is_logged(watched):
    with asked(watched) as client:
        (lead,) = client.get("/leads").json()["leads"]
        page = client.get(f"/leads/{lead['lead_id']}").json()
        (ground,) = page["grounds"]
        before = watched.floor.position
        shown = [client.get(ground[which]["src"]) for which in ("before", "after")]
    assert [one.headers["content-type"] for one in shown] == ["image/png"] * 2
    assert all(one.content.startswith(PNG) for one in shown)
    assert shown[0].content != shown[1].content
    assert (ground["what"], ground["metres"], ground["bar"]) == ("trail", 400.0, 100)
    assert (ground["before"]["cloud"], ground["after"]["cloud"]) == (0.0, 0.1)
    assert page["marking"].startswith("PB//TLP:AMBER")
    acts = [act for act in watched.floor.acts(before + 1) if act.act == "query"]
    assert [(act.detail["record"], act.detail["picture"]) for act in acts] == [
        (ground["record"], "before"),
        (ground["record"], "after"),
    ]


def test_a_record_without_pictures_has_none(watched):
    (scene, _) = watched.floor.read("scene", watched.floor.reader("keeper", "watch")).to_pylist()
    with asked(watched) as client:
        answer = client.get(f"/records/{scene['record_id'].hex()}/picture/before")
        assert answer.status_code == 404
        assert client.get(f"/records/{scene['record_id'].hex()}/picture/person").status_code == 422


def test_who_may_not_see_the_scenes_is_told_nothing(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "none").mkdir()
    floor = made(tmp_path / "one", protected="PA")
    (row,) = floor.read("scene-change", floor.reader("keeper", "watch")).to_pylist()
    bare = Floor.create(tmp_path / "none" / "floor", KEEPER, ceiling="PB")
    (bare.root / "policy.toml").write_text(POLICY.format(protected="PA"), "utf-8")
    told = []
    for one in (floor, bare):
        with served(one) as console, asked(console) as client:
            record = row["record_id"].hex()
            answers = [
                client.get(f"/records/{record}{rest}") for rest in ("", "/picture/before", "/original")
            ]
            told.append([(one.status_code, one.json()) for one in answers])
            told[-1].append(client.get("/leads").json()["total"])
            told[-1].append(
                len([one for one in client.get("/map").json()["things"] if one["layer"] == "signal"])
            )
    assert told[0] == told[1]
    assert told[0][-2:] == [0, 0]


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(390, "light", "fr"), pytest.param(1440, "dark", "en", marks=pytest.mark.thorough)],
)
def test_an_officer_sees_both_pictures_on_the_lead_and_in_the_card_of_the_map(
    officer, watched, width, scheme, language
):
    with asked(watched) as client:
        (lead,) = client.get("/leads").json()["leads"]
    who = officer(
        watched,
        watched.token(language=language),
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    page = who.page
    who.go(f"/leads/{lead['lead_id']}")
    pictures = page.locator("figure.pair img")
    pictures.first.scroll_into_view_if_needed()
    assert pictures.count() == 2
    assert all("2026-05" in one.get_attribute("alt") for one in pictures.all())
    page.locator("figure.pair a").click()
    assert page.locator("figure.pair img").count() == 2  # the record has them too
    who.go(f"/map?lead={lead['lead_id']}")
    page.wait_for_selector("#map[data-ready=true]")
    page.locator("#things tr[data-shape] .locate").click()
    page.locator("#chosen figure.pair img").first.wait_for()
    assert page.evaluate("() => watchfloorMap.map.getSource('ground').serialize().data.features.length") == 1
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.locator("#legend input[value='0']").uncheck()
    assert page.evaluate("() => watchfloorMap.map.getSource('ground').serialize().data.features.length") == 0
    who.shot(f"ground-{width}-{language}")
