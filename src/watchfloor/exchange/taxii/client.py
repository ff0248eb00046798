"""Client of TAXII 2.1: a collection of somebody else's, pulled without a loss, whatever the server pages by.

A server that gives tokens is followed by them. One that pages by date is asked again from just before the
last date, since others may have the same; what came already is dropped. A page that does not get past a date
is widened, and where that does not help the pull ends and says so: a server that goes round in a circle, or
that holds more objects of one date than it gives at once, is told of and not believed. What has come is kept,
with where to go on, after each part.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
import urllib3

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.core.messages import declare, reason
from watchfloor.exchange.shelf import micros, moment_of
from watchfloor.exchange.taxii.queries import MEDIA
from watchfloor.exchange.taxii.routes import DIGEST
from watchfloor.store.floor import Floor

NAME: Final = "pulls.json"
"""Where a floor keeps how far it has pulled."""
LIMIT: Final = 5_000
"""Objects of a page that are asked for; servers give fewer."""
WIDEST: Final = 100_000
"""Objects of a page, at most, that are asked for to get past a date which many have."""
PART: Final = 16 << 20
OBJECTS: Final = 5_000
"""Bytes and objects of one delivery: what has come is kept after each."""
MOST_BYTES: Final = 128 << 20
"""Bytes of one answer."""
BACK: Final = 1_000
"""Microseconds before the last date, from which a server is asked: some cut dates to milliseconds."""
STALE: Final = 3
"""Pages in a row without anything new after which a server goes round in a circle."""
TAIL: Final = 256
"""Objects that came last, which are known again in the next pull."""
TRIES: Final = 6
LONGEST_WAIT: Final = 120
"""Seconds that a server may ask to be left alone; a longer wait ends the pull."""
LEFT_ALONE: Final = "Retry-After"
"""Why a server is not asked again, which wants to be left alone for longer than that."""
BUSY: Final = frozenset({429, 502, 503, 504})

CLEAR: Final = declare("taxii.pull-clear", "host")
NO_ADDRESS: Final = declare("taxii.pull-no-address", "url")
REFUSED: Final = declare("taxii.pull-refused", "url", "status", "told")
MOVED: Final = declare("taxii.pull-moved", "url", "to")
UNREACHED: Final = declare("taxii.pull-unreached", "url", "why")
TOO_LONG: Final = declare("taxii.pull-too-long", "url", "most")
NO_TAXII: Final = declare("taxii.pull-no-taxii", "url")
ELSEWHERE: Final = declare("taxii.pull-elsewhere", "url", "to")
WHICH: Final = declare("taxii.pull-which", "url", "collections")
CIRCLE: Final = declare("taxii.pull-circle", "url")
ONE_DATE: Final = declare("taxii.pull-one-date", "url", "count", "date")
NO_PLACE: Final = declare("taxii.pull-no-place", "url")
OTHER_PAGE: Final = declare("taxii.pull-other-page", "url")


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a pull goes on.

    Attributes:
        collection: the address of the collection.
        after: date of the last object that came, as the server said it; empty before the first.
        token: of the next page, of a pull that was cut off.
        asked: `added_after` of the page that gave the token.
        tail: hashes of the objects that came last, which come again with others of the last date.
    """

    collection: str
    after: str = ""
    token: str = ""
    asked: str = ""
    tail: tuple[str, ...] = ()


def place_of(floor: Floor, feed: str, collection: str) -> Place:
    """Return where the pull of a feed goes on; of another collection from the first."""
    kept = _places(floor).get(feed)
    return kept if kept is not None and kept.collection == collection else Place(collection)


def keep(floor: Floor, feed: str, place: Place) -> None:
    """Keep where the pull of a feed goes on."""
    path = floor.root / NAME
    fresh = path.with_suffix(".new")
    fresh.touch(0o600)
    fresh.write_bytes(msgspec.json.encode(_places(floor) | {feed: place}))
    fresh.replace(path)


def _places(floor: Floor) -> dict[str, Place]:
    try:
        return msgspec.json.decode((floor.root / NAME).read_bytes(), type=dict[str, Place])
    except FileNotFoundError:
        return {}


class Envelope(msgspec.Struct):
    """An envelope, its objects as they were sent."""

    objects: list[msgspec.Raw] = []
    more: bool = False
    next: str | None = None


@dataclass(slots=True)
class Part:
    """Objects that came, as they were sent, and where to go on once they are kept."""

    objects: list[bytes]
    place: Place
    pages: int
    repeated: int

    @property
    def envelope(self) -> bytes:
        """Return them as one envelope."""
        return b'{"objects":[%b]}' % b",".join(self.objects)


class Remote:
    """A server of somebody else's.

    Args:
        url: of a collection, an API root or the discovery.
        name: to sign in as; empty: the key goes as a bearer token.
        key: empty for a server that asks for none.
        wait: waits so many seconds.
    """

    def __init__(
        self, url: str, name: str = "", key: str = "", wait: Callable[[float], None] = time.sleep
    ) -> None:
        self.url, self._wait = checked(url), wait
        headers = {"Accept": MEDIA, "User-Agent": "watchfloor"}
        if key:
            basic = urllib3.make_headers(basic_auth=f"{name}:{key}")["authorization"]
            headers["Authorization"] = basic if name else f"Bearer {key}"
        self._headers = headers
        timeout = urllib3.Timeout(connect=10, read=120)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def collection(self, wanted: str = "") -> str:
        """Return the address of a collection: of the only readable one, or by its id, alias or title."""
        url = self.url
        if "/collections/" in urlsplit(url).path:
            return url
        about = self._resource(url)
        if "versions" not in about:
            roots = [one for one in about.get("api_roots") or [] if isinstance(one, str)]
            chosen = about.get("default") if about.get("default") in roots else roots[0] if roots else None
            if chosen is None:
                refuse(NO_TAXII, url=url)
            url = self._here(urljoin(url, str(chosen)))
        listed = self._resource(urljoin(url, "collections/")).get("collections") or []
        readable = [one for one in listed if isinstance(one, dict) and one.get("can_read")]
        found = [one for one in readable if not wanted or wanted in map(one.get, ("id", "alias", "title"))]
        if len(found) != 1:
            names = ", ".join(f"{one.get('id')} ({one.get('title')})" for one in readable) or "none"
            refuse(WHICH, url=url, collections=names)
        return urljoin(url, f"collections/{found[0]['id']}/")

    def page(self, collection: str, **parameters: str | int) -> tuple[Envelope, dict[str, str]]:
        """Return a page of objects, and the headers in lower case. Raises `Refusal`."""
        given = {name: value for name, value in parameters.items() if value}
        body, headers = self._get(f"{collection}objects/?{urlencode(given)}")
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            refuse(NO_TAXII, url=collection)
        told = headers.get(DIGEST.lower())
        if told is not None and told != _digest(envelope.objects):
            refuse(OTHER_PAGE, url=collection)
        return envelope, headers

    def _resource(self, url: str) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(self._get(url)[0])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            refuse(NO_TAXII, url=url)
        return found

    def _here(self, url: str) -> str:
        """The same address, where it is of the same server: a key goes to no other."""
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            refuse(ELSEWHERE, url=self.url, to=url)
        return url if url.endswith("/") else f"{url}/"

    def _get(self, url: str) -> tuple[bytes, dict[str, str]]:
        """Ask, several times where the server is busy or the connection was cut."""
        why = ""
        for turn in range(TRIES):
            if why == LEFT_ALONE:
                break
            if turn:
                self._wait(2.0**turn)
            try:
                answer = self._pool.request(
                    "GET", url, headers=self._headers, redirect=False, preload_content=False
                )
                try:
                    body = answer.read(MOST_BYTES + 1, decode_content=True)
                finally:
                    answer.release_conn()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                why = str(error)
                continue
            if len(body) > MOST_BYTES:
                refuse(TOO_LONG, url=url, most=MOST_BYTES)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            if answer.status in BUSY:
                after = headers.get("retry-after", "")
                seconds = int(after) if after.isdecimal() else 0
                why = f"{answer.status}" if seconds <= LONGEST_WAIT else LEFT_ALONE
                self._wait(min(seconds, LONGEST_WAIT))
                continue
            if answer.status in (301, 302, 303, 307, 308):
                refuse(MOVED, url=url, to=headers.get("location", ""))
            if answer.status != 200:
                refuse(REFUSED, url=url, status=answer.status, told=_told(body))
            return body, headers
        raise Refusal(reason(UNREACHED, url=url, why=why[:300]))


@dataclass
class Pull:
    """A pull of one collection.

    Attributes:
        remote: the server.
        place: where it goes on.
        limit: of objects a page.
        seen: hashes of what has come in this pull.
    """

    remote: Remote
    place: Place
    limit: int = LIMIT
    seen: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.seen |= set(map(bytes.fromhex, self.place.tail))

    def parts(self) -> Iterator[Part]:
        """Yield what is new, a part at a time; what was kept of each is where the next pull goes on.

        Raises:
            Refusal: the server refuses, goes round in a circle, or cannot be paged without a loss.
        """
        part = Part([], self.place, 0, 0)
        try:
            for fresh, repeated, place in self._pages():
                part.objects += fresh
                part.place, part.pages, part.repeated = place, part.pages + 1, part.repeated + repeated
                if len(part.objects) >= OBJECTS or sum(map(len, part.objects)) >= PART:
                    yield part
                    part = Part([], place, 0, 0)
        except Refusal:
            if part.pages:
                yield part  # what has come is kept, and then it is told what went wrong
            raise
        if part.pages:
            yield part

    def _pages(self) -> Iterator[tuple[list[bytes], int, Place]]:
        """Yield what is new on each page, how much was not, and where to go on."""
        collection, after, token = self.place.collection, self.place.after, self.place.token
        asked = self.place.asked if token else _before(after)
        limit, stale = self.limit, 0
        while True:
            envelope, headers = self._page(limit, asked, token)
            fresh = self._fresh(envelope.objects)
            last = headers.get("x-taxii-date-added-last", "")
            after = max(after, last, key=_moment)
            stale = 0 if fresh else stale + 1
            token = (envelope.next or "") if envelope.more else ""
            if envelope.more and stale > STALE:
                refuse(CIRCLE, url=collection)
            if envelope.more and not token:
                if not last:
                    refuse(NO_PLACE, url=collection)
                if _before(last) != asked:
                    asked, limit = _before(last), self.limit
                elif limit >= WIDEST or (not fresh and len(envelope.objects) < limit):
                    refuse(ONE_DATE, url=collection, count=len(envelope.objects), date=last)
                else:
                    limit *= 2
            tail = tuple(_hash(bytes(one)).hex() for one in envelope.objects[-TAIL:]) or self.place.tail
            place = Place(collection, after, token, asked if token else "", tail)
            yield fresh, len(envelope.objects) - len(fresh), place
            if not envelope.more:
                return

    def _page(self, limit: int, asked: str, token: str) -> tuple[Envelope, dict[str, str]]:
        """Return a page; where a token of an earlier pull is not good any more, that after the last date."""
        collection = self.place.collection
        try:
            return self.remote.page(collection, limit=limit, added_after=asked, next=token)
        except Refusal as error:
            if error.reason.message != REFUSED.id or not token or token != self.place.token:
                raise
            self.place = Place(collection, self.place.after, tail=self.place.tail)
            return self.remote.page(collection, limit=limit, added_after=_before(self.place.after))

    def _fresh(self, objects: list[msgspec.Raw]) -> list[bytes]:
        """Return what has not come in this pull yet."""
        found = []
        for raw in objects:
            data = bytes(raw)
            if (mark := _hash(data)) not in self.seen:
                self.seen.add(mark)
                found.append(data)
        return found


def checked(url: str) -> str:
    """Return an address, with a slash. Refused where a key would go in the clear to another machine."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        refuse(NO_ADDRESS, url=f"{parts.scheme}://{parts.hostname or ''}{parts.path}")
    if parts.scheme == "http" and not _local(parts.hostname):
        refuse(CLEAR, host=parts.hostname)
    path = parts.path.removesuffix("/").removesuffix("/objects")
    return f"{parts.scheme}://{parts.netloc}{path}/"


def _local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _before(date: str) -> str:
    """Return a moment just before a date: so that others of that date come too."""
    return moment_of(_moment(date) - BACK) if date else ""


def _moment(date: str) -> int:
    try:
        return micros(date)
    except ValueError:
        return 0


def _hash(data: bytes) -> bytes:
    """Return a hash of an object; the same version with other content is another, for the floor to judge."""
    return blake2b(data, digest_size=12).digest()


def _digest(objects: list[msgspec.Raw]) -> str:
    digests = b"".join(sha256(bytes(one)).digest() for one in objects)
    return f"{len(objects)} {sha256(digests).hexdigest()}"


def _told(body: bytes) -> str:
    """Return what an error says of itself, in one line."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    title = found.get("title") or found.get("description") if isinstance(found, dict) else ""
    return "".join(one if one.isprintable() else " " for one in str(title or ""))[:200]
