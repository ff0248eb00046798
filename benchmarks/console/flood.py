"""One client that is not signed in against fifty readers: `./dev bench console.flood [SECONDS]`.

Twenty forms of 18 MB at once, over and over; then 1,100 forms of which half is sent, opened anew as the
console closes them. The client has an address of its own where the system gives one (127.0.0.2), and the
lowest priority, since a client elsewhere takes no processor time from the console. Before each, and after the
last, the readers are alone. Printed is how long they waited, how many answers were not 200, and the ratio of
the p95 to the mean p95 of the readers alone before and after. `processor` is what the server's process had of
one processor, `peak` the most memory that it had (VmHWM).
"""

import asyncio
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.console.served import exercise

from benchmarks.console.readers import machine, percentile, read, serving, tokens
from benchmarks.console.upload import peak

READERS, PAUSE = 50, 1.0
PATHS = ("/leads", "/tasks", "/watch", "/search")
FORMS, SIZE = 20, 18 << 20
HALVES = 1_100


def spent(process):
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


async def large(host, port, source):
    """One form of 18 MB after another, each answer read to its end."""
    body = b"name=" + b'"' * (SIZE - 5)
    head = f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port, local_addr=source)
            writer.write(f"{head}Connection: close\r\nContent-Length: {SIZE}\r\n\r\n".encode())
            for start in range(0, SIZE, 1 << 18):
                writer.write(body[start : start + (1 << 18)])
                await writer.drain()
            await reader.read()
            writer.close()


async def half(host, port, source):
    """One form of which half is sent, and another when that is closed."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port, local_addr=source)
            writer.write(
                f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Length: 999\r\n\r\nname=".encode()
            )
            await reader.read()
            writer.close()
        await asyncio.sleep(random.uniform(2, 5))


def client(host, port, what, count):
    """Send so many of them at the same time, until it is ended."""
    os.nice(19)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    source = ("127.0.0.2", 0) if sys.platform == "linux" else None

    async def all_():
        await asyncio.gather(*(what(host, port, source) for _ in range(count)))

    asyncio.run(all_())


@contextmanager
def flooded(host, port, what, count):
    """What runs while a client sends."""
    process = multiprocessing.get_context("spawn").Process(target=client, args=(host, port, what, count))
    process.start()
    time.sleep(3)
    try:
        yield
    finally:
        process.kill()
        process.join()


def main(seconds=20):
    """Print a line for each."""
    print(machine())
    with tempfile.TemporaryDirectory() as home:
        floor = exercise(Path(home))
        people = tokens(floor.root, READERS)
        with serving(floor.root) as (host, port, process):

            def waits():
                began = spent(process)
                found = asyncio.run(read(host, port, people, PATHS, seconds, PAUSE))
                found.spent = (spent(process) - began) / seconds
                return found

            def told(what, found, alone=0.0):
                p95 = percentile(found.reader, 0.95)
                waited = f"median {percentile(found.reader, 0.5):6.1f} ms   p95 {p95:6.1f} ms"
                answers = f"{len(found.reader)} answers, {found.wrong} not 200"
                cost = f"processor {found.spent:.2f}   peak {peak(process):4.0f} MiB"
                ratio = f"   {p95 / alone:5.2f} x alone" if alone else ""
                print(f"{what:24} {waited}   {answers}   {cost}{ratio}", flush=True)
                return p95

            waits()
            before = told("readers alone", waits())
            for name, what, count in (
                (f"{FORMS} forms of {SIZE >> 20} MiB", large, FORMS),
                (f"{HALVES:,} halves of a form", half, HALVES),
            ):
                with flooded(host, port, what, count):
                    found = waits()
                after = told("readers alone again", waits())
                told(name, found, (before + after) / 2)
                before = after


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
