"""The list of deliberate mutations fits the source: each has its place, and its tests are there."""

import json

import pytest
from tests import mutations
from tests.mutations import MUTATIONS, ROOT, SOURCE


def test_each_mutation_has_one_place_in_the_source_and_its_tests():
    for one in MUTATIONS:
        assert (ROOT / SOURCE / one.file).read_text("utf-8").count(one.old) == 1, one
        assert one.new != one.old
        for tests in one.tests.split():
            assert (ROOT / "tests" / tests.partition("::")[0]).exists(), one


@pytest.fixture
def tried(monkeypatch, tmp_path):
    """The mutations that are tried, a minute each; the last of five is not noticed."""
    clock, tried = [0.0], []

    def noticed_by(one, tree):
        clock[0] += 60
        tried.append(one)
        return None if one == MUTATIONS[4] else "a test"

    monkeypatch.setattr(mutations, "RESULTS", tmp_path / "results.jsonl")
    monkeypatch.setattr(mutations, "MUTATIONS", MUTATIONS[:5])
    monkeypatch.setattr(mutations, "monotonic", lambda: clock[0])
    monkeypatch.setattr(mutations, "copied", lambda folder: folder)
    monkeypatch.setattr(mutations, "noticed_by", noticed_by)
    monkeypatch.setattr(mutations.os, "cpu_count", lambda: 1)
    return tried


def test_a_run_that_was_cut_off_goes_on_and_is_summed_up(tried, capsys):
    assert mutations.main(["--minutes", "2"]) == 2
    assert tried == list(MUTATIONS[:2])
    assert mutations.main([]) == 1
    assert tried == list(MUTATIONS[:5])
    assert "4 of 5 mutations noticed" in capsys.readouterr().out
    assert not mutations.RESULTS.exists()


def test_what_was_found_in_another_tree_is_tried_again(tried):
    assert mutations.main(["--minutes", "3", MUTATIONS[0].file]) in (0, 2)
    before = len(tried)
    lines = [json.loads(line) for line in mutations.RESULTS.read_text("utf-8").splitlines()]
    assert [one["by"] for one in lines] == ["a test"] * before
    mutations.RESULTS.write_text("".join(json.dumps(one | {"state": "old"}) + "\n" for one in lines), "utf-8")
    mutations.main([])
    assert len(tried) == before + 5
