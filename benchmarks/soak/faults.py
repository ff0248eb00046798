"""What `watchfloor serve --live` says when a part fails: `./dev bench soak.faults [FAULT …]`.

A disk that fills (a tmpfs, so as root), a broker that is killed and comes back (mosquitto, nats-server), a
PostgreSQL server that is stopped, a certificate that ends, a clock that jumps (a small library under the
service, so with a C compiler). Of each: the answers of `/healthz` and of a page, the events the service
logged, and whether every row that a broker or a command was told is taken is there at the end. Ends with 1 on
any loss. What the machine lacks is skipped with a reason.
"""

import argparse
import asyncio
import datetime as dt
import html
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.feeds.live.floors import floor_of, line, port
from tests.feeds.live.test_brokers import published, ready, streamed

from benchmarks.console.readers import tokens
from benchmarks.server.cluster import cluster
from watchfloor.feeds.live import status
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

ACTOR: Final = Actor("drill", "watch", "none: a made-up floor")
AWAY: Final = 6.0
"""Seconds that a part is away, unless told."""
CLOCK: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    long ahead = 0;
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, at);
    if (failed || id != CLOCK_REALTIME) return failed;
    FILE *file = fopen(getenv("CLOCK_FILE"), "r");
    if (file) { if (fscanf(file, "%ld", &ahead) == 1) at->tv_sec += ahead; fclose(file); }
    return 0;
}
"""
"""What is loaded before the C library, so that the wall clock is ahead by the seconds in a file."""


class Missing(Exception):  # noqa: N818 - no error: it is said and skipped
    """What this machine lacks for a fault."""


class Service:
    """`watchfloor serve --live` on a floor, and what is seen of it."""

    def __init__(self, root: Path, *words: str, tls: Path | None = None, **environment: str) -> None:
        self.root, self.tls = root, tls
        self.events = Path(tempfile.mkdtemp(prefix="watchfloor-events-")) / "events.jsonl"
        (self.token,) = tokens(root, 1)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "watchfloor", "serve", "--floor", str(root), "--no-browser"]
        command += ["--port", str(self.port), "--log", str(self.events), *words]
        with self.events.with_name("stderr").open("wb") as said:
            self.process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=said, env=os.environ | environment
            )
        until(lambda: self.get("/healthz")[0] == 200)

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page; 0 and what was wrong where nothing answers."""
        try:
            if self.tls:
                trusted = ssl.create_default_context(cafile=str(self.tls))
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    "localhost", self.port, timeout=60, context=trusted
                )
            else:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("GET", path, headers={"Cookie": f"watchfloor={self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)

    def seen(self, when: str, path: str = "/feeds") -> None:
        """Print what an officer sees now."""
        health, (status, text) = self.get("/healthz")[0], self.get(path)
        text = re.sub(r"(?s)<(script|style|nav|header).*?</\\1>|<[^>]+>", " ", text)
        said = " ".join(html.unescape(text).split())
        print(
            f"  {when:14} /healthz {health}, {path} {status}" + (f": {said[:160]}" if status != 200 else "")
        )

    @property
    def connected(self) -> bool:
        """Whether the live source is."""
        sources = status.read(self.root).sources
        return sources is not None and all(one.state == "connected" for one in sources.sources)

    def said(self) -> list[dict[str, Any]]:
        """The events so far but the answers."""
        lines = self.events.read_text("utf-8").splitlines() if self.events.exists() else []
        found = [json.loads(one) for one in lines]
        return [one for one in found if one.get("event") not in ("request", "answer", "start")]

    def stop(self) -> None:
        """End it as systemd does."""
        self.process.terminate()
        self.process.wait(60)


@contextmanager
def serving(root: Path, *words: str, **options: Any) -> Iterator[Service]:
    """A service for the length of the block, and its events at the end."""
    service = Service(root, *words, **options)
    try:
        yield service
    finally:
        service.stop()
        kinds: dict[str, int] = {}
        for one in service.said():
            keep = {
                name: value
                for name, value in one.items()
                if name in ("event", "kind", "type", "state", "feed", "detail", "said")
            }
            kinds[json.dumps(keep)[:200]] = kinds.get(json.dumps(keep)[:200], 0) + 1
        for text, count in kinds.items():
            print(f"  event x{count:<4} {text}")
        said = service.events.with_name("stderr").read_text("utf-8").splitlines()
        for one in dict.fromkeys(
            one.strip()
            for one in said
            if "console of" not in one and "Ctrl" not in one and "first start" not in one
        ):
            print(f"  it says        {one[:200]}")


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(0.1)


def program(name: str) -> str:
    """Where a program is; `Missing` where it is not."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not installed (on Debian the package {name})")
    return found


def taken(root: Path) -> set[int]:
    """Seconds of `line` that are on the floor, or in its live log and rolled by the next start."""
    rows = Floor.open(root).read("detection", Reader("drill", purpose="watch"), columns=["observed_at"])
    return {one.minute * 60 + one.second for one in rows["observed_at"].to_pylist()}


LIVE: Final = ("--live", "--roll", "2", "--rerun", "0", "--purpose", "watch", "--authority", "none: made up")


def _mosquitto(home: Path, number: int) -> "subprocess.Popen[bytes]":
    settings = home / "mosquitto.conf"
    settings.write_text(
        f"listener {number} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {home}/\n"
        "persistent_client_expiration 1h\n" + ("user root\n" if os.geteuid() == 0 else ""),
        encoding="utf-8",
    )
    words = [program("mosquitto"), "-c", str(settings)]
    made = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    asyncio.run(ready(number))
    return made


def _broker(
    home: Path,
    url: str,
    start: Callable[[], "subprocess.Popen[bytes]"],
    send: Callable[..., Any],
    away: float,
) -> list[str]:
    root = floor_of(home / "floor", towers=url).root
    broker = start()
    with suppress(TypeError):
        asyncio.run(send([], make=True))
    try:
        with serving(root, *LIVE) as service:
            until(lambda: service.connected)
            asyncio.run(send([line(n) for n in range(20)]))
            service.seen("before")
            broker.kill()
            broker.wait()
            time.sleep(away)
            service.seen("it is gone")
            broker = start()
            until(lambda: service.connected)  # one that was killed has forgotten who had subscribed
            asyncio.run(send([line(n) for n in range(20, 40)]))
            until(lambda: taken(root) >= {*range(40)})
            service.seen("it is back")
        return [f"row {n}" for n in {*range(40)} - taken(root)]
    finally:
        broker.kill()
        broker.wait()


def mqtt(home: Path, away: float) -> list[str]:
    """An MQTT broker is killed, and started again."""
    number = port()

    async def send(messages: list[bytes]) -> None:
        await published(number, messages)

    url = f"mqtt://127.0.0.1:{number}/towers/+"
    return _broker(home, url, lambda: _mosquitto(home, number), send, away)


def nats(home: Path, away: float) -> list[str]:
    """A NATS server is killed, and started again."""
    number = port()

    def start() -> "subprocess.Popen[bytes]":
        words = [program("nats-server"), "-a", "127.0.0.1", "-p", str(number), "-js", "-sd", str(home / "js")]
        made = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        asyncio.run(ready(number))
        return made

    async def send(messages: list[bytes], *, make: bool = False) -> None:
        await streamed(number, messages, make=make)

    return _broker(home, f"nats://127.0.0.1:{number}/TOWERS/towers.a", start, send, away)


def disk(home: Path, away: float) -> list[str]:
    """The disk fills while a broker delivers and a command takes rows in; then there is room again."""
    mount = home / "disk"
    mount.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=60m", "none", str(mount)]
    if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        raise Missing("a tmpfs can be mounted by root alone")
    number = port()
    broker = _mosquitto(home, number)
    acknowledged: set[int] = set()

    def ingest(first: int) -> str:
        file = home / f"rows-{first}.csv"
        names = "report_key,subject,role,name,observed_at\n"
        file.write_text(names + f"k{first},person:x:{first},payee,name {first},2026-11-26\n", "utf-8")
        command = [sys.executable, "-m", "watchfloor", "ingest", str(file), "--format", "party-csv"]
        environment = os.environ | {"WATCHFLOOR_PURPOSE": "watch", "WATCHFLOOR_AUTHORITY": "none: made up"}
        done = subprocess.run(
            [*command, "--floor", str(root)], capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode == 0:
            acknowledged.add(first)
        said = done.stderr.strip() or done.stdout.strip()
        return f"exit {done.returncode}: {' '.join(said.split())[:200]}"

    try:
        root = floor_of(mount / "floor", towers=f"mqtt://127.0.0.1:{number}/towers/+").root
        with serving(root, *LIVE) as service:
            until(lambda: service.connected)
            asyncio.run(published(number, [line(n) for n in range(20)]))
            until(lambda: taken(root) >= {*range(20)})
            print(f"  ingest, before: {ingest(1)}")
            service.seen("before")
            with suppress(OSError), (mount / "filler").open("wb", 0) as file:
                while True:
                    file.write(bytes(1 << 12))
            asyncio.run(published(number, [line(n) for n in range(20, 40)]))
            time.sleep(away)
            print(f"  ingest, full: {ingest(2)}")
            service.seen("it is full")
            service.seen("it is full", "/audit")
            (mount / "filler").unlink()
            until(lambda: taken(root) >= {*range(40)})
            print(f"  ingest, after: {ingest(3)}")
            service.seen("there is room")
        rows = Floor.open(root).read("party", Reader("drill", purpose="watch"), columns=["report_key"])
        there = {int(one.removeprefix("k")) for one in rows["report_key"].to_pylist()}
        lost = [f"row {n}" for n in {*range(40)} - taken(root)] + [f"k{n}" for n in acknowledged - there]
        return lost + [str(one) for one in Floor.open(root).verify()]
    finally:
        broker.kill()
        broker.wait()
        subprocess.run(["umount", "-l", str(mount)], check=False)


def postgres(home: Path, away: float) -> list[str]:
    """The PostgreSQL server of a floor is stopped, and started again."""
    try:
        made = cluster()
        url = made.__enter__()
    except SystemExit as error:
        raise Missing(str(error)) from None
    try:
        where = Path(url.partition("host=")[2])
        root = Floor.create(home / "floor", ACTOR, server=url).root
        control = [str(Path(program("pg_ctl")).resolve()), "-D", str(where / "data")]
        who: dict[str, Any] = (
            {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        )
        options = f"-c listen_addresses= -c unix_socket_directories={where}"
        with serving(root) as service:
            Floor.open(root).act(ACTOR, "drill", {"n": 1})
            service.seen("before")
            subprocess.run([*control, "stop", "-m", "immediate", "-s"], check=True, cwd=where, **who)
            time.sleep(away)
            service.seen("it is gone")
            done = subprocess.run(
                [sys.executable, "-m", "watchfloor", "floor", "verify", "--floor", str(root)],
                capture_output=True,
                text=True,
                check=False,
            )
            print(f"  verify, gone: exit {done.returncode}: {' '.join(done.stderr.split())[:200]}")
            words = [*control, "start", "-w", "-s", "-l", str(where / "said"), "-o", options]
            subprocess.run(words, check=True, cwd=where, stdout=subprocess.DEVNULL, **who)
            began = time.monotonic()
            until(lambda: service.get("/healthz")[0] == 200)
            print(f"  /healthz is 200 again {time.monotonic() - began:.1f} s after the server is back")
            service.seen("it is back")
        found = Floor.open(root)
        lost = [] if any(one.act == "drill" for one in found.acts()) else ["an act"]
        return lost + [str(one) for one in found.verify()]
    finally:
        made.__exit__(None, None, None)


def certificate(home: Path, away: float) -> list[str]:
    """The certificate ends while it is served with."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
    made = made.not_valid_after(now + dt.timedelta(seconds=30 + away))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(True, None), critical=True)
    signed = made.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (home / "cell.pem").write_bytes(signed.public_bytes(pem))
    (home / "cell.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    root = Floor.create(home / "floor", ACTOR).root
    words = ["--tls-cert", str(home / "cell.pem"), "--tls-key", str(home / "cell.key"), "--name", "localhost"]
    with serving(root, *words, tls=home / "cell.pem") as service:
        service.seen("before")
        left = signed.not_valid_after_utc - dt.datetime.now(dt.UTC)
        time.sleep(max(0.0, left.total_seconds()) + 2)
        status, said = service.get("/healthz")
        print(f"  it has ended   /healthz {status}: {said[:160]}")
        alive = service.process.poll() is None
    command = [
        sys.executable,
        "-m",
        "watchfloor",
        "serve",
        "--floor",
        str(root),
        "--no-browser",
        "--port",
        "0",
    ]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, timeout=60)
    print(f"  a new start: exit {done.returncode}: {' '.join(done.stderr.split())[:300]}")
    return [] if alive and done.returncode else ["it went on as if nothing were"]


def clock(home: Path, away: float) -> list[str]:
    """The wall clock jumps a day ahead, and back."""
    if not shutil.which("cc"):
        raise Missing("no C compiler")
    (home / "clock.c").write_text(CLOCK, "utf-8")
    library, ahead = home / "clock.so", home / "ahead"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(home / "clock.c"), "-ldl"], check=True)
    ahead.write_text("0")
    root = Floor.create(home / "floor", ACTOR).root
    with serving(root, LD_PRELOAD=str(library), CLOCK_FILE=str(ahead)) as service:
        service.seen("before", "/audit")
        ahead.write_text("86400")
        time.sleep(away)
        service.seen("a day ahead", "/audit")
        ahead.write_text("0")
        time.sleep(away)
        service.seen("set right", "/audit")
    floor = Floor.open(root)
    floor.act(ACTOR, "drill", {"n": 1})
    times = [one.at for one in floor.acts()]
    told = f"  {len(times)} acts; the last is of {times[-1]:%Y-%m-%d %H:%M}"
    print(f"{told}, the clock says {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}")
    return ([] if times == sorted(times) else ["the log runs backwards"]) + [
        str(one) for one in floor.verify()
    ]


FAULTS: Final = {one.__name__: one for one in (disk, mqtt, nats, postgres, certificate, clock)}


def main() -> int:
    """Do as told on the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="./dev bench soak.faults", description=__doc__.split("\n\n")[0])
    parser.add_argument("faults", nargs="*", choices=[*FAULTS, []], default=[])
    parser.add_argument("--away", type=float, default=AWAY, help="seconds that a part is away")
    told = parser.parse_args()
    failed = 0
    for name in told.faults or FAULTS:
        print(f"{name}: {FAULTS[name].__doc__} Load {os.getloadavg()[0]:.1f}.", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                lost = FAULTS[name](Path(folder), told.away)
            except Missing as error:
                print(f"  skipped: {error}")
                continue
            except AssertionError as error:
                lost = [str(error)]
        print(f"  lost: {len(lost)} {lost[:3]}", flush=True)
        failed += bool(lost)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
