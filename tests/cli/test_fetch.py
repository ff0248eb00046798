"""`watchfloor lists fetch` as a person calls it; the fetching itself is tested in tests/feeds."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.feeds import fetch as feeds


def call(*arguments: str):
    return CliRunner().invoke(app, ["lists", "fetch", *arguments])


@pytest.fixture
def answers(monkeypatch, tmp_path):
    """Sources named in it fail; others are new."""
    failing: set[str] = set()

    def fetch(source, folder, today, client):
        if source.list_name in failing:
            raise feeds.FetchError(f"{source.list_name}: gone")
        return feeds.Fetched(source, "new", folder / source.file, 3)

    monkeypatch.setattr(feeds, "fetch", fetch)
    return failing


def test_all_lists_or_only_some(answers, tmp_path):
    rows = [json.loads(line) for line in call("--to", str(tmp_path), "--json").stdout.splitlines()]
    assert len(rows) == len(feeds.SOURCES)
    only = call("--to", str(tmp_path), "--only", "un", "--only", "sor-2002-284")
    assert only.exit_code == 0
    assert only.stdout.count("new") == 3


@pytest.mark.parametrize(("failing", "code"), [({"un"}, 1), ({s.list_name for s in feeds.SOURCES}, 5)])
def test_one_that_fails_does_not_keep_the_others(answers, tmp_path, failing, code):
    answers |= failing
    result = call("--to", str(tmp_path))
    assert result.exit_code == code
    assert "un: gone" in result.stderr


def test_without_a_network_it_is_said_once(monkeypatch, tmp_path):
    def fetch(source, folder, today, client):
        host = source.address.split("/")[2]
        raise feeds.Unreached(source.list_name, f"{host} cannot be read (no route)")

    monkeypatch.setattr(feeds, "fetch", fetch)
    told = call("--to", str(tmp_path)).stderr
    assert told.count(feeds.STANDS) == 1
    hosts = {source.address.split("/")[2] for source in feeds.SOURCES}
    assert told.count("cannot be read") == len(hosts)
    assert all(source.list_name in told for source in feeds.SOURCES)


def test_an_unknown_list_is_told_with_those_there_are(answers):
    result = call("--only", "nope")
    assert result.exit_code == 4
    assert "there is no list nope; the lists are ofac, sor-2002-284" in result.stderr


def test_help_has_an_example():
    assert "watchfloor lists fetch --to lists" in call("--help").stdout
