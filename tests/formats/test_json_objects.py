"""Objects are cut out of a file as a parser finds them, however the file is cut."""

import json
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats import json_objects

LEAVES = st.none() | st.integers(-9, 9) | st.text('{}[]",:\\a \n', max_size=6) | st.floats(allow_nan=False)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab{\\"', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.sampled_from(["a", "id", "objects"]), VALUES, max_size=3), max_size=5)


class Slow(BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data, most):
        super().__init__(data)
        self.most = most

    def read(self, size=-1):
        return super().read(min(size, self.most) if size >= 0 else -1)


def cut(data, most=1 << 20):
    return [*json_objects.cut(Slow(data, most))]


def is_document(value):
    return isinstance(value.get("objects"), list)


@given(OBJECTS, st.integers(1, 9), st.sampled_from([None, 1]), st.booleans())
def test_objects_of_an_array_are_those_that_a_parser_finds(objects, most, indent, array):
    whole = objects if array else {"type": "bundle", "id": {"a": []}, "objects": objects, "more": [[{}]]}
    data = json.dumps(whole, indent=indent).encode()
    found = cut(data, most)
    assert [json.loads(one.raw) for one in found] == objects
    assert not any(one.wrong for one in found)
    for one in found:
        first, end = map(int, one.locator.removeprefix("bytes ").split("-"))
        assert data[first:end] == one.raw


@given(OBJECTS, st.integers(1, 9))
def test_objects_in_lines_and_behind_each_other_are_found(objects, most):
    plain = [one for one in objects if not is_document(one)]
    plain = plain if len(plain) > 1 else []
    for sep in (b"\n", b"\n\n", b"\r\n"):
        found = cut(sep.join(json.dumps(one).encode() for one in plain) + sep, most)
        if plain:
            assert [json.loads(one.raw) for one in found] == plain
    whole = b"".join(json.dumps(one, indent=2).encode() for one in plain)
    if plain:
        assert [json.loads(one.raw) for one in cut(whole, most)] == plain


@given(OBJECTS.filter(bool), st.floats(0, 1, exclude_max=True))
def test_what_is_cut_off_gives_whole_objects_and_says_so(objects, share):
    data = json.dumps({"objects": objects}).encode()
    found = cut(data[: max(1, int(share * len(data)))])
    assert found[-1].rest
    assert [json.loads(one.raw) for one in found[:-1]] == objects[: len(found) - 1]


@given(VALUES)
def test_members_are_counted_in_texts(value):
    def count(one):
        if isinstance(one, dict):
            return len(one) + sum(map(count, one.values()))
        return sum(map(count, one)) if isinstance(one, list) else 0

    texts = [json.dumps(value).encode(), b'{"a":{"b\\\\":1}}']
    assert json_objects.members(texts).tolist() == [count(value), 2]


def test_what_is_no_object_is_said_and_the_next_is_read():
    found = cut(b'{"objects":[{"a":1}, 3, [4], "}", {"b":2}]}')
    assert [json.loads(one.raw) for one in found if not one.wrong] == [{"a": 1}, {"b": 2}]
    assert sum(bool(one.wrong) for one in found) == 3
    assert cut(b" \n")[0].wrong
    assert cut(b"")[0].wrong


def test_a_long_line_is_passed_over_and_a_long_object_ends_the_file(monkeypatch):
    monkeypatch.setattr(json_objects, "MOST", 1000)
    monkeypatch.setattr(json_objects, "CHUNK", 100)
    long = json.dumps({"a": "x" * 2000}).encode()
    found = cut(b'{"b":1}\n' + long + b'\n{"c":1}\n{"d":1}\n')
    assert [(bool(one.wrong), one.locator) for one in found] == [
        (False, "line 1"),
        (True, "line 2"),
        (False, "line 3"),
        (False, "line 4"),
    ]
    found = cut(b'[{"b":1},' + long * 40 + b"]", 100)
    assert [(bool(one.wrong), one.rest) for one in found] == [(False, False), (True, True)]
