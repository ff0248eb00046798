"""The pages of the scorecard: two minutes first, each figure to its rows, and nothing before it is agreed."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.console.served import KEEPER, PURPOSE

from watchfloor.cell.acts import Post, common, write
from watchfloor.console.pages import scorecard_cards
from watchfloor.console.pages.scorecard_claims import folded
from watchfloor.core.kinds import OUTCOME
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.scorecard.agreement import acts as agreement_acts
from watchfloor.scorecard.agreement import rows as agreement_rows
from watchfloor.scorecard.bilingual import same
from watchfloor.store.floor import Floor

CLAIM, FIGURE = "fentanyl-north", "weight-fy2024"
PAGES = (
    "/scorecard",
    f"/scorecard/claims/{CLAIM}",
    f"/scorecard/claims/{CLAIM}/figures/{FIGURE}",
    "/scorecard/register",
    "/scorecard/register/14a",
)


def of(console, language="en"):
    headers = {"Cookie": f"watchfloor={console.token(language=language)}"}
    return httpx.Client(base_url=console.home, headers=headers, timeout=120)


def lines(okafor, **asked):
    return okafor.get("/api/v1/scorecard/register", params=asked).json()["lines"]


def test_two_minutes_then_a_claim_its_figures_and_the_rows_of_one(console, officer):
    okafor = officer(console)
    page = okafor.page
    okafor.go("/scorecard")
    okafor.shot("scorecard", full=True)
    for heading in (
        "What changed this week",
        "Promised: late",
        "Said to be there already",
        "What was said",
        "The cell itself",
    ):
        expect(page.locator("main")).to_contain_text(heading)
    page.locator("table.claims a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/scorecard/claims/*")
    expect(page.locator("table.figures").first).to_contain_text("0.197")
    expect(page.locator("figure.plot img").first).to_be_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.plot img')].every(i => i.complete && i.naturalWidth)"
    )
    okafor.shot("scorecard-claim", full=True)
    page.locator(f'a[href*="/figures/{FIGURE}"]').click()
    expect(page.locator("h1")).to_contain_text("weight")
    expect(page.locator("main")).to_contain_text("the table that comes with the program")
    okafor.shot("scorecard-rows")
    assert not okafor.wrong


@pytest.mark.thorough
def test_the_register_is_every_sentence_and_is_filtered_and_a_line_opens(console, officer):
    okafor = officer(console)
    page = okafor.page
    okafor.go("/scorecard/register")
    okafor.shot("scorecard-register")
    every = page.locator("table.register tbody tr").count()
    page.locator('select[name="kind"]').select_option("commitment")
    page.locator("form.filters button.main").click()
    page.wait_for_url("**kind=commitment**")
    assert 0 < page.locator("table.register tbody tr").count() < every
    page.locator("table.register tbody a").first.click()
    expect(page.locator("blockquote")).to_be_visible()
    expect(page.locator("#acts")).to_be_visible()
    okafor.shot("scorecard-line", full=True)
    page.locator('a[rel="next"]').click()
    expect(page.locator("blockquote")).to_be_visible()


def test_rows_add_up_to_the_figure_and_pages_go_on(console, client):
    okafor = client(console)
    told = okafor.get(f"/api/v1/scorecard/claims/{CLAIM}/figures/{FIGURE}", timeout=120).json()
    assert told["count"] == len(told["rows"]) or told["next"] == 200
    rows, start = list(told["rows"]), told["next"]
    while start is not None:
        more = okafor.get(
            f"/api/v1/scorecard/claims/{CLAIM}/figures/{FIGURE}", params={"start": start}
        ).json()
        rows, start = rows + more["rows"], more["next"]
    assert len(rows) == told["count"]
    whole = sum(float(row["value"].replace(",", "")) for row in rows)
    assert f"{whole:,.2f}" in told["figure"]["shown"]
    assert {row["records"] for row in rows} == {0}
    assert okafor.get(f"/api/v1/scorecard/claims/{CLAIM}/figures/nowhere").status_code == 404
    assert okafor.get("/api/v1/scorecard/claims/nowhere").status_code == 404
    assert okafor.get("/api/v1/scorecard/register/nowhere").status_code == 404
    assert okafor.get("/api/v1/scorecard", params={"on": "some day"}).status_code == 422


def test_a_plot_is_a_picture_with_title_and_description(console):
    with of(console) as okafor:
        path = okafor.get(f"/api/v1/scorecard/claims/{CLAIM}").json()["plots"][0]["path"]
        drawn = okafor.get(path)
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert "<title" in drawn.text
        assert "<desc" in drawn.text
        assert okafor.get(f"/scorecard/claims/{CLAIM}/plots/none").status_code == 404


def test_the_pages_are_there_in_french(console):
    with of(console, "fr") as one:
        texts = [one.get(path).text for path in PAGES]
    assert "Promis\u00a0: en retard" in texts[0]
    assert "Mal formée telle quelle" in texts[1]
    assert "le tableau fourni avec le programme" in texts[2]
    assert all('<html lang="fr"' in text for text in texts)


def test_the_public_edition_withholds_what_nobody_agreed_to(console, client):
    okafor = client(console)
    told = okafor.get("/api/v1/scorecard", params={"edition": "public"}, timeout=120).json()
    assert told["claims"] == []
    assert {one["claim"] for one in told["unanswered"]} >= {CLAIM}
    claim = okafor.get(f"/api/v1/scorecard/claims/{CLAIM}", params={"edition": "public"}).json()
    assert claim["finding"]["figures"] == []
    assert claim["plots"] == []
    path = f"/api/v1/scorecard/claims/{CLAIM}/figures/{FIGURE}"
    assert okafor.get(path, params={"edition": "public"}).status_code == 404
    hidden = [one for one in lines(okafor, edition="public") if one["hidden"]]
    assert hidden
    assert all(one["found"] == "" and one["amounts"] == [] for one in hidden)
    shown = okafor.get(f"/api/v1/scorecard/register/{hidden[0]['id']}", params={"edition": "public"}).json()
    assert shown["evidence"] == []


def test_it_is_assembled_once_until_something_comes(own, client, monkeypatch):
    okafor, made = client(own), []
    true = scorecard_cards.two_weeks

    def counted(*args):
        made.append(args)
        return true(*args)

    monkeypatch.setattr(scorecard_cards, "two_weeks", counted)
    for edition in ("working", "public"):
        okafor.get(f"/api/v1/scorecard?edition={edition}", timeout=120).raise_for_status()
    for _ in range(3):
        assert okafor.get("/api/v1/scorecard", timeout=120).status_code == 200
    assert okafor.get("/api/v1/scorecard/register").status_code == 200
    assert len(made) == 1
    with own.floor.writer(KEEPER) as writer:
        said = {"lead": "x", "hypothesis": "h", "subjects": [], "result": "seized", "by": "okafor"}
        row = common("outcomes", "x", "PB//TLP:AMBER", datetime.now(UTC)) | said
        write(writer, OUTCOME, row | {"true": True, "task": None, "why": "found", "chance": None})
    cell = okafor.get("/api/v1/scorecard", timeout=120).json()
    assert len(made) == 2
    assert "PB//TLP:AMBER" in cell["marking"] or "TLP:RED" in cell["marking"]


def test_it_is_assembled_anew_at_the_minute_an_embargo_ends_and_when_its_day_is_over(
    own, client, monkeypatch
):
    okafor, made, true = client(own), [], scorecard_cards.two_weeks
    weeks = {}

    def counted(sources, on):
        made.append(on)
        if on not in weeks:
            weeks[on] = true(sources, on)
        return weeks[on]

    monkeypatch.setattr(scorecard_cards, "two_weeks", counted)
    floor, today = own.floor, datetime.now(UTC).date()
    okafor.get("/api/v1/scorecard", timeout=120)
    item = agreement_rows.Item("14a", ("RCMP",), same("towers"), same("how many stand"))
    with floor.writer(KEEPER) as writer:
        post = Post(floor, floor.reader("okafor", PURPOSE), writer)
        agreement_acts.call(post, item, writer.moment() + timedelta(days=7))
        ends = writer.moment() + timedelta(seconds=1)
        agreement_acts.embargo(post, item, ends, "the minister speaks first")
    monkeypatch.setattr(Floor, "now", lambda _: ends - timedelta(microseconds=1))
    for _ in range(2):
        okafor.get("/api/v1/scorecard")
    assert made == [today] * 2
    monkeypatch.setattr(Floor, "now", lambda _: ends)
    for _ in range(2):
        okafor.get("/api/v1/scorecard")
    assert made == [today] * 3
    asker = SimpleNamespace(floor=floor, reader=floor.reader("okafor", PURPOSE), at=ends)
    assert scorecard_cards._clock(asker, ends.date()) == 1
    asker.at += timedelta(days=1)
    assert scorecard_cards._clock(asker, ends.date()) is None


def test_each_look_is_in_the_log(own, client):
    okafor = client(own)
    for path in PAGES:
        assert okafor.get(f"/api/v1{path}", timeout=120).status_code == 200
    looks = [
        act.detail for act in own.floor.acts_of("query") if act.detail and act.detail["what"] == "scorecard"
    ]
    assert len(looks) == len(PAGES)
    assert looks[1]["claim"] == CLAIM
    assert (looks[2]["figure"], looks[4]["line"]) == (FIGURE, "14a")
    assert len(looks[0]["digest"]) == 64


def test_a_record_that_a_line_rests_on_is_one_click_away(own, client, tmp_path):
    text = (
        "id,name,source,asserted,expires,why,identifiers\n"
        "X-1,Lindenrot,Europol notice 12,2026-03-01,2027-02-28,shipped NPP as a dye,\n"
    )
    (tmp_path / "concern.csv").write_text(text, encoding="utf-8")
    with own.floor.writer(KEEPER) as writer:
        tally(
            ingest_all(
                writer, [tmp_path / "concern.csv"], config.load(own.floor.root), Orders(format="concern-csv")
            )
        )
    okafor = client(own)
    found = [one for one in lines(okafor) if "exporters of concern" in one["found"]]
    assert found
    line = okafor.get(f"/api/v1/scorecard/register/{found[0]['id']}").json()
    records = [one["record"] for one in line["evidence"] if one["record"]]
    assert len(records) == 1
    assert okafor.get(f"/api/v1/records/{records[0]}").status_code == 200
    assert "PB//TLP:AMBER" in line["marking"]


@pytest.mark.thorough
def test_acts_on_an_agreement_are_told_the_newest_first_with_their_records(own, client):
    okafor, floor = client(own), own.floor
    line = next(one for one in lines(okafor) if one["id"] == "14a")
    department = next(
        one["value"]
        for one in okafor.get("/api/v1/scorecard/register").json()["departments"]
        if one["called"] == line["department"]
    )
    with floor.writer(KEEPER) as writer:
        post = Post(floor, floor.reader("okafor", PURPOSE), writer)
        item = agreement_rows.Item("14a", (department,), same("towers"), same("how many stand"))
        agreement_acts.call(post, item, writer.moment() + timedelta(days=7), "count the towers")
    told = okafor.get("/api/v1/scorecard/register/14a", timeout=120).json()
    assert [one["act"] for one in told["acts"]] == ["called"]
    assert told["acts"][0]["due"]
    assert okafor.get(f"/api/v1/records/{told['acts'][0]['record']}").status_code == 200
    public = okafor.get("/api/v1/scorecard/register/14a", params={"edition": "public"}, timeout=120).json()
    assert [one["act"] for one in public["acts"]] == ["called"]
    if public["line"]["hidden"]:
        assert public["acts"][0]["why"] is None
    with of(own) as one:
        assert "count the towers" in one.get("/scorecard/register/14a").text


def test_citizenships_other_than_canadas_are_one_row():
    cell = {"region": "Northern Land Border"}
    row = {
        "month": "2024-06",
        "until": "2024-06",
        "series": "s",
        "measure": "people",
        "unit": "",
        "vintage": "2025-01-01",
    }
    rows = [
        row
        | {
            "cell": cell | {"citizenship": name},
            "value": value,
            "disputed": False,
            "record": name,
            "marking": "U",
        }
        for name, value in (("CANADA", 2.0), ("INDIA", 3.0), ("CHINA", 4.0))
    ]
    rows.append(
        row | {"month": "2024-07", "cell": cell | {"citizenship": "INDIA"}, "value": 5.0, "disputed": True}
    )
    found = folded(rows)
    assert [(one["cell"]["citizenship"], one["value"], one["records"]) for one in found] == [
        ("CANADA", 2.0, 1),
        ("OTHER THAN CANADA", 7.0, 2),
        ("OTHER THAN CANADA", 5.0, 0),
    ]
    assert (found[0]["record"], found[1]["record"]) == ("CANADA", "")
    assert sum(one["value"] for one in found) == sum(one["value"] for one in rows)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("CANADA", "OTHER THAN CANADA", "INDIA", "CHINA", None)),
            st.sampled_from(("2024-06", "2024-07")),
            st.integers(0, 1000),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_folding_loses_no_number_and_tells_no_citizenship_but_canadas(drawn):
    common_ = {"series": "s", "measure": "people", "unit": "", "vintage": "2025-01-01", "disputed": False}
    rows = [
        common_
        | {"month": month, "until": month, "value": float(value)}
        | {"cell": {"region": "r"} | ({"citizenship": of} if of else {})}
        | ({"record": str(number), "marking": "U"} if recorded else {})
        for number, (of, month, value, recorded) in enumerate(drawn)
    ]
    found = folded(rows)
    assert sum(one["value"] for one in found) == sum(one["value"] for one in rows)
    assert sum(one["records"] for one in found) == sum("record" in one for one in rows)
    assert {one["cell"].get("citizenship") for one in found} <= {"CANADA", "OTHER THAN CANADA", None}


def test_rows_without_citizenship_stay_as_they_are():
    row = {
        "month": "2024-06",
        "until": "2024-06",
        "series": "s",
        "measure": "events",
        "unit": "",
        "vintage": "2025-01-01",
    }
    rows = [
        row | {"cell": {"item": "Fentanyl"}, "value": 1.0, "disputed": False, "record": name} for name in "ab"
    ]
    assert [one["record"] for one in folded(rows)] == ["a", "b"]


@pytest.mark.parametrize("day", [date(2025, 3, 7), date(2026, 2, 1), date(2020, 1, 1)])
def test_it_is_there_as_of_any_day(console, client, day):
    okafor = client(console)
    for path in ("/scorecard", "/scorecard/register", f"/scorecard/claims/{CLAIM}"):
        said = okafor.get(f"/api/v1{path}", params={"on": day.isoformat()}, timeout=120)
        assert said.status_code == 200, said.text
        assert said.json()["on"] == day.isoformat()
        assert said.json()["query"] == f"?on={day.isoformat()}"
