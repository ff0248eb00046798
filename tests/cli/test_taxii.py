"""`watchfloor feeds taxii` as a person calls it; the pulling itself is tested in tests/exchange/taxii."""

import json

import pytest
from tests.exchange.taxii.served import made, partner, serving, shelve, stix
from typer.testing import CliRunner

from watchfloor.cli import app


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """Somebody else's server: its address, the name to sign in as, and the key."""
    floor = made(tmp_path_factory.mktemp("theirs"), "theirs")
    who, key = partner(floor, "police-a")
    shelve(floor, who, map(stix, range(30)))
    with serving(floor) as (address, _):
        yield floor, who, address, key


def call(*arguments, **environment):
    """Call the command."""
    return CliRunner().invoke(app, ["feeds", "taxii", *map(str, arguments)], env=environment)


def test_a_collection_is_pulled_once_and_then_what_is_new(remote, tmp_path):
    theirs, who, address, key = remote
    ours = made(tmp_path, "ours").root
    file = tmp_path / "key"
    file.write_text(f"{key}\n")
    file.chmod(0o600)
    given = (f"{address}/", "--feed", "partner-a", "--user", who.name, "--floor", ours, "--json")
    by_file, by_variable = ("--key-file", file), ("--key-env", "PARTNER_KEY")
    accepted = []
    for how, environment in ((by_file, {}), (by_variable, {"PARTNER_KEY": key}), (by_file, {})):
        done = call(*given, *how, **environment)
        assert done.exit_code == 0, done.output
        assert key not in done.output
        total = json.loads(done.stdout.splitlines()[-1])["total"]
        assert total["received"] == total["accepted"]
        accepted.append(total["accepted"])
        shelve(theirs, who, [stix(100 + len(accepted))], f"{len(accepted)}")
    assert accepted == [30, 1, 1]


def test_a_key_is_neither_on_the_command_line_nor_open_to_others(remote, tmp_path):
    _, who, address, key = remote
    ours = made(tmp_path, "ours").root
    given = (f"{address}/", "--feed", "partner-a", "--user", who.name, "--floor", ours)
    assert "--key TEXT" not in call("--help").stdout
    file = tmp_path / "key"
    file.write_text(key)
    file.chmod(0o644)
    for how, told in (
        (("--key-file", file), "taxii.pull-open-key"),
        (("--key-env", "NOT_THERE"), "taxii.pull-no-key"),
        ((), "taxii.pull-refused"),
    ):
        assert call(*given, *how).exception.reason.message == told
    clear = call("http://taxii.example/", "--feed", "partner-a", "--floor", ours)
    assert clear.exception.reason.message == "taxii.pull-clear"
