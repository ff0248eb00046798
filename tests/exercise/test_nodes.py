"""An exercise of four nodes: each has its own, the storyline is in parts, and nothing is in two places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds import feeds
from watchfloor.exercise.nodes import CELL, NODES, make
from watchfloor.exercise.plots.hidden_load import NAME, SUBSTANCES
from watchfloor.feeds import config
from watchfloor.formats.registry import FORMATS
from watchfloor.records.subjects import parts, subject
from watchfloor.reference import controls
from watchfloor.release.institutions import INSTITUTIONS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("nodes") / "exercise", seed=3, scale=0.3)


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(made, tmp_path):
    again = make(tmp_path / "again", seed=3, scale=0.3)
    other = make(tmp_path / "other", seed=4, scale=0.3)
    assert files(made.root) == files(again.root)
    assert files(made.root)["bank/feeds/ledger.csv"] != files(other.root)["bank/feeds/ledger.csv"]


def test_each_institution_has_its_own_feeds_and_nothing_of_another_s(made):
    names = [feed.name for node in NODES for feed in node.feeds]
    assert len(names) == len(set(names))
    assert all(node.institution in INSTITUTIONS for node in NODES)
    for node in NODES:
        configured = config.read(made.settings(node.name))
        assert set(configured.by_name) == {feed.name for feed in node.feeds}
        found = {path.stem for path in made.feeds(node.name).glob("*.csv")}
        assert found == {feed.name for feed in node.feeds} - {"reports"}


def test_an_exercise_on_one_floor_has_none_of_these_feeds():
    own = {feed.name for node in NODES if node.name != CELL for feed in node.feeds}
    assert not own & feeds().keys()


def test_every_table_reads_back_without_a_fault(made):
    for node in NODES:
        for path in made.feeds(node.name).glob("*.csv"):
            form = config.read(made.settings(node.name)).feed(path.stem).format
            with path.open("rb") as stream:
                pieces = list(FORMATS[form].read(stream, path.name))
            assert not [piece for piece in pieces if hasattr(piece, "reason")]
            assert sum(one.rows.num_rows for one in pieces) == len(made.rows[node.name][path.stem])


def test_the_storyline_is_in_four_places_and_each_has_its_own_part(made):
    (line,) = [one for one in made.answers.storylines if one.name == NAME]
    told = {feed: of for node in made.rows.values() for feed, of in node.items()}
    mine = {feed: [row for row in rows if row.report_key in line.records] for feed, rows in told.items()}
    assert {feed for feed, rows in mine.items() if rows} == {*told}
    assert sum(row.seen.says["amount"] for row in mine["ledger"]) >= 10_000
    assert all(row.seen.says["amount"] < 10_000 for row in mine["ledger"])
    assert mine["scales"][0].seen.says["mass"] / 1000 > mine["declarations"][0].seen.says["mass"] + 0.5
    assert [row.seen.says["level"] for row in mine["bench"]] == ["presumptive", "identified"]
    (company,) = {row.seen.says["subject"] for row in mine["orders"]}
    assert min(row.seen.act.at for row in mine["orders"]) > max(row.seen.act.at for row in mine["ledger"])
    assert company == mine["declarations"][0].seen.says["importer"]
    assert {row.seen.says["payee"] for row in mine["ledger"]} <= set(line.subjects)


def test_only_the_storyline_is_true(made):
    assert [one.name for one in made.answers.true] == [NAME]


def test_what_is_found_is_controlled():
    known = {one.cas: one.schedule for one in controls.load().controls}
    assert {known.get(cas) for cas in SUBSTANCES} == {"I"}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_a_business_number_is_right_and_no_company_s(seed):
    company = Cast(seed).importer()
    (key,) = keys(company.business)
    assert subject(*parts(key)) == key
    assert parts(key)[2].startswith("0")


def test_a_folder_that_holds_something_is_refused(made):
    with pytest.raises(FileExistsError, match="name a new folder"):
        make(made.root)
    with pytest.raises(ValueError, match="not positive"):
        make(made.root / "x", scale=0)
