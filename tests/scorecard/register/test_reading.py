"""Files of an office: what they may add, and errors that name the file, the line and what would be right."""

from datetime import date

import pytest
from tests.refusals import because

from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register import entry, register, state

LINE = """
as_of = 2025-06-30

[[line]]
id = "x1"
kind = "commitment"
department = "CBSA"
says.en = "20 more scanners."
says.fr = "20 détecteurs de plus."
unit.en = "scanners"
unit.fr = "détecteurs"
announced = 20
announced_on = 2025-05-01
due = 2025-12-31
data_call.en = "Number delivered."
data_call.fr = "Nombre livré."

    [[line.evidence]]
    what.en = "Five came."
    what.fr = "Cinq sont arrivés."
    publisher = "Agency"
    title = "Note"
    day = 2025-06-15
    value = 5
    bears = "delivered"
"""
NOW = date(2025, 7, 1)


@pytest.fixture
def office(tmp_path):
    def write(text, name="office.toml"):
        (tmp_path / name).write_bytes(text.encode())
        return tmp_path

    return write


def refused(office, text):
    with pytest.raises(WrongQuestion) as error:
        register(office(text))
    reason = error.value.reason
    assert "office.toml" in reason.render("en")
    assert "office.toml" in reason.render("fr")
    assert reason.render("en") != reason.render("fr")
    return reason.render("en")


def test_a_line_of_an_office_comes_after_those_of_the_report(office):
    lines = register(office(LINE))
    assert [one.id for one in lines] == [*(one.id for one in register()), "x1"]
    assert state(lines[-1], NOW) == "announced"
    assert state(lines[-1], date(2026, 1, 1)) == "late"


def test_a_line_with_an_id_of_the_package_stands_instead_of_it(office):
    folder = office(LINE.replace('"x1"', '"14d"'))
    assert entry("14d", folder).announced == 20
    assert entry("14d").announced == 50
    assert len(register(folder)) == len(register())


AMEND = """
as_of = 2025-04-30
[[amend]]
id = "14a"
delivered = 15
due = 2025-12-31
found = [{ day = 2025-04-30, en = "All came.", fr = "Toutes sont arrivées." }]
    [[amend.evidence]]
    what = { en = "Fifteen came.", fr = "Quinze sont arrivées." }
    publisher = "RCMP"
    title = "Note"
    day = 2025-04-30
    value = 15
    bears = "delivered"
"""


def test_an_amendment_adds_to_lists_and_replaces_other_fields(office):
    own, amended = entry("14a"), entry("14a", office(AMEND))
    assert amended.evidence[:-1] == own.evidence
    assert amended.found[:-1] == own.found
    assert (amended.delivered, amended.due, amended.says) == (15, date(2025, 12, 31), own.says)
    assert state(amended, date(2025, 4, 29)) == "no-evidence"
    assert state(amended, date(2025, 4, 30)) == "delivered"


def test_one_file_may_be_given_instead_of_a_folder(office):
    assert entry("x1", office(LINE) / "office.toml").id == "x1"


def test_windows_and_a_mark_of_byte_order_do_no_harm(office):
    assert entry("x1", office("\ufeff" + LINE.replace("\n", "\r\n"))).announced == 20


def test_two_lines_of_one_id_are_refused_also_in_two_files(office):
    assert "x1 appears twice" in refused(office, LINE + LINE.split("as_of = 2025-06-30")[1])
    office(LINE)
    with pytest.raises(WrongQuestion, check=because("register.entry-twice", id="x1")):
        register(office(LINE, "other.toml"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("due = 2025-12-31", "due = 2025-04-30", "line x1: due on 2025-04-30, before .* 2025-05-01"),
        ("day = 2025-06-15", "day = 2025-07-01", r"evidence\[0\] is of 2025-07-01, but .* 2025-06-30"),
        ("announced_on = 2025-05-01", "announced_on = 2025-07-02", "announced_on is of 2025-07-02"),
        ('"CBSA"', '"CBSB"', "no department CBSB; did you mean 'CBSA'"),
        ('says.fr = "20 détecteurs de plus."', "", "says.fr is missing; .* French"),
        ('what.fr = "Cinq sont arrivés."', 'what.fr = " "', r"evidence\[0\].what.fr is blank"),
        ("announced = 20", "anounced = 20", "no field anounced; did you mean 'announced'"),
        ('bears = "delivered"', 'bears = "deliverd"', "Invalid enum value 'deliverd'"),
        ('bears = "delivered"', 'bear = "delivered"', "no field bear; did you mean 'bears'"),
        ("announced = 20", "announced = -1", "announced is -1.0; it must be a number, zero or more"),
        ("announced = 20", "announced = nan", "announced is nan"),
        ("value = 5", "value = inf", r"evidence\[0\].value is inf"),
        ("announced = 20", 'announced = "twenty"', "Expected `float | null`, got `str`"),
        ('unit.en = "scanners"\nunit.fr = "détecteurs"', "", "a quantity needs a unit"),
        ("announced_on = 2025-05-01", "", "kind commitment needs announced_on"),
        ("announced = 20", "announced = 20\nsentence = 3", "`sentence` .* and `sha256` .* go together"),
        ("announced = 20", 'announced = 20\nsentence = 3\nsha256 = "ab"', "go together"),
        ("announced = 20", "announced = 20\nin_service = 5", "in_service is stated, but no evidence"),
        ("announced = 20", "announced = 20\ndelivered = 6", "delivered is 6.0, but its newest .* says 5.0"),
        ("as_of = 2025-06-30", "", "needs `as_of = YYYY-MM-DD`"),
        ("as_of = 2025-06-30", 'as_of = "June"', "needs `as_of = YYYY-MM-DD`"),
        ("as_of = 2025-06-30", "as_of = 2025-06-30\nlines = 3", "no lines in a file .* did you mean 'line'"),
        ('id = "x1"', "", "line number 1 has no id"),
        ('id = "x1"', "id = 1", "line number 1 has no id"),
        ("[[line]]", "[line]", "two brackets"),
        ("announced = 20", "announced = = 20", "not readable as TOML"),
        ("announced = 20", 'announced = 20\nfile = "other"', "no field file"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_line(office, old, new, told):
    assert old in LINE
    text = LINE.replace(old, new, 1)
    if "[line]" in new:
        text = text.replace("[[line.evidence]]", "[[evidence]]").split("    [[evidence")[0]
    message = refused(office, text)
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(message)


def test_a_line_to_amend_must_be_there(office):
    assert "no line 14f to amend; did you mean '14" in refused(office, AMEND.replace('"14a"', '"14f"'))


def test_an_amendment_is_not_of_a_day_after_its_file(office):
    text = AMEND.replace("as_of = 2025-04-30", "as_of = 2025-04-01")
    assert "is of 2025-04-30, but the file says" in refused(office, text)


def test_a_file_that_is_not_text_is_refused(office, tmp_path):
    (tmp_path / "office.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongQuestion, check=because("register.entry-not-toml")):
        register(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(WrongQuestion, check=because("register.entry-no-folder")):
        register(tmp_path / "none")


def test_a_folder_without_files_changes_nothing(tmp_path):
    assert register(tmp_path) == register()
