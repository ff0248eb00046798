"""Taking bundles over HTTPS: one address, where a peer that shows its certificate posts a bundle.

`POST /bundles` takes a bundle and answers with the receipt. There is nothing to get. A connection without a
certificate of the given authority ends in the handshake; a certificate names a peer, by its common name or a
DNS name, and that peer must have signed the bundle.
"""

import asyncio
import hashlib
import math
import shutil
import ssl
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import uvicorn
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from watchfloor.cell import acts
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange.bundles import bundle, receipts, receiving
from watchfloor.exchange.bundles.peers import Peer, standing, verifiers
from watchfloor.policy import gateways as lawful
from watchfloor.policy.gateway_table import GatewayError, load
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PATH: Final = "/bundles"
BUSY_FOR: Final = 5
"""Seconds after which a sender should try again while another act is being written."""

SILENT: Final = 60.0
"""Seconds without a byte after which a post has stalled."""
LONGEST: Final = 3600.0
"""Seconds that one post may take."""
MOST_COMING: Final = 4 * bundle.MAX_BYTES
"""Bytes of all posts that are on the disk at the same time."""
SPARE: Final = 256 << 20
"""Bytes of the disk that no post takes."""
REFUSED: Final = 20
"""Posts of one peer that are refused, and logged, in an hour; then it has to wait before it sends more."""
AN_HOUR: Final = 3600.0

NO_PEER: Final = declare("exchange.certificate-of-nobody", "names")
TOO_LONG: Final = declare("exchange.post-too-long", "limit")
STALLED: Final = declare("exchange.post-stalled", "seconds")
NO_ROOM: Final = declare("exchange.post-no-room")
TOO_OFTEN: Final = declare("exchange.post-refused-often", "count")


def application(floor: Floor, actor: Actor) -> Starlette:
    """The application, which takes what arrives as `actor`."""

    return Starlette(
        routes=[Route(PATH, Posts(floor, actor).answer, methods=["POST"])],
        exception_handlers={ClientDisconnect: _gone},
    )


async def _gone(_: Request, __: Exception) -> Response:
    """Nobody is there any more to read it."""
    return Response(status_code=400)


def server(
    floor: Floor,
    actor: Actor,
    cert: Path,
    key: Path,
    client_ca: Path,
    host: str,
    port: int,
    client_crl: Path | None = None,
) -> uvicorn.Server:
    """A server, ready to run; clients must show a certificate of `client_ca` that is not in `client_crl`.

    Where there is such a list of what is revoked, one that is out of date lets nobody in.

    Raises:
        OSError: a file cannot be read.
        ssl.SSLError: one is no certificate, or the key is another's.
    """
    config = uvicorn.Config(
        application(floor, actor),
        host=host,
        port=port,
        http=_Shown,
        ssl_certfile=cert,
        ssl_keyfile=key,
        ssl_ca_certs=str(client_ca),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        log_level="warning",
        log_config=None,  # uvicorn's own would stay with every other server of this process
        limit_concurrency=16,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        if client_crl is not None:
            config.ssl.load_verify_locations(client_crl)
            config.ssl.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    return uvicorn.Server(config)


def named(certificate: bytes) -> tuple[str, ...]:
    """Common name and DNS names of a certificate (DER)."""
    read = x509.load_der_x509_certificate(certificate)
    common = [str(one.value) for one in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        also = read.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return tuple(common)
    dns = also.get_values_for_type(x509.DNSName) if isinstance(also, x509.SubjectAlternativeName) else []
    return tuple(dict.fromkeys([*common, *dns]))


class Posts:
    """The posts of one server: on the disk until their signature is checked, then in memory one at a time.

    Whoever has a certificate of the authority can send; only what a peer has signed is worth memory.
    """

    def __init__(self, floor: Floor, actor: Actor) -> None:
        self._floor, self._actor = floor, actor
        self._coming = 0  # bytes of all posts that are on the disk
        self._turn = threading.Lock()
        self._refused: dict[str, deque[float]] = {}

    async def answer(self, request: Request) -> Response:
        """Take what a peer posts, and answer with the receipt."""
        names = named(request.scope["extensions"][_SHOWN])
        peer = next((one for name, one in standing(self._floor).items() if name in names), None)
        if peer is None:
            return _refusal(403, reason(NO_PEER, names=", ".join(names) or "nobody"))
        if wait := self._wait(peer):
            return _refusal(429, reason(TOO_OFTEN, count=REFUSED), {"Retry-After": str(wait)})
        size = 0
        try:
            with TemporaryFile(dir=self._floor.root) as file:
                try:
                    async with asyncio.timeout(LONGEST):
                        async for piece in _moving(request.stream()):
                            size += len(piece)
                            self._coming += len(piece)
                            if size > bundle.MAX_BYTES:
                                return _refusal(413, reason(TOO_LONG, limit=bundle.MAX_BYTES))
                            if self._coming > MOST_COMING or _full(self._floor, size):
                                return _refusal(503, reason(NO_ROOM), {"Retry-After": str(BUSY_FOR)})
                            await run_in_threadpool(file.write, piece)
                    file.flush()
                except TimeoutError:
                    return _refusal(408, reason(STALLED, seconds=int(SILENT)))
                answer = await run_in_threadpool(self._checked, peer, file)
                if answer.status_code == 422:
                    self._refused.setdefault(peer.name, deque(maxlen=REFUSED)).append(time.monotonic())
                return answer
        finally:
            self._coming -= size

    def _wait(self, peer: Peer) -> int:
        """Seconds until a peer may post again of whom too much was refused; each refusal is on the log."""
        refused = self._refused.get(peer.name)
        if refused is None or len(refused) < REFUSED:
            return 0
        return max(0, math.ceil(refused[0] + AN_HOUR - time.monotonic()))

    def _checked(self, peer: Peer, file: Any) -> Response:
        name = f"bundle posted by {peer.name}"
        with self._turn:
            file.seek(0)
            keys = verifiers(standing(self._floor).values())
            try:
                bundle.check_signature(file, keys, name)
            except acts.Refusal as error:
                file.seek(0)
                sent = hashlib.file_digest(file, "sha256").hexdigest()
                receiving.log_refused(self._floor, self._actor, name, sent, file.tell(), error.reason)
                return _refusal(422, error.reason)
            file.seek(0)
            return _take(self._floor, self._actor, peer, name, file.read())


def _full(floor: Floor, size: int) -> bool:
    """Whether the disk has no room for more, looked at once a MiB."""
    return size % (1 << 20) < (1 << 16) and shutil.disk_usage(floor.root).free < SPARE


async def _moving(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces. Raises `TimeoutError` where the next does not come in time."""
    while True:
        try:
            async with asyncio.timeout(SILENT):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        yield piece


def _take(floor: Floor, actor: Actor, peer: Peer, file: str, data: bytes) -> Response:
    now = datetime.now(UTC)
    try:
        with floor.writer(actor) as writer:
            table = load(floor.root / "gateways.toml")
            got = receiving.receive(floor, writer, data, file, table, now, sender=peer.name)
            return PlainTextResponse(receipts.give(floor, writer, got, now))
    except (acts.Refusal, lawful.Refusal) as error:
        receiving.log_refusal(floor, actor, file, data, error.reason)
        return _refusal(422, error.reason)
    except (StoreError, GatewayError) as error:  # a full disk, another act, a table that counsel is editing
        return JSONResponse({"refused": str(error)}, 503, {"Retry-After": str(BUSY_FOR)})


def _refusal(status: int, why: Reason, headers: Mapping[str, str] | None = None) -> Response:
    words = {"refused": lawful.render(why), "refuse": lawful.render(why, "fr"), "message": why.message}
    return JSONResponse(words, status, headers)


_SHOWN: Final = "watchfloor.certificate"
_App = Callable[[Any, Any, Any], Awaitable[None]]


class _Shown(H11Protocol):
    """HTTP/1.1 that hands the application the certificate which the client has shown."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self.app = _with(self.app, shown)


def _with(app: _App, certificate: bytes) -> _App:
    async def called(scope: Any, receive: Any, send: Any) -> None:
        extensions: Mapping[str, Any] = scope.get("extensions") or {}
        await app({**scope, "extensions": {**extensions, _SHOWN: certificate}}, receive, send)

    return called
