"""`./dev` on machines that lack something: it ends with one sentence that says what to do, or does without.

A copy of the script runs with a path that holds the programs it names, and a `uv` that only notes what it is
asked.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = "sh awk cat chmod cmp cp cut df dirname find grep mkdir rm sleep touch kill env".split()

UV = r"""#!/bin/sh
echo "$*" >>"$NOTES"
env | grep -E '^(UV_CACHE_DIR|PIP_CERT|NODE_EXTRA_CA_CERTS|PIP_NO_CACHE_DIR)=' >>"$NOTES"
case "$*" in
venv*)
    for last in "$@"; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\n[ "$1" = -c ] || echo "UV=$UV" "$@" >>"$NOTES"\n' >"$last/bin/python"
    printf '#!/bin/sh\necho "watchfloor $*"\n' >"$last/bin/watchfloor"
    chmod +x "$last/bin/python" "$last/bin/watchfloor" ;;
*install*) [ -z "$FAILS" ] || { echo "error: $FAILS" >&2; exit 2; } ;;
esac
"""


class Machine:
    """A clone on a machine of its own: what `./dev` says there, and what uv was asked."""

    def __init__(self, folder: Path, home: str) -> None:
        self.bin, self.notes = folder / "bin", folder / "notes"
        self.project = folder / "projet à moi, copié"
        self.bin.mkdir(parents=True)
        self.project.mkdir()
        self.env = {"PATH": str(self.bin), "HOME": home, "NOTES": str(self.notes), "FAILS": ""}
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name) or "/bin/false")
        (self.project / "src").mkdir()
        (self.project / "requirements").mkdir()
        for name in ("run", "test", "oracles", "uv", "build", "fuzz"):
            (self.project / "requirements" / f"{name}.txt").write_text("first==1\n")
        shutil.copy(ROOT / "dev", self.project)
        (self.project / "pyproject.toml").write_text("[project]\n")

    def with_uv(self) -> "Machine":
        self.program("uv", UV)
        self.program("python3", "#!/bin/sh\nexit 0\n")
        return self

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(self, *args: str, **env: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.project / "dev"), *(args or ("run", "leads"))],
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def dev(self, *args: str, **env: str) -> tuple[int, str, list[str]]:
        """Exit status, standard output, and the script's own lines on standard error."""
        done = self.start(*args, **env)
        out, said = done.communicate(timeout=60)
        return done.returncode, out, [line for line in said.splitlines() if line.startswith("dev: ")]

    def asked(self) -> str:
        text = self.notes.read_text() if self.notes.exists() else ""
        self.notes.unlink(missing_ok=True)
        return text


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path, str(tmp_path / "home"))


def test_it_installs_once_then_only_runs(machine):
    machine.with_uv()
    code, out, said = machine.dev()
    assert (code, out) == (0, "watchfloor leads\n")
    assert len(said) == 1  # progress: how many packages of which list
    assert "pip install --require-hashes -r requirements/run.txt" in machine.asked()
    code, out, said = machine.dev()
    assert (code, out, said, machine.asked()) == (0, "watchfloor leads\n", [], "")


def test_another_list_is_installed_and_a_changed_project_file_only_anew(machine):
    machine.with_uv().dev()
    machine.asked()
    (machine.project / "pyproject.toml").write_text("[project] # other\n")
    machine.dev()
    assert "--editable" in (asked := machine.asked())
    assert "requirements/run.txt" not in asked
    (machine.project / "requirements/run.txt").write_text("first==2\n")
    machine.dev()
    assert "requirements/run.txt" in machine.asked()


@pytest.mark.parametrize(("args", "then"), [((), 4), (("tests/store",), 0)])
def test_thorough_runs_all_examples_then_the_kills_and_the_mutations(machine, args, then):
    assert machine.with_uv().dev("thorough", *args)[0] == 0
    started = [line.partition(" -m ")[2] for line in machine.asked().splitlines() if " -m " in line]
    soaks = ["benchmarks.store.soak", "benchmarks.soak", "tests.fuzzing", "tests.mutations"][:then]
    assert started == [" ".join(("pytest --timeout=3600", *args)), *soaks]


@pytest.mark.parametrize("uv", [False, True])
def test_no_python_in_range(machine, uv):
    if uv:
        machine.program("uv", UV)
    machine.program("python3", "#!/bin/sh\nexit 1\n")
    code, out, said = machine.dev()
    assert (code, out, len(said)) == (1, "", 1)
    assert "WATCHFLOOR_PYTHON" in said[-1]


def test_python_without_venv_and_pip(machine):
    machine.program("python3", '#!/bin/sh\ncase "$*" in *venv*--without-pip*|-c*) exit 0;; esac; exit 1\n')
    code, _, said = machine.dev()
    assert code == 1
    assert "python3-venv" in said[-1]


def test_a_download_that_stops_is_finished_by_the_next_run(machine):
    code, out, said = machine.with_uv().dev(FAILS="error sending request")
    assert (code, out) == (1, "")
    assert all(word in said[-1] for word in ("HTTPS_PROXY", "SSL_CERT_FILE", "again"))
    assert not (machine.project / ".dev/lock").exists()
    machine.asked()
    assert machine.dev()[:2] == (0, "watchfloor leads\n")
    assert "requirements/run.txt" in machine.asked()


def test_an_environment_whose_python_is_gone_is_made_anew(machine):
    machine.with_uv().dev()
    machine.asked()
    (machine.project / ".dev/venv/bin/python").write_text("#!/nowhere/python\n")
    assert machine.dev()[0] == 0
    assert machine.asked().startswith("venv ")


def test_a_full_disk(disk):
    machine = Machine(disk / "m", str(disk / "home")).with_uv()
    code, _, said = machine.dev(FAILS="No space left on device")
    assert code == 1
    assert "disk" in said[-1]
    assert "MB" in said[-1]


def test_a_folder_that_cannot_be_written(disk):
    machine = Machine(disk / "m", str(disk / "home")).with_uv()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    code, _, said = machine.dev()
    assert code == 1
    assert len(said) == 1
    assert str(machine.project) in said[0]


def test_a_home_that_cannot_be_written_keeps_no_cache(tmp_path):
    machine = Machine(tmp_path, "/dev/null/home").with_uv()
    assert machine.dev()[0] == 0
    assert f"UV_CACHE_DIR={machine.project}/.dev/cache/uv" in machine.asked()


def test_a_workplaces_certificate_reaches_every_program(machine):
    machine.with_uv().dev(SSL_CERT_FILE="/etc/own.pem")
    asked = machine.asked()
    assert "PIP_CERT=/etc/own.pem" in asked
    assert "NODE_EXTRA_CA_CERTS=/etc/own.pem" in asked


def test_a_second_dev_waits_for_the_first(machine):
    machine.with_uv()
    lock = machine.project / ".dev/lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text(str(os.getpid()))
    second = machine.start()
    line = second.stderr.readline()
    assert line.startswith("dev: ")
    assert str(os.getpid()) in line
    assert machine.asked() == ""
    shutil.rmtree(lock)
    out, _ = second.communicate(timeout=60)
    assert (second.returncode, out) == (0, "watchfloor leads\n")
    assert not lock.exists()


def test_the_lock_of_a_killed_dev_holds_nobody(machine):
    machine.with_uv()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (machine.project / ".dev/lock").mkdir(parents=True)
    (machine.project / ".dev/lock/pid").write_text(str(dead.pid))
    assert machine.dev()[0] == 0


def test_line_ends_of_scripts():
    asked = ["git", "check-attr", "text", "eol", "--", "dev", ".ci/run", "dev.cmd"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "dev: text: unset" in told
    assert ".ci/run: text: unset" in told
    assert "dev.cmd: eol: crlf" in told
    for name in ("dev", ".ci/run"):
        assert b"\r" not in (ROOT / name).read_bytes()


def test_the_script_of_windows_reads_as_one_that_ends_and_says_the_same():
    """It has never run here: what can be read is that each jump has a place, and what it says on failure."""
    batch, script = (ROOT / "dev.cmd").read_text(), (ROOT / "dev").read_text()
    labels = re.findall(r"^:(\w+)$", batch, re.MULTILINE)
    jumps = {*re.findall(r"\b(?:goto|call) :?(\w+)", batch)}
    assert len(labels) == len({*labels})
    assert jumps <= {*labels}
    for said in (
        "cannot be written. Copy the project to a folder of yours, then run this again.",
        "behind a proxy set HTTPS_PROXY, and SSL_CERT_FILE to the file of its certificate.",
        "Then run the same command again: it goes on where it stopped.",
        "is installing here; waiting for it",
    ):
        assert said in batch
        assert said in script
    assert "--require-hashes -r requirements\\uv.txt" in batch


VENV = r"""#!/bin/sh
case "$*" in *"-m venv"*)
    for last in "$@"; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\ncp "%s" "%s/bin/uv"\n' "$UVS" "$last" >"$last/bin/python"
    chmod +x "$last/bin/python" ;;
esac
"""


def test_an_uv_of_its_own_has_a_path_that_holds_in_any_folder(machine, tmp_path):
    machine.program("python3", VENV)
    machine.program("uv-of-a-wheel", UV)
    code, out, _ = machine.dev(UVS=str(machine.bin / "uv-of-a-wheel"))
    assert (code, out) == (0, "watchfloor leads\n")
    assert f"UV={machine.project}/.dev/uv/bin/uv design/vendor.py" in machine.asked().splitlines()
