"""The shared location of a cluster: what the driver and every worker see under one URL.

It holds nothing in the clear. Each object is sealed with AES-256-GCM under a key that lies elsewhere, so that
who keeps the storage cannot read it, a changed object is noticed, and one whose key is gone is gone.
"""

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import RawIOBase
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import uuid4

import msgspec
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from pyarrow import fs

from watchfloor.core.messages import Message, Parameter, declare, reason
from watchfloor.desks.base import DeskError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SCHEMES: Final = {"file": "file", "s3a": "s3", "s3": "s3", "abfss": "abfss", "hdfs": "hdfs"}
"""Schemes of a shared location, and what pyarrow calls each."""

NO_SHARE: Final = declare("cluster.no-share")
UNKNOWN: Final = declare("cluster.share-unknown", "url", "schemes")
ABSENT: Final = declare("cluster.share-absent", "url")
READ_ONLY: Final = declare("cluster.share-read-only", "url")
FULL: Final = declare("cluster.share-full", "url")
UNUSABLE: Final = declare("cluster.share-unusable", "url", "why")
LOST: Final = declare("cluster.object-lost", "url", "name")
DAMAGED: Final = declare("cluster.object-damaged", "url", "name")

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_NONCE: Final = 12
_CHUNK: Final = 1 << 20
_RENAMES: Final = ("local", "hdfs")
"""File systems on which half an object can be seen under its name, and a renaming is one step."""


class ClusterError(DeskError):
    """A run on a cluster that cannot go on; its reason is one sentence that says what to do next."""

    def __init__(self, message: Message, **params: Parameter) -> None:
        self.message, self.params = message, params
        self.reason = reason(message, **params)
        super().__init__(str(self.reason))


_MARK: Final = re.compile(r"watchfloor-failure:([0-9a-f]+);")


def marked(said: Mapping[str, Any]) -> str:
    """Pack what went wrong on a worker so that nothing of it is lost in the traceback of another program."""
    return f"watchfloor-failure:{msgspec.json.encode(said).hex()};"


def unmarked(text: str) -> dict[str, Any] | None:
    """Return what the first worker said that went wrong, as `marked` packed it."""
    found = _MARK.search(text)
    return msgspec.json.decode(bytes.fromhex(found[1]), type=dict[str, Any]) if found else None


class Share:
    """A folder of a shared location.

    Args:
        url: such as `file:///mnt/shared`, `s3a://bucket/folder`, `abfss://…`, `hdfs://…`.

    Raises:
        ClusterError: the scheme is unknown, or nothing can be reached under the URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        scheme, _, rest = self.url.partition("://")
        if scheme not in SCHEMES or not rest:
            raise ClusterError(UNKNOWN, url=url, schemes=", ".join(f"{one}://" for one in SCHEMES))
        with self._explained():
            self._system, self._base = fs.FileSystem.from_uri(f"{SCHEMES[scheme]}://{rest}")

    def check(self) -> None:
        """Write and remove a small object. Raises `ClusterError` for no folder, or one that takes nothing."""
        with self._explained():
            # An object store has no folders: there the first object makes one.
            is_there = self._system.get_file_info(self._base).type is fs.FileType.Directory
            if self._system.type_name in _RENAMES and not is_there:
                raise ClusterError(ABSENT, url=self.url)
        name = f"probe-{uuid4().hex}"
        self.put(name, b"watchfloor")
        self.remove(name)

    def put(self, name: str, data: bytes | pa.Buffer) -> None:
        """Write an object, whole or not at all."""
        place = f"{self._base}/{name}"
        renames = self._system.type_name in _RENAMES
        written = f"{place}.{uuid4().hex}.part" if renames else place
        with self._explained():
            self._system.create_dir(place.rpartition("/")[0], recursive=True)
            try:
                with self._system.open_output_stream(written) as out:
                    out.write(data)
                if renames:
                    self._system.move(written, place)
            except OSError:
                if renames and self._system.get_file_info(written).type is fs.FileType.File:
                    self._system.delete_file(written)
                raise

    def get(self, name: str) -> pa.Buffer:
        """Read an object. Raises `ClusterError` where it is not there."""
        with self._explained():
            try:
                with self._system.open_input_file(f"{self._base}/{name}") as file:
                    return file.read_buffer()
            except FileNotFoundError:
                raise ClusterError(LOST, url=self.url, name=name) from None

    def names(self, folder: str) -> dict[str, Any]:
        """Return the names in a folder, with when each was written by the storage's own clock."""
        with self._explained():
            found = self._system.get_file_info(
                fs.FileSelector(f"{self._base}/{folder}", allow_not_found=True)
            )
        return {one.base_name: one.mtime_ns for one in found}

    def remove(self, name: str) -> None:
        """Delete an object that may be gone already."""
        with self._explained(), suppress(FileNotFoundError):
            self._system.delete_file(f"{self._base}/{name}")

    def remove_folder(self, name: str) -> None:
        """Delete a folder with all in it, which may be gone already."""
        with self._explained(), suppress(FileNotFoundError):
            self._system.delete_dir(f"{self._base}/{name}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException, NotImplementedError) as error:
            number = getattr(error, "errno", None)
            if number in _FULL:
                raise ClusterError(FULL, url=self.url) from error
            if number in _READ_ONLY:
                raise ClusterError(READ_ONLY, url=self.url) from error
            why = next(iter(str(error).splitlines()), type(error).__name__)
            raise ClusterError(UNUSABLE, url=self.url, why=why) from error


@lru_cache(maxsize=8)
def opened(url: str) -> Share:
    """Return the share of a URL, the same each time: a worker asks for it with every object."""
    return Share(url)


def new_key() -> bytes:
    """Return a key that nobody had before."""
    return os.urandom(32)


def sealed(key: bytes, name: str, data: bytes | pa.Buffer) -> bytes:
    """Seal an object: a nonce, then its bytes under the key; `name` is bound to them."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, memoryview(data).cast("B"), name.encode())


class Sealer(RawIOBase):
    """A file that seals what is written to it and passes it on to another, as `sealed` would give it.

    A state of hundreds of megabytes is written so without a copy of it: to have the system clear the pages of
    the copies took longer than to encrypt them.
    """

    def __init__(self, key: bytes, name: str, file: BinaryIO) -> None:
        nonce = os.urandom(_NONCE)
        self._file, self._encryptor = file, Cipher(AES(key), GCM(nonce)).encryptor()
        self._encryptor.authenticate_additional_data(name.encode())
        self._room = memoryview(bytearray(_CHUNK + AES.block_size // 8 - 1))  # as `update_into` asks
        file.write(nonce)

    def writable(self) -> bool:
        """Return that bytes can be written to it."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Seal bytes behind those before."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _CHUNK):
            count = self._encryptor.update_into(view[start : start + _CHUNK], self._room)
            self._file.write(self._room[:count])
        return len(view)

    def finish(self) -> None:
        """Write what tells that the whole is there and unchanged; without it nobody opens what was sealed."""
        self._file.write(self._encryptor.finalize() + self._encryptor.tag)


def unsealed(share: Share, key: bytes, name: str) -> bytes:
    """Read and open an object. Raises `ClusterError` where it is gone, or is not what was written."""
    try:
        return unseal(key, name, share.get(name))
    except (InvalidTag, ValueError):
        raise ClusterError(DAMAGED, url=share.url, name=name) from None


def unseal(key: bytes, name: str, data: bytes | pa.Buffer) -> bytes:
    """Open what was sealed. Raises `InvalidTag` or `ValueError` where it is not what was."""
    view = memoryview(data).cast("B")
    return AESGCM(key).decrypt(bytes(view[:_NONCE]), view[_NONCE:], name.encode())
