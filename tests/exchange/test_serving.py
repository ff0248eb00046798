"""HTTPS between two nodes: over loopback, with certificates of the test's own authority."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from tests.exchange.certificates import authority, certificate
from tests.exchange.nodes import READER, WHO, floor, gateway, holding, send, trusting
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import bundle, posting, receipts, serving, signed_notices
from watchfloor.policy.gateways import Statement

GATEWAYS = """
[gateway.toy]
law = "CA"
section = "107(1)"
from = ["joint-cell"]
to = ["joint-cell"]
purpose = "customs-enforcement"
test = { en = "It is a toy.", fr = "C’est un jouet." }
forms = ["signal"]
fields = ["signals"]
since = 2020-01-01
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Certificates of three nodes, of one authority, and of a stranger of another."""
    home = tmp_path_factory.mktemp("papers")
    ours, theirs = authority(home), authority(home, "elsewhere")
    made = {name: certificate(home, name, ours) for name in ("lab", "cell", "police", "nobody")}
    made["stranger"] = certificate(home, "stranger", theirs)
    return made | {"ca": ours[2], "other-ca": theirs[2], "authority": ours}


@pytest.fixture
def nodes(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    (cell.root / "gateways.toml").write_text(GATEWAYS, encoding="utf-8")
    return holding(lab), cell, holding(police)


@contextmanager
def serving_at(one, papers, crl=None):
    """The address of a node that listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = serving.server(one, WHO, *papers[one.settings.name], papers["ca"], "127.0.0.1", port, crl)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.01)
    try:
        yield f"https://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def made(one, other):
    through = gateway(law="CA", section="107(1)", purpose="customs-enforcement")
    stated = Statement("the file says so", "A. Officer", "customs-enforcement")
    return send(one, other, through=through, stated=stated, now=datetime.now(UTC))


def test_a_bundle_is_posted_and_its_receipt_comes_back(nodes, papers):
    lab, cell, _ = nodes
    packed = made(lab, cell)
    with serving_at(cell, papers) as address:
        answer = posting.post(address, packed.data, *papers["lab"], papers["ca"])
    with lab.writer(WHO) as writer:
        compared = receipts.receive(
            lab, writer, signed_notices.read(lab, answer, "answer", signed_notices.RECEIPT)
        )
    assert compared.agrees
    assert cell.read("disclosure", READER).num_rows == 3


def test_what_is_refused_is_told_in_a_sentence(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with serving_at(cell, papers) as address, pytest.raises(Refusal, match="Ask the sender for it again"):
        posting.post(address, data[:2000], *papers["lab"], papers["ca"])
    assert [act.detail["file"] for act in cell.acts_of("bundle-refused")] == ["bundle posted by lab"]
    assert not cell.acts_of("received")


def test_the_certificate_of_another_peer_does_not_do(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with (
        serving_at(cell, papers) as address,
        pytest.raises(Refusal, match="lab has signed it, and the certificate is police's"),
    ):
        posting.post(address, data, *papers["police"], papers["ca"])
    assert cell.read("disclosure", READER).num_rows == 0


def test_a_certificate_that_names_no_peer_does_not_do(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with (
        serving_at(cell, papers) as address,
        pytest.raises(Refusal, match="nobody, localhost, which is no"),
    ):
        posting.post(address, data, *papers["nobody"], papers["ca"])


def test_without_a_certificate_nothing_is_answered(nodes, papers):
    _, cell, _ = nodes
    with (
        serving_at(cell, papers) as address,
        urllib3.PoolManager(ca_certs=str(papers["ca"])) as pool,
        pytest.raises(urllib3.exceptions.HTTPError),
    ):
        pool.request("POST", f"{address}/bundles", body=b"x", retries=False, timeout=5)
    assert not cell.acts_of("bundle-refused")


def test_a_certificate_of_another_authority_ends_in_the_handshake(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with serving_at(cell, papers) as address, pytest.raises(Refusal, check=because("exchange.not-delivered")):
        posting.post(address, data, *papers["stranger"], papers["ca"])
    assert not cell.acts_of("bundle-refused", "received")


def test_a_server_of_another_authority_gets_nothing(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with serving_at(cell, papers) as address, pytest.raises(Refusal, match="certificate verify failed"):
        posting.post(address, data, *papers["lab"], papers["other-ca"])


def test_there_is_nothing_to_get(nodes, papers):
    _, cell, _ = nodes
    cert, key = papers["lab"]
    with (
        serving_at(cell, papers) as address,
        urllib3.PoolManager(ca_certs=str(papers["ca"]), cert_file=str(cert), key_file=str(key)) as pool,
    ):
        assert pool.request("GET", f"{address}/bundles").status == 405
        assert pool.request("GET", f"{address}/").status == 404
        assert pool.request("POST", f"{address}/").status == 404


def test_a_body_without_an_end_is_cut(nodes, papers, monkeypatch):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    monkeypatch.setattr(bundle, "MAX_BYTES", 10_000)
    with serving_at(cell, papers) as address, pytest.raises(Refusal, match="longer than 10000 bytes"):
        posting.post(address, data, *papers["lab"], papers["ca"])


def posted(address, papers, name, body):
    """The status of a post by a peer, and the id of what was said."""
    cert, key = papers[name]
    with urllib3.PoolManager(ca_certs=str(papers["ca"]), cert_file=str(cert), key_file=str(key)) as pool:
        answer = pool.request("POST", f"{address}/bundles", body=body, retries=False, timeout=60)
        return answer.status, answer.json().get("message") if answer.status != 200 else None


def test_what_no_peer_has_signed_is_not_read_into_memory(nodes, papers, monkeypatch):
    lab, cell, _ = nodes
    monkeypatch.setattr(serving, "_take", lambda *_: pytest.fail("it was read"))
    forged = made(lab, cell).data.replace(b'"to": "cell"', b'"to": "cel1"')
    with serving_at(cell, papers) as address:
        assert posted(address, papers, "lab", forged) == (422, "exchange.changed-note")
        assert posted(address, papers, "lab", b"no tar" * 999) == (422, "exchange.no-bundle")
    refused = [act.detail for act in cell.acts_of("bundle-refused")]
    sizes = [(len(one), sha256(one).hexdigest()) for one in (forged, b"no tar" * 999)]
    assert [(one["size"], one["digest"]) for one in refused] == sizes


def test_refusals_of_one_peer_have_a_bound_on_the_log(nodes, papers, monkeypatch):
    lab, cell, _ = nodes
    monkeypatch.setattr(serving, "REFUSED", 3)
    data = made(lab, cell).data
    with serving_at(cell, papers) as address:
        said = [posted(address, papers, "lab", b"x")[0] for _ in range(5)]
        assert posted(address, papers, "police", data)[0] == 422, "another peer may go on"
    assert said == [422, 422, 422, 429, 429]
    assert len(cell.acts_of("bundle-refused")) == 4


def test_posts_have_a_bound_together_and_do_not_stall(nodes, papers, monkeypatch):
    _, cell, _ = nodes
    with serving_at(cell, papers) as address:
        monkeypatch.setattr(serving, "MOST_COMING", 10)
        assert posted(address, papers, "lab", b"x" * 11) == (503, "exchange.post-no-room")
        assert posted(address, papers, "lab", b"x" * 10)[0] == 422, "what was refused is not counted for good"
        monkeypatch.setattr(serving, "SILENT", 0.2)
        context = ssl.create_default_context(cafile=str(papers["ca"]))
        context.load_cert_chain(*papers["lab"])
        with (
            socket.create_connection(("localhost", int(address.rpartition(":")[2])), timeout=60) as wire,
            context.wrap_socket(wire, server_hostname="localhost") as tls,
        ):
            tls.sendall(b"POST /bundles HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nx")
            assert b" 408 " in tls.recv(1 << 16)


def test_a_certificate_that_was_revoked_ends_in_the_handshake(nodes, papers, tmp_path):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    key, issuer, _ = papers["authority"]
    none, some = (revoked(tmp_path, key, issuer, *names) for names in ((), (papers["police"][0],)))
    with serving_at(cell, papers, none) as address:
        assert posted(address, papers, "police", data)[0] == 422
    with serving_at(cell, papers, some) as address:
        assert posted(address, papers, "lab", data) == (200, None)
        with pytest.raises(urllib3.exceptions.HTTPError):
            posted(address, papers, "police", data)
    old = revoked(tmp_path, key, issuer, days=-1)
    with serving_at(cell, papers, old) as address, pytest.raises(urllib3.exceptions.HTTPError):
        posted(address, papers, "lab", data)


def revoked(folder, key, issuer, *certificates, days=1):
    """A list of what an authority has revoked, good for some days."""
    now = datetime.now(UTC)
    made_ = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    made_ = made_.last_update(now - timedelta(days=2)).next_update(now + timedelta(days=days))
    for path in certificates:
        serial = x509.load_pem_x509_certificate(path.read_bytes()).serial_number
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1))
        made_ = made_.add_revoked_certificate(one.build())
    signed = made_.sign(key, hashes.SHA256())
    path = folder / f"{len(certificates)}{days}.crl"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_old_tls_is_not_spoken(nodes, papers):
    _, cell, _ = nodes
    server = serving.server(cell, WHO, *papers["cell"], papers["ca"], "127.0.0.1", 8443)
    assert server.config.ssl.minimum_version == ssl.TLSVersion.TLSv1_2
    assert server.config.ssl.verify_mode == ssl.CERT_REQUIRED


def test_plain_http_is_refused():
    with pytest.raises(Refusal, check=because("exchange.not-https")):
        posting.checked("http://cell.example")
    assert posting.checked("https://cell.example/") == "https://cell.example/bundles"
