"""What is built and what it is built from; builds and asks the network, so in thorough runs only."""

import json
import os
import shutil
import subprocess
import time
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.thorough


def test_two_builds_of_the_wheel_have_equal_bytes(tmp_path):
    uv = shutil.which("uv") or str(ROOT / ".dev/uv/bin/uv")
    if not Path(uv).exists():
        pytest.skip("uv is not installed (./dev install brings it)")
    digests = set()
    for zone in ("UTC", "America/Winnipeg"):
        out = tmp_path / zone.replace("/", "-")
        build = [uv, "build", "--quiet", "--wheel", "--build-constraints", "requirements/build.txt"]
        environment = os.environ | {"UV_SYSTEM_CERTS": "1", "TZ": zone}
        done = subprocess.run(
            [*build, "--out-dir", str(out), "."], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        (wheel,) = out.glob("*.whl")
        digests.add(sha256(wheel.read_bytes()).hexdigest())
        time.sleep(2)  # longer than the seconds that an archive counts in
    assert len(digests) == 1


def test_no_package_that_a_floor_runs_on_has_a_known_weakness():
    audit = shutil.which("pip-audit")
    if audit is None:
        pytest.skip("advisories were not looked up: pip-audit is not installed")
    asked = [audit, "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(
        [*asked, "-r", "requirements/all.txt"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if "ConnectionError" in done.stderr or "ServiceError" in done.stderr:
        pytest.skip("advisories were not looked up: their database was not reached")
    found = json.loads(done.stdout)["dependencies"]
    unknown = [one["name"] for one in found if "skip_reason" in one]
    if len(unknown) == len(found):  # as behind a mirror that has packages and no advisories
        pytest.skip("advisories were not looked up: the database knows none of these packages")
    assert not unknown
    assert not [one for one in found if one["vulns"]]
