from hashlib import sha256

import pytest

from watchfloor.formats.documents.attachment_notice import SHOWN, described


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.exe", "a.exe"),
        ("", "without a name"),
        ("a\u202eexe.pdf", "aexe.pdf"),
        ("a\nb", "ab"),
        ("x" * 999, "x" * SHOWN),
    ],
)
def test_a_name_is_shown_without_tricks(name, shown):
    said = described("Attachment", name, b"MZ", "a program")
    assert said == f"[Attachment {shown}, 2 bytes, SHA-256 {sha256(b'MZ').hexdigest()}: a program]"
