"""HTTPS between two nodes: over loopback, with certificates of the test's own authority."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import urllib3
from tests.exchange.certificates import authority, certificate
from tests.exchange.nodes import READER, WHO, floor, gateway, holding, send, trusting
from tests.refusals import because

from watchfloor.cell.acting.acts import Refused
from watchfloor.exchange import bundle, posting, receipts, serving, slips
from watchfloor.release.gateways import Statement

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
    return made | {"ca": ours[2], "other-ca": theirs[2]}


@pytest.fixture
def nodes(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    (cell.root / "gateways.toml").write_text(GATEWAYS, encoding="utf-8")
    return holding(lab), cell, holding(police)


@contextmanager
def serving_at(one, papers):
    """The address of a node that listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = serving.server(one, WHO, *papers[one.settings.name], papers["ca"], "127.0.0.1", port)
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
        compared = receipts.take(lab, writer, slips.read(lab, answer, "answer", slips.RECEIPT))
    assert compared.agrees
    assert cell.read("disclosure", READER).num_rows == 3


def test_what_is_refused_is_told_in_a_sentence(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with serving_at(cell, papers) as address, pytest.raises(Refused, match="Ask the sender for it again"):
        posting.post(address, data[:2000], *papers["lab"], papers["ca"])
    assert [act.detail["file"] for act in cell.acts_of("bundle-refused")] == ["bundle posted by lab"]
    assert not cell.acts_of("received")


def test_the_certificate_of_another_peer_does_not_do(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with (
        serving_at(cell, papers) as address,
        pytest.raises(Refused, match="lab has signed it, and the certificate is police's"),
    ):
        posting.post(address, data, *papers["police"], papers["ca"])
    assert cell.read("disclosure", READER).num_rows == 0


def test_a_certificate_that_names_no_peer_does_not_do(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with (
        serving_at(cell, papers) as address,
        pytest.raises(Refused, match="nobody, localhost, which is no"),
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
    with serving_at(cell, papers) as address, pytest.raises(Refused, check=because("exchange.not-delivered")):
        posting.post(address, data, *papers["stranger"], papers["ca"])
    assert not cell.acts_of("bundle-refused", "received")


def test_a_server_of_another_authority_gets_nothing(nodes, papers):
    lab, cell, _ = nodes
    data = made(lab, cell).data
    with serving_at(cell, papers) as address, pytest.raises(Refused, match="certificate verify failed"):
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
    with serving_at(cell, papers) as address, pytest.raises(Refused, match="longer than 10000 bytes"):
        posting.post(address, data, *papers["lab"], papers["ca"])


def test_old_tls_is_not_spoken(nodes, papers):
    _, cell, _ = nodes
    server = serving.server(cell, WHO, *papers["cell"], papers["ca"], "127.0.0.1", 8443)
    assert server.config.ssl.minimum_version == ssl.TLSVersion.TLSv1_2
    assert server.config.ssl.verify_mode == ssl.CERT_REQUIRED


def test_plain_http_is_refused():
    with pytest.raises(Refused, check=because("exchange.not-https")):
        posting.checked("http://cell.example")
    assert posting.checked("https://cell.example/") == "https://cell.example/bundles"
