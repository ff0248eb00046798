"""Legal holds, retention, erasure by subject and certificates, as an officer types them."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from tests.exchange.assessments import answered
from tests.store.rows import ingest
from tests.store.test_retention import typed
from typer.testing import CliRunner

from watchfloor.cli import app, main
from watchfloor.core.kinds import PAYMENT
from watchfloor.exchange.aia import score as aia
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.store import Actor, Floor
from watchfloor.store.erasure import retention

ACTOR = Actor("tester", "testing", "none")
BY = ("--why", "file A-77", "--authority", "Privacy Act s. 6(3)")
ONE = "person:feed:1"
POLICY = """
[compartments.GAMMA]
en = "a joint operation"
fr = "une opération conjointe"

[readers.wide]
protected = "PB"
compartments = ["GAMMA"]

[readers.narrow]
protected = "PB"
"""


@pytest.fixture
def floor(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHFLOOR_USER", "wide")
    made = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED//COMP:GAMMA", exercise=True)
    with made.writer(ACTOR) as writer:
        ingest(writer, [1, 2], raw=b"1 and 2", name="Zarbek ")
        ingest(writer, [3], raw=b"3")
    (tmp_path / "floor" / "policy.toml").write_text(POLICY, "utf-8")
    return made


def call(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def refused(monkeypatch, capsys, *words, code=2):
    """What a refusal tells the user."""
    monkeypatch.setattr("sys.argv", ["watchfloor", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    return " ".join(printed.split())


def test_sealed_sets_of_the_partnership_go_and_stay_while_a_subject_is_under_hold(floor):
    vault, key = Vault(floor), "account:test:1"  # the floor has no record of it
    vault.put("sets/ab", f"{key}\naccount:test:2".encode())
    told = call(
        "floor", "hold", "place", key, "--why", "T-1-26", "--ordered-by", "Justice", "--authority", "Rules"
    )
    assert "sealed" not in call("floor", "erase", "--subject", key, *BY)
    assert vault.names("sets") == ["sets/ab"]
    call("floor", "hold", "lift", told.split()[1], "--why", "discontinued")
    assert "gone from 1 sealed file" in call("floor", "erase", "--subject", key, *BY)
    assert vault.names("sets") == []
    assert floor.acts_of("partnership-forgotten")[0].detail == {"files": 1}


def test_a_hold_stops_an_erasure_and_says_who_ordered_it(floor):
    told = call(
        "floor", "hold", "place", ONE, "--why", "T-1-26", "--ordered-by", "Justice", "--authority", "Rules"
    )
    number = told.split()[1]
    assert f"stands over {ONE}" in told
    told = call("floor", "erase", "--subject", ONE, *BY, code=2)
    assert "is under legal hold" in told
    assert f"hold {number} was ordered by Justice: T-1-26" in told
    assert "Rules" in call("floor", "hold", "list")
    call("floor", "hold", "lift", number, "--why", "discontinued")
    assert "No hold that you may see stands" in call("floor", "hold", "list")
    assert f"lifted at {floor.position - 1}" in call("floor", "hold", "list", "--all")
    assert "erased at position" in call("floor", "erase", "--subject", ONE, *BY)


def test_who_may_not_see_a_hold_is_told_that_there_is_one_and_no_more(floor, monkeypatch):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        ingest(writer, [1], marking="PB//TLP:AMBER//COMP:GAMMA", raw=b"hidden", source="other")
    call("floor", "hold", "place", "person:feed:1", "--why", "T-1-26", "--ordered-by", "Justice")
    monkeypatch.setenv("WATCHFLOOR_USER", "narrow")
    told = call("floor", "erase", "--subject", ONE, *BY, code=2)
    assert "is under legal hold" in told
    assert "Justice" not in told
    assert "T-1-26" not in told
    assert json.loads(call("floor", "hold", "list", "--json")) == {"holds": 0}
    assert "no hold stands" in str(
        CliRunner().invoke(app, ["floor", "hold", "lift", "9", "--why", "x"]).exception
    )
    rows = [
        json.loads(line)
        for line in CliRunner().invoke(app, ["floor", "retention", "--all", "--json"]).output.splitlines()
    ]
    assert {row["holds"] for row in rows} == {""}


def test_only_what_the_reader_may_see_is_erased(floor, monkeypatch):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        ingest(writer, [1], marking="PB//TLP:AMBER//COMP:GAMMA", raw=b"hidden", source="other")
    monkeypatch.setenv("WATCHFLOOR_USER", "narrow")
    assert json.loads(call("floor", "erase", "--subject", ONE, *BY, "--json"))["records"] == 1
    monkeypatch.setenv("WATCHFLOOR_USER", "wide")
    assert json.loads(call("floor", "erase", "--subject", ONE, *BY, "--json"))["records"] == 1
    assert json.loads(call("floor", "erase", "--subject", ONE, *BY, "--json"))["records"] == 0


def test_what_names_others_is_left_until_somebody_says_so(floor):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        typed(writer, "report", subjects=["person:feed:2"], portions=[{"text": "seen with Zarbek 1"}])
    told = call("floor", "erase", "--subject", ONE, *BY)
    assert "left: 1 report record that may name others too" in told
    told = call("floor", "erase", "--subject", ONE, *BY, "--reports", code=0)
    assert "Nothing that you may see is about that" in told  # its name is known from the record that is gone
    (record,) = floor.read("report", floor.reader("wide", "x"))["record_id"].to_pylist()
    assert "1 record," in call("floor", "erase", record.hex(), *BY)


def test_a_dry_run_touches_nothing(floor):
    held = floor.whole("party", ["record_id"])
    told = call("floor", "erase", "--subject", ONE, *BY, "--dry-run")
    assert "would go: 1 party record" in told
    assert floor.whole("party", ["record_id"]) == held


def test_who_asks_what_would_go_is_in_the_log_and_who_holds_it_out_of_sight_is_told(floor, monkeypatch):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        ingest(writer, [7], marking="PB//TLP:AMBER//COMP:GAMMA", raw=b"hidden", source="feed")
    monkeypatch.setenv("WATCHFLOOR_USER", "narrow")
    for subject, hits in (("person:feed:7", 1), ("person:feed:99", 0)):
        before = floor.position
        told = call("floor", "erase", "--subject", subject, *BY, "--dry-run")
        assert told == "Nothing that you may see is about that."
        query, hit = floor.acts(before + 1, floor.position)
        assert (query.act, query.actor.name, query.detail["what"]) == ("query", "narrow", "erase")
        assert (query.detail["subjects"], query.detail["found"]) == ([subject], 0)
        assert (hit.act, hit.detail["by"], len(hit.detail["hits"])) == ("hit", "narrow", hits)


def test_what_was_decided_on_is_kept_and_consent_waives_it(floor, monkeypatch, capsys):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        typed(writer, "task", subjects=[ONE], state="issued")
    assert "kept: 1 party record: last used for a decision on" in call(
        "floor", "erase", "--subject", ONE, *BY, "--dry-run"
    )
    assert "SOR/83-508, s. 4(1)(a)" in call("floor", "retention", "--all")
    assert "DORS/83-508" in call("floor", "retention", "--all", "--lang", "fr")
    told = refused(monkeypatch, capsys, "floor", "erase", "--subject", ONE, *BY, code=3)
    assert "unless the individual consents" in told
    assert "2 records" in call("floor", "erase", "--subject", ONE, *BY, "--category", "consent")


def test_a_night_tells_what_the_law_keeps(floor):
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        late = "PB//TLP:AMBER//UNTIL:2026-01-01"
        ingest(writer, [8], marking=late, raw=b"8")
        ingest(writer, [9], marking=late, raw=b"9")
        typed(writer, "task", subjects=["person:feed:8"], state="issued")
    told = call("floor", "expire")
    assert "1 record," in told
    assert "kept: 1 party record: its marking ended on 2026-01-01" in told
    assert "a person decides" in told
    told = json.loads(call("floor", "expire", "--json"))
    assert told["records"] == 0
    assert told["kept"][0]["records"] == 1


def test_what_is_past_its_marking_is_read_by_nobody_before_it_goes(floor, monkeypatch, capsys):
    """Who has to decide on it still finds it; under a hold counsel may read it."""
    counsel = '\n[readers.counsel]\nprotected = "PB"\nrole = "counsel"\n'
    (floor.root / "policy.toml").write_text(POLICY + counsel, "utf-8")
    today = datetime.now(UTC).date()
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        for number, day in ((8, today), (9, today - timedelta(days=1))):
            ingest(writer, [number], marking=f"PB//TLP:AMBER//UNTIL:{day}", raw=b"%d" % number)
    (late,) = (one.record_id.hex() for one in retention.on(floor.root) if one.over(today))

    def seen(name):
        return "name9" in floor.read("party", floor.reader(name, "x"))["name"].to_pylist()

    assert floor.read("party", floor.reader("wide", "x"))["name"].to_pylist()[-1] == "name8"
    assert not any(map(seen, ("wide", "counsel")))
    assert "that you may see" in refused(monkeypatch, capsys, "record", late, code=4)
    assert "erases it" in json.loads(call("floor", "retention", late, "--json"))["applies"]
    assert "would go: 1 party record" in call(
        "floor", "erase", "--subject", "person:feed:9", *BY, "--dry-run"
    )
    assert "would go: 1 party record" in call("floor", "erase", late, *BY, "--dry-run")
    call(
        "floor",
        "hold",
        "place",
        late,
        "--why",
        "T-1-26",
        "--ordered-by",
        "Justice",
        "--authority",
        "an order",
    )
    assert "T-1-26" in call("floor", "hold", "list")
    assert [seen("wide"), seen("counsel")] == [False, True]
    monkeypatch.setenv("WATCHFLOOR_USER", "counsel")
    assert "name9" in call("record", late)


def test_a_certificate_is_checked_with_and_without_the_floor(floor, tmp_path, monkeypatch, capsys):
    call("floor", "erase", "--subject", ONE, *BY, "-o", tmp_path / "certificate.txt")
    assert "the floor's log says the same" in call(
        "floor", "certificate", "check", tmp_path / "certificate.txt"
    )
    key = floor.signer.verifier.text
    told = call("floor", "certificate", "check", tmp_path / "certificate.txt", "--key", key)
    assert "not compared with the floor's log" in told
    position = floor.acts_of("erasure")[0].position
    again = call("floor", "certificate", "issue", position)
    assert "watchfloor erasure certificate" in again
    text = (tmp_path / "certificate.txt").read_text("utf-8").replace('"party": 1', '"party": 7')
    (tmp_path / "forged.txt").write_text(text, "utf-8")
    told = refused(monkeypatch, capsys, "floor", "certificate", "check", tmp_path / "forged.txt", code=3)
    assert "does not fit the text" in told
    (tmp_path / "none.txt").write_bytes(b"\xff\xfe")
    assert "is no certificate" in refused(
        monkeypatch, capsys, "floor", "certificate", "check", tmp_path / "none.txt"
    )
    assert "no erasure" in refused(monkeypatch, capsys, "floor", "certificate", "issue", 1, code=4)
    assert "is there already" in refused(
        monkeypatch,
        capsys,
        "floor",
        "erase",
        "--subject",
        "person:feed:3",
        *BY,
        "-o",
        tmp_path / "certificate.txt",
        code=3,
    )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ("floor", "retention"),
            2,
            "name records, or give --all",
        ),
        (("floor", "hold", "place", "person:x", "--why", "x", "--ordered-by", "y"), 2, "is no subject key"),
        (("floor", "hold", "place", "ffff", "--why", "x", "--ordered-by", "y"), 4, "no lead 'ffff'"),
        (("floor", "hold", "place", ONE, "--why", " ", "--ordered-by", "y"), 2, "a hold says why"),
        (("floor", "hold", "lift", "77", "--why", "x"), 4, "no hold stands at position 77"),
        (("floor", "erase", "--subject", "nobody", *BY), 2, "is no subject key"),
        (
            ("floor", "erase", "--subject", ONE, "--why", "Zarbek 1 asked", *BY[2:]),
            2,
            "names who is to be erased",
        ),
        (("floor", "erase", "ffff", *BY), 4, "no record that you may see"),
    ],
)
@pytest.mark.usefixtures("floor")
def test_refusals_say_what_to_do(monkeypatch, capsys, words, code, told):
    assert told in refused(monkeypatch, capsys, *words, code=code)


@pytest.mark.usefixtures("floor")
def test_an_assessment_is_drafted_refused_and_scored(tmp_path):
    assert "questions left for people" in call("scorecard", "aia", "draft", "-o", tmp_path / "draft.toml")
    told = call("scorecard", "aia", "score", tmp_path / "draft.toml", code=2)
    assert "impact9 is unanswered" in told
    assert "ask legal services" in told
    (tmp_path / "whole.toml").write_text(answered("design"), "utf-8")
    told = call("scorecard", "aia", "score", tmp_path / "whole.toml")
    assert "Impact level I: raw impact 14 of 167, mitigation 0 of 77" in told
    assert "Appendix C" in told
    french = json.loads(call("scorecard", "aia", "score", tmp_path / "whole.toml", "--lang", "fr", "--json"))
    assert french["duties"]["approval"] == "le sous-ministre adjoint du programme"
    assert french["level"] == aia.score(aia.read(tmp_path / "whole.toml")).level


def test_a_payment_that_is_erased_goes_from_the_sealed_sets_too(floor):
    row = {"report_key": "uetr:x", "source": "core", "payer": "account:test:1", "payee": "account:test:2"}
    row |= {"amount": 5, "currency": "CAD", "means": "wire", "facts": [], "marking": "PB//TLP:AMBER"}
    row |= {"observed_at": datetime(2026, 11, 1, tzinfo=UTC), "locator": "1", "origins": []}
    schema = PAYMENT.schema.remove(0)
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row], schema).drop_columns(["delivery"])
    with floor.writer(Actor("wide", "testing", "none")) as writer:
        writer.append(PAYMENT, table)
    (id_,) = floor.read("payment", floor.reader("wide", "tests"))["record_id"].to_pylist()
    vault = Vault(floor)
    vault.put("sets/ab", b"payment:uetr:x\naccount:test:7")
    gone = json.loads(call("floor", "erase", id_.hex(), "--json", *BY))
    assert (gone["records"], gone["sealed"]) == (1, 1)
    assert vault.names("sets") == []


def test_old_pages_that_an_erasure_left_are_told_until_they_are_gone(floor, monkeypatch):
    asked, both = ("floor", "erase", "--subject", ONE, *BY), ["catalogue.sqlite", "index.sqlite"]
    with monkeypatch.context() as patch:
        patch.setattr("watchfloor.store.erasure.overwriting.rewrite", lambda _: False)
        assert json.loads(call(*asked, "--json"))["settled"] is False
        assert json.loads(call("floor", "compact", "--json"))["old_pages"] == both
        for command in ("verify", "compact"):
            assert "watchfloor floor compact" in call("floor", command)
    found = json.loads(call("floor", "verify", "--json"))
    assert (found["whole"], found["old_pages"]) == (True, both)
    assert json.loads(call("floor", "compact", "--json"))["old_pages"] == []
    assert json.loads(call("floor", "index", "rebuild", "--json"))["old_pages"] == []
    for command in ("verify", "compact"):
        assert "watchfloor floor compact" not in call("floor", command)
