"""Code tables that are missing, expired, not in effect, there twice, or wrong."""

import shutil
from datetime import date

import pytest
from tests.exchange.fintrac import made
from tests.refusals import because

from watchfloor.cell.acts import Refusal, render
from watchfloor.exchange.fintrac import codes
from watchfloor.formats.settings import SettingsError


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(made.CODES, tmp_path / "codes")
    return tmp_path / "codes"


def table(folder, name, text):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def versioned(version, since, until=None, list_="method", words="branch = 9"):
    end = f"until = {until}\n" if until else ""
    head = f'list = "{list_}"\nversion = "{version}"\nsource = "made up"\nfrom = {since}\n{end}'
    return f"{head}[codes]\n{words}\n"


def test_the_version_in_effect_on_the_day_counts(folder):
    table(folder, "method", versioned("1", "2020-01-01", "2026-06-30"))
    table(folder, "method-2", versioned("2", "2026-07-01", words="branch = 8"))
    assert codes.load(folder, date(2026, 6, 30))["method"].version == "1"
    found = codes.load(folder, date(2026, 7, 1))["method"]
    assert (found.version, found.codes["branch"], found.trace) == ("2", 8, "codes:method@2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (versioned("1", "2020-01-01", "2026-11-25"), "fintrac.code-list-expired"),
        (versioned("1", "2026-11-27"), "fintrac.code-list-not-yet"),
        (None, "fintrac.no-code-list"),
    ],
)
def test_a_list_that_is_not_in_effect_is_refused(folder, text, message):
    (folder / "method.toml").unlink()
    if text:
        table(folder, "method", text)
    with pytest.raises(Refusal) as refused:
        codes.load(folder, made.DAY)
    assert refused.value.reason.message == message
    assert "method" in str(refused.value)
    assert render(refused.value.reason, "fr") != str(refused.value)


def test_two_versions_at_once_are_refused(folder):
    table(folder, "other", versioned("2", "2026-01-01"))
    with pytest.raises(Refusal, check=because("fintrac.code-list-twice", one="test-1", other="2")):
        codes.load(folder, made.DAY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (versioned("1", "2026-01-01", list_="methods"), "there is no list 'methods'"),
        (versioned("1", "2026-01-01", "2025-01-01"), "ends before it begins"),
        (versioned("1", "2026-01-01", words=""), "it has no codes"),
        (versioned("1", "yesterday"), "line 4"),
        (versioned("1", "2026-01-01", words="branch = 1.5"), "codes"),
        (versioned("1", "2026-01-01").replace("source", "sauce"), "sauce"),
    ],
)
def test_a_wrong_file_is_named(folder, text, said):
    table(folder, "method", text)
    with pytest.raises(SettingsError, match=said):
        codes.load(folder, made.DAY)


def test_lists_that_may_be_absent_may(folder):
    for name in codes.OPTIONAL:
        (folder / f"{name}.toml").unlink(missing_ok=True)
    assert set(codes.load(folder, made.DAY)) == set(codes.LISTS) - codes.OPTIONAL


def test_a_code_of_accounts_is_written_where_the_list_is_there(folder):
    table(folder, "account-type", versioned("1", "2026-01-01", list_="account-type", words="person = 3"))
    found = made.drafted(known=codes.load(folder, made.DAY))
    account = found.document["transactions"][0]["completingActions"][0]["details"]["account"]
    assert account["typeCode"] == 3
    assert found.gaps == []
