"""Encrypting files to recipients in the age format (https://age-encryption.org/v1), by `pyrage`.

pyrage reads one file and writes the other, while tarfile wants to do either itself: so it works in a thread
at the other end of a pipe, and what is encrypted never lies on a disk in the clear.
"""

import os
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyrage
from pyrage.x25519 import Identity, Recipient

from watchfloor.store import files
from watchfloor.store.errors import Damaged, WrongCall

_HEAD: Final = b"age-encryption.org/v1\n"
_KEY_HEAD: Final = "AGE-SECRET-KEY-"


def is_encrypted(place: Path) -> bool:
    """Whether a file begins as the age format does."""
    with place.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def make_key(place: Path) -> str:
    """Write a new key to a new file, which its owner alone may read; give its recipient.

    Raises:
        WrongCall: the file exists already.
    """
    made = Identity.generate()
    recipient = str(made.to_public())
    try:
        with open(place, "x", encoding="ascii", newline="\n", opener=files.private) as file:
            file.write(f"# recipient: {recipient}\n{made}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise WrongCall(f"{place} exists already; a key never overwrites a file") from None
    return recipient


def recipients(named: str) -> list[str]:
    """Read what a caller names: a recipient, or a file with one a line, where `#` begins a remark."""
    if named.startswith("age1"):
        return [named]
    lines = Path(named).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def parse_recipient(text: str) -> Recipient:
    """Parse a recipient. Raises `WrongCall`."""
    try:
        return Recipient.from_str(text)
    except pyrage.RecipientError as error:
        secret = f"{_KEY_HEAD}…" if text.startswith(_KEY_HEAD) else text
        raise WrongCall(
            f"{secret} is no recipient: {error}. A recipient begins with age1; `watchfloor floor "
            f"backup-key FILE` "
            "makes a key and prints its recipient."
        ) from error


def _identities(key: Path) -> list[Identity]:
    """The keys of a file: those of `make_key`, or of another program that writes the format."""
    lines = key.read_text("utf-8", errors="replace").splitlines()
    try:
        found = [Identity.from_str(line.strip()) for line in lines if line.startswith(_KEY_HEAD)]
    except pyrage.IdentityError as error:
        raise WrongCall(f"{key} holds no key: {error}") from error
    if not found:
        raise WrongCall(f"{key} holds no key: a key is a line that begins with {_KEY_HEAD}")
    return found


class _Output:
    """A file that pyrage writes to. It keeps an error of the system, of which pyrage gives the text alone."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def encrypted(out: BinaryIO, to: Sequence[Recipient]) -> Iterator[BinaryIO]:
    """Encrypt what is written within."""
    read, write = os.pipe()
    seen = _Output(out)

    def encrypt() -> None:
        with os.fdopen(read, "rb") as plain:
            pyrage.encrypt_io(plain, seen, to)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(encrypt)
        try:
            with os.fdopen(write, "wb") as file:
                yield file
        except BrokenPipeError:  # the thread knows why
            if not done.exception():
                raise
        if error := done.exception():
            raise seen.error or error


@contextmanager
def decrypted(source: Path, key: Path | None) -> Iterator[BinaryIO]:
    """Decrypt what is read within; whether all of it is as it was written is known at the end of the block.

    Raises:
        WrongCall: no key is named, or the file holds none.
        Damaged: it was not encrypted to the key, or was changed.
    """
    if key is None:
        raise WrongCall(f"{source} is encrypted; name the file of a key it was encrypted to: --key FILE")
    keys, encrypted_ = _identities(key), source.open("rb")
    read, write = os.pipe()

    def decrypt() -> None:
        with encrypted_, os.fdopen(write, "wb") as plain:
            pyrage.decrypt_io(encrypted_, plain, keys)

    with ThreadPoolExecutor(1) as pool, os.fdopen(read, "rb") as file:
        done = pool.submit(decrypt)
        try:
            yield file
        except tarfile.TarError:
            _refuse_undecrypted(source, file, done)
            raise
        except BaseException:
            file.close()  # the thread ends at its next write
            raise
        _refuse_undecrypted(source, file, done)


def _refuse_undecrypted(source: Path, file: BinaryIO, done: "Future[None]") -> None:
    while file.read(1 << 20):  # what follows the end of the tar file
        pass
    if isinstance(error := done.exception(), pyrage.DecryptError):
        raise Damaged(f"{source} cannot be decrypted with this key: {error}") from error
    if error:
        raise Damaged(f"{source} is not as it was encrypted; use another copy") from error
