"""Posting a bundle to a peer's node over HTTPS with mutual TLS; what comes back is its receipt."""

import json
import ssl
from pathlib import Path
from typing import Final

import urllib3

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.exchange.bundles.serving import PATH
from watchfloor.exchange.bundles.signed_notices import MAX_BYTES

TIMEOUT: Final = urllib3.Timeout(connect=10, read=300)
"""Seconds: a large bundle takes the recipient some time to check and to store."""

NOT_DELIVERED: Final = declare("exchange.not-delivered", "url", "problem")
NOT_HTTPS: Final = declare("exchange.not-https", "url")


def checked(url: str) -> str:
    """The address to post to. Refused where it is not of HTTPS."""
    if not url.startswith("https://"):
        refuse(NOT_HTTPS, url=url)
    return url if url.rstrip("/").endswith(PATH) else f"{url.rstrip('/')}{PATH}"


def post(url: str, data: bytes, cert: Path, key: Path, authority: Path) -> bytes:
    """Post a bundle; gives the receipt. Refused with what the recipient, or the connection, says.

    Args:
        url: of the node; `/bundles` is added.
        data: the bundle's file.
        cert: this node's certificate.
        key: of that certificate.
        authority: certificate of the authority that the recipient's is of.
    """
    try:
        with urllib3.PoolManager(
            cert_file=str(cert),
            key_file=str(key),
            ca_certs=str(authority),
            cert_reqs="CERT_REQUIRED",
            ssl_minimum_version=ssl.TLSVersion.TLSv1_2,
            retries=False,
            timeout=TIMEOUT,
        ) as pool:
            answer = pool.request("POST", checked(url), body=data, preload_content=False, redirect=False)
            said = answer.read(MAX_BYTES)
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, ssl.SSLError, OSError) as error:
        refuse(NOT_DELIVERED, url=url, problem=str(error))
    if answer.status != 200:
        refuse(NOT_DELIVERED, url=url, problem=_told(answer.status, said))
    return said


def _told(status: int, said: bytes) -> str:
    try:
        return str(json.loads(said)["refused"])
    except (ValueError, KeyError, TypeError):
        return f"it answers {status}"
