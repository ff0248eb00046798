"""Who somebody is at the command line: the account of the system, mapped in the policy, and their role."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.file import AccessFile
from watchfloor.formats.settings import SettingsError
from watchfloor.policy import callers, terms
from watchfloor.store import Actor, Floor

READERS = """
[readers.sup]
protected = "PB"
role = "supervisor"
[readers.deputy]
protected = "PB"
role = "supervisor"
[readers.low]
protected = "PA"
[readers.adm]
protected = "PA"
"""
MAPPED = f'{READERS}[accounts]\nlogin-low = "low"\nlogin-sup = "sup"\ndesk = ["low", "deputy"]\n'


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), exercise=True)
    file = AccessFile(made.root)
    accounts = Accounts(file)
    for name in ("adm", "sup", "low"):
        accounts.add(name, administrator=name == "adm")
    file.close()
    return made


def call(floor, *words, says=None, code=0):
    """Give a command; `says` is WATCHFLOOR_USER."""
    arguments = [*map(str, words), "--floor", str(floor.root)]
    result = CliRunner().invoke(app, arguments, env={"WATCHFLOOR_USER": says}, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize(
    ("account", "says", "acts"),
    [
        ("login-low", None, "low"),
        ("login-low", "low", "low"),
        ("login-low", "sup", None),
        ("login-sup", None, "sup"),
        ("desk", None, None),
        ("desk", "deputy", "deputy"),
        ("desk", "sup", None),
        ("stranger", None, None),
        ("stranger", "sup", None),
    ],
)
def test_the_mapping_decides_and_the_variable_chooses_within_it(floor, monkeypatch, account, says, acts):
    (floor.root / "policy.toml").write_text(MAPPED, "utf-8")
    monkeypatch.setattr(callers, "system_account", lambda: account)
    before = floor.position
    call(
        floor,
        "search",
        "nobody",
        says=says,
        code=0 if acts else 2 if (account, says) == ("desk", None) else 3,
    )
    assert [act.actor.name for act in floor.acts(before + 1)][:1] == ([acts] if acts else [])


def test_the_system_says_which_account_runs_this_and_no_variable(monkeypatch):
    before = callers.system_account()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert callers.system_account() == before != "somebody-else"


def test_without_a_mapping_the_variable_is_believed(floor):
    (floor.root / "policy.toml").write_text(READERS, "utf-8")
    before = floor.position
    call(floor, "search", "nobody", says="low")
    assert floor.acts(before + 1)[0].actor.name == "low"


@pytest.mark.parametrize("who", ["low", "deputy", "adm"])
def test_accounts_and_backups_ask_for_the_role(floor, tmp_path, who):
    (floor.root / "policy.toml").write_text(READERS, "utf-8")
    may = {
        "low": (),
        "deputy": ("account", "backup"),
        "adm": ("admin", "account"),
    }[who]
    done = 0 if "account" in may else 3
    call(floor, "admin", "account", "list", says=who, code=done)
    call(floor, "admin", "account", "link", "low", says=who, code=done)
    call(floor, "admin", "account", "administrator", "low", says=who, code=done)
    call(
        floor,
        "floor",
        "backup",
        tmp_path / "b.tar",
        "--unencrypted",
        says=who,
        code=0 if "backup" in may else 3,
    )
    assert (tmp_path / "b.tar").exists() == ("backup" in may)


def test_an_administrators_link_for_a_supervisor_waits_at_the_command_line_too(floor):
    (floor.root / "policy.toml").write_text(READERS, "utf-8")
    call(floor, "admin", "account", "link", "sup", says="adm", code=3)
    (row,) = [
        json.loads(line)
        for line in call(floor, "admin", "account", "requests", "--json", says="deputy").stdout.splitlines()
    ]
    assert (row["act"], row["account"], row["by"]) == ("linked", "sup", "adm")
    call(floor, "admin", "account", "approve", row["request"], says="sup", code=4)
    call(floor, "admin", "account", "approve", row["request"], says="deputy")
    call(floor, "admin", "account", "link", "sup", says="adm")


@pytest.mark.parametrize("text", ['login = "nobody"', 'login = ["low", "nobody"]', "login = 7"])
def test_a_mapping_to_nobody_is_refused_with_its_line(text):
    with pytest.raises(SettingsError, match=r"policy.toml, line \d+: accounts.login"):
        terms.read(f"{READERS}[accounts]\n{text}\n", "policy.toml")
