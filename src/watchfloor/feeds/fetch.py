"""Current lists over HTTP, from the addresses of those who publish them.

A list that has changed becomes a new file beside the earlier ones, named for the day it was fetched, so that
a folder keeps the history that `watchfloor listed` answers from. What the server said of its version is kept
beside it, and asked about the next time: an unchanged list is not sent again. A file is put in place only
when all of it arrived and reads as a list without a fault.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple

import msgspec
import urllib3

from watchfloor.core.kinds import LISTING
from watchfloor.feeds import isolation
from watchfloor.feeds.reader_process import Recipe
from watchfloor.formats.base import HEAD_BYTES, Fault, FormatError, Head
from watchfloor.formats.registry import recognise

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 60
MAX_BYTES: Final = 512 << 20
"""The largest list known to us has some 130 MB."""

MAX_REDIRECTS: Final = 5
CHUNK: Final = 1 << 16
AGENT: Final = "watchfloor (list screening; conditional requests)"


class FetchError(Exception):
    """A list that could not be fetched; the message says why, and that the earlier copy still stands."""


class Unreached(FetchError):  # noqa: N818 - named for what the officer meets
    """The publisher of a list does not answer; what is told once for all lists of theirs.

    Attributes:
        list_name: the list.
        why: the address and what went wrong with it.
    """

    def __init__(self, list_name: str, why: str) -> None:
        self.list_name, self.why = list_name, why
        super().__init__(f"{list_name}: {why}. {STANDS}")


STANDS: Final = "Without a network, work goes on with the lists you have; try again later"


class Source(NamedTuple):
    """One file that a publisher keeps at an address."""

    list_name: str
    file: str
    address: str


def _canada(*numbers: str) -> tuple[Source, ...]:
    return tuple(
        Source(
            f"sor-{number}", f"SOR-{number}.xml", f"https://laws-lois.justice.gc.ca/eng/XML/SOR-{number}.xml"
        )
        for number in numbers
    )


SOURCES: Final[tuple[Source, ...]] = (
    *_canada("2002-284"),
    Source("sor-2002-284", "DORS-2002-284.xml", "https://laws-lois.justice.gc.ca/fra/XML/DORS-2002-284.xml"),
    *_canada(
        "2007-285",
        "2008-248",
        "2010-165",
        "2011-114",
        "2014-58",
        "2014-60",
        "2017-204",
        "2017-233",
        "2020-214",
        "2022-226",
    ),
    Source("un", "un-consolidated.xml", "https://scsanctions.un.org/resources/xml/en/consolidated.xml"),
    Source("ofac", "ofac-sdn.xml", "https://www.treasury.gov/ofac/downloads/sdn.xml"),
)
"""Official addresses, by the name that `--only` takes."""


class CopyNote(msgspec.Struct):
    """Note on the last copy of a source: kept beside the files, as JSON."""

    address: str
    file: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None


class Fetched(NamedTuple):
    """Result of fetching one source: whether it is new, where it is, and how many items it holds."""

    source: Source
    status: Literal["new", "unchanged"]
    path: Path
    items: int | None


def http() -> urllib3.PoolManager:
    """A client that verifies certificates, waits so long and no longer, and follows few redirects."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=urllib3.Retry(total=3, connect=1, read=1, redirect=MAX_REDIRECTS, backoff_factor=0.5),
        headers={"User-Agent": AGENT},
    )


def fetch(
    source: Source,
    folder: Path,
    today: date,
    client: urllib3.PoolManager,
    max_bytes: int = MAX_BYTES,
) -> Fetched:
    """Bring one list up to date in a folder.

    Args:
        source: what to fetch.
        folder: where the files are kept; made when it is not there.
        today: the day that names a new file.
        client: see `http`.
        max_bytes: a longer answer is cut off and refused.

    Raises:
        FetchError: no connection, an answer that is no list, too large or cut short. Nothing is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / f"{source.file}.json"
    known = _known(note, source, folder)
    with _answer(source, known, client) as response:
        if response.status == 304 and known:
            return Fetched(source, "unchanged", folder / known.file, None)
        with _temporary(folder) as part:
            digest = _save(response, part, source, max_bytes)
            if known and digest == known.sha256:
                path, items, status = folder / known.file, None, "unchanged"
            else:
                items, status = _check(part, source), "new"
                path = _place(part, _free_name(folder, source.file, today))
    _write_note(note, CopyNote(source.address, path.name, digest, *_version(response)))
    return Fetched(source, "new" if status == "new" else "unchanged", path, items)


def _known(note: Path, source: Source, folder: Path) -> CopyNote | None:
    """Return the note on the last copy, unless the copy has gone, changed, or came from elsewhere."""
    try:
        known = msgspec.json.decode(note.read_bytes(), type=CopyNote)
        path = folder / Path(known.file).name
        with path.open("rb") as stream:
            same = _digest(stream) == known.sha256
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return known if same and known.address == source.address else None


@contextmanager
def _answer(
    source: Source, known: CopyNote | None, client: urllib3.PoolManager
) -> Iterator[urllib3.BaseHTTPResponse]:
    asked = {"User-Agent": AGENT}
    if known and known.etag:
        asked["If-None-Match"] = known.etag
    if known and known.last_modified:
        asked["If-Modified-Since"] = known.last_modified
    host = urllib3.util.parse_url(source.address).host
    try:
        response = client.request("GET", source.address, headers=asked, preload_content=False)
        try:
            _expect(response, source, host)
            yield response
        finally:
            response.close()
    except urllib3.exceptions.HTTPError as error:
        raise Unreached(source.list_name, f"{host} cannot be read ({_cause(error)})") from error


def _expect(response: urllib3.BaseHTTPResponse, source: Source, host: str | None) -> None:
    if response.status not in (200, 304):
        raise FetchError(
            f"{source.list_name}: {host} answered {response.status} {response.reason or ''} for "
            f"{source.address}. The list may have moved; the copy you have stands"
        )
    final = response.geturl() or source.address
    if source.address.startswith("https:") and final.startswith("http:"):
        raise FetchError(f"{source.list_name}: {host} sends on to {final}, which is not encrypted; refused")


def _cause(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason).rpartition(": ")[2] or type(reason).__name__


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """An empty file in the folder, gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=".fetching-", dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _save(response: urllib3.BaseHTTPResponse, part: Path, source: Source, max_bytes: int) -> str:
    """Write the answer to a file; returns its SHA-256."""
    digest, size = sha256(), 0
    stated = response.headers.get("Content-Length", "")
    if stated.isdigit() and int(stated) > max_bytes:
        raise _too_large(source, max_bytes)
    with part.open("wb") as stream:
        for chunk in response.stream(CHUNK, decode_content=True):
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(source, max_bytes)
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _too_large(source: Source, max_bytes: int) -> FetchError:
    return FetchError(
        f"{source.list_name}: the answer is larger than {max_bytes:,} bytes, which no list is; refused"
    )


def _check(part: Path, source: Source) -> int:
    """The number of items in a file, all of which must read as a list."""
    items = 0
    try:
        with part.open("rb") as stream:
            head = Head(source.file, stream.read(HEAD_BYTES))
            form = recognise(head)
            if form is None or LISTING.name not in form.kinds:
                raise FormatError("it is in no format of lists; the address may show a page about them")
            stream.seek(0)
            recipe = Recipe(form.name)
            read = partial(isolation.read, recipe) if isolation.apart(recipe, head) else form.read
            for found in read(stream, source.file):
                if isinstance(found, Fault):
                    raise FormatError(f"{found.locator}: {found.reason}")
                items += found.rows.num_rows if found.kind is LISTING else 0
    except (FormatError, isolation.ReaderFailed) as error:
        raise FetchError(
            f"{source.list_name}: what {source.address} sent is no whole list: {error}. "
            "The copy you have stands"
        ) from error
    return items


def _free_name(folder: Path, file: str, today: date) -> Path:
    """`NAME@DATE.xml`, with a number behind when a list changes twice a day."""
    name = Path(file)
    suffixes = chain([""], (f"-{n}" for n in count(2)))
    names = (f"{name.stem}@{today}{suffix}{name.suffix}" for suffix in suffixes)
    return next(path for path in map(folder.joinpath, names) if not path.exists())


def _place(part: Path, path: Path) -> Path:
    part.replace(path)
    return path


def _version(response: urllib3.BaseHTTPResponse) -> tuple[str | None, str | None]:
    return response.headers.get("ETag"), response.headers.get("Last-Modified")


def _write_note(note: Path, known: CopyNote) -> None:
    with _temporary(note.parent) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(known)))
        part.replace(note)


def _digest(stream: BinaryIO) -> str:
    digest = sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
