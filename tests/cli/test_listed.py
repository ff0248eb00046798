"""`watchfloor listed` as a person or a script calls it."""

import json
import sys

import pytest
from tests.formats.lists import CSV, JUSTICE, LAW, SCHEDULES, public
from typer.testing import CliRunner

from watchfloor.cli import main
from watchfloor.cli.listed import app

NEWER = (
    JUSTICE.replace("2026-01-10", "2026-02-10")
    .replace("2026-01-20", "2026-02-20")
    .replace("and The Lamp", "and The Lantern")
    .replace(
        "Lantern Society</Text></Item>",
        "Lantern Society</Text></Item><Item "
        'lims:inforce-start-date="2026-02-10" lims:fid="13" lims:id="23"><Text>Fen Society</Text></Item>',
    )
)


@pytest.fixture
def two(tmp_path):
    (tmp_path / "old.xml").write_text(JUSTICE, encoding="utf-8")
    (tmp_path / "new.xml").write_text(NEWER, encoding="utf-8")
    return [str(tmp_path / "old.xml"), str(tmp_path / "new.xml")]


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def lines(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_json_line_an_item(two):
    result = call(*two, "--on", "2026-01-15", "--json")
    assert result.exit_code == 0
    first, second = lines(result)
    assert (first["entity_id"], first["item"], first["name"]) == ("SOR/2099-1#11", "1", "Harrow Vale Front")
    assert first["window"] == {"from": "2026-01-10", "until": "2026-01-20"}
    assert (first["covered"], first["note"], first["in_force"]) == (True, "covered", "2024-02-01")
    assert second["name"] == "Lantern Society"
    assert "2026-01-15 is covered by the consolidation of 2026-01-10 to 2026-01-20; 2 items" in result.stderr


def test_a_day_outside_every_window_is_flagged(two):
    result = call(*two, "--on", "2026-02-05", "--json")
    assert result.exit_code == 0
    assert {(line["covered"], line["note"]) for line in lines(result)} == {(False, "not covered")}
    assert len(lines(result)) == 3
    assert "is not covered; nearest is the consolidation of 2026-02-10 to 2026-02-20" in result.stderr


def test_a_table_for_people(two):
    result = call(*two, "--on", "2026-01-15")
    assert "SOR/2099-1 on 2026-01-15: 2 items" in result.stdout
    assert "Harrow Vale" in result.stdout
    assert "(not covered)" in call(*two, "--on", "2020-01-01").stdout


def test_whose_a_name_is(two):
    result = call(*two, "--on", "2026-01-15", "--name", "LANTERN society", "--json")
    assert [line["name"] for line in lines(result)] == ["Lantern Society"]


def test_a_name_that_no_list_has_is_told_once_with_what_is_not_covered(two):
    result = call(*two, "--on", "2026-02-25", "--name", "nobody")
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "nobody: on none of SOR/2099-1",
        "not covered on 2026-02-25, so a name may be listed since: SOR/2099-1 (2026-02-10 to 2026-02-20)",
    ]


def test_the_list_that_has_the_name_comes_first_and_the_others_stand_in_one_line(two, tmp_path):
    for number in range(2, 6):
        text = JUSTICE.replace("2099-1", f"2099-{number}").replace("Harrow Vale Front", "Other Vale Front")
        (tmp_path / f"{number}.xml").write_text(text, encoding="utf-8")
    result = call(str(tmp_path), "--on", "2026-01-15", "--name", "harrow vale front")
    assert "Harrow Vale" in result.stdout
    assert "0 items" not in result.output
    last = result.stderr.splitlines()[-1]
    assert last.startswith("harrow vale front: nor on SOR/2099-2, ")
    assert last.endswith("SOR/2099-5")


def test_near_names_are_told_as_no_hit(two):
    result = call(*two, "--on", "2026-01-15", "--name", "Harow Vale Front")
    assert result.stdout == ""
    assert "  Harrow Vale Front (Harrow Vale Front; SOR/2099-1, 1), 0." in result.stderr


def test_a_word_of_a_listed_name_is_said_to_be_near_and_not_to_be_another(two):
    """A program that asks for one word of it hears of the item, and nobody that it is none."""
    asked = (*two, "--on", "2026-01-15", "--name", "Harrow Vale")
    (told,) = lines(call(*asked, "--json"))
    assert told["items"] == 0
    assert [(one["name"], one["list_id"], one["item"]) for one in told["near"]] == [
        ("Harrow Vale Front", "SOR/2099-1", "1")
    ]
    assert "none of them" not in call(*asked).stderr


@pytest.mark.parametrize("asked", ["MS13", "MS-13", "ms 13", "M S 13"])
def test_a_hyphen_before_a_number_is_none(tmp_path, asked):
    file = tmp_path / "list.xml"
    file.write_text(JUSTICE.replace("Harrow Vale Front", "MS-13"), encoding="utf-8")
    found = lines(call(str(file), "--on", "2026-01-15", "--name", asked, "--json"))
    assert [line.get("name") for line in found] == (["MS-13"] if asked != "M S 13" else [None])


def test_diff_in_lines(two):
    added, changed = sorted(lines(call("diff", *two, "--json")), key=lambda line: line["change"])
    assert (added["change"], added["name"]) == ("added", "Fen Society")
    assert (changed["change"], changed["names_added"], changed["names_removed"]) == (
        "changed",
        ["The Lantern"],
        ["The Lamp"],
    )


def test_diff_as_a_table(two):
    result = call("diff", *two)
    assert "+ The Lantern" in " ".join(result.stdout.split())
    assert "1 added, 0 removed, 1 changed" in result.stderr
    assert "nothing changed" in call("diff", two[0], two[0]).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{old}", "--on", "2026-02-30"], "--on 2026-02-30: there is no such day"),
        (["{old}", "--on", "yesterday"], "there is no such day"),
        (["{old}", "--name", " "], "--name is empty"),
        (["nowhere.xml"], "no file or folder nowhere.xml"),
        (["diff", "{old}"], "needs two files"),
        (["diff", "{old}", "{old}", "--on", "2026-01-15"], "leave --on and --name away"),
    ],
)
def test_wrong_use_is_told_with_its_code(two, arguments, says):
    result = call(*(argument.format(old=two[0]) for argument in arguments))
    assert result.exit_code == (4 if arguments == ["nowhere.xml"] else 2)
    assert says in result.stderr


def test_faults_are_told_and_exit_1(tmp_path):
    (tmp_path / "list.csv").write_text(CSV + "V-9,,,,,,\n", encoding="utf-8")
    result = call(str(tmp_path / "list.csv"), "--json")
    assert result.exit_code == 1
    assert "list.csv, line 4: this row has no name" in result.stderr
    assert len(lines(result)) == 2


def test_in_a_folder_a_table_of_ids_and_names_is_left_aside_and_named(tmp_path):
    (tmp_path / "a.xml").write_text(JUSTICE, encoding="utf-8")
    (tmp_path / "staff.csv").write_text("id,name\n1,Ann Roy\n", encoding="utf-8")
    result = call(str(tmp_path), "--on", "2026-01-15", "--json")
    assert result.exit_code == 1
    assert {line["list_id"] for line in lines(result)} == {"SOR/2099-1"}
    assert "left aside, because columns id and name alone do not make a list: staff.csv" in result.stderr
    assert [line["name"] for line in lines(call(str(tmp_path / "staff.csv"), "--json"))] == ["Ann Roy"]


def test_a_folder_of_nothing_else_says_what_it_is(tmp_path, monkeypatch, capsys):
    (tmp_path / "staff.csv").write_text("id,name\n1,Ann Roy\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["watchfloor", "listed", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert "staff.csv. Name such a file itself" in told
    assert "is a list" in told


def test_a_folder_is_read_whole(tmp_path):
    (tmp_path / "a.xml").write_text(JUSTICE, encoding="utf-8")
    (tmp_path / "b.xml").write_text(SCHEDULES, encoding="utf-8")
    result = call(str(tmp_path), "--on", "2026-01-15", "--json")
    assert [line["list_id"] for line in lines(result)] == ["SOR/2099-1"] * 2 + ["SOR/2099-2"] * 4


@pytest.mark.parametrize(
    ("day", "count"), [("2024-12-01", 79), ("2025-02-20", 86), ("2025-12-09", 90), ("2026-06-10", 89)]
)
def test_the_law_at_four_dates(day, count):
    days = ("2025-02-06", "2025-03-28", "2026-01-12", "2026-07-23")
    paths = [str(public(LAW / f"SOR-2002-284@{d}.xml")) for d in days]
    found = lines(call(*paths, "--on", day, "--json"))
    assert len(found) == count
    assert all(line["covered"] for line in found)


def test_help_has_an_example():
    assert "watchfloor listed diff" in call("--help").stdout
