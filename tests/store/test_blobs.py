from contextlib import suppress
from io import BytesIO, RawIOBase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store import tamper
from tests.store.rows import ingest
from tests.thorough import draws

from watchfloor.store import Damaged, UnknownRecord, blobs, files


class Dripping(RawIOBase):
    """A socket-like stream: gives fewer bytes than asked."""

    def __init__(self, data):
        self.data = data

    def readable(self):
        return True

    def read(self, count=-1):
        piece, self.data = self.data[: min(7, count)], self.data[min(7, count) :]
        return piece


@pytest.mark.parametrize("size", [0, 1, blobs.SMALL, blobs.SMALL + 1, 3 << 20])
def test_the_original_bytes_come_back(floor, writer, size):
    raw = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    intake = ingest(writer, [1], raw=raw)
    assert intake.open().read() == raw
    assert floor.delivered(intake.digest).read() == raw
    assert floor.delivered(intake.digest).read(3) == raw[:3]


@settings(max_examples=draws(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_a_stream_that_drips_is_read_to_its_end(tmp_path, raw):
    blob = blobs.spool(tmp_path, Dripping(raw))
    assert blobs.open_blob(tmp_path, blob).read() == raw


def test_the_same_bytes_twice_are_one_file(floor, writer):
    raw = b"z" * 100_000
    first, second = ingest(writer, [1], raw=raw), ingest(writer, [2], raw=raw)
    assert first.digest == second.digest
    assert len(tamper.paths(floor, ".zst")) == 1
    assert floor.delivered(first.digest).read() == raw


@pytest.mark.parametrize("at", [0, 5, -1])
def test_a_rotten_delivery_is_not_handed_out(floor, writer, at):
    raw = bytes(i * i % 251 for i in range(100_000))
    intake = ingest(writer, [1], raw=raw)
    (path,) = tamper.paths(floor, ".zst")
    data = bytearray(tamper.read(floor, path))
    data[at] ^= 16
    tamper.write(floor, path, data)
    with suppress(Damaged):
        assert floor.delivered(intake.digest).read() == raw  # a bit that says nothing of the content
    assert next(floor.verify()).start == at % len(data)


def test_an_unknown_delivery(floor):
    with pytest.raises(UnknownRecord, match="no delivery 0000"):
        floor.delivered(bytes(32))


def test_a_stream_that_breaks_leaves_nothing(floor, writer):
    class Breaking(BytesIO):
        def read(self, size=-1):
            if self.tell() > 1 << 20:
                raise ConnectionResetError("gone")
            return super().read(size)

    with pytest.raises(ConnectionResetError), writer.delivery("feed", "x", Breaking(bytes(1 << 22))):
        pass
    assert list(files.present(floor.root)) == []
