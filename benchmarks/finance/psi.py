"""Private set intersection beside openmined-psi, on the same sets in one process; and 200 against 10**6.

./dev bench finance.psi                  20,000 against 20,000, then 200 against 1,000,000 over two floors
./dev bench finance.psi --large 100000   a smaller table
./dev bench finance.psi --no-floors      the protocol alone

Both run one thread; figures are processor time, since the machine may be shared. An element is one identifier
of either set, so the whole protocol of n against n counts 2n. The groups that were weighed are timed as well.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import private_set_intersection.python as openmined
from rich.console import Console
from rich.table import Table

from watchfloor.exchange.bundles import peers
from watchfloor.exchange.partnership import asking, codes, offering, psi
from watchfloor.exchange.partnership.carrying import carry
from watchfloor.exchange.partnership.group import Scalar, hashed
from watchfloor.exchange.partnership.lawful import statement
from watchfloor.store import Actor, Floor

FALSE = 1e-9
"""The false-positive rate that openmined is asked for; ours has about n·m / 2**64."""
GOAL, GOAL_REPEATED = 10_000, 1.0
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHO = Actor("officer", "a benchmark", "an Act")
CODE = """
id = "bench"
version = "1"
since = 2026-11-01
expires = 2027-11-01
purposes = ["money-laundering"]
tiers = ["cardinality", "match"]
identifiers = ["account:test"]
manner = "files"
safeguards = "none, a benchmark"
participants = [{name = "bank-a"}, {name = "bank-b"}]
approval = {by = "nobody, a benchmark", on = 2026-11-01, reference = "none"}
keys = {rotation_days = 365}
[caps]
queries_per_day = 100
subjects_per_query = 1000
subjects_per_day = 100000
same_subject = 100
least_set = 2
"""
T = TypeVar("T")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench finance.psi", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="of each set")
    parser.add_argument(
        "--large", type=int, default=1_000_000, help="of the table that is asked again and again"
    )
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--no-floors", action="store_true")
    return parser.parse_args()


def timed(call: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    made = call()
    return time.process_time() - start, made


def _both(call: Callable[[], T]) -> tuple[float, float, T]:
    start = time.perf_counter()
    cpu, made = timed(call)
    return cpu, time.perf_counter() - start, made


def ours(mine: Sequence[str], theirs: Sequence[str]) -> tuple[dict[str, float], set[str]]:
    key, secret = os.urandom(32), os.urandom(32)
    asker, answerer = Scalar.derive(secret, b"asker"), Scalar.derive(secret, b"answerer")
    asked, held = [[one.encode() for one in some] for some in (mine, theirs)]
    setup, (table, _) = timed(lambda: psi.table(key, answerer, held))
    request, points = timed(lambda: psi.masked(key, asker, asked))
    reply, answers = timed(lambda: psi.answered(answerer, points, shuffled=False))
    reading, hits = timed(lambda: psi.found(table, psi.unmasked(asker, answers)))
    return _steps(setup, request, reply, reading), {one for one, hit in zip(mine, hits, strict=True) if hit}


def theirs_(mine: Sequence[str], theirs: Sequence[str]) -> tuple[dict[str, float], set[str]]:
    client, server = openmined.client.CreateWithNewKey(True), openmined.server.CreateWithNewKey(True)
    kind = openmined.DataStructure.GCS
    setup, table = timed(lambda: server.CreateSetupMessage(FALSE, len(mine), list(theirs), kind))
    request, asked = timed(lambda: client.CreateRequest(list(mine)))
    reply, answer = timed(lambda: server.ProcessRequest(asked))
    reading, hits = timed(lambda: client.GetIntersection(table, answer))
    return _steps(setup, request, reply, reading), {mine[at] for at in hits}


def _steps(*seconds: float) -> dict[str, float]:
    return dict(zip(("set-up", "request", "answer", "reading"), seconds, strict=True))


def main() -> None:
    given, console = arguments(), Console(width=120)
    console.print(_machine())
    _groups(console)
    mine = [f"account:test:{number}" for number in range(given.rows)]
    theirs = [f"account:test:{2 * number}" for number in range(given.rows)]
    runs: dict[str, list[dict[str, float]]] = {"watchfloor": [], "openmined-psi": []}
    for _ in range(given.times):
        for name, run in (("watchfloor", ours), ("openmined-psi", theirs_)):
            seconds, hits = run(mine, theirs)
            assert hits == set(mine) & set(theirs), name
            runs[name].append(seconds)
    _print(console, runs, given.rows)
    if not given.no_floors:
        _repeated(console, given.large, given.times)


def _print(console: Console, runs: dict[str, list[dict[str, float]]], rows: int) -> None:
    table = Table(title=f"{rows:,} against {rows:,}, elements a second of one core; medians")
    for head in ("", *runs, "ratio"):
        table.add_column(head, justify="right" if head else "left")
    rates = {
        name: {step: rows / median(one[step] for one in each) for step in each[0]}
        | {"whole, both sets": 2 * rows / median(sum(one.values()) for one in each)}
        for name, each in runs.items()
    }
    for step in next(iter(rates.values())):
        a, b = (rates[name][step] for name in runs)
        table.add_row(step, f"{a:,.0f}", f"{b:,.0f}", f"{a / b:.2f}")
    console.print(table)
    whole = rates["watchfloor"]["whole, both sets"]
    console.print(f"goal {GOAL:,} elements a second: {'kept' if whole >= GOAL else 'missed'}, {whole:,.0f}")


def _groups(console: Console, count: int = 5_000) -> None:
    """The groups that were weighed: multiplications a second of one core, and hashes to the group."""
    key, scalar = os.urandom(32), Scalar.derive(os.urandom(32), b"bench")
    elements = [b"%d" % number for number in range(count)]
    hashing, points = timed(lambda: hashed(key, elements))
    multiplying, _ = timed(lambda: scalar.times(points))
    table = Table(title="groups, a second of one core")
    for head in ("", "hash to group", "multiply"):
        table.add_column(head, justify="right" if head else "left")
    table.add_row(
        "Curve25519 on OpenSSL, twist shut out", f"{count / hashing:,.0f}", f"{count / multiplying:,.0f}"
    )
    for name, run in (("ristretto255, rbcl", _rbcl), ("X25519, PyNaCl (no hash to the curve)", _nacl)):
        try:
            table.add_row(name, *run(points))
        except ImportError:
            table.add_row(name, "not installed", "")
    console.print(table)


def _rbcl(points: Sequence[bytes]) -> tuple[str, str]:
    import rbcl

    hashes, scalar = [one * 2 for one in points], rbcl.crypto_core_ristretto255_scalar_random()
    hashing, made = timed(lambda: [rbcl.crypto_core_ristretto255_from_hash(one) for one in hashes])
    multiplying, _ = timed(lambda: [rbcl.crypto_scalarmult_ristretto255(scalar, one) for one in made])
    return f"{len(points) / hashing:,.0f}", f"{len(points) / multiplying:,.0f}"


def _nacl(points: Sequence[bytes]) -> tuple[str, str]:
    from nacl.bindings import crypto_scalarmult

    scalar = os.urandom(32)
    multiplying, _ = timed(lambda: [crypto_scalarmult(scalar, one) for one in points])
    return "", f"{len(points) / multiplying:,.0f}"


def _repeated(console: Console, large: int, times: int) -> None:
    """Sessions over two floors with all checks, acts and sealed files, after a first that makes the table."""
    with tempfile.TemporaryDirectory() as folder:
        a, b = _floors(Path(folder))
        code = codes.standing(a)
        there, here = peers.standing(a)["bank-b"], peers.standing(b)["bank-a"]
        stated = statement("match", "a benchmark", "officer", "money-laundering", code)
        held = [f"account:test:{number}" for number in range(large)]
        with b.writer(WHO) as writer:
            offering.offer(b, writer, here, code, "match", "C", held, {}, stated, NOW)
        asked = [f"account:test:{large - 100 + number}" for number in range(200)]
        first, _ = timed(lambda: _session(a, b, there, code, asked, stated))
        runs = [_both(lambda: _session(a, b, there, code, asked, stated)) for _ in range(times)]
        assert all(found == 100 for _, _, found in runs)
        cpu, wall = median(one[0] for one in runs), median(one[1] for one in runs)
        console.print(f"200 against {large:,}, match, six messages over two floors")
        console.print(f"the first, with the set-up: {first:.0f} s of processor")
        load = f"{wall:.2f} s by the clock at a load of {os.getloadavg()[0]:.0f}"
        kept = "kept" if cpu <= GOAL_REPEATED else "missed"
        console.print(f"repeated: {cpu:.2f} s of processor, {load}; goal 1 s of processor: {kept}")
        console.print(f"expected false matches {psi.false_positives(200, large):.1e} a session")


def _session(a: Floor, b: Floor, peer: Any, code: Any, asked: list[str], stated: Any) -> int:
    with a.writer(WHO) as writer:
        reply = asking.ask(a, writer, peer, code, "match", "C", asked, {}, stated, NOW)
    return carry(reply, a, b, WHO, NOW)["bank-a"].session.found or 0


def _floors(folder: Path) -> tuple[Floor, Floor]:
    made = [
        Floor.create(folder / name, WHO, name=name, institution="reporting-entity", exercise=True)
        for name in ("bank-a", "bank-b")
    ]
    for one, other in (made, made[::-1]):
        peers.trust(
            one,
            WHO,
            other.signer.verifier.text,
            name=other.settings.name,
            institution="reporting-entity",
            country="CAN",
            ceiling="PB",
            checked="one process",
        )
        codes.adopt(one, WHO, CODE, "bench.toml")
    return made[0], made[1]


def _machine() -> str:
    def of(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"no {name}"

    packages = ", ".join(map(of, ("cryptography", "gmpy2", "openmined-psi", "rbcl", "pynacl")))
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {packages}"


if __name__ == "__main__":
    main()
