"""Rosters on a floor: published, shown to whom they concern, tried and changed, and as files."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.planning.rosters.published import FIRST, NAMES, write
from tests.refusals import refused

import watchfloor
from watchfloor.planning.rosters import papers
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.notice import posted_late
from watchfloor.store import Actor, Floor

POLICY = """[compartments.GAMMA]
en = "operation"
fr = "opération"
[readers.chief]
protected = "PB"
role = "supervisor"
compartments = ["GAMMA"]
[readers.Roy]
protected = "PB"
[readers.guest]
protected = ""
tlp = "AMBER"
"""
SINCE = FIRST.isoformat()


@pytest.fixture
def root(tmp_path):
    made = Floor.create(
        tmp_path / "floor", Actor("chief", "watch", "none"), ceiling="PB//TLP:RED//COMP:GAMMA"
    )
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    return made.root


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "emerson")


def opened(root, user="chief"):
    return watchfloor.open(root, purpose="watch", authority="none", user=user)


def face(root, user="chief"):
    return opened(root, user).rosters


def weeks(root, user="chief"):
    return opened(root, user).roster_weeks


def _rows(folder):
    return list(csv.DictReader(io.StringIO((folder / "roster.csv").read_text("utf-8"))))


def test_the_week_has_everyone_with_whom_they_work_and_what_is_short(root, folder):
    published = face(root).publish(folder=folder, why="as posted")
    assert (published.pool, published.edition, published.officers, published.unlawful) == ("Emerson", 1, 6, 0)
    week = weeks(root, "Roy").show(since=SINCE)
    assert week.dates == [FIRST + timedelta(days=at) for at in range(7)]
    assert week.people[0].officer == "Roy"
    assert week.people[0].mine
    assert {one.officer for one in week.people} == set(NAMES)
    worked = {
        (one.officer, day, shift.shift, shift.post)
        for one in week.people
        for day, shifts in zip(week.dates, one.shifts, strict=True)
        for shift in shifts
    }
    rows = _rows(folder)
    assert worked == {
        (row["officer"], date.fromisoformat(row["date"]), row["shift"], row["post"])
        for row in rows
        if date.fromisoformat(row["date"]) in week.dates
    }
    assert worked == {
        (name, day, row.shift, row.post)
        for row in week.together
        for day, names in zip(week.dates, row.officers, strict=True)
        for name in names
    }
    counted = {(day, f"{shift} {post}") for _, day, shift, post in worked}
    assert {(one.day, one.what) for one in week.short} == {
        (day, f"{shift} {post}") for day in week.dates for shift in "DN" for post in ("console", "lane")
    } - counted
    assert (week.marking, week.may_publish) == ("PB//TLP:AMBER", False)


def test_who_may_not_see_personal_information_sees_who_is_on_duty_and_nothing_of_rules(root, folder):
    face(root).publish(folder=folder)
    week = weeks(root, "guest").show(since=SINCE)
    assert (week.short, week.marking, len(week.people)) == (None, "U//TLP:AMBER", 6)
    put = ("Roy=2099-03-02=off",)
    refused("rosters.no-papers", face(root, "guest").what_if, put=put)
    for user in ("guest", "Roy"):
        refused("rosters.no-right", face(root, user).publish, folder=folder)
        refused("rosters.no-right", face(root, user).change, put=put, why="ill")


def test_a_roster_of_a_compartment_is_told_to_nobody_outside_it(root, folder, tmp_path):
    before = face(root, "Roy").list().rosters
    face(root).publish(folder=folder, marking="PB//TLP:AMBER//COMP:GAMMA")
    assert face(root, "Roy").list().rosters == before == []
    refused("rosters.none-published", weeks(root, "Roy").show)
    refused("rosters.not-on", weeks(root, "Roy").calendar)
    face(root).publish(folder=write(tmp_path / "open", NAMES[:3], "Lacolle"))
    week = weeks(root, "Roy").show(since=SINCE)
    assert [one.officer for one in week.people] == list(NAMES[:3])
    refused("cell.no-such-id", weeks(root, "Roy").show, roster="Emerson")
    refused("rosters.name-one", weeks(root).show)
    refused("rosters.not-on", weeks(root).show, roster="Lacolle", officer="Roy")


def test_a_change_is_tried_against_the_rules_before_it_is_published(root, folder):
    face(root).publish(folder=folder)
    night = "Ames=2099-03-06=D/console"  # after the night of the fifth
    tried = face(root).what_if(put=(night,))
    broken = {(one.who, one.clause, one.cost) for one in tried.breaks}
    assert broken == {("Ames", "art. 9", None), ("Ames", "art. 12", None)}
    assert not tried.lawful
    assert tried.cautions
    assert weeks(root).show(since=SINCE).edition == 1
    told = refused("rosters.unlawful", face(root).change, put=(night,), why="short")
    assert told["n"] == 2
    off = "Ames=2099-03-02=off"
    tried = face(root).what_if(put=(off,))
    changed = face(root).change(put=(off,), why="Ames is ill", edition=1)
    assert (changed.edition, changed.why, changed.unlawful) == (2, "Ames is ill", 0)
    assert weeks(root).show(since=SINCE, officer="ames").people[0].shifts[0] == []
    refused("rosters.stale", face(root).change, put=(off,), why="again", edition=1)
    refused("rosters.stale", face(root).what_if, put=(off,), edition=1)
    # Ames is off on the second now, so that only the rest is too short.
    assert face(root).change(put=(night,), why="a storm", anyway=True).unlawful == 1


def test_work_within_the_notice_is_a_breach_and_being_taken_off_is_none(folder):
    rules = (folder / "rules.toml").read_text("utf-8") + '\n[notice]\nhours = 48\nclause = "art. 7"\n'
    (folder / "rules.toml").write_text(rules, "utf-8")
    before = papers.of_folder(folder)
    on, off = before.changed(["Ames=2099-03-07=D/console"]), before.changed(["Ames=2099-03-03=off"])
    noon = datetime(2099, 3, 6, 12, tzinfo=ZoneInfo("America/New_York"))
    late = papers.tried(before, on, noon)
    assert [(one.person, one.amount) for one in late.breaks if one.clause == "art. 7"] == [("Ames", 29)]
    assert not late.lawful
    assert before.own.rule("art. 7") == ("notice", "")
    for made, at in ((on, noon - timedelta(hours=29)), (off, noon)):
        assert not [one for one in papers.tried(before, made, at).breaks if one.clause == "art. 7"]


def test_a_roster_is_posted_in_time_and_what_a_later_edition_adds_needs_notice(root, folder):
    rules = (folder / "rules.toml").read_text("utf-8")
    notice = '\n[notice]\nhours = 300\nclause = "art. 7"\n'
    days = (FIRST - datetime.now(UTC).date()).days

    def write_rules(posting, hours):
        table = f'\n[posting]\ndays = {posting}\nclause = "art. 6"\n'
        (folder / "rules.toml").write_text(rules + notice.replace("300", str(hours)) + table, "utf-8")

    late = opened(root)
    write_rules(366, 300)
    when = datetime(2099, 2, 20, 12, tzinfo=UTC)
    assert days > 366
    made = papers.of_folder(folder)
    (breach,) = posted_late(made.own, when)
    assert (breach.clause, breach.amount) == ("art. 6", 356)
    assert not list(posted_late(made.own, when - timedelta(days=400)))
    late.rosters.publish(folder=folder)
    before = list(made.shifts())
    assert not list(papers.put_late(made, before, when))
    rows = (folder / "roster.csv").read_text("utf-8").replace("Ames,2099-03-02,D", "Ames,2099-03-02,N")
    (folder / "roster.csv").write_text(rows, "utf-8")
    changed = papers.of_folder(folder)
    (breach,) = papers.put_late(changed, before, when)
    assert (breach.person, breach.first, breach.clause) == ("Ames", 0, "art. 7")
    assert breach.amount == 300 - 10 * 24  # by the earlier of both shifts, 07:00 in New York
    assert not list(papers.put_late(changed, before, when - timedelta(hours=60)))


def test_who_publishes_late_is_told_the_clause_and_can_do_so_anyway(root, folder):
    here = write(folder.parent / "now")
    first = datetime.now(UTC).date() + timedelta(days=3)
    for name in ("rules.toml", "roster.csv"):
        text = (here / name).read_text("utf-8")
        for day in range(14):
            old, new = FIRST + timedelta(days=day), first + timedelta(days=day)
            text = text.replace(str(old), str(new))
        if name == "rules.toml":
            text += '\n[posting]\ndays = 14\nclause = "art. 6"\n[notice]\nhours = 999\nclause = "art. 7"\n'
        (here / name).write_text(text, "utf-8")
    told = refused("rosters.unlawful", face(root).publish, folder=here)
    assert (told["n"], "art. 6" in told["first"]) == (1, True)
    assert face(root).publish(folder=here, anyway=True).unlawful == 1
    refused("rosters.same-edition", face(root).publish, folder=here)
    text = (here / "roster.csv").read_text("utf-8").replace(f"Ames,{first},D", f"Ames,{first},N")
    (here / "roster.csv").write_text(text, "utf-8")
    told = refused("rosters.unlawful", face(root).publish, folder=here)  # it is posted, and this is a change
    assert (told["n"], "art. 7" in told["first"]) == (2, True)  # and no rest before the next day
    assert face(root).publish(folder=here, anyway=True).edition == 2


def test_a_pool_s_roster_is_that_of_the_day_that_is_asked_for(root, folder, tmp_path):
    first = face(root).publish(folder=folder)
    later = write(tmp_path / "later")
    for name in ("rules.toml", "roster.csv"):
        text = (later / name).read_text("utf-8")
        (later / name).write_text(text.replace("2099-03-", "2099-04-"), "utf-8")
    after = face(root).publish(folder=later)
    assert weeks(root).show(roster="Emerson", since=SINCE).roster == first.roster
    assert weeks(root).show(since="2099-04-03").roster == after.roster
    assert face(root).what_if(roster="Emerson", put=("Ames=2099-03-02=off",)).roster == first.roster
    assert face(root).what_if(put=("Ames=2099-04-02=off",)).roster == after.roster


def test_what_a_change_breaks_is_the_difference_of_two_checks(root, folder):
    before = papers.of_folder(folder)
    for put in ("Roy=2099-03-07=off", "Roy=2099-03-04=N/console", "Chen=2099-03-08=N/lane"):
        after = before.changed([put])
        found = papers.tried(before, after, datetime.now(UTC))
        old, new = (check(one.problem, one.grid) for one in (before, after))
        assert (found.before, found.after, found.lawful) == (old.cost, new.cost, new.feasible)
        net = sum(one.cost or 0 for one in found.breaks) - sum(one.cost or 0 for one in found.mends)
        assert net == new.cost - old.cost
        must = [one for one in new.breaches if one.cost is None and one not in old.breaches]
        assert [one for one in found.breaks if one.cost is None] == must


@pytest.mark.parametrize(
    ("put", "message"),
    [
        ("Roy", "rosters.bad-put"),
        ("Nobody=2099-03-02=off", "rosters.no-officer"),
        ("Roy=2099-03-16=off", "rosters.no-day"),
        ("Roy=soon=off", "rosters.no-day"),
        ("Roy=2099-03-02=D/bridge", "rosters.no-shift"),
    ],
)
def test_a_change_that_names_nobody_no_day_or_no_shift_is_refused(root, folder, put, message):
    face(root).publish(folder=folder)
    refused(message, face(root).what_if, put=(put,))


def test_a_calendar_has_the_shifts_of_one_officer_by_their_own_hours(root, folder):
    face(root).publish(folder=folder)
    made = weeks(root, "Roy").calendar()
    assert made.officer == "Roy"
    stamps = [line for line in made.calendar.splitlines() if line.startswith(("DTSTART", "DTEND"))]
    zone = ZoneInfo("America/New_York")
    rows = _rows(folder)
    mine = [row for row in rows if row["officer"] == "Roy"]
    expected = []
    for row in mine:
        day = date.fromisoformat(row["date"])
        begins, ends = (7, 19) if row["shift"] == "D" else (19, 31)
        for word, hour in (("DTSTART", begins), ("DTEND", ends)):
            local = datetime(day.year, day.month, day.day + hour // 24, hour % 24, tzinfo=zone)
            expected.append(f"{word}:{local.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}")
    assert stamps == expected
    assert {one.shift for one in made.shifts} == {"D", "N"}
    refused("rosters.not-on", weeks(root, "guest").calendar)
    assert len(weeks(root, "guest").calendar(officer="roy").shifts) == len(mine)


def test_papers_are_the_same_bytes_for_the_same_folder_and_are_read_back(root, folder, tmp_path):
    one, other = papers.of_folder(folder), papers.of_folder(write(tmp_path / "again"))
    assert one.edition("").digest == other.edition("").digest
    back = papers.opened(one.edition("").papers)
    assert (back.grid == one.grid).all()
    assert back.problem == one.problem
    assert "leave.csv" in papers.of_folder(write(tmp_path / "ill", Roy="2099-03-05")).files


def test_a_table_of_a_roster_has_a_marked_row_for_each_shift(root, folder):
    from watchfloor.actions import roster_weeks
    from watchfloor.casework.rosters import find, shifts_of
    from watchfloor.formats.tabular import spreadsheet

    face(root).publish(folder=folder)
    floor = Floor.open(root)
    reader = floor.reader("Roy", "watch")
    one = find(floor, reader, "Emerson")
    shifts = shifts_of(floor, reader, one)
    table = roster_weeks.csv_of(one, shifts)
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    sheet = spreadsheet.read(roster_weeks.xlsx_of(one, shifts), "roster.xlsx")
    assert [row for piece in sheet.pieces for row in piece.cells.to_pylist()] == rows
    given = _rows(folder)
    assert [(row["officer"], row["date"], row["shift"], row["post"]) for row in rows] == [
        tuple(row.values()) for row in given
    ]
    assert {row["marking"] for row in rows} == {"U//TLP:AMBER"}
