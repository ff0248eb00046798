"""No picture lies in the repository but those declared here: never one of a person's own document.

A test that needs a picture of a document renders a specimen of UTOPIA itself. One that must lie here is
declared with its digest, and its name begins with `specimen-uto-`.
"""

import base64
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUFFIXES = {
    *(".png", ".jpg", ".jpeg", ".jp2", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".pdf", ".svg")
}
PLAIN = {"src/watchfloor/console/static/icon.svg"}
"""Pictures that show nobody's document: drawings of our own."""
SPECIMENS: dict[str, str] = {}
"""SHA-256 of pictures of specimens, by their path."""
MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF", b"%PDF-")
ENCODED = re.compile(rb"[A-Za-z0-9+/]{2048,}")
FOLDERS = ("tests", "src", "docs", "benchmarks", "design", "deploy")


def undeclared(root):
    """Return paths of pictures below a folder that are not declared, also such as a text holds in base64."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or "__pycache__" in name or "/static/maplibre/" in name:
                continue
            data = path.read_bytes()
            if path.suffix.lower() in SUFFIXES or data.startswith(MAGIC):
                known = SPECIMENS.get(name) == hashlib.sha256(data).hexdigest()
                if name not in PLAIN and not (known and path.name.startswith("specimen-uto-")):
                    found.append(name)
            elif any(base64.b64decode(one[:16]).startswith(MAGIC) for one in ENCODED.findall(data)):
                found.append(name)
    return found


def test_no_picture_lies_here_that_is_no_declared_specimen():
    assert undeclared(ROOT) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tests/passport.jpg", b""),
        ("tests/scan", b"\x89PNG\r\n\x1a\n"),
        ("tests/formats/specimen-uto-td3.png", b"\x89PNG\r\n"),
        ("tests/data.py", b"SCAN = '" + base64.b64encode(b"\xff\xd8\xff" + bytes(2400)) + b"'"),
    ],
)
def test_a_picture_of_somebody_is_refused(tmp_path, name, data):
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(data)
    assert undeclared(tmp_path) == [name]


def test_a_declared_specimen_is_taken_and_a_changed_one_is_not(tmp_path, monkeypatch):
    path = tmp_path / "tests" / "specimen-uto-td3.png"
    path.parent.mkdir()
    path.write_bytes(b"\x89PNG\r\nUTO")
    name = "tests/specimen-uto-td3.png"
    monkeypatch.setitem(SPECIMENS, name, hashlib.sha256(path.read_bytes()).hexdigest())
    assert undeclared(tmp_path) == []
    path.write_bytes(b"\x89PNG\r\nsomebody")
    assert undeclared(tmp_path) == [name]
