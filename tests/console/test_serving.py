"""Where the console listens: nothing beyond this machine in the clear; each refusal says what is needed."""

import json
import socket
import ssl
import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from tests.console.served import PASSWORD, served
from tests.exchange import certificates
from tests.exchange.nodes import WHO
from tests.exchange.partners import add, agency
from typer.testing import CliRunner

from watchfloor.cell.acts import Refusal
from watchfloor.cli import app
from watchfloor.console import serving
from watchfloor.console.serving import NotServed, Where, address, listening, sockets
from watchfloor.exchange.partners import partner
from watchfloor.store import Actor, Floor

NOBODY = Path("nobody")


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """An authority's certificate, and a certificate for localhost with its key."""
    folder = tmp_path_factory.mktemp("tls")
    by = certificates.authority(folder)
    return by[2], *certificates.certificate(folder, "cell", by)


def refused(where):
    with pytest.raises(NotServed) as error:
        listening(where)
    return str(error.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7", "cell.example", "2001:db8::1"])
def test_beyond_this_machine_it_wants_tls_or_a_proxy(host):
    told = refused(Where(host, names=("cell.example",)))
    assert "--tls-cert and --tls-key" in told
    assert "--behind-proxy" in told


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_this_machine_it_wants_nothing(host):
    known = listening(Where(host))
    assert (known.tls, known.proxied) == (False, False)
    assert {"127.0.0.1", "localhost", "[::1]"} <= known.hosts


def test_beyond_this_machine_it_wants_the_names(tls):
    _, cert, key = tls
    assert "--name" in refused(Where("0.0.0.0", cert=cert, key=key))
    known = listening(Where("192.0.2.7", names=("Cell.Example", "zoé.example"), cert=cert, key=key))
    assert {"cell.example", "xn--zo-cja.example", "192.0.2.7"} <= known.hosts
    assert known.tls
    assert "[2001:db8::1]" in listening(Where("2001:db8::1", names=("a",), cert=cert, key=key)).hosts
    assert not known.local
    assert not listening(Where(names=("a",), proxy=("127.0.0.1",))).local, "the proxy is reached by others"
    assert listening(Where(names=("a",), cert=cert, key=key)).local
    assert "0.0.0.0" not in listening(Where("0.0.0.0", names=("a",), cert=cert, key=key)).hosts


@pytest.mark.parametrize(
    "name", ["https://cell.example", "cell.example:443", "a b", "", "a/b", "*", "-" * 99]
)
def test_a_name_is_a_host_name_alone(name, tls):
    assert f"--name {name}: give a host name alone" in refused(Where(names=(name,), cert=tls[1], key=tls[2]))


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("*", "give the proxy's address"),
        ("proxy.example", "give the proxy's address"),
        ("10.0.0.2/24", "give the proxy's address"),
        ("0.0.0.0/0", "names 4294967296 addresses"),
        ("10.0.0.0/8", "names 16777216 addresses"),
        ("::/0", "would be believed"),
    ],
)
def test_a_proxy_is_named_and_is_not_half_the_world(proxy, told):
    assert told in refused(Where("0.0.0.0", names=("a",), proxy=(proxy,)))


def test_a_certificate_comes_with_its_key_and_is_good_today(tls, tmp_path, monkeypatch):
    _, cert, key = tls
    assert refused(Where(cert=cert)) == refused(Where(key=key)) == "TLS needs both --tls-cert and --tls-key"
    other = certificates.certificate(tmp_path, "other", certificates.authority(tmp_path))
    (tmp_path / "empty").touch()
    for one, its in ((cert, other[1]), (key, key), (tmp_path / "empty", key), (NOBODY, key)):
        assert "are no certificate and its key" in refused(Where(cert=one, key=its))
    monkeypatch.setattr(
        certificates, "datetime", type("Then", (), {"now": lambda _: datetime.now(UTC) - timedelta(days=9)})
    )
    old = certificates.certificate(tmp_path, "old", certificates.authority(tmp_path, "older"))
    assert "and not today" in refused(Where(cert=old[0], key=old[1]))


def test_a_key_with_a_password_is_refused_without_asking_for_it(tls, tmp_path):
    _, cert, key = tls
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    assert "locked by a password" in refused(Where(cert=cert, key=locked))


def test_a_port_that_is_taken_is_told_in_a_sentence():
    with sockets(Where(port=0)) as bound, pytest.raises(NotServed) as error:
        sockets(Where(port=bound.getsockname()[1]))
    assert "Is a console open already? --port chooses another" in str(error.value)


def test_an_address_of_another_machine_is_told_in_a_sentence():
    with pytest.raises(NotServed) as error:
        sockets(Where("192.0.2.7", port=0))
    assert str(error.value).startswith("192.0.2.7:0 cannot be listened on: ")
    assert "--port" not in str(error.value)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (Where(port=0), "http://127.0.0.1:{}"),
        (Where(port=0, cert=NOBODY), "https://127.0.0.1:{}"),
        (Where(port=0, names=("cell.example",), cert=NOBODY), "https://cell.example:{}"),
        (Where(port=0, names=("cell.example",), proxy=("10.0.0.2",)), "https://cell.example"),
    ],
)
def test_the_address_is_the_one_that_a_browser_opens(where, told):
    with sockets(where) as bound:
        assert address(where, bound) == told.format(bound.getsockname()[1])


@pytest.fixture
def empty(tmp_path):
    return Floor.create(tmp_path / "empty", Actor("roy", "tests", "an Act"), name="cell", ceiling="PB")


def ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not ipv6(), reason="this machine has no IPv6")
def test_it_is_served_by_ipv6(empty):
    with served(empty, Where("::1", port=0)) as console:
        assert console.home.startswith("http://[::1]:")
        assert httpx.get(f"{console.home}/sign-in").status_code == 200


@pytest.mark.parametrize("path", ["/taxii2/", "/ogc/collections"])
def test_a_partner_who_has_a_certificate_is_let_in_over_a_connection_that_shows_it_alone(path, tls, tmp_path):
    authority, cert, key = tls
    floor = agency(tmp_path)
    _, plain = add(floor, "sq")
    theirs = [certificates.certificate(tmp_path, name, certificates.authority(tmp_path, f"{name}-ca"))
              for name in ("first", "second", "unknown")]  # fmt: skip
    trust = str(authority)

    def asked(home, name, secret, shown=None):
        context = ssl.create_default_context(cafile=trust)
        if shown:
            context.load_cert_chain(*shown)
        with httpx.Client(verify=context, auth=(name, secret)) as client:
            return client.get(
                f"{home}{path}", headers={"Accept": "application/taxii+json;version=2.1"}
            ).status_code

    with served(floor, Where(port=0, names=("localhost",), cert=cert, key=key)) as console:
        assert asked(console.home, "sq", plain) == 200
        first, one = add(floor, "first", certificate=theirs[0][0].read_text())
        _, two = add(floor, "second", certificate=theirs[1][0].read_text())
        assert (
            first.fingerprint
            == x509.load_pem_x509_certificate(theirs[0][0].read_bytes()).fingerprint(hashes.SHA256()).hex()
        )
        assert asked(console.home, "first", one, theirs[0]) == 200, "added while it was served"
        assert asked(console.home, "second", two, theirs[1]) == 200
        assert asked(console.home, "sq", plain) == asked(console.home, "sq", plain, theirs[0]) == 200
        assert asked(console.home, "first", one) == asked(console.home, "first", one, theirs[1]) == 401
        assert asked(console.home, "first", two, theirs[0]) == 401
        with pytest.raises(httpx.HTTPError):
            asked(console.home, "sq", plain, theirs[2])
        partner.remove(floor, WHO, "first", "over")
        assert asked(console.home, "first", one, theirs[0]) == 401
        assert asked(console.home, "second", two, theirs[1]) == 200


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_adds_nobody(text, tmp_path):
    floor = agency(tmp_path)
    with pytest.raises(Refusal):
        add(floor, "first", certificate=text)
    assert not partner.known(floor)


def test_it_is_served_by_tls_and_its_cookie_never_leaves_it(empty, tls):
    authority, cert, key = tls
    where = Where(port=0, names=("localhost",), cert=cert, key=key)
    with served(empty, where) as console:
        assert console.home.startswith("https://localhost:")
        console.account("okafor")
        trust = ssl.create_default_context(cafile=str(authority))
        with httpx.Client(base_url=console.home, verify=trust) as visitor:
            answer = visitor.post("/sign-in", data={"name": "okafor", "password": PASSWORD})
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            said = answer.headers["set-cookie"]
            assert said.startswith("__Host-watchfloor=")
            assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(said.split("; "))
            assert visitor.get(answer.headers["location"]).status_code == 200
            visitor.cookies.clear()
            (token,) = [part.partition("=")[2] for part in said.split("; ")[:1]]
            plain = visitor.get("/purpose", headers={"Cookie": f"watchfloor={token}"})
            assert plain.status_code == 303, "a cookie that another host could set is none"
        with pytest.raises(httpx.HTTPError):
            httpx.get(console.home.replace("https", "http"))


def test_forwarded_headers_are_believed_from_the_proxy_alone(empty):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    where = Where(port=0, names=("cell.example",), proxy=("127.0.0.1",))
    with served(empty, where) as console:
        assert console.home == "https://cell.example"
        with httpx.Client(base_url=reached(console), headers={"Host": "cell.example"}) as proxy:
            assert proxy.get("/sign-in").status_code == 403, "not by TLS to the proxy"
            assert proxy.get("/sign-in", headers=forwarded).status_code == 200
            for n in range(6):
                tried = {"name": f"a{n // 5}", "password": "a wrong sentence"}
                answer = proxy.post("/sign-in", data=tried, headers=forwarded)
        assert answer.status_code == 422
        seen = console.services.door._by_address._full_at
        assert list(seen) == ["198.51.100.7"], "the address that the proxy saw, not what a client says"
    where = Where(port=0, names=("cell.example",), proxy=("10.0.0.2",))
    with served(empty, where) as console:
        answer = httpx.get(f"{reached(console)}/sign-in", headers={"Host": "cell.example", **forwarded})
        assert answer.status_code == 403, "somebody who is not the proxy"


def reached(console):
    """The console's own address, behind the proxy's."""
    return f"http://127.0.0.1:{console.port}"


# --- the command

RUNNER = CliRunner()


def told(*words, code=0, **environment):
    named = {"WATCHFLOOR_USER": "roy", **environment}
    result = RUNNER.invoke(app, [str(word) for word in words], env=named)
    if isinstance(result.exception, NotServed) or code:
        assert result.exception is not None
        return str(result.exception) if not isinstance(result.exception, SystemExit) else result.stderr
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_check_says_what_would_be_served_and_logs_nothing(empty, tls):
    before = empty.position
    said = json.loads(told("serve", "--check", "--port", "0", "--floor", empty.root, "--json"))
    assert said["address"].startswith("http://127.0.0.1:")
    assert said["provider"] is None
    by_tls = ["--host", "0.0.0.0", "--name", "cell.example", "--tls-cert", tls[1], "--tls-key", tls[2]]
    said = json.loads(told("serve", "--check", "--port", "0", "--floor", empty.root, "--json", *by_tls))
    assert said["address"].startswith("https://cell.example:")
    assert said["tls"]
    assert empty.position == before
    assert not (empty.root / "console.sqlite").exists()


def test_check_finds_what_is_wrong(empty):
    with sockets(Where(port=0)) as bound:
        taken = ["--port", str(bound.getsockname()[1])]
        assert "open already" in told("serve", "--check", *taken, "--floor", empty.root, code=2)
    assert "reached from other machines" in told(
        "serve", "--check", "--host", "0.0.0.0", "--floor", empty.root, code=2
    )
    (empty.root / "console.toml").write_text("[sessions]\nhours = 'long'\n", "utf-8")
    assert "line 2" in told("serve", "--check", "--port", "0", "--floor", empty.root, code=2)


@pytest.fixture
def unserved(monkeypatch):
    """A server that ends at once, and no browser."""
    monkeypatch.setattr(serving, "server", lambda *_: SimpleNamespace(run=lambda _: None))
    monkeypatch.setattr(webbrowser, "open", lambda _: True)


def test_the_first_start_makes_one_administrator_and_a_link_that_works_once(empty, unserved):
    asked = ("serve", "--floor", empty.root, "--port", "0", "--json", "--no-browser")
    first, second = (json.loads(told(*asked))["link"] for _ in range(2))
    with served(empty) as console, httpx.Client(base_url=console.home) as visitor:
        path = second[second.index("/start/") :]
        assert visitor.get(first[first.index("/start/") :]).status_code == 422, "the newer link is the one"
        assert "roy" in visitor.get(path).text
        both = {"password": PASSWORD, "again": PASSWORD}
        assert [visitor.post(path, data=both).status_code for _ in range(2)] == [303, 422]
        said = {"name": "roy", "password": PASSWORD, "purpose": "tests", "authority": "an Act"}
        mine = {"Authorization": f"Bearer {visitor.post('/api/v1/session', json=said).json()['token']}"}
        (one,) = visitor.get("/api/v1/accounts", headers=mine).json()["people"]
        assert (one["name"], one["administrator"]) == ("roy", True)
    assert json.loads(told(*asked))["link"] is None, "somebody can sign in"
    whats = [act.detail["what"] for act in empty.acts_of("account")]
    assert whats == ["added", "linked", "linked"]
    assert {act.actor.name for act in empty.acts_of("account")} == {"roy"}


def test_a_link_stands_in_no_log(empty, unserved, caplog, capfd):
    link = json.loads(told("serve", "--floor", empty.root, "--port", "0", "--json", "--no-browser"))["link"]
    token = link.rpartition("/")[2]
    with served(empty) as console:
        httpx.get(f"{console.home}/start/{token}")
    assert token not in caplog.text + "".join(capfd.readouterr())
    assert not any(token in str(act.detail) for act in empty.acts())
    assert token.encode() not in (empty.root / "console.sqlite").read_bytes()


def test_who_the_policy_does_not_name_is_no_first_administrator(empty, unserved):
    (empty.root / "policy.toml").write_text('[readers.singh]\nprotected = "PB"\n', "utf-8")
    said = told("serve", "--floor", empty.root, "--port", "0", "--no-browser", code=2)
    assert "you cannot be its first administrator" in " ".join(said.split())
    assert "WATCHFLOOR_USER" in said


def test_a_floor_of_another_program_is_not_served(tmp_path):
    (tmp_path / "none").mkdir()
    assert "none" in told("serve", "--check", "--port", "0", "--floor", tmp_path / "none", code=3)


def test_when_the_certificate_ends_is_a_metric(tls, tmp_path):
    _, cert, key = tls
    where = Where(port=0, names=("localhost",), cert=cert, key=key)
    with served(Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act")), where) as console:
        gauge = console.services.metrics.gauges["watchfloor_certificate_end_timestamp_seconds"]
        ends = x509.load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc
        assert gauge() == ends.timestamp()
