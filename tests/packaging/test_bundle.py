"""The offline bundle, with one small wheel in it: it installs without a network, or says why not."""

import ensurepip
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOW = "{}.{}".format(*sys.version_info)

spec = importlib.util.spec_from_file_location("making_bundle", ROOT / "design/bundle/__main__.py")
bundle = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bundle)


def wheel(folder: Path, name: str, *metadata: str) -> Path:
    made = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(f"{name}.py", "def main():\n    print('it runs')\n")
        file.writestr(
            f"{info}/METADATA",
            "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *metadata, ""]),
        )
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {name}:main\n")
        file.writestr(f"{info}/RECORD", "")
    return made


@pytest.fixture
def made(tmp_path):
    """A bundle with a package `small`, and pip as Python brings it."""
    pips = list((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    pips += list(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    if not pips:
        pytest.skip("this Python brings no wheel of pip (on Debian the package python3-venv)")
    out = tmp_path / "bundle à part"
    (out / "wheels").mkdir(parents=True)
    shutil.copy(pips[0], out / "wheels")
    wheel(out / "wheels", "small", "License-Expression: MIT")
    bundle.fill(out, NOW)
    bundle.sums(out)
    return out


def install(made: Path, *args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    alone = ["unshare", "--net"] if shutil.which("unshare") else []
    if alone and subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = []  # this machine lets nobody leave its network; pip is told to use none all the same
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "WATCHFLOOR_PYTHON": sys.executable,
        **env,
    }
    return subprocess.run(
        [*alone, str(made / "install.sh"), *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


@pytest.mark.thorough
def test_it_installs_without_a_network(made, tmp_path):
    done = install(made, str(tmp_path / "là bas"))
    assert (done.returncode, done.stderr) == (0, "")
    ran = subprocess.run([tmp_path / "là bas/bin/small"], capture_output=True, text=True, check=True)
    assert ran.stdout == "it runs\n"


def test_a_damaged_file_is_not_installed(made, tmp_path):
    file = made / "wheels/small-1.0-py3-none-any.whl"
    file.write_bytes(file.read_bytes()[:-1])
    done = install(made, str(tmp_path / "there"))
    assert done.returncode == 1
    assert file.name in done.stderr
    assert done.stderr.splitlines()[-1].startswith("install: ")
    assert not (tmp_path / "there").exists()


def test_another_python_is_not_used(made, tmp_path):
    for name in ("install.sh", "install.cmd"):
        (made / name).write_text((made / name).read_text().replace(NOW, "3.99"))
    done = install(made, str(tmp_path / "there"))
    assert done.returncode == 1
    assert done.stderr.startswith("install: ")
    assert "3.99" in done.stderr
    assert "WATCHFLOOR_PYTHON" in done.stderr


def test_scripts_have_the_line_ends_of_their_systems(made):
    assert b"\r" not in (made / "install.sh").read_bytes()
    lines = (made / "install.cmd").read_bytes().split(b"\n")[:-1]
    assert lines
    assert all(line.endswith(b"\r") for line in lines)


def test_parts_are_the_wheels_with_hash_and_licence(made):
    small = {"name": "Small", "version": "1.0", "bom-ref": "small-1"}
    other = {"name": "other", "version": "2.0", "bom-ref": "other-2"}
    listed = {
        "components": [small, other],
        "dependencies": [{"ref": "small-1", "dependsOn": ["other-2"]}, {"ref": "other-2"}],
    }
    found = bundle.parts(listed, made / "wheels")
    (part,) = found["components"]
    assert part["licenses"] == [{"license": {"name": "MIT"}}]
    file = made / "wheels/small-1.0-py3-none-any.whl"
    assert part["hashes"] == [{"alg": "SHA-256", "content": bundle.digest(file)}]
    assert found["dependencies"] == [{"ref": "small-1", "dependsOn": []}]
