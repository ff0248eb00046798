"""A Spark standalone cluster on this machine: a master, workers, and the Connect server that clients talk to.

It is what PyPI's `pyspark` brings with its jars, and a Java; neither is needed for anything else. Programs
are started one by one and ended by their ids.
"""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = Path(os.environ.get("WATCHFLOOR_SPARK", Path(__file__).parents[2] / ".dev" / "spark"))
"""Where `./dev` puts the package `pyspark` with its jars (requirements/spark.txt)."""

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"
"""Where the commands that start it are written."""


def missing() -> str:
    """What of it is not on this machine; nothing where all is there."""
    if not (FOLDER / "pyspark" / "jars").is_dir():
        return f"Spark is not in {FOLDER}; `./dev spark` brings it"
    if not importlib.util.find_spec("pyspark"):
        return "not installed: pyspark-client (the extra 'spark')"
    return (
        ""
        if shutil.which("java")
        else "no Java on this machine (on Debian the package openjdk-17-jre-headless)"
    )


class Cluster:
    """Programs of one cluster.

    Args:
        folder: for their logs and what they write.
        python: of the workers, which must have `watchfloor`.
        workers: how many.
        cores: of each worker.
        memory: of each executor's Java, in megabytes; Python's is beside it.
        environment: more variables of the workers.
        hidden: a folder that is empty for the workers, as it is on another machine.
    """

    def __init__(
        self,
        folder: Path,
        python: str = sys.executable,
        workers: int = 2,
        cores: int = 1,
        memory: int = 768,
        environment: dict[str, str] | None = None,
        hidden: Path | None = None,
    ) -> None:
        self.folder, self._python, self._cores, self._memory = folder, python, cores, memory
        self._environment, self._hidden = environment or {}, hidden
        self._ports = [_free() for _ in range(3)]
        self.url = f"sc://127.0.0.1:{self._ports[2]}"
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self.start_master()
            for number in range(workers):
                self.start_worker(number)
            self.start_server()
            for number in range(workers):
                self._says(f"worker{number}", "Successfully registered with master")
        except BaseException:
            self.close()
            raise

    @property
    def master(self) -> str:
        """Address of the master."""
        return f"spark://127.0.0.1:{self._ports[0]}"

    def start_master(self) -> None:
        """Start the master, and wait until it listens."""
        self._start("master", f"{self._written('master.Master')} --webui-port {self._ports[1]}")
        self._listens("master", self._ports[0])

    def start_worker(self, number: int) -> None:
        """Start a worker."""
        name = f"worker{number}"
        command = self._written("worker.Worker")
        command = re.sub("--cores .*", f"--cores {self._cores} --memory {self._memory + 512}m", command)
        self._start(name, f"{command} --host 127.0.0.1 --webui-port 0 --work-dir {self.folder / name}")

    def start_server(self) -> None:
        """Start the Connect server, and wait until it listens."""
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": f"{self._memory}m",
            "spark.executor.memoryOverhead": "384m",
            "spark.executor.cores": str(self._cores),
            "spark.executorEnv.NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", ""),
            "spark.pyspark.python": self._python,
            "spark.ui.enabled": "false",
        }
        settings |= {f"spark.executorEnv.{name}": value for name, value in self._environment.items()}
        command, last = self._written("SparkConnectServer").split("--class")
        for name in settings:
            command = re.sub(rf"--conf {re.escape(name)}=\S+", "", command)
        ours = " ".join(f"--conf {name}={value}" for name, value in settings.items() if value)
        self._start("server", f"{command} {ours} --class {last}")
        self._listens("server", self._ports[2])

    def executors(self) -> list[int]:
        """Ids of the processes of executors."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (place / "cmdline").read_bytes().split(b"\0")
                if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and any(
                    self.master.removeprefix("spark://").encode() in word or str(self.folder).encode() in word
                    for word in [*words, (place / "cwd").resolve().as_posix().encode()]
                ):
                    found.append(int(place.name))
        return found

    def kill(self, name: str) -> None:
        """End a program as if its machine had lost power."""
        program = self.programs.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def close(self) -> None:
        """End all of it."""
        for name in [*self.programs]:
            self.kill(name)
        for pid in self.executors():  # of a worker that was killed
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _written(self, program: str) -> str:
        """The command that the page has for a program, with this cluster's address in it."""
        text = PAGE.read_text("utf-8").replace("\\\n", " ")
        (command,) = (line for line in text.splitlines() if line.startswith("    spark-") and program in line)
        for written, ours in {
            "--port 7077": f"--port {self._ports[0]}",
            "MASTER:7077": f"127.0.0.1:{self._ports[0]}",
            "port=15002": f"port={self._ports[2]}",
            "MASTER": "127.0.0.1",
        }.items():
            command = command.replace(written, ours)
        return command

    def _start(self, name: str, command: str) -> None:
        home, words = FOLDER / "pyspark", command.split()
        environment = {
            "PATH": os.environ["PATH"],
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "768m" if name == "server" else "256m",
            "PYSPARK_PYTHON": self._python,
            **({"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}),
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.programs[name] = subprocess.Popen(
                [*(self._apart() if name.startswith("worker") else ()), home / "bin" / words[0], *words[1:]],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )

    def _apart(self) -> list[str]:
        """A command that has the next one see nothing in the hidden folder, where the system allows it."""
        if self._hidden is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
            return []
        return ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs none {self._hidden} && exec "$@"', "sh"]

    def _listens(self, name: str, port: int) -> None:
        for _ in self._patience(name):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return

    def _says(self, name: str, text: str) -> None:
        for _ in self._patience(name):
            if re.search(text, (self.folder / f"{name}.log").read_text("utf-8", "replace")):
                return

    def _patience(self, name: str) -> Iterator[None]:
        for _ in range(1200):
            if self.programs[name].poll() is not None:
                break
            yield
            time.sleep(0.1)
        said = (self.folder / f"{name}.log").read_text("utf-8", "replace")
        raise RuntimeError(f"the {name} of the cluster did not start: {said[-2000:]}")


@contextmanager
def cluster(folder: Path, **options: object) -> Iterator[Cluster]:
    """A cluster that ends with the block."""
    made = Cluster(folder, **options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def main() -> None:
    """Run a cluster until it is interrupted: `./dev spark [FOLDER]`."""
    if said := missing():
        sys.exit(f"dev: {said}")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "spark").absolute()
    with cluster(folder) as made:
        print(f"--on {made.url}; logs and what it writes are in {folder}; Ctrl+C ends it", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
