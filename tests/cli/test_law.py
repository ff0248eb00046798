"""The law over time from the command line, on statutes changed by hand and on the stored texts."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.exchange.nodes import floor
from tests.reference.law.statutes import element, statute
from typer.testing import CliRunner

from watchfloor.actions.law import BACKWARDS
from watchfloor.cell.wording.dates import NO_DAY
from watchfloor.cli import app
from watchfloor.core.messages import reason
from watchfloor.policy.gateway_table import load_table
from watchfloor.reference.law.wordings import wordings

RUNNER = CliRunner()
LAWS = Path(__file__).parents[3] / "shared" / "data" / "law" / "gateways"
stored = pytest.mark.skipif(not LAWS.is_dir(), reason="the texts of Justice Laws are not on this machine")


def call(*words, code=0):
    result = RUNNER.invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def gateways(day):
    return {one["id"]: one for one in call("gateway", "list", "--on", day)}


def test_gateways_answer_otherwise_on_each_day_of_the_act():
    before, assent, after = (gateways(day) for day in ("2026-03-25", "2026-03-26", "2026-03-27"))
    opened = {"dcia-5-5-1-a", "dcia-5-5-1-b", "dcia-5-5-1-c", "customs-107-5-l-4"}
    assert opened <= assent.keys() - before.keys()
    assert after.keys() - assent.keys() == {
        *("oceans-41-1", "oceans-41-1-collect", "customs-107-4-h-coast-guard", "scida-5-coast-guard")
    }
    assert before.keys() < assent.keys() < after.keys()
    assert after["oceans-41-1"]["since"] == "2026-03-27"
    assert after["oceans-41-1"]["citation"] == "OA 41.1"
    assert "may collect, analyze and disclose information or intelligence" in after["oceans-41-1"]["rests_on"]


def test_the_difference_of_two_days_names_what_opens():
    found = call("law", "diff", "2026-03-25", "2026-03-27")
    opened = {one["id"]: one["day"] for one in found if (one["what"], one["change"]) == ("gateway", "opens")}
    assert opened.keys() == gateways("2026-03-27").keys() - gateways("2026-03-25").keys()
    assert (opened["dcia-5-5-1-a"], opened["oceans-41-1"]) == ("2026-03-26", "2026-03-27")
    (order,) = [one for one in found if one["id"] == "I-2.5 49(1)"]
    assert order["change"] == "changed"
    assert "the latest of the following dates" in order["before"]
    assert "the latest of the following dates" not in order["after"]
    moved = {one["change"] for one in found if one["id"] == "CDSA/V/2"}
    assert moved == {"removed"}


def test_nothing_is_told_of_words_that_nobody_has_read():
    found = call("law", "diff", "2001-01-01", "2022-09-01")
    assert not any(one["what"] == "provision" for one in found)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("2026-03-27", "2026-03-25"), reason(BACKWARDS, first="2026-03-27", second="2026-03-25")),
        (("2026-02-30", "2026-03-01"), reason(NO_DAY)),
    ],
)
def test_days_that_make_no_sense_are_refused(days, why):
    for lang in ("en", "fr"):
        result = RUNNER.invoke(app, ["law", "diff", *days, "--lang", lang])
        assert result.exit_code == 2
        assert why.render(lang) in " ".join(result.output.split())


def test_the_old_path_names_the_new_one():
    result = RUNNER.invoke(app, ["share", "gateway", "list"])
    assert result.exit_code == 2
    assert "it is `watchfloor gateway`" in result.output


def newest(number, first="2027-01-01", **changed):
    """A text of a law that has each cited provision as it was read, but for what is changed by label."""
    body = ""
    rows = {label: rows[-1] for (law, label), rows in wordings().items() if law == number}
    for label, row in rows.items():
        if row.state != "in-force":
            continue
        text = changed.get(label, row.text)
        if text is not None:
            body += element("Section", row.fid, label, text.replace("&", "&amp;"), since=str(row.since))
    return statute(body, number=number, first=first, last=first)


def written(tmp_path, **files):
    for name, data in files.items():
        (tmp_path / f"{name}.xml").write_bytes(data)
    return tmp_path


NUMBER = "O-2.4"
"""The Oceans Act: three cited provisions that stand alone."""


def test_words_that_changed_are_told_with_the_rows_that_cite_them(tmp_path):
    told = call(
        "law", "check", written(tmp_path, it=newest(NUMBER, **{"41.1": "may collect alone."})), code=1
    )
    (found,) = [one for one in told if one["citation"] == "OA 41.1"]
    assert (found["change"], found["after"]) == ("changed", "may collect alone.")
    assert "may collect, analyze and disclose" in found["before"]
    assert {"oceans-41-1", "oceans-41-1-collect", "scida-5-coast-guard"} & set(found["rows"]) == {
        *("oceans-41-1", "oceans-41-1-collect")
    }
    assert set(found["words_gone"]) == {"oceans-41-1", "oceans-41-1-collect"}


def test_a_provision_under_another_label_is_known_by_its_id_or_its_words(tmp_path):
    text = newest(NUMBER).replace(b"<Label>41.1</Label>", b"<Label>41.2</Label>")
    fid = wordings()[NUMBER, "41.1"][-1].fid
    for data in (text, text.replace(f'lims:fid="{fid}"'.encode(), b'lims:fid="1"')):
        told = call("law", "check", written(tmp_path, it=data), code=1)
        (found,) = [one for one in told if one["citation"] == "OA 41.1"]
        assert (found["change"], found["moved_to"], found["words_gone"]) == ("moved", "41.2", [])


def test_another_day_or_none_is_told_though_the_words_stay(tmp_path):
    since = b'lims:inforce-start-date="2026-03-27"'
    for text, change in (
        (b'lims:inforce-start-date="2026-05-01"', "other-day"),
        (b'in-force="no"', "not-in-force"),
    ):
        told = call("law", "check", written(tmp_path, it=newest(NUMBER).replace(since, text)), code=1)
        assert {one["citation"]: one["change"] for one in told}["OA 41.1"] == change


def test_a_provision_that_is_gone_is_told(tmp_path):
    told = call("law", "check", written(tmp_path, it=newest(NUMBER, **{"41.1": None})), code=1)
    assert {one["citation"]: one["change"] for one in told}["OA 41.1"] == "vanished"


@pytest.mark.parametrize(
    ("data", "id_"),
    [
        (b"%PDF-1.7", "law.not-xml"),
        (b"<html><body>Not found</body></html>", "law.no-statute"),
        (newest(NUMBER)[:-200], "law.truncated"),
        (b'<!DOCTYPE x [<!ENTITY a "aa">]><Statute>&a;</Statute>', "law.document-type"),
        (statute(number="A-1", first="2027-01-01"), "law.not-cited"),
        (statute(number=NUMBER, lang="fr", first="2027-01-01"), "law.other-language"),
        (newest(NUMBER, "2026-03-26"), "law.older"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_and_no_other(tmp_path, data, id_):
    """What is good beside it is compared all the same; alone, the folder is refused."""
    alone = call("law", "check", written(tmp_path, bad=data), code=2)
    assert [(one["file"], one["refusal"]) for one in alone] == [("bad.xml", id_)]
    together = call("law", "check", written(tmp_path, good=newest("S-6.9")), code=1)
    assert [one["refusal"] for one in together if one["refusal"]] == [id_]
    assert {one["change"] for one in together} <= {"refused", "opening-words", "other-day"}


def test_of_two_texts_the_newest_is_compared(tmp_path):
    files = {"one": newest(NUMBER, "2027-01-01", **{"41.1": "Old."}), "two": newest(NUMBER, "2028-01-01")}
    told = call("law", "check", written(tmp_path, **files), code=1)
    assert [(one["file"], one["refusal"]) for one in told if one["refusal"]] == [
        ("one.xml", "law.superseded")
    ]
    assert not any(one["change"] == "changed" for one in told)


def test_a_folder_without_files_is_refused(tmp_path):
    assert [one["refusal"] for one in call("law", "check", tmp_path, code=2)] == ["law.no-files"]


def test_a_row_of_the_nodes_own_is_looked_at_too(tmp_path):
    root = floor(tmp_path, "cell").root
    own = '[gateway.oceans-41-1]\nsection = "40(1)"\nrests_on = "The Minister leads"\n'
    (root / "gateways.toml").write_text(own, "utf-8")
    folder = tmp_path / "laws"
    folder.mkdir()
    told = call("law", "check", written(folder, it=newest(NUMBER)), "--floor", root, code=1)
    assert [one["rows"] for one in told if one["citation"] == "OA 40(1)"] == [["oceans-41-1"]]


@stored
def test_the_stored_texts_are_as_they_were_read():
    told = call("law", "check", LAWS, code=1)
    assert {one["change"] for one in told} == {"refused"}
    assert {one["refusal"] for one in told} == {"law.older", "law.other-language"}


@stored
def test_every_cited_provision_that_changes_is_found(tmp_path):
    """Each provision that a row rests on gets other words in its own statute, one statute at a time."""
    table = load_table()
    for law in table.laws.values():
        cited = {row.section for row in table.gateways.values() if table.laws[row.law] == law}
        if not cited or not (LAWS / law.source).is_file():
            continue
        rows = {label: wordings()[law.number, label][-1] for label in cited}
        text = (LAWS / law.source).read_text("utf-8")
        for row in rows.values():
            text = _with_other_words(text, row.fid)
        (tmp_path / law.source).write_text(text, "utf-8")
        told = call("law", "check", tmp_path / law.source, code=1)
        found = {one["citation"].split(" ", 1)[1] for one in told if one["change"] == "changed"}
        assert cited <= found, (law.source, cited - found)


def _with_other_words(text, fid):
    """The file with a word more at the first text of the element of an id."""
    at = text.index(f'lims:fid="{fid}"')
    begin = text.index(">", text.index("<Text", at)) + 1
    return f"{text[:begin]}Otherwise {text[begin:]}"


def test_every_day_of_the_table_is_a_day_on_which_it_answers_otherwise():
    table = load_table().gateways.values()
    for day in {one.since for one in table}:
        before = date.fromordinal(day.toordinal() - 1)
        assert {one.id for one in table if one.stands(day)} > {one.id for one in table if one.stands(before)}
