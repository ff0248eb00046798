"""Pointers, and what a person puts at one."""

import pytest

from watchfloor.exchange.fintrac.traced import at, has, leaves, replace, steps


def test_leaves_are_plain_values_and_what_is_empty():
    value = {"a": {"b": 1, "c": []}, "d": [{"e": {}}, "x"], "f/~": None}
    assert list(leaves(value)) == ["/a/b", "/a/c", "/d/0/e", "/d/1", "/f~1~0"]
    assert steps("/f~1~0") == ["f/~"]
    assert all(has(value, pointer) for pointer in leaves(value))


@pytest.mark.parametrize("pointer", ["/x", "/d/7", "/a/b/c", "/d/x"])
def test_what_is_not_there(pointer):
    assert not has({"a": {"b": 1}, "d": [1]}, pointer)


def test_a_stated_value_takes_the_place_of_others_and_of_their_traces():
    document, traces = {"a": {"b": 1}, "l": []}, {"/a/b": ("record:1#x",), "/l": ("rule:none",)}
    replace(document, traces, "/a", {"c": {"d": 2}}, "stated:roy")
    replace(document, traces, "/l/0", "new", "stated:roy")
    replace(document, traces, "/z/y", True, "stated:roy")
    assert document == {"a": {"c": {"d": 2}}, "l": ["new"], "z": {"y": True}}
    assert set(traces) == set(leaves(document))
    assert set(traces.values()) == {("stated:roy",)}


def test_a_field_is_taken_away():
    document, traces = {"a": {"b": 1}}, {"/a/b": ("record:1#x",)}
    replace(document, traces, "/a/b", None, "stated:roy")
    assert document == {"a": {}}
    assert traces == {"/a": ("stated:roy",)}


@pytest.mark.parametrize("pointer", ["", "x", "/l/2", "/l/x", "/a/b/c", "/l/0/x"])
def test_a_pointer_that_leads_nowhere_is_told(pointer):
    with pytest.raises(ValueError, match=r"leads nowhere|is no pointer"):
        replace({"a": {"b": 1}, "l": ["x"]}, {}, pointer, "v", "stated:roy")


def test_at_reads_lists_by_number():
    assert at({"l": [{"x": 3}]}, "/l/0/x") == 3
