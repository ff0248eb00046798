"""Where a live source is: the `url` of `[feeds.NAME.live]`, checked and taken apart."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

SCHEMES: Final[Mapping[str, str]] = {
    "tcp": "tcp://HOST:PORT",
    "tcp-listen": "tcp-listen://127.0.0.1:PORT",
    "udp": "udp://127.0.0.1:PORT",
    "serial+tcp": "serial+tcp://HOST:PORT",
    "mqtt": "mqtt://BROKER/TOPIC",
    "mqtts": "mqtts://BROKER/TOPIC",
    "nats": "nats://SERVER/STREAM/SUBJECT",
    "natss": "natss://SERVER/STREAM/SUBJECT",
    "file": "file:PATH",
}
"""How the address of each kind of source is written."""

PORTS: Final[Mapping[str, int]] = {"mqtt": 1883, "mqtts": 8883, "nats": 4222, "natss": 4222}
"""Those that are usual, and need not be written."""


class Address(NamedTuple):
    """An address, taken apart.

    Attributes:
        scheme: one of `SCHEMES`.
        host: name or number; empty for a file.
        port: of it.
        user: to sign in as; empty: nobody.
        path: of a file; of a broker its topic, or stream and subject.
    """

    scheme: str
    host: str
    port: int
    user: str
    path: str

    @property
    def shown(self) -> str:
        """As people read it, without who signs in."""
        if self.scheme == "file":
            return f"file:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{'/' if self.path else ''}{self.path}"


def parse(url: str) -> Address:
    """Raises `ValueError`, which says how such an address is written."""
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in SCHEMES:
        raise ValueError(f"{url!r} is no address of a live source; write {', '.join(SCHEMES.values())}")
    if scheme == "file":
        if not rest:
            raise ValueError(f"names no file; write {SCHEMES[scheme]}")
        return Address(scheme, "", 0, "", unquote(rest.removeprefix("//")))
    try:
        split = urlsplit(url)
        port = split.port or PORTS.get(scheme, 0)
    except ValueError as error:
        raise ValueError(f"{url!r}: {error}; write {SCHEMES[scheme]}") from error
    if split.password:
        raise ValueError("holds a password, which would lie open here; name it in password_env")
    path = unquote(split.path.removeprefix("/"))
    if not split.hostname or not port or not _fits(scheme, path):
        raise ValueError(f"{url!r} lacks a part; write {SCHEMES[scheme]}")
    return Address(scheme, split.hostname, port, unquote(split.username or ""), path)


def _fits(scheme: str, path: str) -> bool:
    """Whether the path is what the scheme wants: none, a topic, a stream and a subject."""
    if scheme.startswith("mqtt"):
        return bool(path)
    if scheme.startswith("nats"):
        stream, slash, subject = path.partition("/")
        return bool(stream and slash and subject)
    return not path
