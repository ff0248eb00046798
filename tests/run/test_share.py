"""Tests of what is sealed for the shared location and for checkpoints."""

import os
from io import BytesIO
from itertools import pairwise

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.run.spark import share

BYTES = os.urandom((5 << 19) + 7)
"""Two chunks and a half, and no whole block."""


@given(st.lists(st.integers(0, len(BYTES)), max_size=4), st.integers(0, len(BYTES)))
def test_what_is_sealed_in_pieces_opens_as_one(cuts: list[int], size: int) -> None:
    """However the bytes are cut, `AESGCM`, to which the whole is one message, gives them back."""
    key, file = os.urandom(32), BytesIO()
    sealer = share.Sealer(key, "name", file)
    for start, end in pairwise(sorted({0, size, *(cut for cut in cuts if cut < size)})):
        assert sealer.write(memoryview(BYTES)[start:end]) == end - start
    sealer.finish()
    data = file.getvalue()
    assert AESGCM(key).decrypt(data[:12], data[12:], b"name") == BYTES[:size]
    assert share.unseal(key, "name", data) == BYTES[:size]
    assert len(data) == len(share.sealed(key, "name", BYTES[:size]))
    for other in (data[:-1], data[:12] + bytes([data[12] ^ 1]) + data[13:]):
        with pytest.raises(InvalidTag):
            share.unseal(key, "name", other)
