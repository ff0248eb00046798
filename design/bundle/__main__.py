"""Makes an installation for machines without a network: `./dev bundle [--platform …] [--python …] [--all]`.

The folder `dist/watchfloor-…` holds every wheel of the default installation (with --all, of every extra) for
one platform and one Python, an installer, their SHA-256 and a list of parts with licences (CycloneDX 1.5).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PLATFORMS: Final = {
    "linux-x64": ("x86_64-manylinux_2_34", ("x86_64", "manylinux")),
    "linux-arm64": ("aarch64-manylinux_2_34", ("aarch64", "manylinux")),
    "windows-x64": ("x86_64-pc-windows-msvc", ("amd64", "win")),
}
"""Of each platform: its name for uv, and machine and system as wheels are tagged."""


def main() -> None:
    """Make the folder."""
    ask = argparse.ArgumentParser(prog="./dev bundle")
    ask.add_argument("--platform", choices=PLATFORMS, default=here())
    ask.add_argument("--python", choices=("3.11", "3.12", "3.13"), default="{}.{}".format(*sys.version_info))
    ask.add_argument("--all", action="store_true", help="with every extra")
    told = ask.parse_args()
    out = ROOT / "dist" / f"watchfloor-{told.platform}-python{told.python}{'-all' if told.all else ''}"
    shutil.rmtree(out, ignore_errors=True)
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    pinned = ["--build-constraints", "requirements/build.txt"]
    uv("build", "--quiet", "--wheel", *pinned, "--out-dir", str(wheels))
    (wheels / ".gitignore").unlink(missing_ok=True)
    download(wheels, "all" if told.all else "run", told.platform, told.python)
    fill(out, told.python)
    listed = uv("export", "--quiet", "--format", "cyclonedx1.5", "--no-default-groups", "--all-extras")
    (ROOT / "uv.lock").unlink(missing_ok=True)
    (out / "sbom.cdx.json").write_text(json.dumps(parts(json.loads(listed), wheels), indent=1), "utf-8")
    sums(out)
    size = sum(one.stat().st_size for one in out.rglob("*") if one.is_file())
    print(f"{out}: {len(list(wheels.iterdir()))} wheels, {size / 1e6:.0f} MB")


def here() -> str:
    """This machine's platform."""
    arm = os.name != "nt" and os.uname().machine in ("aarch64", "arm64")
    return "windows-x64" if os.name == "nt" else "linux-arm64" if arm else "linux-x64"


def uv(*args: str) -> str:
    """What uv prints; ends where it fails, after its own words."""
    program = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".dev/uv/bin/uv")
    done = subprocess.run([program, *args], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit("dev: the bundle was not made; the reason stands above. Then run ./dev bundle again.")
    return done.stdout


def download(wheels: Path, name: str, platform: str, python: str) -> None:
    """Fetch every wheel of a list that the platform needs, and pip to install them with; checked by hash."""
    of_uv, tagged = PLATFORMS[platform]
    pins = wheels.parent / "pins.txt"
    ask = [
        "--quiet",
        "--no-deps",
        "--no-annotate",
        "--no-header",
        "--generate-hashes",
        "--only-binary",
        ":all:",
    ]
    target = ["--python-platform", of_uv, "--python-version", python]
    pins.write_text(uv("pip", "compile", *ask, *target, f"requirements/{name}.txt"), "utf-8")
    pip = ["run", "--quiet", "--no-project", "--isolated", "--with", "pip", "python", "-m", "pip"]
    get = [*pip, "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--no-deps"]
    on = [f"--platform={tag}" for tag in tags(*tagged)] + [
        "--python-version",
        python,
        "--implementation",
        "cp",
    ]
    uv(*get, *on, "--dest", str(wheels), "--require-hashes", "-r", str(pins))
    uv(*get, "--dest", str(wheels), "pip")
    pins.unlink()


def tags(machine: str, system: str) -> list[str]:
    """The platform tags of wheels that run on a machine: on Linux, of glibc 2.34 and older."""
    if system == "win":
        return [f"win_{machine}"]
    return [f"manylinux_2_{minor}_{machine}" for minor in range(34, 4, -1)] + [f"manylinux2014_{machine}"]


def fill(out: Path, python: str) -> None:
    """Write the installers, and what they install: every wheel of the folder but pip, by hash."""
    pinned = [one for one in sorted((out / "wheels").glob("*.whl")) if not one.name.startswith("pip-")]
    lines = ["{}=={} --hash=sha256:{}".format(*one.name.split("-")[:2], digest(one)) for one in pinned]
    (out / "requirements.txt").write_text("\n".join([*lines, ""]), "utf-8")
    for name, end in (("install.sh", "\n"), ("install.cmd", "\r\n")):
        text = Path(__file__).with_name(name).read_text("utf-8").replace("@PYTHON@", python)
        (out / name).write_text(text, "utf-8", newline=end)
    (out / "install.sh").chmod(0o755)


def parts(document: dict[str, Any], wheels: Path) -> dict[str, Any]:
    """uv's list of parts, of the wheels that are there, with their SHA-256 and licences."""
    found = {folded(one.name.split("-")[0]): one for one in wheels.glob("*.whl")}
    document["components"] = [one for one in document["components"] if folded(one["name"]) in found]
    for one in document["components"]:
        wheel = found[folded(one["name"])]
        one["hashes"] = [{"alg": "SHA-256", "content": digest(wheel)}]
        if licence := licence_of(wheel):
            one["licenses"] = [{"license": {"name": licence}}]
    refs = {one["bom-ref"] for one in document["components"]}
    refs.add(document.get("metadata", {}).get("component", {}).get("bom-ref"))
    document["dependencies"] = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in document.get("dependencies", [])
        if one["ref"] in refs
    ]
    return document


def licence_of(wheel: Path) -> str:
    """The licence that a wheel's metadata states, in one line."""
    with zipfile.ZipFile(wheel) as file:
        name = next(one for one in file.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one))
        stated = Parser().parsestr(file.read(name).decode("utf-8", "replace"))
    classifiers = [one for one in stated.get_all("Classifier", []) if one.startswith("License ::")]
    written = (stated["License-Expression"] or stated["License"] or "").strip().splitlines()
    return (written[0] if written else "") or ", ".join(one.rpartition(" :: ")[2] for one in classifiers)


def sums(out: Path) -> None:
    """Write the SHA-256 of every file, as `sha256sum --check` reads them."""
    files = sorted(one for one in out.rglob("*") if one.is_file() and one.name != "SHA256SUMS")
    lines = [f"{digest(one)}  {one.relative_to(out).as_posix()}" for one in files]
    (out / "SHA256SUMS").write_text("\n".join([*lines, ""]), "utf-8", newline="\n")


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folded(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
