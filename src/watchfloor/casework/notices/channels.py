"""Ways by which notices leave the console, none of which is on by itself: e-mail, MQTT, a webhook.

Each has a ceiling. What a notice says goes out only where its marking is within that; of any other it is said
that there is something new, to be read by whoever signs in.
"""

import hmac
import http.client
import ipaddress
import os
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from watchfloor.core.extras import MissingExtraError
from watchfloor.core.marking import MarkingError, parse
from watchfloor.feeds.live import address
from watchfloor.store.ceiling import holds

PATIENCE: Final = 10.0
"""Seconds that a server has to answer."""
SIGNATURE: Final = "X-Watchfloor-Signature"
MOMENT: Final = "X-Watchfloor-Timestamp"
KEY: Final = "X-Watchfloor-Notice"


class NotSent(Exception):  # noqa: N818 - what the person reads
    """A notice that could not be sent now; the sentence is for whoever keeps the console."""


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A channel and the highest marking of what it may say, which is public if nothing is said."""

    ceiling: str = "U//TLP:CLEAR"

    def __post_init__(self) -> None:
        try:
            parse(self.ceiling)
        except MarkingError as error:
            raise ValueError(str(error)) from error

    def may_say(self, marking: str) -> bool:
        """Return whether what has this marking may leave by it."""
        return holds(parse(self.ceiling), parse(marking))


class Email(Channel, frozen=True, forbid_unknown_fields=True):
    """A mail server, and the address of each person who gets their notices by it.

    Attributes:
        host, port: of the server; tls: from the first byte, after STARTTLS, or none.
        user: to sign in as; password_env: variable of the environment with the password.
        sender: address that it comes from.
        to: addresses by the name that the log has.
    """

    host: str
    sender: str
    to: Mapping[str, str]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""

    def reaches(self, person: str) -> bool:
        """Return whether it has an address of a person."""
        return person in self.to

    def send(self, person: str, said: Mapping[str, Any]) -> None:
        """Send one notice. Raises `NotSent`."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Date"] = self.sender, self.to[person], formatdate()
        mail["Subject"] = f"Watchfloor [{said['marking'] or 'U'}]"
        mail["Message-ID"] = f"<{said['key']}@watchfloor>"
        mail.set_content("\n".join(filter(None, (said["said"], said["called"], said["link"]))) + "\n")
        try:
            with self._server() as server:
                if self.tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, os.environ.get(self.password_env, ""))
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"{self.host}:{self.port}: {_told(error)}") from error

    def _server(self) -> smtplib.SMTP:
        """Return the server, whose certificate is checked: `SMTP_SSL` of itself takes any."""
        if self.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=PATIENCE)


class Mqtt(Channel, frozen=True, forbid_unknown_fields=True):
    """A broker and a topic, as `mqtts://USER@BROKER/TOPIC`; who listens there gets everybody's notices.

    Attributes:
        url: of the topic; password_env: variable of the environment with the password.
        people: whose notices go there; none: everybody's.
    """

    url: str
    password_env: str = ""
    people: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not address.parse(self.url).scheme.startswith("mqtt"):
            raise ValueError("write mqtts://BROKER/TOPIC, or mqtt://BROKER/TOPIC")

    def reaches(self, person: str) -> bool:
        """Return whether a person's notices go there."""
        return not self.people or person in self.people

    def send(self, person: str, said: Mapping[str, Any]) -> None:
        """Publish one notice at QoS 1. Raises `NotSent`."""
        try:
            from paho.mqtt import client as mqtt
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError as error:
            raise NotSent(str(MissingExtraError("paho"))) from error
        where = address.parse(self.url)
        one = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        one.connect_timeout = PATIENCE
        if where.user:
            one.username_pw_set(where.user, os.environ.get(self.password_env) or None)
        if where.scheme == "mqtts":
            one.tls_set_context(ssl.create_default_context())
        try:
            one.connect(where.host, where.port, int(PATIENCE))
            one.loop_start()
            told = one.publish(where.path, msgspec.json.encode({"person": person, **said}), qos=1)
            told.wait_for_publish(PATIENCE)
            if not told.is_published():
                raise OSError("the broker has not taken it")
        except (OSError, ValueError, RuntimeError) as error:
            raise NotSent(f"{where.shown}: {_told(error)}") from error
        finally:
            one.disconnect()
            one.loop_stop()


class Webhook(Channel, frozen=True, forbid_unknown_fields=True):
    """One address that notices are posted to, signed; no other is ever asked, nor one that it leads to.

    Attributes:
        url: https alone.
        secret_env: variable of the environment with the secret that bodies are signed with.
        people: whose notices go there; none: everybody's.
        private: whether its host may have an address that is not public.
        ca: file of the authority that its certificate is of; empty: those of the system.
    """

    url: str
    secret_env: str
    people: tuple[str, ...] = ()
    private: bool = False
    ca: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        split = urlsplit(self.url)
        if not (split.scheme == "https" and split.hostname and self.url.isascii() and split.port != 0):
            raise ValueError("write https://HOST/PATH in ASCII, with no port but 1 to 65535")
        if split.username or split.fragment:
            raise ValueError("write https://HOST/PATH, without a user")

    def reaches(self, person: str) -> bool:
        """Return whether a person's notices go there."""
        return not self.people or person in self.people

    def send(self, person: str, said: Mapping[str, Any]) -> None:
        """Post one notice, with the HMAC-SHA-256 of its moment, a dot and its body. Raises `NotSent`."""
        secret = os.environ.get(self.secret_env, "")
        if not secret:
            raise NotSent(f"the variable {self.secret_env} of the environment holds no secret")
        split = urlsplit(self.url)
        host, port = split.hostname or "", split.port or 443
        body, moment = msgspec.json.encode({"person": person, **said}), str(int(time.time()))
        mac = hmac.new(secret.encode(), moment.encode() + b"." + body, "sha256").hexdigest()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: f"sha256={mac}",
            MOMENT: moment,
            KEY: said["key"],
        }
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        try:
            tls = ssl.create_default_context(cafile=self.ca or None)
            line = _Line(host, port, self._address(host, port), tls)
            try:
                line.request("POST", path, body, headers)
                status = line.getresponse().status
            finally:
                line.close()
        except (OSError, http.client.HTTPException) as error:
            raise NotSent(f"{host}: {_told(error)}") from error
        if not 200 <= status < 300:
            led = " (it leads elsewhere, where nothing is sent)" if 300 <= status < 400 else ""
            raise NotSent(f"{host} answered {status}{led}")

    def _address(self, host: str, port: int) -> str:
        """Return the address of the host that is asked, so that it is the one that was looked at."""
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.private and not all(ipaddress.ip_address(one).is_global for one in found):
            raise OSError("its address is not public; `private = true` allows that")
        return found[0]


class _Line(http.client.HTTPSConnection):
    """A connection to one address, whose certificate is of the host's name."""

    def __init__(self, host: str, port: int, to: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=context)
        self._to, self._tls = to, context

    def connect(self) -> None:
        """Connect to the address that was looked at, and not to what the name says by now."""
        plain = socket.create_connection((self._to, self.port), PATIENCE)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class Channels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notices]` of console.toml: channels by which notices go out; none: they are in the console alone.

    Attributes:
        link: address of the console, for links.
        email, mqtt, webhook: the channels.
    """

    link: str = ""
    email: Email | None = None
    mqtt: Mqtt | None = None
    webhook: Webhook | None = None

    @property
    def all(self) -> dict[str, Email | Mqtt | Webhook]:
        """Return the channels that are configured, by name."""
        found = {"email": self.email, "mqtt": self.mqtt, "webhook": self.webhook}
        return {name: one for name, one in found.items() if one is not None}


def _told(error: Exception) -> str:
    """Return what went wrong, in a line."""
    return " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())[:200]
