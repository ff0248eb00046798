"""What is left of an erased person, and what is shown of a hidden one, in every byte of everything."""

import shutil

import pytest
from benchmarks.leaks import scenario
from benchmarks.leaks.scenario import OTTOLINE, ZEBEDEE, call, erased, lived_in, reading_as, shown_to
from benchmarks.leaks.words import Words, search

from watchfloor.store import Floor

WORD = "Zebedeyko"


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A floor on which everything was done."""
    return lived_in(tmp_path_factory.mktemp("lived"), 0.02)


@pytest.fixture
def floor(lived, tmp_path):
    """A copy of it."""
    return scenario.Floor(shutil.copytree(lived.root, tmp_path / "floor"), lived.exports)


def test_the_search_finds_both_before(floor):
    """The control: a search that finds nothing proves nothing unless it finds what is there."""
    for person in (ZEBEDEE, OTTOLINE):
        hits = search(floor.root, Words(person.words))
        assert {hit.word for hit in hits} >= {person.key, person.name, person.born, person.passport}
        assert {hit.file.split("/")[0] for hit in hits} >= {"catalogue.sqlite", "segments"}


def test_nothing_of_an_erased_person_is_left_in_any_byte(floor, tmp_path):
    erased(floor, ZEBEDEE)
    assert search(floor.root, Words(ZEBEDEE.words)) == []
    assert search(floor.root, Words(OTTOLINE.words)) != []
    assert list(Floor.open(floor.root).verify()) == []
    with reading_as("wide"):
        call("run", "--floor", floor.root)
        call("floor", "compact", "--floor", floor.root)
        call("floor", "backup", "--unencrypted", tmp_path / "after.tar", "--floor", floor.root)
    assert search(floor.root, Words(ZEBEDEE.words)) == []
    assert search(tmp_path / "after.tar", Words(ZEBEDEE.words)) == []


def test_tomorrows_delivery_does_not_bring_an_erased_person_back(floor, lived):
    erased(floor, ZEBEDEE)
    feeds = lived.root.parent / "feeds"
    with reading_as("wide"):
        call("ingest", feeds / "leaks.csv", feeds / f"{ZEBEDEE.key}.txt", "--floor", floor.root)
    left = {(hit.word, hit.inside.rpartition(" > ")[2]) for hit in search(floor.root, Words(ZEBEDEE.words))}
    # the row that nobody can read waits in quarantine, since nobody can tell whom it is about; and a file
    # that is named after somebody names somebody again
    catalogue = {"catalogue.sqlite", "catalogue.sqlite with its log"}
    assert {inside for _, inside in left} <= catalogue | {"quarantine", "log", "deliveries"}
    with reading_as("wide"):
        found = [each["subject"] for each in scenario.lines("leads", "--floor", floor.root)]
    assert ZEBEDEE.subject not in found
    assert Floor.open(floor.root).deliveries("leaks")[-1].withheld == {"erased from this floor before": 1}


@pytest.mark.thorough
def test_a_reader_is_shown_nothing_of_who_is_hidden(floor, tmp_path):
    hidden = Words(OTTOLINE.words)
    assert search(shown_to("narrow", floor, tmp_path / "narrow"), hidden) == []
    assert search(shown_to("wide", floor, tmp_path / "wide"), hidden) != []


def test_an_erasure_says_what_it_could_not_reach(floor):
    told = erased(floor, ZEBEDEE)
    assert f"{ZEBEDEE.subject}-other, which somebody judged to be the same" in told
    assert "a weight table was fitted on it" in told
    assert "Backups and what recipients got are out of this floor's reach" in " ".join(told.split())


@pytest.mark.parametrize(
    "written", [WORD.encode(), WORD.upper().encode(), b"zEbEdEyKo", WORD.encode("utf-16-le")]
)
def test_a_word_is_found_however_it_is_written(tmp_path, written):
    (tmp_path / "file").write_bytes(b"with " + written + b" in it")
    assert {hit.word for hit in search(tmp_path, Words([WORD]))} == {WORD}


def test_a_name_of_a_file_is_searched(tmp_path):
    (tmp_path / f"{WORD}.txt").touch()
    assert [hit.inside for hit in search(tmp_path, Words([WORD]))] == ["its name"]
