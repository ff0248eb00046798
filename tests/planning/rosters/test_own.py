import pytest

from tests.planning.rosters.small import DEMAND, RULES, STAFF

from watchfloor.cell.acts import Unusable
from watchfloor.planning.rosters import own
from watchfloor.planning.rosters.check import check


def folder(path, rules=RULES, staff=STAFF, demand=DEMAND, **others):
    path.mkdir(exist_ok=True)
    (path / "rules.toml").write_text(rules, "utf-8")
    (path / "staff.csv").write_text(staff, "utf-8")
    (path / "demand.csv").write_text(demand, "utf-8")
    for name, text in others.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def refusal(call, *arguments):
    with pytest.raises(Unusable) as error:
        call(*arguments)
    return error.value.reason.message, error.value.reason.params


def test_a_roster_is_read_as_it_was_written(tmp_path):
    found = own.read(folder(tmp_path / "f"))
    grid = own.read_roster(found, roster(tmp_path, "Ann,2026-11-02,D,primary\nBob,2026-11-08,N,\nCy,,,\n"))
    assert [(one.person, one.what) for one in check(found.problem, grid).breaches if one.person] == []
    (tmp_path / "again.csv").write_bytes(own.roster_csv(found, grid))
    assert (own.read_roster(found, tmp_path / "again.csv") == grid).all()


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
