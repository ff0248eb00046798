"""Saved views: queries of the list, each under a name of one's own; nobody sees another's."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

import watchfloor
from watchfloor.casework.saved_views import LONGEST_NAME, MOST, Query, parse
from watchfloor.cell.acts import NotFound, Refusal
from watchfloor.cell.wording.estimative_language import WORDS
from watchfloor.store import Floor, backup, files
from watchfloor.store.log import Actor

KEEPER = Actor("keeper", "tests", "law")


@pytest.fixture
def root(tmp_path):
    return Floor.create(tmp_path / "floor", KEEPER, ceiling="PB//TLP:RED", exercise=True).root


def views(root, user="anna"):
    return watchfloor.open(root, user=user).views


def named(root, user="anna"):
    return {one.name: one.query for one in views(root, user).list().views}


def test_a_view_is_kept_by_its_name_for_who_saved_it_alone(root):
    views(root).save("Boats", query="?state=new&band=5&band=6")
    views(root).save("boats at night", query="state=new")
    views(root).save("Boats", query="state=mine")
    assert named(root) == {"Boats": "state=mine", "boats at night": "state=new"}
    assert named(root, "berta") == {}
    assert views(root).remove("Boats").query == "state=mine"
    assert named(root) == {"boats at night": "state=new"}
    with pytest.raises(NotFound):
        views(root, "berta").remove("boats at night")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("statte=new", "cell.view-no-query"),
        ("state=nwe", "cell.view-no-query"),
        ("least=99", "cell.view-no-query"),
        ("after=3", "cell.view-no-query"),
        ("band=99", "console.no-band"),
        ("fresh=2h", "console.no-freshness"),
        ("box=1", "console.no-box"),
    ],
)
def test_what_the_list_could_not_show_is_not_saved(root, query, why):
    with pytest.raises(Refusal) as refused:
        views(root).save("x", query=query)
    assert refused.value.reason.message == why
    assert named(root) == {}


@pytest.mark.parametrize(("name", "why"), [(" ", "cell.empty-text"), ("x" * 61, "cell.view-long-name")])
def test_a_name_is_short_and_not_empty(root, name, why):
    assert LONGEST_NAME == 60
    with pytest.raises(Refusal) as refused:
        views(root).save(name, query="")
    assert refused.value.reason.message == why


def test_a_person_has_so_many_views_and_may_replace_one(root):
    for n in range(MOST):
        views(root).save(f"view {n}")
    with pytest.raises(Refusal) as refused:
        views(root).save("one more")
    assert refused.value.reason.message == "cell.view-too-many"
    assert views(root).save("view 3", query="state=mine").query == "state=mine"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(
    st.builds(
        Query,
        state=st.sampled_from(["", "new", "mine", "closed"]),
        least=st.integers(0, len(WORDS) - 1),
        hypothesis=TEXT,
        band=st.lists(st.integers(0, len(WORDS) - 1), max_size=3),
        fresh=st.sampled_from(["", "1h", "7d"]),
        text=TEXT,
        box=st.sampled_from(["", "-80,42,-70,47"]),
    )
)
def test_a_query_is_the_same_after_it_was_written(query):
    assert parse(query.written()) == query


def test_a_backup_has_the_views_as_one_state(root, tmp_path):
    views(root).save("Boats", query="state=new")
    floor, here = Floor.open(root), tmp_path / "restored"
    with closing(sqlite3.connect(root / files.PERSONAL)) as open_meanwhile:
        open_meanwhile.execute("SELECT * FROM saved_views").fetchall()
        backup.backup(floor, tmp_path / "kept", KEEPER, to=())
    backup.restore(tmp_path / "kept", here, KEEPER)
    assert named(here) == {"Boats": "state=new"}
