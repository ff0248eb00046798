"""Feeds: an officer drops a file with a bad row, sees the sum, maps what lies in quarantine, and reads it."""

import csv
import io
import re
import time

import pytest
from playwright.sync_api import expect


def listed(floor):
    """Name and birth date of somebody on the exercise's list."""
    rows = floor.read("listing", floor.reader("keeper", "tests")).to_pylist()
    return next(
        (row["names"][0]["text"], row["birth_dates"][0])
        for row in rows
        if row["birth_dates"] and row["schema"] == "Person"
    )


def parcels(*rows):
    """A delivery of the exercise's parcels; each row is name and birth date."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(["report_key", "role", "name", "birth_date", "observed_at"])
    for at, (name, birth) in enumerate(rows):
        writer.writerow([f"d{at}", "consignee", name, birth, "2026-11-24T10:00:00Z"])
    return made.getvalue().encode()


@pytest.mark.thorough
def test_a_dropped_file_with_a_bad_row_is_mapped_read_again_and_changes_the_queue(own, officer, client):
    name, _ = listed(own.floor)
    okafor = officer(own)
    page = okafor.page
    before = _fresh(client(own))
    okafor.go("/feeds")
    okafor.shot("feeds")
    content = parcels(("Ann Roy", "1971-03-04"), (name, "1971-02-30"))
    drop(page, ".drop", "parcels.csv", content)
    page.wait_for_url("**/jobs/*")
    expect(page.locator("#job .state")).to_have_text("done", timeout=20_000)
    sums = page.locator("table.feeds tbody tr").first
    expect(sums.locator("td")).to_have_text(["2", "1", "0", "1", "0"])
    okafor.shot("job")
    sums.locator("td.quarantined a").click()
    page.get_by_role("link", name=re.compile("does not exist")).click()
    expect(page.locator("pre.original")).to_contain_text("1971-02-30")
    okafor.shot("piece")
    page.get_by_role("button", name="Describe its columns").click()
    page.wait_for_url("**/mapping/*")
    expect(page.locator(".counts")).to_have_text("1 row tried: 1 read, 0 to quarantine")
    okafor.shot("mapping-piece", full=True)
    expect(page.get_by_label("birth_date, column 1")).to_have_value("")  # a date that is none fills nothing
    page.get_by_role("button", name="Read the piece again with it").click()
    page.wait_for_url("**/jobs/*")
    expect(page.locator("#job")).to_contain_text("None of the pieces is left in quarantine", timeout=20_000)
    page.get_by_role("link", name="Leads", exact=True).last.click()
    page.wait_for_url("**/leads")
    after = _fresh(client(own))
    assert after["digest"] != before["digest"]
    assert any(name.split()[-1] in lead["reason"] for lead in after["leads"])
    assert own.floor.quarantine() == []
    acts = [act for act in own.floor.acts_of("ingest") if act.actor.name == "okafor"]
    assert [act.detail["name"] for act in acts] == ["parcels.csv", "parcels.csv"]


def _fresh(asking):
    """The queue as the floor now has it: a busy machine first shows the one before, and says so."""
    end = time.monotonic() + 60
    while not (found := asking.get("/api/v1/leads", params={"size": 500}).json())["fresh"]:
        assert time.monotonic() < end
        time.sleep(0.2)
    return found


def drop(page, where, name, content):
    """Drop a file on an element, as a browser does when it is dragged from the desktop."""
    data = page.evaluate_handle(
        """([name, text]) => {
            const data = new DataTransfer();
            data.items.add(new File([text], name, {type: "text/csv"}));
            return data;
        }""",
        [name, content.decode()],
    )
    page.dispatch_event(where, "dragover", {"dataTransfer": data})
    page.dispatch_event(where, "drop", {"dataTransfer": data})
