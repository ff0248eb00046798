"""Where the console listens: this machine alone, unless told otherwise, and then never in the clear.

A console that listens beyond loopback has a certificate of its own, or stands behind a proxy that is named
and that has one. Neither is guessed.
"""

import errno
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
from cryptography import x509

from watchfloor.console.app import application
from watchfloor.console.live.connections import PER_ADDRESS, Connections, Listener, most
from watchfloor.console.services import Listening, Services
from watchfloor.exchange.partners import partner as partners
from watchfloor.store.errors import WrongCall
from watchfloor.store.floor import Floor

PORT: Final = 8765
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
LIMIT: Final = 4
"""Requests and sockets at a time for each connection that there may be; beyond that uvicorn answers 503."""
MOST_PROXIES: Final = 256
"""Addresses that one --behind-proxy may name: a rack of proxies, no country."""


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
    """Return where the application listens. Raises `NotServed`."""
    if bool(where.cert) != bool(where.key):
        raise NotServed("TLS needs both --tls-cert and --tls-key")
    if not where.local and not where.cert and not where.proxy:
        raise NotServed(
            f"{where.host or 'every address'} is reached from other machines, and nothing would "
            "hide passwords on the way: give --tls-cert and --tls-key, or name the proxy with TLS that "
            "stands before it with --behind-proxy"
        )
    for one in where.proxy:
        _known_proxy(one)
    names = tuple(_name(name) for name in where.names)
    if not where.local and not names:
        raise NotServed(
            "say by which names browsers reach it, with --name; others are refused, so that no page "
            "elsewhere can pass for it"
        )
    certified(where)
    return Listening(
        frozenset({*LOOPBACK, *_own(where.host), *names}),
        tls=bool(where.cert or where.proxy),
        proxied=bool(where.proxy and not where.cert),
        local=where.local and not where.proxy,
    )


def _known_proxy(address: str) -> None:
    """Refuse what names no proxy, or half the world: whoever it names is believed about who asks."""
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        raise NotServed(f"--behind-proxy {address}: give the proxy's address, such as 10.0.0.2") from None
    if network.num_addresses > MOST_PROXIES:
        raise NotServed(
            f"--behind-proxy {address} names {network.num_addresses} addresses, and each would be believed "
            "about who asks: name the proxy alone"
        )


def _name(name: str) -> str:
    """A host name as browsers send it: in lower case, and in Punycode where it is not ASCII."""
    try:
        known = name.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        known = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", known):
        raise NotServed(
            f"--name {name}: give a host name alone, such as cell.example, without https:// or a port"
        )
    return known


def _own(host: str) -> Iterator[str]:
    """The address that is listened on, as a browser names it; none where that is every address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not address.is_unspecified:
        yield f"[{address}]" if address.version == 6 else str(address)


def certified(where: Where) -> None:
    """Whether certificate and key are of each other, and of today. Raises `NotServed`."""
    if where.cert is None:
        return
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(where.cert, where.key, password=_no_password)
        first = _certificate(where.cert)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise NotServed(f"{where.cert} and {where.key} are no certificate and its key: {error}") from error
    now = datetime.now(UTC)
    if not first.not_valid_before_utc <= now <= first.not_valid_after_utc:
        raise NotServed(
            f"{where.cert} is good from {first.not_valid_before_utc:%Y-%m-%d} to "
            f"{first.not_valid_after_utc:%Y-%m-%d}, and not today: browsers would refuse it"
        )


def _certificate(place: Path) -> x509.Certificate:
    """The certificate that a chain begins with: what is served until the next start."""
    return x509.load_pem_x509_certificates(place.read_bytes())[0]


def _no_password() -> str:
    raise ValueError("the key is locked by a password; unlock it into a file that only this account may read")


def sockets(where: Where) -> socket.socket:
    """The bound socket, so that the port is known before anybody is told. Raises `NotServed`."""
    every = where.host in ("", "::") and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if ":" in where.host or every else socket.AF_INET
    try:
        made = socket.create_server(
            (where.host, where.port), family=family, backlog=128, dualstack_ipv6=every
        )
    except OSError as error:
        taken = ". Is a console open already? --port chooses another" if _taken(error) else ""
        said = error.strerror or str(error)
        raise NotServed(
            f"{_bracketed(where.host)}:{where.port} cannot be listened on: {said}{taken}"
        ) from error
    made.set_inheritable(False)
    return made


def _taken(error: OSError) -> bool:
    return error.errno in (errno.EADDRINUSE, errno.EACCES)


def server(services: Services, where: Where) -> uvicorn.Server:
    """The server, to be run with `sockets`."""
    count = most()
    # Behind a proxy all connections are of its address: it limits those of one client.
    connections = Connections(count, count if where.proxy else min(PER_ADDRESS, count))
    services.metrics.gauges["watchfloor_connections"] = connections.__len__
    if where.cert is not None:
        ends = _certificate(where.cert).not_valid_after_utc.timestamp()
        services.metrics.gauges["watchfloor_certificate_end_timestamp_seconds"] = lambda: ends
    config = uvicorn.Config(
        application(services),
        http=connections.protocol,
        loop="asyncio",  # others accept without asking the socket, see `Listener`
        limit_concurrency=LIMIT * count,
        host=where.host,
        port=where.port,
        ssl_certfile=where.cert,
        ssl_keyfile=where.key,
        proxy_headers=bool(where.proxy),
        forwarded_allow_ips=list(where.proxy) or None,
        server_header=False,
        lifespan="off",
        log_level="warning",
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=1 << 16,
        timeout_graceful_shutdown=3,
    )
    return _Server(config, services, connections)


class ClientCertificates:
    """Asks clients for a certificate while a partner has one, and takes those of partners and no others.

    What a partner shows need not be signed by anybody whom this machine trusts: each is trusted by itself. A
    client that shows none goes on without.

    Args:
        floor: whose partners.
        context: of the server.
    """

    def __init__(self, floor: Floor, context: ssl.SSLContext) -> None:
        self._floor, self._context = floor, context
        self._upto, self._taken = -1, set[str]()
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN

    def refresh(self) -> None:
        """Take what partners were added with since."""
        newest = self._floor.newest_act("partner", "partner-removed")
        if newest == self._upto:
            return
        self._upto = newest
        wanted = {one.certificate for one in partners.known(self._floor).values() if not one.removed}
        for one in sorted(wanted - {""} - self._taken):
            self._context.load_verify_locations(cadata=one)
            self._taken.add(one)
        self._context.verify_mode = ssl.CERT_OPTIONAL if wanted - {""} else ssl.CERT_NONE


class _Server(uvicorn.Server):
    """Ends the streams before it waits for every answer to be complete."""

    def __init__(self, config: uvicorn.Config, services: Services, connections: Connections) -> None:
        super().__init__(config)
        self._services, self._connections = services, connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. Without TLS a connection is told of as soon as it is accepted: there is no handshake."""
        if self.config.is_ssl and self.config.ssl is not None:
            clients = ClientCertificates(self._services.floor, self.config.ssl)
            sockets = [Listener(one, self._connections, clients.refresh) for one in sockets or ()]
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self._services.events.close()
        await super().shutdown(sockets)


def address(where: Where, bound: socket.socket) -> str:
    """The address to open in a browser: the proxy's, where one stands before it."""
    if where.proxy and not where.cert and where.names:
        return f"https://{where.names[0]}"
    port = bound.getsockname()[1]
    scheme = "https" if where.cert else "http"
    return f"{scheme}://{_bracketed(where.names[0] if where.names else where.host)}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
