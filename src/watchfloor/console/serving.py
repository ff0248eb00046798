"""Where the console listens: this machine alone, unless told otherwise, and then never in the clear.

A console that listens beyond loopback has a certificate of its own, or stands behind a proxy that is named
and that has one. Neither is guessed.
"""

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from watchfloor.console.app import application
from watchfloor.console.services import Listening, Services
from watchfloor.store.errors import WrongCall

PORT: Final = 8765
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class NotServed(WrongCall):
    """The console may not listen there; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where to listen.

    Attributes:
        host: address to bind.
        port: 0 for any that is free.
        names: host names that browsers use for it.
        cert, key: of TLS.
        proxy: addresses of a proxy with TLS that stands before it.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    names: tuple[str, ...] = ()
    cert: Path | None = None
    key: Path | None = None
    proxy: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def listening(where: Where) -> Listening:
    """What the application knows of it. Raises `NotServed`."""
    if bool(where.cert) != bool(where.key):
        raise NotServed("TLS needs both --tls-cert and --tls-key")
    if not where.local and not where.cert and not where.proxy:
        raise NotServed(
            f"{where.host} is reached from other machines, and nothing would hide passwords on the way: give "
            "--tls-cert and --tls-key, or name the proxy with TLS that stands before it with --behind-proxy"
        )
    for one in where.proxy:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise NotServed(f"--behind-proxy {one}: give the proxy's address, such as 10.0.0.2") from None
    if not where.local and not where.names:
        raise NotServed(
            "say by which names browsers reach it, with --name; others are refused, so that no page "
            "elsewhere can pass for it"
        )
    certified(where)
    hosts = frozenset(name.lower() for name in (*LOOPBACK, *where.names))
    return Listening(hosts, bool(where.cert or where.proxy))


def certified(where: Where) -> None:
    """Whether certificate and key are of each other. Raises `NotServed`."""
    if where.cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(where.cert, where.key)
    except (ssl.SSLError, OSError) as error:
        raise NotServed(f"{where.cert} and {where.key} are no certificate and its key: {error}") from error


def sockets(where: Where) -> socket.socket:
    """The bound socket, so that the port is known before anybody is told. Raises `NotServed`."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((where.host, where.port))
    except OSError as error:
        made.close()
        raise NotServed(
            f"{where.host}:{where.port} cannot be listened on: {error.strerror or error}. Is a console open "
            "already? --port chooses another"
        ) from error
    made.listen(128)
    made.set_inheritable(False)
    return made


def server(services: Services, where: Where) -> uvicorn.Server:
    """The server, to be run with `sockets`."""
    config = uvicorn.Config(
        application(services),
        host=where.host,
        port=where.port,
        ssl_certfile=where.cert,
        ssl_keyfile=where.key,
        proxy_headers=bool(where.proxy),
        forwarded_allow_ips=list(where.proxy) or None,
        server_header=False,
        lifespan="off",
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=1 << 16,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


def address(where: Where, bound: socket.socket) -> str:
    """The address to open in a browser."""
    port = bound.getsockname()[1]
    scheme = "https" if where.cert else "http"
    host = where.names[0] if where.names else where.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
