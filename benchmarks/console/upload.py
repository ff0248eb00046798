"""A file of 2 GB dropped on a console while somebody else reads: `./dev bench console.upload [MIB] [ROWS]`.

First MIB of bytes that no format knows, so that the upload alone is measured; then ROWS of a feed, which a
job takes in and runs the desks over. For both: seconds, the most memory that the server's process had
(VmHWM), and how long the queue took for another officer meanwhile, beside the same with nothing going on.
"""

import http.client
import json
import platform
import re
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from tests.console.served import exercise

from benchmarks.console.readers import serving, tokens

PIECE = 1 << 20


def peak(process):
    """The most memory that a process had, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def asked(where, token, method, path, body=None, length=None):
    """A request and its answer as JSON."""
    connection = http.client.HTTPConnection(*where, timeout=3600)
    headers = {"Authorization": f"Bearer {token}"}
    if length is not None:
        headers["Content-Length"] = str(length)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status == 200, said
        return said
    finally:
        connection.close()


@contextmanager
def reader(where, token):
    """Another officer who looks at the queue again and again; gives seconds of each look."""
    waits, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            began = time.perf_counter()
            asked(where, token, "GET", "/api/v1/leads")
            waits.append(time.perf_counter() - began)
            stop.wait(0.05)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


def ended(where, token, job):
    """The page of a job once it is over."""
    while True:
        page = asked(where, token, "GET", f"/api/v1/jobs/{job}")
        if page["job"]["ended"]:
            return page
        time.sleep(0.2)


def rows(count):
    """A delivery of so many rows, in pieces."""
    yield b"report_key,role,name,birth_date,observed_at\n"
    for first in range(0, count, 10_000):
        lines = (
            f"u{n},consignee,Name{n % 9973} Family{n % 7919},19{n % 90 + 10}-01-01,2026-11-24T10:00:00Z\n"
            for n in range(first, min(first + 10_000, count))
        )
        yield "".join(lines).encode()


def told(what, seconds, waits, memory, size=0):
    speed = f" {size / seconds:7.0f} MiB/s" if size else ""
    ordered = sorted(waits)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"{what:34} {seconds:8.2f} s{speed:14}   queue: median {statistics.median(waits) * 1e3:6.1f} ms, "
        f"p95 {p95 * 1e3:6.1f} ms ({len(waits)} looks)   peak of the server {memory:6.0f} MiB"
    )


def main(mib, count):
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
    with tempfile.TemporaryDirectory() as home:
        floor = exercise(Path(home))
        sender, other = tokens(floor.root, 2)
        with serving(floor.root) as (host, port, process):
            where = host, port
            asked(where, other, "GET", "/api/v1/leads")
            with reader(where, other) as waits:
                time.sleep(5)
            told("nothing going on", 5, waits, peak(process))

            piece = bytes(PIECE)
            with reader(where, other) as waits:
                began = time.perf_counter()
                pieces = (piece for _ in range(mib))
                said = asked(where, sender, "POST", "/api/v1/uploads?name=large.bin", pieces, mib * PIECE)
                took = time.perf_counter() - began
            told(f"upload of {mib:,} MiB", took, waits, peak(process), mib)
            print("   ", ended(where, sender, said["job"])["aside"][0]["reason"])

            with reader(where, other) as waits:
                began = time.perf_counter()
                said = asked(where, sender, "POST", "/api/v1/uploads?name=bulk.csv&feed=bulk", rows(count))
                page = ended(where, sender, said["job"])
                took = time.perf_counter() - began
            told(f"{count:,} rows taken in, desks run", took, waits, peak(process))
            print("   ", page["total"] or page["job"]["text"])


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(*given, *(2048, 200_000)[len(given) :])
