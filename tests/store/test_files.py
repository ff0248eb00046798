from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.store import files

SLOW = settings(
    max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stored(root, data):
    return files.store(root, f"folder/{files.unique()}", data)


@pytest.mark.parametrize("size", [0, 1, files.BLOCK - 1, files.BLOCK, files.BLOCK + 1, 3 * files.BLOCK])
def test_a_whole_file_has_no_break(tmp_path, size):
    assert files.find_break(tmp_path, stored(tmp_path, bytes(size))) is None


@SLOW
@given(size=st.integers(1, 3 * files.BLOCK), data=st.data())
def test_one_flipped_bit_is_found_to_the_byte(tmp_path, size, data):
    content = bytearray(data.draw(st.randoms(use_true_random=False)).randbytes(size))
    kept = stored(tmp_path, bytes(content))
    at, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 7))
    content[at] ^= 1 << bit
    (tmp_path / kept.path).write_bytes(content)
    found = files.find_break(tmp_path, kept)
    assert (found.start, found.end) == (at, at + 1)


@SLOW
@given(size=st.integers(100, 2 * files.BLOCK), data=st.data())
def test_more_damage_is_found_to_the_block(tmp_path, size, data):
    content = bytearray(size)
    kept = stored(tmp_path, bytes(content))
    at = data.draw(st.integers(0, size - 20))
    content[at : at + 20] = b"twenty other bytes!!"
    (tmp_path / kept.path).write_bytes(content)
    found = files.find_break(tmp_path, kept)
    assert found.start <= at < found.end
    assert found.end - found.start <= files.BLOCK


@SLOW
@given(size=st.integers(1, 2 * files.BLOCK), data=st.data())
def test_a_file_of_another_length_breaks_at_its_end(tmp_path, size, data):
    kept = stored(tmp_path, bytes(size))
    other = data.draw(st.integers(0, 3 * files.BLOCK).filter(lambda n: n != size))
    (tmp_path / kept.path).write_bytes(bytes(other))
    assert files.find_break(tmp_path, kept).start == min(size, other)


def test_a_missing_file_is_a_break(tmp_path):
    kept = stored(tmp_path, b"abc")
    (tmp_path / kept.path).unlink()
    assert "missing" in files.find_break(tmp_path, kept).what


def test_what_no_single_bit_explains_is_no_flipped_bit():
    assert files.flipped_bit(b"abc", crc32(b"xyz")) is None


def test_a_sealed_file_is_checked_like_a_stored_one(tmp_path):
    data = bytes(range(256)) * 1000
    (tmp_path / "incoming").write_bytes(data)
    sealed = files.seal(tmp_path, tmp_path / "incoming", "final/name")
    assert sealed[1:] == files.store(tmp_path, "final/other", data)[1:]
    assert not (tmp_path / "incoming").exists()
