"""Days and moments as people type them."""

from datetime import UTC, date, datetime

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.cell.wording.dates import YEARS
from watchfloor.cli.common import USAGE
from watchfloor.cli.moments import as_of, day, moment


@given(st.dates())
@example(date(YEARS.start, 1, 1))
@example(date(YEARS.stop - 1, 12, 31))
@example(date(YEARS.start - 1, 12, 31))
@example(date(YEARS.stop, 1, 1))
def test_a_day_is_read_as_python_writes_it_and_ends_a_moment(known):
    if known.year in YEARS:
        assert day(known.isoformat(), "--on") == known
    else:
        with pytest.raises(typer.Exit) as ended:
            day(known.isoformat(), "--on")
        assert ended.value.exit_code == USAGE
    end = moment(known.isoformat(), "--until")
    assert (end.date(), end.hour, end.minute, end.tzinfo) == (known, 23, 59, UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_read_as_python_writes_it(known):
    assert moment(known.isoformat(), "--until") == known


def test_without_a_zone_it_is_utc():
    assert moment("2026-11-24T03:00", "--until") == datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_digits_are_a_position():
    assert (as_of("17"), as_of(None)) == (17, None)


def test_no_day_is_today():
    before = datetime.now(UTC).date()
    assert before <= day(None, "--on") <= datetime.now(UTC).date()


@pytest.mark.parametrize("text", ["noon", "-1", "2026-02-30", "2026-11-24T25:00", "", "١٢"])
def test_what_is_none_is_told_with_one_that_is(text, capsys):
    with pytest.raises(typer.Exit) as ended:
        as_of(text)
    assert ended.value.exit_code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"--as-of {text}: there is no such" in told
    assert "2026-11-24" in told
    assert "isoformat" not in told


def test_other_notations_of_a_day_are_python_s():
    assert day("20261124", "--on") == date(2026, 11, 24)
