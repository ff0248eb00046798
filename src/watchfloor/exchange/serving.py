"""Taking bundles over HTTPS: one address, where a peer that shows its certificate posts a bundle.

`POST /bundles` takes a bundle and answers with the receipt. There is nothing to get. A connection without a
certificate of the given authority ends in the handshake; a certificate names a peer, by its common name or a
DNS name, and that peer must have signed the bundle.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvicorn
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from watchfloor.cell.acting import acts
from watchfloor.exchange import bundle, receipts, receiving
from watchfloor.exchange.peers import Peer, standing
from watchfloor.records.messages import Reason, declare, reason
from watchfloor.release import gateways as lawful
from watchfloor.release.gateway_table import GatewayError, load
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PATH: Final = "/bundles"
BUSY_FOR: Final = 5
"""Seconds after which a sender should try again while another act is being written."""

NO_PEER: Final = declare(
    "exchange.certificate-of-nobody",
    en="the certificate names {names}, which is no peer of this node; nothing was read",
    fr="le certificat nomme {names}, qui n’est pas un pair de ce nœud; rien n’a été lu",
)
TOO_LONG: Final = declare(
    "exchange.post-too-long",
    en="the body is longer than {limit} bytes; send several smaller bundles",
    fr="le corps dépasse {limit} octets; faites plusieurs envois plus petits",
)


def application(floor: Floor, actor: Actor) -> Starlette:
    """The application, which takes what arrives as `actor`."""

    async def post(request: Request) -> Response:
        return await _post(floor, actor, request)

    return Starlette(routes=[Route(PATH, post, methods=["POST"])])


def server(
    floor: Floor, actor: Actor, cert: Path, key: Path, client_ca: Path, host: str, port: int
) -> uvicorn.Server:
    """A server, ready to run; clients must show a certificate of `client_ca`.

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
        limit_concurrency=16,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
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


async def _post(floor: Floor, actor: Actor, request: Request) -> Response:
    names = named(request.scope["extensions"][_SHOWN])
    peer = next((one for name, one in standing(floor).items() if name in names), None)
    if peer is None:
        return _refusal(403, reason(NO_PEER, names=", ".join(names) or "nobody"))
    data = await _body(request)
    if data is None:
        return _refusal(413, reason(TOO_LONG, limit=bundle.MAX_BYTES))
    return await run_in_threadpool(_take, floor, actor, peer, data)


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is longer than a bundle may be."""
    whole = bytearray()
    async for piece in request.stream():
        whole += piece
        if len(whole) > bundle.MAX_BYTES:
            return None
    return bytes(whole)


def _take(floor: Floor, actor: Actor, peer: Peer, data: bytes) -> Response:
    file, now = f"bundle posted by {peer.name}", datetime.now(UTC)
    try:
        with floor.writer(actor) as writer:
            table = load(floor.root / "gateways.toml")
            got = receiving.receive(floor, writer, data, file, table, now, sender=peer.name)
            return PlainTextResponse(receipts.give(floor, writer, got, now))
    except (acts.Refused, lawful.Refused) as error:
        receiving.log_refusal(floor, actor, file, data, error.reason)
        return _refusal(422, error.reason)
    except (StoreError, GatewayError) as error:  # a full disk, another act, a table that counsel is editing
        return JSONResponse({"refused": str(error)}, 503, {"Retry-After": str(BUSY_FOR)})


def _refusal(status: int, why: Reason) -> Response:
    words = {"refused": lawful.render(why), "refuse": lawful.render(why, "fr"), "message": why.message}
    return JSONResponse(words, status)


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
