"""Coverage-guided fuzzing of the readers of formats, by atheris (libFuzzer): `./dev thorough` runs it.

    python -m tests.fuzzing [FORMAT ...] [--runs N]

Each format starts from its sample and from what earlier runs found to reach new code, kept in
`.dev/corpus/FORMAT`. An input fails that raises anything but `FormatError`, takes more than two seconds or
needs more than 500 MB; it is kept in `.dev/crashes`. How many inputs were tried is what libFuzzer counted.
Its readers run here without the limits that they have in an ingest. atheris has wheels for Linux on x86-64.
"""

import os
import re
import resource
import subprocess
import sys
from argparse import ArgumentParser
from contextlib import suppress
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from time import process_time

ROOT = Path(__file__).parent.parent
CORPUS, CRASHES = ROOT / ".dev" / "corpus", ROOT / ".dev" / "crashes"
RUNS = 10_000
SECONDS, MEMORY = 2.0, 500
"""Of processor time, and MiB beside what the sample needs."""
STUCK = 120
"""Seconds by the clock after which an input counts as one that never ends."""
LONGEST = 1 << 16
"""Bytes of an input."""
TRIED = re.compile(r"^stat::number_of_executed_units: +(\d+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Fuzz formats, each in a process of its own; return 1 if one of them fails."""
    from watchfloor.formats.registry import FORMATS

    parser = ArgumentParser("python -m tests.fuzzing")
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="names of formats; all without")
    parser.add_argument("--runs", type=int, default=RUNS, help="inputs of each format")
    asked = parser.parse_args(arguments)
    if find_spec("atheris") is None:
        print("0 inputs: atheris is not installed (Linux on x86-64 has wheels: ./dev thorough)")
        return 0
    failed = tried = 0
    for name in asked.formats or sorted(FORMATS):
        count, said = fuzzed(name, asked.runs)
        tried += count
        failed += bool(said)
        print(f"{name}: {count:,} inputs{said and f', FAILED: {said}'}", flush=True)
    print(f"{tried:,} inputs in all, {failed} formats failed")
    return int(failed > 0)


def fuzzed(name: str, runs: int) -> tuple[int, str]:
    """Return how many inputs of a format were tried, and what failed."""
    corpus, crashes = CORPUS / name, CRASHES / name
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    options = [f"-runs={runs}", f"-timeout={STUCK}", f"-max_len={LONGEST}", "-print_final_stats=1"]
    options.append(f"-artifact_prefix={crashes}/")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", "--one", name, *options, str(corpus)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    count = TRIED.search(ran.stderr)
    said = ran.stderr.strip().splitlines()
    errors = (re.match(r"(?:\w+\.)*\w+Error\b.*|.*ERROR: libFuzzer.*", line) for line in said)
    cause = min((error[0] for error in errors if error), key=lambda text: "libFuzzer" in text, default="")
    if count is None:
        return 0, cause or f"libFuzzer told no count of inputs, code {ran.returncode}"
    return int(count[1]), (cause or f"code {ran.returncode}") if ran.returncode else ""


def kernels() -> list[str]:
    """Return the modules with kernels that numba compiles, which it cannot with what atheris adds."""
    source = ROOT / "src"
    every = (source / "watchfloor" / "formats").rglob("*.py")
    found = (path.relative_to(source) for path in every if "@kernel" in path.read_text("utf-8"))
    return [".".join(path.with_suffix("").parts) for path in found]


def one(name: str, options: list[str]) -> None:
    """Fuzz one format in this process until its runs are through or an input fails."""
    import atheris

    with atheris.instrument_imports(include=["watchfloor.formats"], exclude=kernels()):
        from tests.formats.samples import sample

        from watchfloor.formats.base import FormatError
        from watchfloor.formats.registry import FORMATS

        form, seed = FORMATS[name], sample(name)

        def read(data: bytes) -> None:
            with suppress(FormatError):
                for _ in form.read(BytesIO(data), "fuzzed"):
                    pass

        read(seed)  # what is loaded and compiled at the first use is no hang

    def attempt(data: bytes) -> None:
        began = process_time()
        read(data)
        if (took := process_time() - began) > SECONDS:
            raise RuntimeError(f"took {took:.1f} seconds of processor time")

    (Path(options[-1]) / "sample").write_bytes(seed[:LONGEST])
    memory = MEMORY + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    atheris.Setup([sys.argv[0], *options, f"-rss_limit_mb={memory}"], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3:])
    else:
        raise SystemExit(main(sys.argv[1:]))
