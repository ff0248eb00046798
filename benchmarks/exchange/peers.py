"""medallion 3.0, OASIS's own server of TAXII 2.1, with its backend in memory, on the same objects."""

import base64
import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from rich.table import Table

COLLECTION = "52892447-4d7e-4f70-b94d-d7f22742ff63"
PATH = f"/api1/collections/{COLLECTION}/objects/"

SERVE = """
import json, sys
from medallion import load_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, load_app(sys.argv[1]), threaded=True)
open(sys.argv[2], "w").write(str(server.server_port))
server.serve_forever()
"""


def medallion(table: Table, chosen: Namespace, folder: Path) -> None:
    """Measure pages and a pull of medallion."""
    from benchmarks.exchange import taxii

    python, count = chosen.medallion or sys.executable, chosen.peer_objects
    config, port = folder / "medallion.json", folder / "medallion-port"
    data = folder / "medallion-data.json"
    data.write_text(json.dumps(held(count)))
    memory = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend"}
    backend = memory | {"filename": str(data)}
    users, limits = {"bench": "bench"}, {"max_page_size": 10_000}
    config.write_text(json.dumps({"backend": backend, "users": users, "taxii": limits}))
    token = base64.b64encode(b"bench:bench").decode()
    with taxii.running([python, "-c", SERVE, str(config), str(port)], port) as (at, pid):
        plain: dict[str, Any] = {"port": at, "path": PATH, "token": token, "pace": 0.0}
        before = taxii.cpu_of(pid)
        found = taxii.ask(**plain, limit=taxii.PAGE, starts=[""] * 2, pages=1)
        spent = taxii.cpu_of(pid) - before
        taxii.page_row(table, "medallion", count, "2 readers, first pages", found, spent)
        before = taxii.cpu_of(pid)
        found = taxii.ask(**plain, limit=1_000, starts=[""], pages=0)
        taxii.pull_row(table, "medallion", count, 1_000, found, taxii.cpu_of(pid) - before)


def held(count: int) -> dict[str, Any]:
    """The data of its backend, as its own `default_data.json` is laid out."""
    from benchmarks.exchange.taxii import MEDIA, stix
    from watchfloor.exchange.shelf import micros, moment_of

    objects = [stix(number) for number in range(count)]
    first = micros("2026-02-01T00:00:00Z")
    manifest = [
        {
            "id": one["id"],
            "date_added": f"{moment_of(first + 1000 * number)[:-1]}000Z",
            "version": one["modified"],
            "media_type": "application/stix+json;version=2.1",
        }
        for number, one in enumerate(objects)
    ]
    collection = {
        "id": COLLECTION,
        "title": "bench",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": objects,
        "manifest": manifest,
    }
    information = {"title": "bench", "versions": [MEDIA], "max_content_length": 9_765_625}
    root = {"information": information, "status": [], "collections": [collection]}
    return {"/discovery": {"title": "bench", "api_roots": ["http://127.0.0.1/api1/"]}, "api1": root}
