"""Rosters on their page: who works when and with whom, a change tried and published, and who sees what."""

import pytest
from lxml import html
from playwright.sync_api import expect
from tests.planning.rosters.published import FIRST, NAMES, write

import watchfloor

POLICY = """[readers.okafor]
protected = "PB"
role = "supervisor"
[readers.roy]
protected = "PB"
tlp = "AMBER"
"""
QUERY = f"/rosters?since={FIRST}"


@pytest.fixture
def rostered(own, tmp_path):
    """A console of whose officers Okafor is on a roster."""
    face = watchfloor.open(own.floor.root, purpose="watch", authority="none", user="okafor")
    face.rosters.publish(folder=write(tmp_path / "emerson"), why="as posted")
    return own


def tree(console, client, query=QUERY, **session):
    """The page as a browser without scripts has it."""
    token = console.token(**session)
    answer = client(console, token, Cookie=f"watchfloor={token}").get(query)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def mark_as_ill(page, name):
    page.locator("#week tbody tr").filter(has_text=name).locator("td a").first.click()
    expect(page.locator('#try input[name="who"]')).to_have_value(name)
    page.locator('#try button[name="ill"]').click()
    expect(page.locator("#call")).to_be_visible()


def change(page, who, day, work):
    if not page.locator('#try input[name="who"]').is_visible():
        page.locator("#try > summary").click()
    page.locator('#try input[name="who"]').fill(who)
    page.locator('#try input[name="on"]').fill(day)
    page.locator('#try select[name="work"]').select_option(work)
    with page.expect_navigation():  # the next change is for the page that comes
        page.locator("#try button.main").click()


def test_a_change_is_seen_with_what_it_breaks_before_it_is_published(rostered, officer):
    okafor = officer(rostered)
    page = okafor.page
    okafor.go(QUERY)
    expect(page.locator("#week tbody tr").first).to_contain_text("Okafor")
    expect(page.locator("#week tbody tr")).to_have_count(len(NAMES))

    change(page, "Ames", "2099-03-06", "D/console")
    expect(page.locator("#trial .breaches li.late")).to_have_count(2)
    expect(page.locator("#trial .breaches")).to_contain_text(["art. 9"])
    expect(page.locator("#week td.altered")).to_have_count(1)
    page.locator('#publish textarea[name="why"]').fill("short of people")
    page.locator("#publish button.main").click()
    expect(page.locator("#publish .refused")).to_be_visible()
    expect(page.locator('#publish textarea[name="why"]')).to_have_value("short of people")
    with page.expect_navigation():
        page.locator("#trial a.button").click()
    change(page, "Ames", "2099-03-02", "off")
    change(page, "Nobody", "2099-03-02", "off")
    expect(page.locator("main > .refused")).to_contain_text("Nobody")
    expect(page.locator("#week td.altered")).to_have_count(1)
    page.locator('#publish textarea[name="why"]').fill("Ames is ill")
    page.locator("#publish button.main").click()
    expect(page.locator(".head")).to_contain_text("Ames is ill")
    row = page.locator("#week tbody tr").filter(has_text="Ames")
    expect(row.locator("td").first).to_have_text("")


def test_who_is_ill_is_replaced_in_the_order_of_asking_and_the_answers_are_kept(rostered, officer):
    okafor = officer(rostered)
    page = okafor.page
    okafor.go(QUERY)
    for name in ("Roy", "Boudreau"):  # the two who have that night
        mark_as_ill(page, name)
    expect(page.locator("#call .puts li")).to_have_count(2)
    assert "Boudreau" not in page.url
    assert "sick" not in page.url
    first = page.locator("#call .choices > li").first
    expect(first).to_contain_text("Chen")
    expect(first.locator(".breaches")).to_contain_text("nights")
    first.locator('button[value="no"]').click()
    expect(page.locator("#asked tbody tr")).to_have_count(1)
    expect(page.locator("#asked")).to_contain_text("Roy=2099-03-02")
    expect(first).to_contain_text("Singh")
    first.locator('button[value="yes"]').click()
    expect(first.locator(".yes")).to_be_visible()
    first.locator("button.take").click()
    expect(page.locator("#week td.altered")).to_have_count(3)
    page.locator('#publish textarea[name="why"]').fill("Roy and Boudreau are ill")
    page.locator("#publish button.main").click()
    expect(page.locator(".head")).to_contain_text("are ill")
    row = page.locator("#week tbody tr").filter(has=page.locator("th", has_text="Singh"))
    expect(row.locator("td").first).to_contain_text("N")
    expect(page.locator("#asked tbody tr")).to_have_count(2)


def test_who_is_marked_as_ill_twice_is_ill_once_and_nobody_else_sees_it(rostered, officer):
    okafor = officer(rostered)
    okafor.go(QUERY)
    for _ in range(2):
        mark_as_ill(okafor.page, "Roy")
    expect(okafor.page.locator("#call .puts li")).to_have_count(1)
    other = officer(rostered, token=rostered.token("singh"))
    other.go(okafor.page.url.removeprefix(rostered.home).partition("#")[0])
    expect(other.page.locator("main > .refused")).to_be_visible()
    expect(other.page.locator("#call")).to_have_count(0)


def test_the_page_says_what_is_short_and_gives_a_table_and_a_calendar(rostered, client):
    found = tree(rostered, client)
    assert found.xpath('//*[@id="week"]//tbody/tr/th')[0].text_content().split()[0] == "Okafor"
    missing = found.xpath('//*[@id="short"]//td/b')
    short = client(rostered).get(f"/api/v1/rosters/Emerson/week?since={FIRST}").json()["short"]
    assert len(missing) == len(short) > 0
    token = rostered.token()
    one = client(rostered, token, Cookie=f"watchfloor={token}")
    table = one.get("/api/v1/rosters/Emerson/roster.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert one.get(found.xpath('//a[contains(@href, ".xlsx")]/@href')[0]).content[:2] == b"PK"
    assert (
        len(table.text.splitlines())
        == 1 + one.get("/api/v1/rosters/published").json()["rosters"][0]["shifts"]
    )
    calendar = one.get("/api/v1/rosters/of/Okafor.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.text.count("BEGIN:VEVENT") > 5


def test_who_may_not_see_a_roster_has_the_page_of_a_floor_without_one(own, client, tmp_path):
    before = tree(own, client, name="roy").xpath("//main")[0].text_content()
    face = watchfloor.open(own.floor.root, purpose="watch", authority="none", user="okafor")
    (own.floor.root / "policy.toml").write_text(POLICY, "utf-8")
    face.rosters.publish(folder=write(tmp_path / "emerson"), marking="PB//TLP:RED")
    assert tree(own, client, name="roy").xpath("//main")[0].text_content() == before
    assert client(own, own.token(name="roy")).get("/api/v1/rosters/Emerson/week").status_code == 404
    face.rosters.publish(folder=write(tmp_path / "lacolle", NAMES[:3], "Lacolle"))
    shown = tree(own, client, QUERY, name="roy")
    assert len(shown.xpath('//*[@id="week"]//tbody/tr')) == 3
    assert not shown.xpath('//*[@id="try"] | //*[@name="roster"][@type="select"]')
    assert "Emerson" not in shown.xpath("//main")[0].text_content()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [390, 1280, 1440])
def test_it_is_read_on_every_screen(rostered, officer, language, width):
    scheme = "light" if width == 1280 else "dark"
    viewport = {"width": width, "height": 900}
    one = officer(rostered, token=rostered.token(language=language), viewport=viewport, color_scheme=scheme)
    one.go(QUERY)
    for name in ("Roy", "Boudreau"):
        mark_as_ill(one.page, name)
    expect(one.page.locator("#call .choices > li").first).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    one.shot(f"rosters-call-{language}-{width}", full=True)
    one.go(QUERY)
    change(one.page, "Ames", "2099-03-06", "D/console")
    expect(one.page.locator("#trial")).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    one.shot(f"rosters-{language}-{width}", full=True)
