"""Prints what an installation of a list of requirements weighs: `./dev size [run|all]`.

Sizes are those of the files that each installed distribution lists in its RECORD, compiled Python aside.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
COMPILED: Final = {".pyc", ".nbi", ".nbc"}
OWN: Final = "watchfloor itself"


def main(name: str = "run") -> None:
    """One line a package, the largest first, and the sum."""
    found = sizes(name)
    for package, size in sorted(found.items(), key=lambda one: -one[1]):
        print(f"{size / 1e6:9,.1f} MB  {package}")
    total = f"{sum(found.values()) / 1e6:9,.1f} MB"
    print(f"{total}  in {len(found)} packages of requirements/{name}.txt, unpacked")


def sizes(name: str) -> dict[str, int]:
    """Bytes of every package of a list that this machine needs."""
    text = (ROOT / f"requirements/{name}.txt").read_text("utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==[^ ]+( ;)?", text, re.MULTILINE)
    needed = [
        name for name, marker in pins if not marker or is_installed(name)
    ]  # a marker is of some machines
    files = (one for one in (ROOT / "src").rglob("*") if one.is_file() and one.suffix not in COMPILED)
    own = sum(one.stat().st_size for one in files)
    return {package: unpacked(package) for package in needed} | {OWN: own}


def is_installed(package: str) -> bool:
    """Whether a distribution is there."""
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def unpacked(package: str) -> int:
    """Bytes of the files of an installed distribution."""
    files = distribution(package).files or ()
    return sum(file.size or 0 for file in files if file.suffix not in COMPILED)


if __name__ == "__main__":
    main(*sys.argv[1:])
