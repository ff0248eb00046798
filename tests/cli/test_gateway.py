import csv
import io
from pathlib import Path

import pytest
from tests.exchange.nodes import WHO, floor
from typer.testing import CliRunner

from watchfloor.actions.gateways import EARLY
from watchfloor.cli import app
from watchfloor.core.messages import reason
from watchfloor.policy.gateway_table import load_table

RUNNER = CliRunner()
PAGE = Path(__file__).parents[2] / "docs" / "gateways.md"


def call(*words, code=0):
    result = RUNNER.invoke(app, ["gateway", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_the_page_shows_the_table_as_it_is(tmp_path):
    shown = PAGE.read_text("utf-8").split("--markdown -->\n")[1].split("\n<!-- end")[0]
    assert shown == call("list", "--markdown", "--floor", tmp_path, "--on", "2026-11-24").strip()


def test_the_page_names_what_each_law_was_read_in():
    text = PAGE.read_text("utf-8")
    for law in load_table().laws.values():
        assert f"{law.source} | {law.read}" in text or not law.source


def test_the_list_is_of_a_day_and_of_parties(tmp_path):
    table = load_table().gateways.values()
    shown = call("list", "--on", "2020-01-01", "--to", "police", "--floor", tmp_path, "--json")
    wanted = [one.id for one in table if "police" in one.to and str(one.since) <= "2020-01-01"]
    assert [line.split('"')[3] for line in shown.splitlines()] == wanted


def test_a_file_that_is_right_says_what_it_changes(tmp_path):
    file = tmp_path / "gateways.toml"
    file.write_text("[gateway.scida-5]\nexpires = 2026-11-23\nrecords = []\n", encoding="utf-8")
    told = call("check", file, "--on", "2026-11-24")
    assert "line 2: gateway.scida-5.expires: ended on 2026-11-23" in told
    assert "widens scida-5: records" in told
    assert "narrows scida-5: expires" in told
    assert told.rstrip().endswith("can be used")
    assert "widens scida-5: records" in call("list", "--floor", tmp_path)


def test_a_row_that_begins_before_its_provision_is_told(tmp_path):
    file = tmp_path / "gateways.toml"
    file.write_text("[gateway.oceans-41-1]\nsince = 2026-03-26\n", encoding="utf-8")
    about = {"gateway": "oceans-41-1", "citation": "OA 41.1", "since": "2026-03-26", "in_force": "2026-03-27"}
    for lang in ("en", "fr"):
        assert reason(EARLY, **about).render(lang) in call("check", file, "--lang", lang)
    file.write_text("[gateway.oceans-41-1]\nsince = 2026-03-28\n", encoding="utf-8")
    assert '"fatal": false' not in call("check", file, "--json")


def test_a_file_that_is_wrong_ends_with_a_code(tmp_path):
    file = tmp_path / "gateways.toml"
    file.write_text('[gateway.scida-5]\nto = ["polise"]\n', encoding="utf-8")
    told = call("check", file, code=1)
    assert "line 2: gateway.scida-5.to: 'polise' is no kind of institution, the nearest is 'police'" in told
    assert "1 error; it cannot be used" in told
    assert '"fatal": true' in call("check", file, "--json", code=1)


def test_a_file_that_changes_nothing_says_so(tmp_path):
    file = tmp_path / "gateways.toml"
    file.write_text("", encoding="utf-8")
    assert call("check", file).rstrip().endswith("can be used")
    assert call("check", file, "--json") == '{"problems": 0}\n'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--from", "polise"], "the nearest is 'police'"),
        (["list", "--on", "2026-02-30"], "there is no such day"),
        (["risk-check", "--partner", "x", "--substantial-risk", "no"], "--country"),
        (
            ["risk-check", "--partner", "x", "--substantial-risk", "no", "--country", "usa"],
            "three capital letters",
        ),
        (
            ["risk-check", "--partner", " ", "--substantial-risk", "no", "--country", "USA"],
            "name the partner",
        ),
        (
            ["risk-check", "--partner", "x", "--substantial-risk", "mitigated", "--country", "USA"],
            "--measures",
        ),
    ],
)
def test_each_wrong_call_ends_in_a_sentence(words, said, tmp_path):
    one = floor(tmp_path, "cell")
    before = one.position
    assert said in " ".join(call(*words, "--floor", one.root, code=2).split())
    assert one.position == before


def test_the_country_of_a_known_peer_is_known(tmp_path):
    one = floor(tmp_path, "cell")
    one.act(WHO, "peer", {"name": "lisbon", "country": "PRT"})
    told = call(
        "risk-check", "--partner", "lisbon", "--substantial-risk", "no", "--json", "--floor", one.root
    )
    assert '"country": "PRT"' in told
    assert "lisbon" in call("risks", "--floor", one.root, "--lang", "fr")


def test_the_report_is_a_table_that_a_spreadsheet_does_not_run(tmp_path):
    one = floor(tmp_path, "agency")
    party = {"name": "cell", "institution": "police", "country": "CAN"}
    said = {"gateway": "scida-5", "recipient": party, "test": '=HYPERLINK("x")', "stated_by": "A. Roy"}
    one.act(WHO, "disclosed", said)
    year = one.acts_of("disclosed")[0].at.year
    out = tmp_path / "records.csv"
    told = call("report", "--year", year, "-o", out, "--floor", one.root)
    assert "a copy of each goes to the National Security and Intelligence Review Agency" in " ".join(
        told.split()
    )
    assert f"{year + 1}-01-30" in told
    (row,) = csv.DictReader(io.StringIO(out.read_text("utf-8")))
    assert row["record"] == "scida-9-1"
    assert row["missing"] == "9(1)(a), 5(2)"
    (reasons,) = [value for head, value in row.items() if head.startswith("SCIDA 9(1)(e)")]
    assert reasons == '\'=HYPERLINK("x")'
    call("report", "--year", year, "-o", out, "--floor", one.root, code=3)  # the file is there


def test_a_year_without_a_record_says_so(tmp_path):
    one = floor(tmp_path, "cell")
    out = tmp_path / "none.csv"
    assert "You may see no disclosure or receipt" in call(
        "report", "--year", "2001", "--floor", one.root, "-o", out
    )
    assert "Aucune communication ni réception de cette année-là" in call(
        "report", "--year", "2001", "--floor", one.root, "--lang", "fr"
    )


@pytest.mark.parametrize("id_", load_table().gateways)
def test_every_gateway_is_shown_in_both_languages(id_, tmp_path):
    english, french = (call("show", id_, "--floor", tmp_path, "--lang", lang) for lang in ("en", "fr"))
    assert english != french
    assert id_ in english
