"""The project resolves from wheels alone on every platform; asks the network, so in thorough runs only."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "x86_64-pc-windows-msvc")

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_the_project_asks_for_resolves_from_wheels(platform, python, tmp_path):
    uv = shutil.which("uv") or str(ROOT / ".dev/uv/bin/uv")
    if not Path(uv).exists():
        pytest.skip("uv is not installed (./dev install brings it)")
    asked = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--no-config",
        "--only-binary",
        ":all:",
    ]
    done = subprocess.run(
        [*asked, "--python-platform", platform, "--python-version", python, "pyproject.toml"],
        cwd=ROOT,
        env=os.environ | {"UV_SYSTEM_CERTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "pyicu==" not in done.stdout  # it has no wheels
    assert "numpy==" in done.stdout
