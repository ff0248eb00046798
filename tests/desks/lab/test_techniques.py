"""Categories of techniques and schemes that identify (ASTM E2329; SWGDRUG 7.1, part III B)."""

import pytest

from watchfloor.desks.lab.techniques import METHODS, category, identifies
from watchfloor.formats.tabular.fields import METHODS as KNOWN


@pytest.mark.parametrize(
    ("method", "stated", "expected"),
    [
        ("gc-ms", None, "A"),
        ("ftir", None, "A"),
        ("ims", None, "B"),
        ("immunoassay", None, "C"),
        ("immunoassay", "A", "C"),
        ("ftir", "C", "C"),
        ("ftir", "?", "A"),
        ("dog", None, None),
        ("dog", "A", None),
        ("x-ray", None, None),
        ("mass", None, None),
    ],
)
def test_a_category_is_the_lesser_of_the_method_s_and_the_stated_one(method, stated, expected):
    assert category(method, stated) == expected


@pytest.mark.parametrize(
    ("methods", "enough"),
    [
        (["gc-ms"], True),
        (["lc-ms"], True),
        (["ftir"], False),
        (["ftir", "ftir"], False),
        (["ftir", "raman"], True),
        (["ftir", "colour-test"], True),
        (["ftir", "dog"], False),
        (["ms", "dart-ms"], False),
        (["ims", "uv-vis"], False),
        (["ims", "uv-vis", "colour-test"], True),
        (["ims", "immunoassay", "colour-test"], False),
        ([], False),
    ],
)
def test_a_scheme_needs_an_a_and_another_or_three_of_which_two_are_b(methods, enough):
    assert identifies((one, None) for one in methods) is enough


def test_a_stated_lesser_category_counts():
    assert not identifies([("gc-ms", "B")])
    assert identifies([("gc-ms", "B"), ("ims", None), ("immunoassay", None)])


def test_each_method_is_one_that_a_reading_may_have():
    assert METHODS.keys() <= set(KNOWN)
    assert set(KNOWN) - METHODS.keys() == {"x-ray", "dog", "mass", "radiation"}
