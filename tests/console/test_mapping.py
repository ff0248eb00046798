"""Mapping: dropped, tried without a trace, changed by drag and by keyboard, saved for a feed, taken in."""

import hashlib
import threading
import time

import pytest
from playwright.sync_api import expect
from tests.console.test_feeds import drop
from tests.console.test_uploads import done, left
from tests.formats.workbooks import xlsx

from watchfloor.console.pages.mapping import trials
from watchfloor.feeds import config

TABLE = (
    "Prénom;Nom;Né le;Passeport;Nationality\nAnn;Roy;12/03/1971;X1;CA\nBo;Li;31/02/1980;X2;CN\n"
    "Eve;Ray;25/12/1990;X3;CA\n"
)


def digest(root):
    """Of every file of a floor's folder but the console's own."""
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        own = inner.parts[0] == "uploads" or inner.name.startswith(("console.sqlite", "personal.sqlite"))
        if path.is_file() and not own and not inner.name.endswith(("-wal", "-shm")):
            found.update(str(inner).encode() + path.read_bytes())
    return found.hexdigest()


def begun(client, text=TABLE, name="voyageurs.csv", **params):
    content = text.encode() if isinstance(text, str) else text
    return client.post("/api/v1/mapping", params={"name": name, **params}, content=content)


def test_a_table_is_mapped_by_drag_and_by_keyboard_and_tried_each_time(console, officer):
    okafor = officer(console, viewport={"width": 1280, "height": 1500})
    page = okafor.page
    okafor.go("/mapping")
    drop(page, ".drop", "voyageurs.csv", TABLE.encode())
    page.wait_for_url("**/mapping/*")
    expect(page.locator(".counts")).to_have_text("3 rows tried: 2 read, 1 to quarantine")
    expect(page.locator(".faults")).to_contain_text("31/02/1980")
    expect(page.locator(".first")).to_contain_text("passport:X1")
    page.drag_and_drop("[data-column='Passeport']", "tr[data-field='context']")
    expect(page.get_by_label("context, column 1")).to_have_value("context=Passeport")
    expect(page.locator(".first thead")).to_contain_text("context")
    page.get_by_label("context, column 1").select_option("")
    expect(page.locator(".first thead")).not_to_contain_text("context")
    page.get_by_label("birth_date, column 1").focus()
    page.keyboard.press("Home")
    expect(page.locator(".counts")).to_have_text("3 rows tried: 3 read, 0 to quarantine")
    expect(page.get_by_label("birth_date, column 1")).to_be_focused()
    page.get_by_label("context, column 1").select_option("context=Nationality")
    expect(page.locator("main > .refused")).to_contain_text("never features")
    okafor.shot("mapping", full=True)


def test_a_dry_run_leaves_the_floor_as_it_was(own, client):
    okafor = client(own)
    okafor.get("/api/v1/feeds")  # so that all files that reading makes are there
    before, position = digest(own.floor.root), own.floor.position
    table = begun(okafor).json()["table"]
    okafor.post(f"/api/v1/mapping/{table}", json={"kind": "payment"})
    okafor.post(f"/api/v1/mapping/{table}", json={"kind": "party"})
    okafor.post(f"/api/v1/mapping/{table}", json={"fill": ["name=Nom"], "constant_role": "traveller"})
    page = okafor.get(f"/api/v1/mapping/{table}").json()
    assert page["missing"] == ["observed_at"]
    assert len(left(own)) == 1
    okafor.post(f"/api/v1/mapping/{table}/close")
    assert left(own) == []
    assert (digest(own.floor.root), own.floor.position) == (before, position)


def test_a_table_that_waits_behind_another_is_not_called_slow(own, client, monkeypatch):
    okafor, over = client(own), threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(trials, "WAIT", 0.2)
        own.services.trials.start("try", "of another", "roy", "", lambda _: over.wait(60))
        answer = begun(okafor)
        over.set()
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:watchfloor:problem:busy")
    assert "voyageurs.csv" not in answer.json()["detail"]
    assert begun(okafor).status_code == 200


def test_a_workbook_maps_as_its_csv_does(console, client):
    rows = [["Prénom", "Nom", "Né le"], ["Ann", "Roy", "12/03/1971"], ["Bo", "Li", "31/02/1980"]]
    okafor = client(console)
    pages = []
    for content, name in (
        ("\n".join(map(";".join, rows)), "t.csv"),
        (xlsx(Feuille=rows), "t.xlsx"),
    ):
        page = okafor.get(f"/api/v1/mapping/{begun(okafor, content, name).json()['table']}").json()
        pages.append({key: page[key] for key in ("columns", "fields", "rows", "mapped", "first", "text")})
    assert pages[0] == pages[1]


def test_what_is_no_table_says_what_it_is(console, client):
    okafor = client(console)
    for text, name, why in (
        ("%PDF-1.7\n", "x.pdf", "drop it on the page of feeds"),
        ('{"a": 1,\n"b": 2}', "x.json", "JSON"),
        ("<html><body>", "x.html", "XML or HTML"),
    ):
        said = begun(okafor, text, name)
        assert said.status_code == 422
        assert why in said.json()["detail"]
    assert begun(okafor, kind="partie").json()["detail"].startswith("a table cannot be mapped to 'partie'")
    assert sorted(left(console)) == sorted(one.path for one in console.services.tables.tables_of("okafor"))


def test_what_a_form_cannot_say_stays_where_the_columns_do(console, client):
    okafor = client(console)
    table = begun(okafor).json()["table"]
    text = (
        'kind = "party"\n[fields]\nname = ["Prénom", "Nom"]\nbirth_date = { from = "Né le", '
        'format = "%d/%m/%Y", values = { "31/02/1980" = "" } }\n[constants]\nrole = "traveller"\n'
        'observed_at = "2026-11-24"\n'
    )
    assert okafor.post(f"/api/v1/mapping/{table}/text", json={"text": text}).status_code == 200
    page = okafor.get(f"/api/v1/mapping/{table}").json()
    assert (page["rows"], page["mapped"]) == (3, 3)
    same = {
        "fill": ["name=Prénom", "name=Nom", "birth_date=Né le", "identifiers.2=Passeport"],
        "form": ["birth_date=%d/%m/%Y"],
        "system": ["2=passport"],
        "constant_role": "traveller",
        "constant_observed_at": "2026-11-24",
    }
    assert okafor.post(f"/api/v1/mapping/{table}", json=same).status_code == 200
    page = okafor.get(f"/api/v1/mapping/{table}").json()
    assert (page["rows"], page["mapped"]) == (3, 3)
    assert "31/02/1980" in page["text"]
    assert 'system = "passport"' in page["text"]
    wrong = okafor.post(f"/api/v1/mapping/{table}", json={"fill": ["nam=Nom"]})
    assert "name" in wrong.json()["detail"]
    wrong = okafor.post(
        f"/api/v1/mapping/{table}/text", json={"text": 'kind = "party"\n[fields]\nnam = "Nom"'}
    )
    assert "line 3" in wrong.json()["detail"]


def test_saved_for_a_feed_it_reads_later_deliveries(own, client):
    okafor = client(own)
    table = begun(okafor).json()["table"]
    okafor.post(
        f"/api/v1/mapping/{table}",
        json={
            "fill": ["name=Prénom", "name=Nom"],
            "constant_role": "x",
            "constant_observed_at": "2026-11-24",
        },
    )
    described = (own.floor.root / "feeds.toml").read_text("utf-8")
    assert okafor.post(f"/api/v1/mapping/{table}/save", json={"feed": "voyageurs"}).status_code == 200
    assert (own.floor.root / "feeds.toml").read_text("utf-8").startswith(described.rstrip())
    feeds = config.load(own.floor.root)
    assert feeds.by_name["voyageurs"].mapping == "voyageurs.toml"
    assert own.floor.acts_of("mapping")[-1].detail["feed"] == "voyageurs"
    asked = {"name": "v2.csv", "feed": "voyageurs"}
    page = done(okafor, okafor.post("/api/v1/uploads", params=asked, content=TABLE.encode()).json())
    assert page["total"]["accepted"] == 3
    # another mapping takes its place only once that was read
    okafor.post(
        f"/api/v1/mapping/{table}",
        json={"fill": ["name=Nom"], "constant_role": "x", "constant_observed_at": "2026-11-24"},
    )
    assert okafor.post(f"/api/v1/mapping/{table}/save", json={"feed": "voyageurs"}).status_code == 409
    again = okafor.post(f"/api/v1/mapping/{table}/save", json={"feed": "voyageurs", "anyway": True})
    assert again.status_code == 200
    assert config.load(own.floor.root).mappings["voyageurs"].fields == {"name": "Nom"}
    for feed, why in (
        ("parcels", "party-csv"),
        ("", "name the feed"),
        ("../x", "no name"),
        ("floor", "another"),
    ):
        said = okafor.post(f"/api/v1/mapping/{table}/save", json={"feed": feed, "anyway": True})
        assert said.status_code == 422
        assert why in said.json()["detail"]


def test_the_table_itself_is_taken_in_with_its_mapping(own, client):
    okafor = client(own)
    table = begun(okafor).json()["table"]
    page = done(okafor, okafor.post(f"/api/v1/mapping/{table}/ingest", json={"feed": "voyageurs"}).json())
    assert (page["total"]["accepted"], page["total"]["quarantined"]) == (2, 1)
    assert okafor.get(f"/api/v1/mapping/{table}").status_code == 404
    assert left(own) == []


def test_a_table_is_its_officers_alone_and_goes_after_an_hour(console, client, monkeypatch):
    okafor = client(console)
    table = begun(okafor).json()["table"]
    other = client(console, console.token("lee"))
    assert other.get(f"/api/v1/mapping/{table}").status_code == 404
    assert other.get("/api/v1/mapping/guess").json() == other.get(f"/api/v1/mapping/{table}").json()
    monkeypatch.setattr(console.services.tables, "_clock", lambda: time.monotonic() + 3601)
    path = console.services.tables._tables[table].path
    assert okafor.get(f"/api/v1/mapping/{table}").status_code == 404
    assert not path.exists()


@pytest.mark.parametrize(
    ("described", "named"),
    [
        ("", '[feeds.x]\nmapping = "x.toml"\n'),
        (
            "# ours\n[feeds.x]  # why\nretain_days = 3\n",
            '# ours\n[feeds.x]  # why\nmapping = "x.toml"\nretain_days = 3\n',
        ),
        ('[feeds.x]\nmapping = "other.toml"\n', '[feeds.x]\nmapping = "other.toml"\n'),
    ],
)
def test_what_stands_in_feeds_toml_stays(tmp_path, described, named):
    text = 'kind = "party"\n\n[fields]\nname = "N"\n\n[constants]\nrole = "x"\nobserved_at = "2026-11-24"\n'
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    if described:
        (tmp_path / "feeds.toml").write_text(described, encoding="utf-8")
    file = config.save_mapping(tmp_path, "x", text)
    assert (tmp_path / "feeds.toml").read_text("utf-8") == named
    assert (tmp_path / file).read_text("utf-8") == text
    assert config.load(tmp_path).mappings["x"].constants["role"] == "x"


@pytest.mark.parametrize("described", ["feeds.x.retain_days = 3\n", "feeds = { x = { retain_days = 3 } }\n"])
def test_a_feeds_toml_that_is_written_otherwise_is_left_alone(tmp_path, described):
    (tmp_path / "feeds.toml").write_text(described, encoding="utf-8")
    text = 'kind = "party"\n[fields]\nname = "N"\n[constants]\nrole = "x"\nobserved_at = "2026-11-24"\n'
    with pytest.raises(ValueError, match=r"only a person|Cannot"):
        config.save_mapping(tmp_path, "x", text)
    assert (tmp_path / "feeds.toml").read_text("utf-8") == described


def test_a_table_of_pieces_is_there_while_its_officer_may_see_them(own, client):
    okafor = client(own)
    table = begun(okafor).json()["table"]
    own.services.tables.get(table, "okafor").marking = "PA//TLP:GREEN//PURPOSE:tests"
    other = client(own, own.token("okafor", purpose="another"))
    for one, status in ((okafor, 200), (other, 404)):
        assert one.get(f"/api/v1/mapping/{table}").status_code == status
        listed = [each["id"] for each in one.get("/api/v1/mapping").json()["tables"]]
        assert listed == ([table] if status == 200 else [])
    assert other.post(f"/api/v1/mapping/{table}/close").status_code == 404


def test_feeds_that_a_reader_may_not_see_are_not_named(own, client):
    root = own.floor.root
    low = '[readers.roy]\nprotected = "PA"\ntlp = "GREEN"\nrole = "supervisor"\n'
    (root / "policy.toml").write_text(low, "utf-8")
    roy = client(own, own.token("roy"))

    def told():
        table = begun(roy).json()["table"]
        pages = [roy.get("/api/v1/mapping").json(), roy.get(f"/api/v1/mapping/{table}").json()]
        asked = {"name": "v2.csv", "feed": "op-gamma"}
        said = roy.post("/api/v1/uploads", params=asked, content=TABLE.encode()).json()
        done(roy, said)
        roy.post(f"/api/v1/mapping/{table}/close")
        return [{k: v for k, v in one.items() if k not in ("id", "job", "tables")} for one in (*pages, said)]

    before = told()
    (root / "gamma.toml").write_text(
        'kind = "party"\n[constants]\nrole = "x"\nname = "y"\nobserved_at = "2026-11-24"\n', "utf-8"
    )
    with (root / "feeds.toml").open("a", encoding="utf-8") as file:
        file.write('\n[feeds.op-gamma]\nmapping = "gamma.toml"\nmarking = "PB//TLP:RED"\n')
    assert "op-gamma" in config.load(root).mappings
    assert told() == before
    table = begun(roy).json()["table"]
    roy.post(
        f"/api/v1/mapping/{table}",
        json={"fill": ["name=Nom"], "constant_role": "x", "constant_observed_at": "2026-11-24"},
    )
    kept = (root / "gamma.toml").read_text("utf-8")
    said = roy.post(f"/api/v1/mapping/{table}/save", json={"feed": "op-gamma", "anyway": True})
    assert (said.status_code, (root / "gamma.toml").read_text("utf-8")) == (422, kept)
    assert "gamma.toml" not in said.text


def test_the_unit_of_a_field_is_shown(console, client):
    okafor = client(console)
    text = "Date,Drug,Qty (kg)\n2026-05-13,fentanyl,1.5\n"
    table = begun(okafor, text, "t.csv", kind="seizure").json()["table"]
    page = okafor.get(f"/api/v1/mapping/{table}").json()
    assert {one["name"]: one["unit"] for one in page["fields"] if one["columns"]} == {
        "observed_at": "",
        "drug": "",
        "mass": "kg to g",
    }


TRIAL = (
    "Ref No,Date Seized,Drug,Qty (kg),Conveyance,POE,Lat,Long,Phone,Plate\n"
    "S-1,25/03/2026,fentanyl,1.5,car,Emerson,49.003,-97.238,204-555-0101,ABCD 123\n"
    "S-2,02/04/2026,cocaine,0.2,on foot,Emerson,49.004,-97.240,204-555-0102,ABCE 124\n"
    "S-3,05/04/2026,cocaine,0.4,zeppelin,Emerson,49.004,-97.240,204-555-0102,ABCE 125\n"
    "S-4,06/04/2026,cocaine,0.4,car,Emerson,49.004,-97.240,204-555-0102,ABCE 125\n"
    "S-5,07/04/2026,cocaine,0.4,car,Emerson,49.004,-97.240,204-555-0102,ABCE 125\n"
    "S-6,08/04/2026,cocaine,0.4,on foot,Emerson,49.004,-97.240,204-555-0102,ABCE 125\n"
)


def test_a_word_is_said_by_a_click_and_the_rows_are_shown_before_and_after(console, officer):
    okafor = officer(console, viewport={"width": 1440, "height": 1400})
    page = okafor.page
    okafor.go("/mapping")
    page.get_by_label("Its rows are").select_option("seizure")
    drop(page, ".drop", "seizures.csv", TRIAL.encode())
    page.wait_for_url("**/mapping/*")
    expect(page.locator(".counts")).to_have_text("6 rows tried: 5 read, 1 to quarantine")
    expect(page.locator(".reasons")).to_contain_text("1 row: mode")
    expect(page.locator(".first td del").first).to_be_visible()
    page.get_by_label("mode: what “zeppelin” stands for").select_option("other")
    expect(page.locator(".counts")).to_have_text("6 rows tried: 6 read, 0 to quarantine")
    okafor.shot("mapping-words", full=True)


def fields(client, table):
    page = client.get(f"/api/v1/mapping/{table}").json()
    return page, {one["name"]: one for one in page["fields"]}


def test_the_table_of_the_trial_is_right_at_first(console, client):
    okafor = client(console)
    page, found = fields(okafor, begun(okafor, TRIAL, "t.csv", kind="seizure").json()["table"])
    assert [one["name"] for one in page["columns"] if not one["fields"]] == []
    assert (page["rows"], page["mapped"]) == (6, 5)
    assert found["observed_at"]["form"] == "%d/%m/%Y"
    assert [(one["text"], one["rows"], one["ours"]) for one in found["mode"]["words"]] == [
        ("car", 3, "vehicle"),
        ("on foot", 2, "person"),
        ("zeppelin", 1, ""),
    ]
    row = {cell["field"]: (cell["was"], cell["value"]) for cell in page["first"][0]}
    assert row["mass"] == ("1.5", "1500.0")
    assert row["plate"] == ("ABCD 123", "vehicle:plate:ABCD123")


def test_a_constant_day_goes_once_a_column_says_when(console, client):
    okafor = client(console)
    text = "Drug,Remark\nfentanyl,a\ncocaine,b\n"
    table = begun(okafor, text, "t.csv", kind="seizure").json()["table"]
    page, found = fields(okafor, table)
    assert any("no column says when" in note for note in page["notes"])
    day = found["observed_at"]["constant"]
    said = {"fill": ["drug=Drug", "observed_at=Remark"], "constant_observed_at": day}
    okafor.post(f"/api/v1/mapping/{table}", json=said)
    page, found = fields(okafor, table)
    assert not any("no column says when" in note for note in page["notes"])
    assert found["observed_at"]["constant"] == ""
    assert "constants" not in page["text"].replace("[constants]\n", "")


def test_a_unit_and_a_word_that_means_nothing_are_said_by_the_form(console, client):
    okafor = client(console)
    table = begun(okafor, TRIAL.replace(" (kg)", ""), "t.csv", kind="seizure").json()["table"]
    page, found = fields(okafor, table)
    fill = [f"{name}={one['columns'][0]}" for name, one in found.items() if one["columns"]]
    said = {"fill": fill, "unit": ["mass=lb"], "word": ["mode=-=zeppelin"], "form": ["observed_at=%d/%m/%Y"]}
    assert okafor.post(f"/api/v1/mapping/{table}", json=said).status_code == 200
    page, found = fields(okafor, table)
    assert (found["mass"]["unit"], page["mapped"]) == ("lb to g", 6)
    assert {one["text"]: one["ours"] for one in found["mode"]["words"]}["zeppelin"] == "-"
    wrong = okafor.post(f"/api/v1/mapping/{table}", json={"fill": fill, "unit": ["mass=litres"]})
    assert (wrong.status_code, "no factor" in wrong.json()["detail"]) == (422, True)


def test_the_sheet_with_most_columns_is_taken_and_another_may_be(console, client):
    okafor = client(console)
    notes = [["Kept by", "Since"], ["the office", "2020"]]
    content = xlsx(Notes=notes, Data=[line.split(",") for line in TRIAL.splitlines()])
    table = begun(okafor, content, "t.xlsx", kind="seizure").json()["table"]
    page, _ = fields(okafor, table)
    assert (page["sheet"], page["sheets"], page["mapped"]) == ("Data", ["Notes", "Data"], 5)
    assert 'sheet = "Data"' in page["text"]
    assert okafor.post(f"/api/v1/mapping/{table}", json={"sheet": "Notes"}).status_code == 200
    page, _ = fields(okafor, table)
    assert [one["name"] for one in page["columns"]] == ["Kept by", "Since"]
