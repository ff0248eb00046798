"""Search: as an officer searches at the console, and what each reader's counts are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.console.served import KEEPER, served

from watchfloor.casework.watch import watch
from watchfloor.cell import finding
from watchfloor.cell.acts import common, write
from watchfloor.console.pages.search import Piece, SearchAsk, _typed, pieces
from watchfloor.core.kinds import OUTCOME, WATCH_ENTRY
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.store.floor import Floor

PARTIES = """report_key,role,subject,name,schema,birth_date,country,identifiers,observed_at
1,payee,person:parcels:1,Ирина Ковалёва,Person,1970,ca,,2026-11-20T05:00:00Z
2,payee,person:parcels:2,علي حسن الخطيب,Person,1971,ca,,2026-11-20T05:00:00Z
3,payee,person:parcels:3,Wren <script>alert(1)</script> Halloway,Person,1972,ca,,2026-11-20T05:00:00Z
4,payee,person:parcels:4,Wren Quist,Person,1973,ca,,2026-11-20T05:00:00Z
"""
FEEDS = '[feeds.parcels]\npaths = ["parcels*.csv"]\nformat = "party-csv"\n'
POLICY = """
[compartments]
ALPHA = { en = "a", fr = "a" }
[purposes]
tests = { en = "tests", fr = "essais" }
[readers.keeper]
protected = "PC"
compartments = ["ALPHA"]
role = "supervisor"
[readers.okafor]
protected = "PB"
[readers.tran]
protected = "PB"
compartments = ["ALPHA"]
"""
OPEN, HIDDEN = "PB//TLP:AMBER", "PB//TLP:AMBER//COMP:ALPHA"
SHIP = "vessel:imo:9074729"


def world(home, *, hidden):
    """A floor with names in several scripts and notes on them; some, where asked, for `tran` alone."""
    floor = Floor.create(home / "floor", KEEPER, name="cell", ceiling="PC//TLP:RED//COMP:ALPHA")
    (floor.root / "feeds.toml").write_text(FEEDS, "utf-8")
    file = home / "parcels.csv"
    file.write_text(PARTIES, "utf-8")
    with floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [file], config.load(floor.root), Orders(marking=parse(OPEN))))
        for n in range(3):
            _note(floor, writer, f"Wren at the ferry {n}", OPEN)
        _outcome(writer, OPEN, 0)
        for n in range(4 if hidden else 0):
            _note(floor, writer, f"Wren Wren Wren {n}", HIDDEN)
            _outcome(writer, HIDDEN, n + 1)
    (floor.root / "policy.toml").write_text(POLICY, "utf-8")
    return floor


def _note(floor, writer, text, marking):
    write(writer, WATCH_ENTRY, watch.note(text, "keeper", writer.moment(), floor.key, marking, None, []))


def _outcome(writer, marking, n):
    said = {
        "lead": "ab12", "hypothesis": "trafficking-by-post", "subjects": [SHIP], "task": None,
        "result": "seized", "true": True, "why": "Wren was there", "by": "keeper", "chance": None,
    }  # fmt: skip
    write(writer, OUTCOME, common("outcomes", f"o:{n}", marking, writer.moment()) | said)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with served(world(tmp_path_factory.mktemp("cell"), hidden=True)) as one:
        yield one


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    with served(world(tmp_path_factory.mktemp("without"), hidden=False)) as one:
        yield one


def found(client, **asked):
    answer = client.get("/api/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("words", "name"), [("КОВАЛЁВА", "Ирина Ковалёва"), ("حسن", "علي حسن الخطيب")])
def test_a_name_is_found_in_its_own_script_with_the_word_marked(cell, officer, words, name):
    okafor = officer(cell)
    okafor.go("/leads")
    page = okafor.page
    page.get_by_label("Search or command").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("#found > .hit")).to_have_count(1)
    expect(page.locator("#found mark")).to_have_text(
        next(w for w in name.split() if w.casefold() == words.casefold())
    )
    expect(page.locator("#found .called")).to_have_text(name)
    okafor.shot(f"search-{len(name)}")
    page.locator("#found .called").click()
    expect(page.locator("td", has_text=name).first).to_be_visible()


def test_typing_sends_nothing_and_enter_sends_once(cell, officer):
    okafor = officer(cell)
    okafor.go("/search")
    page, asked = okafor.page, []
    page.on("request", lambda one: asked.append(one.url) if "/search?" in one.url else None)
    field = page.get_by_label("Words", exact=True)
    field.press_sequentially("wren halloway ferry", delay=1)
    assert asked == []
    field.fill("wren")
    page.evaluate("for (let n = 0; n < 5; n++) document.getElementById('search').requestSubmit()")
    expect(page.locator("#found > .hit").first).to_be_visible()
    assert [url.partition("?")[2] for url in asked] == ["words=wren"]
    page.get_by_label("party").check()
    page.get_by_label("Words", exact=True).press("Enter")
    expect(page.locator("#count")).to_have_text("2 rows")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("#found > .hit").first.locator("a.called")).to_be_focused()
    okafor.shot("search")
    narrow = officer(cell, viewport={"width": 390, "height": 844}, color_scheme="light")
    narrow.go("/search?words=wren&about=")
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
    narrow.shot("search-narrow", full=True)


def test_what_is_hidden_changes_no_count_no_order_and_no_facet(cell, without, client):
    for asked in ({"words": "wren"}, {"about": SHIP}, {"words": f"Wren {SHIP}"}, {"words": "IMO 9074729"}):
        with_, alone = found(client(cell), **asked), found(client(without), **asked)
        assert _plain(with_) == _plain(alone)
        assert with_["found"] or with_["named"]
        assert len(found(client(cell, cell.token("tran")), **asked)["kinds"]) >= len(with_["kinds"])
    assert (
        found(client(cell, cell.token("tran")), words="wren")["count"]
        == found(client(cell), words="wren")["count"] + 8
    )


def _plain(said):
    """An answer without the ids, which are keyed by each floor's own secret, and moments of writing."""
    rows = [(one["kind"], one["marking"], one["snippet"], one["subjects"]) for one in said["found"]]
    named = [(one["subject"], one["count"]) for one in said["named"]]
    return said["marking"], said["count"], said["more"], said["kinds"], rows, named


@pytest.mark.parametrize("words", ["IMO 9074729", "9074729", SHIP, "imo of it: IMO No. 9074729"])
def test_a_number_that_was_typed_is_offered_as_a_subject(cell, client, words):
    (one,) = found(client(cell), words=words)["named"]
    assert (one["subject"], one["count"]) == (SHIP, 1)
    assert found(client(cell), about=SHIP)["count"] == 1


@pytest.mark.thorough
def test_payloads_of_feeds_stay_text(cell, officer):
    okafor = officer(cell)
    okafor.go("/search?words=halloway")
    expect(okafor.page.locator("#found .called")).to_contain_text("<script>alert(1)</script>")
    expect(okafor.page.locator("#found script")).to_have_count(0)


def test_a_search_is_logged_as_asked_and_owners_are_told_whatever_is_held(cell, client):
    before = cell.floor.position
    said = found(client(cell), words=f"Wren {SHIP}", kind=["outcome"])
    query, hit = (one for one in cell.floor.acts(before + 1) if one.act in ("query", "hit"))
    detail = query.detail
    assert (detail["what"], detail["words"], detail["kinds"]) == ("search", f"Wren {SHIP}", ["outcome"])
    assert (detail["found"], detail["shown"]) == (said["count"], [one["id"] for one in said["found"]])
    assert (query.actor.name, query.actor.purpose) == ("okafor", "tests")
    assert [one["subjects"] for one in hit.detail["hits"]] == [[SHIP]]
    assert "hit" not in str(said["named"])


def test_facets_count_every_kind_and_more_shows_more(cell, client):
    okafor = client(cell)
    both, one = found(okafor, words="wren"), found(okafor, words="wren", kind=["party"])
    assert both["kinds"] == one["kinds"] == [
        {"kind": "watch-entry", "count": 3}, {"kind": "party", "count": 2}, {"kind": "outcome", "count": 1}
    ]  # fmt: skip
    assert {row["kind"] for row in one["found"]} == {"party"}
    first = found(okafor, words="wren", top=2)
    assert (len(first["found"]), first["next"]) == (2, 4)
    longer = found(okafor, words="wren", top=4)
    assert [row["id"] for row in longer["found"]][:2] == [row["id"] for row in first["found"]]
    assert found(okafor, words="wren", top=6)["next"] == 0


def test_a_past_moment_knows_what_was_known_then(cell, client):
    assert found(client(cell), words="wren", as_of="2020-01-01")["count"] == 0
    assert found(client(cell), words="wren", as_of="2999-01-01")["count"] == 6


@pytest.mark.thorough
def test_an_empty_result_says_what_was_searched(cell, officer):
    okafor = officer(cell, cell.token(language="fr"))
    okafor.go("/search?words=personne&kind=party&since=2026-11-01")
    said = "les mots personne – depuis 2026-11-01 – seulement party."
    expect(okafor.page.locator(".empty")).to_contain_text(said)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"words": "--"}, "holds no word to look for"),
        ({"about": "Wren"}, "is no subject key"),
        ({"box": "1,2"}, "is no box"),
        ({"words": "van", "kind": "rumour"}, "there is no such kind; the kinds are listing"),
        ({"words": "van", "since": "yesterday"}, "there is no such day or moment"),
        ({"words": "van", "as_of": "2026-13-01"}, "there is no such day"),
        ({"words": "van", "as_of": "17"}, "there is no such moment"),
        ({"words": "van", "top": "0"}, "a whole number >= 1 belongs here"),
        ({"words": "van", "top": "1001"}, "a page has 1 to 1000 rows"),
        ({"words": "v" * 501}, "words"),
        ({"about": "v" * 501}, "about"),
        ({"words": "van", "since": "1" * 501}, "since"),
        ({"word": "v" * 501}, "word"),
        ({"word": ["van"] * 51}, "word"),
    ],
)
def test_a_search_that_cannot_be_made_is_told(cell, client, asked, says):
    answer = client(cell).get("/api/v1/search", params=asked)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    french = client(cell).get("/api/v1/search", params=asked | {"lang": "fr"})
    assert french.json()["detail"] != answer.json()["detail"] or "words" in says


def test_nothing_asked_logs_nothing(cell, client):
    before = cell.floor.position
    assert found(client(cell), words="  ") == found(client(cell))
    assert cell.floor.position == before


@given(st.text(st.sampled_from("ab 【】…"), max_size=30))
def test_the_pieces_of_a_snippet_lose_nothing(text):
    parts = pieces(text)
    assert "".join(f"【{one.text}】" if one.hit else one.text for one in parts) == text.replace("【】", "")
    assert all(one.text for one in parts)


def test_the_words_between_brackets_are_marked():
    assert pieces("…a 【b】 c【d】") == [
        Piece("…a ", False),
        Piece("b", True),
        Piece(" c", False),
        Piece("d", True),
    ]


@pytest.mark.parametrize("text", ["", "12", "wren", "ковалёва77", "٣٤٥٦٧٨٩"])
def test_what_is_no_bare_number_is_no_subject(text):
    assert finding.bare(text) == []


def test_a_number_an_id_and_words_of_a_title_lead_to_what_they_mean(console, client):
    okafor = client(console)
    first = okafor.get("/api/v1/leads").json()["leads"][0]
    by_id = okafor.get("/api/v1/search", params={"words": first["lead_id"][:8]}).json()
    assert ("lead", first["lead_id"]) in {(one["kind"], one["id"]) for one in by_id["exact"]}
    words = " ".join(first["title"]["fr"].upper().split()[:3])
    titled = okafor.get("/api/v1/search", params={"words": words}).json()["exact"]
    assert first["lead_id"] in {one["id"] for one in titled}
    assert {one["kind"] for one in titled} == {"lead"}
    record = okafor.get(f"/api/v1/leads/{first['lead_id']}").json()["evidence"][0]["record_id"]
    found = okafor.get("/api/v1/search", params={"words": record[:10]}).json()["exact"]
    assert ("record", record) in {(one["kind"], one["id"]) for one in found}
    assert okafor.get("/api/v1/search", params={"words": "abcdef0123"}).json()["exact"] == []


@pytest.mark.parametrize("typed", ["6135550113", "613-555-0113", "(613) 555-0113", "+1 613 555 0113"])
def test_a_telephone_is_found_as_anyone_types_it(typed):
    assert "phone:phone:16135550113" in _typed(SearchAsk(words=typed))
