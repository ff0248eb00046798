"""The audit: whose acts somebody sees, who saw a lead, what is proved, and what damage is found."""

import base64
import re
import shutil
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect
from tests.console.served import KEEPER, served

from watchfloor.console.pages import audit_checks
from watchfloor.exchange.log import access
from watchfloor.exchange.log import requirements as log_requirements
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor, checkpoints, merkle, standalone, witnesses

POLICY = """
[purposes]
tests = { en = "tests", fr = "essais" }
[readers.keeper]
protected = "PC"
role = "supervisor"
[readers.okafor]
protected = "PC"
[readers.tran]
protected = "PC"
role = "reviewer"
[readers.silva]
protected = "PC"
role = "supervisor"
"""


@pytest.fixture(scope="module")
def cell(played, tmp_path_factory):
    """A console on the exercise, with a policy: okafor reads, silva keeps the floor, tran reviews."""
    copy = tmp_path_factory.mktemp("audit") / "floor"
    shutil.copytree(played.root, copy)
    (copy / "policy.toml").write_text(POLICY, "utf-8")
    with served(Floor.open(copy)) as one:
        yield one


@pytest.fixture
def asks(cell, client):
    """Asks the API as somebody: `asks("tran", "/audit", by="okafor")`."""

    def ask(who, path, status=200, **asked):
        answer = client(cell, cell.token(who)).get(f"/api/v1{path}", params=asked)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    return ask


@pytest.mark.thorough
def test_a_reviewer_finds_who_saw_a_lead_and_follows_it(cell, officer, client):
    lead = client(cell).get("/api/v1/leads", params={"size": 1}).json()["leads"][0]["lead_id"]
    okafor = officer(cell)
    okafor.go(f"/leads/{lead}")
    okafor.page.locator(".acting .rest > summary").click()
    expect(okafor.page.get_by_role("link", name="Who saw it")).to_have_attribute(
        "href", f"/audit?about={lead}"
    )
    tran = officer(cell, cell.token("tran"))
    tran.go("/audit")
    page = tran.page
    tran.shot("audit")
    page.get_by_label("About a subject").fill(lead[:12])
    page.get_by_role("button", name="Filter").click()
    seen = page.locator("table.people tbody tr")
    expect(seen).to_have_count(1)
    expect(seen.locator("th")).to_have_text("okafor")
    expect(seen.locator("td").first).to_have_text("2")
    link = page.locator("table.log tbody tr").first.get_by_role("link", name=f"lead {lead[:8]}")
    expect(link).to_be_visible()
    tran.shot("audit-about", full=True)
    link.click()
    page.wait_for_url(f"**/leads/{lead}")


def test_an_officer_sees_own_acts_a_reviewer_all_and_positions_are_for_keepers(cell, asks):
    asks("okafor", "/leads")
    asks("silva", "/leads")
    own, kept, all_ = asks("okafor", "/audit"), asks("silva", "/audit"), asks("tran", "/audit")
    assert {one["by"] for one in own["acts"]} == {"okafor"}
    assert {one["by"] for one in kept["acts"]} == {"silva"}
    assert {one["by"] for one in all_["acts"]} >= {"okafor", "silva", "keeper"}
    assert [one["number"] for one in own["acts"]] == list(range(len(own["acts"]), 0, -1))
    floor = cell.floor
    for said in (kept, all_):
        for one in said["acts"]:
            (act,) = floor.acts(one["number"], one["number"])
            by = "" if act.act == "hit" else act.actor.name  # of nothing that is held: it is nobody's to read
            assert (act.act, by) == (one["act"], one["by"])
    assert asks("okafor", "/audit", by="silva")["acts"] == []
    assert asks("tran", "/audit", by="silva")["acts"]
    assert sum(one["count"] for one in all_["names"]) == floor.position - 3  # three looks since


def test_pages_join_and_are_the_history(cell, asks):
    asks("okafor", "/leads")
    found, before = [], 0
    while True:
        said = asks("tran", "/audit", act=["ingest", "run", "created"], size=3, before=before)
        found += [one["number"] for one in said["acts"]]
        before = said["next"]
        if not before:
            break
    names = frozenset({"ingest", "run", "created"})
    mine = access.access(cell.floor, "tran")
    assert found == [n for n, _ in access.history(cell.floor, mine, access.ActFilter(names))][::-1]


def test_a_look_at_the_log_is_logged_as_it_was_asked(cell, asks):
    asks("tran", "/audit", by="keeper", since="2020-01-01", act=["query"])
    last = [act for act in cell.floor.acts_of("query") if act.actor.name == "tran"][-1].detail
    assert last == {
        "what": "log",
        "acts": ["query"],
        "by": "keeper",
        "since": "2020-01-01",
        "found": last["found"],
    }


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"about": "xyz"}, "give a subject key, or 4 or more digits of an id"),
        ({"about": "5f"}, "give a subject key"),
        ({"since": "noon"}, "there is no such moment"),
        ({"size": 501}, "a page has 1 to 500 acts"),
        ({"before": -1}, "a page has"),
    ],
)
def test_what_cannot_be_asked_is_told(asks, asked, says):
    assert says in asks("tran", "/audit", 422, **asked)["detail"]


FOR_KEEPERS = (
    "/audit/log",
    "/audit/checkpoint",
    "/audit/growth?old=1",
    "/audit/acts/1",
    "/audit/acts/1/proof",
    "/audit/checks",
)


@pytest.mark.parametrize("path", FOR_KEEPERS)
def test_what_is_proved_from_the_log_is_not_for_an_analyst(cell, asks, path):
    before = cell.floor.position
    said = asks("okafor", path, 403)
    assert "does not keep this floor" in said["detail"]
    assert cell.floor.position == before


def test_the_proof_of_an_act_verifies_here_and_outside(cell, officer):
    tran = officer(cell, cell.token("tran"))
    tran.go("/audit?act=run")
    page = tran.page
    page.locator("table.log tbody th a").first.click()
    page.wait_for_url("**/audit/acts/*")
    expect(page.locator("#proof b").first).to_contain_text("Verified here")
    tran.shot("audit-act")
    position = int(page.url.rpartition("/")[2])
    page.locator("#proof details summary").click()
    hashes = [bytes.fromhex(one) for one in page.locator("#hashes").inner_text().split()]
    leaf, root = (bytes.fromhex(page.locator(f"#{one}").inner_text()) for one in ("leaf", "root"))
    size = int(re.search(r"a log of ([\d,]+) acts", page.locator("#proof").inner_text())[1].replace(",", ""))
    assert merkle.verify_inclusion(leaf, position - 1, size, hashes, root)
    assert cell.floor.log_root(size) == root
    with page.expect_download() as kept:
        page.locator("#download").click()
    text = kept.value.path().read_text("utf-8")
    extra = base64.b64decode(re.search(r"^extra (.*)$", text, re.MULTILINE)[1])
    assert merkle.leaf_hash(extra) == leaf
    note = text[text.index("\n\n") + 2 :]
    assert checkpoints.opened(note, [cell.floor.signer.verifier])[0].size == size + 1


def test_of_an_act_of_another_a_keeper_proves_the_leaf_alone(cell, asks):
    asks("okafor", "/leads")
    position = cell.floor.newest_act("query")
    said = asks("silva", f"/audit/acts/{position}")
    assert (said["content"], said["holds"], said["act"]["detail"], said["act"]["by"]) == (False, True, "", "")
    assert "okafor" not in str(said)
    assert asks("tran", f"/audit/acts/{position}")["act"]["by"] == "okafor"
    assert asks("tran", "/audit/acts/99999999", 404)["title"] == "Not Found"


@pytest.mark.thorough
def test_growth_checkpoints_and_witnesses(cell, officer, asks):
    floor, key = cell.floor, cell.floor.signer.verifier
    old = checkpoints.opened(asks("tran", "/audit/checkpoint"), [key])[0]
    growth = checkpoints.growth_of(asks("tran", "/audit/growth", old=old.size))
    new, _ = checkpoints.opened(growth.note, [key])
    assert checkpoints.grew(old, new, growth.proof)
    said = {"witness": "bank+1+x", "time": "2026-11-24T03:00:00+00:00"}
    for size, root in ((old.size, old.root.hex()), (old.size, "00" * 32)):
        floor.act(KEEPER, witnesses.RECEIVED, said | {"size": size, "root": root, "note": ""})
    tran = officer(cell, cell.token("tran"))
    tran.go(f"/audit/log?old={old.size}")
    page = tran.page
    expect(page.locator("#growth b")).to_contain_text("The proof holds")
    expect(page.locator("b.bad")).to_have_text("DISAGREES: the log is not the one that was witnessed")
    expect(page.locator("td b.good")).to_have_text("agrees with the log as it is now")
    tran.shot("audit-log", full=True)
    assert "give two sizes" in asks("tran", "/audit/log", 422, old=10**9)["detail"]


def test_the_proof_of_a_record_verifies_as_whoever_gets_it_checks_it(cell, asks, tmp_path):
    lead = asks("tran", "/leads", size=1)["leads"][0]["lead_id"]
    record = next(id_ for one in asks("tran", f"/leads/{lead}")["terms"] for id_ in one["records"])
    said = asks("tran", f"/audit/records/{record}")
    assert (said["holds"], said["record_id"]) == (True, record)
    proof = asks("tran", f"/audit/records/{record}/proof")
    root = cell.floor.log_root(proof["size"])
    standalone_rows_check(proof, root)
    with pytest.raises(standalone.Failed):
        standalone_rows_check(proof | {"leaf": proof["leaf"] + 1}, root)
    assert asks("tran", "/audit/records/ffffffffffffffffffff", 404)


def standalone_rows_check(proof, root):
    from watchfloor.store.log.standalone_rows import check_record

    check_record({name: value for name, value in proof.items() if name != "checkpoint"}, root)


def test_tampering_is_seen_by_the_check_and_duties_are_told(own, officer):
    okafor = officer(own)
    okafor.go("/audit/checks")
    page = okafor.page
    page.get_by_role("button", name="Check for damage").click()
    expect(page.locator(".whole")).to_have_text("Intact: nothing differs from what was written.")
    page.get_by_role("button", name="Check the duties").click()
    expect(page.locator("table.duties")).to_be_visible()
    okafor.shot("audit-checks", full=True)
    with closing(sqlite3.connect(own.floor.root / "catalogue.sqlite")) as database, database:
        database.execute(
            "UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'keeper', 'nobody') AS BLOB) "
            "WHERE position = 2"
        )
    page.get_by_role("button", name="Check for damage").click()
    expect(page.locator(".check").first.locator(".refused")).to_contain_text("finding")
    expect(page.locator(".findings").first).to_contain_text("catalogue.sqlite")
    assert [act.detail["what"] for act in own.floor.acts_of("query") if act.actor.name == "okafor"][:2] == [
        "verify", "duties"
    ]  # fmt: skip


@pytest.mark.thorough
def test_an_officer_s_page_works_narrow_and_in_french(cell, officer):
    okafor = officer(
        cell, cell.token(language="fr"), viewport={"width": 390, "height": 844}, color_scheme="light"
    )
    okafor.go("/audit?by=personne")
    expect(okafor.page.locator(".empty")).to_have_text("Aucun acte que vous puissiez lire ne correspond.")
    okafor.go("/audit")
    assert okafor.page.evaluate("document.documentElement.scrollWidth") <= 390
    okafor.shot("audit-narrow")


@pytest.mark.thorough
def test_markup_in_an_act_stays_text(cell, officer):
    cell.floor.act(
        Actor("tran", "<b>tests</b>", "<i>x</i>"), "query", {"what": "<img src=x onerror=alert(1)>"}
    )
    tran = officer(cell, cell.token("tran"))
    tran.go("/audit?by=tran")
    expect(tran.page.locator("table.log")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tran.page.locator("table.log img")).to_have_count(0)


def test_the_check_says_what_it_looks_at_and_reads_the_log_in_blocks(played, monkeypatch):
    heard = []
    assert audit_checks.find_damage(str(played.root), lambda what, rows: heard.append(what)) == ([], 0)
    checks = ["governed", "secret", "files", "log", "manifests", "segments", "blobs", "ledger", "index"]
    assert heard == checks
    monkeypatch.setattr(audit_checks, "BLOCK", 3)
    rows = []
    mine = access.Access("keeper", everything=True)
    found = audit_checks.find_lacking(str(played.root), mine, lambda what, done: rows.append(done))
    assert rows == list(range(0, played.position, 3))
    whole = log_requirements.standing(played.acts())
    assert [(one["law"], one["acts"], one["lacking"]) for one in found] == [
        (one.duty.law, one.acts, len(one.lacking)) for one in whole
    ]
