"""Signing in at an institution's own OpenID provider: authorization code with PKCE, and a second factor.

A provider says who somebody is and how they showed it. It makes no accounts: an administrator says for which
accounts it vouches. Tokens are checked by joserfc; sessions stay our own, and no token is kept.
"""

import os
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Never
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import urllib3

from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.failures import ProviderFailed
from watchfloor.console.memory import Memory
from watchfloor.console.settings import Oidc
from watchfloor.core.messages import declare, reason
from watchfloor.store.errors import WrongCall

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Signatures that are believed: those of a key whose private half only the provider has."""
MINUTES: Final = 10
"""In which somebody has to be back from the provider."""
LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ from ours."""
KEPT: Final = 3600.0
"""Seconds for which the provider's description and keys are taken as known."""
AGAIN: Final = 30.0
"""Seconds before keys are fetched anew for a token that the known ones do not fit."""
LONGEST: Final = 1 << 20
"""Bytes of an answer of the provider."""
TIMEOUT: Final = 10.0
"""Seconds to connect, and seconds without a byte."""

UNREACHED: Final = declare("console.oidc-unreached", "called", "problem")
NOT_BEGUN: Final = declare("console.oidc-not-begun", "minutes")
DENIED: Final = declare("console.oidc-denied", "error")
UNTRUSTED: Final = declare("console.oidc-untrusted", "problem")
ONE_FACTOR: Final = declare("console.oidc-one-factor")
NO_CLAIM: Final = declare("console.oidc-no-claim", "claim")


class NoExtra(WrongCall):
    """A provider is configured, and what speaks to one is not installed."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that is under way at the provider."""

    nonce: str
    verifier: str
    redirect: str
    to: str
    at: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """Whom the provider vouches for: its own id of the person, the name, and where they wanted to go."""

    subject: str
    name: str
    to: str


class Described(msgspec.Struct, frozen=True):
    """Parts of a provider's description that we need (OpenID Connect Discovery, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Provider:
    """An OpenID provider.

    Args:
        settings: of `console.toml`.
        clock: monotonic seconds.

    Raises:
        NoExtra: what speaks to a provider is not installed.
        WrongCall: its address is none, or its secret is missing.
    """

    def __init__(self, settings: Oidc, clock: Callable[[], float] = time.monotonic) -> None:
        if find_spec("joserfc") is None:
            raise NoExtra(
                "console.toml names an OpenID provider, and what speaks to one is not installed: "
                "pip install 'watchfloor[oidc]'"
            )
        if settings.secret_env and not os.environ.get(settings.secret_env):
            raise WrongCall(
                f"console.toml says that {settings.secret_env} holds the secret of the OpenID client; it is "
                "not set"
            )
        if not _safe(settings.issuer):
            raise WrongCall(f"console.toml: the OpenID issuer {settings.issuer!r} is no https address")
        self.settings, self._clock = settings, clock
        self._begun: Memory[Begun] = Memory()
        self._known: tuple[float, Described] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._guard = threading.Lock()

    def begin(self, redirect: str, to: str, language: str) -> tuple[str, str]:
        """Begin a sign-in: the address at the provider, and the state that this browser has to bring back.

        Args:
            redirect: address of ours to which the provider sends the person back.
            to: page to go to in the end.
            language: in which the provider should speak.

        Raises:
            ProviderFailed: it does not answer as it should.
        """
        known = self.described()
        state = secrets.token_urlsafe(32)
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect, to, self._clock())
        self._begun.put(state, begun)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": f"openid profile{' email' if self.settings.name == 'email' else ''}",
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": challenge(begun.verifier),
            "code_challenge_method": "S256",
            "ui_locales": f"{language}-CA {language}",
        }
        if self.settings.acr:
            asked["acr_values"] = " ".join(self.settings.acr)
        mark = "&" if "?" in known.authorization_endpoint else "?"
        return f"{known.authorization_endpoint}{mark}{urlencode(asked)}", state

    def finish(self, brought: Mapping[str, str], state: str) -> Arrived:
        """Whom the provider vouches for.

        Args:
            brought: what the provider sent the person back with.
            state: that this browser was given.

        Raises:
            Refusal: it is not to be believed, or not enough; the sentence says why.
            ProviderFailed: the provider does not answer as it should.
        """
        begun = self._begun.pop(brought.get("state", ""))
        mine = bool(state) and secrets.compare_digest(state.encode(), brought.get("state", "").encode())
        if begun is None or not mine or self._clock() - begun.at > MINUTES * 60:
            refuse(NOT_BEGUN, minutes=MINUTES)
        if brought.get("iss", self.settings.issuer) != self.settings.issuer:  # RFC 9207
            refuse(UNTRUSTED, problem="iss")
        if "error" in brought or not brought.get("code"):
            said = brought.get("error_description") or brought.get("error") or "code"
            refuse(DENIED, error=said[:200])
        claims = self._claims(self._exchange(brought["code"], begun), begun.nonce)
        if not second_factor(claims, self.settings):
            refuse(ONE_FACTOR)
        return Arrived(claims["sub"], self._name(claims), begun.to)

    def described(self) -> Described:
        """Return the provider's description of itself. Raises `ProviderFailed`."""
        with self._guard:
            if self._known and self._clock() - self._known[0] < KEPT:
                return self._known[1]
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            known = msgspec.json.decode(self._fetch(address), type=Described)
        except msgspec.MsgspecError as error:
            self._failed(str(error))
        if known.issuer != self.settings.issuer:
            self._failed(f"issuer {known.issuer!r}")
        for one in (known.authorization_endpoint, known.token_endpoint, known.jwks_uri):
            if not _safe(one):
                self._failed(f"{one!r}: https")
        with self._guard:
            self._known = self._clock(), known
        return known

    def _exchange(self, code: str, begun: Begun) -> str:
        """The id_token for a code, which the provider gives once."""
        known, secret = self.described(), os.environ.get(self.settings.secret_env or " ", "")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect,
            "code_verifier": begun.verifier,
            "client_id": self.settings.client_id,
        }
        methods, basic = known.token_endpoint_auth_methods_supported, None
        if secret and ("client_secret_basic" in methods or "client_secret_post" not in methods):
            basic = (_form(self.settings.client_id), _form(secret))
        elif secret:
            form["client_secret"] = secret
        content = self._fetch(known.token_endpoint, form, basic)
        try:
            given: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            self._failed(str(error))
        if not isinstance(given.get("id_token"), str):
            refuse(
                DENIED, error=str(given.get("error_description") or given.get("error") or "id_token")[:200]
            )
        return str(given["id_token"])

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an id_token, once it is known whose it is, for whom, and that it is fresh."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        fit = ALGORITHMS & {*self.described().id_token_signing_alg_values_supported}
        must: Any = {"essential": True}
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss=must | {"value": self.settings.issuer},
            aud=must | {"value": self.settings.client_id},
            sub=must,
            exp=must,
            iat=must,
        )
        try:
            try:
                claims = jwt.decode(token, self._keyset(KEPT), sorted(fit)).claims
            except JoseError:  # perhaps signed by a key that is newer than those we know
                claims = jwt.decode(token, self._keyset(AGAIN), sorted(fit)).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            refuse(UNTRUSTED, problem=str(error)[:200])
        said = claims.get("nonce")
        if not isinstance(said, str) or not secrets.compare_digest(said.encode(), nonce.encode()):
            refuse(UNTRUSTED, problem="nonce")
        mine = self.settings.client_id
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else mine) != mine:
            refuse(UNTRUSTED, problem="azp")
        return claims

    def _keyset(self, age: float) -> "KeySet":
        """The provider's keys, no older than so many seconds."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        with self._guard:
            if self._keys and self._clock() - self._keys[0] < age:
                return self._keys[1]
        try:
            keys = KeySet.import_key_set(msgspec.json.decode(self._fetch(self.described().jwks_uri)))
        except (msgspec.MsgspecError, JoseError, ValueError, KeyError, TypeError) as error:
            self._failed(f"jwks: {error}")
        with self._guard:
            self._keys = self._clock(), keys
        return keys

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = claims.get(self.settings.name)
        unsure = self.settings.name == "email" and claims.get("email_verified") is not True
        if not isinstance(name, str) or not name or unsure:
            refuse(NO_CLAIM, claim="email_verified" if unsure and name else self.settings.name)
        return name

    def _fetch(
        self, address: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None
    ) -> bytes:
        """Fetch the provider's answer. A token endpoint tells by 400 what was wrong: an answer too."""
        headers = {"Accept": "application/json"}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if basic:
            headers |= urllib3.make_headers(basic_auth=":".join(basic))
        try:
            with _client(address) as client:
                answer = client.request(
                    "POST" if form else "GET",
                    address,
                    body=urlencode(form) if form else None,
                    headers=headers,
                    preload_content=False,
                    redirect=False,
                )
                if answer.status != 200 and not (form and answer.status in (400, 401)):
                    self._failed(f"{address}: {answer.status}")
                content = answer.read(LONGEST + 1, decode_content=True)
        except urllib3.exceptions.HTTPError as error:
            self._failed(f"{address}: {type(error).__name__}")
        if len(content) > LONGEST:
            self._failed(f"{address}: > {LONGEST} B")
        return content

    def _failed(self, problem: str) -> Never:
        raise ProviderFailed(reason(UNREACHED, called=self.settings.called, problem=problem[:200]))


def second_factor(claims: Mapping[str, Any], settings: Oidc) -> bool:
    """Whether a token says that a second factor was used (`amr`: RFC 8176).

    A level of `acr` that the settings name says so; so does the method `mfa`. Any other method of the
    settings does where another stands beside it: alone it was the only one.
    """
    if claims.get("acr") in settings.acr:
        return True
    said = claims.get("amr")
    methods = {one for one in said if isinstance(one, str)} if isinstance(said, list) else set()
    strong = methods & {*settings.amr}
    return bool(strong) and ("mfa" in strong or len(methods) > 1)


def challenge(verifier: str) -> str:
    """Return the challenge of a verifier, sent until the code comes back (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _safe(address: str) -> bool:
    """Whether nobody on the way can read or change what goes to an address."""
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(name)
    return parts.scheme == "http" and _local(name)


def _client(address: str) -> urllib3.PoolManager:
    """Return a client that trusts what this machine trusts, and goes through its proxy where it names one."""
    parts, proxies, timeout = urlsplit(address), getproxies(), urllib3.Timeout(TIMEOUT)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, timeout=timeout, retries=False)
    return urllib3.PoolManager(timeout=timeout, retries=False)


def _local(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _form(text: str) -> str:
    """As RFC 6749, section 2.3.1, wants id and secret within Basic."""
    return urlencode({"": text})[1:]
