"""The list of deliberate mutations fits the source: each has its place, and its tests are there."""

from tests.mutations import MUTATIONS, ROOT, SOURCE


def test_each_mutation_has_one_place_in_the_source_and_its_tests():
    for one in MUTATIONS:
        assert (ROOT / SOURCE / one.file).read_text("utf-8").count(one.old) == 1, one
        assert one.new != one.old
        for tests in one.tests.split():
            assert (ROOT / "tests" / tests.partition("::")[0]).exists(), one
