from pathlib import Path

import numpy as np
import pytest
from tests.formats import workbooks
from tests.planning.rosters.small import RULES, STAFF, folder

from watchfloor.cell.acts import Unusable
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.rosters import officers, own
from watchfloor.planning.rosters.check import check
from watchfloor.reference import rosters


def refusal(call, *arguments):
    with pytest.raises(Unusable) as error:
        call(*arguments)
    return error.value.reason.message, error.value.reason.params


def test_a_roster_is_read_as_it_was_written(tmp_path):
    found = own.read(folder(tmp_path / "f"))
    grid = own.read_roster(found, roster(tmp_path, "Ann,2026-11-02,D,primary\nBob,2026-11-08,N,\nCy,,,\n"))
    assert [(one.person, one.what) for one in check(found.problem, grid).breaches if one.person] == []
    for name in ("again.csv", "again.xlsx"):
        (tmp_path / name).write_bytes(own.roster_file(found, grid, Path(name).suffix))
        assert (own.read_roster(found, tmp_path / name) == grid).all()


def roster(path, rows, head="officer,date,shift,post"):
    (path / "roster.csv").write_text(f"{head}\n{rows}", "utf-8")
    return path / "roster.csv"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Ann,2026-11-02,D,\nAnn,2026-11-02,N,\nBob,,,\nCy,,,\n", "rosters.row-twice"),
        ("Ann,2026-11-02,D,\nCy,,,\n", "rosters.unnamed"),
        ("Ann,2026-11-16,D,\nBob,,,\nCy,,,\n", "rosters.not-there"),
        ("Ann,02/11/2026,D,\nBob,,,\nCy,,,\n", "rosters.bad-date"),
        ("Dan,2026-11-02,D,\n", "rosters.not-there"),
        ("Ann,2026-11-02,E,\n", "rosters.not-there"),
        ("Ann,2026-11-02,D,tower\n", "rosters.not-there"),
    ],
)
def test_a_roster_that_cannot_be_is_refused(tmp_path, rows, message):
    found = own.read(folder(tmp_path / "f"))
    assert refusal(own.read_roster, found, roster(tmp_path, rows))[0] == message


def test_a_roster_of_an_older_edition_is_refused_by_its_name(tmp_path):
    found = own.read(folder(tmp_path / "f"))
    made = roster(tmp_path, "Ann,2026-11-02,D,,2025-01\n", "officer,date,shift,post,edition")
    message, params = refusal(own.read_roster, found, made)
    assert (message, params["made"], params["edition"]) == ("rosters.other-edition", "2025-01", "2026-01")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"staff": "group\nx\n"}, "rosters.no-column"),
        ({"staff": "name\nAnn\nAnn\n"}, "rosters.name-twice"),
        ({"staff": "name\n=HYPERLINK(A1)\n"}, "rosters.bad-cell"),
        ({"staff": "name\nAnn\x0bBob\n"}, "rosters.bad-cell"),
        ({"demand": "date,shift,post,least\nevery,D,+primary,1\n"}, "rosters.bad-cell"),
        ({"staff": "name,hours\nAnn,many\n"}, "rosters.bad-cell"),
        ({"staff": "name,hours\nAnn,-4\n"}, "rosters.bad-cell"),
        ({"staff": "name,qualifications\nAnn,primary=03/11/2026\n"}, "rosters.bad-date"),
        ({"staff": "name,with\nAnn,Zed\n"}, "rosters.not-there"),
        ({"staff": "name,with\nAnn,Bob\nBob,\n"}, "rosters.no-rule-beside"),
        ({"demand": "date,post\nevery,primary\n"}, "rosters.no-column"),
        ({"demand": "date,shift,post,least\nevery,Q,primary,1\n"}, "rosters.not-there"),
        ({"demand": "date,shift,post,least\n2026-12-25,D,primary,1\n"}, "rosters.not-there"),
        ({"demand": "date,shift,post,least\nyesterday,D,primary,1\n"}, "rosters.bad-date"),
        ({"demand": "date,hour,post,least\nevery,25,primary,1\n"}, "rosters.bad-cell"),
        ({"demand": "date,hour,post,least\nevery,9-7,primary,1\n"}, "rosters.bad-cell"),
        ({"demand": "date,shift,post,least,most\nevery,D,primary,3,2\n"}, "rosters.bad-cell"),
        ({"demand": "date,hour,post,travellers,rate\nevery,7,primary,90,0\n"}, "rosters.bad-cell"),
        ({"leave": "officer,from,to\nAnn,2026-11-05,2026-11-04\n"}, "rosters.bad-cell"),
        ({"leave": "officer,from,to\nZed,2026-11-04,2026-11-05\n"}, "rosters.not-there"),
        ({"wishes": "officer,date,wanted,price\nAnn,2026-11-04,no,\n"}, "rosters.bad-cell"),
        ({"past": "officer,date,shift\nAnn,2026-11-02,D\n"}, "rosters.not-there"),
        ({"past": "officer,date,shift\nAnn,2026-11-01,D\nAnn,2026-11-01,N\n"}, "rosters.row-twice"),
        (
            {
                "leave": "officer,from,to,kind\nAnn,2026-11-04,2026-11-05,illness\n",
                "wishes": "officer,date,shift,wanted,price,clause\nAnn,2026-11-04,D,yes,must,court\n",
            },
            "rosters.contradiction",
        ),
        (
            {
                "rules": RULES
                + '[[rule]]\nkind = "total"\nclause = "8.1"\nleast = 5\n'
                + '[[rule]]\nkind = "total"\nclause = "8.2"\nmost = 4\n'
            },
            "rosters.contradiction",
        ),
        (
            {
                "rules": RULES + '[[rule]]\nkind = "beside"\nclause = "8.3"\nfor = ["new"]\nwith = "coach"\n',
                "staff": "name,group\nAnn,new\n",
            },
            "rosters.nobody-beside",
        ),
    ],
)
def test_a_folder_that_cannot_be_is_refused(tmp_path, files, message):
    assert refusal(own.read, folder(tmp_path / "f", **files))[0] == message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"America/New_York"', '"Manitoba/Nowhere"', "timezone"),
        ("days = 14", "days = 0", "days"),
        ("from = 2026-11-02", "from = 9999-12-25", "from"),
        ('name = "D"', 'name = "@D"', "@D"),
        ("[[rule]]", "[notice]\nhours = nan\nclause = '5'\n[[rule]]", "notice"),
        ("[[rule]]", "[posting]\ndays = 9999999\nclause = '5'\n[[rule]]", "posting"),
        ('start = "07:00"', 'start = "7am"', "7am"),
        ("hours = 8", "hours = 36", "rest"),
        ('kind = "rest"', 'kind = "sleep"', "sleep"),
        ("hours = 8", "hours = 8\nshifts = ['Q']", "Q"),
        ('clause = "25.01 rest"\n', "", "clause"),
        ("unpaid = 60", "unpayed = 60", "unpayed"),
    ],
)
def test_rules_that_cannot_be_are_refused_by_their_line(tmp_path, old, new, told):
    with pytest.raises(SettingsError, match=told):
        own.read(folder(tmp_path / "f", RULES.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"staff": STAFF.replace("Bob,,primary", "Bob,,primary=2026-11-10")}, "rosters.expires"),
        ({"staff": "name,qualifications\nAnn,\n"}, "rosters.nobody-may"),
        ({"demand": "date,hour,post,least\nevery,6-8,gate,1\n"}, "rosters.no-shift-covers"),
        ({"past": "officer,date,shift\nAnn,2026-11-01,D\n"}, "rosters.no-past"),
        ({"rules": RULES.replace("2026-11-02", "2026-10-26")}, "rosters.clocks"),
        ({"rules": "template = true\n" + RULES}, "rosters.template"),
    ],
)
def test_what_a_person_should_know_first_is_told(tmp_path, files, message):
    found = own.read(folder(tmp_path / "f", **files))
    assert message in [one.message for one in found.notes]
    assert all(one.render(lang) for one in found.notes for lang in ("en", "fr"))


def test_a_spreadsheet_with_merged_cells_and_dates_as_text_is_read(tmp_path):
    """The same demand as a table and as a workbook, where one date stands for three merged rows."""
    rows = [["date", "shift", "post", "least"], ["2026-11-03", "D", "gate", 1], [None, "N", "gate", 2]]
    path = folder(tmp_path / "f", demand="date,shift,post,least\n2026-11-03,D,gate,1\n2026-11-03,N,gate,2\n")
    plain = own.read(path).problem
    (path / "demand.csv").unlink()
    (path / "demand.xlsx").write_bytes(workbooks.xlsx("A2:A3", Demand=rows))
    assert own.read(path).problem == plain
    rows[1][0] = "3 Nov 2026"
    (path / "demand.xlsx").write_bytes(workbooks.xlsx("A2:A3", Demand=rows))
    message, params = refusal(own.read, path)
    assert (message, params["value"]) == ("rosters.bad-date", "3 Nov 2026")


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.thorough)])
def test_a_hundred_thousand_officers_are_read(tmp_path, count):
    staff = "name,group,qualifications,hours\n" + "".join(f"P{n},,primary,150\n" for n in range(count))
    found = own.read(folder(tmp_path / "f", staff=staff))
    assert len(found.problem.people) == count
    assert len({id(person.rules) for person in found.problem.people}) == 1  # checked and solved together


@pytest.mark.parametrize("name", rosters.TEMPLATES)
def test_a_template_can_be_made_and_says_which_clauses_were_not_read(tmp_path, name):
    for file, data in rosters.template(name).items():
        (tmp_path / file).write_bytes(data)
    found = own.read(tmp_path)
    assert found.agreement.template
    (note,) = [one for one in found.notes if one.message == "rosters.template"]
    agreement = found.agreement
    tables = (agreement.posting, agreement.notice, agreement.asking)
    assert all(bool(one.source) == bool(one.read) for one in (*agreement.rule, *tables))
    unread = agreement.unread()
    assert (tmp_path / "rules.toml").read_text("utf-8").count("# not read") == len(unread)
    assert note.params["count"] == len(unread)
    assert all(clause in note.params["names"] for clause in unread)
    nobody = np.zeros((len(found.staff), found.problem.days), np.int16)
    clauses = {one.clause for one in check(found.problem, nobody).breaches}
    assert agreement.demand.clause in clauses  # nobody there: it is told


def test_a_coach_counts_as_long_as_the_qualification_lasts(tmp_path):
    beside = "\n[[rule]]\nkind = 'beside'\nclause = 'coach'\nfor = ['recruit']\nwith = 'coach'\n"
    staff = "name,group,qualifications\nAnn,recruit,primary\nBob,,primary|coach=..2026-11-03\nCy,,\n"
    found = own.read(folder(tmp_path / "f", RULES + beside, staff))
    rows = "".join(f"{who},2026-11-{day:02},D,primary\n" for who in ("Ann", "Bob") for day in (2, 3, 4))
    grid = own.read_roster(found, roster(tmp_path, rows + "Cy,,,\n"))
    breaches = [one for one in check(found.problem, grid).breaches if one.clause == "coach"]
    assert [(one.person, one.first) for one in breaches] == [("Ann", 2)]
    head, ann, bob, cy = staff.splitlines()
    named = f"{head},with\n{ann},Bob\n{bob},\n{cy},\n"
    found = own.read(folder(tmp_path / "g", RULES + beside, named))
    again = [one for one in check(found.problem, grid).breaches if one.clause == "coach"]
    assert again == breaches  # who is named is held to the qualification, too


def test_people_who_may_all_work_beside_each_other_are_too_many(tmp_path, monkeypatch):
    for name, data in rosters.template("cbsa-fb").items():
        (tmp_path / name).write_bytes(data)
    assert own.read(tmp_path).problem.links
    monkeypatch.setattr(officers, "MOST_PAIRS", 1)
    assert refusal(own.read, tmp_path)[0] == "rosters.too-many-beside"
