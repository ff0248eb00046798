from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exercise.key import Key, KeyFileError, Storyline, read, write

STORYLINES = st.builds(
    Storyline,
    st.text(),
    st.text(),
    st.lists(st.text()).map(tuple),
    st.lists(st.text()).map(tuple),
    st.lists(st.text()).map(tuple),
    st.datetimes(timezones=st.just(UTC)),
)


@settings(deadline=None)
@given(
    st.builds(Key, st.integers(0, 99), st.floats(0.1, 9), st.integers(1, 9), st.lists(STORYLINES).map(tuple))
)
def test_a_key_is_read_as_it_was_written(tmp_path_factory, key):
    path = tmp_path_factory.mktemp("key") / "key.json"
    assert read(write(path, key)) == key


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"seed": "x"}', b"name,rank\n"])
def test_what_is_no_key_is_refused_with_what_writes_one(tmp_path, content):
    path = tmp_path / "key.json"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match="exercise make"):
        read(path)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("key") / "key.json"
    path.write_bytes(content)
    with pytest.raises(KeyFileError):
        read(path)
