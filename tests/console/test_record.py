"""A record: its columns and what they mean, whom it names, and its bytes."""

import pytest
from playwright.sync_api import expect
from tests.console.served import KEEPER, PURPOSE

from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all


def records(console, kind):
    floor = console.floor
    return floor.read(kind, floor.reader("okafor", PURPOSE)).to_pylist()


def test_every_column_is_there_with_its_documented_meaning(console, client):
    for kind in ("party", "listing", "report"):
        row = records(console, kind)[0]
        said = client(console).get(f"/api/v1/records/{row['record_id'].hex()}").json()
        fields = {field.name: field.metadata[b"doc"].decode() for field in KINDS[kind].schema}
        assert {one["name"]: one["meaning"] for one in said["columns"]} == {
            name: doc
            for name, doc in fields.items()
            if row[name] not in (None, []) and (name != "delivery" or said["form"] == "whole")
        }
        assert (said["kind"], said["doc"], said["superseded_by"]) == (kind, KINDS[kind].doc, "")


def test_a_subject_in_a_column_leads_to_its_page(console, officer):
    row = next(row for row in records(console, "party") if row["identifiers"])
    okafor = officer(console)
    okafor.go(f"/records/{row['record_id'].hex()}")
    links = okafor.page.locator(".columns-of a[href^='/subjects/']")
    assert links.count() == 1 + len(row["identifiers"])
    links.first.click()
    expect(okafor.page.locator("h1")).to_have_text(row["name"])


def test_a_later_record_of_the_report_is_named_and_who_keeps_no_floor_sees_no_position(own, client, tmp_path):
    (own.floor.root / "policy.toml").write_text(
        '[readers.okafor]\nprotected = "PB"\n[readers.keeper]\nprotected = "PB"\nrole = "supervisor"\n',
        "utf-8",
    )
    first = records(own, "party")[0]
    source, key = first["source"], first["report_key"]
    file = tmp_path / f"{source}.csv"
    head = "report_key,role,name,observed_at\n"
    file.write_text(f"{head}{key},payee,Somebody Else,2026-11-25T05:00:00Z\n", "utf-8")
    with own.floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [file], config.load(own.floor.root), Orders()))
    path = f"/api/v1/records/{first['record_id'].hex()}"
    said = client(own).get(path).json()
    last = records(own, "party")[-1]
    assert (last["report_key"], last["name"]) == (key, "Somebody Else")
    assert said["superseded_by"] == last["record_id"].hex()
    assert said["position"] is None
    assert client(own, own.token("keeper")).get(path).json()["position"] > 0


@pytest.mark.parametrize(("size", "cut"), [(1_000, False), (200_000, True)])
def test_of_a_large_original_a_page_shows_the_beginning_and_the_download_has_all(
    own, client, tmp_path, size, cut
):
    text = (
        "Title: Long\nNumber: R-9\nDate: 2026-11-20 05:00\n\n<script>window.harmed=1</script> "
        + "word " * (size // 5)
    )
    (tmp_path / "report-9.txt").write_text(text, "utf-8")
    with own.floor.writer(KEEPER) as writer:
        orders = Orders(marking=parse("PB//TLP:AMBER"), format="report-form", source="reports")
        list(ingest_all(writer, [tmp_path / "report-9.txt"], config.load(own.floor.root), orders))
    row = records(own, "report")[-1]
    okafor = client(own)
    said = okafor.get(f"/api/v1/records/{row['record_id'].hex()}").json()
    assert (said["form"], said["cut"]) == ("whole", cut)
    assert text.startswith(said["original"])
    assert len(said["original"]) == min(len(text), 64_000)
    whole = okafor.get(f"/api/v1/records/{row['record_id'].hex()}/original")
    assert whole.content == text.encode()
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"].startswith("attachment")
    cookie = client(own, None, Cookie=f"watchfloor={own.token()}")
    assert "&lt;script&gt;window.harmed" in cookie.get(f"/records/{row['record_id'].hex()}").text


def test_a_record_that_is_hidden_is_not_there(own, client):
    row = records(own, "party")[0]
    (own.floor.root / "policy.toml").write_text('[readers.roy]\nprotected = ""\ntlp = "CLEAR"\n', "utf-8")
    roy = client(own, own.token("roy"))
    for path in ("/api/v1/records/{}", "/api/v1/records/{}/original"):
        said = [roy.get(path.format(id_)) for id_ in (row["record_id"].hex(), "00" * 16)]
        assert [each.status_code for each in said] == [404, 404]
        assert said[0].text.replace(row["record_id"].hex(), "ID") == said[1].text.replace("00" * 16, "ID")
